"""The shape of what JSON holds: names of fields, kinds of values, and how often each is there. No value is told.

The exceptions are numbers that count or measure, and texts that are one of a few known words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from builds.known_words import (
    ITEM_TYPES,
    MEDIA_TYPES,
    OTHER_NAME,
    OTHER_WORD,
    QUALITIES,
    RENDITIONS,
    SCOPES,
    SLIDE_TYPES,
    known_name,
    known_word,
)

_DEEPEST = 10
_MOST_FIELDS = 300
# Fields whose numbers count or measure something; no number of these is anybody's.
_MEASURES = frozenset({"size", "width", "height", "duration", "fps", "total", "page", "per_page", "error_code"})
_TYPES = MEDIA_TYPES | ITEM_TYPES | SLIDE_TYPES
# Fields whose texts are one of a few words.
_WORDS: Mapping[str, Callable[[str], Iterable[str]]] = {
    "quality": lambda text: [known_word(text, QUALITIES)],
    "rendition": lambda text: [known_word(text, RENDITIONS)],
    "type": lambda text: [known_word(text, _TYPES)],
    "scope": lambda text: [known_word(word, SCOPES) for word in text.split()[:20]],
}
# In the order in which they are tried; a text that is none of these is just a text.
_KINDS_OF_TEXT = (
    ("empty text", re.compile(r"\s*")),
    ("web address", re.compile(r"https?://\S+")),
    ("path", re.compile(r"/\S+")),
    ("time (ISO 8601)", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")),
    ("digits", re.compile(r"\d+")),
    ("32 hex digits", re.compile(r"[0-9a-fA-F]{32}")),
)


@dataclass
class _Place:
    """What stood at one place of the answers.

    Attributes:
        kinds: how many values of each kind were there.
        containers: how many objects or lists could have had it.
        measures: the numbers, if they may be told.
        words: the known words, if it has such.
        lengths: of the lists.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    measures: list[float] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)


class Shape:
    """The shape of one value, or of several that answer the same question.

    Args:
        deepest: how many levels of it are looked at.
    """

    def __init__(self, deepest: int = _DEEPEST) -> None:
        self._deepest = deepest
        self._places: dict[str, _Place] = {}
        self._has_more = False

    def add(self, value: Any) -> None:
        """Add a value as JSON has it."""
        self._add("", "", value, 0)

    def _add(self, path: str, name: str, value: Any, depth: int) -> None:
        if path not in self._places and len(self._places) >= _MOST_FIELDS:
            self._has_more = True
            return
        place = self._places.setdefault(path, _Place())
        place.kinds[_kind(value)] += 1
        _take_down(place, name, value)
        if depth >= self._deepest:
            self._has_more = self._has_more or isinstance(value, dict | list)
        elif isinstance(value, dict):
            for key, inner in value.items():
                shown = known_name(str(key))
                self._add(f"{path}.{shown}" if path else shown, shown, inner, depth + 1)
        elif isinstance(value, list):
            for inner in value:
                self._add(f"{path}[]", name, inner, depth + 1)

    def lines(self) -> list[str]:
        """Return a line for each place, in the order in which they were first seen, each below what holds it."""
        paths = [path for path in self._in_order("") if path]
        lines = [f"{path}: {self._about(path)}" for path in paths if not self._is_told_above(path)]
        if "" in self._places and self._places[""].kinds.keys() != {"object"}:
            lines.insert(0, f"the answer itself: {self._about('')}")
        return [*lines, *(["(what lies deeper, or is even more, is left out)"] if self._has_more else [])]

    def _is_told_above(self, path: str) -> bool:
        """Say whether a place is that of a list's entries, if these are nothing but objects, whose fields follow."""
        return path.endswith("[]") and self._places[path].kinds.keys() == {"object"}

    def _in_order(self, parent: str) -> Iterable[str]:
        yield parent
        for path in list(self._places):
            if path and _parent(path) == parent:
                yield from self._in_order(path)

    def _about(self, path: str) -> str:
        place = self._places[path]
        seen = sum(place.kinds.values())
        holders = self._holders(path)
        kinds = [kind if count == seen else f"{kind} {count}" for kind, count in place.kinds.most_common()]
        if path.endswith((OTHER_NAME, "[]")) or not holders:
            often = f"({seen})"
        else:
            missing = max(holders - seen, 0)
            often = f"({seen} of {holders}{f', missing in {missing}' if missing else ''})"
        return ", ".join([f"{' or '.join(kinds)} {often}", *_more(place)])

    def _holders(self, path: str) -> int:
        parent = self._places.get(_parent(path)) if path else None
        return parent.kinds["object"] if parent else 0


def _parent(path: str) -> str:
    return path[:-2] if path.endswith("[]") else path.rpartition(".")[0]


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return next((kind for kind, pattern in _KINDS_OF_TEXT if pattern.fullmatch(value)), "text")
    if value is None:
        return "null"
    names = {bool: "true/false", int: "whole number", float: "number", dict: "object", list: "list"}
    return names.get(type(value), "something else")


def _take_down(place: _Place, name: str, value: Any) -> None:
    if isinstance(value, list):
        place.lengths.append(len(value))
    elif isinstance(value, str):
        if name in _WORDS:
            place.words.update(_WORDS[name](value))
    elif isinstance(value, int | float) and not isinstance(value, bool) and name in _MEASURES:
        place.measures.append(value)


def _more(place: _Place) -> Iterable[str]:
    """Yield what may be told of the values."""
    if place.lengths:
        yield f"entries: {in_numbers(place.lengths)}"
    if place.measures:
        yield in_numbers(place.measures)
    if place.words:
        words = sorted(place.words.items(), key=lambda item: (item[0] == OTHER_WORD, -item[1], item[0]))
        yield " ".join(f"{word} ({count})" for word, count in words)


def in_numbers(numbers: Iterable[float]) -> str:
    """Return how large numbers are: all of them if they are equal, else the smallest, the median and the largest."""
    found = sorted(numbers)
    if found[0] == found[-1]:
        return f"{found[0]:.15g}"
    return f"{found[0]:.15g} to {found[-1]:.15g} (median {median(found):.15g})"
