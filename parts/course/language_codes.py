"""Checks the codes and names of languages that users give: in the list first, then on the site."""

from __future__ import annotations

import re

from common.console import warn
from common.errors import BuilderError, CheckWarning, UsageError
from course.languages import find_language, similar_languages, spelling
from course.page import site_languages, site_url

_FORM_OF_CODES = "A code has 2 to 16 letters, digits, _ or -, and starts with a letter."
_WHERE_CODES_ARE = "List the known codes: python parts/2-video-download.py --list-languages"
# Codes are short. A longer text that is like a language's name is that name misspelled.
_MAY_BE_CODE = re.compile(r"[A-Za-z]{2,4}(?![A-Za-z])")
_LANGUAGE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,15}")


def checked_language_code(text: str, source: str, kind: type[BuilderError] = UsageError) -> str:
    """Return the site's code of a language; warn about a code if the site cannot be asked for it.

    Args:
        text: what the user gave: a code or a name, e.g. ``sw``, ``Swahili`` or ``Kiswahili``.
        source: where it came from, for the message.
        kind: the error to raise for anything else. The code becomes a folder's name, so ``../x`` must not pass.
    """
    try:
        return known_language_code(text, source, kind)
    except CheckWarning as warning:
        warn(f"{warning.message} {warning.remedy}".strip())
        return text


def known_language_code(text: str, source: str, kind: type[BuilderError] = UsageError) -> str:
    """Return the site's code of a language. The site itself is asked only if the list has no such language.

    Args:
        text: as for ``checked_language_code``.
        source: as there.
        kind: as there.

    Raises:
        CheckWarning: the text may be a code, but the site cannot be asked.
        BuilderError: of the given kind; the text is not a language.
    """
    if language := find_language(text):
        return language.code
    similar = [language.shown for language in similar_languages(text)]
    hint = f"Did you mean {' or '.join(filter(None, [', '.join(similar[:-1]), similar[-1]]))}?" if similar else ""
    if not similar and not is_language_code(text):
        raise kind(f"{text!r} ({source}) is not a language code.", f"{_FORM_OF_CODES} {_WHERE_CODES_ARE}")
    if is_language_code(text) and (_MAY_BE_CODE.match(text) or not similar):
        codes = site_languages()
        if codes is None:
            raise CheckWarning(
                f"{text} is not in the list of languages, and {site_url()} cannot be asked for it.", hint
            )
        for code in codes:
            if spelling(code) == spelling(text) and is_language_code(code):
                return code
    said_by = "" if source.startswith("argument") else f"The code comes from {source}. "
    raise kind(f"{text} is not a language of the course. {hint}".strip(), f"{said_by}{_WHERE_CODES_ARE}")


def is_language_code(text: str) -> bool:
    """Say whether a text can be a language code, and so the name of a folder."""
    return _LANGUAGE_CODE.fullmatch(text) is not None
