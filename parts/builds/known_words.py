"""What a report may say of names and texts that come from outside: only what is known here, and nothing else.

Names of fields and headers are data too: a service may list videos under their ids, or people under their addresses.
So a name is told only if it is made of ordinary words of web services (``known_words.txt``), and a text only if it is
one of a few known ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

OTHER_NAME = "<key>"
OTHER_WORD = "other"
_LONGEST_NAME = 40
_PART = re.compile(r"[_-]")
# What a slide's key is made of besides words: s1, t24, 8b, c.
_KEY_PART = re.compile(r"[a-z]?[0-9]{0,3}[a-z]?")

# Words of the names of fields and headers. No word that may be somebody's name, a language, or a title.
_WORDS = frozenset(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split())

MEDIA_TYPES = frozenset(
    {
        "application/json",
        "application/octet-stream",
        "application/problem+json",
        "application/xml",
        "binary/octet-stream",
        "text/html",
        "text/plain",
        "text/xml",
        "video/mp4",
        "video/quicktime",
        "video/x-m4v",
        "video/webm",
    }
)
ITEM_TYPES = frozenset({"folder", "video", "live_event"})
SCOPES = frozenset({"public", "private", "video_files", "edit", "delete", "create", "upload", "interact", "stats"})
QUALITIES = frozenset({"source", "hd", "sd", "hls", "dash", "mobile", "uhd", "fullhd", "2k", "4k"})
RENDITIONS = frozenset(
    {"source", "adaptive", *(f"{height}p" for height in (240, 360, 480, 540, 720, 1080, 1440, 2160))}
)
# fmt: off
SLIDE_TYPES = frozenset((
    "activity", "break", "center", "checkin", "congratulations", "discuss", "final", "left_image", "look_back", "obey",
    "overview", "pray", "review", "title", "video", "watch",
))
# fmt: on


def known_name(name: str) -> str:
    """Return the name of a field or header if all of its words are known, else ``OTHER_NAME``."""
    is_short = 0 < len(name) <= _LONGEST_NAME
    return name if is_short and all(part in _WORDS for part in _PART.split(name)) else OTHER_NAME


def known_word(text: str, known: Collection[str]) -> str:
    """Return a text if it is one of those that are known, else ``OTHER_WORD``."""
    return text if text in known else OTHER_WORD


def known_key(key: str, recorded: Collection[str]) -> str:
    """Return the key of a slide if it is a recorded one or looks like one, e.g. ``s1_3_8b``, else ``OTHER_NAME``."""
    if key in recorded:
        return key
    parts = key.split("_") if 0 < len(key) <= _LONGEST_NAME else [""]
    is_key = all(part and (part in _WORDS or _KEY_PART.fullmatch(part)) for part in parts)
    return key if is_key else OTHER_NAME
