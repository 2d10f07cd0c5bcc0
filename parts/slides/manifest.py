"""The manifest of a curriculum: the slides as the site gave them, and which picture each one has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files import write_atomically
from course.curricula import Curriculum, Slide
from workspace.folders import Project

MANIFEST_FILE = "manifest.json"
OK, FLAWED, FAILED, MISSING, UNPROVEN = "ok", "flawed", "failed", "missing", "unproven"
# What needs no second try. A flawed picture is good enough only for a user who allows it.
GOOD = (OK, UNPROVEN)
# The error of a missing slide whose proven picture gets its name at this moment.
BEING_SAVED = "its picture was just being saved"
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Entry:
    """One slide in a manifest.

    Attributes:
        slide: the slide.
        file: the picture's name in the curriculum's folder, or None.
        status: ok; flawed (kept though the site did not deliver something on it); failed (the last try); unproven
            (there, whole and of the right size, but no record says what it shows); or missing (not taken yet).
        error: what went wrong, or None.
    """

    slide: Slide
    file: str | None
    status: str
    error: str | None


@dataclass(frozen=True)
class Manifest:
    """What is known about one curriculum of one language.

    Attributes:
        language_code: as the site writes it.
        site: the presenter's site, or ``curricula.json`` if that had to stand in for it.
        curriculum: the curriculum's name, e.g. ``ten_session``.
        entries: in course order.
    """

    language_code: str
    site: str
    curriculum: str
    entries: tuple[Entry, ...]

    @property
    def slides(self) -> list[Slide]:
        """The slides, in course order."""
        return [entry.slide for entry in self.entries]


def manifest_path(project: Project, curriculum: Curriculum) -> Path:
    """Return where a curriculum's manifest is, whether it exists or not."""
    return project.path / curriculum.folder / MANIFEST_FILE


def write_manifest(project: Project, curriculum: Curriculum, manifest: Manifest) -> None:
    """Write a curriculum's manifest, atomically, with one line for each slide.

    It is written twice for each picture: one line a slide takes half as long to encode as indented JSON.
    """
    head = {
        "language_code": manifest.language_code,
        "site": manifest.site,
        "curriculum": manifest.curriculum,
    }
    lines = ",\n".join(f"    {_encode(_item(entry))}" for entry in manifest.entries)
    text = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
    text = f'{text},\n  "slides": [\n{lines}\n  ]\n}}\n'
    write_atomically(manifest_path(project, curriculum), text.encode())


def _item(entry: Entry) -> dict[str, Any]:
    slide = entry.slide
    return {
        "position": slide.position,
        "session": slide.session,
        "key": slide.key,
        "type": slide.type or None,
        "video": slide.video,
        "file": entry.file,
        "status": entry.status,
        "error": entry.error,
    }


def read_manifest(project: Project, curriculum: Curriculum) -> Manifest | None:
    """Read a curriculum's manifest; None if there is none.

    Raises:
        BuilderError: there is one, but it cannot be read.
    """
    path = manifest_path(project, curriculum)
    try:
        return _manifest(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        remedy = f"Write a new one: python parts/3-slides-download.py --curriculum {curriculum.name} --missing-only"
        raise BuilderError(f"{path} cannot be read: {error}.", remedy) from error


def _manifest(content: Mapping[str, Any]) -> Manifest:
    entries = tuple(sorted(map(_entry, content["slides"]), key=lambda entry: entry.slide.position))
    positions = {entry.slide.position for entry in entries}
    if len(positions) < len(entries) or min(positions, default=1) < 1:
        raise ValueError("two slides have one position, or one has none")
    return Manifest(content["language_code"], content["site"], content["curriculum"], entries)


def _entry(item: Mapping[str, Any]) -> Entry:
    def value(name: str, *kinds: type) -> Any:
        if not isinstance(item[name], kinds) or isinstance(item[name], bool):
            raise TypeError(f"{name} is {item[name]!r}")
        return item[name]

    none = type(None)
    kind = value("type", str, none) or ""
    slide = Slide(value("position", int), value("session", int), value("key", str), kind, value("video", int, none))
    return Entry(slide, value("file", str, none), value("status", str), value("error", str, none))


def with_entry(entries: Sequence[Entry], name: str, **changes: Any) -> list[Entry]:
    """Return the entries with those of one slide changed (a key may occur twice in a session).

    Args:
        entries: the entries of a curriculum.
        name: the slide's name within it.
        changes: new values of ``file``, ``status`` and ``error``.
    """
    return [replace(entry, **changes) if entry.slide.name == name else entry for entry in entries]
