"""What talks HTTP has in common: sessions, time limits, and the pauses that an answer asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS, READ_SECONDS = 10, 60


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
