"""What became of each video of a project: ``download_results.json``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from common.files import write_json
from common.records import read_record_file
from videos.numbers import course_number
from workspace.folders import Project

RESULTS_FILE = "download_results.json"
SCHEMA = 2
# The status of a video that another one has replaced, until its file has been moved away.
REPLACED = "replaced"
_STATUSES = ("success", "skipped", "failed", REPLACED)
VIMEO = "vimeo"


@dataclass(frozen=True)
class DownloadResult:
    """What became of one video; the entries of ``download_results.json``.

    Attributes:
        id: Vimeo's number, as text.
        title: as on Vimeo.
        status: success, skipped, failed or ``REPLACED``.
        path: of the file below the project's folder, e.g. ``videos/(06) title.mp4``; None if there is none.
        quality: the name of the rendition, e.g. ``1080p``, or None if none was chosen.
        width, height: in pixels, or None.
        size: in bytes, or None.
        error: what went wrong, or None.
        number: the course's number of the video, or None if it has none.
        language_code: of the project when the video was downloaded, as the site writes it; None in old records.
        md5, sha256: of the file, in hexadecimal; None if nobody has computed them, as in old records.
        source: where it came from; Vimeo is the only source.
        downloaded_at: when the file was finished, in UTC as ISO 8601; None in old records.
        version: of the suite that has downloaded it; None in old records.
    """

    id: str
    title: str
    status: str
    path: str | None
    quality: str | None
    width: int | None
    height: int | None
    size: int | None
    error: str | None
    number: int | None
    language_code: str | None = None
    md5: str | None = None
    sha256: str | None = None
    source: str = VIMEO
    downloaded_at: str | None = None
    version: str | None = None

    @property
    def file_name(self) -> str | None:
        """The name of its file in the folder of the videos."""
        return PurePosixPath(self.path).name if self.path else None


def path_of(project: Project, file_name: str) -> str:
    """Return the path of a video's file as the record has it, by the file's name."""
    return f"{project.videos.name}/{file_name}"


def read_results(project: Project) -> dict[str, DownloadResult]:
    """Return what earlier runs recorded and can be believed, by video id; an unreadable record counts as empty.

    Raises:
        NewerRecordError: a later version has written the record.
    """
    return _read(project)[0]


def doubts_about_results(project: Project) -> list[str]:
    """Return a sentence for all that the record says and that cannot be true; nothing of it is in the results.

    Raises:
        NewerRecordError: a later version has written the record.
    """
    return _read(project)[1]


def is_torn(project: Project) -> bool:
    """Say whether there is a record that cannot be read at all."""
    try:
        return not isinstance(read_record_file(project.videos / RESULTS_FILE, SCHEMA), list)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True


def write_results(project: Project, results: Iterable[DownloadResult]) -> None:
    """Record what became of each video."""
    write_json(project.videos / RESULTS_FILE, [{"schema": SCHEMA, **asdict(result)} for result in results])


def _read(project: Project) -> tuple[dict[str, DownloadResult], list[str]]:
    path = project.videos / RESULTS_FILE
    try:
        content = read_record_file(path, SCHEMA)
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [f"{path} cannot be read: {error}."]
    if not isinstance(content, list):
        return {}, [f"{path} cannot be read: it is no list."]
    results: dict[str, DownloadResult] = {}
    doubts = []
    for place, item in enumerate(content, start=1):
        try:
            result, wrong = _result(item)
        except (TypeError, KeyError, AttributeError):
            doubts.append(f"{path}: its entry {place} is about no video, and is left out.")
            continue
        wrong += ["it is there more than once, and the last entry counts"] if result.id in results else []
        doubts += [f"{path} is not believed about “{result.title}”: {phrase}." for phrase in wrong]
        results[result.id] = result
    return results, doubts


def _result(item: Mapping[str, Any]) -> tuple[DownloadResult, list[str]]:
    """Return what an entry says, and what of it is not believed, as phrases.

    Raises:
        TypeError, KeyError, AttributeError: it does not say which video it is.
    """
    if not all(isinstance(item[name], str) for name in ("id", "title")):
        raise TypeError("the id and the title of a video are texts")
    # Old entries lack what came later.
    asked = {"number": course_number(item["title"]), "source": VIMEO, **item}
    # The scripts before this suite had this word too.
    asked["status"] = "failed" if asked.get("status") == "error" else asked.get("status")
    wrong = [name for name, is_right in _RIGHT.items() if not is_right(asked.get(name))]
    names = DownloadResult.__dataclass_fields__
    values: dict[str, Any] = {name: None if name in wrong else asked.get(name) for name in names}
    values |= {"source": values["source"] or VIMEO, "status": values["status"] or "failed"}
    phrases = [f"{name} is {asked.get(name)!r}" for name in wrong]
    if values["path"]:
        name = _file_name(values["path"], item.get("schema"))
        phrases += [] if name else [f"path is {values['path']!r}"]
        values["path"] = name and f"videos/{name}"
    return DownloadResult(**values), phrases


def _file_name(path: str, schema: object) -> str | None:
    """Return the name of the file in the folder of the videos to which a path leads; None if it leads elsewhere.

    Before schema 2 a path could begin anywhere: the project may have been moved since, or come from Windows.
    """
    *folders, name = path.split("/") if schema else re.split(r"[/\\]", path)
    is_in_folder = folders == ["videos"] if schema else folders[-1:] != [".."]
    is_name = name and not name.startswith(".") and not re.search(r"[\\\0]", name)
    return name if is_in_folder and is_name else None


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _is_hexadecimal(length: int, value: object) -> bool:
    return value is None or (isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{length}}}", value) is not None)


# What each field may be, besides the id, the title and the path's own rule.
_RIGHT: Mapping[str, Callable[[Any], bool]] = {
    "status": lambda value: value in _STATUSES,
    **dict.fromkeys(("path", "quality", "error", "language_code", "source", "downloaded_at", "version"), _is_text),
    **dict.fromkeys(("width", "height", "size", "number"), _is_number),
    "md5": lambda value: _is_hexadecimal(32, value),
    "sha256": lambda value: _is_hexadecimal(64, value),
}
