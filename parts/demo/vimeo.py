"""The stand-in Vimeo: the part of its API that downloads need, download links and a CDN, all on one port.

It follows Vimeo's public API description (https://developer.vimeo.com/api/reference) as of 2026-11. The API is meant to
be addressed as 127.0.0.1; its download links lead on to ``localhost``, so that a client meets a second host name.
"""

from __future__ import annotations

import hashlib
import math
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, Literal
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from demo.vimeo_delivery import Delivery
from demo.vimeo_faults import (
    ApiError,
    LacksFields,
    ListOmits,
    NoDownload,
    QuicktimeSource,
    SlowApi,
    SourceOnly,
    WrongMd5,
    WrongSize,
    struck_by,
)
from demo.vimeo_fields import trim
from demo.vimeo_settings import LoggedRequest, VimeoSettings
from demo.vimeo_videos import RENDITIONS, StoredRendition, StoredVideo, find_video

Json = dict[str, Any]
_Item = Callable[[], Json | None]

_FIRST_UPLOAD = datetime(2024, 3, 1, 9, 0, tzinfo=timezone.utc)
_SORTINGS = ("alphabetical", "date", "default", "duration", "last_user_action_event_date")
_DURATION = 2  # seconds; see make_videos
_USUAL_CODES = {401: 8003, 404: 5000}
_MESSAGES = {
    400: "Something strange occurred. Please check the parameters.",
    401: "You must provide a valid authenticated access token.",
    403: "Your access token does not have the required scope or permission.",
    404: "The requested resource could not be found.",
    429: "Too many API requests. Wait until the time in X-RateLimit-Reset and try again.",
    500: "We had an issue generating that. Please try again later.",
}


def vimeo_app(settings: VimeoSettings) -> Flask:
    """Return the application.

    Args:
        settings: how it behaves; read at every request, so that a test can change them at any time.
    """
    app = Flask("demo.vimeo", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    delivery = Delivery(settings)
    delivery.add_routes(app)
    _Api(settings, delivery).add_routes(app)
    return app


class _ApiFailure(Exception):
    """An answer in Vimeo's error format."""

    def __init__(self, status: int, message: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message or _MESSAGES.get(status, "Something went wrong.")
        self.code = code if code is not None else _USUAL_CODES.get(status)

    def response(self) -> Response:
        body: Json = {"error": self.message, "link": None, "developer_message": self.message}
        if self.code is not None:
            body["error_code"] = self.code
        response = jsonify(body)
        response.status_code = self.status
        return response


class _RateLimit:
    """Counts API requests in windows of time."""

    def __init__(self, settings: VimeoSettings) -> None:
        self._settings = settings
        self._ends = 0.0
        self._used = 0
        self._lock = threading.Lock()

    def count(self) -> bool:
        """Count a request and say whether it is within the limit."""
        with self._lock:
            if time.time() >= self._ends:
                self._ends, self._used = time.time() + self._settings.rate_window, 0
            self._used += 1
            return self._used <= self._settings.rate_limit

    def headers(self) -> dict[str, str]:
        """Return the headers that every API answer has."""
        limit = self._settings.rate_limit
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - self._used)),
            # Rounded up: a client that waits until then has waited long enough.
            "X-RateLimit-Reset": _iso(math.ceil(max(self._ends, time.time()))),
        }


