"""Repeats requests that may succeed later."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from common.errors import RemoteError

Result = TypeVar("Result")

TRIES = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# Vimeo's bans last up to about a minute. No header makes a pause longer than this.
LONGEST_ASKED_PAUSE = 120.0


def with_retries(
    work: Callable[[], Result],
    announce: Callable[[str], None],
    sleep: Callable[[float], object] = time.sleep,
    tries: int | None = None,
) -> Result:
    """Do a piece of work, and repeat it after errors that may be retried.

    A try that made progress resets the number of tries.

    Args:
        work: what to do.
        announce: called before each pause with one sentence: what went wrong, and how long the pause is.
        sleep: pauses for a number of seconds.
        tries: the number of tries; None for ``TRIES``.

    Raises:
        RemoteError: the error may not be retried, or no try is left.
    """
    tries = tries or TRIES
    tries_left = tries
    pause = FIRST_PAUSE
    while True:
        try:
            return work()
        except RemoteError as error:
            if error.progressed:
                tries_left, pause = tries, FIRST_PAUSE
            tries_left -= 1
            if not error.retryable or tries_left == 0:
                raise
            seconds = _jittered(pause) if error.pause is None else min(max(error.pause, 0.0), LONGEST_ASKED_PAUSE)
            announce(f"{error.message} Trying again in {seconds:.0f} s.")
            sleep(seconds)
            pause = min(pause * 2, LONGEST_PAUSE)


def _jittered(pause: float) -> float:
    """Vary a pause, so that many downloads do not try again at the same moment."""
    return pause * random.uniform(0.5, 1.5)
