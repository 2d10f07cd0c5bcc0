"""Runs one part as a process of its own: its output is shown as it comes and kept in a log, and it can be stopped."""

from __future__ import annotations

import codecs
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from common.lifeline import Lifeline
from common.processes import apart, descendants, interrupt, kill

# A part ends its browsers when it is interrupted; this is how long it gets for that.
SECONDS_TO_END = 25
SECONDS_TO_TERMINATE = 5
_SECONDS_TO_LOOK_AGAIN = 0.05
# After so much silence, a part that has ended has written everything.
_SECONDS_OF_SILENCE = 2
# These make programs write colours even without a terminal.
_FORCING_COLOURS = ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE")

_SHOW_CURSOR, _HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"
# Progress bars move the cursor up only as far as they are tall.
_SCREEN_LINES = 60

# Control sequences (colours, movements of the cursor), commands to the terminal (titles, links), and text.
_PIECES = re.compile(rb"\r|\n|\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\r\n\x1b]+|\x1b")
_TORN_PIECE = re.compile(rb"\x1b(?:\[[0-9;?]*|\][^\x07\x1b]{0,4096}\x1b?)?\Z")


def run_logged(
    command: Sequence[str], log: Path, environment: Mapping[str, str], mark: str, secrets: Sequence[str]
) -> int:
    """Run a command, show its output as it comes, and keep it in a log.

    On a terminal the command gets a terminal too, always as large as the real one, so that
    its progress bars work; the log then holds the lines as they stood in the end. The stdin
    of the command is a lifeline: see ``common.lifeline``.

    Args:
        command: the program and its arguments.
        log: the file to write; what it held before is lost.
        environment: the whole environment of the command.
        mark: what each line begins with if the output does not go to a terminal.
        secrets: what must not appear in the log, whoever prints it.

    Returns:
        The exit code; 128 + N for a command that was ended by signal N.

    Raises:
        KeyboardInterrupt: this process was interrupted; the command has been ended, gently if possible.
    """
    with log.open("wb") as file, Lifeline() as lifeline, _open_channels(mark) as channels:
        transcript = _Transcript(file, _SCREEN_LINES if len(channels) == 1 else 1, secrets)
        with _Copying(channels, transcript) as copying:
            process = _start(command, environment, lifeline.stdin, channels)
            with _stopped_by_an_interrupt(process, lifeline):
                copying.start()
                code = _wait(process)
                copying.wait()
    return code if code >= 0 else 128 - code


def _start(
    command: Sequence[str], environment: Mapping[str, str], stdin: int, channels: Sequence[_Channel]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=channels[0].for_child,
        stderr=channels[-1].for_child,
        env={**_plain(environment, len(channels) > 1), "PYTHONUNBUFFERED": "1"},
        **apart(),
    )


def _wait(process: subprocess.Popen[bytes]) -> int:
    # On Windows only a sleep is ended by Ctrl-C; and Popen.wait, interrupted as its time ends, waits without a limit.
    while (code := process.poll()) is None:
        time.sleep(_SECONDS_TO_LOOK_AGAIN)
    return code


@contextmanager
def _stopped_by_an_interrupt(process: subprocess.Popen[bytes], lifeline: Lifeline) -> Iterator[None]:
    """End a process if this one is interrupted during the block."""
    # A background job of a script ignores SIGINT, and so do its children.
    gentle = signal.SIGTERM if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else signal.SIGINT
    try:
        yield
    except KeyboardInterrupt:
        _stop(process, gentle, lifeline)
        raise


def _plain(environment: Mapping[str, str], is_plain: bool) -> dict[str, str]:
    """Return an environment that, for plain output, does not force colours."""
    return {name: value for name, value in environment.items() if not (is_plain and name in _FORCING_COLOURS)}


def _stop(process: subprocess.Popen[bytes], gentle: signal.Signals, lifeline: Lifeline) -> None:
    """End a process and its children: first gently, with the signal it heeds, then with SIGTERM, then by force.

    Another interrupt only shortens the waiting. If it were raised, it could leave the process alive.
    """
    with _interrupts_noted() as interrupts:
        known = descendants(process.pid)
        interrupt(process, gentle)
        # On Windows the signal wakes nobody who sleeps, and does not come where there is no console. This does.
        lifeline.end()
        if not _ends_within(SECONDS_TO_END, process, interrupts):
            process.terminate()
            _ends_within(SECONDS_TO_TERMINATE, process, interrupts)
        # Also when the process itself has ended: what it has started may have gone on. No group is asked, because
        # browsers have groups of their own.
        kill({*known, *descendants(process.pid)})
        process.kill()
        process.wait()


