"""Fetches a style sheet, script, picture or font as the browser fetches it: some hosts look at who asks."""

from __future__ import annotations

import sys
from enum import Enum
from urllib.parse import urlsplit

from common.errors import RemoteError
from course.page_fetch import CHECK_CONNECTION, Answer, Request, fetch, may_pass, refusal

_SECONDS = 20.0
# Its version where nobody knows that of the browser.
_SOME_VERSION = "150"
_SYSTEMS = {"win32": "Windows NT 10.0; Win64; x64", "darwin": "Macintosh; Intel Mac OS X 10_15_7"}
_OTHER_SYSTEM = "X11; Linux x86_64"
_PICTURES = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
_STATUS_NOT_IN_TIME = 408


class Kind(Enum):
    """A kind of file: how the browser calls it in a request, and what it says that it accepts."""

    STYLE = ("style", "text/css,*/*;q=0.1")
    SCRIPT = ("script", "*/*")
    PICTURE = ("image", _PICTURES)
    FONT = ("font", "*/*")


def fetch_file(url: str, kind: Kind, referrer: str, browser_version: str) -> Answer | None:
    """Fetch a file as headless Chrome does.

    Args:
        url: where it is. Redirects are followed.
        kind: what it is.
        referrer: the page or style sheet that names it.
        browser_version: of the browser, e.g. ``156.0.8078.73``; "" if it is not known.

    Returns:
        The answer; None if it is definite that the browser does not get the file either.

    Raises:
        RemoteError: it could not be had, for a reason that may pass. The message has nothing of the address but
            scheme, host and path.
    """
    name = bare(url)
    request = Request(url, _SECONDS, name, CHECK_CONNECTION, _headers(url, kind, referrer, browser_version))
    try:
        answer = fetch(request)
    except RemoteError as error:
        if error.retryable:
            raise
        return None
    if may_pass(answer.status) or answer.status == _STATUS_NOT_IN_TIME:
        raise refusal(answer, name)
    return answer if 200 <= answer.status < 300 else None


def bare(url: str) -> str:
    """Return an address without what may hold a key: user, query and fragment."""
    origin = _origin(url)
    return f"{origin}{urlsplit(url).path}" if origin else "an address"


def _headers(url: str, kind: Kind, referrer: str, browser_version: str) -> dict[str, str]:
    destination, accepted = kind.value
    origin = _origin(referrer)
    is_same = _origin(url) == origin
    headers = {
        "User-Agent": _user_agent(browser_version),
        "Accept": accepted,
        "Accept-Language": "en-US,en;q=0.9",
        "Sec-Fetch-Dest": destination,
        "Sec-Fetch-Mode": "cors" if kind is Kind.FONT else "no-cors",
        "Sec-Fetch-Site": "same-origin" if is_same else "cross-site",
    }
    if not (origin.startswith("https:") and url.startswith("http:")):
        headers["Referer"] = referrer.partition("#")[0] if is_same else f"{origin}/"
    if kind is Kind.FONT:
        headers["Origin"] = origin
    return headers


def _user_agent(browser_version: str) -> str:
    system = _SYSTEMS.get(sys.platform, _OTHER_SYSTEM)
    # Chrome tells its major version only.
    version = browser_version.partition(".")[0] or _SOME_VERSION
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/{version}.0.0.0 Safari/537.36"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
