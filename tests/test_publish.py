"""Publishing: the new package takes the old one's place whole or not at all, and nobody else's file is touched."""

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
from pathlib import Path

import pytest

import _links
import _publish
from _errors import BuilderError
from _filesystem import clone, exchange
from _publish import publish
from conftest import PARTS, clean_environment
from courses import SHORT, START, TEN, files_below, leftovers

# What is in the output already


@pytest.mark.parametrize("link", ["auto", "hard", "copy"])
def test_a_second_run_changes_nothing(link, course):
    course.publish(link)
    (course.project.output / "notes.txt").write_text("mine")
    before = course.project.path.stat().st_mtime_ns, files_below(course.project.path)

    outcome = course.publish(link)

    assert (outcome.changed, outcome.ways, outcome.thumbnails) == (False, {}, 0)
    assert (course.project.path.stat().st_mtime_ns, files_below(course.project.path)) == before


@pytest.mark.parametrize("link", ["auto", "copy"])
def test_only_what_depends_on_a_changed_slide_is_made_again(link, course):
    course.publish(link)
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))

    outcome = course.publish(link)

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert (sum(outcome.ways.values()), outcome.thumbnails) == (1, 1)
    after = files_below(course.project.output)
    changed = {name for name in after if after[name] != before.get(name)}
    # The folders themselves are new ones.
    assert {name for name in changed if (course.project.output / name).is_file()} == {
        "10/3.png",
        "thumbnails/10/3.jpg",
        ".made-by-zume.json",
    }


def test_what_somebody_removed_from_the_output_is_made_again(course):
    course.publish()
    names = ("10/3.png", "videos/6.mp4", "thumbnails/10/1.jpg", "index.html")
    for name in names:
        (course.project.output / name).unlink()

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert all((course.project.output / name).is_file() for name in names)


def test_another_way_to_make_files_makes_all_of_them_again(course):
    course.publish("hard")
    course.publish("copy")

    assert not any(path.samefile(other) for path, other in pairs(course))


def pairs(course):
    """Return every file of the output that has an original, with that."""
    plan = course.plan()
    return [(course.project.output / item.target, item.source) for item in plan.items]


def test_a_thumbnail_that_was_lost_in_a_power_cut_is_made_again(course):
    course.publish()
    thumbnail = course.project.output / "thumbnails" / "10" / "3.jpg"
    good = thumbnail.read_bytes()
    thumbnail.write_bytes(b"")

    assert course.publish().thumbnails == 1
    assert thumbnail.read_bytes() == good


def test_a_package_that_was_copied_with_its_project_is_still_known_as_ours(course, tmp_path):
    course.publish("copy")
    shutil.copytree(course.project.path, tmp_path / "copy", copy_function=shutil.copyfile)
    shutil.rmtree(course.project.path)
    (tmp_path / "copy").rename(course.project.path)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))

    assert course.prepare("copy").foreign == set()
    course.publish("copy")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_what_an_earlier_run_made_and_no_longer_belongs_there_is_gone(course):
    course.publish()
    (course.project.videos / "(06) title.mp4").unlink()
    del course.videos[6]
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


FOREIGN = ["notes.txt", "10/6b.png", "10/my notes.txt", "videos/trailer.mp4", "mine/deep/file.bin", ".hidden"]


@pytest.mark.parametrize("link", ["copy", "hard"])
def test_foreign_files_in_the_output_survive_byte_for_byte(link, course):
    course.publish(link)
    contents = {name: os.urandom(100) for name in FOREIGN}
    for name, data in contents.items():
        path = course.project.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_000))

    for _ in range(2):
        course.publish(link)

    for name, data in contents.items():
        assert (course.project.output / name).read_bytes() == data
        assert (course.project.output / name).stat().st_mtime == 1_600_000_000
    assert {name: data for name, data in course.output().items() if name not in contents} == (
        course.expected(TEN, SHORT) | course.expected_videos()
    )


def test_foreign_links_and_empty_folders_in_the_output_survive(course, tmp_path):
    course.publish()
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "file").write_text("on the stick")
    (course.project.output / "stick").symlink_to(tmp_path / "stick")
    (course.project.output / "nowhere").symlink_to(tmp_path / "not there")
    (course.project.output / "for later").mkdir()

    course.publish()

    assert (course.project.output / "stick").is_symlink()
    assert (course.project.output / "stick" / "file").read_text() == "on the stick"
    assert (course.project.output / "nowhere").is_symlink()
    assert (course.project.output / "for later").is_dir()


