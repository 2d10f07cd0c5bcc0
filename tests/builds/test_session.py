"""The build sessions: ids that no two builds share, and a state that is whole at every moment."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager

import pytest

from builds import session as session_module
from builds.session import (
    REQUIRED_STEPS,
    BuildSession,
    Step,
    all_sessions,
    claim_session_id,
    load_session,
    session_folder,
)
from builds.session_list import prune_sessions
from common.errors import BuilderError
from common.files_in_use import once_free
from open_files import on_windows, refuse  # noqa: F401  (fixtures)
from suite import ROOT, clean_environment

TOP_LEVEL = {
    "schema",
    "version",
    "session_id",
    "language_code",
    "folder_location",
    "project_path",
    "vimeo_folder_id",
    "created_at",
    "steps",
    "options",
}
OF_A_STEP = {"status", "started_at", "finished_at", "exit_code", "log"}


def new_session(session_id="5e55104a", **changes):
    """Return a session that has its folder but no state on disk yet."""
    claim_session_id(session_id)
    fields = {
        "language_code": "es",
        "folder_location": "/packages",
        "project_path": "/packages/es",
        "vimeo_folder_id": "269525",
    }
    return BuildSession(session_id=session_id, **{**fields, **changes})


def state_of(session):
    return json.loads((session.folder / "build_config.json").read_text(encoding="utf-8"))


def test_a_drawn_id_is_8_hex_digits_and_has_a_folder(home):
    drawn = {claim_session_id(None) for _ in range(20)}

    assert len(drawn) == 20
    assert all(re.fullmatch("[0-9a-f]{8}", session_id) for session_id in drawn)
    assert {path.name for path in (home / "temp").iterdir()} == drawn


def test_a_given_id_that_is_taken_is_an_error_that_tells_how_to_resume(home):
    claim_session_id("mine")

    with pytest.raises(BuilderError, match="mine is taken") as caught:
        claim_session_id("mine")

    assert "--session-id" in caught.value.remedy
    assert "--resume mine" in caught.value.remedy
    assert caught.value.exit_code == 1


def test_a_drawn_id_that_is_taken_is_drawn_anew(home, monkeypatch):
    draws = iter([uuid.UUID("11111111" + "0" * 24)] * 3 + [uuid.UUID("22222222" + "0" * 24)])
    monkeypatch.setattr(session_module.uuid, "uuid4", lambda: next(draws))

    assert claim_session_id(None) == "11111111"
    assert claim_session_id(None) == "22222222"


def test_a_temp_that_is_a_file_is_an_error_and_not_a_search_for_ever(home):
    (home / "temp").write_text("in the way")

    with pytest.raises(BuilderError, match="is a file"):
        claim_session_id(None)


CLAIM_MANY = """
import sys, time
from common.errors import BuilderError
from builds.session import claim_session_id

print("ready", flush=True)
sys.stdin.readline()
for number in range(100):
    try:
        claim_session_id(f"race{number}")
    except BuilderError:
        continue
    print(number)
