"""The failures a user is meant to see, and the one place that turns them into a message and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
AFTER_INTERRUPT = "What was finished is kept; run the same command again to go on."

# Names the descriptor of a pipe that is open for as long as the build lives that started a part.
MASTER_VARIABLE = "ZUME_MASTER"
# How long a part without a master gets to end its browsers in order.
SECONDS_WITHOUT_MASTER = 30


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


class Doubt(BuilderError):
    """Something that may go wrong, but need not."""


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


def exit_code_of(error: BaseException) -> int:
    """Return the exit code that an expected failure or an interrupt stands for: 128 + N for signal N."""
    if isinstance(error, BuilderError):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return 128 + int(error.args[0]) if error.args else INTERRUPTED
    return FAILED


def run(main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None) -> int:
    """Run a script's ``main`` and return its exit code.

    Expected failures, an answer that could not be written among them, become a message on
    stderr and their own exit code; Ctrl-C becomes 130, SIGTERM 143. Anything else is a
    defect and keeps its traceback.
    """
    from common.console import let_go_of_the_unwritten, require_answered

    _show_what_can_be_shown()
    _interrupt_once("SIGINT", "SIGTERM", "SIGHUP")
    # A build says itself how it is gone on with.
    after_interrupt = "" if _end_with_master() else AFTER_INTERRUPT
    try:
        try:
            code = main(argv)
            if code == DONE:
                require_answered()
            return code
        except (BuilderError, KeyboardInterrupt) as error:
            return report(error, after_interrupt)
    except ModuleNotFoundError as error:
        if error.name is None or _is_own(error.name):
            raise
        # What prints messages may itself be what is missing.
        sys.stderr.write(f"Error: The package {error.name} is missing.\n  pip install -r requirements.txt\n")
        return FAILED
    finally:
        let_go_of_the_unwritten()


def _is_own(module: str) -> bool:
    """Say whether a missing module is one of this program's: then no installing helps."""
    top = module.partition(".")[0]
    return top.startswith("_") or (Path(__file__).resolve().parent.parent / top).is_dir()


def report(error: BuilderError | KeyboardInterrupt, after_interrupt: str = AFTER_INTERRUPT) -> int:
    """Say how a run ended that did not go to its good end, and return the exit code.

    Args:
        error: what ended it.
        after_interrupt: what to say after an interrupt: what is kept, and how to go on.
    """
    from common.console import complain

    if isinstance(error, BuilderError):
        complain(error.message, error.remedy)
    else:
        complain("Interrupted.", after_interrupt)
    return exit_code_of(error)


def _show_what_can_be_shown() -> None:
    """Let a letter that the terminal or file cannot take become a question mark, not the end of the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


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
        raise KeyboardInterrupt(signum)

    for number in heard:
        signal.signal(number, raise_interrupt)


def _kill_with_children() -> None:
    """End this process by force, and first the browsers, which have groups of their own."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os.killpg(0, signal.SIGKILL)


def _end_with_master() -> bool:
    """End this part soon after the build that started it, if that is killed and cannot end it itself.

    The build holds the other end of a pipe, which the system closes whatever it dies of.

    Returns:
        Whether a build has started this part.
    """
    descriptor = os.environ.pop(MASTER_VARIABLE, "")
    if not descriptor.isdecimal():
        return False

    def wait_for_the_end() -> None:
        with suppress(OSError):
            os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(SECONDS_WITHOUT_MASTER)
        _kill_with_children()

    with suppress(OSError):
        os.set_inheritable(int(descriptor), False)
        threading.Thread(target=wait_for_the_end, daemon=True).start()
    return True
