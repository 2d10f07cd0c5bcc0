"""Questions to the user, at a terminal. Each one can be left with q, and explains itself when ? is answered."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from common.console import print_result, printable
from common.errors import BuilderError, Quit

QUIT, EXPLAIN = "q", "?"


def can_ask() -> bool:
    """Say whether somebody can see a question and answer it: stdin and stdout are open terminals, in the foreground."""
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and not stream.closed and stream.isatty() for stream in streams) and _in_front()


def _in_front() -> bool:
    """Say whether this process is in the foreground of its shell; in the background, a question would stop it."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # not the terminal that controls this process: no shell stops it
        return True


def ask(
    question: str, default: str = "", instead: str = "Give the value as an argument.", explanation: str = ""
) -> str:
    """Ask for one line and return it stripped; an empty answer gives the default.

    Args:
        question: what is asked.
        default: what Enter means.
        instead: what to do if nobody can answer.
        explanation: what is printed if the answer is ``?``, before the question is asked again. Without one, ``?`` is
            an answer like any other.

    Raises:
        Quit: the answer is ``q``.
        BuilderError: the input ended before an answer came.
    """
    shown = _fitted(f"{question} [{default}]: " if default else f"{question}: ")
    return _answer(lambda: input(shown), question, instead, explanation) or default


def ask_secret(question: str, explanation: str = "") -> str:
    """Ask for a secret without echo and return it stripped.

    Args:
        question: what is asked.
        explanation: as for ``ask``.

    Raises:
        Quit: the answer is ``q``.
        BuilderError: the input ended before an answer came.
    """
    instead = "Set it in the environment or in .env."
    shown = _fitted(f"{question}: ")
    return _answer(lambda: getpass.getpass(shown), question, instead, explanation)


def confirm(question: str, default: bool = True, explanation: str = "Answer y for yes or n for no.") -> bool:
    """Ask a yes-or-no question until it is answered.

    Args:
        question: what is asked.
        default: what Enter means.
        explanation: as for ``ask``.

    Raises:
        Quit: the answer is ``q``.
        BuilderError: the input ended before an answer came.
    """
    instead = "Add --yes to build without questions."
    while True:
        reply = ask(f"{question} ({'Y/n' if default else 'y/N'})", "", instead, explanation).lower()
        if not reply:
            return default
        if reply in ("y", "yes"):
            return True
        if reply in ("n", "no"):
            return False
        print_result("Please answer y or n.")


def choose(
    question: str,
    choices: Mapping[str, str],
    also: Mapping[str, str],
    unclear: Mapping[str, str],
    explanation: str = "",
) -> str:
    """Ask for one of several words, by its letter or whole; Enter takes the first.

    Args:
        question: what is asked.
        choices: the word for each letter, e.g. ``{"y": "continue", "q": "quit"}``.
        also: other answers, and the words that they stand for.
        unclear: answers that may be meant otherwise, and why; whoever gives one is asked whether to take the first.
        explanation: as for ``ask``.

    Returns:
        The word.

    Raises:
        Quit: the answer is ``q``, and that is none of the choices.
        BuilderError: the input ended before an answer came.
    """
    shown = ", ".join(f"[{letter}] {word}" for letter, word in choices.items())
    first, words = next(iter(choices)), {**{word: word for word in choices.values()}, **choices, **also}
    while True:
        try:
            reply = ask(f"{question} {shown}", first, "Add --yes to build without questions.", explanation).lower()
            if reply in words:
                return words[reply]
            if reply in unclear and confirm(f"{unclear[reply]} Do you want to {choices[first]}?", False):
                return choices[first]
        except Quit:
            if QUIT in choices:
                return choices[QUIT]
            raise
        print_result(f"Please answer {' or '.join(choices)}.")


def print_numbered(lines: Sequence[str]) -> None:
    """Print what can be chosen by its number, a line each; the numbers count from 1."""
    for number, line in enumerate(lines, start=1):
        print_result(f"  {number:>{len(str(len(lines)))}}  {line}")


def numbered(reply: str, values: Sequence[str]) -> str | None:
    """Return the value whose number an answer is, as ``print_numbered`` counts; None if it is no such number."""
    # More digits are a number that nothing has; Python refuses to read thousands of them.
    if not reply.isascii() or not reply.isdecimal() or len(reply) > 4:
        return None
    return values[int(reply) - 1] if 1 <= int(reply) <= len(values) else None


def _fitted(question: str) -> str:
    """Return a question as it is shown: on a narrow screen in several lines, because a terminal breaks words."""
    text, columns = printable(question), shutil.get_terminal_size().columns
    if len(text) <= columns:
        return text
    return "\n".join(textwrap.wrap(text, columns - 1, break_long_words=False, break_on_hyphens=False)) + " "


def _answer(read: Callable[[], str], question: str, instead: str, explanation: str) -> str:
    """Read answers until one of them is more than the wish for an explanation, and return it stripped."""
    _say_how_to_answer()
    while True:
        try:
            reply = read().strip()
        except EOFError:
            _leave_line()
            raise BuilderError(f"The input ended at the question “{question}”.", instead) from None
        except KeyboardInterrupt:
            _leave_line()
            raise
        if reply.lower() == QUIT:
            raise Quit
        if reply != EXPLAIN or not explanation:
            return reply
        print_result(explanation)


def _leave_line() -> None:
    """End the line of a question that gets no answer, so that what is said next does not stand behind it."""
    print_result("")


@cache
def _say_how_to_answer() -> None:
    """Say what can be answered to all questions: once, before the first one."""
    print_result("At every question, q quits and ? explains what is asked.")
