"""How a part that runs as a process of its own is ended: by an interrupt, by force, and without its build."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress

import psutil
import pytest

from builds import process as process_module
from common.lifeline import Lifeline
from common.processes import apart, descendants, kill
from logged_runs import run  # noqa: F401  (a fixture)
from suite import PARTS, clean_environment
from systems import signals_needed
from traces import left_over, processes_of


def alive(pid):
    """Say whether a process runs; one that has ended and was only never asked about does not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def gone_within(pid, seconds):
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


READY = "import os, pathlib, signal, subprocess, sys, time\nfolder = pathlib.Path(os.environ['FOLDER'])\n"


IGNORING = "signal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def grandchild(name="pid_grandchild"):
    """Return code that starts a process that ignores all but SIGKILL, and waits until it does."""
    code = READY + IGNORING + f"(folder / {name!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    return (
        f"subprocess.Popen([sys.executable, '-c', {code!r}])\n"
        f"while not (folder / {name!r}).exists() or not (folder / {name!r}).read_text(): time.sleep(0.01)\n"
    )


SAY_READY = "(folder / 'pid_child').write_text(str(os.getpid()))\n"


@signals_needed
def test_an_interrupt_reaches_the_child_which_may_end_gently(run):
    work = textwrap.indent(SAY_READY + "time.sleep(60)\n", "    ")
    running = run(READY + "try:\n" + work + "except KeyboardInterrupt: time.sleep(0.2); print('put away')")
    child = int(running.wait_for("pid_child"))
    running.interrupt()
    shown, _ = running.finish()

    assert running.ended == "interrupted"
    assert shown == running.log == b"put away\n"
    assert not alive(child)


def test_a_part_that_no_signal_reaches_ends_in_order_all_the_same(run):
    """None does on Windows where it sleeps, or has no console: the end of its lifeline reaches it."""
    deaf = "if sys.platform != 'win32': signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    part = "import common.script\nsys.argv.append('--session-id')\ndef main(_):\n"
    work = textwrap.indent(SAY_READY + "time.sleep(60)\n", "    ")
    running = run(READY + deaf + part + work + "raise SystemExit(common.script.run(main))", patience=(600, 600))
    child = int(running.wait_for("pid_child"))
    running.interrupt()
    running.finish()

    assert running.ended == "interrupted"
    assert b"Interrupted." in running.log
    assert not alive(child)


