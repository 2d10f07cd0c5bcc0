"""A stand-in for the course presenter: the page, its script, fonts and pictures, and its faults.

It serves everything of the presenter at ``zume.training`` that matters for the picture
of a slide. ``PresenterSettings`` says how it misbehaves.
"""

from __future__ import annotations

import io
import json
import select
import socket
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, Literal

from flask import Flask, Response, abort, render_template_string, request, send_file
from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont

from course.curricula import CURRICULA
from course.languages import Language, all_languages
from demo.course import BACKDROPS, PICTURES, QR_CODES, CourseChanges, course, words_of
from demo.request_log import RequestLog

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
<link rel="stylesheet" href="/static/presenter.css">
<script>
{%- for name, value in constants.items() %}
const {{ name }} = [{{ value }}][0];
{%- endfor %}
</script>
<script src="/static/presenter.js" defer></script>
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


@dataclass
class PresenterSettings:
    """How the stand-in behaves; read at each request, so that it can be changed while the server runs.

    Attributes:
        languages: the codes that the site knows.
        more_languages: languages that only the site knows.
        unknown_code: ``missing`` answers 404 to an unknown code, ``english`` serves the English page.
        answers_in: serve this language whatever code was asked for.
        edition: serve this edition whatever the language's own is.
        picture_host: scheme, name and port of the host of pictures and fonts; None: the other name of this machine.
        font_delay: seconds before a font file is answered.
        font_missing: answer 404 to font files.
        picture_delay: seconds before a picture is answered.
        picture_missing: the names of pictures that answer 404 (see ``ALL_PICTURES``).
        picture_broken: the names of pictures that answer 200 with bytes that are no picture.
        picture_never: the names of pictures that are never answered.
        icon_delay: seconds before an icon is answered.
        icon_missing: the names of icons that answer 404 (see ``ALL_ICONS``).
        ignores_popstate: the page does not notice a changed address.
        slow_jump: seconds that a slide takes to show up after a jump within the page.
        status: the status of every page; anything but 200 comes without the presenter.
        fail_every: every N-th page request answers 500; 0: none.
        too_many: the number of further page requests that answer 429; counts down.
        retry_after: send ``Retry-After: 1`` along with a 429.
        hangs: page requests are never answered.
        never_settles: the keys of slides that keep moving.
        blank: the keys of slides that stay white.
        extra_slide: put one slide more, ``extra_1``, into session 2 of each curriculum.
        removed_slide: the key of a slide that the course lacks.
        short_course: the number of slides to keep of each of the first sessions of each curriculum.
        short_sessions: how many sessions a shortened course keeps.
        sessions_constant_missing: the page does not have its course data under the known names.
        stopping: set it to release every request that is held back.
    """

    languages: Collection[str] = field(default_factory=lambda: {language.code for language in all_languages()})
    more_languages: Collection[Language] = ()
    unknown_code: Literal["missing", "english"] = "missing"
    answers_in: str | None = None
    edition: Literal["three_circles", "classic"] | None = None
    picture_host: str | None = None
    font_delay: float = 0.0
    font_missing: bool = False
    picture_delay: float = 0.0
    picture_missing: Collection[str] = frozenset()
    picture_broken: Collection[str] = frozenset()
    picture_never: Collection[str] = frozenset()
    icon_delay: float = 0.0
    icon_missing: Collection[str] = frozenset()
    ignores_popstate: bool = False
    slow_jump: float = 0.0
    status: int = 200
    fail_every: int = 0
    too_many: int = 0
    retry_after: bool = False
    hangs: bool = False
    never_settles: Collection[str] = frozenset()
    blank: Collection[str] = frozenset()
    extra_slide: bool = False
    removed_slide: str | None = None
    short_course: int | None = None
    short_sessions: int = 2
    sessions_constant_missing: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)


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
    app.add_url_rule("/iframe-that-never-loads", view_func=site.player, methods=["GET"])
    app.add_url_rule("/loading", view_func=site.loading, methods=["GET"])
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
                constants={name: _as_script(value) for name, value in self._constants(language).items()},
            ),
            mimetype="text/html",
            headers={"Cache-Control": "no-cache"},
        )

    def player(self) -> Response:
        return self._never()

    def loading(self) -> Response:
        """Hold a frame that the page itself removes when its first slide is ready."""
        return self._never()

    def font_style(self) -> Response:
        style = "".join(_FONT_FACE.format(weight=weight) for weight in _FONT_WEIGHTS)
        return _answer(style.encode(), "text/css")

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
        if served not in self._codes():
            served = "en" if self._settings.unknown_code == "english" else ""
        known = (*all_languages(), *self._settings.more_languages)
        return next((language for language in known if language.code == served), None)

    def _codes(self) -> list[str]:
        """Return the codes of all languages that the site knows."""
        return sorted({*self._settings.languages, *(language.code for language in self._settings.more_languages)})

    def _constants(self, language: Language) -> dict[str, object]:
        """Return the page's global constants."""
        sessions = self._sessions(language)
        words = words_of(language)
        page: dict[str, object] = {
            "language": language.code,
            "zume_languages": self._codes(),
            "translations": {
                "session": words.session,
                "video": words.video,
                "next": words.next,
                "previous": words.previous,
            },
            "pictures_url": f"{self._picture_host()}/pictures/",
            "icons_url": "/icons/",
            "player_url": "/iframe-that-never-loads",
        }
        if self._settings.sessions_constant_missing:
            # The page still works, but nothing outside it knows where its course data is now.
            page["sessions"] = {curriculum.folder: sessions[curriculum.constant] for curriculum in CURRICULA}
            return {"jsObject": page}
        return {"jsObject": page, **sessions}

    def _sessions(self, language: Language) -> Mapping[str, list[list[dict[str, object]]]]:
        settings = self._settings
        three_circles = language.three_circles if settings.edition is None else settings.edition == "three_circles"
        changes = CourseChanges(
            extra_slide=settings.extra_slide,
            removed_slides=frozenset({settings.removed_slide} if settings.removed_slide else ()),
            short_course=settings.short_course,
            short_sessions=settings.short_sessions,
        )
        sessions = {
            name: [[slide.page_data() for slide in session] for session in content]
            for name, content in course(language, three_circles, changes).items()
        }
        for slide in (slide for content in sessions.values() for session in content for slide in session):
            slide.update({"restless": True} if slide["key"] in settings.never_settles else {})
            slide.update({"blank": True} if slide["key"] in settings.blank else {})
        return sessions

    def _picture_host(self) -> str:
        """Return the host of pictures and fonts: the same server, under another name where there is one."""
        if self._settings.picture_host:
            return self._settings.picture_host
        name, _, port = request.host.partition(":")
        other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(name, name)
        return f"{request.scheme}://{other}:{port}" if port else f"{request.scheme}://{other}"

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


def _hung_up(connection: socket.socket) -> bool:
    """Say whether the browser closed a connection on which it waits for an answer."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


def _as_script(value: object) -> Markup:
    """Write a value as a script literal that cannot end the script element; letters stay as they are, for size."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))


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
