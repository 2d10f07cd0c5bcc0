"""Pictures and progress of the scripts before this suite: what a run takes over, what it takes anew, what it says."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from course.curricula import number_slides
from old_projects import FIRST_PICTURE, OldProject, plain_png
from slide_files import TEN, files_in, manifest_of, progress_of, started, statuses
from slides.capture import CaptureSettings
from slides.curriculum_run import CurriculumRun
from workspace.folders import Project

SIZE, WINDOW, MAC_WINDOW = (30, 16), (30, 15), (60, 30)
SLIDES = number_slides([[(key, "title", None) for key in ("one", "two", "three")], [("one", "title", None)]])
NAMES = [slide.name for slide in SLIDES]
LATER = FIRST_PICTURE + timedelta(days=1)


@pytest.fixture
def old(tmp_path):
    return OldProject(tmp_path / "es")


def new_run(old: OldProject) -> CurriculumRun:
    return CurriculumRun(
        Project(old.path), TEN, SLIDES, "a test", CaptureSettings("es", *SIZE, 5.0, 0.0, False, None), {}
    )


def to_take(old: OldProject, *, missing_only: bool = False, resume: bool = False) -> list[str]:
    """Return the names of the slides that a new run would take."""
    return [job.slide.name for job in started(new_run(old), missing_only=missing_only, resume=resume)]


def interrupt(old: OldProject, number: int, *, missing_only: bool = False, resume: bool = False) -> None:
    """Take so many pictures, then end as an interrupted run does."""
    run = new_run(old)
    for job in started(run, missing_only=missing_only, resume=resume)[:number]:
        run.save_picture(job.slide, plain_png(SIZE, 99), None)
    run.end(finished=False)


def said(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


# ---- pictures of the right size ----


def test_pictures_of_the_right_size_are_taken_over_and_stay_unproven(old, capsys):
    old.pictures(TEN, SLIDES, SIZE)

    assert to_take(old, missing_only=True) == []
    assert set(statuses(old.path).values()) == {"unproven"}
    assert said(capsys) == []
    assert to_take(old) == NAMES


# ---- pictures of another size ----


def test_pictures_of_another_size_are_taken_anew_which_is_said_and_they_stay_where_they_are(old, capsys):
    files = old.pictures(TEN, SLIDES, WINDOW)
    before = {path: path.read_bytes() for path in files}
    run = new_run(old)
    jobs = started(run, missing_only=True, resume=False)

    assert said(capsys) == ["10: 4 pictures are 30 x 15; they are taken anew at 30 x 16."]
    for job in jobs:
        run.save_picture(job.slide, plain_png(SIZE), None)
    assert set(statuses(old.path).values()) == {"ok"}
    assert {path: path.read_bytes() for path in files} == before


def test_one_picture_of_another_size_is_one(old, capsys):
    old.pictures(TEN, SLIDES[:1], MAC_WINDOW)
    to_take(old, missing_only=True)

    assert said(capsys) == ["10: 1 picture is 60 x 30; it is taken anew at 30 x 16."]


def test_of_several_sizes_the_most_frequent_one_is_named(old, capsys):
    old.pictures(TEN, SLIDES[:1], MAC_WINDOW)
    old.pictures(TEN, SLIDES[1:3], WINDOW)
    to_take(old, missing_only=True)

    assert said(capsys) == ["10: 3 pictures have another size, 2 of them 30 x 15; they are taken anew at 30 x 16."]


def test_a_second_picture_of_a_slide_counts_once_and_none_beside_one_of_the_right_size(old, capsys):
    one, two, *_ = SLIDES
    for slide, size, taken in (
        (one, WINDOW, FIRST_PICTURE),
        (one, WINDOW, LATER),
        (two, SIZE, FIRST_PICTURE),
        (two, WINDOW, LATER),
    ):
        old.picture(TEN, slide, plain_png(size), taken)

    assert two.name not in to_take(old, missing_only=True)
    assert said(capsys) == ["10: 1 picture is 30 x 15; it is taken anew at 30 x 16."]


def test_a_torn_picture_has_no_size(old, capsys):
    old.picture(TEN, SLIDES[0], plain_png(WINDOW)[:-5])

    assert to_take(old, missing_only=True) == NAMES
    assert said(capsys) == []


def test_nothing_is_said_of_sizes_by_a_run_that_takes_all_slides_anyway(old, capsys):
    old.pictures(TEN, SLIDES, WINDOW)
    to_take(old)

    assert said(capsys) == []


# ---- pictures of slides that the course does not have ----


def gone(*keys: str) -> list:
    return number_slides([[(key, "title", None) for key in keys]])


def test_pictures_of_slides_that_the_course_does_not_have_are_named_in_one_line_and_stay(old, capsys):
    files = old.pictures(TEN, gone("t10_c", "s1_3_8"), SIZE)

    assert to_take(old) == NAMES
    assert said(capsys) == [
        "10: 2 pictures are of slides that the course no longer has: session_1_s1_3_8, session_1_t10_c"
    ]
    assert {path.name for path in files} <= files_in(old.path)


@pytest.mark.parametrize(("number", "beginning"), [(1, "1 picture is of a slide"), (2, "2 pictures are of a slide")])
def test_one_slide_that_the_course_does_not_have_is_one_however_many_pictures_it_has(old, capsys, number, beginning):
    for day in range(number):
        old.picture(TEN, gone("t10_c")[0], plain_png(SIZE), FIRST_PICTURE + timedelta(days=day))
    to_take(old)

    assert said(capsys) == [f"10: {beginning} that the course no longer has: session_1_t10_c"]


def test_no_more_than_ten_slides_that_the_course_does_not_have_are_named(old, capsys):
    old.pictures(TEN, gone(*(f"key_{number}" for number in range(12))), SIZE)
    to_take(old)

    (line,) = said(capsys)
    assert line.startswith("10: 12 pictures are of slides that the course no longer has: ")
    assert line.endswith(" and 2 more")
    assert line.count("session_1_key_") == 10


# ---- an interrupted run ----


@pytest.mark.parametrize("session", [1, "1"])
def test_an_interrupted_run_of_the_old_scripts_is_continued_with_what_is_there_and_whole(old, capsys, session):
    old.pictures(TEN, SLIDES[:2], SIZE)
    old.progress(TEN, session, 1)

    assert to_take(old, resume=True) == NAMES[2:]
    assert said(capsys) == []
    assert statuses(old.path) == dict.fromkeys(NAMES[:2], "unproven") | dict.fromkeys(NAMES[2:], "missing")


def test_an_interrupted_run_of_the_old_scripts_took_pictures_of_another_size(old, capsys):
    old.pictures(TEN, SLIDES[:2], WINDOW)
    old.progress(TEN, 1, 1)

    assert to_take(old, resume=True) == NAMES
    assert said(capsys) == ["10: 2 pictures are 30 x 15; they are taken anew at 30 x 16."]


def test_what_continues_a_run_of_the_old_scripts_can_be_interrupted_and_continued_itself(old):
    old.pictures(TEN, SLIDES[:2], SIZE)
    path = old.progress(TEN, 1, 1)
    interrupt(old, 0, resume=True)
    assert to_take(old, resume=True) == NAMES[2:]
    interrupt(old, 1, resume=True)

    assert progress_of(old.path)["done"].keys() == set(NAMES[:3])
    assert "session" not in json.loads(path.read_text(encoding="utf-8"))
    assert to_take(old, resume=True) == NAMES[3:]
    assert [slide["status"] for slide in manifest_of(old.path)["slides"]] == ["unproven", "unproven", "ok", "missing"]


def test_the_record_of_what_continued_an_old_run_proves_none_of_its_pictures(old):
    """Nor may they be removed as ours, when the manifest is lost."""
    old.pictures(TEN, SLIDES[:2], SIZE)
    old.progress(TEN, 1, 1)
    interrupt(old, 1, resume=True)
    (old.path / "10" / "manifest.json").unlink()

    assert to_take(old, resume=True) == NAMES[3:]
    assert [slide["status"] for slide in manifest_of(old.path)["slides"]] == ["unproven", "unproven", "ok", "missing"]
    assert [slide["taken_at"] is None for slide in manifest_of(old.path)["slides"]] == [True, True, False, True]


@pytest.mark.parametrize(
    "content",
    [
        '{"session": "abc", "index": 1}',
        '{"session": null, "index": 1}',
        '{"session": 1, "index": -1}',
        '{"session": 1, "index": 1' + "0" * 30 + "}",
        '{"session": 1, "index": 1' + "0" * 5000 + "}",
        '{"session": 1, "index": Infinity}',
        '{"session": true, "index": 1}',
        '{"session": [1], "index": {}}',
        '{"session": 1}',
        '{"index": 1}',
        '["session", "index"]',
        '"session"',
        "null",
        "5",
        "",
        '{"session": 1, "ind',
        '{"started_at": "0001-01-01T00:00:00+14:00", "finished_at": null, "done": {}}',
        '{"started_at": [], "finished_at": null, "done": {}}',
    ],
)
def test_a_progress_file_that_cannot_be_read_is_said_in_one_line_and_all_slides_are_taken(old, capsys, content):
    old.pictures(TEN, SLIDES[:2], SIZE)
    old.progress(TEN, 1, 1).write_text(content, encoding="utf-8")

    assert to_take(old, resume=True) == NAMES
    assert said(capsys) == ["10: no interrupted run to resume: 10_progress.json cannot be read."]
    assert to_take(old, missing_only=True, resume=True) == NAMES[2:]
    capsys.readouterr()
    assert to_take(old) == NAMES
    assert said(capsys) == []


def test_the_progress_file_of_the_old_scripts_makes_way_for_ours(old):
    old.progress(TEN, 1, 1)
    interrupt(old, 1)

    assert progress_of(old.path)["done"].keys() == {NAMES[0]}
    assert "session" not in progress_of(old.path)


# ---- both flags at once ----


def test_both_flags_leave_out_what_is_there_and_what_the_interrupted_run_has_taken(old):
    old.pictures(TEN, SLIDES[:3], SIZE)
    interrupt(old, 2)

    assert to_take(old, resume=True) == NAMES[2:]
    assert to_take(old, missing_only=True, resume=True) == NAMES[3:]
    interrupt(old, 1, missing_only=True, resume=True)
    assert progress_of(old.path)["done"].keys() == {*NAMES[:2], NAMES[3]}
