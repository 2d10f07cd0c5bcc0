"""What talks HTTP has in common: sessions, pauses that were asked for, and trying again."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from common.errors import RemoteError

if TYPE_CHECKING:
    import requests

Result = TypeVar("Result")

TRIES = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# Vimeo's bans last up to about a minute; a header that asks for more than this is not believed.
LONGEST_ASKED_PAUSE = 120.0

CONNECT_SECONDS, READ_SECONDS = 10, 60


def with_retries(
    work: Callable[[], Result],
    announce: Callable[[str], None],
    sleep: Callable[[float], object] = time.sleep,
    tries: int | None = None,
) -> Result:
    """Do a piece of work, and do it again after errors that say they may be retried.

    A try that brought the work forward gives the tries back.

    Args:
        work: what to do.
        announce: takes one sentence before each pause: what went wrong, and how long the pause is.
        sleep: pauses for a number of seconds.
        tries: how many; None for ``TRIES``.

    Raises:
        RemoteError: it may not be retried, or all tries are used up.
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
    """Spread the pauses, so that many downloads do not come back all at once."""
    return pause * random.uniform(0.5, 1.5)


def new_http_session(connections: int) -> requests.Session:
    """Return an HTTP session that keeps up to so many connections to each host."""
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=connections, pool_maxsize=connections))
    return session


def asked_pause(headers: Mapping[str, str], *names: str) -> float | None:
    """Return for how many seconds an answer asks to wait, or None.

    ``Retry-After`` is seconds or a date; ``X-RateLimit-Reset`` is ISO 8601, in old
    material Unix seconds.

    Args:
        headers: of the answer.
        names: the headers to look at; the first that can be read counts.
    """
    for name in names:
        moment = _moment(headers.get(name, "").strip())
        if moment is not None:
            return max(moment, 1.0)
    return None


def _moment(text: str) -> float | None:
    """Return how many seconds from now a header means; a small number is a span, a large one Unix time."""
    present = datetime.now(timezone.utc)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) - (present.timestamp() if float(text) > 1e8 else 0.0)
    for read in (_iso_time, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError):
            continue
        return ((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)) - present).total_seconds()
    return None


def _iso_time(text: str) -> datetime:
    """Return an ISO 8601 time; before 3.11, Python does not know the Z of world time.

    Raises:
        ValueError: it is none.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
