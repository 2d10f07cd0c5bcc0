"""An output that is not known to be this program's: it keeps all it has under another name, whatever happens."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from common.errors import BuilderError
from courses import SHORT, START, TEN, TWENTY, files_below, leftovers, old_outputs
from killed_runs import WITHOUT_EXCHANGE, run_and_kill
from makers import fail_at_rename, make_unreadable, replace_makers, unable
from old_projects import OldProject
from package import swap
from package.old_output import why_not_ours
from package.swap import clean_up
from systems import exchange_needed, links_needed, permissions_needed, signals_needed

RECORD = ".made-by-zume.json"


def make_folder(course):
    """Make an output as the old scripts did: copies of the project's own files, in another order."""
    pictures = sorted((course.project.path / "10").glob("*.png"))
    videos = {6: course.project.videos / "(06) title.mp4"}
    OldProject(course.project.path).output({TEN: [*reversed(pictures), videos[6]]}, videos)


def make_file(course):
    course.project.output.write_bytes(b"precious")


def make_link(course):
    """Make an output that is a link to a folder elsewhere with files in it."""
    make_folder(course)
    elsewhere = course.project.path.parent / "big disk"
    course.project.output.rename(elsewhere)
    course.project.output.symlink_to(elsewhere)


A_LINK = pytest.param(make_link, marks=links_needed, id="link")


@pytest.fixture(params=[pytest.param(make_folder, id="folder"), pytest.param(make_file, id="file"), A_LINK])
def with_old(request, course):
    """A course with an old output of each kind."""
    request.param(course)
    return course


def content(path):
    """Return all that a file, link or folder is, with times and inodes."""
    return (path.lstat().st_ino, path.is_symlink(), path.read_bytes() if path.is_file() else files_below(path))


def package_of(course):
    return course.expected(TEN, SHORT) | course.expected_videos()


def assert_published(course, old):
    """Check that the package is there, and beside it the old output under its lasting name, and nothing else."""
    assert course.output() == package_of(course)
    assert [content(path) for path in old_outputs(course.project)] == [old]
    assert leftovers(course.project) == []


@pytest.mark.parametrize("link", ["auto", "copy"])
def test_an_old_output_keeps_all_it_has_under_a_name_with_the_day(link, with_old):
    old, days = content(with_old.project.output), [f"{datetime.now():%Y%m%d}"]
    outcome = with_old.publish(link)
    days.append(f"{datetime.now():%Y%m%d}")

    assert_published(with_old, old)
    assert outcome.old_output in [with_old.project.path / f"output.old-{day}" for day in days]
    assert with_old.publish(link).changed is False
    assert_published(with_old, old)


@links_needed
def test_what_a_link_leads_to_stays_where_it_is(course):
    make_link(course)
    target = course.project.output.resolve()
    before = files_below(target)
    course.publish()

    assert files_below(target) == before
    assert not course.project.output.is_symlink()
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("way", ["hard", pytest.param("soft", marks=links_needed)])
def test_links_to_the_pictures_of_the_project_are_no_reason_to_stop(way, course):
    make_folder(course)
    for number, path in enumerate(sorted((course.project.path / "10").glob("*.png")), start=1):
        target = course.project.output / "10" / f"{number}.png"
        target.unlink(missing_ok=True)
        target.hardlink_to(path) if way == "hard" else target.symlink_to(path)
    old = content(course.project.output)
    course.publish()

    assert_published(course, old)


def torn(record):
    record.write_text(record.read_text(encoding="utf-8")[:-20], encoding="utf-8")


def unbelievable(record):
    known = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**known, "files": dict.fromkeys(known["files"], 5)}), encoding="utf-8")


DAMAGES = {
    "lost": Path.unlink,
    "torn": torn,
    "empty": lambda record: record.write_bytes(b""),
    "a list": lambda record: record.write_text("[]", encoding="utf-8"),
    "no text": lambda record: record.write_bytes(b"\xff\xfe{"),
    "nested": lambda record: record.write_text("[" * 100_000, encoding="utf-8"),
    "unbelievable": unbelievable,
    "a folder": lambda record: (record.unlink(), record.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_package_whose_record_is_lost_or_damaged_stays_whole_beside_the_new_one(damage, course):
    course.publish("copy")
    (course.project.output / "10" / "3.png").write_bytes(b"corrected by hand")
    (course.project.output / "deck.pptx").write_bytes(b"mine")
    damage(course.project.output / RECORD)
    old = content(course.project.output)
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))
    course.publish("copy")

    assert_published(course, old)
    assert course.publish("copy").changed is False


