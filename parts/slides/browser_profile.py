"""The temporary folder of one browser, by which a later run finds what a killed one has left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
from filelock import BaseFileLock, FileLock, Timeout

from common.processes import kill

_PREFIX = "zume-chrome-"
_LOCK = "lock"
# Where Chrome and its driver put temporary files. On macOS it looks at the first only (base/files/file_util_apple.mm of
# Chromium).
_VARIABLES = ("MAC_CHROMIUM_TMPDIR", "TMPDIR", "TEMP", "TMP")
_LONGEST_REMOVAL = 10.0
# Another run may be just making a folder without a lock that is younger than this.
_SECONDS_WITHOUT_LOCK = 60.0


class BrowserProfile:
    """A temporary folder, in which the process that made it holds a lock for as long as it lives.

    The browser's processes are started with ``environment()``. So whatever they leave behind
    is in the folder, and the folder tells which processes they are.

    Attributes:
        path: the folder.
    """

    def __init__(self) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            # One thread makes the folder, another removes it.
            self._lock = FileLock(self.path / _LOCK, thread_local=False)
            self._lock.acquire()
            if (self.path / _LOCK).exists():
                return
            # Another run removed the folder as abandoned, in the moment before it was locked.
            self._lock.release()

    def environment(self) -> dict[str, str]:
        """Return the environment for the processes that use the folder."""
        return {**os.environ, **dict.fromkeys(_VARIABLES, str(self.path))}

    def remove(self) -> None:
        """Remove the folder, even while processes that were just killed still use it.

        This also kills what is left of the browser: Chrome's crash handlers have process groups of
        their own, and do not always end by themselves.
        """
        _remove(self.path, self._lock)


def end_abandoned_browsers() -> int:
    """Kill the browsers that killed runs have left behind, and remove their folders.

    Returns:
        How many there were.
    """
    ended = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # A folder of another user cannot be locked.
        with suppress(OSError, Timeout):
            if not (folder / _LOCK).exists() and time.time() - folder.stat().st_mtime < _SECONDS_WITHOUT_LOCK:
                continue
            with FileLock(folder / _LOCK, timeout=0) as lock:
                _remove(folder, lock)
                ended += 1
    return ended


def _remove(folder: Path, lock: BaseFileLock) -> None:
    """End the processes of a browser's folder, and remove it, but never while one of them still uses it.

    Once is not enough: a process that has just started shows no environment yet. The lock is removed last, so that
    the next run finds what is left.

    Args:
        folder: the folder.
        lock: that of the folder, which is let go.
    """
    deadline = time.monotonic() + _LONGEST_REMOVAL
    while (is_used := _end_processes_of(folder) > 0) or os.path.lexists(folder):
        with suppress(OSError):
            if not is_used:
                _empty(folder)
                # Windows removes no file that is open.
                lock.release()
                (folder / _LOCK).unlink(missing_ok=True)
                folder.rmdir()
                continue
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    lock.release()


def _empty(folder: Path) -> None:
    """Remove all that is in a browser's folder except its lock."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _LOCK:
            entry.unlink()


def _end_processes_of(folder: Path) -> int:
    """Kill the processes that were started with a browser's folder; return how many there were."""
    found = [process for process in psutil.process_iter() if _uses(process, folder)]
    kill(found)
    return len(found)


def _uses(process: psutil.Process, folder: Path) -> bool:
    """Say whether a process was started with a browser's folder."""
    with suppress(psutil.Error, OSError):
        if environment := process.environ():
            return environment.get("TMPDIR") == str(folder)
    # macOS does not show the environment of a Chrome.
    with suppress(psutil.Error, OSError):
        values = [argument.partition("=")[2] for argument in process.cmdline() if argument.startswith("--")]
        # There the folder for temporary files is a link to another place.
        places = (folder, folder.resolve())
        return any(Path(value).is_relative_to(place) for value in values if value for place in places)
    return False
