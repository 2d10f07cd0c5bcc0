"""A package is never replaced by a poorer one, and what nobody asked for stays as it is."""

from __future__ import annotations

import errno
import json
import shutil

import pytest

from common.errors import BuilderError
from course.curricula import number_slides
from courses import INTENSIVE, SHORT, START, TEN, TWENTY, files_below
from package.losses import refuse_losses

# What would be lost


def without_picture(course, position, folder="10"):
    for path in (course.project.path / folder).glob(f"*_{SHORT[position - 1].name}.png"):
        path.unlink()


def without_video(course, number):
    next(course.project.videos.glob(f"({number:02})*")).unlink()


def losses(course):
    """Return what the refusal names, a line each; nothing if there is none."""
    try:
        refuse_losses(course.prepare())
    except BuilderError as error:
        return error.message.splitlines()[1:]
    return []


@pytest.mark.parametrize("arguments", [(), ("--allow-missing",), ("--without-videos",), ("--dry-run",)])
def test_a_poorer_package_is_refused_whatever_is_allowed(arguments, course, lone_suite):
    course.publish()
    without_picture(course, 3)
    without_video(course, 6)
    before = files_below(course.project.path)

    done = lone_suite.main(4, "-p", course.project.path, *arguments)

    assert done.returncode == 1
    assert "10: session 1, t1_c;" in done.stderr
    assert "video 6;" in done.stderr
    assert f"move {course.project.output} away first" in done.stderr
    assert {name: state for name, state in files_below(course.project.path).items() if "lock" not in name} == before


def test_who_moves_the_output_away_gets_the_poorer_package(course, lone_suite):
    course.publish()
    without_picture(course, 3)
    shutil.move(course.project.output, course.project.path / "mine")

    done = lone_suite.main(4, "-p", course.project.path, "--allow-missing")

    assert done.returncode == 0, done.stderr
    assert not (course.project.output / "10" / "3.png").exists()


def test_each_loss_is_named(course):
    course.publish()
    without_picture(course, 1)
    without_picture(course, 9)
    without_video(course, 1)

    assert [loss.partition(";")[0].strip() for loss in losses(course)] == [
        "video 1",
        "10: session 1, s1_1_1",
        "10: session 3, final",
    ]


def test_a_video_that_is_not_clearly_there_any_more_is_a_loss(course):
    course.publish()
    course.video(6, "6 again.mp4")

    assert len(losses(course)) == 1
    assert "video 6" in losses(course)[0]


def test_a_video_that_the_output_shows_only_among_its_slides_is_a_loss_too(course):
    course.publish()
    (course.project.output / "videos" / "6.mp4").unlink()
    without_video(course, 6)

    assert [loss.partition(";")[0].strip() for loss in losses(course)] == ["video 6"]


def test_a_curriculum_of_which_the_project_has_nothing_any_more_is_one_loss(course):
    course.curriculum(TWENTY, SHORT)
    course.publish()
    shutil.rmtree(course.project.path / "20")

    assert [loss.strip() for loss in losses(course)] == [
        "20: all 9 slides; the project has no manifest and no pictures of it."
    ]


def test_a_gap_that_was_there_before_is_no_loss(course):
    without_picture(course, 3)
    without_video(course, 6)
    course.publish()

    assert losses(course) == []


@pytest.mark.parametrize("has_slides", [True, False], ids=["today's record", "a record without slides"])
def test_a_course_that_has_become_shorter_is_no_loss(has_slides, course):
    course.publish()
    if not has_slides:
        forget_slides(course)
    # Slide 3 and the session with video 6 are gone, so that others stand at their positions.
    keys = [("s1_1_1", "title", None), ("t1_b", "video", 1), ("final", "final", None)]
    course.manifest(TEN, number_slides([keys]))
    without_picture(course, 3)
    without_video(course, 6)

    assert losses(course) == []


def test_a_slide_that_has_moved_and_lost_its_picture_is_a_loss(course):
    course.publish()
    keys = [("t1_c", "discuss", None), ("s1_1_1", "title", None)]
    course.manifest(TEN, number_slides([keys]))
    without_picture(course, 3)

    assert [loss.partition(";")[0].strip() for loss in losses(course)] == ["10: session 1, t1_c"]


def forget_slides(course):
    """Make the record of the output one of the time before it listed the slides."""
    path = course.project.output / ".made-by-zume.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["slides"]
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_record_that_lists_no_slides_protects_its_package_too(course):
    course.publish()
    forget_slides(course)
    without_picture(course, 3)
    without_video(course, 6)

    assert [loss.partition(";")[0].strip() for loss in losses(course)] == ["video 6", "10: session 1, t1_c"]


def test_what_somebody_has_removed_from_the_output_is_not_lost_by_us(course):
    course.publish()
    without_picture(course, 3)
    (course.project.output / "10" / "3.png").unlink()

    assert losses(course) == []


