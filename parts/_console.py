"""What the user sees: lines, tables, progress bars and questions, with colour only on a terminal."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from _errors import BuilderError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn
    from rich.table import Table


@cache
def stdout() -> Console:
    """Return the console for results (rich is imported here, so that ``--help`` stays quick)."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        # There is no screen that a table would have to fit.
        console.width = 300
    return console


@cache
def _stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "", style: str = "") -> None:
    """Print one line. The text is shown as it is, brackets included."""
    stdout().print(text, style=style or None, markup=False)


def heading(text: str) -> None:
    """Print a line that starts a new section."""
    say()
    say(text, style="bold cyan")


def warn(text: str) -> None:
    """Print a warning on stderr; the work goes on."""
    _stderr().print(f"Warning: {text}", style="yellow", markup=False)


def complain(message: str, remedy: str = "") -> None:
    """Print an error on stderr, and what to do about it."""
    _stderr().print(f"Error: {message}", style="bold red", markup=False)
    if remedy:
        _stderr().print(f"  {remedy}", markup=False)


def table(*headings: str) -> Table:
    """Return an empty table with these headings; print it with ``show``."""
    from rich import box
    from rich.table import Table

    return Table(*headings, box=box.SIMPLE, header_style="bold", pad_edge=False)


def show(content: Table) -> None:
    """Print a table."""
    stdout().print(content, soft_wrap=False)


def megabytes(size: int | None) -> str:
    """Return a size in bytes as people read it."""
    return "unknown size" if size is None else f"{size / 1e6:.1f} MB"


def on_terminal() -> bool:
    """Say whether the output goes to a terminal."""
    return stdout().is_terminal


class Bars:
    """Progress bars on a terminal; elsewhere nothing, because the caller's lines tell the same."""

    def __init__(self, *columns: ProgressColumn | str) -> None:
        from rich.progress import Progress

        self._progress = Progress(*columns, console=stdout(), disable=not on_terminal())

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    @contextmanager
    def bar(self, description: str, total: float | None, done: int = 0) -> Iterator[Bar]:
        """Show a bar while the block runs."""
        task = self._progress.add_task(literal(description), total=total, completed=done)
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

    return escape(text)


def can_ask() -> bool:
    """Say whether somebody can answer: stdin is open and a terminal."""
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def ask(question: str, default: str = "") -> str:
    """Ask for one line and return it stripped; an empty answer gives the default.

    Raises:
        BuilderError: the input ended before an answer came.
    """
    shown = f"{question} [{default}]: " if default else f"{question}: "
    return _answer(lambda: input(shown), question).strip() or default


def ask_secret(question: str) -> str:
    """Ask for a secret without echo and return it stripped.

    Raises:
        BuilderError: the input ended before an answer came.
    """
    return _answer(lambda: getpass.getpass(f"{question}: "), question).strip()


def confirm(question: str, default: bool = True) -> bool:
    """Ask a yes-or-no question until it is answered."""
    while True:
        answer = ask(f"{question} ({'Y/n' if default else 'y/N'})").lower()
        if not answer:
            return default
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False
        say("Please answer y or n.")


def choose(question: str, choices: Mapping[str, str]) -> str:
    """Ask for one of several words, by its first letter or whole; Enter takes the first.

    Args:
        question: what is asked.
        choices: what each answer stands for, by its letter, e.g. ``{"c": "continue", "q": "quit"}``.

    Returns:
        The letter.
    """
    shown = ", ".join(f"[{letter}] {word}" for letter, word in choices.items())
    while True:
        answer = ask(f"{question} {shown}", next(iter(choices))).lower()
        for letter, word in choices.items():
            if answer in (letter, word):
                return letter
        say(f"Please answer {' or '.join(choices)}.")


def _answer(read: Callable[[], str], question: str) -> str:
    try:
        return read()
    except EOFError:
        raise BuilderError(f"The input ended at the question “{question}”.", "Give the value as an argument.") from None
