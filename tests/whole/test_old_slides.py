"""A project of the scripts before this suite, as part 3 and a build take up its slides, and calls as they were."""

from __future__ import annotations

import re

import pytest

from course.curricula import CURRICULA, Slide, number_slides
from course.languages import find_language
from demo.course import CourseChanges
from demo.course import course as course_of
from old_projects import OldProject, plain_png
from quick_builds import build
from slide_files import TEN, progress_of, statuses

RIGHT, WRONG = (600, 336), (600, 307)
UNPROVEN = "{} unproven: no record says what {}. --only-changed takes them again."


@pytest.fixture
def old(tmp_path):
    return OldProject(tmp_path / "packages" / "es")


def slides_of(curriculum) -> list[Slide]:
    """Return the slides of the stand-in's shortest course in Spanish."""
    language = find_language("es")
    sessions = course_of(language, language.three_circles, CourseChanges(short_course=2))[curriculum.constant]
    return number_slides([(look.key, look.type, look.video) for look in session] for session in sessions)


def test_a_call_as_it_was_documented_continues_the_old_run(take_slides, old):
    slides = {curriculum: slides_of(curriculum) for curriculum in CURRICULA}
    old.pictures(TEN, slides[TEN][:2], RIGHT)
    old.picture(TEN, slides[TEN][2], plain_png(WRONG))
    old.picture(TEN, Slide(1, 3, "t10_c", "title", None), plain_png(RIGHT))
    old.progress(TEN, "1", 1)

    where = ("--project-path", old.path, "--language-code", "es")
    done = take_slides(*where, "-c", "ALL", "-m", "-r", "-w", 600, "-ht", 336, "-wt", 5)

    assert (done.returncode, done.stderr) == (0, "")
    assert "\n10: 1 picture is 600 x 307; it is taken anew at 600 x 336.\n" in done.stdout
    assert "\n10: 1 picture is of a slide that the course no longer has: session_3_t10_c\n" in done.stdout
    assert f"\n10: {len(slides[TEN])} slides, {len(slides[TEN]) - 2} to take\n" in done.stdout
    assert done.stdout.endswith(UNPROVEN.format("2 pictures are", "they show") + "\n")
    assert list(statuses(old.path).values()) == ["unproven"] * 2 + ["ok"] * (len(slides[TEN]) - 2)
    assert progress_of(old.path)["finished_at"]


@pytest.mark.browser
def test_a_build_keeps_old_pictures_and_says_the_same_of_them_in_part_3_and_on_the_page(suite, old, tmp_path):
    slides = slides_of(TEN)
    old.pictures(TEN, slides, RIGHT)
    old.picture(TEN, Slide(1, 3, "t10_c", "title", None), plain_png(RIGHT))

    done = build(suite, tmp_path / "packages", "--wait", "1", "--skip", "videos")

    assert done.returncode == 0, done.stderr
    assert UNPROVEN.format(f"{len(slides)} pictures are", "they show") in done.stdout
    sentence = "10: 1 picture is of a slide that the course no longer has: session_3_t10_c"
    told = [line.partition(": ") for line in done.stdout.splitlines() if "no longer has" in line]
    assert told == [("es slides", ": ", sentence), ("es rename", ": ", sentence)]
    page = (old.path / "output" / "index.html").read_text(encoding="utf-8")
    assert f"{len(slides)} pictures are unproven: no record says what they show." in page
    warning = "Warning: --wait 1 is the longest that a slide may take to be ready, not a pause. "
    assert re.findall("Warning: --wait.*", done.stdout + done.stderr) == [warning + "Slides that need longer fail."]


@pytest.mark.parametrize(("wait", "is_warned"), [("0", True), ("2.5", True), ("3", False)])
def test_a_wait_that_was_a_pause_is_warned_of(lone_suite, old, tmp_path, wait, is_warned):
    arguments = ("--project-path", old.path, "--language-code", "es", "-wt", wait)
    (tmp_path / "nothing").mkdir()
    done = lone_suite.main(3, *arguments, PATH=str(tmp_path / "nothing"))

    assert (f"Warning: --wait {wait} is the longest that a slide may take" in done.stderr) == is_warned
    shown = lone_suite.main(3, *arguments, "--show-config")
    assert (shown.returncode, shown.stderr) == (0, "")
