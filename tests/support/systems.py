"""What only some systems have: tests that are about it are skipped on the others."""

from __future__ import annotations

import os
import shutil
import signal
import sys

import pytest

# Windows ends a process by force, whatever it is sent.
signals_needed = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

_IS_ROOT = sys.platform != "win32" and os.geteuid() == 0
permissions_needed = pytest.mark.skipif(
    sys.platform == "win32" or (_IS_ROOT and not shutil.which("setpriv")),
    reason="Windows has no such permissions, and root needs setpriv to be bound by them",
)


def as_anybody(command: list[str]) -> list[str]:
    """Return a command that permissions apply to, also if root runs it."""
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *command] if _IS_ROOT else command


def signal_named(name: str) -> signal.Signals:
    """Return a signal, or skip the test on a system that has it not."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such signals")
    return signal.Signals[name]