def test_a_record_of_which_a_part_is_damaged_still_tells_whose_the_output_is(course):
    course.publish()
    record = course.project.output / RECORD
    known = json.loads(record.read_text(encoding="utf-8"))
    known["files"]["10/3.png"] = 5
    record.write_text(json.dumps(known), encoding="utf-8")
    (course.project.output / "deck.pptx").write_bytes(b"mine")
    course.publish()

    assert course.output() == package_of(course) | {"deck.pptx": b"mine"}
    assert old_outputs(course.project) == []


def test_an_output_without_any_file_becomes_the_packages_own(course):
    for folder in ("10", "videos", ".Trashes/inner"):
        (course.project.output / folder).mkdir(parents=True)
    (course.project.output / ".DS_Store").write_bytes(b"of the system")
    course.publish()

    assert course.output() == package_of(course) | {".DS_Store": b"of the system"}
    assert old_outputs(course.project) == []


def test_an_output_that_cannot_be_looked_into_may_hold_something(course, monkeypatch):
    (course.project.output / "10").mkdir(parents=True)
    make_unreadable(monkeypatch, course.project.output / "10")
    assert why_not_ours(course.project.output)


def test_no_old_output_takes_the_name_of_an_earlier_one(course):
    contents = []
    for number in range(3):
        make_folder(course)
        (course.project.output / "number").write_text(str(number))
        contents.append(content(course.project.output))
        course.publish()
        shutil.rmtree(course.project.output)

    names = [path.name for path in old_outputs(course.project)]
    assert [re.sub(r"\d{8}", "DAY", name) for name in names] == [f"output.old-DAY{end}" for end in ("", "-2", "-3")]
    assert [content(path) for path in old_outputs(course.project)] == contents


def test_a_package_of_one_curriculum_does_not_keep_the_other_ones_of_an_old_output(course):
    make_folder(course)
    (course.project.output / "20").mkdir()
    (course.project.output / "20" / "1.png").write_bytes(b"precious")
    old = content(course.project.output)
    course.publish(curricula=[TEN])

    assert not (course.project.output / TWENTY.folder).exists()
    assert_published(course, old)


@permissions_needed
def test_the_rights_of_an_old_output_are_not_those_of_the_package(course):
    make_folder(course)
    for folder in (course.project.output / "10", course.project.output):
        folder.chmod(0o500)
    course.publish()

    assert course.project.output.stat().st_mode & 0o700 == 0o700
    assert (course.project.output / "10").stat().st_mode & 0o700 == 0o700
    assert old_outputs(course.project)[0].stat().st_mode & 0o777 == 0o500


def test_what_somebody_moves_away_while_the_package_is_being_made_is_left_alone(with_old, monkeypatch):
    elsewhere, old = with_old.project.path.parent / "elsewhere", content(with_old.project.output)
    publication = with_old.prepare()
    with_old.project.output.rename(elsewhere)
    outcome = swap_in(publication, with_old)

    assert outcome.old_output is None
    assert with_old.output() == package_of(with_old)
    assert content(elsewhere) == old
    assert old_outputs(with_old.project) == leftovers(with_old.project) == []


def swap_in(publication, course):
    from package.find_changes import NO_CHANGES
    from package.publish import publish

    page = lambda image_stats, _: course.page(publication, NO_CHANGES, image_stats)  # noqa: E731
    return publish(publication, NO_CHANGES, page, lambda made_at: "")


# --- What goes wrong on the way ---------------------------------------------------------------------------------------