"""


def test_of_two_processes_that_claim_one_id_at_once_exactly_one_wins(home):
    environment = clean_environment(PYTHONPATH=str(ROOT / "parts"), ZUME_HOME=str(home))
    command = [sys.executable, "-c", CLAIM_MANY]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [subprocess.Popen(command, env=environment, text=True, **pipes) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    wins = [line for process in processes for line in process.communicate(timeout=30)[0].split()]

    assert sorted(map(int, wins)) == list(range(100))


def test_the_state_has_exactly_the_agreed_keys(home):
    session = new_session(options={"width": 600})
    session.save()

    state = state_of(session)
    assert state.keys() == TOP_LEVEL
    assert list(state["steps"]) == ["setup", "videos", "slides", "rename"]
    assert all(step.keys() == OF_A_STEP for step in state["steps"].values())
    assert {step["status"] for step in state["steps"].values()} == {"pending"}
    assert state["session_id"] == "5e55104a"
    assert state["options"] == {"width": 600}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", state["created_at"])


def test_a_step_that_begins_is_recorded_as_running_with_its_log(home):
    session = new_session()

    log = session.begin("videos")

    step = state_of(session)["steps"]["videos"]
    assert (step["status"], step["finished_at"], step["exit_code"]) == ("running", None, None)
    assert step["started_at"]
    assert step["log"] == str(log)
    assert log.parent == session.folder / "logs"
    assert state_of(session)["steps"]["slides"]["status"] == "pending"


@pytest.mark.parametrize(
    ("exit_code", "status"), [(0, "done"), (1, "failed"), (2, "failed"), (130, "interrupted"), (143, "interrupted")]
)
def test_a_step_that_ends_is_recorded_by_its_exit_code(exit_code, status, home):
    session = new_session()
    log = session.begin("slides")

    session.end("slides", exit_code)

    step = state_of(session)["steps"]["slides"]
    assert (step["status"], step["exit_code"], step["log"]) == (status, exit_code, str(log))
    assert step["started_at"] <= step["finished_at"]


def test_a_step_that_is_left_out_is_recorded_as_skipped(home):
    session = new_session()
    session.skip("rename")

    assert state_of(session)["steps"]["rename"] == {
        "status": "skipped",
        "started_at": None,
        "finished_at": None,
        "exit_code": None,
        "log": None,
    }


def test_a_failed_step_that_begins_again_loses_its_old_end(home):
    session = new_session()
    session.begin("videos")
    session.end("videos", 1)

    session.begin("videos")

    step = state_of(session)["steps"]["videos"]
    assert (step["status"], step["finished_at"], step["exit_code"]) == ("running", None, None)


@pytest.mark.parametrize(
    ("statuses", "finished"),
    [
        (("done", "done", "done", "done"), True),
        (("done", "skipped", "done", "skipped"), True),
        (("done", "done", "failed", "done"), False),
        (("done", "done", "running", "done"), False),
        (("done", "done", "done", "pending"), False),
    ],
)
def test_a_build_is_finished_when_every_step_is_done_or_left_out(statuses, finished, home):
    steps = {name: Step(status) for name, status in zip(REQUIRED_STEPS, statuses, strict=True)}

    assert new_session(steps=steps).finished is finished


def test_a_saved_session_is_read_back_as_it_was(home):
    session = new_session(options={"wait": 2.5, "grid_url": None}, language_code="swa")
    session.begin("setup")
    session.end("setup", 0)

    assert load_session("5e55104a") == session


def test_new_sessions_do_not_share_their_steps(home):
    first, second = new_session("first"), new_session("second")
    first.begin("setup")

    assert second.steps["setup"].status == "pending"


def test_a_reader_never_sees_half_a_state(home):
    session = new_session(options={"filler": "x" * 200_000})
    session.save()
    path = session.folder / "build_config.json"
    stop = threading.Event()
    seen = []

    def read():
        while not stop.is_set():
            try:
                seen.append(json.loads(once_free(lambda: path.read_text(encoding="utf-8")))["session_id"])
            except (OSError, ValueError) as error:
                seen.append(repr(error))
            # Windows replaces no file that somebody reads, and so at least now and then nobody has to.
            if sys.platform == "win32":
                stop.wait(0.05)

    reader = threading.Thread(target=read)
    reader.start()
    for saves in itertools.count(1):
        session.save()
        if saves >= 60 and len(seen) > 5:
            break
        assert saves < 10_000
    stop.set()
    reader.join()

    assert set(seen) == {"5e55104a"}
    assert [file.name for file in session.folder.iterdir()] == ["build_config.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows replaces no file that somebody reads")
def test_the_state_is_replaced_and_not_written_in_place(home):
    session = new_session()
    session.save()
    before = (session.folder / "build_config.json").open(encoding="utf-8")
    session.skip("videos")

    with before:
        assert json.load(before)["steps"]["videos"]["status"] == "pending"
    assert state_of(session)["steps"]["videos"]["status"] == "skipped"


def test_a_build_leaves_no_secret_in_its_session_and_no_file_that_is_not_whole(lone_suite, tmp_path):
    secrets = {
        "VIMEO_ACCESS_TOKEN": "token-7c9e6679f4f34d1c",
        "VIMEO_CLIENT_ID": "client-550e8400e29b41d4",
        "VIMEO_CLIENT_SECRET": "secret-6ba7b8109dad11d1",
    }
    done = lone_suite.build(
        *("-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename", "--session-id", "5e55104a"), **secrets
    )

    assert done.returncode == 0, done.stderr
    state = lone_suite.sessions()["5e55104a"]
    assert state.keys() == TOP_LEVEL
    assert state["steps"]["setup"]["status"] == "done"
    assert state["project_path"] == str(tmp_path / "es")
    written = {path: path.read_text(encoding="utf-8") for path in lone_suite.home.rglob("*") if path.is_file()}
    # On Windows a lock is removed by whoever lets it go.
    assert {path.name for path in written} | {".lock"} == {"build_config.json", "setup.log", ".lock"}
    for secret in secrets.values():
        assert not [path for path, text in written.items() if secret in text]
        assert secret not in done.stdout + done.stderr


def test_an_unknown_session_is_an_error_that_tells_how_to_see_the_known_ones(home):
    with pytest.raises(BuilderError, match="no build session 0000aaaa") as caught:
        load_session("0000aaaa")

    assert "--list-sessions" in caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"steps": {}}',
        b'{"steps": 5}',
        b"\xff\xfe{}",
        b'{"steps": {"setup": null, "videos": {}, "slides": {}, "rename": {}}}',
        b'{"steps": {"setup": {}, "videos": {}, "slides": {}, "rename": {"mood": "fine"}}}',
        b'{"steps": {"setup": {}, "videos": {}, "slides": {}, "rename": {}}, "unknown": 1}',
    ],
)
def test_a_broken_state_is_an_error_that_names_the_file(content, home):
    claim_session_id("broken")
    path = session_folder("broken") / "build_config.json"
    path.write_bytes(content)

    with pytest.raises(BuilderError) as caught:
        load_session("broken")

    assert str(path) in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": 5},
        {"created_at": "yesterday"},
        {"options": None},
        {"steps": {name: {"status": 5} for name in REQUIRED_STEPS}},
        {"steps": {name: {"status": "done", "started_at": "soon"} for name in REQUIRED_STEPS}},
    ],
    ids=str,
)
def test_a_state_with_values_that_cannot_be_is_an_error_and_spoils_no_list(change, home):
    session = new_session()
    session.save()
    path = session.folder / "build_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    with pytest.raises(BuilderError):
        load_session(session.session_id)
    assert all_sessions() == []


def test_sessions_are_listed_newest_first_and_what_cannot_be_read_is_passed_over(home):
    for session_id, created_at in {
        "aaaa0000": "2026-11-22T10:00:00+00:00",
        "cccc0000": "2026-11-22T12:00:00+00:00",
        "bbbb0000": "2026-11-23T09:00:00+00:00",
        "dddd0000": "2025-12-31T23:59:59+00:00",
    }.items():
        new_session(session_id, created_at=created_at).save()
    claim_session_id("empty")
    claim_session_id("broken")
    (session_folder("broken") / "build_config.json").write_text("{")
    (home / "temp" / "a-file").write_text("")

    assert [session.session_id for session in all_sessions()] == ["bbbb0000", "cccc0000", "aaaa0000", "dddd0000"]


def test_without_any_session_the_list_is_empty(home):
    assert all_sessions() == []


def test_a_folder_without_state_is_removed_and_one_with_state_stays(home):
    session = new_session()
    session.discard_if_empty()
    assert not session.folder.exists()

    session = new_session()
    session.save()
    session.discard_if_empty()
    assert load_session("5e55104a") == session


def test_an_old_session_that_is_open_for_a_moment_is_removed(home, refuse):
    session = new_session()
    session.save()
    left = refuse("unlink", lambda path: path == session.folder / "build_config.json", tries=2)

    prune_sessions(-1)

    assert (left, session.folder.exists()) == ([0], False)


def test_an_old_session_that_stays_open_stays_and_it_is_said_what_to_close(home, refuse):
    session = new_session()
    session.save()
    refuse("unlink", lambda path: path == session.folder / "build_config.json")

    with pytest.raises(BuilderError, match="cannot be removed") as caught:
        prune_sessions(-1)

    assert caught.value.remedy.startswith("Close its files in all other programs")
    assert load_session(session.session_id) == session


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("done", "running", "pending", "pending"), ("done", "interrupted", "pending", "pending")),
        (("done", "done", "pending", "pending"), ("done", "done", "interrupted", "pending")),
        (("done", "interrupted", "pending", "pending"), ("done", "interrupted", "pending", "pending")),
        (("done", "skipped", "failed", "done"), ("done", "skipped", "failed", "done")),
    ],
)
def test_a_stop_is_recorded_where_the_build_was(before, after, home):
    session = new_session(steps={name: Step(status) for name, status in zip(REQUIRED_STEPS, before, strict=True)})
    session.interrupt(143)

    steps = load_session("5e55104a").steps
    assert tuple(step.status for step in steps.values()) == after
    assert all(step.exit_code == 143 for step, old in zip(steps.values(), before, strict=True) if step.status != old)


def test_a_stop_in_the_middle_of_saving_leaves_nothing_half_written(home, monkeypatch):
    session = new_session()
    session.save()

    def stop(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        session.begin("setup")
    assert [path.name for path in session.folder.iterdir() if path.is_file()] == ["build_config.json"]


def test_a_session_that_another_process_has_finished_meanwhile_is_seen_as_that(home, monkeypatch, tmp_path):
    """It is read anew once nobody else can change it any more."""
    import build

    session = new_session(project_path=str(tmp_path / "es"))
    session.save()

    @contextmanager
    def after_the_other_has_ended(*_):
        finished = load_session("5e55104a")
        finished.steps = {name: Step("skipped") for name in REQUIRED_STEPS}
        finished.save()
        yield

    monkeypatch.setattr(build, "exclusive_build", after_the_other_has_ended)
    assert build.main(["--resume", "5e55104a"]) == 0
