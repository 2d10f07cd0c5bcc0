"""Which course videos a project has already, so that none is fetched from a poorer source.

They came from a source, from the scripts before this suite, or somebody has put them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from common.filesystem import composed
from videos.files import OWN, begins_as_mp4, course_files, is_as_recorded, source_of
from videos.mp4 import ends_early
from videos.renditions import MIRROR
from videos.results import DownloadResult, read_results
from workspace.folders import Project


def held_videos(project: Project, numbers: Mapping[str, int | None]) -> dict[int, str]:
    """Return the course numbers of which a project has whole files.

    Args:
        project: whose files they are.
        numbers: the course numbers of the videos that this run records, by id; they go before those in the record.

    Returns:
        The source of each, as ``source_of`` has it; if several files have one number, any other source than the mirror.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the videos.
    """
    recorded = {result.file_name: result for result in read_results(project).values()}
    held: dict[int, str] = {}
    for claimed, paths in course_files(project).claims.items():
        for path in paths:
            result = recorded.get(composed(path.name))
            number = numbers.get(result.id, claimed) if result else claimed
            source = _source_if_whole(path, result)
            if number is not None and source and held.get(number, MIRROR) == MIRROR:
                held[number] = source
    return held


def _source_if_whole(path: Path, recorded: DownloadResult | None) -> str:
    """Return where a file came from, or nothing if it is not whole."""
    if recorded and recorded.md5 and is_as_recorded(path, recorded):
        return source_of(recorded)
    # Nothing but the file itself tells, as of a file that somebody has put in the place of ours.
    is_ours = recorded is None or recorded.size is None or path.stat().st_size == recorded.size
    return (source_of(recorded) if is_ours else OWN) if _is_whole_mp4(path) else ""


def _is_whole_mp4(path: Path) -> bool:
    try:
        return begins_as_mp4(path) and not ends_early(path)
    except OSError:
        return False
