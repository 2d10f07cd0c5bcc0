"""Reads the data of the presenter's page: the literals in its scripts, what they list, and its first tag.

The page is typed in by hand in many languages, so any field may be missing or hold anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser
from itertools import chain, islice
from typing import Any, TypeVar

from course.curricula import CURRICULA, Slide, number_slides

Value = TypeVar("Value")

# How many places that look like the beginning of a literal are tried.
_MOST_PLACES = 100
# More digits than any number that counts; Python refuses to read numbers of some thousand digits.
_MOST_DIGITS = 18
_MOST_VIDEO_DIGITS = 4
# In letters. The first tag of a page stands at its beginning.
_BEGINNING = 20_000
_VIMEO_VIDEO = re.compile(
    r"\s*(?:https?:)?(?://)?(?:www\.|player\.)?vimeo\.com/(?:video/)?([0-9]{1,20})(?![0-9A-Za-z])", re.IGNORECASE
)


def find_literal(text: str, name: str, kind: type[Value]) -> Value | None:
    """Return the value of a constant that a script of the page defines, e.g. ``const jsObject = [{…}][0]``.

    Args:
        text: the page.
        name: of the constant. Other scripts may use the same word; the first place with such a value counts.
        kind: what the value has to be, ``dict`` or ``list``.

    Returns:
        The value, or None if the page has none that can be read. Whole numbers that are too long to mean
        anything are None in it.
    """
    begin = re.compile(rf"\b{re.escape(name)}\s*=\s*\[\s*")
    for place in islice(begin.finditer(text), _MOST_PLACES):
        try:
            value, _ = _DECODER.raw_decode(text, place.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, kind):
            return value
    return None


def read_json(text: str) -> Any:
    """Return the value of a text that is JSON, read as ``find_literal`` reads it.

    Raises:
        ValueError, RecursionError: it is none.
    """
    return _DECODER.decode(text)


def _whole_number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


_DECODER = json.JSONDecoder(parse_int=_whole_number)


def listed_course(listed: Mapping[str, object]) -> dict[str, list[Slide]]:
    """Return the slides of each curriculum, by its name, as the page lists them.

    Args:
        listed: the page's sessions by the curriculum's name: a list of sessions, each a list of slides as the page
            has them, with ``key``, ``type`` and ``alt_video_id``.

    Returns:
        The slides; a curriculum of which the page has no sessions, or one without slides, is absent.
    """
    course = {}
    for curriculum in CURRICULA:
        if sessions := _sessions(listed.get(curriculum.name)):
            course[curriculum.name] = number_slides([_listed_slide(item) for item in items] for items in sessions)
    return course


def listed_data(listed: Mapping[str, object]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """Return all that the page says of each slide: by the curriculum's name, in the order of ``listed_course``.

    Args:
        listed: as for ``listed_course``.
    """
    by_name = {curriculum.name: _sessions(listed.get(curriculum.name)) for curriculum in CURRICULA}
    return {name: tuple(chain.from_iterable(sessions)) for name, sessions in by_name.items() if sessions}


def training_titles(items: Mapping[str, object] | Sequence[object]) -> dict[str, str]:
    """Return the titles that video slides show, by the name under which a slide looks for its own.

    Args:
        items: the page's training items, by that name or, in a list, by their place.
    """
    pairs = items.items() if isinstance(items, Mapping) else enumerate(items)
    titles = {str(name): item.get("title_en") for name, item in pairs if isinstance(item, dict)}
    return {name: title for name, title in titles.items() if isinstance(title, str)}


def root_attributes(text: str) -> dict[str, str]:
    """Return the attributes of a page's ``<html>``; none if its beginning has no such tag."""
    parser = _RootParser()
    try:
        parser.feed(text[:_BEGINNING])
    except (AssertionError, ValueError):  # its way to say that something is no HTML
        return {}
    return parser.attributes or {}


class _RootParser(HTMLParser):
    """Takes down the attributes of the first ``<html>``."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html" and self.attributes is None:
            # Of two with one name, browsers take the first.
            self.attributes = {name: value or "" for name, value in reversed(attrs)}


def site_vimeo_ids(listed: Mapping[str, object]) -> dict[int, str]:
    """Return the Vimeo id that the page gives to each course video, as far as it gives one.

    A number to which it gives different ids has none here: which of them is right cannot be told from the page, and
    as the same few hands typed them in, two of three may well be the mistake. Two numbers may have the same id.

    Args:
        listed: as for ``listed_course``.
    """
    found: dict[int, set[str]] = {}
    for item in _items(listed):
        _, _, number = _listed_slide(item)
        vimeo_id = _vimeo_id(item.get("center"))
        if number is not None and vimeo_id:
            found.setdefault(number, set()).add(vimeo_id)
    return {number: ids.pop() for number, ids in sorted(found.items()) if len(ids) == 1}


def _items(listed: Mapping[str, object]) -> Iterable[Mapping[str, Any]]:
    for curriculum in CURRICULA:
        for session in _sessions(listed.get(curriculum.name)):
            yield from session


def _sessions(listed: object) -> list[list[Mapping[str, Any]]]:
    """Return the sessions of a curriculum; none if they are not what the page promises, or if one is empty."""
    if not isinstance(listed, list) or not all(isinstance(session, list) and session for session in listed):
        return []
    return listed if all(isinstance(item, dict) for session in listed for item in session) else []


def _listed_slide(item: Mapping[str, Any]) -> tuple[str, str, int | None]:
    """Return key, type and video number of one slide. A slide without key keeps its place, under an empty one."""
    kind = _text(item.get("type"))
    video = _text(item.get("alt_video_id"))
    is_video = kind == "video" and video.isdecimal() and len(video) <= _MOST_VIDEO_DIGITS
    return _text(item.get("key")), kind, (int(video) or None) if is_video else None


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _vimeo_id(center: object) -> str:
    """Return the id in the address of a slide's video, which is the first thing in its middle; "" if there is none."""
    first = center[0] if isinstance(center, list) and center else center
    match = _VIMEO_VIDEO.match(first) if isinstance(first, str) else None
    return match[1] if match else ""
