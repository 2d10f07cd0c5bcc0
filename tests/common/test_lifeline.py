"""A part and the build that started it: the part ends when the build is gone, and nobody else's stdin is touched."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import types

import pytest

from common import lifeline
from common.lifeline import Lifeline
from suite import ROOT, clean_environment
from systems import shell_needed

OF_A_SESSION = ("--session-id", "5e55104a")

WORK = """
import sys, threading, time, types
import common.lifeline, common.script
def main(_):
    print("works", flush=True)
    {work}
    return 0
raise SystemExit(common.script.run(main))
"""
SLEEP = "time.sleep(60)"
READ = "print('read', repr(sys.stdin.readline()))"
WAIT_FOR_FOLLOWERS = "[each.join() for each in threading.enumerate() if each is not threading.main_thread()]"


def start(work, stdin, *arguments):
    """Start a part that does some work."""
    return subprocess.Popen(
        [sys.executable, "-c", WORK.format(work=work), *arguments],
        env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_part_ends_in_order_when_its_lifeline_ends_and_not_before():
    with Lifeline() as line:
        process = start(SLEEP, line.stdin, *OF_A_SESSION)
        assert process.stdout.readline() == "works\n"
        assert process.poll() is None
    try:
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == (130 if sys.platform == "win32" else 143)
    # The build says how to go on.
    assert errors == "Error: Interrupted.\n"


def test_a_part_knows_whether_build_py_was_typed():
    """Then its advice names options of build.py."""
    say = "print(common.typed.in_build())"
    with Lifeline() as line:
        assert start(say, line.stdin, *OF_A_SESSION).communicate(timeout=20)[0] == "works\nTrue\n"
    for given, arguments in (("y\n", OF_A_SESSION), ("", OF_A_SESSION), ("", ())):
        assert start(say, subprocess.PIPE, *arguments).communicate(given, timeout=20)[0] == "works\nFalse\n"


# As Windows does it, which has no signal that a process could send to itself alone.
# The pipe is still one of this system, and its thread may look at any moment how to read from it.
AS_ON_WINDOWS = """
    common.lifeline._may_still_come = lambda descriptor: False
    common.lifeline.sys = types.SimpleNamespace(platform="win32")
    print("waits", flush=True)
    while True: time.sleep(0.01)
"""


def test_a_part_ends_in_order_also_where_signals_cannot_be_sent():
    with Lifeline() as line:
        process = start(AS_ON_WINDOWS, line.stdin, *OF_A_SESSION)
        assert process.stdout.readline() == "works\n"
        assert process.stdout.readline() == "waits\n"
    try:
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (process.returncode, errors) == (130, "Error: Interrupted.\n")


class PipeOfWindows:
    """Answers as ``PeekNamedPipe`` does, whatever the pipe is."""

    def __init__(self, *waiting):
        self.waiting = list(waiting)

    def PeekNamedPipe(self, handle, buffer, size, read, waiting, left):
        found = self.waiting.pop(0)
        waiting._obj.value = found or 0
        return found is not None


def test_on_windows_no_thread_waits_in_a_read_of_stdin(monkeypatch):
    """There it would hold up each driver that inherits the same stdin."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(get_osfhandle=lambda descriptor: descriptor))
    pipe = PipeOfWindows(0, 0, 3, 0, None)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: pipe, raising=False)
    monkeypatch.setattr(lifeline, "_PAUSE", 0)
    read = []
    monkeypatch.setattr(os, "read", lambda descriptor, size: read.append((size, len(pipe.waiting))) or b"")

    lifeline._read(7, 10)
    lifeline._read(7, 1)

    # Each read comes only when something waits, or the pipe has ended.
    assert read == [(10, 2), (1, 0)]


def test_a_part_that_names_no_session_leaves_alone_what_a_loop_of_the_shell_reads():
    out, errors = start(READ, subprocess.PIPE).communicate("fr\nhi\n", timeout=20)

    assert (out, errors) == ("works\nread 'fr\\n'\n", "")


@pytest.mark.parametrize("given", ["", "y\n", "y\n" * 1000])
def test_a_pipe_that_does_not_begin_as_a_lifeline_is_none(given):
    process = start(WAIT_FOR_FOLLOWERS, subprocess.PIPE, *OF_A_SESSION)
    _, errors = process.communicate(given, timeout=20)

    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("kind", ["nothing", "a file"])
def test_a_part_of_a_session_that_has_no_pipe_runs_to_its_end(kind, tmp_path):
    (tmp_path / "file").write_text("y\n")
    with (tmp_path / "file").open() as file:
        process = start(WAIT_FOR_FOLLOWERS, file if kind == "a file" else subprocess.DEVNULL, *OF_A_SESSION)
        _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, "")


@shell_needed
@pytest.mark.parametrize("arguments", [(), OF_A_SESSION], ids=["alone", "of a session"])
@pytest.mark.parametrize(
    "line", ['true | "$@"', '"$@" </dev/null', '"$@" <&-', '"$@" < <(:)', '"$@" < "$0"', '"$@" < <(yes)']
)
def test_a_part_that_is_run_by_hand_runs_to_its_end_whatever_its_stdin(line, arguments, lone_suite, tmp_path):
    command = lone_suite.command(1, "-l", "es", "-f", tmp_path, *arguments)
    done = lone_suite.call(["bash", "-c", line, __file__, *command])

    assert done.returncode == 0, done.stderr
    assert "Folders made" in done.stdout
    assert (tmp_path / "es" / "intensive").is_dir()
