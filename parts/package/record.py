"""The record that a package keeps of itself: every file that was made in it, what it was made from, and its state.

The next run reads it, makes only what has changed, and touches nothing that somebody else has put into the
output or changed there.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from common.files import write_atomically
from common.formats import is_moment, now
from common.records import read_record_file
from common.version import VERSION
from course.curricula import Slide
from package.changes import PackageChanges, changes_of, item_of_changes, slide_of
from package.thumbnails import ImageStats
from videos.files import SOURCES

RECORD_FILE = ".made-by-zume.json"
SCHEMA = 2
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stamp:
    """Size and time of a file: as long as they are the same, the file counts as unchanged.

    Attributes:
        size: in bytes.
        time: of the last change, in nanoseconds since 1970.
    """

    size: int
    time: int


@dataclass(frozen=True)
class FileRecord:
    """How one file was made.

    Attributes:
        stamp: of the file when it was finished.
        source: the original's path, relative to the project; empty if there is none.
        source_stamp: of the original then.
        digest: of the content, if there is no original to compare it with.
        stats: what is known about the picture, for a thumbnail.
    """

    stamp: Stamp
    source: str = ""
    source_stamp: Stamp | None = None
    digest: str = ""
    stats: ImageStats | None = None


@dataclass(frozen=True)
class FileSum:
    """The checksum of a file.

    Attributes:
        stamp: of the file when it had that checksum.
        sha256: in hexadecimal.
    """

    stamp: Stamp
    sha256: str


@dataclass(frozen=True)
class Record:
    """What an output folder holds of ours.

    Attributes:
        link: how files were to be made: auto, hard or copy.
        files: by their paths below the output, with ``/``.
        slides: which slide stands at which position, by the curriculum's folder; empty in old records.
        sources: where each video came from, one of ``videos.files.SOURCES``, by its path below the output; empty if the
            page says nothing of it.
        changes: what the last run that changed something has changed; None if that is not known.
        sums: the checksums of all files that are to be seen in the output, also of somebody else's, by their paths
            below it; empty in old records.
        doubts: a sentence for all that its file says and that cannot be true; none of it is above.
        made_at: when the package was made, in UTC as ISO 8601; "" in old records.
    """

    link: str = ""
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    slides: Mapping[str, Sequence[Slide]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    changes: PackageChanges | None = None
    sums: Mapping[str, FileSum] = field(default_factory=dict)
    doubts: Sequence[str] = field(default=(), compare=False)
    made_at: str = field(default="", compare=False)


def stamp_of(path: Path) -> Stamp | None:
    """Return a file's stamp, for a link that of the file it leads to; None if there is no file."""
    try:
        return required_stamp(path)
    except OSError:
        return None


def required_stamp(path: Path) -> Stamp:
    """Return the stamp of a file that has to be there.

    Raises:
        OSError: it is not.
    """
    state = path.stat()
    return Stamp(state.st_size, state.st_mtime_ns)


def read_record(output: Path) -> Record:
    """Return the record of an output folder; an empty one if there is none that can be read.

    Raises:
        NewerRecordError: a later version has written it.
    """
    path = output / RECORD_FILE
    try:
        content = read_record_file(path, SCHEMA)
        sequences = {folder: _read_slides(items) for folder, items in content.get("slides", {}).items()}
        slides = {folder: found for folder, found in sequences.items() if found is not None}
        entries = {name: _file_record(name, entry) for name, entry in content["files"].items()}
        files = {name: entry for name, entry in entries.items() if entry}
        doubts = [f"{path} is not believed about {name}." for name in entries.keys() - files.keys()]
        doubts += [f"{path} is not believed about the slides of {each}." for each in sequences.keys() - slides.keys()]
        sources, changes, made_at = (
            _read_sources(content.get("sources")),
            changes_of(content.get("changes")),
            content.get("made_at"),
        )
        made_at = made_at if is_moment(made_at) else ""
        sums = _read_sums(content.get("sums"))
        return Record(str(content["link"]), files, slides, sources, changes, sums, sorted(doubts), made_at)
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return Record(doubts=[f"{path} cannot be read: {error}."])


def _file_record(name: str, entry: Mapping[str, Any]) -> FileRecord | None:
    """Return what is recorded of a file; None if that is nothing that can be believed."""
    try:
        recorded = _read_entry(entry)
    except (TypeError, KeyError, AttributeError):
        return None
    return recorded if _stays_inside(name) and _stays_inside(recorded.source) else None


