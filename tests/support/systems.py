"""What only some systems have: tests that are about it are skipped on the others."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import signal
import sys
from pathlib import Path

import pytest

# Windows ends a process by force, whatever it is sent.
signals_needed = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

# Also where there is a bash, it cannot start a Python for Windows by its path, nor close a stream for it.
shell_needed = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such shell")

terminals_needed = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

# Windows lets only administrators make them, unless its owner has allowed it.
links_needed = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few users make symbolic links")

odd_names_needed = pytest.mark.skipif(sys.platform == "win32", reason="no file can have such a name on Windows")

exchange_needed = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot exchange two folders")

open_files_removed = pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no file that is open")

_IS_ROOT = sys.platform != "win32" and os.geteuid() == 0
permissions_needed = pytest.mark.skipif(
    sys.platform == "win32" or (_IS_ROOT and not shutil.which("setpriv")),
    reason="Windows has no such permissions, and root needs setpriv to be bound by them",
)


def as_anybody(command: list[str]) -> list[str]:
    """Return a command that permissions apply to, also if root runs it."""
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command] if _IS_ROOT else command


# The variable that says where a user's folder is.
USERS_HOME = "USERPROFILE" if sys.platform == "win32" else "HOME"


def absolute(path: str) -> str:
    """Return a path that begins with / as this system writes it: Windows' paths begin with a drive."""
    return str(Path(path).absolute())


def words_of(line: str) -> list[str]:
    """Return the words that a program gets of a command line."""
    if sys.platform != "win32":
        return shlex.split(line)
    count = ctypes.c_int()
    split = ctypes.windll.shell32.CommandLineToArgvW
    split.restype = ctypes.POINTER(ctypes.c_wchar_p)
    return split(ctypes.c_wchar_p(line), ctypes.byref(count))[: count.value]


def signal_named(name: str) -> signal.Signals:
    """Return a signal, or skip the test on a system that has it not."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such signals")
    return signal.Signals[name]
