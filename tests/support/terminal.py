"""A pseudo-terminal for tests: starts a program at it, types, and reads what stands on the screen."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

if sys.platform != "win32":
    import fcntl
    import pty
    import termios

CTRL_C = "\x03"
CTRL_D = "\x04"

# Only the leader of a session can make a terminal its own; getpass and Ctrl-C need that.
_LAUNCHER = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


def open_terminal() -> tuple[int, int]:
    """Return both ends of a new pseudo-terminal, ours and the program's; skip the test where there is none."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    return pty.openpty()


class Terminal:
    """A program that runs at a terminal of its own; also a context manager that ends it.

    Args:
        command: the program, by its absolute path, and its arguments.
        environment: its whole environment.
        folder: its working directory.
        rows, columns: the size of the terminal.
        kind: what it is, as in ``TERM``.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        rows: int = 50,
        columns: int = 160,
        kind: str = "xterm-256color",
    ) -> None:
        self._ours, childs = open_terminal()
        modes = termios.tcgetattr(childs)
        # Else a second Ctrl-C throws away what has just been written and not been read yet.
        modes[3] |= termios.NOFLSH
        termios.tcsetattr(childs, termios.TCSANOW, modes)
        self.resize(rows, columns)
        self._raw = b""
        self._hung_up = False
        self._read_up_to = 0
        self.process = subprocess.Popen(
            # -S and -I: the launcher itself is nothing that a test wants to watch.
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
            env={**environment, "TERM": kind},
            cwd=folder,
            stdin=childs,
            stdout=childs,
            stderr=childs,
        )
        os.close(childs)

    @property
    def raw(self) -> str:
        """Everything that came so far, control sequences included."""
        return self._raw.decode(errors="replace")

    @property
    def screen(self) -> str:
        """Everything that came so far, as one reads it."""
        return _CONTROL.sub("", self.raw).replace("\r\n", "\n")

    @property
    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def expect(self, text: str, seconds: float = 30) -> str:
        """Wait for a text after the last one that was waited for, and return what stood before it.

        Raises:
            AssertionError: it does not come in time, or the program ends before.
        """
        deadline = time.monotonic() + seconds
        while True:
            rest = self.screen[self._read_up_to :]
            if text in rest:
                before, _, _ = rest.partition(text)
                self._read_up_to += len(before) + len(text)
                return before
            assert time.monotonic() < deadline, f"{text!r} did not come in {seconds} s; it stands there: {rest!r}"
            assert self._receive(0.2), f"the program ended before it wrote {text!r}; it stands there: {rest!r}"

    def type(self, text: str, end: str = "\n") -> None:
        """Type a line, or with another ``end`` anything else."""
        os.write(self._ours, (text + end).encode())

    def answer(self, question: str, text: str) -> None:
        """Wait for a question and type the answer."""
        self.expect(question)
        self.type(text)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Press Ctrl-C at a question, or send another signal, until it is taken.

        A question is on the screen a moment before its answer is waited for, and in between
        Python notes the signal, but goes on waiting.
        """
        for _ in range(40):
            if number == signal.SIGINT:
                self.type(CTRL_C, end="")
            else:
                self.process.send_signal(number)
            deadline = time.monotonic() + 0.4
            while time.monotonic() < deadline:
                if not self._receive(0.1):
                    return

    def wait(self, seconds: float = 60) -> int:
        """Read until the program has ended, and return its exit code.

        Raises:
            AssertionError: it does not end in time.
        """
        deadline = time.monotonic() + seconds
        while self._receive(0.2):
            assert time.monotonic() < deadline, f"it did not end in {seconds} s; the screen: {self.screen}"
        return self.process.wait(timeout=10)

    def resize(self, rows: int, columns: int) -> None:
        """Make the terminal larger or smaller; what runs in its foreground is told."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Take the terminal away, as a window that is closed or a lost line does."""
        os.close(self._ours)
        self._hung_up = True

    def close(self) -> None:
        """End the program, if it still runs, with whatever belongs to its session, and hang up."""
        deadline = time.monotonic() + 20
        # At a question it may take more than one (see ``interrupt``); the scripts pass over the others.
        while self.process.poll() is None and time.monotonic() < deadline:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=1)
        self.process.kill()
        self.process.wait()
        if not self._hung_up:
            self.hang_up()

    def _receive(self, seconds: float) -> bool:
        """Take in what comes within some seconds; return whether more may come."""
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if not ready:
            return True
        # A terminal that nobody has open any more answers with an error.
        with suppress(OSError):
            if data := os.read(self._ours, 65536):
                self._raw += data
                return True
        return False

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
