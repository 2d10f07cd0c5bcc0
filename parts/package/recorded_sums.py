"""Reads the checksums of a project's videos and pictures that parts 2 and 3 have recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from common.errors import BuilderError
from common.filesystem import composed
from common.formats import is_moment
from course.curricula import CURRICULA
from package.record import Stamp, is_sha256
from slides.manifest import read_manifest
from videos.results import read_results
from workspace.folders import Project

# How long after its record says that it was there a file may have been written, in seconds.
_GRACE = 60


@dataclass(frozen=True)
class RecordedSum:
    """What is recorded of a video or a picture.

    Attributes:
        sha256: in hexadecimal.
        size: in bytes, or None if that is not recorded.
        since: when it was there, in UTC as ISO 8601, or None if that is not recorded.
    """

    sha256: str
    size: int | None
    since: str | None

    def fits(self, stamp: Stamp) -> bool:
        """Say whether a file can still be what was recorded: it has the size, and nobody has written it since."""
        if self.size not in (None, stamp.size):
            return False
        if self.since is None:
            return True
        return is_moment(self.since) and stamp.time <= (datetime.fromisoformat(self.since).timestamp() + _GRACE) * 1e9


def recorded_sums(project: Project) -> dict[str, RecordedSum]:
    """Return what is recorded, by the files' paths in the project, with ``/`` and in NFC.

    Raises:
        BuilderError: the record of the videos cannot be read.
    """
    return {**dict(_of_videos(project)), **dict(_of_pictures(project))}


def _of_videos(project: Project) -> Iterator[tuple[str, RecordedSum]]:
    for result in read_results(project).values():
        if result.path and is_sha256(result.sha256):
            yield result.path, RecordedSum(str(result.sha256), result.size, result.downloaded_at)


def _of_pictures(project: Project) -> Iterator[tuple[str, RecordedSum]]:
    for curriculum in CURRICULA:
        with suppress(BuilderError):  # what can be read of the other curricula is enough
            manifest = read_manifest(project, curriculum)
            for entry in manifest.entries if manifest else ():
                if entry.file and entry.taken_at and is_sha256(entry.sha256):
                    path = composed(f"{curriculum.folder}/{entry.file}")
                    yield path, RecordedSum(str(entry.sha256), None, entry.taken_at)