def test_a_full_disk_leaves_an_old_output_in_its_place(with_old, monkeypatch):
    def no_space(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = files_below(with_old.project.path)
    replace_makers(monkeypatch, copy=no_space)
    with pytest.raises(BuilderError, match="No space left"):
        with_old.publish("copy")

    assert files_below(with_old.project.path) == before


@pytest.mark.parametrize("failing", range(5))
@pytest.mark.parametrize("can_exchange", [pytest.param(True, marks=exchange_needed), False])
def test_a_failure_at_any_rename_loses_nothing(can_exchange, failing, with_old, monkeypatch):
    old = content(with_old.project.output)
    if not can_exchange:
        monkeypatch.setattr(swap, "exchange", unable)
    fail_at_rename(monkeypatch, failing)
    last = 1 if can_exchange else 4
    if failing > last:
        with_old.publish()
    else:
        with pytest.raises(BuilderError) as caught:
            with_old.publish()
        assert "Input/output error" in caught.value.message
    if failing == last:
        assert f"The old output is in {with_old.project.path / '.output.old'}" in caught.value.message
        assert with_old.output() == package_of(with_old)
    elif failing < last:
        assert content(with_old.project.output) == old
    monkeypatch.undo()
    with_old.publish()

    assert_published(with_old, old)


def test_an_exchange_that_fails_leaves_an_old_output_in_its_place(with_old, monkeypatch):
    def exchange(one, other):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(one))

    before = files_below(with_old.project.path)
    monkeypatch.setattr(swap, "exchange", exchange)
    with pytest.raises(BuilderError, match=f"The package cannot be made: .*{os.strerror(errno.EBUSY)}") as caught:
        with_old.publish()

    assert "The old output is unchanged" in caught.value.remedy
    assert files_below(with_old.project.path) == before


def test_an_old_output_that_a_killed_run_left_aside_gets_its_name_and_that_is_returned(with_old):
    old = content(with_old.project.output)
    with_old.project.output.rename(with_old.project.path / ".output.old")
    with_old.project.output.mkdir()
    place = clean_up(with_old.project)

    assert content(place) == old
    assert clean_up(with_old.project) is None


@links_needed
def test_a_link_that_a_killed_run_left_aside_is_kept_though_its_folder_is_gone(course):
    make_link(course)
    course.project.output.rename(course.project.path / ".output.old")
    shutil.rmtree(course.project.path.parent / "big disk")
    course.publish()

    assert course.output() == package_of(course)


@signals_needed
@pytest.mark.parametrize("with_old", [pytest.param(make_folder, id="folder"), A_LINK], indirect=True)
@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_run_that_is_killed_at_any_moment_leaves_the_old_output_whole(can_exchange, with_old, tmp_path):
    prelude = "" if can_exchange else WITHOUT_EXCHANGE
    project = with_old.project
    old = as_copied(project.output)
    shutil.copytree(project.path, tmp_path / "backup", symlinks=True)
    events = run_and_kill(with_old, 100_000, "auto", prelude).stderr.splitlines()
    (place,) = old_outputs(project)
    assert as_copied(place) == old
    # The record, the new output, the old one, and the end of the run.
    renames = [moment for moment, event in enumerate(events) if event == "os.rename"][-7 + 3 * can_exchange :]

    found = {"old": 0, "new": 0, "none": 0}
    for moment in sorted({near + distance for near in renames for distance in (0, 1)} & set(range(len(events)))):
        shutil.rmtree(project.path)
        shutil.copytree(tmp_path / "backup", project.path, symlinks=True)
        assert run_and_kill(with_old, moment, "auto", prelude).returncode == -signal.SIGKILL
        is_new = (project.output / RECORD).is_file()
        which = "new" if is_new else "old" if os.path.lexists(project.output) else "none"
        found[which] += 1
        places = [project.output, project.path / ".output.old", *old_outputs(project)]
        assert [as_copied(each) for each in places if os.path.lexists(each)].count(old) == 1, f"killed at {moment}"
        if is_new:
            assert with_old.output() == package_of(with_old), f"killed at {moment}"
        with_old.publish()
        assert with_old.output() == package_of(with_old), f"killed at {moment}"
        assert [as_copied(each) for each in old_outputs(project)] == [old], f"killed at {moment}"
        assert leftovers(project) == []
    assert found["old"] > 0
    assert found["new"] > 0
    assert (found["none"] == 0) == can_exchange


def as_copied(path):
    """Return what of a file, link or folder a copy of it has as well."""
    inner = {each.relative_to(path): each.read_bytes() for each in path.rglob("*") if each.is_file()}
    return (path.is_symlink() and path.readlink(), path.read_bytes() if path.is_file() else inner)
