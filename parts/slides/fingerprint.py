"""The fingerprint of what decides how the picture of a slide looks. As long as it stays the same, so does the picture.

What a page says of a slide is read at two places: out of the page as it comes over HTTP, and in the page that is
photographed, by ``presenter.js``. Both must give the same fingerprint. What concerns all slides alike, such as style
sheets and fonts, is not in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from course.page import PresenterPage

# From here on, the two places may disagree about a number; it then counts as none.
_TOO_LARGE = 1e17


@dataclass(frozen=True)
class ShownSlide:
    """What a page says of a slide, as far as it decides the picture.

    Attributes:
        data: all that the page lists for the slide.
        language_code: as the site writes it.
        lang, direction: the attributes ``lang`` and ``dir`` of ``<html>``, or "".
        video_title: the title that the slide shows of its video; "" if it has none.
    """

    data: Mapping[str, Any]
    language_code: str
    lang: str
    direction: str
    video_title: str


def slides_of_page(page: PresenterPage, curriculum: str) -> dict[str, ShownSlide]:
    """Return what a page that came over HTTP says of the slides of a curriculum, by slide name.

    Args:
        page: the page.
        curriculum: the curriculum's name.
    """
    found: dict[str, ShownSlide] = {}
    for slide, data in zip(page.slides.get(curriculum, ()), page.data.get(curriculum, ()), strict=True):
        title = page.video_titles.get(_property_name(data.get("alt_video_id")), "")
        # Of two with one name, the page shows the first.
        found.setdefault(slide.name, ShownSlide(data, page.language_code, page.lang, page.direction, title))
    return found


def slide_in_browser(text: object) -> ShownSlide | None:
    """Return what a page in a browser says of a slide; None if that is not to be understood.

    Args:
        text: JSON, as ``prove`` of ``presenter.js`` hands it over.
    """
    try:
        said = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
        return None
    texts = [said.get(name) for name in ("language", "lang", "direction", "title")]
    return ShownSlide(said["data"], *(each if isinstance(each, str) else "" for each in texts))


def fingerprint(shown: ShownSlide, width: int, height: int) -> str | None:
    """Return the fingerprint of a slide's picture as a SHA-256 in hexadecimal.

    Args:
        shown: what the page says of the slide.
        width: of the picture, in pixels.
        height: likewise.

    Returns:
        The fingerprint; None if the data is nested too deeply to be read.
    """
    decisive = {
        "data": shown.data,
        "language": shown.language_code,
        "lang": shown.lang,
        "direction": shown.direction,
        "title": shown.video_title,
        "width": width,
        "height": height,
    }
    try:
        return hashlib.sha256(_canonical(decisive).encode()).hexdigest()
    except RecursionError:
        return None


def _canonical(value: Mapping[str, Any]) -> str:
    """Write a value as JSON so that equal ones give the same text: JavaScript does not know 1 from 1.0, for example."""
    equal = json.loads(json.dumps(value), parse_int=_number, parse_float=_number, parse_constant=lambda _: None)
    return json.dumps(equal, sort_keys=True, separators=(",", ":"))


def _number(digits: str) -> float | int | None:
    value = float(digits)
    if abs(value) >= _TOO_LARGE:
        return None
    return int(value) if value.is_integer() else value


def _property_name(value: object) -> str:
    """Return the name under which JavaScript looks for what has this number, or text, for a key; else ""."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
