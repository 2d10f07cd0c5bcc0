"""What the summary of a build tells people and programs of the package: its videos, and what the build has changed."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace

import pytest

from builds import runner
from builds.runner import BuildRun, summary
from builds.session import REQUIRED_STEPS, BuildSession, Step, claim_session_id, load_session
from common.console import NORMAL, QUIET, set_level
from common.errors import BuilderError
from course.curricula import Slide
from package.changes import PackageChanges, SlideChanges, VideoChanges, item_of_changes
from package.record import RECORD_FILE


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


# What the build has changed

BEGUN, LATER = "2026-11-28T12:00:00+00:00", "2026-11-28T12:05:00+00:00"
CHANGES = PackageChanges(
    LATER, "5e55104a", {"10": SlideChanges((Slide(3, 1, "t1_c", "discuss", None),))}, VideoChanges((6,))
)
LINE = "Changed: 1 slide changed; video 6 replaced"


@pytest.fixture
def build(course, home, monkeypatch):
    """Runs part 4 of a build, which leaves a record with the given changes in the package."""

    def run(left, session_id="5e55104a", exit_code=0, **fields):
        claim_session_id(session_id)
        course.publish()
        steps = {name: Step("pending" if name == "rename" else "done") for name in REQUIRED_STEPS}
        project = course.project.path
        session = BuildSession(
            session_id, "es", str(project.parent), str(project), None, created_at=BEGUN, steps=steps, **fields
        )
        session.save()

        def publish(*_):
            path = course.project.output / RECORD_FILE
            record = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps({**record, "changes": left}), encoding="utf-8")
            return exit_code

        monkeypatch.setattr(runner, "run_logged", publish)
        with suppress(BuilderError):
            BuildRun(session, False, {"rename": "it has not been run yet"}, {}).run()
        return load_session(session_id)

    return run


def test_the_one_line_of_a_quiet_build_says_what_it_has_changed(build, capsys):
    try:
        set_level(QUIET)
        build(item_of_changes(CHANGES))
    finally:
        set_level(NORMAL)
    assert re.fullmatch(r"es: done in [\w ]+: 1 slide changed; video 6 replaced\.\n", capsys.readouterr().out)


def lines(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("Changed")]


@pytest.mark.parametrize("exit_code", [0, 1], ids=["good", "something is missing"])
def test_a_build_that_changed_something_says_so_and_keeps_it(exit_code, build, capsys):
    session = build(item_of_changes(CHANGES), exit_code=exit_code)

    assert lines(capsys) == [LINE]
    assert session.changes == CHANGES
    assert summary(session, 0, "")["changes"] == {
        "made_at": LATER,
        "curricula": {"ten_session": {"changed": ["t1_c"], "new": [], "gone": []}},
        "videos": {"replaced": [6], "new": [], "gone": []},
    }


@pytest.mark.parametrize(
    "left",
    [
        None,
        item_of_changes(replace(CHANGES, session_id="another")),
        item_of_changes(replace(CHANGES, session_id=None)),
        # Of a build whose session was removed, and its id given again.
        item_of_changes(replace(CHANGES, made_at="2026-10-01T12:00:00+00:00")),
        {"made_at": LATER, "session_id": "5e55104a"},
    ],
    ids=["none", "another build", "no build", "long ago", "torn"],
)
def test_a_build_tells_no_changes_that_are_not_its_own(left, build, capsys):
    session = build(left)

    assert lines(capsys) == []
    assert session.changes is None
    assert summary(session, 0, "")["changes"] is None
    assert "changes" not in json.loads((session.folder / "build_config.json").read_text(encoding="utf-8"))


def test_a_resumed_build_keeps_what_it_has_changed_before(build, capsys):
    session = build(item_of_changes(replace(CHANGES, session_id="another")), changes=CHANGES)

    assert session.changes == CHANGES
    assert lines(capsys) == [LINE]


@pytest.mark.parametrize("changes", [7, [], "x", {}, {"made_at": 5}, {**item_of_changes(CHANGES), "slides": {"10": 5}}])
def test_torn_changes_in_a_session_count_as_none(changes, build):
    session = build(None)
    path = session.folder / "build_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "changes": changes}), encoding="utf-8")

    assert load_session("5e55104a") == session
