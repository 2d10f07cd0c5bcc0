"""Loaded by every Python process that a test starts: no host but this one, and a log of what is written.

ZUME_TEST_WRITES names a folder; each process then lists there every path that it opens for
writing, makes, renames or removes.
"""

import os
import sys
from pathlib import Path

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")
_WRITING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree"}
_log_folder = os.environ.get("ZUME_TEST_WRITES")
_writes = os.open(Path(_log_folder, str(os.getpid())), os.O_WRONLY | os.O_CREAT | os.O_APPEND) if _log_folder else None


def _note(*paths):
    for path in paths:
        if isinstance(path, str | bytes | os.PathLike):
            os.write(_writes, os.fsencode(os.path.abspath(path)) + b"\n")  # noqa: PTH100 - bytes too


def _watch(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOCAL):
            raise PermissionError(f"a test must not reach {address[0]}")
    elif _writes is None:
        return
    elif event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else "w" in (mode or "")
        if writes:
            _note(path)
    elif event in _WRITING:
        _note(*arguments[:2])


sys.addaudithook(_watch)
