"""What the records say of each slide: before a run, while it saves pictures, and wherever it is killed."""

from __future__ import annotations

import json
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from course.curricula import Slide
from slide_files import TEN, files_in, manifest_of, progress_of, statuses, with_flaw
from slides.capture import CaptureSettings
from slides.current import why_slides_not_current
from slides.curriculum_run import CurriculumRun
from slides.entry import Entry
from slides.manifest import Manifest, write_manifest
from workspace.folders import Project

SIZE = (6, 4)
ONE, TWO = (Slide(number, 1, key, "title", None) for number, key in enumerate(("one", "two"), start=1))
OLD, OLDER = "20250102_120000_session_1_one.png", "20250101_120000_session_1_one.png"
FLAW = "picture qr.png did not load"


def png(size=SIZE, colour="red") -> bytes:
    content = BytesIO()
    picture = Image.new("RGB", size, colour)
    picture.putpixel((0, 0), (0, 0, 0))
    picture.save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "en" / "10").mkdir(parents=True)
    return Project(tmp_path / "en")


def new_run(project: Project, allow_flawed: bool = False) -> CurriculumRun:
    settings = CaptureSettings("en", *SIZE, 5.0, 0.0, allow_flawed, None)
    return CurriculumRun(project, TEN, [ONE, TWO], "a test", settings)


def to_take(project: Project, *, missing_only: bool = True, resume: bool = False, allow_flawed: bool = False) -> set:
    """Return the keys of the slides that a new run would take."""
    return {job.slide.key for job in new_run(project, allow_flawed).start(missing_only, resume)}


def put(project: Project, name: str, content: bytes | None = None) -> None:
    (project.path / "10" / name).write_bytes(content or png())


