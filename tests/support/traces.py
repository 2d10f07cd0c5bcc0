"""What a run leaves on the machine: processes and folders that are known by its folder for temporary files."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def processes_of(own_tmp: Path) -> dict[int, str]:
    """Return the command lines of the living processes with a ``TMPDIR`` in or below a folder, by process id."""
    mark = re.compile(rf"TMPDIR={re.escape(str(own_tmp))}[/\0]".encode())
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.search((process / "environ").read_bytes()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                if command:  # a process that has ended and is not yet collected has none
                    found[int(process.name)] = command
        except OSError:
            continue
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
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(own_tmp, ignore_errors=True)


def profiles_in(own_tmp: Path) -> list[str]:
    """Return the names of the folders of browsers."""
    return [path.name for path in own_tmp.glob("zume-chrome-*")]


def let_be_abandoned(folder: Path) -> None:
    """Let a browser's folder be one that nobody is just making: on Windows a lock that is let go has gone."""
    if sys.platform == "win32":
        os.utime(folder, (time.time() - 120, time.time() - 120))
