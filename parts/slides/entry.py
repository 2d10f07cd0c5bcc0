"""One slide in a manifest: what became of it, as the file has it, and what of that can be believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from course.curricula import Slide
from course.slide_texts import SlideTexts, can_be_heading, can_be_text
from slides.pictures import named_picture

OK, FLAWED, FAILED, MISSING, UNPROVEN = "ok", "flawed", "failed", "missing", "unproven"
# What needs no second try. A flawed picture is good enough only for a user who allows it.
GOOD = (OK, UNPROVEN)
# In bytes; no file system takes more.
_LONGEST_NAME = 255
# In letters, of a value that a message quotes.
_LONGEST_QUOTE = 100
# The error of a missing slide whose proven picture gets its name at this moment.
BEING_SAVED = "its picture was just being saved"


@dataclass(frozen=True)
class Entry:
    """One slide in a manifest.

    Attributes:
        slide: the slide.
        file: the picture's name in the curriculum's folder, or None.
        status: ok; flawed (kept though the site did not deliver something on it); failed (the last try); unproven
            (there, whole and of the right size, but no record says what it shows); or missing (not taken yet).
        error: what went wrong, or None.
        taken_at: when we took the picture, in UTC as ISO 8601; None for one that may be somebody else's.
        sha256: of the picture, in hexadecimal; None if nobody has computed it.
        width, height: of the picture, in pixels, or None.
        previous: the name of the picture that this one has replaced, or None.
        fingerprint: of what decided how the picture looks, see ``slides.fingerprint``; None if that is not known.
        heading, text: what stands on the picture, see ``course.slide_texts``; "" where nothing does, None if that is
            not known.
    """

    slide: Slide
    file: str | None
    status: str
    error: str | None
    taken_at: str | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    previous: str | None = None
    fingerprint: str | None = None
    heading: str | None = None
    text: str | None = None

    @property
    def texts(self) -> SlideTexts:
        """What stands on the picture, as far as it is known."""
        return SlideTexts(self.heading or "", self.text or "")


def item_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as a manifest has it."""
    slide, picture = entry.slide, {**vars(entry)}
    del picture["slide"]
    return {
        "position": slide.position,
        "session": slide.session,
        "key": slide.key,
        "type": slide.type or None,
        "video": slide.video,
        **picture,
    }


def entry_of(item: Mapping[str, Any]) -> tuple[Entry, list[str]]:
    """Return the entry that an item of a manifest stands for, and what of it is not believed, as phrases.

    An item of schema 1 has only file, status and error besides the slide.

    Raises:
        TypeError, KeyError: it does not say which slide it is.
    """
    none = type(None)
    slide = Slide(
        _required(item, "position", int),
        _required(item, "session", int),
        _required(item, "key", str),
        _required(item, "type", str, none) or "",
        _required(item, "video", int, none),
    )
    wrong = [name for name, is_right in _RIGHT.items() if not is_right(item.get(name))]
    wrong += [name for name in ("file", "previous") if name not in wrong and not _is_of(slide, item.get(name))]
    doubts = [f"{name} is {repr(item.get(name))[:_LONGEST_QUOTE]}" for name in wrong]
    values: dict[str, Any] = {name: _UNKNOWN.get(name) if name in wrong else item.get(name) for name in _RIGHT}
    return Entry(slide, **values), doubts


def without_picture(slide: Slide) -> Entry:
    """Return the entry of a slide of whose picture nothing is known."""
    return Entry(slide, None, MISSING, None)


def with_entry(entries: Sequence[Entry], name: str, **changes: Any) -> list[Entry]:
    """Return the entries with those of one slide changed (a key may occur twice in a session).

    Args:
        entries: the entries of a curriculum.
        name: the slide's name within it.
        changes: new values of whatever is known about its picture.
    """
    return [replace(entry, **changes) if entry.slide.name == name else entry for entry in entries]


def _required(item: Mapping[str, Any], name: str, *kinds: type) -> Any:
    if not isinstance(item[name], kinds) or isinstance(item[name], bool):
        raise TypeError(f"{name} is {item[name]!r}")
    return item[name]


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_time(value: object) -> bool:
    try:
        return value is None or (isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None)
    except ValueError:
        return False


def _is_digest(value: object) -> bool:
    return value is None or (isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None)


def _is_size(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


# What each field about the picture may be.
_RIGHT: Mapping[str, Callable[[Any], bool]] = {
    "file": _is_text,
    "status": lambda value: value in (OK, FLAWED, FAILED, MISSING, UNPROVEN),
    "error": _is_text,
    "taken_at": _is_time,
    "sha256": _is_digest,
    "width": _is_size,
    "height": _is_size,
    "previous": _is_text,
    "fingerprint": _is_digest,
    "heading": lambda value: value is None or (isinstance(value, str) and can_be_heading(value)),
    "text": lambda value: value is None or (isinstance(value, str) and can_be_text(value)),
}

# What stands for a value that is not believed; None for all others.
_UNKNOWN = {"status": MISSING}


def _is_of(slide: Slide, file: str | None) -> bool:
    """Say whether a name can be that of a picture of a slide, in the folder of its curriculum."""
    if file is None:
        return True
    picture = named_picture(Path(file), file)
    is_name = len(file.encode(errors="replace")) <= _LONGEST_NAME and not re.search(r"[/\\\x00-\x1f]", file)
    return picture is not None and picture.slide_name == slide.name and is_name