def _read_slides(items: Any) -> list[Slide] | None:
    """Return which slides stand in a folder; None if that is nothing that can be believed."""
    try:
        return [slide_of(item) for item in items]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _stays_inside(name: str) -> bool:
    """Say whether a relative path, with ``/``, cannot lead out of its folder."""
    path = PurePosixPath(name)
    # To Windows, ``C:name`` is on another drive.
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and not PureWindowsPath(name).drive


def _read_entry(entry: Mapping[str, Any]) -> FileRecord:
    source_stamp, stats = entry["source_stamp"], entry["look"]
    if not all(isinstance(number, int) for stamp in (entry["stamp"], source_stamp or {}) for number in stamp.values()):
        raise TypeError("a size or a time is no number")
    return FileRecord(
        Stamp(**entry["stamp"]),
        str(entry["source"]),
        source_stamp and Stamp(**source_stamp),
        str(entry["digest"]),
        stats and ImageStats(**stats),
    )


def _read_sources(sources: Any) -> dict[str, str]:
    """Return what can be believed about where the videos came from; what cannot is found out anew."""
    known = sources.items() if isinstance(sources, dict) else ()
    return {name: source for name, source in known if isinstance(source, str) and source in SOURCES}


def _read_sums(sums: Any) -> dict[str, FileSum]:
    """Return what can be believed about checksums; the others are computed anew."""
    known = sums.items() if isinstance(sums, dict) else ()
    found = {name: _read_sum(item) for name, item in known if isinstance(item, dict)}
    return {name: each for name, each in found.items() if each}


def _read_sum(item: Mapping[str, Any]) -> FileSum | None:
    size, time, sha256 = item.get("size"), item.get("time"), item.get("sha256")
    if not isinstance(size, int) or not isinstance(time, int) or not is_sha256(sha256):
        return None
    return FileSum(Stamp(size, time), str(sha256))


def is_sha256(value: object) -> bool:
    """Say whether a value of a record is a SHA-256 in hexadecimal, as all programs write it."""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def write_record(output: Path, record: Record) -> None:
    """Write the record of an output folder; where it does not say when the package was made, that is now."""
    files = {name: _entry(recorded) for name, recorded in sorted(record.files.items())}
    # In one line: with indentation it takes ten times as long, and no person reads it.
    slides = {folder: [asdict(slide) for slide in found] for folder, found in record.slides.items()}
    about = {"schema": SCHEMA, "version": VERSION, "made_at": record.made_at or now()}
    sources = {"sources": dict(record.sources)} if record.sources else {}
    changes = {"changes": item_of_changes(record.changes)} if record.changes else {}
    known = {name: {**vars(each.stamp), "sha256": each.sha256} for name, each in sorted(record.sums.items())}
    sums = {"sums": known} if known else {}
    content = {**about, "link": record.link, "files": files, "slides": slides, **sources, **changes, **sums}
    write_atomically(output / RECORD_FILE, json.dumps(content).encode())


def _entry(recorded: FileRecord) -> dict[str, Any]:
    """Return the JSON of a file's record. Its names are those in the packages that users have."""
    return {
        "stamp": vars(recorded.stamp),
        "source_stamp": recorded.source_stamp and vars(recorded.source_stamp),
        "look": recorded.stats and vars(recorded.stats),
        "source": recorded.source,
        "digest": recorded.digest,
    }


def is_as_made(file: Path, recorded: FileRecord, project: Path) -> bool:
    """Say whether a file is still what an earlier run has left there.

    Args:
        file: in the output.
        recorded: what the record says about it.
        project: the project's folder.
    """
    stamp = stamp_of(file)
    if stamp is None or file.is_symlink() or not file.is_file():
        return False
    # A copy of the whole project may have other times.
    if stamp != recorded.stamp and recorded.source:
        return is_same(file, project / recorded.source)
    return stamp == recorded.stamp or digest_of(file.read_bytes()) == recorded.digest


def digest_of(content: bytes) -> str:
    """Return a digest: equal contents have the same one, others another."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def is_same(file: Path, other: Path, by_content: bool = True) -> bool:
    """Say whether two names lead to one file or, if that is enough, to files of the same content."""
    try:
        return file.samefile(other) or (by_content and filecmp.cmp(file, other, shallow=False))
    except OSError:
        return False
