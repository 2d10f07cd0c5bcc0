"""The languages of the course: names, writing direction, edition and Vimeo folder, from ``languages.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("languages.json")
# Where the site's code means something else, or nothing, to other programs.
_TAGS = {"asl": "ase", "swa": "sw", "zhcn": "zh-CN", "zhhk": "zh-HK", "zhtw": "zh-TW"}


@dataclass(frozen=True)
class Language:
    """One language of the course.

    Attributes:
        code: the code that the site uses, e.g. ``swa``.
        name: the English name.
        native_name: the name in the language itself.
        direction: ``ltr`` or ``rtl``.
        three_circles: True for the three circles edition, False for the classic one.
        vimeo_folder_id: the number of the folder with its videos, or None where none is known.
        also_written: other codes that people use for it, e.g. ``sw``.
    """

    code: str
    name: str
    native_name: str
    direction: str
    three_circles: bool
    vimeo_folder_id: str | None
    also_written: tuple[str, ...]


@cache
def all_languages() -> tuple[Language, ...]:
    """Return every known language, ordered by code."""
    entries = json.loads(_LIST.read_text(encoding="utf-8"))
    return tuple(Language(**{**entry, "also_written": tuple(entry["also_written"])}) for entry in entries)


def find_language(code: str) -> Language | None:
    """Return the language with this code, whatever its case, or the one that is also written so; None if unknown."""
    wanted = code.lower()
    for language in all_languages():
        if wanted == language.code or wanted in language.also_written:
            return language
    return None


def site_code(code: str) -> str:
    """Return the code under which the site knows a language (``swa`` for ``sw``); an unknown code stays as it is."""
    language = find_language(code)
    return language.code if language else code


def language_tag(code: str) -> str:
    """Return the language tag of BCP 47 for a code of the site, e.g. ``ar-JO`` for ``ar_jo``."""
    language, _, region = code.replace("-", "_").partition("_")
    return _TAGS.get(code, f"{language}-{region.upper()}" if region else language)


def has_three_circles(code: str) -> bool:
    """Say whether a language has the three circles edition; one that is not listed counts as classic."""
    language = find_language(code)
    return language is not None and language.three_circles
