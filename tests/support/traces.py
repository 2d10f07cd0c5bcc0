"""What a run leaves on the machine: processes and folders that are known by its folder for temporary files."""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

# Where temporary files have short paths: macOS has a long one for each user, in which a browser can make no socket.
SHORT_TMP = None if sys.platform == "win32" else "/tmp"


def processes_of(own_tmp: Path) -> dict[int, str]:
    """Return the command lines of the other living processes with a ``TMPDIR`` in or below a folder, by process id."""
    found = {}
    # Windows shows the environment that a process has by now, and the test's own has been changed.
    for process in (each for each in psutil.process_iter() if each.pid != os.getpid()):
        with suppress(psutil.Error, OSError):
            command = " ".join(process.cmdline())
            # macOS may show nobody the environment of a browser, but its command line.
            is_named = str(own_tmp) in command or Path(process.environ().get("TMPDIR", "/")).is_relative_to(own_tmp)
            if command and is_named:  # a process that has ended and is not yet collected has none
                found[process.pid] = command
    return found


def left_over(own_tmp: Path) -> tuple[list[str], list[str]]:
    """Return the processes that are left after they had a moment to end, and the profile folders."""
    deadline = time.monotonic() + 5
    while processes_of(own_tmp) and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(processes_of(own_tmp).values()), profiles_in(own_tmp)


def clear(own_tmp: Path) -> None:
    """End what a test has left, and remove its folder."""
    for pid in processes_of(own_tmp):
        with suppress(psutil.Error):
            psutil.Process(pid).kill()
    shutil.rmtree(own_tmp, ignore_errors=True)


def profiles_in(own_tmp: Path) -> list[str]:
    """Return the names of the folders of browsers."""
    return [path.name for path in own_tmp.glob("zume-chrome-*")]


def let_be_abandoned(folder: Path) -> None:
    """Let a browser's folder be one that nobody is just making: on Windows a lock that is let go has gone."""
    if sys.platform == "win32":
        os.utime(folder, (time.time() - 120, time.time() - 120))