@pytest.mark.parametrize("name", ["10/3.png", "10/6.mp4", "videos/1.mp4", "index.html"])
@pytest.mark.parametrize("link", ["hard", "copy"])
def test_what_somebody_changed_in_the_output_is_kept_and_known(name, link, course):
    course.publish(link)
    path = course.project.output / name
    # As nearly every program saves: a new file, and a rename.
    path.with_name("new").write_bytes(b"corrected by hand")
    path.with_name("new").replace(path)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))

    for _ in range(2):
        assert course.prepare(link).changed_by_others == {name}
        course.publish(link)
        assert path.read_bytes() == b"corrected by hand"

    expected = course.expected(TEN, SHORT) | course.expected_videos()
    assert {**course.output(), name: b""} == {**expected, name: b""}
    path.unlink()
    course.publish(link)
    assert course.output() == expected


def test_a_changed_file_stays_when_the_package_has_no_use_for_its_name_any_more(course):
    course.publish()
    path = course.project.output / "10" / "3.png"
    path.unlink()
    path.write_bytes(b"corrected by hand")
    for picture in (course.project.path / "10").glob("*_session_1_t1_c.png"):
        picture.unlink()

    course.publish()

    assert path.read_bytes() == b"corrected by hand"


def test_saving_a_new_file_in_the_output_leaves_the_original_as_it_was(course):
    course.publish("auto")
    for path, source in pairs(course):
        before = source.read_bytes()
        path.with_name("new").write_bytes(b"changed")
        path.with_name("new").replace(path)
        assert source.read_bytes() == before


def test_an_output_without_its_record_is_taken_over_if_it_is_the_same(course):
    course.publish()
    for name in (".made-by-zume.json", "index.html", "thumbnails"):
        path = course.project.output / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


@pytest.mark.parametrize("name", ["10/3.png", "10/6.mp4", "videos/1.mp4", "index.html"])
def test_a_foreign_file_whose_name_the_package_needs_is_refused_and_kept(name, course):
    path = course.project.output / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"precious")
    before = files_below(course.project.output)

    with pytest.raises(BuilderError, match="not made by this program") as caught:
        course.publish()

    assert str(path) in caught.value.message
    assert files_below(course.project.output) == before


def test_a_refused_run_leaves_nothing_behind(course):
    course.project.output.mkdir()
    (course.project.output / "index.html").write_text("mine")
    before = files_below(course.project.path)

    with pytest.raises(BuilderError):
        course.publish()

    assert files_below(course.project.path).keys() == before.keys()


@pytest.mark.parametrize("name", ["10", "videos", "thumbnails/10", "10/3.png/deep/file"])
def test_a_foreign_file_in_the_place_of_a_folder_or_the_other_way_round_is_refused_and_kept(name, course):
    path = course.project.output / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"precious")

    with pytest.raises(BuilderError, match="not made by this program"):
        course.publish()

    assert path.read_bytes() == b"precious"


def test_a_file_in_the_place_of_the_output_is_refused_and_kept(course):
    course.project.output.write_bytes(b"precious")

    with pytest.raises(BuilderError, match="is a file"):
        course.publish()

    assert course.project.output.read_bytes() == b"precious"


def test_an_output_that_is_a_link_stays_one_and_its_folder_gets_the_package(course, tmp_path):
    (tmp_path / "big disk").mkdir()
    course.project.output.symlink_to(tmp_path / "big disk")
    for _ in range(2):
        course.picture(TEN, SHORT[2], START + timedelta(hours=1))
        course.publish()

    assert course.project.output.is_symlink()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


# When something goes wrong