class _Api:
    """The API's answers."""

    def __init__(self, settings: VimeoSettings, delivery: Delivery) -> None:
        self._settings = settings
        self._delivery = delivery
        self._limit = _RateLimit(settings)

    def add_routes(self, app: Flask) -> None:
        app.before_request(self.before)
        app.after_request(self.after)
        app.register_error_handler(_ApiFailure, _ApiFailure.response)
        app.register_error_handler(HTTPException, lambda error: _ApiFailure(error.code or 500).response())
        app.add_url_rule("/me", view_func=self.me)
        app.add_url_rule("/oauth/verify", view_func=self.verify)
        app.add_url_rule("/videos/<video_id>", view_func=self.one_video)
        for whose in ("/me", "/users/<int:user_id>"):
            folder = f"{whose}/<any(projects,folders):collection>/<folder_id>"
            app.add_url_rule(folder, view_func=self.folder)
            app.add_url_rule(f"{folder}/items", view_func=self.folder_items)
            app.add_url_rule(f"{folder}/videos", view_func=self.folder_videos)

    # Around every request

    def before(self) -> Response | None:
        """Make the API's faults, check the token and the rate limit. None of these concerns links and the CDN."""
        if _kind() != "api":
            return None
        if slow := struck_by(self._settings.faults, SlowApi):
            time.sleep(slow.seconds)
        for fault in list(self._settings.faults):
            if isinstance(fault, ApiError) and fault.strikes_path(request.path):
                return _fault_response(fault)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self._settings.token:
            raise _ApiFailure(401)
        if not self._limit.count():
            raise _ApiFailure(429)
        return None

    def after(self, response: Response) -> Response:
        """Add the request to the log, and the headers of the rate limit to the answer."""
        kind = _kind()
        arguments = request.view_args or {}
        self._settings.log.add(
            LoggedRequest(
                kind=kind,
                method=request.method,
                host=request.host,
                path=request.path,
                query=request.query_string.decode("latin-1"),
                carried_authorization="Authorization" in request.headers,
                range=request.headers.get("Range"),
                status=response.status_code,
                video=find_video(arguments["video_id"]) if kind != "api" and "video_id" in arguments else None,
            )
        )
        if kind == "api" and "X-RateLimit-Limit" not in response.headers:
            response.headers.extend(self._limit.headers())
        return response

    # Who

    def me(self) -> Response:
        """Answer ``GET /me``."""
        return _answer(self._user())

    def verify(self) -> Response:
        """Answer ``GET /oauth/verify``."""
        app = {"uri": "/apps/1", "name": "Demo"}
        return _answer({"app": app, "scope": self._settings.scope, "user": self._user(), "token_type": "bearer"})

    def _user(self) -> Json:
        user_id = self._settings.user_id
        link = f"https://vimeo.com/user{user_id}"
        return {"uri": f"/users/{user_id}", "name": "Demo Trainer", "link": link, "account": "standard"}

    # Folders

    def folder(self, collection: str, folder_id: str, user_id: int | None = None) -> Response:
        """Answer the folder itself."""
        self._check_folder(collection, folder_id, user_id)
        return _answer(self._folder(folder_id))

    def folder_items(self, collection: str, folder_id: str, user_id: int | None = None) -> Response:
        """Answer the content of a folder: its sub-folders, then its videos."""
        self._check_folder(collection, folder_id, user_id)
        inner = self._settings.subfolders.get(folder_id, [])
        folders: list[_Item] = [partial(self._folder_item, folder_id) for folder_id in inner]
        videos: list[_Item] = [partial(self._video_item, video) for video in self._settings.videos_in(folder_id)]
        return self._page(folders + videos)

    def folder_videos(self, collection: str, folder_id: str, user_id: int | None = None) -> Response:
        """Answer the videos of a folder."""
        self._check_folder(collection, folder_id, user_id)
        videos = self._sorted(self._settings.videos_in(folder_id))
        return self._page([partial(self._listed_video, video) for video in videos])

    def _folder_item(self, folder_id: str) -> Json:
        return {"type": "folder", "folder": self._folder(folder_id)}

    def _video_item(self, video: StoredVideo) -> Json:
        return {"type": "video", "video": self._video(video)}

    def _listed_video(self, video: StoredVideo) -> Json | None:
        return None if struck_by(self._settings.faults, ListOmits, video) else self._video(video)

    def _check_folder(self, collection: str, folder_id: str, user_id: int | None) -> None:
        """Refuse a folder that the account cannot see, or not at this address; both look the same from outside."""
        settings = self._settings
        if "private" not in settings.scope.split():
            raise _ApiFailure(403)
        owner = settings.owner_id if folder_id in settings.owner_folders else settings.user_id
        elsewhere = settings.folders_only if collection == "projects" else settings.projects_only
        here = (user_id or settings.user_id) == owner and folder_id not in elsewhere
        if not (settings.knows_folder(folder_id) and here):
            raise _ApiFailure(404, "The requested folder could not be found.")

    def _folder(self, folder_id: str) -> Json:
        language = self._settings.language_of(folder_id)
        owner = self._settings.owner_id if folder_id in self._settings.owner_folders else self._settings.user_id
        uri = f"/users/{owner}/projects/{folder_id}"
        videos, folders = len(self._settings.videos_in(folder_id)), len(self._settings.subfolders.get(folder_id, []))
        connections = {
            "folders": {"uri": f"{uri}/folders", "options": ["GET"], "total": folders},
            "items": {"uri": f"{uri}/items", "options": ["GET"], "total": videos + folders},
            "videos": {"uri": f"{uri}/videos", "options": ["GET"], "total": videos},
        }
        return {
            "uri": uri,
            "name": language.name if language else "Course videos",
            "created_time": _iso(_FIRST_UPLOAD.timestamp()),
            "metadata": {"connections": connections},
        }

    def _sorted(self, videos: list[StoredVideo]) -> list[StoredVideo]:
        """Return the videos in the requested order. The default order is shuffled, because Vimeo's is of no use."""
        sorting = request.args.get("sort", "default")
        direction = request.args.get("direction", "asc" if sorting in ("alphabetical", "default") else "desc")
        if sorting not in _SORTINGS or direction not in ("asc", "desc"):
            raise _ApiFailure(400)
        keys: Mapping[str, Callable[[StoredVideo], Any]] = {
            "alphabetical": lambda video: (self._settings.title(video).casefold(), video.id),
            "default": lambda video: hashlib.sha256(str(video.id).encode()).digest(),
        }
        return sorted(videos, key=keys.get(sorting, lambda video: video.id), reverse=direction == "desc")

    def _page(self, items: list[_Item]) -> Response:
        """Answer one page. Only the items of that page are made; a missing one leaves the page short."""
        page, asked = _number("page", 1), _number("per_page", 25)
        if page < 1 or not 1 <= asked <= 100:
            raise _ApiFailure(400, "per_page is 1 to 100, page at least 1.")
        size = min(asked, self._settings.page_size_limit)
        last = max(1, math.ceil(len(items) / size))
        if page > last:
            raise _ApiFailure(404, "The requested page could not be found.")
        paging = {
            "next": _page_address(page + 1) if page < last else None,
            "previous": _page_address(page - 1) if page > 1 else None,
            "first": _page_address(1),
            "last": _page_address(last),
        }
        made = (make() for make in items[(page - 1) * size : page * size])
        data = [item for item in made if item is not None]
        return _answer({"total": len(items), "page": page, "per_page": size, "paging": paging, "data": data})

    # Videos

    def one_video(self, video_id: str) -> Response:
        """Answer ``GET /videos/{id}`` and ``/videos/{id}:{hash}``."""
        digits, _, given_hash = video_id.partition(":")
        video = find_video(int(digits)) if digits.isascii() and digits.isdigit() else None
        if video is None or (given_hash and given_hash != video.hash):
            raise _ApiFailure(404, "The requested video could not be found.")
        return _answer(self._video(video))

    def _video(self, video: StoredVideo) -> Json:
        created = _FIRST_UPLOAD + timedelta(hours=video.id % 1000)
        answer: Json = {
            "uri": self._settings.uri(video),
            "name": self._settings.title(video),
            "description": None,
            "type": "video",
            "link": f"https://vimeo.com/{video.id}",
            "duration": _DURATION,
            "width": RENDITIONS[0].width,
            "height": RENDITIONS[0].height,
            "created_time": _iso(created.timestamp()),
            "modified_time": _iso(created.timestamp()),
            "status": "available",
        }
        if _wants("download") and "video_files" in self._settings.scope.split():
            fault = struck_by(self._settings.faults, NoDownload, video)
            if fault is None:
                answer["download"] = self._downloads(video)
            elif fault.shape != "missing":
                answer["download"] = None if fault.shape == "null" else []
        return answer

    def _downloads(self, video: StoredVideo) -> list[Json]:
        """Return the ``download`` list, in random order and with its faults."""
        faults = self._settings.faults
        only_source = struck_by(faults, SourceOnly, video)
        quicktime = only_source.quicktime if only_source else bool(struck_by(faults, QuicktimeSource, video))
        generation = self._delivery.renew_links(video)
        renditions = RENDITIONS[:1] if only_source else RENDITIONS
        entries = [self._download(video, rendition, generation) for rendition in renditions]
        if quicktime:
            entries[0]["type"] = "video/quicktime"
        self._spoil(video, entries)
        random.Random(f"{video.id} {generation}").shuffle(entries)
        return entries

    def _download(self, video: StoredVideo, rendition: StoredRendition, generation: int) -> Json:
        file = self._settings.file(video, rendition)
        size = file.size
        if rendition.quality == "source" and self._settings.announced_original is not None:
            size = self._settings.announced_original
        expires = time.time() + self._settings.link_lifetime
        return {
            "quality": rendition.quality,
            "rendition": rendition.name,
            "type": "video/mp4",
            "width": rendition.width,
            "height": rendition.height,
            "expires": _iso(expires),
            "link": self._delivery.link(video, rendition.name, generation, expires),
            "created_time": _iso(_FIRST_UPLOAD.timestamp()),
            "fps": 25,
            "size": size,
            "md5": file.md5 if _wants("md5") else None,
            "public_name": _public_name(rendition),
            "size_short": _short_size(size),
        }

    def _spoil(self, video: StoredVideo, entries: list[Json]) -> None:
        """Give the entries wrong values, or fewer of them."""
        faults = self._settings.faults
        wrong_size = struck_by(faults, WrongSize, video)
        wrong_md5 = struck_by(faults, WrongMd5, video)
        lacks = struck_by(faults, LacksFields, video)
        for entry in entries:
            if wrong_size:
                entry["size"] += wrong_size.difference
            if wrong_md5:
                entry["md5"] = hashlib.md5(b"another file", usedforsecurity=False).hexdigest()
            if lacks and (lacks.renditions is None or entry["rendition"] in lacks.renditions):
                for name in lacks.fields:
                    entry.pop(name, None)


