"""The files that all slides of the stand-in presenter share, and how they are deployed and replaced.

They are its style sheet and script, a script that counts visitors, and pictures under fixed addresses.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, request
from PIL import Image

from demo.presenter_settings import PresenterSettings

FIXED_PICTURES: Final = ("logo.svg", "globe.svg", "video.svg", "98.png", "104.png")
"""The pictures under fixed addresses; the last two are in a folder of the language."""

_STATIC: Final = Path(__file__).with_name("static")
# The file time of the first deployment, which the site puts into the addresses of its files.
_FIRST_DEPLOYED: Final = 1_758_758_400
_OTHER_LOOK: Final = """
slide-switcher > :not(.blank) { box-shadow: inset 0 0 0 calc(1 * var(--unit)) #c2185b; }
"""
_SAME_LOOK: Final = "\n/* deployed anew */\n"
_SVG: Final = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><{shape} fill="{colour}"/></svg>'
_SHAPES: Final = {
    "logo.svg": 'rect x="1" y="1" width="8" height="8"',
    "globe.svg": 'circle cx="5" cy="5" r="4"',
    "video.svg": 'path d="M2 1l7 4-7 4z"',
}
_COLOUR, _COLOUR_REPLACED = "#607d8b", "#ff5722"
_PNG_SIZE: Final = (40, 40)


def version_of_files(settings: PresenterSettings) -> int:
    """Return the ``ver`` in the addresses of the site's own files: it changes with each deployment."""
    return _FIRST_DEPLOYED + 60 * settings.deployment


class SharedFiles:
    """The answers to requests for shared files.

    Args:
        settings: how the presenter behaves; kept, not copied.
        never: gives the answer to a request that is not answered.
    """

    def __init__(self, settings: PresenterSettings, never: Callable[[], Response]) -> None:
        self._settings = settings
        self._never = never
        self._visitors = itertools.count(1)

    def add_to(self, app: Flask) -> None:
        """Let an application answer them."""
        app.add_url_rule("/static/presenter.css", view_func=self.style_sheet, methods=["GET"])
        app.add_url_rule("/static/presenter.js", view_func=self.script, methods=["GET"])
        app.add_url_rule("/tracker.js", view_func=self.tracker, methods=["GET"])
        app.add_url_rule("/fixed/<name>", view_func=self.fixed_picture, methods=["GET"])
        app.add_url_rule("/fixed/<code>/<name>", view_func=self.fixed_picture, methods=["GET"])

    def style_sheet(self) -> Response:
        """Answer the style sheet."""
        content = (_STATIC / "presenter.css").read_text(encoding="utf-8")
        content += _OTHER_LOOK if self._settings.other_look else ""
        content += _SAME_LOOK if self._settings.same_look_deployment else ""
        return self.answer("presenter.css", content.encode(), "text/css")

    def script(self) -> Response:
        """Answer the script."""
        content = (_STATIC / "presenter.js").read_text(encoding="utf-8")
        content += _SAME_LOOK if self._settings.same_look_deployment else ""
        return self.answer("presenter.js", content.encode(), "text/javascript")

    def tracker(self) -> Response:
        """Answer the script that counts visitors, which is another one each time."""
        content = f"window.visitor = {next(self._visitors)};\n"
        return self.answer("tracker.js", content.encode(), "text/javascript")

    def fixed_picture(self, name: str, code: str = "") -> Response:
        """Answer a picture under a fixed address."""
        if name not in FIXED_PICTURES or name.endswith(".png") != bool(code):
            abort(404)
        colour = _COLOUR_REPLACED if name in self._settings.replaced_pictures else _COLOUR
        if name in _SHAPES:
            content = _SVG.format(shape=_SHAPES[name], colour=colour).encode()
            return self.answer(name, content, "image/svg+xml")
        return self.answer(name, _png(colour), "image/png")

    def answer(self, name: str, content: bytes, kind: str) -> Response:
        """Answer with a file, or with the fault that the settings have for it."""
        fault = self._settings.file_faults.get(name)
        if fault == "never":
            return self._never()
        if isinstance(fault, int):
            return Response(f"status {fault}\n", fault, mimetype="text/plain")
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
        response = Response(content, mimetype=kind, headers=headers)
        response.add_etag()
        response.make_conditional(request)
        return response


@cache
def _png(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", _PNG_SIZE, colour).save(content, "PNG")
    return content.getvalue()
