"""What became of each video of a project: ``download_results.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from common.files import write_json
from videos.numbers import course_number
from workspace.folders import Project

RESULTS_FILE = "download_results.json"
# The status of a video that another one has replaced, until its file has been moved away.
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
        """The name of its file. The rest of the path may be out of date, because projects can be moved."""
        return Path(self.path).name if self.path else None


def read_results(project: Project) -> dict[str, DownloadResult]:
    """Return what earlier runs recorded, by video id; an unreadable record counts as empty."""
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