def _kind() -> Literal["api", "link", "cdn"]:
    """Return which of the three a request is for."""
    if request.path.startswith("/download-link/"):
        return "link"
    return "cdn" if request.path.startswith("/cdn/") else "api"


def _answer(answer: Json) -> Response:
    return jsonify(trim(answer, request.args.get("fields")))


def _wants(field: str) -> bool:
    """Say whether the answer will show a field; other fields need not be computed."""
    names = [name.strip().split(".") for name in request.args.get("fields", "").split(",")]
    return names == [[""]] or any(field in steps or steps[-1] in ("data", "video", "download") for steps in names)


def _number(name: str, default: int) -> int:
    """Return a whole number from the query."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise _ApiFailure(400, f"{name} is not a number.")
    return int(text)


def _page_address(page: int) -> str:
    """Return the address of another page of this list, relative to the API's base; only the page differs."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'page': page}, safe=',')}"


def _fault_response(fault: ApiError) -> Response:
    if fault.html:
        response = Response(f"<html><body><h1>{fault.status} from a proxy</h1></body></html>", mimetype="text/html")
        response.status_code = fault.status
    else:
        response = _ApiFailure(fault.status, code=fault.error_code).response()
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    if fault.status == 429:
        response.headers["X-RateLimit-Limit"] = "100"
        response.headers["X-RateLimit-Remaining"] = "0"
        reset = time.time() + fault.reset_in
        if fault.reset != "none":
            response.headers["X-RateLimit-Reset"] = _iso(reset) if fault.reset == "iso" else str(math.ceil(reset))
    return response


def _iso(moment: float) -> str:
    """Write a time, in Unix seconds, as Vimeo does: ``2026-11-22T12:00:30+00:00``."""
    return datetime.fromtimestamp(math.ceil(moment), timezone.utc).isoformat()


def _public_name(rendition: StoredRendition) -> str:
    return "Original" if rendition.quality == "source" else f"{rendition.quality.upper()} {rendition.name}"


def _short_size(size: int) -> str:
    units = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))
    unit, name = next((pair for pair in units if size >= pair[0]), units[-1])
    return f"{size / unit:.2f}{name}"
