"""Talks to the Vimeo API: which videos a folder holds, and which renditions each can be downloaded in.

The facts about the API (fields, limits, error codes) were collected from Vimeo's public
API description, its help pages and the trackers of public clients on 2026-11-22.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from _errors import BuilderError, RemoteError
from _renditions import NO_DOWNLOADS, Rendition, Video
from _retry import with_retries

DEFAULT_API_URL = "https://api.vimeo.com"
PAGE_SIZE = 100
CONNECT_SECONDS, READ_SECONDS = 10, 60

_RENDITION_FIELDS = ["quality", "rendition", "type", "width", "height", "size", "md5", "link"]
_VIDEO_FIELDS = ["uri", "name", "duration", *(f"download.{name}" for name in _RENDITION_FIELDS)]
_LIST_FIELDS = ",".join(["total", "paging.next", *(f"data.{name}" for name in _VIDEO_FIELDS)])
# A folder answers under either name, depending on its age.
_FOLDER_PATHS = ("/me/projects/{}/videos", "/me/folders/{}/videos")

_NOT_THE_API = "Vimeo's answer is not what its API promises."
_LOOK_FOR_PROXY = "Look for a proxy or a login page between this machine and Vimeo."


@dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Attributes:
        videos: in the folder's order.
        total: how many Vimeo says there are.
    """

    videos: tuple[Video, ...]
    total: int


