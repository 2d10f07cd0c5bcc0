"""Fetches one page of the site. However the server behaves, that takes neither long nor much memory."""

from __future__ import annotations

import time
from functools import partial
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from common.errors import RemoteError
from common.http import CONNECT_SECONDS, asked_pause, no_credentials
from common.workers import within

# The page has up to 1.1 MB.
_MOST_BYTES = 20_000_000
_CHUNK = 1 << 16
_MOST_REDIRECTS = 5
# In seconds. Nobody waits longer for a page that can be done without.
_LONGEST_PAUSE = 10.0
_CHECK_CONNECTION = "Check the internet connection and ZUME_SITE_URL."
_TRY_LATER = "Run the same command again later."


def fetch_text(url: str, seconds: float) -> str:
    """Return the text of a page; letters that are not UTF-8 are replaced.

    Args:
        url: where it is. Redirects are followed.
        seconds: how long all of it may take.

    Raises:
        RemoteError: no page came, or not in time, or one that is far too large. The message quotes nothing of it.
    """
    try:
        # In a thread, because only that limits the whole: a server may send each line of its answer just in time.
        content = within(seconds, partial(_fetch, url, seconds))
    except TimeoutError as error:
        raise _too_late(url, seconds) from error
    return content.decode("utf-8", errors="replace")


class _Session(requests.Session):
    """Follows no redirect: requests would read the whole answer that comes with one, however long that is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _fetch(url: str, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    address = url
    try:
        with _Session() as session:
            session.auth = no_credentials
            for _ in range(_MOST_REDIRECTS + 1):
                with session.get(address, stream=True, timeout=(min(CONNECT_SECONDS, seconds), seconds)) as answer:
                    if not answer.is_redirect:
                        _require_good_status(url, answer)
                        return _content(url, answer, seconds, deadline)
                    address = urljoin(address, answer.headers["location"])
    except requests.ReadTimeout:
        raise _too_late(url, seconds) from None
    # Addresses that make no sense are a ValueError, also as requests' own; what breaks off may come next time.
    # Without the cause, which quotes what the server sent.
    except (OSError, HTTPError, ValueError) as error:
        raise RemoteError(
            f"{url} cannot be reached ({type(error).__name__}).",
            _CHECK_CONNECTION,
            retryable=not isinstance(error, ValueError | requests.exceptions.SSLError),
        ) from None
    raise RemoteError(f"{url} leads from one address to the next.", "Check ZUME_SITE_URL.")


def _require_good_status(url: str, answer: requests.Response) -> None:
    status = answer.status_code
    if status == 200:
        return
    if status == 404:
        raise RemoteError(f"The site has no page at {url} (404).", "Check ZUME_SITE_URL and the language code.")
    pause = asked_pause(answer.headers, "Retry-After")
    raise RemoteError(
        f"The site answered with an error ({status}) at {url}.",
        _TRY_LATER,
        retryable=(status == 429 or status >= 500) and (pause or 0.0) <= _LONGEST_PAUSE,
        pause=pause,
    )


def _content(url: str, answer: requests.Response, seconds: float, deadline: float) -> bytes:
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise RemoteError(f"{url} is no presenter's page: it is too large.", "Check ZUME_SITE_URL.")
        if time.monotonic() > deadline:
            raise _too_late(url, seconds)
    return bytes(content)


def _too_late(url: str, seconds: float) -> RemoteError:
    return RemoteError(f"{url} did not come in {seconds:g} s.", _CHECK_CONNECTION, retryable=True)
