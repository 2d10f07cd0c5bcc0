"""The fonts of this machine for the letters of a language, as fontconfig knows them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence

from course.languages import find_language

INSTALL_FONTS = (
    "On Debian and Ubuntu: apt-get install fonts-noto-core fonts-noto-cjk. On Windows and macOS: install the Noto font "
    "of the language (fonts.google.com/noto) for all users. With a Grid: on the Grid's machines."
)
_LIST = "fc-list"
# It answers in some hundredths of a second, unless it has to look at every font first.
_SECONDS = 60


def letters_of(language_code: str) -> list[str]:
    """Return the letters of a language's own name, in order; none if the language is not known."""
    language = find_language(language_code)
    return sorted({letter for letter in language.native_name if letter.isalpha()}) if language else []


def has_fontconfig() -> bool:
    """Say whether this machine can list the fonts that its browser has.

    On macOS and Windows the browser asks the system, and fontconfig, if somebody has installed it, does not know all.
    """
    return sys.platform not in ("darwin", "win32") and shutil.which(_LIST) is not None


def families_with(letters: Sequence[str]) -> list[str]:
    """Return the names of the fonts that have all of these letters; none if fontconfig cannot tell."""
    return [line.split(",")[0] for line in _listed(letters, "family")]


def fonts_digest(language_code: str) -> str:
    """Return a digest of all fonts that have the letters of a language's own name, with their versions.

    Returns:
        A SHA-256 in hexadecimal; "" if the fonts, or the letters, are not known.
    """
    letters = letters_of(language_code)
    if not letters or not has_fontconfig():
        return ""
    fonts = sorted(set(_listed(letters, "--format=%{family}:%{style}:%{fontversion}\n")))
    return hashlib.sha256("\n".join(fonts).encode()).hexdigest() if fonts else ""


def _listed(letters: Sequence[str], what: str) -> list[str]:
    pattern = ":charset=" + " ".join(f"{ord(letter):x}" for letter in letters)
    arguments = [_LIST, what, pattern] if what.startswith("--") else [_LIST, pattern, what]
    try:
        answer = subprocess.run(
            arguments,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return answer.stdout.splitlines()
