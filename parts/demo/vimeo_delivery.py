"""Download links and the CDN: a link redirects to the CDN (302), which serves files and ranges of them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.datastructures import ContentRange
from werkzeug.wrappers import Response as BaseResponse

from demo.server import close_delimited
from demo.vimeo_faults import (
    CdnError,
    CdnExpired,
    CdnFault,
    Cut,
    Drip,
    EmptyBody,
    HtmlPage,
    LinkError,
    LinkExpired,
    RangeIgnored,
    RangeRefused,
    RedirectLoop,
    RedirectRefused,
    Stall,
    Unannounced,
    WrongBytes,
    WrongLength,
    struck_by,
)
from demo.vimeo_settings import VimeoSettings
from demo.vimeo_videos import StoredVideo, VideoFile, find_video

CDN_HOST = "localhost"  # another host name than the API's, so that a client sees a change of host
_LOOP = "/download-link/loop"
_REFUSING = "http://127.0.0.1:1/nobody-listens-here.mp4"  # port 1 is reserved (tcpmux) and served by nobody
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>Please try again later.</p></body>"


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
            return _page(403)
        error = self._link_trouble(video)
        if error is not None:
            return error
        expires = time.time() + self._settings.cdn_lifetime
        generation = self._addresses.renew(video.id)
        port = urlsplit(request.host_url).port
        query = f"expires={expires:.3f}"
        return redirect(f"http://{CDN_HOST}:{port}/cdn/{generation}/{video.id}/{rendition}.mp4?{query}")

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
            return _page(expired)
        if fault := struck_by(faults, LinkExpired, video):
            self._links.expire(video.id, fault.status)
            return _page(fault.status)
        if error := struck_by(faults, LinkError, video):
            return _page(error.status, error.retry_after) if error.html else _text(error.status, error.retry_after)
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
            return _text(404)
        expired = self._addresses.status(video.id, generation)
        if expired is not None:
            return _text(expired)
        if _is_over():
            return _text(410)
        fault = self._strike(video, rendition)
        if isinstance(fault, CdnExpired):
            self._addresses.expire(video.id, fault.status)
        return _replaced(fault) or _whole_or_part(file, fault)

    def _strike(self, video: StoredVideo, rendition: str) -> CdnFault | None:
        """Return the first fault that strikes this request."""
        for fault in list(self._settings.faults):
            if not isinstance(fault, CdnFault):
                continue
            if fault.renditions is not None and rendition not in fault.renditions:
                continue
            if isinstance(fault, RangeIgnored | RangeRefused) and request.range is None:
                continue
            if fault.strikes(video):
                return fault
        return None


def _is_over() -> bool:
    """Say whether the time in the address has passed."""
    return time.time() > float(request.args.get("expires", "0"))


def _replaced(fault: CdnFault | None) -> Response | None:
    """Return the answer of a fault that sends something other than the file."""
    if isinstance(fault, HtmlPage):
        return _page(fault.status)
    if isinstance(fault, CdnError):
        return _text(fault.status, fault.retry_after)
    if isinstance(fault, EmptyBody):
        return Response(b"", mimetype="video/mp4")
    return None


def _whole_or_part(file: VideoFile, fault: CdnFault | None) -> Response:
    """Answer 200, 206 or 416, as RFC 9110 (section 14) has it for a single range of bytes.

    For several ranges at once, and for unreadable ones, the answer is the whole file; the RFC allows that.
    """
    etag = f'"{hashlib.sha256(file.label.encode()).hexdigest()[:16]}-{file.size}"'
    start, stop, status = 0, file.size, 200
    asked = request.range
    if asked is not None and len(asked.ranges) == 1 and _if_range_holds(etag) and not isinstance(fault, RangeIgnored):
        part = asked.range_for_length(file.size)
        if part is None or isinstance(fault, RangeRefused):
            refused = _text(416)
            refused.headers["Content-Range"] = f"bytes */{file.size}"
            return refused
        (start, stop), status = part, 206
    response = Response(_body(file, start, stop, fault), status, mimetype="video/mp4")
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Content-Disposition"] = f'attachment; filename="{file.video.id}-{file.rendition}.mp4"'
    if status == 206:
        response.headers["Content-Range"] = ContentRange("bytes", start, stop, file.size).to_header()
    _announce(response, stop - start, fault)
    return response


def _if_range_holds(etag: str) -> bool:
    """Say whether the client's part is of this very file, or the client does not ask about that."""
    asked = request.headers.get("If-Range")
    return asked is None or asked == etag


def _announce(response: Response, length: int, fault: CdnFault | None) -> None:
    """Set a right or a wrong Content-Length, or none."""
    if isinstance(fault, Unannounced) or (isinstance(fault, Cut) and not fault.announced):
        if not (isinstance(fault, Unannounced) and fault.chunked):
            close_delimited(request.environ)
        return
    difference = fault.difference if isinstance(fault, WrongLength) else 0
    response.content_length = max(0, length + difference)


def _body(file: VideoFile, start: int, stop: int, fault: CdnFault | None) -> Iterable[bytes]:
    """Return the bytes to send. Where they end early, the server closes the connection: a cut."""
    if isinstance(fault, Cut | CdnExpired):
        return file.read(start, min(stop, start + fault.after))
    if isinstance(fault, WrongBytes):
        return _damaged(file, start, stop)
    if isinstance(fault, Drip):
        return _dripping(file.read(start, stop), fault)
    if isinstance(fault, Stall):
        return _stalling(file, start, stop, fault)
    return file.read(start, stop)


def _damaged(file: VideoFile, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes with every bit of the middle sixteen inverted."""
    first = file.size // 2
    first, last = max(start, min(first, stop)), max(start, min(first + 16, stop))
    yield from file.read(start, first)
    yield bytes(byte ^ 0xFF for piece in file.read(first, last) for byte in piece)
    yield from file.read(last, stop)


def _dripping(pieces: Iterable[bytes], fault: Drip) -> Iterator[bytes]:
    for piece in pieces:
        for offset in range(0, len(piece), fault.piece):
            yield piece[offset : offset + fault.piece]
            time.sleep(fault.pause)


def _stalling(file: VideoFile, start: int, stop: int, fault: Stall) -> Iterator[bytes]:
    middle = min(stop, start + fault.after)
    yield from file.read(start, middle)
    yield b""  # sends the headers if nothing has been sent yet
    time.sleep(fault.seconds)
    yield from file.read(middle, stop)


def _page(status: int, retry_after: float | None = None) -> Response:
    """Answer with a web page."""
    return _with_retry_after(Response(_PAGE.format("Something went wrong"), status, mimetype="text/html"), retry_after)


def _text(status: int, retry_after: float | None = None) -> Response:
    """Answer with a short text."""
    return _with_retry_after(Response(f"status {status}\n", status, mimetype="text/plain"), retry_after)


def _with_retry_after(response: Response, seconds: float | None) -> Response:
    if seconds is not None:
        response.headers["Retry-After"] = f"{seconds:g}"
    return response


def _sign(path: str) -> str:
    """Return a signature, without which a link with a changed query is worthless."""
    return hashlib.sha256(f"demo {path}".encode()).hexdigest()[:16]
