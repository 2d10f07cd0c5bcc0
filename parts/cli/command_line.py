"""The command line of build.py that asks nothing, out of one that left questions open and what was answered."""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.options import OPTIONS, Option

_BUILD = Path(__file__).resolve().parents[2] / "build.py"


def without_questions(arguments: argparse.Namespace, language_code: str, folder: str) -> str:
    """Return the line that builds the same without a question, quoted for the user's shell.

    It holds no secret: the token stays where it is stored, and no option of build.py takes one.

    Args:
        arguments: of build.py, with the answers in their places; None stands for what was neither given nor answered.
        language_code: as the site writes it.
        folder: that holds the projects of all languages.
    """
    words = [
        *_program(),
        *("--language", language_code),
        *OPTIONS["folder"].words(folder),
        *(word for option in _others(arguments) for word in _words(option, getattr(arguments, option.name))),
        *(("--skip", ",".join(arguments.skip)) if arguments.skip is not None else ()),
        *(f"--{name}" for name in ("check", "json") if getattr(arguments, name)),
        "--yes",
    ]
    return " ".join(map(_quoted_on_windows, words)) if sys.platform == "win32" else shlex.join(words)


def _quoted_on_windows(word: str) -> str:
    """Return a word as both prompts of Windows take it: one has no single quotes, to PowerShell , and ; are signs."""
    quoted = subprocess.list2cmdline([word])
    if quoted.startswith('"') or re.fullmatch(r"[\w.:\\/=+-]+", word):
        return quoted
    # Before a quotation mark, backslashes count twice.
    return '"' + re.sub(r"(\\+)$", r"\1\1", quoted) + '"'


def _program() -> tuple[str, str]:
    """Return how to start build.py from here with the Python that runs it: another one may lack the packages."""
    python, usual = Path(sys.executable), shutil.which("python")
    return "python" if usual and Path(usual) == python else _from_here(python), _from_here(_BUILD)


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _others(arguments: argparse.Namespace) -> Iterator[Option]:
    # An id belongs to one build: a second one would be refused.
    said = ("language_code", "folder", "session_id")
    return (option for option in OPTIONS.values() if option.name not in said and option.name in vars(arguments))


def _words(option: Option, value: object) -> list[str]:
    if value is False and option.can_be_taken_back:
        return [option.flag.replace("--", "--no-", 1)]
    return option.words(value)
