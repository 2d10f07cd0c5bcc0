"""The stand-in for the site's public mirror of the videos: one file for each number, open to everybody.

It answers as Google's storage does over plain HTTP (https://cloud.google.com/storage/docs/xml-api), where the real
mirror lies: with sums of the content in ``x-goog-hash``, and with errors in XML.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from datetime import datetime, timedelta, timezone

from flask import Flask, Response, request
from markupsafe import escape
from werkzeug.datastructures import Headers
from werkzeug.http import http_date, is_resource_modified

from demo.file_delivery import send, striking_fault
from demo.mirror_faults import Changed, Missing, NoMd5, XmlPage
from demo.mirror_settings import MIRROR_RENDITION, MirrorRequest, MirrorSettings
from demo.vimeo_faults import struck_by
from demo.vimeo_videos import StoredVideo, VideoFile

MIRROR_PATH = "/zume-file-mirror"

_FIRST_UPLOAD = datetime(2020, 6, 1, 9, 0, tzinfo=timezone.utc)
_ERROR = (
    "<?xml version='1.0' encoding='UTF-8'?>"
    "<Error><Code>{code}</Code><Message>{message}</Message><Details>{details}</Details></Error>"
)
_MISSING = {
    404: ("NoSuchKey", "The specified key does not exist.", "No such object: {path}"),
    403: (
        "AccessDenied",
        "Access denied.",
        "Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object {path}.",
    ),
}


def mirror_app(settings: MirrorSettings) -> Flask:
    """Return the application, to be served below ``MIRROR_PATH``.

    Args:
        settings: how it behaves; read at every request, so that a test can change them at any time.
    """
    app = Flask("demo.mirror", static_folder=None)
    mirror = _Mirror(settings)
    app.after_request(mirror.note)
    app.register_error_handler(404, lambda _: _missing(404))
    app.add_url_rule("/<path:_>", view_func=mirror.answer)
    return app


class _Mirror:
    """The mirror's answers."""

    def __init__(self, settings: MirrorSettings) -> None:
        self._settings = settings

    def note(self, response: Response) -> Response:
        """Add the request to the log."""
        self._settings.log.add(
            MirrorRequest(
                method=request.method,
                host=request.host,
                path=_whole_path(),
                carried_authorization="Authorization" in request.headers,
                range=request.headers.get("Range"),
                if_range=request.headers.get("If-Range"),
                status=response.status_code,
                video=self._video(),
            )
        )
        return response

    def answer(self, _: str) -> Response:
        """Answer with a video, a part of it, or a fault."""
        video = self._video()
        if video is None:
            return _missing(404)
        file = self._file(video)
        fault = striking_fault(self._settings.faults, video, MIRROR_RENDITION.name)
        if isinstance(fault, Missing):
            return _missing(fault.status)
        if isinstance(fault, XmlPage):
            return _xml(200, "NoSuchKey", "Something went wrong.", "", fault.content_type)
        headers = self._headers(file)
        if fault is None and _is_as_known(headers):
            return Response(status=412 if "If-Match" in request.headers else 304, headers=headers)
        return send(file, fault, headers)

    def _video(self) -> StoredVideo | None:
        """Return the video that a path like ``/es/6.mp4`` asks for; a leading zero makes it another path."""
        wanted = re.fullmatch(rf"{MIRROR_PATH}/([^/]+)/([1-9][0-9]{{0,3}})\.mp4", _whole_path())
        return self._settings.find_video(wanted[1], int(wanted[2])) if wanted else None

    def _file(self, video: StoredVideo) -> VideoFile:
        """Return what is there at this request, which counts."""
        file = self._settings.file(video)
        for fault in list(self._settings.faults):
            if isinstance(fault, Changed) and request.method == "GET":
                fault.count(video)
        return file

    def _headers(self, file: VideoFile) -> Headers:
        """Return what is said about a file: its sums, when it was stored, and what tells it from a later one."""
        hidden = struck_by(self._settings.faults, NoMd5, file.video)
        sums = [f"crc32c={_stand_in_crc(file)}"]
        if hidden is None:
            sums.append(f"md5={b64encode(bytes.fromhex(file.md5)).decode()}")
        headers = Headers()
        for value in [", ".join(sums)] if self._settings.one_hash_header else sums:
            headers.add("x-goog-hash", value)
        if hidden is None or hidden.validators:
            # The entity tag of what was uploaded in one piece is its MD5.
            headers["ETag"] = f'"{file.md5}"' if hidden is None else f'"-{_stand_in_crc(file)}"'
            headers["Last-Modified"] = http_date(_stored(file))
        return headers


def _whole_path() -> str:
    """Return the path as it was asked for; ``request.path`` makes one slash of two, which are another address here."""
    return request.script_root + str(request.environ["PATH_INFO"])


def _is_as_known(headers: Headers) -> bool:
    """Say whether the request wants the file only if it is another one than the client knows, and it is not."""
    etag, modified = headers.get("ETag"), headers.get("Last-Modified")
    return not is_resource_modified(request.environ, etag, last_modified=modified)


def _stored(file: VideoFile) -> datetime:
    """Return when a file was stored: a changed one a year later."""
    later = timedelta(days=0 if file.rendition == MIRROR_RENDITION.name else 365)
    return _FIRST_UPLOAD + timedelta(hours=file.video.number) + later


def _stand_in_crc(file: VideoFile) -> str:
    """Return what stands in for the CRC-32C: it differs from file to file, but is not computed, which would be slow."""
    return b64encode(hashlib.sha256(f"{file.label} {file.size}".encode()).digest()[:4]).decode()


def _missing(status: int) -> Response:
    """Answer that there is no such file (404), or that nobody may know whether there is (403)."""
    code, message, details = _MISSING[status]
    return _xml(status, code, message, details.format(path=_whole_path()[1:]))


def _xml(status: int, code: str, message: str, details: str, kind: str = "application/xml") -> Response:
    text = _ERROR.format(code=code, message=escape(message), details=escape(details))
    return Response(text, status, content_type=kind)
