"""The Vimeo API: which videos a folder holds, and the renditions in which each can be downloaded.

The facts about the API (fields, limits, error codes) were collected from Vimeo's public
API description, its help pages and the trackers of public clients on 2026-11-22.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from common.errors import BuilderError, CheckWarning, RemoteError
from common.http import CONNECT_SECONDS, READ_SECONDS, asked_pause, new_http_session
from common.retries import with_retries
from videos.renditions import NO_DOWNLOADS, Rendition, Video
from workspace.credentials import how_to_renew_token

DEFAULT_API_URL = "https://api.vimeo.com"
PAGE_SIZE = 100
_HURRIED_SECONDS = 10

_RENDITION_FIELDS = ["quality", "rendition", "type", "width", "height", "size", "md5", "link"]
_VIDEO_FIELDS = ["uri", "name", "duration", *(f"download.{name}" for name in _RENDITION_FIELDS)]
_LIST_FIELDS = ",".join(["total", "paging.next", *(f"data.{name}" for name in _VIDEO_FIELDS)])
_ITEM_FIELDS = "total,paging.next,data.type,data.folder.uri,data.folder.name"
# A folder answers under either name, depending on its age.
_COLLECTIONS = ("projects", "folders")
_NEEDED_SCOPES = ("public", "private", "video_files")

_NOT_THE_API = "Vimeo's answer is not what its API promises."
_LOOK_FOR_PROXY = "Look for a proxy or a login page between this machine and Vimeo."


def api_url() -> str:
    """Return the address of the API: ``VIMEO_API_URL``, else Vimeo's own."""
    return (os.environ.get("VIMEO_API_URL", "").strip() or DEFAULT_API_URL).rstrip("/")


@dataclass(frozen=True)
class Listing:
    """The content of a Vimeo folder.

    Attributes:
        videos: in the folder's order, then those of its sub-folders if these were requested.
        total: how many videos there are according to Vimeo.
        subfolders: the names of the folders in it, at every depth that was read.
    """

    videos: tuple[Video, ...]
    total: int
    subfolders: tuple[str, ...] = ()


