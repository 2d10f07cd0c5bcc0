"""What the records say of each slide: before a run, while it saves pictures, and wherever it is killed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from dataclasses import replace
from datetime import datetime, timezone
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from common.records import NewerRecordError
from course.curricula import Slide, recorded_slides
from open_files import on_windows, refuse  # noqa: F401  (fixtures)
from package.plan import make_plan
from slide_files import TEN, files_in, manifest_of, progress_of, started, statuses, with_flaw
from slides import curriculum_run
from slides.capture import CaptureSettings
from slides.current import why_slides_not_current
from slides.curriculum_run import CurriculumRun
from slides.entry import Entry
from slides.fingerprint import ShownSlide, fingerprint
from slides.manifest import Manifest, write_manifest
from workspace.folders import Project

SIZE = (6, 4)
ONE, TWO = (Slide(number, 1, key, "title", None) for number, key in enumerate(("one", "two"), start=1))
OLD, OLDER = "20250102_120000_session_1_one.png", "20250101_120000_session_1_one.png"
FLAW = "picture qr.png did not load"
SHOWN = ShownSlide({"key": "a"}, "es", "es", "ltr", "")
OTHER_SHOWN = ShownSlide({"key": "a", "center": ["Other"]}, "es", "es", "ltr", "")


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


def new_run(project: Project, allow_flawed: bool = False, size=SIZE, slides=(ONE, TWO)) -> CurriculumRun:
    settings = CaptureSettings("en", *size, 5.0, 0.0, allow_flawed, None)
    return CurriculumRun(project, TEN, slides, "a test", settings, {})


def to_take(project: Project, *, missing_only: bool = True, resume: bool = False, allow_flawed: bool = False) -> set:
    """Return the keys of the slides that a new run would take."""
    return {job.slide.key for job in started(new_run(project, allow_flawed), missing_only=missing_only, resume=resume)}


def put(project: Project, name: str, content: bytes | None = None) -> None:
    (project.path / "10" / name).write_bytes(content or png())


def list_picture(project: Project, file: str | None, status: str, error: str | None = None, **more) -> None:
    """Write a manifest with one picture, that of the first slide."""
    slides = [
        {"position": slide.position, "session": 1, "key": slide.key, "type": "title", "video": None, **record}
        for slide, record in (
            (ONE, {"file": file, "status": status, "error": error, **more}),
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
    started(run, missing_only=False, resume=False)
    number, replace = count(), Path.replace

    def killed_in_time(path: Path, target: Path) -> Path:
        if next(number) == writes:
            raise Killed
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed_in_time)
        try:
            run.save_picture(ONE, png(colour="blue"), flaw, SHOWN)
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
    started(run, missing_only=False, resume=False)
    run.save_picture(TWO, png(), None)
    # It is killed: its progress file says only when it began.
    assert (progress_of(project.path)["done"], progress_of(project.path)["finished_at"]) == ({}, None)

    assert to_take(project, missing_only=False, resume=True) == {"one"}


def test_a_resumed_run_that_is_interrupted_too_is_still_the_same_run(project):
    run = new_run(project)
    started(run, missing_only=False, resume=False)
    file = run.save_picture(ONE, png(), None)
    run.end(finished=False)
    began = progress_of(project.path)["started_at"]
    again = new_run(project)
    started(again, missing_only=False, resume=True)
    again.end(finished=False)

    progress = progress_of(project.path)
    assert (progress["started_at"], progress["finished_at"], progress["done"]) == (began, None, {"session_1_one": file})


def test_a_run_that_takes_nothing_hides_none_that_was_interrupted(project):
    put(project, OLD)
    list_progress(project)
    run = new_run(project)
    started(run, missing_only=True, resume=False)
    run.end(finished=False)

    assert to_take(project, missing_only=False, resume=True) == {"two"}


def test_a_slide_that_fails_keeps_the_picture_that_it_has(project):
    put(project, OLD)
    run = new_run(project)
    started(run, missing_only=False, resume=False)
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


# ---- the records of a picture, and the one before it ----


@pytest.fixture
def days(monkeypatch):
    """Let every picture be taken on another day: the names of pictures tell only seconds."""
    number = count(1)
    monkeypatch.setattr(
        curriculum_run, "picture_name", lambda slide, _: f"202503{next(number):02}_120000_{slide.name}.png"
    )


def take(
    project: Project, colour: str = "blue", size=SIZE, flaw: str | None = None, shown: ShownSlide | None = SHOWN
) -> dict:
    """Take the first slide anew in a run of its own, and return what the manifest says of it."""
    run = new_run(project, allow_flawed=True, size=size)
    started(run, missing_only=False, resume=False)
    run.save_picture(ONE, png(size, colour), flaw, shown)
    run.end(finished=True)
    return manifest_of(project.path)["slides"][0]


def test_the_manifest_says_of_a_picture_when_it_was_taken_its_sum_and_its_size(project):
    before = datetime.now(timezone.utc).replace(microsecond=0)
    listed = take(project)

    assert before <= datetime.fromisoformat(listed["taken_at"]) <= datetime.now(timezone.utc)
    content = (project.path / "10" / listed["file"]).read_bytes()
    assert listed["sha256"] == hashlib.sha256(content).hexdigest()
    assert (listed["width"], listed["height"], listed["previous"]) == (*SIZE, None)


@pytest.mark.parametrize("shown", [OTHER_SHOWN, None])
def test_each_picture_has_its_own_fingerprint_and_not_that_of_the_one_before(project, days, shown):
    assert take(project)["fingerprint"] == fingerprint(SHOWN, *SIZE)
    assert take(project, shown=shown)["fingerprint"] == (fingerprint(shown, *SIZE) if shown else None)


def test_a_picture_that_takes_the_place_of_the_listed_one_has_no_fingerprint(project, days):
    (project.path / "10" / take(project)["file"]).unlink()
    put(project, OLDER)
    to_take(project)

    listed = manifest_of(project.path)["slides"][0]
    assert (listed["file"], listed["fingerprint"]) == (OLDER, None)


def test_a_finished_picture_has_its_fingerprint_wherever_its_run_was_killed(project, monkeypatch):
    for writes in count():
        for path in (project.path / "10").iterdir():
            path.unlink()
        put(project, OLD)
        list_picture(project, OLD, "ok", fingerprint=fingerprint(OTHER_SHOWN, *SIZE))
        killed = save_until(project, monkeypatch, writes, None)

        entry = new_run(project).entries[0]
        # That of the old one is forgotten as soon as the new one is listed.
        of_old = fingerprint(OTHER_SHOWN, *SIZE) if entry.status == "ok" else None
        assert entry.fingerprint == (fingerprint(SHOWN, *SIZE) if entry.file != OLD else of_old)
        if not killed:
            break
    assert entry.file != OLD


def test_the_manifest_says_when_the_course_was_read_and_which_edition_it_is(project):
    before = datetime.now(timezone.utc).replace(microsecond=0)
    to_take(project)

    manifest = manifest_of(project.path)
    assert before <= datetime.fromisoformat(manifest["course_read_at"]) <= datetime.now(timezone.utc)
    assert manifest["edition"] is None
    settings = CaptureSettings("en", *SIZE, 5.0, 0.0, False, None)
    slides = recorded_slides(TEN, three_circles=False)
    started(CurriculumRun(project, TEN, slides, "a test", settings, {}), missing_only=True, resume=False)
    assert manifest_of(project.path)["edition"] == "classic"


def test_what_is_known_of_a_picture_outlives_the_runs_that_keep_it(project):
    listed = take(project)
    to_take(project)

    assert manifest_of(project.path)["slides"][0] == listed


def test_of_a_picture_that_an_older_manifest_has_proven_the_name_says_when_it_was_taken(project):
    put(project, OLD)
    list_picture(project, OLD, "ok")
    to_take(project)

    listed = manifest_of(project.path)["slides"][0]
    taken = datetime(2025, 1, 2, 12).astimezone(timezone.utc).isoformat(timespec="seconds")
    assert (listed["taken_at"], listed["sha256"], listed["width"], listed["height"]) == (taken, None, *SIZE)


def test_of_a_picture_that_nobody_has_proven_nothing_is_known_but_its_size(project):
    put(project, OLD)
    to_take(project)

    listed = manifest_of(project.path)["slides"][0]
    assert (listed["taken_at"], listed["sha256"], listed["width"], listed["height"]) == (None, None, *SIZE)


def test_a_picture_that_is_taken_anew_leaves_the_one_before_it_and_no_other(project, days):
    files = [take(project, colour)["file"] for colour in ("red", "green", "blue")]

    assert files_in(project.path) == set(files[1:])
    listed = manifest_of(project.path)["slides"][0]
    assert (listed["file"], listed["previous"]) == (files[2], files[1])


def test_an_old_picture_that_a_program_has_open_stays_and_stops_nobody(project, days, monkeypatch):
    files = [take(project, colour)["file"] for colour in ("red", "green")]
    unlink = Path.unlink

    def refuse(self, missing_ok=False):
        if self.name == files[0]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    listed = take(project, "blue")

    assert (listed["status"], listed["previous"]) == ("ok", files[1])
    assert files_in(project.path) == {*files, listed["file"]}


def test_an_old_picture_that_is_open_for_a_moment_goes(project, days, refuse):
    files = [take(project, colour)["file"] for colour in ("red", "green")]
    left = refuse("unlink", lambda path: path.name == files[0], tries=2)

    listed = take(project, "blue")

    assert left == [0]
    assert files_in(project.path) == {files[1], listed["file"]}


def test_the_picture_of_an_older_manifest_becomes_the_previous_one_and_goes_in_its_turn(project, days):
    put(project, OLD)
    list_picture(project, OLD, "ok")

    assert take(project)["previous"] == OLD
    take(project)
    assert OLD not in files_in(project.path)


@pytest.mark.parametrize("listed", [False, True])
def test_a_picture_that_we_have_not_taken_is_never_removed(project, days, listed):
    put(project, OLD)
    put(project, OLDER)
    if listed:
        list_picture(project, OLD, "unproven")
    for _ in range(3):
        take(project)

    assert {OLD, OLDER} < files_in(project.path)
    assert len(files_in(project.path)) == 4


def test_a_failed_slide_whose_picture_may_be_anybodys_keeps_it(project, days):
    put(project, OLD)
    list_picture(project, OLD, "failed", "no")
    for _ in range(3):
        take(project)

    assert OLD in files_in(project.path)


def test_a_picture_of_another_size_becomes_the_previous_one(project, days):
    large = take(project, size=(12, 8))["file"]
    listed = take(project)

    assert (listed["previous"], listed["width"], listed["height"]) == (large, *SIZE)
    assert {large, listed["file"]} == files_in(project.path)


def test_whoever_tries_another_size_and_goes_back_has_lost_nothing(project, days):
    listed = take(project)
    started(new_run(project, size=(12, 8)), missing_only=True, resume=False)

    assert to_take(project) == {"two"}
    assert manifest_of(project.path)["slides"][0] == listed


def test_a_slide_that_fails_keeps_what_is_known_of_its_picture(project, days):
    listed = take(project)
    run = new_run(project)
    started(run, missing_only=False, resume=False)
    run.note_failure(ONE, "the picture is blank")

    assert manifest_of(project.path)["slides"][0] == {**listed, "status": "failed", "error": "the picture is blank"}


def test_a_slide_that_is_twice_in_a_session_keeps_both_its_pictures_for_both(project, days):
    slides = [ONE, replace(ONE, position=2)]
    for colour in ("red", "green", "blue"):
        run = new_run(project, slides=slides)
        started(run, missing_only=False, resume=False)
        run.save_picture(ONE, png(colour=colour), None)

    first_entry, second_entry = manifest_of(project.path)["slides"]
    assert {**first_entry, "position": 2} == second_entry
    assert files_in(project.path) == {first_entry["file"], first_entry["previous"]}


def test_a_previous_picture_that_somebody_has_removed_is_not_listed_any_more(project, days):
    take(project)
    listed = take(project)
    (project.path / "10" / listed["previous"]).unlink()
    to_take(project)

    assert manifest_of(project.path)["slides"][0] == {**listed, "previous": None}


def test_wherever_a_run_is_killed_the_newest_of_our_pictures_is_never_the_one_that_goes(project, monkeypatch):
    for writes in count():
        for path in (project.path / "10").iterdir():
            path.unlink()
        put(project, OLDER)
        put(project, OLD)
        list_picture(project, OLD, "ok", previous=OLDER)
        killed = save_until(project, monkeypatch, writes, None)

        assert OLD in files_in(project.path)
        if not killed:
            break
        with monkeypatch.context() as patched:
            patched.setattr(curriculum_run, "picture_name", lambda slide, _: f"20990101_120000_{slide.name}.png")
            after = take(project)
        assert after["file"] == "20990101_120000_session_1_one.png"
        assert {after["file"], after["previous"]} <= files_in(project.path)
        assert after["previous"] is not None


# ---- slides that the course no longer has ----


def test_a_slide_that_the_course_no_longer_has_stays_recorded_with_its_picture_until_it_comes_back(project):
    listed = take(project, flaw=FLAW)
    started(new_run(project, slides=[TWO]), missing_only=True, resume=False)
    manifest = manifest_of(project.path)
    assert [slide["key"] for slide in manifest["slides"]] == ["two"]
    assert manifest["gone"] == [listed]
    started(new_run(project, slides=[TWO]), missing_only=True, resume=False)
    assert manifest_of(project.path)["gone"] == [listed]

    assert to_take(project, allow_flawed=True) == {"two"}
    assert manifest_of(project.path)["slides"][0] == listed
    assert manifest_of(project.path)["gone"] == []


def test_two_slides_that_were_at_one_place_can_both_be_gone(project):
    take(project)
    other = Slide(1, 1, "other", "title", None)
    run = new_run(project, slides=[other])
    started(run, missing_only=True, resume=False)
    run.save_picture(other, png(), None)
    started(new_run(project, slides=[TWO]), missing_only=True, resume=False)

    started(new_run(project, slides=[TWO]), missing_only=True, resume=False)
    assert {slide["key"] for slide in manifest_of(project.path)["gone"]} == {"one", "other"}


def test_a_slide_that_is_gone_with_its_picture_is_forgotten(project):
    listed = take(project)
    (project.path / "10" / listed["file"]).unlink()
    started(new_run(project, slides=[TWO]), missing_only=True, resume=False)

    assert manifest_of(project.path)["gone"] == []


# ---- records that are damaged, or newer ----


def test_a_torn_manifest_is_said_and_kept_beside_the_new_one(project, capsys):
    put(project, OLD)
    (project.path / "10" / "manifest.json").write_text("{", encoding="utf-8")

    assert to_take(project) == {"two"}
    said = capsys.readouterr().err
    assert "manifest.json cannot be read" in said
    assert "kept as manifest.json.unreadable" in said
    assert (project.path / "10" / "manifest.json.unreadable").read_text(encoding="utf-8") == "{"
    assert statuses(project.path)["session_1_one"] == "unproven"


def test_what_a_manifest_says_and_cannot_be_true_is_said_and_its_picture_is_unproven(project, capsys):
    put(project, OLD)
    list_picture(project, "../../x.png", "ok")

    assert first(project) == ("unproven", OLD, None)
    to_take(project)
    said = capsys.readouterr().err
    assert "manifest.json is not believed: session_1_one: file is '../../x.png'." in said
    assert "kept as manifest.json.unreadable" in said
    assert "../../x.png" in (project.path / "10" / "manifest.json.unreadable").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", ["width", "sha256", "taken_at", "error", "previous"])
def test_a_flawed_slide_stays_flawed_whatever_else_of_it_is_damaged(project, field):
    put(project, OLD)
    list_picture(project, OLD, "flawed", **{"error": FLAW, field: -1})

    assert first(project, allow_flawed=True)[0] == "flawed"
    put(project, OLD)
    list_picture(project, OLD, "flawed", **{"error": FLAW, field: -1})
    assert first(project)[0] == "missing"


def test_a_flawed_slide_whose_picture_is_not_believed_has_to_be_taken(project):
    put(project, OLD)
    list_picture(project, "../../x.png", "flawed", FLAW)

    assert first(project, allow_flawed=True) == ("missing", OLD, FLAW)


def test_a_manifest_with_a_damaged_slide_loses_no_other(project):
    listed = take(project)
    manifest = manifest_of(project.path)
    manifest["slides"][1] = 5
    (project.path / "10" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    to_take(project)

    assert manifest_of(project.path)["slides"][0] == listed


# ---- clocks that are set back ----


def test_a_newer_picture_with_an_earlier_name_stays_the_one_that_counts(project, monkeypatch):
    """Summer time ends, somebody sets the clock, or the project moves to another time zone."""
    names = iter(["20250301", "20250201", "20250101", "20241201"])
    monkeypatch.setattr(curriculum_run, "picture_name", lambda slide, _: f"{next(names)}_120000_{slide.name}.png")
    earlier, later = take(project, "red"), take(project, "green")
    to_take(project)

    assert manifest_of(project.path)["slides"][0] == later
    assert later["previous"] == earlier["file"] > later["file"]
    plan = make_plan(project, "en", [TEN])
    assert next(plan.places).picture.path.name == later["file"]
    last = take(project, "blue")
    assert files_in(project.path) == {later["file"], last["file"]}


def test_of_pictures_of_two_sizes_the_package_has_the_one_that_the_manifest_names(project, days):
    small, large = take(project)["file"], take(project, size=(12, 8))["file"]
    started(new_run(project), missing_only=True, resume=False)

    listed = manifest_of(project.path)["slides"][0]
    assert (listed["file"], listed["previous"], listed["status"]) == (small, large, "unproven")
    plan = make_plan(project, "en", [TEN])
    assert next(plan.places).picture.path.name == small


def test_a_torn_picture_takes_the_place_of_no_good_one_before_it(project, days):
    before = take(project)["file"]
    torn = take(project)["file"]
    (project.path / "10" / torn).write_bytes(png()[:-9])
    listed = take(project)

    assert listed["previous"] == before
    assert {before, listed["file"]} <= files_in(project.path)


@pytest.mark.parametrize("name", ["manifest.json", "10_progress.json"])
def test_a_record_of_a_later_version_ends_the_run_before_anything_is_written(project, name):
    put(project, OLD)
    (project.path / "10" / name).write_text('{"schema": 3}', encoding="utf-8")
    before = {path.name: path.read_bytes() for path in (project.path / "10").iterdir()}

    with pytest.raises(NewerRecordError, match="newer version"):
        new_run(project)
    assert {path.name: path.read_bytes() for path in (project.path / "10").iterdir()} == before
