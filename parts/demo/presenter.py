"""A stand-in for the course presenter: the page, its script, fonts and pictures, and its faults.

It serves everything of the presenter at ``zume.training`` that matters for the picture
of a slide. ``PresenterSettings`` says how it misbehaves.
"""

from __future__ import annotations

import io
import select
import socket
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from flask import Flask, Response, abort, render_template_string, request, send_file
from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from course.languages import Language, all_languages
from demo.course import BACKDROPS, PICTURES, QR_CODES
from demo.mirror import MIRROR_PATH
from demo.page_data import as_script, constants, known_codes
from demo.presenter_settings import PresenterSettings
from demo.request_log import RequestLog
from demo.shared_files import SharedFiles, version_of_files

STATIC: Final = Path(__file__).with_name("static")
ALL_PICTURES: Final = (*PICTURES, *BACKDROPS, *QR_CODES)
ALL_ICONS: Final = tuple(sorted(path.stem for path in (STATIC / "icons").glob("*.svg")))
# A request that is never answered must not stay for ever after its browser has ended.
LONGEST_HOLD: Final = 60.0
_HOLD_STEP: Final = 0.25

_QR_MODULES: Final = 25
_FONT_WEIGHTS: Final = (400, 700)

_PAGE: Final = """<!doctype html>
<html lang="{{ language.code }}" dir="{{ language.direction }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ language.native_name }}</title>
<link rel="stylesheet" href="{{ picture_host }}/fonts/poppins.css">
<link rel="stylesheet" href="/static/presenter.css?ver={{ version }}">
{%- if settings.garbled_data == "absent" %}
<script src="/{{ language.code }}/constants.js"></script>
{%- else %}
<script>
{{ constants }}
</script>
{%- endif %}
{%- if settings.tracker %}
<script src="/tracker.js" async></script>
{%- endif %}
<script src="/static/presenter.js?ver={{ version }}" defer></script>
</head>
<body>
<course-presenter{% if settings.ignores_popstate %} ignores-popstate{% endif %}
  {%- if settings.slow_jump %} slow-jump="{{ settings.slow_jump }}"{% endif %}></course-presenter>
<iframe class="loading" src="/loading" hidden></iframe>
</body>
</html>
"""

# The lines stand much further apart than those of any fallback font (Noto Kufi Arabic's take 1.9 times the size),
# so that a text fitted before the font is there is fitted wrongly in every script.
_FONT_FACE: Final = """@font-face {{
  font-family: Poppins;
  font-style: normal;
  font-weight: {weight};
  font-display: swap;
  ascent-override: 105%;
  descent-override: 35%;
  line-gap-override: 90%;
  src: url(/fonts/poppins-{weight}.ttf) format("truetype");
}}
"""


_FOR_OTHER_CLIENTS: Final = "/* for a client that may know no newer kind of font */\n"


class PresenterLog(RequestLog[tuple[str, str]]):
    """The log of the stand-in presenter: the path and the query of each request."""

    @property
    def page_loads(self) -> list[tuple[str, str]]:
        """The requests for a presenter page, whatever the answer was."""
        return [(path, query) for path, query in self.requests if path.endswith("/presenter")]


def presenter_app(settings: PresenterSettings, log: PresenterLog | None = None) -> Flask:
    """Return the stand-in presenter as an application to be served with threads.

    Args:
        settings: how it behaves; kept, not copied.
        log: where to note the requests; None for nowhere.
    """
    app = Flask(__name__, static_folder=str(STATIC), static_url_path="/static")
    if log is not None:
        app.before_request(lambda: log.add((request.path, request.query_string.decode())))
    site = _Site(settings)
    app.add_url_rule("/<code>/presenter", view_func=site.page, methods=["GET"])
    app.add_url_rule("/<code>/constants.js", view_func=site.constants, methods=["GET"])
    app.add_url_rule("/iframe-that-never-loads", view_func=site.player, methods=["GET"])
    app.add_url_rule("/loading", view_func=site.loading, methods=["GET"])
    site.files.add_to(app)
    app.add_url_rule("/fonts/poppins.css", view_func=site.font_style, methods=["GET"])
    app.add_url_rule("/fonts/poppins-<int:weight>.ttf", view_func=site.font, methods=["GET"])
    app.add_url_rule("/pictures/<name>", view_func=site.picture, methods=["GET"])
    app.add_url_rule("/icons/<name>.svg", view_func=site.icon, methods=["GET"])
    return app


