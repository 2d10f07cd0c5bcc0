"""HTTP sessions that can be watched: somebody takes down what each request was answered, and changes nothing of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it; each address of a redirect is a request of its own.

    Attributes:
        method: of HTTP.
        url: what was asked.
        began: when, in seconds of ``time.monotonic``.
        seconds: until the answer began, or until the request failed.
        status: of HTTP; None if no answer came.
        headers: of the answer, as pairs of name and value.
        content: the answer's body; None if it was not read, or is read later, piece by piece.
        failure: the kind of error, if no whole answer came, e.g. ``ConnectTimeout``.
    """

    method: str
    url: str
    began: float
    seconds: float
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    content: bytes | None = field(default=None, repr=False)
    failure: str = ""


# Who watches. In a run without a report, nobody does.
_WATCHERS: list[Callable[[Exchange], None]] = []


@contextmanager
def watching(note: Callable[[Exchange], None]) -> Iterator[None]:
    """Have each exchange of all watched sessions taken down during the block; of several watchers, by the last one.

    Args:
        note: is given each exchange, in the thread that made the request.
    """
    _WATCHERS.append(note)
    try:
        yield
    finally:
        _WATCHERS.remove(note)


class WatchedSession(requests.Session):
    """A session whose exchanges can be watched."""

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        """Send a request as any session does, and have its answer or its failure taken down."""
        if not _WATCHERS:
            return super().send(request, **settings)
        note, began = _WATCHERS[-1], time.monotonic()
        method, url = request.method or "", request.url or ""
        try:
            response = super().send(request, **settings)
        except Exception as error:
            note(Exchange(method, url, began, time.monotonic() - began, failure=type(error).__name__))
            raise
        # The further addresses of a redirect come through here by themselves.
        first = response.history[0] if response.history else response
        content = None if settings.get("stream") else first.content
        headers = tuple(first.headers.items())
        seconds = first.elapsed.total_seconds()
        note(Exchange(method, url, began, seconds, first.status_code, headers, content))
        return response