@contextmanager
def _interrupts_noted() -> Iterator[list[int]]:
    """List the signals that come during the block, instead of raising; those that are ignored stay ignored."""
    noted: list[int] = []
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers if callable(signal.getsignal(number))}
    for number in before:
        signal.signal(number, lambda number, _: noted.append(number))
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ends_within(seconds: float, process: subprocess.Popen[bytes], interrupts: list[int]) -> bool:
    """Wait until a process ends, an interrupt comes or the time is over; return whether it has ended."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and not interrupts and time.monotonic() < deadline:
        time.sleep(_SECONDS_TO_LOOK_AGAIN)
    interrupts.clear()
    return process.poll() is not None


class _Copying:
    """Copies what a process writes, and what comes soon after its end, until the block ends."""

    def __init__(self, channels: Sequence[_Channel], transcript: _Transcript) -> None:
        self._transcript = transcript
        self._readers = {
            channel: threading.Thread(target=channel.copy_to, args=(transcript,), daemon=True) for channel in channels
        }

    def __enter__(self) -> _Copying:
        return self

    def start(self) -> None:
        """Start copying. The process must have its ends of the channels by now."""
        for channel, reader in self._readers.items():
            channel.close_childs_end()
            reader.start()

    def wait(self) -> None:
        """Wait until all is shown: what the screen is too slow for, or holds up, is not in the log yet either."""
        for channel, reader in self._readers.items():
            while reader.is_alive() and channel.is_busy():
                reader.join(timeout=_SECONDS_OF_SILENCE)

    def __exit__(self, *exception: object) -> None:
        for reader in self._readers.values():
            # A grandchild that outlives the part could hold the pipe open for ever.
            if reader.ident is not None:
                reader.join(timeout=_SECONDS_OF_SILENCE)
        self._transcript.close()
        for channel in self._readers:
            channel.restore()


class _Channel:
    """What a process writes to, and where a copy of it is shown."""

    def __init__(self, shown_on: TextIO, terminal: bool, mark: str = "") -> None:
        self._shown_on = shown_on
        self._terminal = terminal
        self._mark = mark.encode()
        self._line = b""
        self._letters = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._is_watched = True
        self._hidden = False
        self._is_showing = False
        self._last = time.monotonic()
        self._read, self.for_child = _open_terminal() if terminal else os.pipe()

    def close_childs_end(self) -> None:
        """Close the writing end, so that the reading end sees when the process has ended."""
        os.close(self.for_child)

    def copy_to(self, transcript: _Transcript) -> None:
        """Copy everything to the screen and the log until the process has ended."""
        # A terminal whose other end is closed answers with an error instead of an end of file.
        with suppress(OSError):
            while data := os.read(self._read, 65536):
                transcript.add(data)
                self._show(self._marked(self._whole_letters(data)))
                self._last = time.monotonic()
                if _HIDE_CURSOR in data or _SHOW_CURSOR in data:
                    self._hidden = data.rfind(_HIDE_CURSOR) > data.rfind(_SHOW_CURSOR)
        rest = self._line + self._whole_letters(b"", final=True)
        self._show(self._mark + rest if rest else b"")
        os.close(self._read)

    def take_size(self) -> None:
        """Make the process's terminal as large as the real one."""
        if sys.platform == "win32":
            raise NotImplementedError("Windows has no pseudo-terminals")
        import fcntl
        import termios

        # One of the two may be gone.
        with suppress(OSError):
            fcntl.ioctl(self._read, termios.TIOCSWINSZ, fcntl.ioctl(self._shown_on, termios.TIOCGWINSZ, bytes(8)))

    def is_busy(self) -> bool:
        """Say whether output still comes, or waits to be shown."""
        return self._is_showing or time.monotonic() - self._last < _SECONDS_OF_SILENCE

    def restore(self) -> None:
        """Show the cursor again if the part was killed before it could."""
        if self._terminal and self._hidden:
            self._show(_SHOW_CURSOR)

    def _whole_letters(self, data: bytes, final: bool = False) -> bytes:
        """Return data without the half of a letter at its end, which comes before the next; a console takes no halves.

        What is no UTF-8 comes as it is.
        """
        return self._letters.decode(data, final).encode("utf-8", "surrogateescape")

    def _marked(self, data: bytes) -> bytes:
        """Return the lines that are complete now, each with the mark before it."""
        if not self._mark:
            return data
        *lines, self._line = (self._line + data).split(b"\n")
        return b"".join(self._mark + line + b"\n" for line in lines)

    def _show(self, data: bytes) -> None:
        """Show data as long as somebody reads it; a build goes on when ``head`` has seen enough."""
        if not self._is_watched or not data:
            return
        self._is_showing = True
        try:
            self._shown_on.buffer.write(data)
            self._shown_on.flush()
        except (OSError, ValueError):
            self._is_watched = False
        finally:
            self._is_showing = False