def new_http_session(connections: int) -> requests.Session:
    """Return an HTTP session that keeps up to so many connections to each host."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=connections, pool_maxsize=connections))
    return session


class Vimeo:
    """The API, for one token.

    Args:
        token: the access token. It is sent to the API's host and nowhere else.
        announce: takes one sentence whenever a request has to wait or be repeated.
        api_url: where the API is; the default is ``VIMEO_API_URL`` or Vimeo itself.
    """

    def __init__(self, token: str, announce: Callable[[str], None], api_url: str = "") -> None:
        self._url = (api_url or os.environ.get("VIMEO_API_URL", "").strip() or DEFAULT_API_URL).rstrip("/")
        self._announce = announce
        self._session = new_http_session(4)
        self._session.headers["Accept"] = "application/vnd.vimeo.*+json;version=3.4"
        # As an auth object, because a header would give way to an entry in ~/.netrc.
        self._session.auth = _Bearer(token)

    def folder(self, folder_id: str) -> Listing:
        """List a folder.

        Args:
            folder_id: the folder's number.

        Raises:
            BuilderError: there is no such folder for this account, or Vimeo refuses or cannot be reached.
        """
        for path in _FOLDER_PATHS:
            try:
                return self._list(path.format(folder_id))
            except NotFound:
                continue
        raise BuilderError(
            f"Vimeo has no folder {folder_id} for this account.",
            "Check the number (it stands in the folder's address on vimeo.com), "
            "and that the token's account is a member of the team that owns it.",
        )

    def video(self, uri: str) -> Video:
        """Ask for one video again, to get fresh links.

        Args:
            uri: the video's path, e.g. ``/videos/123:hash``.
        """
        return _video(self._get(uri, {"fields": ",".join(_VIDEO_FIELDS)}))

    def _list(self, path: str) -> Listing:
        videos: dict[str, Video] = {}
        total = 0
        parameters: Mapping[str, str | int] = {"per_page": PAGE_SIZE, "fields": _LIST_FIELDS}
        visited = set()
        while path and path not in visited:
            visited.add(path)
            page = _page(self._get(path, parameters))
            total = page.total or total
            for video in page.videos:
                videos.setdefault(video.id, video)
            path, parameters = page.next, {}
        return Listing(tuple(videos.values()), total)

    def _get(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        return with_retries(lambda: self._get_once(path, parameters), self._announce)

    def _get_once(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        # Only path and query of what the answer named: the token must not follow it to another host.
        parts = urlsplit(path)
        url = self._url + parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            response = self._session.get(
                url, params=parameters, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False
            )
        except requests.RequestException as error:
            raise RemoteError(
                f"Vimeo cannot be reached at {self._url} ({type(error).__name__}).",
                "Check the internet connection, then run the same command again.",
                retryable=not isinstance(error, requests.exceptions.SSLError | requests.exceptions.InvalidURL),
            ) from error
        if response.status_code != 200:
            raise _refusal(response)
        try:
            content = response.json()
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise RemoteError(_NOT_THE_API, _LOOK_FOR_PROXY, retryable=True)
        return content


class NotFound(RemoteError):
    """The API knows nothing at that path, for this account."""


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"bearer {self._token}"
        return request


def _refusal(response: requests.Response) -> RemoteError:
    """Turn an error answer into an error that says whether it may be retried."""
    status = response.status_code
    reason = _reason(response)
    if status == 401:
        return RemoteError(
            f"Vimeo refuses the access token: {reason}",
            "Make a new token at developer.vimeo.com and store it: python parts/1-setup.py --force-interactive",
        )
    if status == 403:
        return RemoteError(f"Vimeo does not allow this: {reason}", NO_DOWNLOADS)
    if status == 404:
        return NotFound(f"Vimeo does not know this: {reason}")
    if status == 429:
        return RemoteError(
            "Vimeo asks for a pause: too many requests.",
            "Run the same command again in some minutes.",
            retryable=True,
            pause=asked_pause(response.headers, "Retry-After", "X-RateLimit-Reset"),
        )
    return RemoteError(
        f"Vimeo answered with an error ({status}): {reason}",
        "Run the same command again later.",
        retryable=status >= 500,
        # The rate limit's window, which every answer tells of, has nothing to do with these.
        pause=asked_pause(response.headers, "Retry-After"),
    )


def _reason(response: requests.Response) -> str:
    """Return what an error answer says; behind a proxy it may be HTML, which says nothing useful."""
    try:
        content = response.json()
        return str(content.get("developer_message") or content.get("error") or response.reason)
    except (ValueError, AttributeError):
        return f"{response.reason}."


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
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.replace("Z", "+00:00") if read is datetime.fromisoformat else text)
        except (ValueError, TypeError):
            continue
        return ((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)) - present).total_seconds()
    return None


@dataclass(frozen=True)
class _Page:
    videos: list[Video]
    total: int | None
    next: str


def _page(answer: Mapping[str, Any]) -> _Page:
    try:
        videos = [_video(entry) for entry in answer.get("data") or []]
        following = (answer.get("paging") or {}).get("next") or ""
        return _Page(videos, _number(answer.get("total")), str(following))
    except (AttributeError, TypeError) as error:
        raise RemoteError(_NOT_THE_API, _LOOK_FOR_PROXY) from error


def _video(entry: Mapping[str, Any]) -> Video:
    uri = str(entry.get("uri") or "")
    match = re.search(r"/videos/(\d+)", uri)
    if not match:
        raise RemoteError("Vimeo listed a video without its address.", "Run the same command again.", retryable=True)
    renditions = (_rendition(item) for item in entry.get("download") or [] if isinstance(item, dict))
    return Video(
        id=match[1],
        uri=uri,
        title=str(entry.get("name") or ""),
        duration=_number(entry.get("duration")) or 0,
        renditions=tuple(rendition for rendition in renditions if rendition.link),
    )


def _rendition(item: Mapping[str, Any]) -> Rendition:
    quality = str(item.get("quality") or "")
    name = str(item.get("rendition") or "")
    named_height = int(match[1]) if (match := re.fullmatch(r"(\d+)p", name)) else 0
    height = _number(item.get("height")) or named_height
    return Rendition(
        quality=quality,
        name=name or (f"{height}p" if height and quality != "source" else quality or "unknown"),
        type=str(item.get("type") or "").partition(";")[0].strip().lower(),
        width=_number(item.get("width")) or round(height * 16 / 9),
        height=height,
        size=_number(item.get("size")),
        md5=str(item.get("md5") or "").lower() or None,
        link=str(item.get("link") or ""),
    )


def _number(value: object) -> int | None:
    """Return a count as Vimeo writes it, or None for anything that is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None
