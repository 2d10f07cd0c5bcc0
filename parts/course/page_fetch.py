"""Fetches a page of the site, or one of its files, in little time and memory however the server behaves."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from common.errors import RemoteError
from common.http import CONNECT_SECONDS, asked_pause, no_credentials
from common.watched_http import WatchedSession
from common.workers import within

# The page has up to 1.1 MB.
_MOST_BYTES = 20_000_000
_CHUNK = 1 << 16
_MOST_REDIRECTS = 5
# In seconds. Nobody waits longer for a page that can be done without.
_LONGEST_PAUSE = 10.0
CHECK_CONNECTION = "Check the internet connection."
_TRY_LATER = "Run the same command again later."


@dataclass(frozen=True)
class Answer:
    """What came from an address.

    Attributes:
        status: of HTTP.
        headers: likewise.
        address: which one has answered, after all redirects.
        content: without any compression; nothing if the status is that of a failure.
    """

    status: int
    headers: Mapping[str, str]
    address: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """What to ask for.

    Attributes:
        url: where it is. Redirects are followed.
        seconds: how long all of it may take.
        name: how messages call it.
        remedy: what to do if it cannot be reached.
        headers: to send besides the usual ones.
    """

    url: str
    seconds: float
    name: str
    remedy: str
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch_page(url: str, seconds: float) -> tuple[str, str]:
    """Return the text of a page, and the address that has answered; letters that are not UTF-8 are replaced.

    Args:
        url: where it is. Redirects are followed.
        seconds: how long all of it may take.

    Raises:
        RemoteError: no page came, or not in time, or one that is far too large. The message quotes nothing of it.
    """
    answer = fetch(Request(url, seconds, url, f"{CHECK_CONNECTION[:-1]} and ZUME_SITE_URL."))
    if answer.status == 404:
        raise RemoteError(f"The site has no page at {url} (404).", "Check ZUME_SITE_URL and the language code.")
    if answer.status != 200:
        raise refusal(answer, url)
    return answer.content.decode("utf-8", errors="replace"), answer.address


def refusal(answer: Answer, name: str) -> RemoteError:
    """Return the error that stands for an answer with an error.

    Args:
        answer: the answer.
        name: how messages call what was asked for.
    """
    pause = asked_pause(answer.headers, "Retry-After")
    return RemoteError(
        f"The site answered with an error ({answer.status}) at {name}.",
        _TRY_LATER,
        retryable=may_pass(answer.status) and (pause or 0.0) <= _LONGEST_PAUSE,
        pause=pause,
    )


def may_pass(status: int) -> bool:
    """Say whether a server that answers with this status may give what it was asked for at another time."""
    return status == 429 or status >= 500


def fetch(request: Request) -> Answer:
    """Fetch what is at an address, however the server behaves.

    Raises:
        RemoteError: no answer came, or not in time, or one that is far too large. The message quotes nothing of it,
            and the error is retryable if the reason may pass.
    """
    try:
        # In a thread, because only that limits the whole: a server may send each line of its answer just in time.
        return within(request.seconds, partial(_fetch, request))
    except TimeoutError as error:
        raise _too_late(request) from error


class _Session(WatchedSession):
    """Follows no redirect: requests would read the whole answer that comes with one, however long that is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _fetch(request: Request) -> Answer:
    deadline = time.monotonic() + request.seconds
    limits = min(CONNECT_SECONDS, request.seconds), request.seconds
    address = request.url
    try:
        with _Session() as session:
            session.auth = no_credentials
            session.headers.update(request.headers)
            for _ in range(_MOST_REDIRECTS + 1):
                with session.get(address, stream=True, timeout=limits) as answer:
                    if not answer.is_redirect:
                        is_good = 200 <= answer.status_code < 300
                        content = _content(answer, request, deadline) if is_good else b""
                        return Answer(answer.status_code, answer.headers, address, content)
                    address = urljoin(address, answer.headers["location"])
    except requests.ReadTimeout:
        raise _too_late(request) from None
    # Addresses that make no sense are a ValueError, also as requests' own; what breaks off may come next time.
    # Without the cause, which quotes what the server sent.
    except (OSError, HTTPError, ValueError) as error:
        raise RemoteError(
            f"{request.name} cannot be reached ({type(error).__name__}).",
            request.remedy,
            retryable=not isinstance(error, ValueError | requests.exceptions.SSLError),
        ) from None
    raise RemoteError(f"{request.name} leads from one address to the next.", "Check ZUME_SITE_URL.")


def _content(answer: requests.Response, request: Request, deadline: float) -> bytes:
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise RemoteError(f"What comes from {request.name} is far too large.", "Check ZUME_SITE_URL.")
        if time.monotonic() > deadline:
            raise _too_late(request)
    return bytes(content)


def _too_late(request: Request) -> RemoteError:
    return RemoteError(f"{request.name} did not come in {request.seconds:g} s.", request.remedy, retryable=True)
