"""A pipe from a build to each of its parts: the part ends when the build has ended, however it ended.

The pipe is the part's stdin, which is the one way that every system has. The build writes
one line into it, before the part starts, and then holds it open. A part that finds this
line knows that a build has started it, and ends when the pipe ends. What a part is told on
its command line stays the same, whoever runs it.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from signal import SIGINT, SIGTERM, raise_signal

from common.processes import descendants, kill

_GREETING = b"This pipe stays open as long as the build runs.\n"
# How long a part without its build may take to end its browsers in order.
SECONDS_WITHOUT_PARENT = 30
# How long to wait at most for the first line of a pipe that may not be a build's.
_LOOK_SECONDS = 0.5
# How often a part on Windows looks whether its build has ended.
_PAUSE = 0.2


class Lifeline:
    """The build's side of the pipe; a context manager that holds it open during the block, or until this process dies.

    Attributes:
        stdin: the descriptor that is to be the stdin of a part.
    """

    def __init__(self) -> None:
        self.stdin, self._held = os.pipe()
        os.write(self._held, _GREETING)
        self._is_held = True

    def end(self) -> None:
        """Tell the part that its build goes on without it."""
        if self._is_held:
            os.close(self._held)
        self._is_held = False

    def __enter__(self) -> Lifeline:
        return self

    def __exit__(self, *exception: object) -> None:
        self.end()
        os.close(self.stdin)


class Parent:
    """The build that has started this process, if one has."""

    def __init__(self) -> None:
        self._is_known = False
        # Set as soon as nothing more is to be found out.
        self._has_looked = threading.Event()
        self._has_looked.set()

    @property
    def is_known(self) -> bool:
        """Whether a build has started this process."""
        # What a build writes is there before the process is. Where nothing comes, there is no build.
        self._has_looked.wait(_LOOK_SECONDS)
        return self._is_known

    def follow(self, arguments: Sequence[str]) -> None:
        """End this process soon after the build that started it, if one did, when that is gone.

        A build names its session to its parts. Without that, stdin is not read at all: it
        may be what the loop of a shell reads from.

        Args:
            arguments: the command line.
        """
        if "--session-id" in arguments and (descriptor := _pipe_at_stdin()) is not None:
            self._has_looked.clear()
            # The thread waits in _read, which holds no lock that the end of Python would need.
            threading.Thread(target=self._wait_for_its_end, args=(descriptor,), daemon=True).start()

    def _wait_for_its_end(self, descriptor: int) -> None:
        with suppress(OSError):
            self._is_known = _read(descriptor, len(_GREETING)) == _GREETING
            self._has_looked.set()
            while self._is_known and _read(descriptor, 1):
                pass
        self._has_looked.set()
        if self._is_known:
            _end_this_process()


def _pipe_at_stdin() -> int | None:
    """Return the descriptor of stdin if it is a pipe."""
    try:
        descriptor = sys.stdin.fileno()
        return descriptor if stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
    except (AttributeError, OSError, ValueError):  # there is none, it is closed, or it is no file
        return None


def _read(descriptor: int, size: int) -> bytes:
    """Wait for what comes through a pipe, and return it; nothing at the end of the pipe."""
    while sys.platform == "win32" and _may_still_come(descriptor):
        time.sleep(_PAUSE)
    return os.read(descriptor, size)


def _may_still_come(descriptor: int) -> bool:
    """Say whether a pipe of Windows is open, and nothing waits in it.

    A thread that waited in ``os.read`` there would hold up every process that inherits the same stdin at its very
    start, a driver for example (python/cpython issue 78961).
    """
    if sys.platform != "win32":
        return False
    import ctypes
    import msvcrt

    handle, waiting = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)), ctypes.c_ulong()
    peek = ctypes.WinDLL("kernel32").PeekNamedPipe
    return bool(peek(handle, None, 0, None, ctypes.byref(waiting), None)) and waiting.value == 0


def _end_this_process() -> None:
    """End this process in order, as after a signal; by force, with all that it has started, if that takes too long."""
    if sys.platform == "win32":
        # There os.kill would end the process at once, and leave its browsers; and only SIGINT wakes one that sleeps.
        raise_signal(SIGINT)
    else:
        os.kill(os.getpid(), SIGTERM)
    time.sleep(SECONDS_WITHOUT_PARENT)
    kill(descendants(os.getpid()))
    os._exit(128 + SIGTERM)
