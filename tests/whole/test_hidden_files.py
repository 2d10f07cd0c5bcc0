"""Files that are nobody's: names that begin with a dot, as macOS leaves them, and films that are no course videos."""

from __future__ import annotations

import os
import zipfile
from types import SimpleNamespace

import pytest

from builds import services
from builds.runner import contents
from builds.session import DEFAULT_OPTIONS, BuildSession
from builds.steps import STEPS
from common.errors import BuilderError
from common.filesystem import visible
from course.curricula import number_slides
from courses import SHORT, TEN, files_below
from videos.numbers import course_number

# What macOS writes beside a file on a memory stick: it is no video and no picture.
APPLE_DOUBLE = b"\0\x05\x16\x07\0\x02\0\0Mac OS X        "


def shadow(path):
    """Put beside a file what macOS does."""
    beside = path.with_name(f"._{path.name}")
    beside.write_bytes(APPLE_DOUBLE)
    return beside


def session_of(course):
    project = course.project.path
    return BuildSession("", "es", str(project.parent), str(project), "269525", options=dict(DEFAULT_OPTIONS))


def test_what_is_visible_comes_ordered_and_without_what_begins_with_a_dot(tmp_path):
    for name in ("b.mp4", "a.mp4", "._a.mp4", ".mp4", "c.png"):
        (tmp_path / name).touch()

    assert [path.name for path in visible(tmp_path, "*.mp4")] == ["a.mp4", "b.mp4"]
    assert [path.name for path in visible(tmp_path)] == ["a.mp4", "b.mp4", "c.png"]


@pytest.mark.parametrize("name", ["Some holiday film.mp4", "film.MP4", "film.m4v", "film.mp4.mp4", "film.mp4 ", ".mp4"])
def test_the_4_of_an_ending_is_no_course_number(name):
    assert course_number(name) is None


@pytest.mark.parametrize("name", ["(06) Makers.mp4", "06.mp4", "Makers 6.MP4", "6"])
def test_the_number_before_the_ending_is_one(name):
    assert course_number(name) == 6


@pytest.mark.parametrize("real", [True, False], ids=["with the real one", "alone"])
def test_a_film_that_is_no_course_video_becomes_none(real, bare):
    bare.curriculum(TEN, number_slides([[("t4_b", "video", 4)]]))
    if real:
        bare.video(4)
    (bare.project.videos / "Some holiday film.mp4").write_bytes(b"film")

    plan = bare.plan()

    assert "Some holiday film.mp4: left out, it has no number." in plan.notes
    assert [video.path.name for video in plan.videos.values()] == ["(04) title.mp4"] * real
    assert plan.troubles == ([] if real else ["video 4 is missing in videos/."])


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_hidden_files_in_the_package_stay_fill_no_gap_and_double_nothing(link, course):
    next((course.project.path / "10").glob("*_session_1_t1_c.png")).unlink()
    course.publish(link)
    output = course.project.output
    hidden = [
        output / ".DS_Store",
        output / "10" / ".DS_Store",
        output / "10" / "._1.png",  # beside a picture
        output / "10" / "._1.mp4",  # where there is a picture
        output / "10" / "._3.png",  # where there is a gap
        output / "videos" / "._6.mp4",
        output / "thumbnails" / "10" / "._1.jpg",
    ]
    for path in hidden:
        path.write_bytes(APPLE_DOUBLE)
    course.video(6)  # so that there is something to do

    publication = course.prepare(link)
    course.publish(link)

    assert (publication.doubled, publication.filled, publication.changed_by_others) == ([], set(), frozenset())
    assert [trouble for trouble in publication.troubles if "position 3 " not in trouble] == []
    assert len(publication.troubles) == 1
    assert [path for path in hidden if path.read_bytes() != APPLE_DOUBLE] == []
    assert (output / "videos" / "6.mp4").read_bytes() == course.videos[6]
    before = files_below(output)
    course.publish(link)
    assert files_below(output) == before


def test_the_counts_of_a_package_are_those_of_its_own_files(course):
    course.publish()
    for path in list(course.project.output.glob("*/*.*")):
        shadow(path)

    assert contents(session_of(course)) == {"output/10": (6, 3), "output/videos": (0, 2)}


def test_hidden_files_take_no_space_off_what_is_needed(course, stand_in, home, monkeypatch):
    for name, value in stand_in.environment().items():
        monkeypatch.setenv(name, value)
    with shadow(course.project.videos / "(01) title.mp4").open("wb") as file:
        file.truncate(1_000_000_000)
    monkeypatch.setattr(services.shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000))

    with pytest.raises(BuilderError, match="The disk is too small"):
        services.check_videos(session_of(course))


def test_what_a_file_manager_notes_down_about_a_folder_makes_no_deck_anew(course):
    course.publish()
    folder = course.project.output / "10"
    (folder / ".DS_Store").write_bytes(APPLE_DOUBLE)
    deck = course.project.output / TEN.deck_name("es")
    with zipfile.ZipFile(deck, "w") as file:
        file.writestr("a", "b")
    later = deck.stat().st_mtime + 60

    os.utime(folder / ".DS_Store", (later, later))
    assert STEPS["decks"].why_not_current(session_of(course)) == ""
    os.utime(folder / "1.png", (later, later))
    assert "has changed since the deck of 10 was made" in STEPS["decks"].why_not_current(session_of(course))


def test_a_project_on_a_memory_stick_that_a_mac_wrote_is_packaged_like_any_other(course):
    notes = course.plan().notes
    for path in [path for path in course.project.path.rglob("*") if path.is_file()]:
        shadow(path)
        path.with_name(".DS_Store").write_bytes(APPLE_DOUBLE)

    plan = course.plan()
    course.publish()

    assert (plan.troubles, plan.notes) == ([], notes)
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
