"""The failures a user is meant to see, and the one place that turns them into a message and an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


class BuilderError(Exception):
    """An expected failure: something is missing or went wrong, and the message says what to do.

    Args:
        message: one plain sentence that names the file, slide or video concerned.
        remedy: what the user can do about it; printed on a line of its own.
    """

    exit_code = FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(BuilderError):
    """The command line itself is wrong."""

    exit_code = WRONG_USAGE


def interrupt_on_termination() -> None:
    """Make SIGTERM end the program as Ctrl-C does, so that clean-up runs.

    Python's default handler for SIGTERM ends the process without running any
    ``finally``, which leaves browsers and their profile folders behind.
    """

    def raise_interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, raise_interrupt)


def report(error: BuilderError) -> None:
    """Print an expected failure on stderr."""
    from _console import complain

    complain(error.message, error.remedy)


def run(main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None) -> int:
    """Run a script's ``main`` and return its exit code.

    Expected failures become a message on stderr and their own exit code;
    Ctrl-C and SIGTERM become 130. Anything else is a defect and keeps its traceback.
    """
    interrupt_on_termination()
    try:
        return main(argv)
    except BuilderError as error:
        report(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nInterrupted. What was finished is kept; run the same command again to go on.", file=sys.stderr)
        return INTERRUPTED
