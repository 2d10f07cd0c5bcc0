"""The course videos of one language on disk: their names, and what has to be downloaded."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from common.files import write_json
from common.filesystem import visible
from videos.numbers import course_number
from videos.renditions import Rendition, Video
from workspace.folders import Project

RESULTS_FILE = "download_results.json"
# What nearly every file system allows for a name, in bytes.
_LONGEST_NAME = 255
# The status of a video whose place another one has taken, as long as its own file still has to be moved away.
REPLACED = "replaced"


@dataclass(frozen=True)
class DownloadResult:
    """What became of one video; the entries of ``download_results.json``.

    Attributes:
        id: Vimeo's number, as text.
        title: as on Vimeo.
        status: success, skipped, failed or ``REPLACED``.
        path: of the file, or None if there is none.
        quality: the name of the rendition, e.g. ``1080p``, or None if none was chosen.
        width, height: in pixels, or None.
        size: in bytes, or None.
        error: what went wrong, or None.
        number: the course's number of the video, or None if it has none.
        language_code: of the project when the video was downloaded, as the site writes it; None in old records.
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

    @property
    def file_name(self) -> str | None:
        """The name of its file; the rest of the path may be out of date, because projects can be moved."""
        return Path(self.path).name if self.path else None


def file_names(videos: Iterable[Video]) -> dict[str, str]:
    """Return a file name for each video, by id.

    A name is the title made safe for Linux, macOS and Windows, in NFC, at most 255 bytes
    long. Videos that would get one name, also where upper and lower case are the same,
    are told apart by their id.
    """
    titles = {video.id: video.title for video in videos}
    marked: set[str] = set()
    while True:
        names = {key: safe_name(title, f" [{key}]" if key in marked else "") for key, title in titles.items()}
        uses = Counter(name.casefold() for name in names.values())
        alike = {key for key, name in names.items() if uses[name.casefold()] > 1}
        # A mark may itself lead to a name that another title has.
        if alike <= marked:
            return names
        marked |= alike


def safe_name(title: str, mark: str) -> str:
    """Return a video's file name: its title, cut and made safe, then a mark that tells it from another one."""
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
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}
    return {result.id: result for result in results}


def _result(entry: Mapping[str, Any]) -> DownloadResult:
    number = entry["number"] if "number" in entry else course_number(str(entry["title"]))
    values = {name: entry.get(name) for name in DownloadResult.__dataclass_fields__}
    return DownloadResult(**{**values, "number": number})  # type: ignore[arg-type]


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
    same_file = recorded.file_name == target.name
    size = target.stat().st_size
    return same_file and size > 0 and size == recorded.size and rendition.size in (None, size)


def begins_as_mp4(path: Path) -> bool:
    """Say whether a file begins as an MP4 video does, and not as an error page, say.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def videos_on_disk(project: Project) -> list[tuple[int | None, Path]]:
    """Return the videos of a project with their course numbers, ordered by name.

    The number is the one that a download recorded, else the one in the file's name.
    """
    recorded = _recorded_files(project)
    return [
        (recorded[path.name].number if path.name in recorded else course_number(path.name), path)
        for path in visible(project.videos, "*.[mM][pP]4")
        if path.is_file()
    ]


def _recorded_files(project: Project) -> dict[str, DownloadResult]:
    """Return what is recorded of each file, by its name."""
    return {result.file_name: result for result in read_results(project).values() if result.file_name}


@dataclass(frozen=True)
class CourseFiles:
    """The video files of a project, and which of them are the course's videos.

    The record of the downloads decides. A file that merely bears a number in its name counts
    only where the record names none for that number.

    Attributes:
        claims: the files of each number; more than one where nothing decides between them.
        passed_over: the files that merely bear the number of a downloaded video, with that number.
        numberless: the files without a number.
    """

    claims: dict[int, list[Path]]
    passed_over: list[tuple[int, Path]]
    numberless: list[Path]

    def why_not(self, number: int) -> str:
        """Say why a file that bears a number is passed over."""
        return f"part 2 has downloaded video {number}: {' and '.join(path.name for path in self.claims[number])}"


def course_files(project: Project) -> CourseFiles:
    """Decide which files of a project are the course's videos."""
    recorded = _recorded_files(project)
    downloaded: dict[int, list[Path]] = defaultdict(list)
    others: dict[int, list[Path]] = defaultdict(list)
    numberless = []
    for number, path in videos_on_disk(project):
        if number is None:
            numberless.append(path)
        elif path.name in recorded and recorded[path.name].status != REPLACED:
            downloaded[number].append(path)
        else:
            others[number].append(path)
    passed_over = [(number, path) for number, paths in others.items() if number in downloaded for path in paths]
    return CourseFiles(dict(sorted({**others, **downloaded}.items())), passed_over, numberless)
