"""What decides how all pictures of a language look alike: style sheets, scripts, fixed pictures, browser, fonts.

Contents count, not addresses: a site that is deployed again has the same files under other addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

# To be raised whenever a change of this suite makes pictures of the same slide look otherwise: another way to wait,
# other options of the browser, another script in the page. All pictures are then looked at once more.
CAPTURE_VERSION = 1

# Stands for the content of a file that is another one each time it is asked for.
VOLATILE = ""
# Stands for the content of a file that could not be had when the pictures were taken: the browser had none either. On
# many machines some host can never be reached.
UNREACHED = "unreached"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}")
_MOST_FILES = 2000
_LONGEST_ADDRESS = 4000
# In letters, of a name in a message.
_LONGEST_NAME = 60
_FONT_FILE = re.compile(r"\.(woff2?|ttf|otf|eot|ttc)$", re.IGNORECASE)


@dataclass(frozen=True)
class GlobalState:
    """What is global for the pictures of a language. All digests are SHA-256 in hexadecimal.

    Attributes:
        capture: the ``CAPTURE_VERSION`` of the suite.
        browser: the version of the browser, e.g. ``156.0.8078.73``; "" if it is not known.
        fonts: a digest of the machine's fonts for the language, see ``slides.fonts``; "" if it is not known.
        styles: the digests of the contents of the page's style sheets, in page order, each followed by those that it
            imports; "" (``VOLATILE``) for one that is another each time it is asked for.
        scripts: the same for its scripts.
        assets: pictures, icons and fonts under fixed addresses: each address with the digest of its content, in the
            order of the addresses; "" as above.
    """

    capture: int
    browser: str
    fonts: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    assets: tuple[tuple[str, str], ...]


def differences(before: GlobalState, now: GlobalState) -> tuple[str, ...]:
    """Return what differs, as short phrases for people; nothing if the pictures of both are alike.

    What is unknown on one side is no difference, and neither is an asset that only one side has.

    Args:
        before: when the pictures were taken.
        now: today.
    """
    found = []
    if before.capture != now.capture:
        found.append("the way pictures are taken")
    if before.browser and now.browser and before.browser != now.browser:
        found.append(f"the browser ({before.browser} before, {now.browser} now)")
    if before.fonts and now.fonts and before.fonts != now.fonts:
        found.append("the fonts of this machine")
    if not same_files(before.styles, now.styles):
        found.append("a style sheet")
    if not same_files(before.scripts, now.scripts):
        found.append("a script")
    known = dict(before.assets)
    changed = (address for address, digest in now.assets if not same_file(known.get(address, digest), digest))
    return (*found, *dict.fromkeys(map(_phrase, changed)))


def same_files(before: Sequence[str], now: Sequence[str]) -> bool:
    """Say whether files, given by their digests, may be those that they were."""
    return len(before) == len(now) and all(map(same_file, before, now))


def same_file(before: str, now: str) -> bool:
    """Say whether a file may be the one that it was.

    One that was another each time, and is no longer, counts as changed: it may have been replaced just between two
    looks at it.
    """
    return now in (before, VOLATILE)


def is_font(address: str) -> bool:
    """Say whether an address is that of a font file."""
    return _FONT_FILE.search(_path(address)) is not None


def _phrase(address: str) -> str:
    """Return what a file is, with its name only: the rest of its address may hold a key."""
    name = PurePosixPath(unquote(_path(address))).name
    readable = "".join(letter if letter.isprintable() else "?" for letter in name)[:_LONGEST_NAME]
    return f"the {'font' if is_font(address) else 'picture'} {readable}".rstrip()


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def to_json(state: GlobalState) -> dict[str, Any]:
    """Return a state as a manifest has it."""
    return {**vars(state), "assets": dict(state.assets)}


def from_json(value: object) -> GlobalState | None:
    """Return the state that a manifest has; None for whatever cannot be one."""
    if not isinstance(value, dict) or not all(_RIGHT[name](value.get(name)) for name in _RIGHT):
        return None
    return GlobalState(
        value["capture"],
        value["browser"],
        value["fonts"],
        tuple(value["styles"]),
        tuple(value["scripts"]),
        sorted_assets(value["assets"]),
    )


def sorted_assets(assets: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return addresses and digests as a state has them."""
    return tuple(sorted(assets.items()))


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and (value in (VOLATILE, UNREACHED) or _DIGEST.fullmatch(value) is not None)


def _are_digests(value: object) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_FILES and all(map(_is_digest, value))


def _are_assets(value: object) -> bool:
    if not isinstance(value, dict) or len(value) > _MOST_FILES or not all(map(_is_digest, value.values())):
        return False
    return all(re.match("https?://", address) and len(address) <= _LONGEST_ADDRESS for address in value)


def _is_browser(value: object) -> bool:
    return isinstance(value, str) and (value == "" or _VERSION.fullmatch(value) is not None)


def _is_capture(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


_RIGHT = {
    "capture": _is_capture,
    "browser": _is_browser,
    "fonts": _is_digest,
    "styles": _are_digests,
    "scripts": _are_digests,
    "assets": _are_assets,
}