def no_space(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def after(calls, real, fail):
    """Return a function that does the real thing so many times and then fails."""
    count = itertools.count()

    def work(*arguments, **options):
        return (real if next(count) < calls else fail)(*arguments, **options)

    return work


def replace_makers(monkeypatch, link=os.link, copy=shutil.copy2, reflink=clone):
    """Replace the functions that make files."""
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(shutil, "copy2", copy)
    monkeypatch.setattr(_links, "clone", reflink)


@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
@pytest.mark.parametrize("calls", [0, 1, 5])
@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_failure_in_the_middle_leaves_the_old_output_as_it_was(link, calls, existing, course, monkeypatch):
    if existing:
        course.publish(link)
        (course.project.output / "notes.txt").write_text("mine")
        course.picture(TEN, SHORT[0], START + timedelta(days=1))
    before = files_below(course.project.path)
    replace_makers(monkeypatch, after(calls, os.link, no_space), after(calls, shutil.copy2, no_space))

    with pytest.raises(BuilderError, match="No space left"):
        course.publish(link)

    assert files_below(course.project.path) == before


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_picture_that_vanishes_in_the_middle_is_named_and_leaves_the_old_output_as_it_was(link, course):
    course.publish(link)
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    publication = course.prepare(link)
    source = next(item.source for item in publication.plan.items if item.target == "10/3.png")
    source.unlink()

    with pytest.raises(BuilderError) as caught:
        publish(publication, lambda looks: "")

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


def unable(*_):
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


@pytest.mark.parametrize("failing", range(4))
@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_failure_while_the_folders_change_places_leaves_an_old_output(can_exchange, failing, course, monkeypatch):
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    if not can_exchange:
        monkeypatch.setattr(_publish, "exchange", unable)
    count, real = itertools.count(), Path.rename

    def rename(self, target):
        if next(count) == failing:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    # Only two renames are needed where folders can be exchanged: one before it, one when all is done.
    if can_exchange and failing >= 1:
        course.publish()
    else:
        with pytest.raises(BuilderError, match="Permission denied"):
            course.publish()

        assert {name: state[1:] for name, state in files_below(course.project.output).items()} == {
            name: state[1:] for name, state in before.items()
        }
    monkeypatch.undo()
    course.publish()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {"notes.txt": b"mine"}
    assert leftovers(course.project) == []


def test_where_folders_cannot_be_exchanged_two_renames_do(course, monkeypatch):
    monkeypatch.setattr(_publish, "exchange", unable)
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {"notes.txt": b"mine"}
    assert leftovers(course.project) == []


def test_foreign_files_survive_where_there_are_neither_links_nor_exchanges(course, monkeypatch):
    monkeypatch.setattr(_publish, "exchange", unable)
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

    monkeypatch.setattr(_publish, "exchange", save_and_exchange)
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


# Runs part 4, and kills it with the signal that nothing can catch when it is about to use the file system for the
# N-th time. The system tells of each use (Python's audit events), whatever function the code goes through.
KILLED = """
import os, runpy, signal, sys
path, project, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
TOUCHING = {"open", "os.link", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "shutil.copyfile"}
def count(event, arguments):
    global left
    name = arguments[0] if arguments else None
    changes = event != "open" or (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR))
    if event in TOUCHING and changes:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        print(event, file=sys.stderr)
sys.addaudithook(count)
sys.path.insert(0, os.path.dirname(path))
sys.argv = [path, "-p", project, "--link", sys.argv[4]]
runpy.run_path(path, run_name="__main__")
"""


def run_and_kill(course, moment, link, prelude=""):
    command = [sys.executable, "-c", prelude + KILLED, PARTS[4], course.project.path, moment, link]
    environment = clean_environment(ZUME_HOME=str(course.project.path.parent))
    return subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, check=False)


