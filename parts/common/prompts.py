"""Questions to the user, at a terminal."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping

from common.console import print_result, printable
from common.errors import BuilderError


def can_ask() -> bool:
    """Say whether somebody can see a question and answer it: stdin and stdout are open terminals, in the foreground."""
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and not stream.closed and stream.isatty() for stream in streams) and _in_front()


def _in_front() -> bool:
    """Say whether this process is in the foreground of its shell; in the background, a question would stop it."""
    if os.name != "posix":
        return True
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # not the terminal that controls this process: no shell stops it
        return True


def ask(question: str, default: str = "", instead: str = "Give the value as an argument.") -> str:
    """Ask for one line and return it stripped; an empty answer gives the default.

    Args:
        question: what is asked.
        default: what Enter means.
        instead: what to do if nobody can answer.

    Raises:
        BuilderError: the input ended before an answer came.
    """
    shown = printable(f"{question} [{default}]: " if default else f"{question}: ")
    return _read(lambda: input(shown), question, instead).strip() or default


def ask_secret(question: str) -> str:
    """Ask for a secret without echo and return it stripped.

    Raises:
        BuilderError: the input ended before an answer came.
    """
    instead = "Set it in the environment or in .env."
    return _read(lambda: getpass.getpass(f"{question}: "), question, instead).strip()


def confirm(question: str, default: bool = True) -> bool:
    """Ask a yes-or-no question until it is answered."""
    while True:
        reply = ask(
            f"{question} ({'Y/n' if default else 'y/N'})", instead="Add --yes to build without questions."
        ).lower()
        if not reply:
            return default
        if reply in ("y", "yes"):
            return True
        if reply in ("n", "no"):
            return False
        print_result("Please answer y or n.")


def choose(question: str, choices: Mapping[str, str], also: Mapping[str, str], unclear: Mapping[str, str]) -> str:
    """Ask for one of several words, by its letter or whole; Enter takes the first.

    Args:
        question: what is asked.
        choices: the word for each letter, e.g. ``{"y": "continue", "q": "quit"}``.
        also: other answers, and the words that they stand for.
        unclear: answers that may be meant otherwise, and why; whoever gives one is asked whether to take the first.

    Returns:
        The word.
    """
    shown = ", ".join(f"[{letter}] {word}" for letter, word in choices.items())
    first, words = next(iter(choices)), {**{word: word for word in choices.values()}, **choices, **also}
    while True:
        reply = ask(f"{question} {shown}", first, "Add --yes to build without questions.").lower()
        if reply in words:
            return words[reply]
        if reply in unclear and confirm(f"{unclear[reply]} Do you want to {choices[first]}?", False):
            return choices[first]
        print_result(f"Please answer {' or '.join(choices)}.")


def _read(read: Callable[[], str], question: str, instead: str) -> str:
    try:
        return read()
    except EOFError:
        raise BuilderError(f"The input ended at the question “{question}”.", instead) from None
