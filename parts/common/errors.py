"""The failures that users see as messages, and the exit codes."""

from __future__ import annotations

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
# What to do about packages that are missing or do not fit.
INSTALL_PACKAGES = (
    r"Use the Python of the set-up (.venv/bin/python, on Windows .venv\Scripts\python), or: "
    "pip install -r requirements.txt"
)
AFTER_INTERRUPT = "Finished files are kept. Run the same command again to continue."


class BuilderError(Exception):
    """An expected failure: something is missing or went wrong.

    Args:
        message: one plain sentence that says what happened, and to which file, slide or video.
        remedy: what the user can do about it; shown on a line of its own.
    """

    exit_code = FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    @property
    def in_one_line(self) -> str:
        """The message and the remedy, for a list of several failures."""
        return f"{self.message} {self.remedy}".strip()


class UsageError(BuilderError):
    """The command line itself is wrong."""

    exit_code = WRONG_USAGE


class Quit(BuilderError):
    """The user has left a question. All questions come before the work, so nothing has been done."""

    def __init__(self) -> None:
        super().__init__("Nothing was started or changed.")


class CheckWarning(BuilderError):
    """Something that may go wrong, but need not; the work continues with a warning."""


class RemoteError(BuilderError):
    """A failure of another machine: its answer, or no answer.

    Args:
        message, remedy: as for every expected failure.
        retryable: whether the same request may succeed later. The code that raises the error
            knows this, so nobody else needs a list of status codes.
        pause: seconds that the other side asked to wait before the next try; None if it did not ask.
        progressed: whether this try made progress, so that it does not use up the tries.
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
