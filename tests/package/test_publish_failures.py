"""A package that cannot be published, or is killed on the way: the old output stays as it was."""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from common.errors import BuilderError
from common.filesystem import exchange
from courses import SHORT, START, TEN, files_below, leftovers
from killed_runs import WITHOUT_EXCHANGE, run_and_kill
from listed_sums import wrong_sums
from makers import fail_at_rename, not_linkable, replace_makers, unable
from package import swap
from package.find_changes import NO_CHANGES
from package.publish import publish
from systems import exchange_needed, signals_needed


def no_space(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def after(calls, real, fail):
    """Return a function that does the real thing so many times and then fails."""
    count = itertools.count()

    def work(*arguments, **options):
        return (real if next(count) < calls else fail)(*arguments, **options)

    return work


@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
@pytest.mark.parametrize("calls", [0, 1, 5])
@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_failure_in_the_middle_leaves_the_old_output_as_it_was(link, calls, existing, course, monkeypatch):
    if existing:
        course.publish(link)
        (course.project.output / "notes.txt").write_text("mine")
        course.picture(TEN, SHORT[0], START + timedelta(days=1))
    before = files_below(course.project.path)
    replace_makers(monkeypatch, after(calls, os.link, no_space), after(calls, shutil.copyfile, no_space))

    with pytest.raises(BuilderError, match="No space left"):
        course.publish(link)

    assert files_below(course.project.path) == before


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_picture_that_vanishes_in_the_middle_is_named_and_leaves_the_old_output_as_it_was(link, course):
    course.publish(link)
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    publication = course.prepare(link)
    source = next(file.source for file in publication.plan.files if file.target == "10/3.png")
    source.unlink()

    with pytest.raises(BuilderError) as caught:
        publish(publication, NO_CHANGES, lambda *_: "", lambda made_at: "")

    assert source.name in caught.value.message
    assert files_below(course.project.output) == before
    assert leftovers(course.project) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
def test_a_write_that_the_system_refuses_leaves_the_old_output_as_it_was(existing, course, lone_suite):
    (course.project.videos / "(06) title.mp4").write_bytes(bytes(300_000))
    if existing:
        course.publish("copy")
        course.picture(TEN, SHORT[0], START + timedelta(hours=1))
        os.utime(course.project.videos / "(06) title.mp4")
    before = files_below(course.project.path)

    # No file may grow beyond 100 kB: as good as a full disk, and just as real.
    command = lone_suite.command(4, "-p", course.project.path, "--link", "copy")
    limited = ["sh", "-c", 'ulimit -f 200; trap "" XFSZ; exec "$@"', "sh", *command]
    done = subprocess.run(limited, env=lone_suite.environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stdout
    assert "too large" in done.stderr
    assert "6.mp4" in done.stderr
    assert "Traceback" not in done.stderr
    after = files_below(course.project.path)
    assert {name: state for name, state in after.items() if not name.startswith(".zume-")} == before


@pytest.mark.parametrize("failing", range(4))
@pytest.mark.parametrize("can_exchange", [pytest.param(True, marks=exchange_needed), False])
def test_a_failure_while_the_folders_change_places_leaves_an_old_output(can_exchange, failing, course, monkeypatch):
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    if not can_exchange:
        monkeypatch.setattr(swap, "exchange", unable)
    fail_at_rename(monkeypatch, failing)
    # Only two renames are needed where folders can be exchanged: one before it, one when all is done.
    if can_exchange and failing >= 1:
        course.publish()
    else:
        with pytest.raises(BuilderError, match="Input/output error"):
            course.publish()

        assert {name: state[1:] for name, state in files_below(course.project.output).items()} == {
            name: state[1:] for name, state in before.items()
        }
    monkeypatch.undo()
    course.publish()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {"notes.txt": b"mine"}
    assert leftovers(course.project) == []


def test_where_folders_cannot_be_exchanged_two_renames_do(course, monkeypatch):
    monkeypatch.setattr(swap, "exchange", unable)
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {"notes.txt": b"mine"}
    assert leftovers(course.project) == []


def test_foreign_files_survive_where_there_are_neither_links_nor_exchanges(course, monkeypatch):
    monkeypatch.setattr(swap, "exchange", unable)
    replace_makers(monkeypatch, link=not_linkable)
    course.publish()
    for name in ("deck.pptx", "mine/deep.txt", "10/3.png"):
        path = course.project.output / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"precious")
    (course.project.output / "empty").mkdir()
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))
    course.publish()

    own = dict.fromkeys(("deck.pptx", "mine/deep.txt", "10/3.png"), b"precious")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | own
    assert (course.project.output / "empty").is_dir()
    assert leftovers(course.project) == []


