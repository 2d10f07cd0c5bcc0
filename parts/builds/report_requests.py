"""The few requests that only a report makes: the presenter's page, and the beginning of a video of each source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError

from builds.exchanges import MIRROR, Services, download_entries, read_answer
from common.errors import BuilderError, RemoteError
from common.http import CONNECT_SECONDS, new_http_session
from common.watched_http import Exchange, watching
from course.curricula import CURRICULA
from course.page import page_text, site_url
from course.page_data import find_literal, listed_course
from videos.mirror import mirror_url
from videos.vimeo import api_url

_SECONDS = 10
_FIRST_BYTES = 1024
_SOME_NUMBER = 1


@dataclass(frozen=True)
class PageLook:
    """The presenter's page of one language, as it came.

    Attributes:
        text, address: of the page; empty if none came.
        failure: the kind of error, if none came.
    """

    text: str = field(default="", repr=False)
    address: str = ""
    failure: str = ""


@dataclass(frozen=True)
class Beginning:
    """What came when the first bytes of a video were asked for.

    Attributes:
        exchanges: with all servers on the way.
        outcome: in words.
    """

    exchanges: tuple[Exchange, ...]
    outcome: str


def look_at_page(language_code: str) -> PageLook:
    """Fetch the presenter's page of a language."""
    try:
        return PageLook(*page_text(language_code))
    except RemoteError as error:
        return PageLook(failure=type(error).__name__)


def services_now(page: PageLook) -> Services:
    """Return where the services are, as settings and the page say."""
    settings = find_literal(page.text, "jsObject", dict) or {}
    said = settings.get("mirror_url")
    try:
        mirror = mirror_url(said if isinstance(said, str) else "")
    except BuilderError:
        mirror = ""
    return Services(api_url(), site_url(), mirror)


def a_download_link(exchanges: Iterable[Exchange]) -> str:
    """Return a link to download from, out of what Vimeo has answered; "" if there is none."""
    answers = (read_answer(exchange.content)[0] for exchange in exchanges if exchange.content)
    links = (entry.get("link") for entry in download_entries(answers))
    return next((link for link in links if isinstance(link, str) and link), "")


def a_mirror_video(language_code: str, page: PageLook, services: Services, exchanges: Iterable[Exchange]) -> str:
    """Return the address of a video on the mirror: one that was found, else the first that the course shows."""
    for exchange in exchanges:
        if exchange.status == 200 and services.of(exchange.url)[0] == MIRROR:
            return exchange.url
    listed = {each.name: find_literal(page.text, each.constant, list) for each in CURRICULA}
    numbers = {slide.video for slides in listed_course(listed).values() for slide in slides if slide.video}
    return f"{services.mirror}{language_code}/{min(numbers, default=_SOME_NUMBER)}.mp4" if services.mirror else ""


def ask_for_beginning(url: str) -> Beginning:
    """Ask what is at an address (HEAD), and for the first kilobyte of it: a video. No credentials are sent."""
    seen: list[Exchange] = []
    with watching(seen.append):
        outcome = _outcome(lambda: _read_beginning(url))
    return Beginning(tuple(seen), outcome)


def _outcome(read: Callable[[], bytes]) -> str:
    try:
        content = read()
    # Addresses that make no sense are a ValueError.
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        return f"failed ({type(error).__name__})"
    kind = "begins like an MP4" if content[4:8] == b"ftyp" else "does not begin like an MP4"
    return f"{len(content)} bytes were read; what came {kind}"


def _read_beginning(url: str) -> bytes:
    headers = {"Range": f"bytes=0-{_FIRST_BYTES - 1}", "Accept-Encoding": "identity"}
    session, limits = new_http_session(1), (CONNECT_SECONDS, _SECONDS)
    session.head(url, stream=True, timeout=limits, allow_redirects=True).close()
    with session.get(url, headers=headers, stream=True, timeout=limits) as answer:
        return bytes(answer.raw.read(_FIRST_BYTES))
