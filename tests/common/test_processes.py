"""Processes that are started apart from this one, and how they are ended."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import types

import psutil
import pytest

from common import processes
from common.processes import apart, descendants, interrupt, kill

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class Asked:
    """Stands for a process, and notes what it is sent."""

    def __init__(self) -> None:
        self.pid = 31415
        self.signals = []

    def send_signal(self, number):
        self.signals.append(number)


def test_on_windows_a_part_has_a_group_of_its_own_and_is_asked_with_ctrl_break(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", 1, raising=False)
    sent = []
    kernel = types.SimpleNamespace(GenerateConsoleCtrlEvent=lambda *what: sent.append(what))
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: kernel, raising=False)
    part = Asked()
    interrupt(part, signal.SIGTERM)

    assert apart() == {"creationflags": 0x200}
    # Where there is no console, Python's own way to send it ends the process by force.
    assert (sent, part.signals) == ([(1, part.pid)], [])


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_elsewhere_it_has_a_session_of_its_own_and_is_asked_with_the_signal_that_it_heeds(platform, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    part = Asked()
    interrupt(part)
    interrupt(part, signal.SIGTERM)

    assert apart() == {"start_new_session": True}
    assert part.signals == [signal.SIGINT, signal.SIGTERM]


def test_a_process_is_ended_with_all_that_it_has_started():
    code = f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, **apart()) as process:
        child = int(process.stdout.readline())
        family = descendants(process.pid)
        assert child in [each.pid for each in family]
        process.kill()
        kill(family)
    _, living = psutil.wait_procs(family, timeout=10)
    assert living == []


def test_what_has_ended_is_left_alone():
    with subprocess.Popen([sys.executable, "-c", ""], **apart()) as process:
        process.wait()
    interrupt(process)
    assert descendants(process.pid) == []
    assert processes.kill([]) is None
