"""The log of what a stand-in was asked."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Request = TypeVar("Request")


class RequestLog(Generic[Request]):
    """The requests so far; safe to read while requests come in."""

    def __init__(self) -> None:
        self._requests: list[Request] = []
        self._lock = threading.Lock()

    @property
    def requests(self) -> list[Request]:
        """A copy of the log, in the order in which the requests were added."""
        with self._lock:
            return list(self._requests)

    def add(self, request: Request) -> None:
        """Add a request to the log."""
        with self._lock:
            self._requests.append(request)

    def clear(self) -> None:
        """Empty the log."""
        with self._lock:
            self._requests.clear()
