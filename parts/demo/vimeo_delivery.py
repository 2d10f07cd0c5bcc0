"""Download links and the CDN: a link redirects to the CDN (302), which serves files and ranges of them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as BaseResponse

from demo.file_delivery import send, short_text, striking_fault, web_page
from demo.server import OTHER_HOST
from demo.vimeo_faults import CdnExpired, LinkError, LinkExpired, RedirectLoop, RedirectRefused, struck_by
from demo.vimeo_settings import VimeoSettings
from demo.vimeo_videos import StoredVideo, VideoFile, find_video

_LOOP = "/download-link/loop"
_REFUSING = "http://127.0.0.1:1/nobody-listens-here.mp4"  # port 1 is reserved (tcpmux) and served by nobody


class Expiries:
    """The generations of links or addresses that have expired early. Safe for many threads."""

    def __init__(self) -> None:
        self._latest: Counter[int] = Counter()
        self._expired: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def renew(self, key: int) -> int:
        """Begin a new generation for a key and return its number."""
        with self._lock:
            self._latest[key] += 1
            return self._latest[key]

    def expire(self, key: int, status: int) -> None:
        """End every generation of a key so far; from now on these answer with this status."""
        with self._lock:
            self._expired[key] = (self._latest[key], status)

    def status(self, key: int, generation: int) -> int | None:
        """Return the status of an expired generation, or None for a good one."""
        with self._lock:
            last, status = self._expired.get(key, (0, 0))
            return status if generation <= last else None


class Delivery:
    """Download links and the CDN.

    Args:
        settings: how to behave.
    """

    def __init__(self, settings: VimeoSettings) -> None:
        self._settings = settings
        self._links = Expiries()
        self._addresses = Expiries()

    def add_routes(self, app: Flask) -> None:
        """Make an application answer links and CDN addresses."""
        app.add_url_rule("/download-link/<int:video_id>/<rendition>", view_func=self.follow_link)
        app.add_url_rule(_LOOP, view_func=self.go_round)
        app.add_url_rule("/cdn/<int:generation>/<int:video_id>/<rendition>.mp4", view_func=self.send_file)

    def renew_links(self, video: StoredVideo) -> int:
        """Begin a new generation of links for a video, as the API does whenever it shows its downloads."""
        return self._links.renew(video.id)

    def link(self, video: StoredVideo, rendition: str, generation: int, expires: float) -> str:
        """Return the absolute link to a rendition; ``expires`` is in Unix seconds."""
        path = f"/download-link/{video.id}/{rendition}?generation={generation}&expires={expires:.3f}"
        return f"{request.host_url.rstrip('/')}{path}&signature={_sign(path)}"

    def follow_link(self, video_id: int, rendition: str) -> BaseResponse:
        """Answer a download link: 302 to a new CDN address."""
        video = find_video(video_id)
        path, _, signature = request.full_path.partition("&signature=")
        if video is None or signature != _sign(path):
            return web_page(403)
        error = self._link_trouble(video)
        if error is not None:
            return error
        expires = time.time() + self._settings.cdn_lifetime
        generation = self._addresses.renew(video.id)
        port = urlsplit(request.host_url).port
        query = f"expires={expires:.3f}"
        return redirect(f"http://{OTHER_HOST}:{port}/cdn/{generation}/{video.id}/{rendition}.mp4?{query}")

    def go_round(self) -> BaseResponse:
        """Answer the address that redirects to itself, even after the fault that led there is over."""
        return redirect(_LOOP)

    def _link_trouble(self, video: StoredVideo) -> BaseResponse | None:
        """Return the answer of a link that does not lead to the CDN, else None."""
        faults = self._settings.faults
        generation = request.args.get("generation", 0, int)
        expired = self._links.status(video.id, generation)
        if expired is None and _is_over():
            expired = 410
        if expired is not None:
            return web_page(expired)
        if fault := struck_by(faults, LinkExpired, video):
            self._links.expire(video.id, fault.status)
            return web_page(fault.status)
        if error := struck_by(faults, LinkError, video):
            answer = web_page if error.html else short_text
            return answer(error.status, error.retry_after)
        if struck_by(faults, RedirectLoop, video):
            return self.go_round()
        if struck_by(faults, RedirectRefused, video):
            return redirect(_REFUSING)
        return None

    def send_file(self, generation: int, video_id: int, rendition: str) -> Response:
        """Answer a CDN address with a file, a part of it, or a fault."""
        video = find_video(video_id)
        file = self._settings.find_file(video, rendition) if video else None
        if video is None or file is None:
            return short_text(404)
        expired = self._addresses.status(video.id, generation)
        if expired is not None:
            return short_text(expired)
        if _is_over():
            return short_text(410)
        fault = striking_fault(self._settings.faults, video, rendition)
        if isinstance(fault, CdnExpired):
            self._addresses.expire(video.id, fault.status)
        return send(file, fault, _file_headers(file))


def _file_headers(file: VideoFile) -> Headers:
    return Headers(
        {
            "ETag": f'"{hashlib.sha256(file.label.encode()).hexdigest()[:16]}-{file.size}"',
            "Content-Disposition": f'attachment; filename="{file.video.id}-{file.rendition}.mp4"',
        }
    )


def _is_over() -> bool:
    """Say whether the time in the address has passed."""
    return time.time() > float(request.args.get("expires", "0"))


def _sign(path: str) -> str:
    """Return a signature, without which a link with a changed query is worthless."""
    return hashlib.sha256(f"demo {path}".encode()).hexdigest()[:16]
