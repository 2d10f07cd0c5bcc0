"""What became of each video of a project: ``download_results.json``."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import PurePosixPath
from typing import Any

from common.console import say
from common.errors import BuilderError
from common.files import write_json
from common.filesystem import composed
from common.records import read_record_file, set_aside
from videos.numbers import course_number
from videos.renditions import VIMEO
from workspace.folders import Project

RESULTS_FILE = "download_results.json"
# The first schema had no number, no checksums, and absolute paths.
SCHEMA = 2
# The status of a video that another one has replaced, until its file has been moved away.
REPLACED = "replaced"
_FOLDER = "videos"
# In bytes; no file system takes more.
_LONGEST_NAME = 255
_STATUSES = ("success", "skipped", "failed", REPLACED)
_NUMBERS = ("width", "height", "size", "number")


@dataclass(frozen=True, kw_only=True)
class DownloadResult:
    """What became of one video; the entries of ``download_results.json``.

    What is known about a file stays in the entry as long as the file is there, also when a later try fails.

    Attributes:
        id: Vimeo's number, as text; ``mirror:N`` for the mirror's video N.
        title: as on Vimeo; ``(06)`` where Vimeo tells none.
        status: success, skipped, failed or ``REPLACED``.
        path: of the file in the project's folder, ``videos/NAME``, or None if there is none.
        quality: the name of the rendition, e.g. ``1080p``, or None if none was chosen.
        width, height: in pixels, or None.
        size: in bytes, or None.
        md5, sha256: of the file as it was downloaded, in hexadecimal; None if nobody has computed them.
        error: what went wrong, or None.
        number: the course's number of the video, or None if it has none.
        source: where it came from, ``vimeo`` or ``mirror``.
        language_code: of the project when the video was downloaded, as the site writes it; None in old records.
        downloaded_at: in UTC, ISO 8601; None if the file was found, or in old records.
        version: of the suite that downloaded it; None where ``downloaded_at`` is None.
        checked: what the source announced of the file, and was compared with it: ``md5``, ``length`` or ``nothing``.
            The first bytes are looked at in any case. None in old records, and if the file was found.
        validator: what the mirror said to tell this content of the file from another (see ``videos.announced``).
    """

    id: str
    title: str
    status: str
    path: str | None
    quality: str | None
    width: int | None
    height: int | None
    size: int | None
    md5: str | None = None
    sha256: str | None = None
    error: str | None
    number: int | None
    source: str = VIMEO
    language_code: str | None = None
    downloaded_at: str | None = None
    version: str | None = None
    checked: str | None = None
    validator: str | None = None

    @property
    def file_name(self) -> str | None:
        """The name of its file in the folder of the videos, in NFC; the disk may spell it otherwise."""
        return PurePosixPath(self.path).name if self.path else None


def recorded_path(name: str) -> str:
    """Return the path of a video's file as the record has it, so that it holds wherever the project is moved."""
    return f"{_FOLDER}/{name}"


def read_results(project: Project) -> dict[str, DownloadResult]:
    """Return what earlier runs recorded and can be believed, by video id.

    Raises:
        NewerRecordError: a later version of the suite has written the record.
    """
    return _read(project)[0]


def recorded_numbers(project: Project) -> dict[int, str]:
    """Return the ids of Vimeo's videos by the course number that an earlier run gave to one of them and no other.

    Raises:
        NewerRecordError: a later version of the suite has written the record.
    """
    from_vimeo = [result for result in read_results(project).values() if result.source == VIMEO]
    uses = Counter(result.number for result in from_vimeo)
    return {result.number: result.id for result in from_vimeo if result.number is not None and uses[result.number] == 1}


def recorded_titles(project: Project) -> dict[int, str]:
    """Return the titles that earlier runs knew, by course number; one of the present Vimeo folder goes before them.

    Raises:
        NewerRecordError: a later version of the suite has written the record.
    """
    return {result.number: result.title for result in read_results(project).values() if result.number is not None}


def doubts_about_results(project: Project) -> list[str]:
    """Return one sentence for each thing in the record that is not believed.

    Raises:
        NewerRecordError: a later version of the suite has written the record.
    """
    return _read(project)[1]


def has_record(project: Project) -> bool:
    """Say whether any run has asked for videos, even if there were none to download."""
    return (project.videos / RESULTS_FILE).is_file()


