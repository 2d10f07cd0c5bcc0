"""The manifest of a curriculum: the slides as the site gave them, and which picture each one has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files import write_atomically
from common.records import read_record_file
from common.typed import advice
from common.version import VERSION
from course.curricula import Curriculum, Slide
from slides.entry import FLAWED, MISSING, Entry, entry_of, item_of, without_picture
from slides.global_state import GlobalState, from_json, to_json
from workspace.folders import Project

MANIFEST_FILE = "manifest.json"
SCHEMA = 2
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Manifest:
    """What is known about one curriculum of one language.

    Attributes:
        language_code: as the site writes it.
        site: the presenter's site, or ``curricula.json`` if that had to stand in for it.
        curriculum: the curriculum's name, e.g. ``ten_session``.
        entries: in course order.
        edition: ``three_circles`` or ``classic``; None if the slides do not tell.
        course_read_at: when the slides were listed, in UTC as ISO 8601; None in manifests of schema 1.
        gone: the slides that the course had before and whose pictures are still there.
        doubts: a phrase for all that the file says and that cannot be true; none of it is above.
        is_damaged: whether slides of the course are lost in the file.
        global_state: what was global when the pictures were taken; None if it is not known.
        left_changed: the names of the slides that the site showed differently when the slides were listed than when
            their pictures were taken, and that the last run has left as they were.
    """

    language_code: str
    site: str
    curriculum: str
    entries: tuple[Entry, ...]
    edition: str | None = None
    course_read_at: str | None = None
    gone: tuple[Entry, ...] = ()
    doubts: tuple[str, ...] = field(default=(), compare=False)
    is_damaged: bool = False
    global_state: GlobalState | None = None
    left_changed: tuple[str, ...] = ()

    @property
    def slides(self) -> list[Slide]:
        """The slides, in course order."""
        return [entry.slide for entry in self.entries]


def manifest_path(project: Project, curriculum: Curriculum) -> Path:
    """Return where a curriculum's manifest is, whether it exists or not."""
    return project.path / curriculum.folder / MANIFEST_FILE


def write_manifest(project: Project, curriculum: Curriculum, manifest: Manifest) -> None:
    """Write a curriculum's manifest, atomically, with one line for each slide.

    It is written twice for each picture: so only the line of the slide that has changed is encoded, and what is
    global only once.
    """
    head = {
        "schema": SCHEMA,
        "version": VERSION,
        "language_code": manifest.language_code,
        "edition": manifest.edition,
        "site": manifest.site,
        "course_read_at": manifest.course_read_at,
        "curriculum": manifest.curriculum,
    }
    text = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
    text += f',\n  "global_state": {_global(manifest.global_state)}'
    # Most runs leave none.
    if manifest.left_changed:
        text += f',\n  "left_changed": {_encode(manifest.left_changed)}'
    text += f',\n  "slides": {_lines(manifest.entries)},\n  "gone": {_lines(manifest.gone)}\n}}\n'
    # Half a letter, which JSON can have, stays as JSON writes it.
    write_atomically(manifest_path(project, curriculum), text.encode(errors="backslashreplace"))


def _lines(entries: Sequence[Entry]) -> str:
    lines = ",\n".join(map(_line, entries))
    return f"[\n{lines}\n  ]" if lines else "[]"


@lru_cache(maxsize=16)
def _global(state: GlobalState | None) -> str:
    return json.dumps(state and to_json(state), indent=2, ensure_ascii=False).replace("\n", "\n  ")


@lru_cache(maxsize=2048)
def _line(entry: Entry) -> str:
    return f"    {_encode(item_of(entry))}"


def read_manifest(project: Project, curriculum: Curriculum) -> Manifest | None:
    """Read a curriculum's manifest; None if there is none.

    Raises:
        NewerRecordError: a later version has written it.
        BuilderError: there is one, but it does not tell the whole course.
    """
    manifest = read_damaged_manifest(project, curriculum)
    if manifest and manifest.is_damaged:
        raise _cannot_be_read(project, curriculum, manifest.doubts[0])
    return manifest


def read_damaged_manifest(project: Project, curriculum: Curriculum) -> Manifest | None:
    """Read a curriculum's manifest, even if some of its slides are lost in it; None if there is none.

    Raises:
        NewerRecordError: a later version has written it.
        BuilderError: there is one, but nothing of it can be read.
    """
    path = manifest_path(project, curriculum)
    try:
        return _manifest(read_record_file(path, SCHEMA))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _cannot_be_read(project, curriculum, str(error)) from error


def _cannot_be_read(project: Project, curriculum: Curriculum, reason: str) -> BuilderError:
    remedy = advice(
        f"Write a new one: python parts/3-slides-download.py --curriculum {curriculum.name} --missing-only",
        "A build that does not skip the slides writes a new one.",
    )
    return BuilderError(f"{manifest_path(project, curriculum)} cannot be read: {reason}.", remedy)


def _manifest(content: Mapping[str, Any]) -> Manifest:
    entries, doubts = _read(content["slides"])
    kept, phrases = _at_their_positions(entries)
    gone, more_doubts = _read(content.get("gone", []))
    return Manifest(
        _text(content["language_code"]),
        _text(content["site"]),
        _text(content["curriculum"]),
        kept,
        content.get("edition"),
        content.get("course_read_at"),
        tuple({entry.slide.name: entry for entry in gone}.values()),
        (*phrases, *doubts, *more_doubts),
        is_damaged=len(entries) < len(content["slides"]) or len(kept) < len({each.slide.position for each in entries}),
        global_state=from_json(content.get("global_state")),
        left_changed=_names(content.get("left_changed")),
    )


def _names(value: Any) -> tuple[str, ...]:
    """Return what a list of names says; it is no more than a note, so that what is none is passed over."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _read(items: Sequence[Any]) -> tuple[list[Entry], list[str]]:
    """Return the entries that items of a manifest stand for, and a phrase for all that is not believed."""
    entries: list[Entry] = []
    lost, doubts = [], []
    for place, item in enumerate(items, start=1):
        try:
            entry, wrong = entry_of(item)
        except (TypeError, KeyError) as error:
            lost.append(f"its slide {place} is none ({error})")
            continue
        entries.append(entry)
        doubts += [f"{entry.slide.name}: {phrase}" for phrase in wrong]
    return entries, lost + doubts


def _at_their_positions(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], list[str]]:
    """Return the entries that stand at a position of their own, in course order, and a phrase for what does not.

    A slide that is there twice counts once. What the two say of its picture is not believed if it differs.
    """
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.slide.position, []).append(entry)
    kept, phrases = [], []
    for position, here in sorted(found.items()):
        if position < 1 or len({entry.slide for entry in here}) > 1:
            phrases.append(f"position {position} is not that of {' and '.join(entry.slide.name for entry in here)}")
            continue
        if len(here) > 1:
            phrases.append(f"{here[0].slide.name}: it is listed twice")
        kept.append(here[0] if len(set(here)) == 1 else _of_contradictions(here))
    return tuple(kept), phrases


def _of_contradictions(here: Sequence[Entry]) -> Entry:
    is_flawed = any(entry.status == FLAWED for entry in here)
    return replace(without_picture(here[0].slide), status=FLAWED if is_flawed else MISSING)