def moments_of(events):
    """Return the moments at which to kill: all around renames, and some at random."""
    renames = [moment for moment, event in enumerate(events) if event == "os.rename"]
    near = {moment + distance for moment in renames for distance in (-1, 0, 1, 2)}
    assert len(renames) >= 3
    return sorted(near & set(range(len(events))) | set(random.sample(range(len(events)), len(events) // 11)))


def states(folder):
    """Return what a folder holds for a user: names and contents."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


WITHOUT_EXCHANGE = """
import sys
sys.path.insert(0, {parts!r})
import _filesystem, errno
def exchange(*_):
    raise OSError(errno.EINVAL, "")
_filesystem.exchange = exchange
"""


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
    assert new != old

    found = {"old": 0, "new": 0}
    for moment in moments_of(events):
        shutil.rmtree(course.project.path)
        shutil.copytree(tmp_path / "backup", course.project.path)
        assert run_and_kill(course, moment, link).returncode == -signal.SIGKILL
        after = states(course.project.output)
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


def test_a_run_that_is_killed_where_folders_cannot_be_exchanged_is_mended_by_the_next(course, tmp_path):
    prelude = WITHOUT_EXCHANGE.format(parts=str(PARTS[4].parent))
    course.publish()
    (course.project.output / "deck.pptx").write_text("mine")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    shutil.copytree(course.project.path, tmp_path / "backup")
    events = run_and_kill(course, 100_000, "auto", prelude).stderr.splitlines()

    missing = 0
    for moment in moments_of(events):
        shutil.rmtree(course.project.path)
        shutil.copytree(tmp_path / "backup", course.project.path)
        run_and_kill(course, moment, "auto", prelude)
        missing += not course.project.output.exists()
        course.publish()
        expected = course.expected(TEN, SHORT) | course.expected_videos() | {"deck.pptx": b"mine"}
        assert course.output() == expected, f"killed at {moment}"
        assert leftovers(course.project) == []
    assert missing > 0


# How the files are made


def inodes(course):
    source = course.project.videos / "(01) title.mp4"
    return source.stat().st_ino, (course.project.output / "videos" / "1.mp4").stat().st_ino


def copied(source, target):
    """Do what a reflink does, as far as can be seen."""
    shutil.copy2(source, target)


def not_linkable(source, *_, **__):
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))


@pytest.mark.parametrize(
    ("link", "reflink", "way"),
    [("hard", copied, "hard"), ("auto", copied, "reflink"), ("auto", not_linkable, "hard"), ("copy", copied, "copy")],
)
def test_files_are_made_in_the_way_that_was_asked_for_and_works(link, reflink, way, course, monkeypatch):
    replace_makers(monkeypatch, reflink=reflink)

    assert course.publish(link).ways == {way: len(course.plan().items)}

    source, made = inodes(course)
    assert (source == made) == (way == "hard")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_which_way_works_is_found_out_once(course, monkeypatch):
    tries = []

    def reflink(source, target):
        tries.append(source)
        not_linkable(source)

    replace_makers(monkeypatch, reflink=reflink)
    course.publish("auto")

    assert len(tries) == 1


def test_a_reflink_is_a_file_of_its_own_with_the_originals_content_and_time(tmp_path):
    (tmp_path / "source").write_bytes(b"content")
    os.utime(tmp_path / "source", (1_600_000_000, 1_600_000_000))
    try:
        clone(tmp_path / "source", tmp_path / "target")
    except OSError as error:
        # This file system has none: then nothing may be left, and the error must lead to the next way.
        assert error.errno in _links.UNABLE
        assert not (tmp_path / "target").exists()
    else:
        assert (tmp_path / "target").read_bytes() == b"content"
        assert (tmp_path / "target").stat().st_mtime == 1_600_000_000
        assert not (tmp_path / "target").samefile(tmp_path / "source")


def test_copies_do_not_change_with_their_originals(course):
    course.publish("copy")
    (course.project.videos / "(01) title.mp4").write_bytes(b"changed")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_auto_copies_where_the_file_system_has_no_links(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)

    assert course.publish("auto").ways.keys() == {"copy"}
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []


def test_a_video_from_another_file_system_is_copied_once(course, monkeypatch):
    real, copies = os.link, []

    def link(source, target, **options):
        (not_linkable if Path(source).parent == course.project.videos else real)(source, target, **options)

    def copy(source, target, **options):
        copies.append(Path(source).name)
        return shutil.copyfile(source, target)

    replace_makers(monkeypatch, link=link, copy=copy)
    course.publish("auto")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert sorted(copies) == ["(01) title.mp4", "(06) title.mp4"]


def test_a_file_that_has_too_many_links_already_is_copied_and_the_others_are_linked(course, monkeypatch):
    real = os.link

    def link(source, target, **options):
        if str(target).endswith("10/3.png"):
            raise OSError(errno.EMLINK, os.strerror(errno.EMLINK), str(source))
        real(source, target, **options)

    replace_makers(monkeypatch, link=link)

    assert course.publish("auto").ways == {"hard": len(course.plan().items) - 1, "copy": 1}


def test_links_that_were_asked_for_and_cannot_be_made_are_an_error(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)

    with pytest.raises(BuilderError, match="cannot be linked") as caught:
        course.publish("hard")
    assert "--link copy" in caught.value.remedy
    assert not course.project.output.exists()


# What a user may do to the output


def test_a_folder_that_cannot_be_read_stops_the_run_before_anything_is_made(course, monkeypatch):
    course.publish()
    (course.project.output / "mine").mkdir()
    (course.project.output / "mine" / "deck.pptx").write_text("precious")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    real = os.scandir

    def scandir(path):
        if str(path).endswith("mine"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(BuilderError, match="mine cannot be read"):
        course.publish()
    monkeypatch.undo()

    assert (course.project.output / "mine" / "deck.pptx").read_text() == "precious"
    assert leftovers(course.project) == []


def test_protected_folders_keep_their_rights_and_stop_no_run(course):
    course.publish()
    for name, mode in (("mine", 0o500), ("private", 0o700)):
        folder = course.project.output / name
        folder.mkdir()
        (folder / "deck.pptx").write_text("precious")
        folder.chmod(mode)
    course.project.output.chmod(0o550)

    for hour in (1, 2):
        course.picture(TEN, SHORT[2], START + timedelta(hours=hour))
        course.publish()
        assert leftovers(course.project) == []

    modes = {path.name: path.stat().st_mode & 0o777 for path in course.project.output.iterdir() if path.is_dir()}
    assert (modes["mine"], modes["private"]) == (0o500, 0o700)
    assert course.project.output.stat().st_mode & 0o777 == 0o550


def test_files_that_cannot_be_moved_to_the_new_output_are_told_and_not_lost(course, monkeypatch):
    monkeypatch.setattr(_publish, "exchange", unable)
    replace_makers(monkeypatch, link=not_linkable)
    course.publish()
    (course.project.output / "deck.pptx").write_text("precious")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    real = Path.replace

    def replace(self, target):
        if self.name == "deck.pptx":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(BuilderError, match="Files of yours cannot be moved"):
        course.publish()
    monkeypatch.undo()
    assert (course.project.path / ".output.old" / "deck.pptx").read_text() == "precious"

    course.publish()
    assert (course.project.output / "deck.pptx").read_text() == "precious"
    assert leftovers(course.project) == []


def test_an_older_file_that_is_put_back_while_the_new_output_is_being_made_is_not_lost(course, monkeypatch):
    course.publish()
    deck = course.project.output / "deck.pptx"
    deck.write_text("second version")
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))

    def restore_and_exchange(one, other):
        deck.with_name("backup").write_text("first version")
        os.utime(deck.with_name("backup"), (1_500_000_000, 1_500_000_000))
        deck.with_name("backup").replace(deck)
        return exchange(one, other)

    monkeypatch.setattr(_publish, "exchange", restore_and_exchange)
    course.publish()

    assert deck.read_text() == "first version"


@pytest.mark.parametrize("link", ["auto", "copy"])
def test_a_video_that_is_a_link_to_another_place_is_published_as_a_file(link, course, tmp_path):
    video = course.project.videos / "(06) title.mp4"
    video.rename(tmp_path / "elsewhere.mp4")
    video.symlink_to(tmp_path / "elsewhere.mp4")
    course.publish(link)
    assert not (course.project.output / "10" / "6.mp4").is_symlink()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()

    (tmp_path / "new.mp4").write_bytes(b"\0\0\0\x18ftypanother")
    (tmp_path / "new.mp4").replace(tmp_path / "elsewhere.mp4")
    course.publish(link)
    assert course.output()["10/6.mp4"] == b"\0\0\0\x18ftypanother"


def test_writing_into_a_hard_link_is_told(course):
    course.publish("hard")
    before = course.prepare("hard")
    with (course.project.output / "10" / "3.png").open("r+b") as file:
        file.write(b"scribble")
    os.utime(course.project.output / "10" / "3.png")

    assert before.changed_in_place == ()
    assert course.prepare("hard").changed_in_place == ("10/3.png",)


def test_a_picture_that_a_user_put_into_a_gap_fills_it(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    course.publish()
    own = course.pictures["10", SHORT[0].name]
    (course.project.output / "10" / "3.png").write_bytes(own)
    publication = course.prepare()
    course.publish()

    assert (publication.troubles, publication.filled) == ([], {"10/3"})
    page = (course.project.output / "index.html").read_text()
    assert 'data-file="10/3.png"' in page
    assert "missing" not in page[: page.index("<script>")]
    assert (course.project.output / "10" / "3.png").read_bytes() == own


def test_two_files_at_one_position_are_told(course):
    course.publish()
    (course.project.output / "10" / "6.png").write_bytes(b"mine")

    assert [trouble for trouble in course.prepare().troubles if trouble.startswith("10/6.png: ")]


def test_all_names_that_are_in_the_way_are_counted(course):
    for name in ("10/1.png", "10/3.png", "videos/1.mp4"):
        path = course.project.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"of the tool before this one")

    with pytest.raises(BuilderError, match="and 2 others was not made by this program") as caught:
        course.publish()
    assert str(course.project.output) in caught.value.remedy


def test_a_package_whose_record_is_lost_is_taken_over_with_its_page_and_thumbnails(course):
    course.publish()
    (course.project.output / ".made-by-zume.json").unlink()

    assert course.prepare().foreign == set()
    course.publish()
    assert course.publish().changed is False


def test_a_page_in_whose_place_somebody_made_a_folder_is_kept(course):
    course.publish()
    (course.project.output / "index.html").unlink()
    (course.project.output / "index.html").mkdir()
    (course.project.output / "index.html" / "mine").write_text("precious")

    with pytest.raises(BuilderError, match="not made by this program"):
        course.publish()
    assert (course.project.output / "index.html" / "mine").read_text() == "precious"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_video_whose_name_is_no_text_is_published(course):
    name = os.fsdecode(b"(06) caf\xe9.mp4")
    (course.project.videos / "(06) title.mp4").rename(course.project.videos / name)
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
