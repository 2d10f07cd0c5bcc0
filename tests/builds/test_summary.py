"""What the summary of a build tells people and programs of the videos in the package."""

from __future__ import annotations

import json

import pytest

from builds.runner import BuildRun, summary
from builds.session import REQUIRED_STEPS, BuildSession, Step


def session_of(course):
    """Return a build in which nothing is to be done."""
    project = course.project.path
    steps = {name: Step("skipped") for name in REQUIRED_STEPS}
    return BuildSession("", "es", str(project.parent), str(project), None, steps=steps)


def videos_of(course):
    return summary(session_of(course), 0, "")["videos"]


@pytest.mark.parametrize(
    ("sources", "lines"),
    [
        ({1: "vimeo", 6: "mirror"}, ["Videos: 1 from Vimeo, 1 from the mirror"]),
        ({1: "mirror", 6: "mirror"}, ["Videos: 2 from the mirror"]),
        ({1: "vimeo"}, ["Videos: 1 from Vimeo, 1 of your own"]),
        ({1: "vimeo", 6: "vimeo"}, []),
        ({}, []),
    ],
)
def test_the_end_of_a_build_says_where_the_videos_came_from_if_it_was_not_one_usual_place(
    sources, lines, course, capsys
):
    course.downloads(sources)
    course.publish()
    BuildRun(session_of(course), False, None, {}).run()

    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("Videos: ")] == lines


def test_the_summary_counts_the_videos_of_the_package_by_where_they_came_from(course):
    course.video(9)
    course.downloads({1: "vimeo", 6: "mirror", 9: "vimeo"})
    course.publish()

    # No slide shows video 9, so the package lacks it.
    assert videos_of(course) == {"vimeo": 1, "mirror": 1}


def test_files_of_others_among_the_videos_of_the_package_are_not_counted(course):
    course.downloads({1: "vimeo", 6: "mirror"})
    course.publish()
    for name in ("greeting.mp4", "7.mp4", "²³.mp4", f"{'9' * 250}.mp4", "-1.mp4"):
        (course.project.output / "videos" / name).touch()

    assert videos_of(course) == {"vimeo": 1, "mirror": 1}


def test_without_a_package_the_videos_of_the_project_are_counted(course):
    course.downloads({1: "vimeo"})

    assert videos_of(course) == {"vimeo": 1, "own": 1}


@pytest.mark.parametrize(
    ("record", "videos"),
    [
        (json.dumps([{"schema": 99}]), {}),
        ("{", {"own": 2}),
        (json.dumps({"schema": [2]}), {"own": 2}),
        (json.dumps([{"id": 7, "source": {}}, None, 10**400]), {"own": 2}),
        ("[" * 100_000, {"own": 2}),
    ],
    ids=["newer", "torn", "no list", "wrong types", "too deep"],
)
def test_a_record_that_cannot_be_read_is_no_reason_to_have_no_summary(record, videos, course):
    course.publish()
    (course.project.videos / "download_results.json").write_text(record)

    assert videos_of(course) == videos


def test_a_record_that_may_not_be_read_is_no_reason_to_have_no_summary(course):
    course.publish()
    (course.project.videos / "download_results.json").mkdir()

    assert videos_of(course) == {}