@contextmanager
def _open_channels(mark: str) -> Iterator[list[_Channel]]:
    """Open one channel for a terminal that shows both streams in their order, else one for each stream.

    During the block a terminal is as large as the real one, also when that becomes another size: bars that are
    wider than their screen are drawn below one another. Windows has no pseudo-terminals: there the lines come that
    come without a terminal, and no bars.
    """
    at_terminal = sys.stdout.isatty() and sys.stderr.isatty()
    if sys.platform == "win32" or not at_terminal:
        line_mark = "" if at_terminal else mark
        yield [_Channel(stream, terminal=False, mark=line_mark) for stream in (sys.stdout, sys.stderr)]
        return
    channel = _Channel(sys.stdout, terminal=True)
    before = signal.signal(signal.SIGWINCH, lambda *_: channel.take_size())
    channel.take_size()
    try:
        yield [channel]
    finally:
        signal.signal(signal.SIGWINCH, before)


def _open_terminal() -> tuple[int, int]:
    if sys.platform == "win32":
        raise NotImplementedError("Windows has no pseudo-terminals")
    import pty
    import termios

    ours, childs = pty.openpty()
    modes = termios.tcgetattr(childs)
    # The real terminal already makes new lines out of line feeds.
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(childs, termios.TCSANOW, modes)
    return ours, childs


class _Transcript:
    """The lines that a process leaves on the screen: a progress bar that is drawn again and again is kept once."""

    def __init__(self, file: BinaryIO, kept: int, secrets: Sequence[str]) -> None:
        """Begin a transcript.

        Args:
            file: where the lines go.
            kept: how many lines may still change, because the process may go up to them.
            secrets: what is left out of the lines.
        """
        self._file = file
        self._secrets = [secret.encode() for secret in secrets if secret]
        self._kept = kept
        self._lines: list[bytes] = [b""]
        self._unfinished = b""
        self._at_start = False
        # Where in the file the lines begin that may still change.
        self._settled = 0
        self._closed = False
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Take in the next piece of output."""
        with self._lock:
            if self._closed:
                return
            data = self._unfinished + data
            # A sequence may be cut in two by the end of what was read.
            self._unfinished = match[0] if (match := _TORN_PIECE.search(data)) else b""
            for piece in _PIECES.findall(data[: len(data) - len(self._unfinished)]):
                self._take(piece)
            settled = len(self._lines) - self._kept
            self._write(self._lines[: max(0, settled)], self._lines[max(0, settled) : -1])
            del self._lines[: max(0, settled)]

    def _take(self, piece: bytes) -> None:
        if piece == b"\n":
            self._lines.append(b"")
        elif piece in (b"\x1b[2K", b"\x1b[K"):
            self._lines[-1] = b""
        elif re.fullmatch(rb"\x1b\[\d*A", piece):
            up = int(piece[2:-1] or b"1")
            del self._lines[max(1, len(self._lines) - up) :]
        elif not piece.startswith((b"\x1b", b"\r")):
            # What is written from the start of a line again takes the place of what stood there.
            self._lines[-1] = piece if self._at_start else self._lines[-1] + piece
        if not piece.startswith(b"\x1b"):
            self._at_start = piece == b"\r"

    def close(self) -> None:
        """Write what is still on the screen. What comes later, from a grandchild that lives on, is not kept."""
        with self._lock:
            self._write(self._lines[:-1], ())
            self._file.write(self._without_secrets(self._lines[-1]))
            self._closed = True

    def _write(self, settled: Sequence[bytes], held: Sequence[bytes]) -> None:
        """Add lines that will not change any more, and after them those that may, in the place of what stood there."""
        self._file.seek(self._settled)
        self._file.write(b"".join(self._without_secrets(line) + b"\n" for line in settled))
        self._settled = self._file.tell()
        self._file.write(b"".join(self._without_secrets(line) + b"\n" for line in held))
        self._file.truncate()
        self._file.flush()

    def _without_secrets(self, line: bytes) -> bytes:
        for secret in self._secrets:
            line = line.replace(secret, b"(secret)")
        return line
