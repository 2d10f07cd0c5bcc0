"""The start and the end of a script: signals, messages, exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from common.errors import AFTER_INTERRUPT, DONE, FAILED, INSTALL_PACKAGES, INTERRUPTED, BuilderError, Quit
from common.lifeline import Parent
from common.typed import in_build, set_typed

_BREAK = getattr(signal, "SIGBREAK", None)


def exit_code_of(error: BaseException) -> int:
    """Return the exit code that an expected failure or an interrupt stands for: 128 + N for signal N."""
    if isinstance(error, BuilderError):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        number = error.args[0] if error.args else signal.SIGINT
        return INTERRUPTED if number == _BREAK else 128 + int(number)
    return FAILED


def run(main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None) -> int:
    """Run a script's ``main`` and return its exit code.

    Expected failures, a result that could not be written among them, become a message on
    stderr and their own exit code; Ctrl-C becomes 130, SIGTERM 143. Anything else is a
    defect and keeps its traceback.
    """
    from common.console import let_go_of_the_unwritten, require_results_written

    _show_what_can_be_shown()
    # Windows sends SIGBREAK for Ctrl-Break, with which a build stops its parts.
    _interrupt_once("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    parent = Parent()
    parent.follow(sys.argv[1:] if argv is None else argv)
    set_typed(lambda: parent.is_known)
    try:
        try:
            code = main(argv)
            if code == DONE:
                require_results_written()
            return code
        except (BuilderError, KeyboardInterrupt) as error:
            # The build itself says how to continue.
            return report(error, "" if in_build() else AFTER_INTERRUPT)
    except ModuleNotFoundError as error:
        if error.name is None or _is_own(error.name):
            raise
        # What prints messages may itself be what is missing.
        package = error.name.partition(".")[0]
        sys.stderr.write(f"Error: The package {package} is missing.\n  {INSTALL_PACKAGES}\n")
        return FAILED
    finally:
        set_typed(lambda: False)
        let_go_of_the_unwritten()


def _is_own(module: str) -> bool:
    """Say whether a missing module belongs to this program, so that no installation helps."""
    top = module.partition(".")[0]
    return top.startswith("_") or (Path(__file__).resolve().parent.parent / top).is_dir()


def report(error: BuilderError | KeyboardInterrupt, after_interrupt: str) -> int:
    """Report a failure or an interrupt, and return the exit code.

    Args:
        error: what ended it.
        after_interrupt: what to say after an interrupt, about what is kept and how to continue.
    """
    from common.console import print_error, print_result

    if isinstance(error, Quit):
        # What the user wanted is no error.
        print_result(error.message)
    elif isinstance(error, BuilderError):
        print_error(error.message, error.remedy)
    else:
        print_error("Interrupted.", after_interrupt)
    return exit_code_of(error)


def _show_what_can_be_shown() -> None:
    """Write UTF-8 into files and pipes, and a question mark for a letter that a terminal cannot take.

    Windows would write its old character set, which has the letters of few languages. ``PYTHONIOENCODING`` still
    decides where somebody has set it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_open_choice = not stream.isatty() and not os.environ.get("PYTHONIOENCODING")
            stream.reconfigure(encoding="utf-8" if is_open_choice else None, errors="replace")


def _pass_over(signum: int, frame: FrameType | None) -> None:
    """Do nothing about a signal."""


def _interrupt_once(*names: str) -> None:
    """Make the first of these signals raise KeyboardInterrupt, and pass over the others from then on.

    Python's default handlers end the process without running any ``finally``,
    which would leave browsers and their profile folders behind. A signal that
    the caller ignores (``nohup``) stays ignored.
    """
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]

    def raise_interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        # A second one would cut the clean-up short and leave browsers behind. Python complains of SIG_IGN if it is
        # already on its way.
        for number in heard:
            signal.signal(number, _pass_over)
        raise KeyboardInterrupt(signum)

    for number in heard:
        signal.signal(number, raise_interrupt)