class _Site:
    """The answers of the stand-in, one method for each address."""

    def __init__(self, settings: PresenterSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._pages_asked = 0
        self.files = SharedFiles(settings, self._never)

    def page(self, code: str) -> Response:
        if self._settings.hangs:
            return self._never()
        refusal = self._refusal()
        if refusal is not None:
            return refusal
        language = self._language(code)
        if language is None:
            return Response("<h1>Page not found</h1>", 404, mimetype="text/html")
        return Response(
            render_template_string(
                _PAGE,
                language=language,
                settings=self._settings,
                picture_host=self._picture_host(),
                constants=self._constants(language, self._texts()),
                version=version_of_files(self._settings),
            ),
            mimetype="text/html",
            headers={"Cache-Control": "no-cache"},
        )

    def constants(self, code: str) -> Response:
        """Answer the script that has the constants where the page itself has none."""
        language = self._language(code)
        if language is None:
            abort(404)
        script = self._constants(language, self._settings.changed_texts)
        return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})

    def player(self) -> Response:
        return self._never()

    def loading(self) -> Response:
        """Hold a frame that the page itself removes when its first slide is ready."""
        return self._never()

    def font_style(self) -> Response:
        """Answer the fonts' style sheet, which is another one for clients that are no browser of today."""
        is_browser = "Chrome/" in request.headers.get("User-Agent", "") and "text/css" in request.headers.get(
            "Accept", ""
        )
        style = "".join(_FONT_FACE.format(weight=weight) for weight in _FONT_WEIGHTS)
        return self.files.answer(
            "poppins.css", (style if is_browser else _FOR_OTHER_CLIENTS + style).encode(), "text/css"
        )

    def font(self, weight: int) -> Response:
        self._pause(self._settings.font_delay)
        if self._settings.font_missing or weight not in _FONT_WEIGHTS:
            abort(404)
        return _answer(_font_bytes(), "font/ttf")

    def picture(self, name: str) -> Response:
        settings = self._settings
        self._pause(settings.picture_delay)
        if name in settings.picture_never:
            return self._never()
        if name in settings.picture_missing or name not in ALL_PICTURES:
            abort(404)
        kind = "image/png" if name.endswith(".png") else "image/svg+xml"
        if name in settings.picture_broken:
            return _answer(b"This is no picture.", kind)
        return _answer(_qr_code(name) if name in QR_CODES else (STATIC / "pictures" / name).read_bytes(), kind)

    def icon(self, name: str) -> Response:
        self._pause(self._settings.icon_delay)
        if name in self._settings.icon_missing or name not in ALL_ICONS:
            abort(404)
        return send_file(STATIC / "icons" / f"{name}.svg", mimetype="image/svg+xml", max_age=0)

    def _refusal(self) -> Response | None:
        """Return the answer to a page request that gets no page, or None if it gets one."""
        settings = self._settings
        with self._lock:
            self._pages_asked += 1
            nth = self._pages_asked
            too_many = settings.too_many > 0
            settings.too_many = max(settings.too_many - 1, 0)
        if settings.status != 200:
            return Response(f"<h1>Status {settings.status}</h1>", settings.status, mimetype="text/html")
        if too_many:
            headers = {"Retry-After": "1"} if settings.retry_after else {}
            return Response("<h1>Too many requests</h1>", 429, headers, mimetype="text/html")
        if settings.fail_every and nth % settings.fail_every == 0:
            return Response("<h1>Internal server error</h1>", 500, mimetype="text/html")
        return None

    def _language(self, code: str) -> Language | None:
        """Return the language of a page, or None for a page that does not exist.

        Only the site's own codes count, not the others that people write for a language.
        """
        served = self._settings.answers_in or code
        if served not in known_codes(self._settings):
            served = "en" if self._settings.unknown_code == "english" else ""
        known = (*all_languages(), *self._settings.more_languages)
        return next((language for language in known if language.code == served), None)

    def _texts(self) -> Mapping[str, str]:
        """Return the texts that differ on the page that is just being asked for."""
        settings = self._settings
        with self._lock:
            is_before = settings.pages_before_change > 0
            settings.pages_before_change = max(settings.pages_before_change - 1, 0)
        return {} if is_before else settings.changed_texts

    def _constants(self, language: Language, texts: Mapping[str, str]) -> Markup:
        """Return the script with the page's global constants."""
        settings = self._settings
        mirror = f"{_other_host()}{MIRROR_PATH}/" if settings.mirror_url is None else settings.mirror_url
        return as_script(constants(language, settings, self._picture_host(), mirror, texts), settings)

    def _picture_host(self) -> str:
        """Return the host of pictures and fonts."""
        return self._settings.picture_host or _other_host()

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._settings.stopping.wait(seconds)

    def _never(self) -> Response:
        """Hold the request without an answer until the server stops, the browser closes it or a minute is over."""
        connection = request.environ.get("werkzeug.socket")
        deadline = time.monotonic() + LONGEST_HOLD
        while time.monotonic() < deadline and not self._settings.stopping.wait(_HOLD_STEP):
            if isinstance(connection, socket.socket) and _hung_up(connection):
                break
        return Response(status=504)


def _other_host() -> str:
    """Return the host that this server also is: under another name where there is one."""
    name, _, port = request.host.partition(":")
    other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(name, name)
    return f"{request.scheme}://{other}:{port}" if port else f"{request.scheme}://{other}"


def _hung_up(connection: socket.socket) -> bool:
    """Say whether the browser closed a connection on which it waits for an answer."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


def _answer(content: bytes, kind: str) -> Response:
    """Answer a font or a picture: other origins may use it, and each page requests it again."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    return Response(content, mimetype=kind, headers=headers)


@cache
def _font_bytes() -> bytes:
    """Return the TrueType font that comes with Pillow (Aileron Regular, CC0); no fallback font looks like it."""
    font = ImageFont.load_default(20)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType; its own font is no font file then.")
    return bytes(font.font_bytes)


@cache
def _qr_code(name: str) -> bytes:
    """Draw a picture that looks like a QR code and says nothing."""
    random = Random(name)
    image = Image.new("1", (_QR_MODULES, _QR_MODULES), 1)
    for x in range(_QR_MODULES):
        for y in range(_QR_MODULES):
            image.putpixel((x, y), random.getrandbits(1))
    draw = ImageDraw.Draw(image)
    for left, top in ((0, 0), (_QR_MODULES - 7, 0), (0, _QR_MODULES - 7)):
        draw.rectangle((left - 1, top - 1, left + 7, top + 7), fill=1)
        draw.rectangle((left, top, left + 6, top + 6), outline=0)
        draw.rectangle((left + 2, top + 2, left + 4, top + 4), fill=0)
    content = io.BytesIO()
    image.resize((_QR_MODULES * 20, _QR_MODULES * 20), Image.Resampling.NEAREST).save(content, "PNG")
    return content.getvalue()