def begin_record(project: Project) -> None:
    """Write a record without any download, unless there is one: it tells that videos were asked for.

    Raises:
        BuilderError: it cannot be written.
    """
    if not has_record(project):
        write_json(project.videos / RESULTS_FILE, [])


def write_results(project: Project, results: Iterable[DownloadResult]) -> None:
    """Record what became of each video, unless the record says just that.

    A record that is not believed in everything is kept under another name.

    Raises:
        NewerRecordError: a later version of the suite has written the record, so it stays.
        BuilderError: it cannot be written.
    """
    recorded, doubts = _read(project)
    results = list(results)
    if not doubts and recorded == {result.id: result for result in results}:
        return
    path = project.videos / RESULTS_FILE
    if doubts:
        say(f"The old record of the videos is kept: {set_aside(path)}")
    write_json(path, [{"schema": SCHEMA, **asdict(result)} for result in results])


def _read(project: Project) -> tuple[dict[str, DownloadResult], list[str]]:
    """Return what can be believed, by video id, and one sentence for each thing that cannot."""
    path = project.videos / RESULTS_FILE
    try:
        entries = read_record_file(path, SCHEMA)
        if not isinstance(entries, list):
            raise ValueError("it is not a list")
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        raise BuilderError(f"{path} cannot be read: {error.strerror}.", "Change its permissions.") from error
    except ValueError as error:
        return {}, [f"{path} cannot be read ({error}), so nothing in it is used."]
    results, doubts = [], []
    for place, entry in enumerate(entries, start=1):
        try:
            result = _result(entry)
        except ValueError as error:
            doubts.append(f"{path}: entry {place} is not used: {error}.")
            continue
        results.append(result)
        if not _is_of_its_kind("number", entry.get("number")):
            doubts.append(f"{path}: “{result.title}” ({result.id}) has its number from its title.")
        if entry.get("path") and not result.path:
            doubts.append(
                f"{path}: “{result.title}” ({result.id}) counts as a video without a file, "
                f"because its path is {entry['path']!r}, not {recorded_path('NAME.mp4')}."
            )
    uses = Counter(result.id for result in results)
    doubts += [
        f"{path}: video {key} is there more than once; its last entry counts."
        for key, count in uses.items()
        if count > 1
    ]
    return {result.id: result for result in results}, doubts


def _result(entry: Any) -> DownloadResult:
    """Return what an entry says; its path only if that can be believed.

    Raises:
        ValueError: nothing of the entry can be believed; the message says why.
    """
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    schema = entry.get("schema", 1)
    values: dict[str, Any] = {field.name: entry.get(field.name) for field in fields(DownloadResult)}
    values["source"] = entry.get("source", VIMEO)
    if "number" not in entry or not _is_of_its_kind("number", entry["number"]):
        values["number"] = course_number(str(values["title"]))
    # What the scripts before this suite wrote where a video had failed with an exception.
    if schema == 1 and values["status"] == "error":
        values["status"] = "failed"
    wrong = [name for name, value in values.items() if not _is_of_its_kind(name, value)]
    if wrong or type(schema) is not int:
        name = (wrong or ["schema"])[0]
        raise ValueError(f"its {name} is {json.dumps(entry.get(name))}")
    return DownloadResult(**{**values, "path": _believed_path(values["path"] or "", schema)})


def _is_of_its_kind(name: str, value: Any) -> bool:
    """Say whether a value can be that of a field of an entry."""
    if name == "status":
        return value in _STATUSES
    if name in _NUMBERS:
        # A Boolean is an integer to Python.
        return value is None or type(value) is int
    if value is None:
        return name not in ("id", "title", "source")
    # JSON can have halves of letters, which no file takes.
    return isinstance(value, str) and not re.search(r"[\ud800-\udfff]", value) and (value != "" or name != "id")


def _believed_path(text: str, schema: int) -> str | None:
    """Return the path of a file in the folder of the videos, or None for one that leads elsewhere."""
    old = schema == 1
    # The first schema had the path of the file in the project as it was then, also as Windows writes it.
    *folders, name = re.split(r"[/\\]" if old else "/", composed(text))
    in_folder = folders[-1:] != [".."] if old else folders == [_FOLDER]
    # Other files beside the videos are somebody else's. The colon stands after a drive on Windows.
    is_name = re.fullmatch(r"[^.\\:\x00-\x1f][^\\:\x00-\x1f]*\.mp4", name, re.IGNORECASE)
    return recorded_path(name) if in_folder and is_name and len(name.encode()) <= _LONGEST_NAME else None
