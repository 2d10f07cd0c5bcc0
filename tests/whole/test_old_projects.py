"""Whole projects of the scripts before this suite are taken up by one build."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from course.curricula import CURRICULA, number_slides
from course.languages import find_language
from demo.course import CourseChanges, course
from demo.vimeo_videos import StoredVideo
from old_projects import OldProject, old_settings, old_video_name
from quick_builds import BUILD, SMALL
from slide_files import manifest_of, statuses

TEN, _, INTENSIVE = CURRICULA
SPANISH = find_language("es")
# The old rule makes another name of these than ours does.
TITLES = {1: "(01) God Uses Ordinary People? ", 6: "(06) Spiritual: Breathing", 9: "(09) Eyes to See"}


@pytest.fixture
def slides(stand_in):
    """The slides that the site has for 10 sessions."""
    stand_in.presenter.short_course = 7
    stand_in.vimeo.titles = TITLES
    sessions = course(SPANISH, True, CourseChanges(short_course=7))[TEN.constant]
    return number_slides([(slide.key, slide.type, slide.video) for slide in session] for session in sessions)


@pytest.fixture
def finished(stand_in, slides, tmp_path):
    """A finished project of one curriculum, with its output; its videos are what Vimeo has."""
    old = OldProject(tmp_path / "packages" / "es")
    videos = {number: StoredVideo(SPANISH, number) for number in TITLES}
    files = {
        number: old.video(TITLES[number], b"".join(stand_in.vimeo.find_file(video, "source").read()))
        for number, video in videos.items()
    }
    old.record((str(video.id), TITLES[number]) for number, video in videos.items())
    pictures = old.pictures(TEN, slides, (600, 336))
    sequence = [files.get(slide.video, picture) for slide, picture in zip(slides, pictures, strict=True)]
    old.output({TEN: sequence}, files)
    return old


@pytest.mark.browser
def test_a_finished_project_becomes_a_package_and_nothing_is_fetched_or_taken(suite, stand_in, finished, slides):
    old_output = {
        path.relative_to(finished.path / "output"): path.read_bytes()
        for path in (finished.path / "output").rglob("*")
        if path.is_file()
    }
    pictures = {path.name: path.read_bytes() for path in (finished.path / "10").iterdir()}
    done = suite.main(
        *(BUILD, "-l", "es", "-f", finished.path.parent, "--curriculum", "ten_session", "-y", *SMALL, *suite.quick())
    )

    assert done.returncode == 0, done.stderr
    assert stand_in.vimeo.log.of_kind("cdn") == stand_in.vimeo.log.of_kind("link") == []
    assert f"{len(slides)} slides, 0 to take" in done.stdout
    assert set(statuses(finished.path, TEN).values()) == {"unproven"}
    assert f"{len(slides)} of them unproven" in done.stdout
    assert {path.name: path.read_bytes() for path in (finished.path / "10").glob("*.png")} == pictures

    today = f"output.old-{datetime.now():%Y%m%d}"
    moved = finished.path / today
    assert today in done.stdout
    assert {path.relative_to(moved): path.read_bytes() for path in moved.rglob("*") if path.is_file()} == old_output
    output = finished.path / "output"
    assert {path.name for path in (output / "10").iterdir()} == {
        f"{position}.{'mp4' if slide.video in TITLES else 'png'}" for position, slide in enumerate(slides, start=1)
    }
    assert {path.name for path in (output / "videos").iterdir()} == {"1.mp4", "6.mp4"}  # the course shows no other
    page = (output / "index.html").read_text(encoding="utf-8")
    assert "unproven" in page


@pytest.mark.browser
def test_the_videos_get_their_new_names_once_and_that_is_said(suite, finished, tmp_path):
    arguments = (BUILD, "-l", "es", "-f", finished.path.parent, "-c", "ten_session", "-y", *SMALL, *suite.quick())
    first, second = suite.main(*arguments), suite.main(*arguments)

    names = {path.name for path in finished.videos.glob("*.mp4")}
    old = {"(01) God Uses Ordinary People.mp4", "(06) Spiritual Breathing.mp4", "(09) Eyes to See.mp4"}
    # Another curriculum shows one more, which only the mirror has.
    assert names == {*old, "(04).mp4"}
    for number in (1, 6):
        assert first.stdout.count(old_video_name(TITLES[number])) == 1
        assert old_video_name(TITLES[number]) not in second.stdout
    results = json.loads((finished.videos / "download_results.json").read_text(encoding="utf-8"))
    assert all(result["size"] and result["md5"] and result["sha256"] for result in results)
    assert first.returncode == second.returncode == 0


def test_check_says_what_a_build_of_an_old_project_will_do_and_changes_nothing(suite, finished, browser_at_hand):
    def state():
        return {path: path.stat().st_mtime_ns for path in finished.path.rglob("*")}

    before = state()
    done = suite.main(BUILD, "-l", "es", "-f", finished.path.parent, "-c", "ten_session", *SMALL, "--check")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "output.old-" in done.stdout
    assert state() == before


@pytest.mark.browser
def test_a_build_says_at_its_start_what_becomes_of_the_old_output(suite, finished):
    done = suite.main(
        *(BUILD, "-l", "es", "-f", finished.path.parent, "-c", "ten_session", "-y", *SMALL, "--skip", "setup,videos"),
        *suite.quick(),
    )

    assert done.returncode == 0, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if "output.old-" in line]
    assert warning.startswith(f"Warning: es: {finished.path / 'output'} was not made by this program")


@pytest.mark.browser
def test_an_old_project_is_set_up_by_its_own_settings_and_each_part_alone_takes_it_up(suite, stand_in, finished):
    old_settings(suite.home, finished.path, "es", stand_in.vimeo.token)
    for number, arguments in {
        1: (),
        2: (),
        3: ("-c", "ALL", "-m", "-r", *SMALL, *suite.quick()),
        4: ("-c", "all"),
    }.items():
        done = suite.main(number, *arguments, VIMEO_ACCESS_TOKEN="")
        assert done.returncode == 0, (number, done.stderr)

    assert stand_in.vimeo.log.of_kind("cdn") == []
    assert manifest_of(finished.path, TEN)["language_code"] == "es"
    assert (finished.path / "output" / "index.html").exists()