@pytest.mark.parametrize("can_exchange", [True, False])
def test_what_somebody_saves_while_the_new_output_is_being_made_is_not_lost(can_exchange, course, monkeypatch):
    course.publish()
    output = course.project.output
    (output / "deck.pptx").write_text("first version")
    (output / "steady.txt").write_text("mine")
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))

    def save_and_exchange(one, other):
        (output / "late.txt").write_text("late")
        (output / "new").write_text("second version")
        (output / "new").replace(output / "deck.pptx")
        return exchange(one, other) if can_exchange else unable()

    monkeypatch.setattr(swap, "exchange", save_and_exchange)
    course.publish()

    own = {"late.txt": b"late", "deck.pptx": b"second version", "steady.txt": b"mine"}
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | own


def test_a_run_that_was_killed_between_the_two_renames_is_mended_by_the_next(course):
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    course.project.output.rename(course.project.path / ".output.old")
    shutil.copytree(course.project.path / ".output.old", course.project.path / ".output.new")

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {"notes.txt": b"mine"}
    assert leftovers(course.project) == []


@pytest.mark.parametrize("leftover", [".output.new", ".output.old"])
def test_what_a_killed_run_left_beside_a_whole_output_is_cleaned_away(leftover, course):
    course.publish()
    shutil.copytree(course.project.output, course.project.path / leftover)
    (course.project.output / "10" / "3.png").unlink()
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []


# The last renames are those of folders; those before them are of single files, as where folders can be exchanged.
_OF_FOLDERS = 5


def renames_of(events):
    return [moment for moment, event in enumerate(events) if event == "os.rename"]


def around(renames):
    return sorted({moment + distance for moment in renames for distance in (-1, 0, 1, 2)})


def moments_of(events):
    """Return the moments at which to kill: all around renames, and some at random."""
    near = around(renames_of(events))
    assert len(renames_of(events)) >= 3
    return sorted(set(near) & set(range(len(events))) | set(random.sample(range(len(events)), len(events) // 11)))


def states(folder):
    """Return what a folder holds for a user: names and contents."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@signals_needed
@pytest.mark.parametrize("link", ["auto", pytest.param("copy", marks=pytest.mark.stress)])
def test_a_run_that_is_killed_at_any_moment_leaves_the_old_or_the_new_output_whole(link, course, tmp_path):
    course.publish(link)
    (course.project.output / "deck.pptx").write_text("mine")
    (course.project.output / "10" / "2b.png").write_text("mine too")
    old = states(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))
    shutil.copytree(course.project.path, tmp_path / "backup", symlinks=True)
    events = run_and_kill(course, 100_000, link).stderr.splitlines()
    new = states(course.project.output)
    # Also what shows how the slides were before.
    assert new.keys() - old.keys() == {"thumbnails/before/10/1.jpg", "thumbnails/before/10/3.jpg"}

    found = {"old": 0, "new": 0}
    for moment in moments_of(events):
        shutil.rmtree(course.project.path)
        shutil.copytree(tmp_path / "backup", course.project.path)
        assert run_and_kill(course, moment, link).returncode == -signal.SIGKILL
        after = states(course.project.output)
        assert wrong_sums(course.project.output) == []
        # The record of the output holds times, which a copied project has anew.
        after.pop(".made-by-zume.json")
        which = "old" if after["10/3.png"] == old["10/3.png"] else "new"
        expected = dict(old if which == "old" else new)
        expected.pop(".made-by-zume.json")
        assert after == expected, f"killed at {moment}"
        found[which] += 1
        course.publish(link)
        assert leftovers(course.project) == []
        after = states(course.project.output)
        assert after.keys() == new.keys()
        assert {name: after[name] for name in course.output()} == {name: new[name] for name in course.output()}
    assert min(found.values()) > 0


@signals_needed
def test_a_run_that_is_killed_where_folders_cannot_be_exchanged_is_mended_by_the_next(course, tmp_path):
    course.publish()
    (course.project.output / "deck.pptx").write_text("mine")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    shutil.copytree(course.project.path, tmp_path / "backup")
    events = run_and_kill(course, 100_000, "auto", WITHOUT_EXCHANGE).stderr.splitlines()

    missing = 0
    for moment in around(renames_of(events)[-_OF_FOLDERS:]):
        shutil.rmtree(course.project.path)
        shutil.copytree(tmp_path / "backup", course.project.path)
        run_and_kill(course, moment, "auto", WITHOUT_EXCHANGE)
        if course.project.output.exists():
            assert wrong_sums(course.project.output) == []
        else:
            missing += 1
        course.publish()
        expected = course.expected(TEN, SHORT) | course.expected_videos() | {"deck.pptx": b"mine"}
        assert course.output() == expected, f"killed at {moment}"
        assert wrong_sums(course.project.output) == []
        assert leftovers(course.project) == []
    assert missing > 0