@signals_needed
def test_a_build_in_the_background_of_a_script_ends_its_part_at_once(run):
    """A shell makes such jobs deaf to SIGINT, and what they start inherits that."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ending = "signal.signal(signal.SIGTERM, lambda *_: (print('terminated'), sys.exit(0)))\n"
        running = run(READY + ending + SAY_READY + "time.sleep(60)", patience=(60, 60), deaf=True)
        running.wait_for("pid_child")
        running.process.send_signal(signal.SIGTERM)
        running.finish()
    finally:
        signal.signal(signal.SIGINT, before)

    assert running.ended == "interrupted"
    assert running.log == b"terminated\n"


def test_a_child_that_ignores_all_is_killed_with_what_it_started_in_other_groups(run):
    apart = (
        "import subprocess\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "(folder / 'pid_apart').write_text(str(other.pid))\n"
    )
    running = run(READY + IGNORING + apart + SAY_READY + "time.sleep(60)", patience=(0.2, 0.2))
    pids = [int(running.wait_for(name)) for name in ("pid_child", "pid_apart")]
    running.interrupt()
    running.finish()

    assert all(gone_within(pid, 2) for pid in pids)


@signals_needed
def test_a_child_that_ignores_an_interrupt_is_terminated(run):
    ending = "signal.signal(signal.SIGTERM, lambda *_: (print('terminated'), sys.exit(0)))\n"
    running = run(
        READY + "signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + ending + SAY_READY + "time.sleep(60)",
        patience=(0.2, 20),
    )
    running.wait_for("pid_child")
    running.interrupt()
    running.finish()

    assert running.ended == "interrupted"
    assert running.log == b"terminated\n"


def test_a_child_that_ignores_everything_is_killed_with_its_grandchildren(run):
    running = run(READY + IGNORING + grandchild() + SAY_READY + "time.sleep(60)", patience=(0.2, 0.2))
    pids = [int(running.wait_for(name)) for name in ("pid_child", "pid_grandchild")]
    assert all(alive(pid) for pid in pids)
    started = time.monotonic()
    running.interrupt()
    running.finish()

    assert running.ended == "interrupted"
    assert time.monotonic() - started < 10
    assert all(gone_within(pid, 2) for pid in pids)


def test_a_grandchild_that_ignores_what_its_parent_obeys_is_ended_too(run):
    running = run(READY + grandchild() + SAY_READY + "time.sleep(60)", patience=(0.5, 0.5))
    pids = [int(running.wait_for(name)) for name in ("pid_child", "pid_grandchild")]
    running.interrupt()
    running.wait_for("ended")

    assert running.ended == "interrupted"
    assert all(gone_within(pid, 2) for pid in pids)


@signals_needed
def test_a_second_interrupt_shortens_the_patience(run):
    hearing = "signal.signal(signal.SIGINT, lambda *_: (folder / 'heard').write_text('one'))\n"
    running = run(READY + hearing + SAY_READY + "while True: time.sleep(60)", patience=(600, 600))
    child = int(running.wait_for("pid_child"))
    running.interrupt()
    running.wait_for("heard")
    running.interrupt()
    running.finish()

    assert running.ended == "interrupted"
    assert not alive(child)


@pytest.mark.parametrize("moment", ["descendants", "interrupt", "kill"])
def test_an_interrupt_while_a_process_is_stopped_leaves_nothing_alive(moment, tmp_path, monkeypatch):
    process = subprocess.Popen(
        [sys.executable, "-c", READY + IGNORING + grandchild() + SAY_READY + "time.sleep(60)"],
        env=clean_environment(FOLDER=str(tmp_path)),
        **apart(),
    )
    real = getattr(process_module, moment)

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(process_module, moment, interrupted)
    monkeypatch.setattr(process_module, "SECONDS_TO_END", 0.2)
    monkeypatch.setattr(process_module, "SECONDS_TO_TERMINATE", 0.2)
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid_child").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    family = [psutil.Process(process.pid), *descendants(process.pid)]
    try:
        with suppress(KeyboardInterrupt), Lifeline() as lifeline:
            process_module._stop(process, signal.SIGINT, lifeline)
        assert process.poll() is not None
        assert gone_within(int((tmp_path / "pid_grandchild").read_text()), 2)
    finally:
        kill(family)


@pytest.mark.browser
def test_a_part_that_hangs_is_killed_with_its_browsers(run, stand_in, own_tmp, tmp_path):
    stand_in.presenter.picture_delay = 2
    (tmp_path / "en").mkdir()
    command = [sys.executable, str(PARTS[3]), "--project-path", str(tmp_path / "en"), "--language-code", "en"]
    running = run(
        f"import os; os.environ.update({stand_in.environment()!r}); os.execv({command[0]!r}, {command!r})",
        patience=(0.5, 0.5),
    )
    deadline = time.monotonic() + 30
    while not any("--type=zygote" in line for line in processes_of(own_tmp).values()):
        assert time.monotonic() < deadline, running.log
        time.sleep(0.05)
    (part,) = (pid for pid, line in processes_of(own_tmp).items() if line.startswith(f"{sys.executable} {PARTS[3]}"))
    os.kill(part, signal.SIGSTOP)
    running.interrupt()
    running.finish()

    assert running.ended == "interrupted"
    assert left_over(own_tmp)[0] == []


WITHOUT_PARENT = """
import os, pathlib, signal, subprocess, sys, time
import common.lifeline, common.script
common.lifeline.SECONDS_WITHOUT_PARENT = 0.5
folder = pathlib.Path(os.environ["FOLDER"])
def main(_):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    (folder / "pid_other").write_text(str(other.pid))
    (folder / "pid_part").write_text(str(os.getpid()))
    time.sleep(60)
common.script.run(main, ["--session-id", "5e55104a"])
"""


def test_a_part_that_does_not_end_without_its_parent_is_killed_with_what_it_started(run):
    running = run(WITHOUT_PARENT)
    pids = [int(running.wait_for(name)) for name in ("pid_part", "pid_other")]
    running.process.kill()

    assert all(gone_within(pid, 10) for pid in pids)
