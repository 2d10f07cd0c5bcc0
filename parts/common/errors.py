"""The failures that a user is meant to see, and the exit codes."""

from __future__ import annotations

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
AFTER_INTERRUPT = "What was finished is kept; run the same command again to go on."


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


class CheckWarning(BuilderError):
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
