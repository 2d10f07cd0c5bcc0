"""Answers with a file, with a part of it, or with a fault: what Vimeo's CDN and the mirror have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from flask import Response, request
from werkzeug.datastructures import ContentRange, Headers

from demo.server import close_delimited
from demo.vimeo_faults import (
    CdnError,
    CdnExpired,
    CdnFault,
    Cut,
    Drip,
    EmptyBody,
    HtmlPage,
    RangeIgnored,
    RangeRefused,
    Stall,
    Unannounced,
    VimeoFault,
    WrongBytes,
    WrongLength,
)
from demo.vimeo_videos import StoredVideo, VideoFile

_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>Please try again later.</p></body>"


def striking_fault(faults: Iterable[VimeoFault], video: StoredVideo, rendition: str) -> CdnFault | None:
    """Return the first fault in a list that strikes this request for a file, and count it; None for a good answer."""
    for fault in list(faults):
        if not isinstance(fault, CdnFault):
            continue
        if fault.renditions is not None and rendition not in fault.renditions:
            continue
        if fault.methods is not None and request.method not in fault.methods:
            continue
        if isinstance(fault, RangeIgnored | RangeRefused) and request.range is None:
            continue
        if fault.strikes(video):
            return fault
    return None


def send(file: VideoFile, fault: CdnFault | None, headers: Headers) -> Response:
    """Answer a request with a file, a part of it, or what a fault makes of it.

    Args:
        file: the file; its bytes are made while they are sent.
        fault: what strikes this request, or None.
        headers: further headers of a file or part; ``ETag`` and ``Last-Modified`` also decide on ``If-Range``.
    """
    return _replaced(fault) or _whole_or_part(file, fault, headers)


def web_page(status: int, retry_after: float | None = None) -> Response:
    """Answer with a web page."""
    return _with_retry_after(Response(_PAGE.format("Something went wrong"), status, mimetype="text/html"), retry_after)


def short_text(status: int, retry_after: float | None = None) -> Response:
    """Answer with a short text."""
    return _with_retry_after(Response(f"status {status}\n", status, mimetype="text/plain"), retry_after)


def _replaced(fault: CdnFault | None) -> Response | None:
    """Return the answer of a fault that sends something other than the file."""
    if isinstance(fault, HtmlPage):
        return web_page(fault.status)
    if isinstance(fault, CdnError):
        return short_text(fault.status, fault.retry_after)
    if isinstance(fault, EmptyBody):
        return Response(b"", mimetype="video/mp4")
    return None


def _whole_or_part(file: VideoFile, fault: CdnFault | None, headers: Headers) -> Response:
    """Answer 200, 206 or 416, as RFC 9110 (section 14) has it for a single range of bytes.

    For several ranges at once, and for unreadable ones, the answer is the whole file; the RFC allows that.
    """
    start, stop, status = 0, file.size, 200
    asked = request.range
    if asked and len(asked.ranges) == 1 and _if_range_holds(headers) and not isinstance(fault, RangeIgnored):
        part = asked.range_for_length(file.size)
        if part is None or isinstance(fault, RangeRefused):
            refused = short_text(416)
            refused.headers["Content-Range"] = f"bytes */{file.size}"
            return refused
        (start, stop), status = part, 206
    response = Response(_body(file, start, stop, fault), status, headers, mimetype="video/mp4")
    response.headers["Accept-Ranges"] = "bytes"
    if status == 206:
        response.headers["Content-Range"] = ContentRange("bytes", start, stop, file.size).to_header()
    _announce(response, stop - start, fault)
    return response


def _if_range_holds(headers: Headers) -> bool:
    """Say whether the client's part is of this very file, or the client does not ask about that."""
    asked = request.headers.get("If-Range")
    return asked is None or asked in (headers.get("ETag"), headers.get("Last-Modified"))


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


def _with_retry_after(response: Response, seconds: float | None) -> Response:
    if seconds is not None:
        response.headers["Retry-After"] = f"{seconds:g}"
    return response
