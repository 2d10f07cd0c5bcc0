"""What the user sees: lines, tables and progress bars, with colour only on a terminal."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from common.errors import BuilderError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import ProgressColumn
    from rich.table import Table
    from rich.text import Text


QUIET, NORMAL, VERBOSE = range(3)
# The most columns that a table's longest words may need.
_WIDEST = 500
# Nobody reads the output any more: its pipe is closed (Windows reports the last of these), or its terminal is gone.
_NOBODY_READS = (errno.EPIPE, errno.EIO, errno.EINVAL)
# Control characters, halves of letters, and the marks that reverse all text that follows. Messages may have line
# feeds and tabs, and titles that are read from right to left may have isolates (U+2066 to U+2069).
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")


@dataclass
class _Manner:
    """How much the scripts say, and why a result could not be written, if one could not."""

    level: int = NORMAL
    loss: OSError | None = None


_MANNER = _Manner()


def set_level(level: int) -> None:
    """Set how much is printed: ``QUIET`` for warnings, errors and results, ``NORMAL`` or ``VERBOSE``."""
    _MANNER.level = level


def current_level() -> int:
    """Return how much is printed."""
    return _MANNER.level


@cache
def stdout() -> Console:
    """Return the console for results (rich is imported here, so that ``--help`` stays quick)."""
    console = _console(stderr=False)
    if not console.is_terminal:
        # A file or a pipe has no width that a table must fit; a row may name more than one long path.
        console.width = 2000
    return console


@cache
def _stderr() -> Console:
    return _console(stderr=True)


def _console(stderr: bool) -> Console:
    from rich.console import Console

    class LastingConsole(Console):
        """Continues when nobody reads any more (``| head`` must not end a build), and shows no control characters."""

        def on_broken_pipe(self) -> None:
            _let_go(sys.stderr if stderr else sys.stdout)

        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(printable(text), **options)

    return LastingConsole(stderr=stderr, highlight=False, soft_wrap=True, emoji=False)


def _let_go(stream: TextIO) -> None:
    """Discard what a stream still holds, and all that follows."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def let_go_of_the_unwritten() -> None:
    """Discard what can no longer be written: Python would try again when it ends, and then exit with 120."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            _let_go(stream)


def require_results_written() -> None:
    """Make sure that every result was written, unless nobody reads them.

    Raises:
        BuilderError: a result could not be written.
    """
    loss, _MANNER.loss = _MANNER.loss, None
    if loss:
        raise BuilderError(
            f"The output could not be written: {loss.strerror}.", "Free some space there, or send the output elsewhere."
        )


def printable(text: str) -> str:
    """Return a text with � for each character that would control a terminal."""
    return _UNSHOWABLE.sub("\ufffd", text)


def say(text: str = "", style: str = "") -> None:
    """Print one line about the progress of the work. The text is shown as it is, brackets included."""
    if _MANNER.level > QUIET:
        _print(stdout(), text, style)


def detail(text: str) -> None:
    """Print one line that only ``--verbose`` shows."""
    if _MANNER.level == VERBOSE:
        _print(stdout(), text, "dim")


def print_result(text: str) -> None:
    """Print one line of a result; ``--quiet`` shows it, too."""
    _note(_print(stdout(), text, ""))


def heading(text: str) -> None:
    """Print a line that starts a new section."""
    say()
    say(text, style="bold cyan")


def warn(text: str) -> None:
    """Print a warning on stderr; the work goes on."""
    _print(_stderr(), f"Warning: {text}", "yellow")


def print_error(message: str, remedy: str = "") -> None:
    """Print an error on stderr, and what to do about it."""
    _print(_stderr(), f"Error: {message}", "bold red")
    if remedy:
        _print(_stderr(), f"  {remedy}", "")


def _print(console: Console, text: str, style: str) -> OSError | None:
    return _put(console, text, style=style or None, markup=False)


def _put(console: Console, content: RenderableType, **options: Any) -> OSError | None:
    """Print something; return why that failed, unless the reason is that nobody reads it any more."""
    try:
        console.print(content, **options)
    except OSError as error:
        # Empty the buffer, or rich prints it again before the next line.
        console.quiet = True
        console.print()
        console.quiet = False
        return None if error.errno in _NOBODY_READS else error
    return None


def _note(loss: OSError | None) -> None:
    """Remember that a result was lost: the work continues, but fails at its end."""
    _MANNER.loss = loss or _MANNER.loss


def table(*headings: str) -> Table:
    """Return an empty table with these headings; print it with ``show``."""
    from rich import box
    from rich.table import Table

    return Table(*headings, box=box.SIMPLE, header_style="bold", pad_edge=False)


def show(content: RenderableType) -> None:
    """Print a table of results; if the screen is too narrow for its words, it is wider than the screen."""
    _note(_print_table(content))


def say_table(content: Table) -> None:
    """Print a table about the progress of the work."""
    if _MANNER.level > QUIET:
        _print_table(content)


def _print_table(content: RenderableType) -> OSError | None:
    # A new console: one whose width was set once does not look at the screen again.
    console = _console(stderr=False)
    wide = console.options.update(max_width=_WIDEST)
    needed = console.measure(content, options=wide).minimum
    size = stdout().size
    # At a dumb terminal, rich uses the width only if the height is set as well.
    console.size = size._replace(width=max(size.width, needed))
    return _put(console, content, soft_wrap=False, crop=False)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, e.g. ``1 slide`` or ``2 slides``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def on_terminal() -> bool:
    """Say whether the output goes to a terminal that can show progress bars."""
    # With FORCE_COLOR, rich treats every output as a terminal.
    return sys.stdout.isatty() and not stdout().is_dumb_terminal


class Bars:
    """Progress bars on a terminal; elsewhere nothing, because the caller prints lines."""

    def __init__(self, *columns: ProgressColumn | str) -> None:
        from rich.progress import Progress

        self._progress = Progress(*columns, console=stdout(), disable=_MANNER.level == QUIET or not on_terminal())

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    @contextmanager
    def bar(self, description: str, total: float | None) -> Iterator[Bar]:
        """Show a bar while the block runs."""
        task = self._progress.add_task(literal(description), total=total)
        try:
            yield Bar(self, int(task))
        finally:
            self._progress.remove_task(task)

    def move(self, task: int, done: float) -> None:
        """Set how much of a task is done."""
        from rich.progress import TaskID

        self._progress.update(TaskID(task), completed=done)


class Bar:
    """One bar among ``Bars``."""

    def __init__(self, bars: Bars, task: int) -> None:
        self._bars = bars
        self._task = task

    def move(self, done: float) -> None:
        """Set how much is done, in the unit of the bar's total."""
        self._bars.move(self._task, done)


def literal(text: str) -> str:
    """Return a text so that a table or bar shows it as it is, brackets included."""
    from rich.markup import escape

    return escape(printable(text))
