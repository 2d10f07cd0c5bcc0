"""The manifest of a curriculum: the slides as the site gave them, and which picture each one has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files import write_atomically
from common.records import read_record_file
from common.version import VERSION
from course.curricula import Curriculum, Slide
from slides.entry import Entry, entry_of, item_of, without_picture
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
        doubts: a sentence for all that the file says and that cannot be true; none of it is above.
    """

    language_code: str
    site: str
    curriculum: str
    entries: tuple[Entry, ...]
    edition: str | None = None
    course_read_at: str | None = None
    gone: tuple[Entry, ...] = ()
    doubts: tuple[str, ...] = field(default=(), compare=False)

    @property
    def slides(self) -> list[Slide]:
        """The slides, in course order."""
        return [entry.slide for entry in self.entries]


def manifest_path(project: Project, curriculum: Curriculum) -> Path:
    """Return where a curriculum's manifest is, whether it exists or not."""
    return project.path / curriculum.folder / MANIFEST_FILE


def write_manifest(project: Project, curriculum: Curriculum, manifest: Manifest) -> None:
    """Write a curriculum's manifest, atomically, with one line for each slide.

    It is written twice for each picture: so only the line of the slide that has changed is encoded.
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
    text += f',\n  "slides": {_lines(manifest.entries)},\n  "gone": {_lines(manifest.gone)}\n}}\n'
    write_atomically(manifest_path(project, curriculum), text.encode())


def _lines(entries: Sequence[Entry]) -> str:
    lines = ",\n".join(map(_line, entries))
    return f"[\n{lines}\n  ]" if lines else "[]"


@lru_cache(maxsize=2048)
def _line(entry: Entry) -> str:
    return f"    {_encode(item_of(entry))}"


def read_manifest(project: Project, curriculum: Curriculum) -> Manifest | None:
    """Read a curriculum's manifest; None if there is none.

    Raises:
        NewerRecordError: a later version has written it.
        BuilderError: there is one, but it cannot be read.
    """
    path = manifest_path(project, curriculum)
    try:
        return _manifest(path, read_record_file(path, SCHEMA))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        remedy = f"Write a new one: python parts/3-slides-download.py --curriculum {curriculum.name} --missing-only"
        raise BuilderError(f"{path} cannot be read: {error}.", remedy) from error


def _manifest(path: Path, content: Mapping[str, Any]) -> Manifest:
    entries, doubts = _entries(content["slides"])
    gone, more_doubts = _gone(content.get("gone", []))
    if min((entry.slide.position for entry in entries), default=1) < 1:
        raise ValueError("a slide has no position")
    return Manifest(
        content["language_code"],
        content["site"],
        content["curriculum"],
        entries,
        content.get("edition"),
        content.get("course_read_at"),
        gone,
        tuple(f"{path} is not believed about {doubt}." for doubt in (*doubts, *more_doubts)),
    )


def _gone(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[Entry, ...], list[str]]:
    """Return the entries of slides that the course no longer has, and what is not believed of them, as phrases."""
    read = [entry_of(item) for item in items]
    doubts = [f"{entry.slide.name}: {phrase}" for entry, wrong in read for phrase in wrong]
    return tuple({entry.slide.name: entry for entry, _ in read}.values()), doubts


def _entries(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[Entry, ...], list[str]]:
    """Return the entries, ordered by position, and what is not believed of them, as phrases.

    A slide that is there twice counts once. If the two say different things of its picture, neither is believed.

    Raises:
        ValueError: two different slides have one position.
    """
    found: dict[int, Entry] = {}
    doubts = []
    for item in items:
        entry, wrong = entry_of(item)
        name, position = entry.slide.name, entry.slide.position
        doubts += [f"{name}: {phrase}" for phrase in wrong]
        other = found.setdefault(position, entry)
        if other.slide != entry.slide:
            raise ValueError("two slides have one position")
        if other is not entry:
            doubts.append(f"{name}: it is listed twice")
        if other != entry:
            found[position] = without_picture(entry.slide)
    return tuple(found[position] for position in sorted(found)), doubts