def test_what_somebody_has_changed_in_the_output_is_not_lost(course):
    course.publish()
    without_picture(course, 3)
    kept = course.project.output / "10" / "3.png"
    kept.unlink()
    kept.write_bytes(b"mine")

    assert losses(course) == []
    course.publish()
    assert kept.read_bytes() == b"mine"


# Curricula that nobody asked for


@pytest.fixture
def two(course):
    """A published package of two curricula, of which the second has changed since in the project."""
    course.curriculum(TWENTY, SHORT[:5])
    course.publish()
    return course


def shown(course, folder):
    """Return what the page says of a curriculum."""
    page = (course.project.output / "index.html").read_text(encoding="utf-8")
    return page.partition(f'<section id="{folder}"')[2].partition("</section>")[0]


@pytest.mark.parametrize("has_slides", [True, False], ids=["today's record", "a record without slides"])
@pytest.mark.parametrize("link", ["auto", "copy"])
def test_other_curricula_stay_in_the_output_as_they_are(link, has_slides, two):
    two.publish(link)
    if not has_slides:
        forget_slides(two)
    before, page = two.output(), shown(two, "20")
    thumbnails = files_below(two.project.output / "thumbnails" / "20")
    taken = START.replace(year=2027)
    two.picture(TEN, SHORT[2], taken)
    two.picture(TWENTY, SHORT[2], taken)
    without_picture(two, 4, "20")

    two.publish(link, curricula=(TEN,))

    assert two.output() == before | {"10/3.png": two.pictures["10", SHORT[2].name]}
    assert shown(two, "20") == page
    assert files_below(two.project.output / "thumbnails" / "20") == thumbnails
    assert shown(two, "10")
    assert not two.publish(link, curricula=(TEN,)).changed


def test_the_videos_of_other_curricula_stay(two):
    two.curriculum(INTENSIVE, SHORT[2:4])
    two.publish()
    without_video(two, 1)
    before = two.output()

    two.publish(curricula=(INTENSIVE,))

    assert two.output() == before


def test_a_file_system_without_hard_links_keeps_other_curricula_too(two, monkeypatch):
    import os

    def unable(*_, **__):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    two.publish("copy")
    before = two.output()
    two.picture(TEN, SHORT[2], START.replace(year=2027))
    monkeypatch.setattr(os, "link", unable)

    two.publish("copy", curricula=(TEN,))

    assert two.output() == before | {"10/3.png": two.pictures["10", SHORT[2].name]}
    assert two.prepare("copy").foreign == set()


def test_only_the_curricula_that_were_asked_for_are_judged(course, lone_suite):
    """An interrupted build of all curricula leaves a manifest without pictures."""
    course.manifest(TWENTY, SHORT)

    assert lone_suite.main(4, "-p", course.project.path, "-c", "ten_session").returncode == 0
    (course.project.path / "20" / "manifest.json").write_text("broken")
    done = lone_suite.main(4, "-p", course.project.path, "-c", "ten_session")
    assert (done.returncode, done.stderr) == (0, "")
    assert "20" not in {path.name for path in course.project.output.iterdir()}


def test_suspects_of_other_curricula_are_on_the_page_and_not_in_the_lines(two, lone_suite):
    old = next((two.project.path / "20").glob("*_t1_c.png"))
    old.rename(old.with_name("20200101_000000_session_1_t1_c.png"))
    two.publish()

    done = lone_suite.main(4, "-p", two.project.path, "-c", "ten_session")

    assert done.returncode == 0, done.stderr
    assert "older than the rest" in shown(two, "20")
    assert "older than the rest" not in done.stdout


# Videos that were left out on purpose


def test_videos_left_out_on_purpose_are_told_in_one_sentence(course, lone_suite):
    without_video(course, 1)
    without_video(course, 6)

    done = lone_suite.main(4, "-p", course.project.path, "--without-videos")

    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if "skipped, as requested" in line] == [
        "Videos skipped, as requested; the pictures of their slides are used instead: 1, 6."
    ]
    assert "is missing" not in done.stdout
    assert ": nothing is missing<" in (course.project.output / "index.html").read_text(encoding="utf-8")


def test_without_videos_those_that_are_there_are_used(course, lone_suite):
    without_video(course, 6)
    del course.videos[6]

    assert lone_suite.main(4, "-p", course.project.path, "--without-videos").returncode == 0
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_without_videos_a_missing_picture_is_still_a_failure(course, lone_suite):
    without_video(course, 6)
    without_picture(course, 3)

    done = lone_suite.main(4, "-p", course.project.path, "--without-videos")

    assert done.returncode == 1
    assert "position 3" in done.stderr
    assert "video 6" not in done.stderr


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--without-videos",), 0)])
def test_a_deck_with_pictures_in_the_places_of_videos_is_a_failure_unless_that_is_on_purpose(
    arguments, exit_code, course, lone_suite
):
    without_video(course, 6)
    course.publish()

    done = lone_suite.main(5, "-p", course.project.path, *arguments)

    assert done.returncode == exit_code, done.stderr
    assert ("instead of video 6" in done.stderr) == bool(exit_code)
    assert (course.project.output / "zume-es-ten_session.pptx").is_file()
