"""The languages of the course, from ``languages.json``, by any of their codes and names."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("languages.json")
# Codes of the site that mean something else, or nothing, to other programs.
_TAGS = {"asl": "ase", "swa": "sw", "zhcn": "zh-CN", "zhhk": "zh-HK", "zhtw": "zh-TW"}
# What separates the words of a name or the pieces of a code.
_BETWEEN = re.compile(r"[\s_\-/,，()（）]+")
# A name in brackets or after a dash says which of several languages of that name is meant.
_QUALIFIER = re.compile(r"\s*[(（]| - ")
# How similar two words must be, from 0 to 1, for one to be the other with a typing error.
_SIMILAR = 0.7


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

    @property
    def shown(self) -> str:
        """The code and the name, e.g. ``es (Spanish)``."""
        return f"{self.code} ({self.name})"

    @property
    def names(self) -> tuple[str, ...]:
        """The English name and the native one."""
        return (self.name, self.native_name)


@cache
def all_languages() -> tuple[Language, ...]:
    """Return every known language, ordered by code."""
    entries = json.loads(_LIST.read_text(encoding="utf-8"))
    return tuple(Language(**{**entry, "also_written": tuple(entry["also_written"])}) for entry in entries)


def find_language(text: str) -> Language | None:
    """Return the language that a code or name means in any spelling; None if it means no language, or several.

    Case, accents and what separates the words do not matter: ``zh-TW``, ``español``, ``SW``. A name without the
    part in brackets is enough if only one language has it.
    """
    if not _is_plain(text):
        return None
    for index in (_by_code_or_name(), _by_short_name()):
        found = index.get(spelling(text), ())
        if len(found) == 1:
            return found[0]
    return None


def similar_languages(text: str) -> tuple[Language, ...]:
    """Return the languages that somebody may have meant with a text that names no language."""
    if not _is_plain(text) or len(spelling(text)) < 2:
        return ()
    first_word = _words(text)[0]
    return _that_hold(text) or (_that_hold(first_word) if len(first_word) > 1 else ()) or _spelled_like(text)


def site_code(text: str) -> str:
    """Return the site's code of a language (``swa`` for ``sw``); a text that names no language stays as it is."""
    language = find_language(text)
    return language.code if language else text


def spelling(text: str) -> str:
    """Return what all spellings of a name or a code have in common: its letters, without case and accents."""
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text.casefold())
    # Only the marks that people leave out: those of Indic scripts are not accents.
    bare = re.sub(r"[\u0300-\u036f\u200c\u200d]", "", letters)
    return [word for word in _BETWEEN.split(bare) if word]


def _is_plain(text: str) -> bool:
    """Say whether a text has only characters of names and codes, so that ``../es`` does not mean Spanish."""
    return (
        bool(text)
        and text[0].isalnum()
        and not text[-1].isspace()
        and all(letter.isalnum() or unicodedata.category(letter)[0] == "M" for letter in spelling(text))
    )


@cache
def _by_code_or_name() -> Mapping[str, tuple[Language, ...]]:
    return _index(
        (text, language)
        for language in all_languages()
        for text in (
            language.code,
            language_tag(language.code),
            *language.also_written,
            *language.names,
            *language.name.split("/"),
        )
    )


@cache
def _by_short_name() -> Mapping[str, tuple[Language, ...]]:
    return _index((_QUALIFIER.split(name)[0], language) for language in all_languages() for name in language.names)


def _index(entries: Iterable[tuple[str, Language]]) -> Mapping[str, tuple[Language, ...]]:
    index: dict[str, tuple[Language, ...]] = {}
    for text, language in entries:
        known = index.get(spelling(text), ())
        index[spelling(text)] = known if language in known else (*known, language)
    return index


def _that_hold(text: str) -> tuple[Language, ...]:
    """Return the languages with a name that has all of these words, or whose code or name begins with them."""
    words, start = set(_words(text)), spelling(text)
    return tuple(
        language
        for language in all_languages()
        if any(words <= set(_words(name)) for name in language.names)
        or any(spelling(begun).startswith(start) for begun in (language.code, *language.names))
    )


def _spelled_like(text: str) -> tuple[Language, ...]:
    close = get_close_matches(spelling(text), _by_code_or_name(), cutoff=_SIMILAR)
    return tuple(dict.fromkeys(language for key in close for language in _by_code_or_name()[key]))


def language_tag(code: str) -> str:
    """Return the language tag of BCP 47 for a code of the site, e.g. ``ar-JO`` for ``ar_jo``."""
    language, _, region = code.replace("-", "_").partition("_")
    return _TAGS.get(code, f"{language}-{region.upper()}" if region else language)


def has_three_circles(code: str) -> bool:
    """Say whether a language has the three circles edition; a language that is not listed counts as classic."""
    language = find_language(code)
    return language is not None and language.three_circles


def default_vimeo_folder(language_code: str) -> str | None:
    """Return the number of a language's Vimeo folder, or None if it is not known."""
    language = find_language(language_code)
    return language.vimeo_folder_id if language else None
