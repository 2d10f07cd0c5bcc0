"""The failures a user is meant to see, and the one place that turns them into a message and an exit code."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


class BuilderError(Exception):
    """An expected failure: something is missing or went wrong.

    Args:
        message: one plain sentence that says what happened, to which file, slide or video.
        remedy: what the user can do about it; shown on a line of its own.
    """

    exit_code = FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(BuilderError):
    """The command line itself is wrong."""

    exit_code = WRONG_USAGE


class RemoteError(BuilderError):
    """Something that another machine answered, or did not.

    Args:
        message, remedy: as for every expected failure.
        retryable: whether the same request may succeed later. It is known where the
            error is made, so nobody else needs a list of status codes.
        pause: seconds that the other side asked to wait before the next try; None if it did not say.
        progressed: whether this try brought the work forward, so that it does not count against the tries.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        retryable: bool = False,
        pause: float | None = None,
        progressed: bool = False,
    ) -> None:
        super().__init__(message, remedy)
        self.retryable = retryable
        self.pause = pause
        self.progressed = progressed


def run(main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None) -> int:
    """Run a script's ``main`` and return its exit code.

    Expected failures become a message on stderr and their own exit code; Ctrl-C and
    SIGTERM become 130. Anything else is a defect and keeps its traceback.
    """
    from _console import complain

    _interrupt_once("SIGINT", "SIGTERM", "SIGHUP")
    try:
        return main(argv)
    except BuilderError as error:
        complain(error.message, error.remedy)
        return error.exit_code
    except KeyboardInterrupt:
        complain("Interrupted.", "What was finished is kept; run the same command again to go on.")
        return INTERRUPTED


def _interrupt_once(*names: str) -> None:
    """Make the first of these signals raise KeyboardInterrupt, and the others be passed over from then on.

    Python's default handlers end the process without running any ``finally``,
    which would leave browsers and their profile folders behind. A signal that
    the caller ignores (``nohup``) stays ignored.
    """
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]

    def raise_interrupt(signum: int, frame: FrameType | None) -> NoReturn:
        # A second one would cut the clean-up short and leave browsers behind.
        for number in heard:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in heard:
        signal.signal(number, raise_interrupt)
