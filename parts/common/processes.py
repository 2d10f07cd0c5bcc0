"""Starts processes apart from this one, and ends them with all that they have started, on every system."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import psutil


class Apart(TypedDict, total=False):
    """What ``subprocess.Popen`` takes."""

    start_new_session: bool
    creationflags: int


def apart() -> Apart:
    """Return how to start a process that Ctrl-C at this terminal does not reach: this process decides when it ends."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def interrupt(process: subprocess.Popen[bytes], gentle: signal.Signals = signal.SIGINT) -> None:
    """Ask a process that was started apart to end, as Ctrl-C would.

    Args:
        process: the process.
        gentle: the signal that it heeds; Windows has only Ctrl-Break for a process with a group of its own.
    """
    if sys.platform == "win32":
        # Not by Python, which ends the process by force where there is no console to hand Ctrl-Break on.
        ctypes.WinDLL("kernel32").GenerateConsoleCtrlEvent(signal.CTRL_BREAK_EVENT, process.pid)
    else:
        with suppress(OSError):  # it has ended
            process.send_signal(gentle)


def descendants(pid: int) -> list[psutil.Process]:
    """Return all processes that a process has started, and those that they have; none if it is gone."""
    import psutil

    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def kill(processes: Iterable[psutil.Process]) -> None:
    """End processes by force; those that are gone, or belong to somebody else, are left alone."""
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.kill()