def list_picture(project: Project, file: str | None, status: str, error: str | None = None) -> None:
    """Write a manifest with one picture, that of the first slide."""
    slides = [
        {"position": slide.position, "session": 1, "key": slide.key, "type": "title", "video": None, **record}
        for slide, record in (
            (ONE, {"file": file, "status": status, "error": error}),
            (TWO, {"file": None, "status": "missing", "error": None}),
        )
    ]
    content = {"language_code": "en", "site": "a test", "curriculum": TEN.name, "slides": slides}
    (project.path / "10" / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


def list_progress(project: Project, **changes) -> None:
    progress = {"started_at": "2025-01-02T00:00:00+00:00", "finished_at": None, "done": {"session_1_one": OLD}}
    (project.path / "10" / "10_progress.json").write_text(json.dumps({**progress, **changes}), encoding="utf-8")


def first(project: Project, allow_flawed: bool = False) -> tuple[str, str | None, str | None]:
    """Return status, file and error of the first slide before a new run takes anything."""
    entry = new_run(project, allow_flawed).entries[0]
    return entry.status, entry.file, entry.error


# ---- before a run ----


def test_a_picture_that_no_manifest_lists_is_unproven_and_stays_so_until_it_is_taken_again(project):
    put(project, OLD)

    assert to_take(project) == {"two"}
    assert statuses(project.path)["session_1_one"] == "unproven"
    assert manifest_of(project.path)["slides"][0]["file"] == OLD
    assert first(project) == ("unproven", OLD, None)
    assert to_take(project, missing_only=False) == {"one", "two"}


def test_a_picture_that_is_newer_than_the_listed_one_is_unproven(project):
    put(project, OLDER)
    list_picture(project, OLDER, "ok")
    put(project, OLD, png(colour="blue"))

    assert first(project) == ("unproven", OLD, None)


@pytest.mark.parametrize(
    ("status", "error", "allow_flawed", "becomes"),
    [
        ("ok", None, False, "ok"),
        ("unproven", None, False, "unproven"),
        ("flawed", FLAW, False, "missing"),
        ("flawed", FLAW, True, "flawed"),
        ("failed", FLAW, True, "missing"),
        ("failed", None, True, "missing"),
        ("missing", FLAW, True, "missing"),
        ("missing", None, True, "missing"),
        ("from a later version", None, True, "missing"),
    ],
)
def test_a_listed_picture_is_what_the_manifest_says(project, status, error, allow_flawed, becomes):
    put(project, OLD)
    list_picture(project, OLD, status, error)

    assert first(project, allow_flawed) == (becomes, OLD, error)


def test_a_listed_picture_that_was_removed_is_missing(project):
    list_picture(project, OLD, "ok")

    assert first(project) == ("missing", None, None)


def test_a_listed_picture_that_is_torn_is_missing_and_stays_listed(project):
    list_picture(project, OLD, "ok")
    put(project, OLD, png()[:-9])

    assert first(project) == ("missing", OLD, "it is not whole")
    assert to_take(project) == {"one", "two"}


def test_a_listed_picture_of_another_size_stays_listed_as_it_is_and_is_taken_again(project):
    list_picture(project, OLD, "ok")
    put(project, OLD, png((3, 2)))

    assert to_take(project) == {"one", "two"}
    listed = manifest_of(project.path)["slides"][0]
    assert (listed["file"], listed["status"], listed["width"], listed["height"]) == (OLD, "ok", 3, 2)


def test_an_older_picture_does_not_stand_in_for_a_listed_one_that_was_removed(project):
    """It was taken again for some reason, and nothing tells any more what was wrong with it."""
    put(project, OLDER)
    list_picture(project, OLD, "ok")

    assert first(project) == ("missing", OLDER, f"its newer picture {OLD} is not there")
    to_take(project)
    assert first(project)[0] == "missing"


def test_an_older_picture_of_the_right_size_stands_in_for_a_listed_one_of_another_size(project):
    put(project, OLDER)
    put(project, OLD, png((3, 2)))
    list_picture(project, OLD, "ok")

    assert first(project) == ("unproven", OLDER, None)


# ---- what older versions left ----


@pytest.mark.parametrize(("allow_flawed", "status"), [(False, "missing"), (True, "flawed")])
@pytest.mark.parametrize("listed", [False, True])
def test_the_text_in_an_old_picture_counts(project, listed, allow_flawed, status):
    put(project, OLD, with_flaw(png(), FLAW))
    if listed:
        list_picture(project, OLD, "ok")

    assert first(project, allow_flawed) == (status, OLD, FLAW)


@pytest.mark.parametrize("listed", [False, True])
def test_the_progress_file_of_an_old_run_that_was_killed_proves_its_pictures(project, listed):
    put(project, OLD)
    list_progress(project)
    if listed:
        list_picture(project, None, "missing")

    assert first(project) == ("ok", OLD, None)
    assert to_take(project, missing_only=False, resume=True) == {"two"}


@pytest.mark.parametrize(
    "changes",
    [
        {"finished_at": "2025-01-03T00:00:00+00:00"},
        {"done": {"session_1_one": OLDER}},
        {"done": None},
        {"started_at": "yesterday"},
        {"started_at": None},
    ],
)
def test_another_progress_file_proves_nothing(project, changes):
    put(project, OLD)
    list_progress(project, **changes)

    assert first(project) == ("unproven", OLD, None)
    assert to_take(project, missing_only=False, resume=True) == {"one", "two"}


# ---- while pictures are saved ----


class Killed(BaseException):
    """Ends a run as SIGKILL does: nothing is written after it."""


def save_until(project: Project, monkeypatch, writes: int, flaw: str | None) -> bool:
    """Save a picture, and let the run end right before its so many-th file gets its name; say whether it did."""
    run = new_run(project, allow_flawed=True)
    run.start(missing_only=False, resume=False)
    number, replace = count(), Path.replace

    def killed_in_time(path: Path, target: Path) -> Path:
        if next(number) == writes:
            raise Killed
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed_in_time)
        try:
            run.save_picture(ONE, png(colour="blue"), flaw)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("before", ["nothing", "ok", "flawed"])
