"""The course videos of one language on disk: their names, their numbers, and what has to be downloaded."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from _project import Project, write_json
from _renditions import Rendition, Video

RESULTS_FILE = "download_results.json"
# What nearly every file system allows for a name, in bytes.
_LONGEST_NAME = 255


@dataclass(frozen=True)
class DownloadResult:
    """What became of one video; the entries of ``download_results.json``.

    Attributes:
        id: Vimeo's number, as text.
        title: as on Vimeo.
        status: success, skipped or failed.
        path: of the file, or None if there is none.
        quality: the name of the rendition, e.g. ``1080p``, or None if none was chosen.
        width, height: in pixels, or None.
        size: in bytes, or None.
        error: what went wrong, or None.
        number: the course's number of the video, or None if its title has none.
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


def course_number(title: str) -> int | None:
    """Return the number of a video in the course, as its title gives it.

    That is a leading ``(06)``, else a leading ``06``, else the first number; a file name
    works as well as a title. The rule was collected together with the curricula.
    """
    match = re.match(r"\s*\((\d+)\)", title) or re.search(r"\d+", title)
    return int(match[match.lastindex or 0]) if match else None


def file_names(videos: Iterable[Video]) -> dict[str, str]:
    """Return a file name for each video, by id.

    A name is the title made safe for Linux, macOS and Windows, in NFC, at most 255 bytes
    long. Videos that would get one name, also where upper and lower case are the same,
    are told apart by their id.
    """
    titles = {video.id: video.title for video in videos}
    marked: set[str] = set()
    while True:
        names = {key: _safe_name(title, f" [{key}]" if key in marked else "") for key, title in titles.items()}
        uses = Counter(name.casefold() for name in names.values())
        alike = {key for key, name in names.items() if uses[name.casefold()] > 1}
        # A mark may itself lead to a name that another title has.
        if alike <= marked:
            return names
        marked |= alike


def _safe_name(title: str, mark: str) -> str:
    from pathvalidate import sanitize_filename

    ending = f"{mark}.mp4"
    room = _LONGEST_NAME - len(ending.encode())
    printable = "".join(letter for letter in title if unicodedata.category(letter) not in ("Cc", "Cs"))
    stem = sanitize_filename(unicodedata.normalize("NFC", printable), platform="universal").strip(" .")
    stem = stem.encode()[:room].decode(errors="ignore").strip(" .") or "untitled"
    return f"{stem}{ending}"


def read_results(project: Project) -> dict[str, DownloadResult]:
    """Return what earlier runs recorded, by video id; nothing if there is no readable record."""
    try:
        entries = json.loads((project.videos / RESULTS_FILE).read_text(encoding="utf-8"))
        results = [_result(entry) for entry in entries]
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {result.id: result for result in results}


def _result(entry: Mapping[str, Any]) -> DownloadResult:
    return DownloadResult(**{name: entry.get(name) for name in DownloadResult.__dataclass_fields__})  # type: ignore[arg-type]


def write_results(project: Project, results: Iterable[DownloadResult]) -> None:
    """Record what became of each video."""
    write_json(project.videos / RESULTS_FILE, [asdict(result) for result in results])


def is_there(target: Path, rendition: Rendition, recorded: DownloadResult | None) -> bool:
    """Say whether a file is the wanted video already, so that it need not be downloaded.

    Args:
        target: where the video belongs.
        rendition: what would be downloaded.
        recorded: what an earlier run recorded for the same video id, if anything.
    """
    if recorded is None or recorded.status == "failed" or recorded.path is None or not target.is_file():
        return False
    # Only the name counts: the project may have been moved since.
    same_file = Path(recorded.path).name == target.name
    size = target.stat().st_size
    return same_file and size > 0 and size == recorded.size and rendition.size in (None, size)


def videos_on_disk(project: Project) -> list[tuple[int | None, Path]]:
    """Return the videos of a project with their course numbers, ordered by name.

    The number comes from the title on Vimeo where a download recorded it, else from the file's name.
    """
    titles = {Path(result.path).name: result.title for result in read_results(project).values() if result.path}
    return [(course_number(titles.get(path.name, path.name)), path) for path in sorted(project.videos.glob("*.mp4"))]
