"""An output of which Windows lets nobody rename or remove a thing, because a player or PowerPoint has a file open."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import PureWindowsPath

import pytest

from common.errors import BuilderError
from courses import SHORT, START, TEN, files_below, leftovers
from makers import not_linkable, replace_makers, unable
from open_files import on_windows, refuse  # noqa: F401  (fixtures)
from package import compare, record, swap
from package.old_output import keep_old
from package.swap import clean_up

CLOSE = "Close what is open of the package (a video that plays, a deck in PowerPoint"


@pytest.fixture
def windows(on_windows, monkeypatch):
    monkeypatch.setattr(swap, "exchange", unable)


def changed(course):
    """Publish a package, and change the course so that the next one differs."""
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))


def assert_new(course):
    expected = course.expected(TEN, SHORT) | course.expected_videos()
    assert {name: data for name, data in course.output().items() if name != "notes.txt"} == expected
    assert (course.project.output / "notes.txt").read_text() == "mine"
    assert leftovers(course.project) == []


def test_while_a_video_of_the_package_plays_the_old_one_stays_and_it_is_said_what_to_close(course, windows, refuse):
    changed(course)
    before = files_below(course.project.output)
    playing = refuse("rename", course.project.output)

    with pytest.raises(BuilderError, match=r"The package cannot be made: .*output: Permission denied") as caught:
        course.publish()

    assert caught.value.remedy.startswith(f"The old output is unchanged. {CLOSE}")
    # Links that were made to its files and removed again change nothing else.
    assert files_below(course.project.output) == before
    assert leftovers(course.project) == []
    playing[0] = 0
    course.publish()
    assert_new(course)


def test_a_file_that_is_open_for_a_moment_stops_no_package(course, windows, refuse):
    changed(course)
    scanned = [
        refuse("rename", course.project.output, tries=2),
        refuse("rmtree", course.project.path / ".output.new", tries=2, owner=shutil),
    ]

    course.publish()

    assert_new(course)
    assert scanned == [[0], [0]]


def test_what_was_opened_after_the_change_of_places_is_removed_by_the_next_run(course, windows, refuse):
    changed(course)
    playing = refuse("rmtree", course.project.path / ".output.new", owner=shutil)
    course.publish()
    assert leftovers(course.project) == [".output.new"]

    with pytest.raises(BuilderError, match="What an interrupted run has left cannot be removed") as caught:
        course.publish()

    assert caught.value.remedy.startswith(CLOSE)
    assert "check whether it holds files of yours" in caught.value.remedy
    playing[0] = 0
    course.publish()
    assert_new(course)


def test_a_file_of_others_that_is_open_for_a_moment_is_moved_to_the_new_output(course, windows, refuse, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)
    changed(course)
    scanned = refuse("replace", course.project.path / ".output.old" / "notes.txt", tries=2)

    course.publish()

    assert_new(course)
    assert scanned == [0]


def test_a_file_of_others_that_stays_open_is_not_lost_and_it_is_said_what_to_close(
    course, windows, refuse, monkeypatch
):
    replace_makers(monkeypatch, link=not_linkable)
    changed(course)
    opened = refuse("replace", course.project.path / ".output.old" / "notes.txt")

    with pytest.raises(BuilderError, match="Files of yours cannot be moved") as caught:
        course.publish()

    assert caught.value.remedy.startswith(CLOSE)
    assert caught.value.remedy.endswith("Until then they stay there.")
    opened[0] = 0
    course.publish()
    assert_new(course)


def test_an_old_output_that_cannot_get_its_lasting_name_is_said_to_be_open(course, windows, refuse):
    aside = course.project.path / ".output.old"
    aside.mkdir()
    refuse("rename", aside)

    with pytest.raises(BuilderError, match="cannot be renamed") as caught:
        keep_old(aside, course.project.output)

    assert caught.value.remedy.startswith(CLOSE)


def test_an_old_output_that_is_open_for_a_moment_gets_its_lasting_name(course, windows, refuse):
    aside = course.project.path / ".output.old"
    aside.mkdir()
    scanned = refuse("rename", aside, tries=2)

    assert keep_old(aside, course.project.output).is_dir()
    assert scanned == [0]


# Names are written in the same way on every system


def test_a_position_that_is_doubled_is_seen_where_paths_have_backslashes(course, monkeypatch):
    course.publish()
    (course.project.output / "10" / "6.png").write_bytes(b"another")
    publication = course.prepare()
    monkeypatch.setattr(compare, "Path", PureWindowsPath)

    assert publication.doubled == ["10/6.png"]


def test_a_file_on_another_drive_is_written_down_with_its_whole_path(course, monkeypatch):
    def no_way(path, start):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(compare.os.path, "relpath", no_way)

    assert compare.relative(PureWindowsPath(r"D:\big\10\3.png"), course.project) == "D:/big/10/3.png"


@pytest.mark.parametrize("name", ["C:/Windows/notes.txt", "D:3.png", "//server/share/3.png", r"..\3.png", "../3.png"])
def test_a_record_leads_nowhere_else_on_any_system(name, course):
    course.publish()
    path = course.project.output / ".made-by-zume.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"10/3.png"', f'"{name}"'.replace("\\", r"\\")))

    known = record.read_record(course.project.output)

    assert name not in known.files
    assert "10/1.png" in known.files


def test_the_records_of_a_package_have_forward_slashes_only(course):
    course.publish()
    (course.project.output / "mine").mkdir()
    (course.project.output / "mine" / "notes.txt").write_text("mine")
    course.publish()

    written = [path.read_text(encoding="utf-8") for path in course.project.output.iterdir() if path.is_file()]
    written += [path.read_text(encoding="utf-8") for path in course.project.path.rglob("manifest.json")]
    assert "mine/notes.txt" in "".join(written)
    assert not any("\\\\" in text or "10\\" in text for text in written)
    assert clean_up(course.project) is None