@pytest.mark.parametrize("flaw", [None, FLAW])
def test_wherever_a_run_is_killed_no_wrong_picture_counts_and_no_finished_one_is_lost(
    project, monkeypatch, flaw, before
):
    for writes in count():
        for path in (project.path / "10").iterdir():
            path.unlink()
        if before != "nothing":
            put(project, OLD)
            list_picture(project, OLD, before, FLAW if before == "flawed" else None)
        killed = save_until(project, monkeypatch, writes, flaw)

        there = files_in(project.path) - {OLD}
        listed = manifest_of(project.path)["slides"][0]
        if listed["status"] in ("ok", "flawed"):
            assert (project.path / "10" / listed["file"]).exists()
        assert there <= {listed["file"]}
        status, file, error = first(project, allow_flawed=before == "ok")
        if there:
            # Proven before it was saved: it counts, unless it has a flaw.
            assert ({file}, error) == (there, flaw)
            assert (status == "ok") == (flaw is None)
        else:
            # The old one counts as long as nothing newer is listed; one with a flaw never does.
            assert status in ("missing", before)
            assert status != "flawed"
        if not killed:
            break
    assert writes == 4  # progress, manifest, picture, manifest


def test_a_killed_run_is_resumed_by_what_its_manifest_says(project):
    put(project, OLD)
    list_picture(project, OLD, "ok")
    run = new_run(project)
    run.start(missing_only=False, resume=False)
    run.save_picture(TWO, png(), None)
    # It is killed: its progress file says only when it began.
    assert (progress_of(project.path)["done"], progress_of(project.path)["finished_at"]) == ({}, None)

    assert to_take(project, missing_only=False, resume=True) == {"one"}


def test_a_resumed_run_that_is_interrupted_too_is_still_the_same_run(project):
    run = new_run(project)
    run.start(missing_only=False, resume=False)
    file = run.save_picture(ONE, png(), None)
    run.end(finished=False)
    began = progress_of(project.path)["started_at"]
    again = new_run(project)
    again.start(missing_only=False, resume=True)
    again.end(finished=False)

    progress = progress_of(project.path)
    assert (progress["started_at"], progress["finished_at"], progress["done"]) == (began, None, {"session_1_one": file})


def test_a_run_that_takes_nothing_hides_none_that_was_interrupted(project):
    put(project, OLD)
    list_progress(project)
    run = new_run(project)
    run.start(missing_only=True, resume=False)
    run.end(finished=False)

    assert to_take(project, missing_only=False, resume=True) == {"two"}


def test_a_slide_that_fails_keeps_the_picture_that_it_has(project):
    put(project, OLD)
    run = new_run(project)
    run.start(missing_only=False, resume=False)
    run.note_failure(ONE, "the picture is blank")

    assert manifest_of(project.path)["slides"][0]["file"] == OLD
    assert first(project) == ("missing", OLD, "the picture is blank")


def test_the_manifest_has_one_line_for_each_slide(project):
    to_take(project)

    lines = (project.path / "10" / "manifest.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line.strip().rstrip(","))["key"] for line in lines if '"key"' in line] == ["one", "two"]


@pytest.mark.parametrize(
    ("status", "again"), [("ok", False), ("unproven", False), ("flawed", True), ("failed", True), ("missing", True)]
)
def test_a_build_takes_up_its_slides_again_unless_each_has_a_good_picture(project, status, again):
    for slide in (ONE, TWO):
        put(project, f"20250102_120000_{slide.name}.png")
    entries = [Entry(slide, f"20250102_120000_{slide.name}.png", status, None) for slide in (ONE, TWO)]
    write_manifest(project, TEN, Manifest("en", "a test", TEN.name, tuple(entries)))

    assert bool(why_slides_not_current(project, [TEN], SIZE, allow_flawed=False)) == again
