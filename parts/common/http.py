"""HTTP as all clients use it: sessions, time limits, and the pause that an answer asks for."""

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
    """Return an HTTP session that keeps up to this number of connections to each host, and sends no credentials.

    By itself requests would send those that ``~/.netrc`` has for a host.
    """
    from requests.adapters import HTTPAdapter

    from common.watched_http import WatchedSession

    class Anonymous(WatchedSession):
        def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
            prepared_request.headers.pop("Authorization", None)

    session = Anonymous()
    session.auth = no_credentials
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=connections, pool_maxsize=connections))
    return session


def no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return a request as it is: what an HTTP session authenticates with if it is to send no credentials."""
    return request


def asked_pause(headers: Mapping[str, str], *names: str) -> float | None:
    """Return how many seconds an answer asks to wait, or None.

    ``Retry-After`` has seconds or a date; ``X-RateLimit-Reset`` has ISO 8601, in old
    documents Unix seconds.

    Args:
        headers: of the answer.
        names: the headers to look at; the first that can be read counts.
    """
    for name in names:
        seconds = _seconds_to_wait(headers.get(name, "").strip())
        if seconds is not None:
            return max(seconds, 1.0)
    return None


def _seconds_to_wait(text: str) -> float | None:
    """Return what a header asks for; a small number means seconds, a large one is a Unix time."""
    present = datetime.now(timezone.utc)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text) - (present.timestamp() if float(text) > 1e8 else 0.0)
    for read in (_iso_time, parsedate_to_datetime):
        try:
            until = read(text)
        except (ValueError, TypeError):
            continue
        return ((until if until.tzinfo else until.replace(tzinfo=timezone.utc)) - present).total_seconds()
    return None


def _iso_time(text: str) -> datetime:
    """Return an ISO 8601 time; Python before 3.11 does not accept a Z for UTC.

    Raises:
        ValueError: the text is not ISO 8601.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