class Vimeo:
    """The API, for one token. It is at ``VIMEO_API_URL``, by default at Vimeo itself.

    Args:
        token: the access token. Only the API's host receives it.
        announce: called with one sentence whenever a request has to wait or is repeated.
        patient: whether to wait for slow answers, and to repeat requests after errors that may pass.
    """

    def __init__(self, token: str, announce: Callable[[str], None], *, patient: bool = True) -> None:
        self._url = api_url()
        self._announce = announce
        self._tries = None if patient else 1
        self._timeout = (CONNECT_SECONDS, READ_SECONDS if patient else _HURRIED_SECONDS)
        self._session = new_http_session(4)
        self._session.headers["Accept"] = "application/vnd.vimeo.*+json;version=3.4"
        # An auth object, because requests would replace a header by an entry in ~/.netrc.
        self._session.auth = _Bearer(token)

    def folder(self, folder_id: str, recursive: bool = False) -> Listing:
        """List a folder.

        Args:
            folder_id: the folder's number; ``OWNER/NUMBER`` for one that belongs to the owner of a team.
            recursive: whether to list the folders in it as well.

        Raises:
            NotForAccount: there is no such folder for this account, or its token may not read it.
            BuilderError: Vimeo refuses the token, or does not answer as it should.
        """
        try:
            path, listing = self._find(folder_id)
        except Forbidden as error:
            missing = self._missing_scopes()
            if missing:
                raise NotForAccount(_lack_of(missing), how_to_renew_token()) from error
            raise NotForAccount(error.message, error.remedy) from error
        return self._with_subfolders(path, listing, recursive, visited=set())

    def why_no_downloads(self) -> str:
        """Return in one sentence why Vimeo offers no download links, as far as that is known."""
        missing = self._missing_scopes()
        return _lack_of(missing) + " " + how_to_renew_token() if missing else NO_DOWNLOADS

    def _find(self, folder_id: str) -> tuple[str, Listing]:
        """Return a folder's path in the API, for all further requests, and its videos."""
        owner, _, number = folder_id.rpartition("/")
        for collection in _COLLECTIONS:
            path = f"{f'/users/{owner}' if owner else '/me'}/{collection}/{number}"
            try:
                return path, self._list(f"{path}/videos")
            except NotFound:
                continue
        raise NotForAccount(
            f"Vimeo has no folder {folder_id} for this account.",
            "Check the number, which is in the folder's address on vimeo.com, and that the token's account is a "
            "member of the team that owns the folder. If the folder belongs to the team's owner, add the owner's "
            "number: --folder-id OWNER/NUMBER.",
        )

    def _with_subfolders(self, path: str, listing: Listing, recursive: bool, visited: set[str]) -> Listing:
        """Add the names of the folders in a folder and, if ``recursive``, their videos."""
        visited.add(_last_part(path))
        for folder in self._folders_in(path):
            listing = replace(listing, subfolders=(*listing.subfolders, folder.name))
            if recursive and _last_part(folder.path) not in visited:
                inner = self._with_subfolders(folder.path, self._list(f"{folder.path}/videos"), True, visited)
                listing = Listing(
                    _without_doubles((*listing.videos, *inner.videos)),
                    listing.total + inner.total,
                    (*listing.subfolders, *inner.subfolders),
                )
        return listing

    def _folders_in(self, path: str) -> list[_Folder]:
        """Return the folders in a folder; none if Vimeo refuses that, which must not stop the videos."""
        try:
            pages = self._pages(f"{path}/items", _ITEM_FIELDS)
            return [folder for page in pages for item in page.items if (folder := _folder(item))]
        except NotFound:
            return []
        except RemoteError as error:
            self._announce(f"Vimeo does not say which folders are in this one: {error.message}")
            return []

    def require_scopes(self) -> str:
        """Return the scopes of the token.

        Raises:
            CheckWarning: Vimeo does not say which scopes it has.
            BuilderError: it lacks a scope that is needed.
        """
        return _sufficient(self._scopes())

    def try_token(self) -> str:
        """Return the scopes of the token as ``require_scopes`` does, but also raise if Vimeo refuses the token.

        Raises:
            RemoteError: Vimeo refuses the token, or cannot be reached.
        """
        return _sufficient(self._asked_scopes())

    def _missing_scopes(self) -> list[str]:
        """Return the scopes that the token lacks; none if Vimeo does not say which it has."""
        scopes = self._scopes()
        return _missing_in(scopes) if scopes else []

    def _scopes(self) -> list[str]:
        try:
            return self._asked_scopes()
        except RemoteError:
            return []

    def _asked_scopes(self) -> list[str]:
        return str(self._get("/oauth/verify", {}).get("scope") or "").split()

    def video(self, uri: str) -> Video:
        """Return one video again, with fresh links.

        Args:
            uri: the video's path, e.g. ``/videos/123:hash``.
        """
        return _video(self._get(uri, {"fields": ",".join(_VIDEO_FIELDS)}))

    def _list(self, path: str) -> Listing:
        videos: list[Video] = []
        total = 0
        for page in self._pages(path, _LIST_FIELDS):
            total = page.total or total
            videos += [_video(item) for item in page.items]
        return Listing(_without_doubles(videos), total)

    def _pages(self, path: str, fields: str) -> Iterator[_Page]:
        """Yield the pages of a list, each of them once, even if they point to each other in a circle."""
        parameters: Mapping[str, str | int] = {"per_page": PAGE_SIZE, "fields": fields}
        visited = set()
        while path and path not in visited:
            visited.add(path)
            page = _page(self._get(path, parameters))
            yield page
            path, parameters = page.next, {}

    def _get(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        return with_retries(lambda: self._get_once(path, parameters), self._announce, tries=self._tries)

    def _get_once(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        # Only the path and the query of the address in the answer: the token must not go to another host.
        parts = urlsplit(path)
        url = self._url + parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            response = self._session.get(url, params=parameters, timeout=self._timeout, allow_redirects=False)
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
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise RemoteError(_NOT_THE_API, _LOOK_FOR_PROXY, retryable=True)
        return content


class NotForAccount(BuilderError):
    """Vimeo works, but does not have for this account what was asked for. Another source may have it."""


class NotFound(RemoteError):
    """The API has nothing at that path for this account."""


class Forbidden(RemoteError):
    """The token lacks a scope, or its account a permission."""


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
        return RemoteError(f"Vimeo refuses the access token: {reason}", how_to_renew_token())
    if status in (403, 404) and _error_in(response) is None:
        return RemoteError(f"Vimeo answered with an error ({status}): {reason}", _LOOK_FOR_PROXY)
    if status == 403:
        return Forbidden(f"Vimeo does not allow this: {reason}", NO_DOWNLOADS)
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
        # Every answer has the window of the rate limit, but other errors have nothing to do with it.
        pause=asked_pause(response.headers, "Retry-After"),
    )


def _reason(response: requests.Response) -> str:
    """Return the reason in an error answer; the HTML of a proxy has none."""
    content = _error_in(response)
    if content is None:
        return f"{response.reason}."
    text = str(content.get("developer_message") or content.get("error") or response.reason)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _error_in(response: requests.Response) -> dict[str, Any] | None:
    """Return what the API itself says of an error; None if the answer is somebody else's."""
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


@dataclass(frozen=True)
class _Page:
    items: list[Mapping[str, Any]]
    total: int | None
    next: str


def _page(answer: Mapping[str, Any]) -> _Page:
    try:
        items = list(answer.get("data") or [])
        following = (answer.get("paging") or {}).get("next") or ""
    except (AttributeError, TypeError):
        items = [None]
    if not all(isinstance(item, dict) for item in items):
        raise RemoteError(_NOT_THE_API, _LOOK_FOR_PROXY)
    return _Page(items, _number(answer.get("total")), str(following))


@dataclass(frozen=True)
class _Folder:
    name: str
    path: str


def _folder(item: Mapping[str, Any]) -> _Folder | None:
    """Read one item of a folder; None if it is no folder."""
    folder = item.get("folder")
    if not isinstance(folder, dict) or not str(folder.get("uri") or "").startswith("/"):
        return None
    return _Folder(str(folder.get("name") or folder["uri"]), str(folder["uri"]))


def _last_part(path: str) -> str:
    """Return a folder's number, which is the same in all of its paths."""
    return path.rstrip("/").rpartition("/")[2]


def _without_doubles(videos: Iterable[Video]) -> tuple[Video, ...]:
    return tuple({video.id: video for video in videos}.values())


def _missing_in(scopes: Sequence[str]) -> list[str]:
    return [scope for scope in _NEEDED_SCOPES if scope not in scopes]


def _sufficient(scopes: Sequence[str]) -> str:
    """Return the scopes of a token as a text if it has all that are needed."""
    if not scopes:
        raise CheckWarning("Vimeo does not say which scopes the token has.", f"It needs {', '.join(_NEEDED_SCOPES)}.")
    if missing := _missing_in(scopes):
        raise BuilderError(_lack_of(missing), how_to_renew_token())
    return ", ".join(scopes)


def _lack_of(scopes: Sequence[str]) -> str:
    return f"The access token lacks the scope {' and '.join(scopes)}."


def _video(entry: Mapping[str, Any]) -> Video:
    uri = str(entry.get("uri") or "")
    match = re.search(r"/videos/(\d+)", uri)
    if not match:
        raise RemoteError("Vimeo listed a video without its address.", "Run the same command again.", retryable=True)
    downloads = entry.get("download") or []
    if not isinstance(downloads, list):
        raise RemoteError(_NOT_THE_API, _LOOK_FOR_PROXY)
    renditions = (_rendition(item) for item in downloads if isinstance(item, dict))
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
