"""The temporary folder of one browser, from which a later run can tell what a killed one has left behind."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

_PREFIX = "zume-chrome-"
_LOCK = "lock"
_LONGEST_REMOVAL = 10.0
# A folder without a lock that is younger than this may be one that another run is just making.
_SECONDS_WITHOUT_LOCK = 60.0


class BrowserProfile:
    """A temporary folder whose maker holds a lock in it as long as he lives.

    The browser's processes are started with ``environment()``: whatever they leave behind
    is in the folder, and they can be told from all others by it.

    Attributes:
        path: the folder.
    """

    def __init__(self) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            # Made in one thread, removed in another.
            self._lock = FileLock(self.path / _LOCK, thread_local=False)
            self._lock.acquire()
            if (self.path / _LOCK).exists():
                return
            # Another run took the folder for one that was left behind, in the moment before it was locked.
            self._lock.release()

    def environment(self) -> dict[str, str]:
        """Return the environment for the processes that use the folder."""
        return {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.path))}

    def remove(self) -> None:
        """Remove the folder, also while processes that were just killed are still letting go of it.

        What is left of the browser ends with it: Chrome's crash handlers have process groups of
        their own, and end by themselves in most cases only.
        """
        self._lock.release()
        _remove(self.path)


def end_abandoned_browsers() -> int:
    """End the browsers that killed runs have left behind, and remove their folders.

    Returns:
        How many there were.
    """
    ended = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # A folder of another user cannot be locked.
        with suppress(OSError, Timeout):
            if not (folder / _LOCK).exists() and time.time() - folder.stat().st_mtime < _SECONDS_WITHOUT_LOCK:
                continue
            with FileLock(folder / _LOCK, timeout=0):
                _remove(folder)
                ended += 1
    return ended


def _remove(folder: Path) -> None:
    """End the processes of a browser's folder, and remove it.

    Once is not enough: a process that has only just started shows no environment yet, and what
    was just killed still writes. The lock goes last: what resists is found by the next run.
    """
    deadline = time.monotonic() + _LONGEST_REMOVAL
    while (_end_processes_of(folder) or os.path.lexists(folder)) and time.monotonic() < deadline:
        with suppress(OSError):
            for entry in folder.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                elif entry.name != _LOCK:
                    entry.unlink()
            (folder / _LOCK).unlink(missing_ok=True)
            folder.rmdir()
            continue
        time.sleep(0.02)


def _end_processes_of(folder: Path) -> int:
    """Kill the processes that were started with a browser's folder, and those of their groups; return how many."""
    found = 0
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("TMPDIR") == str(folder):
                found += 1
                if sys.platform != "win32":
                    os.killpg(os.getpgid(process.pid), signal.SIGKILL)
                process.kill()
    return found
