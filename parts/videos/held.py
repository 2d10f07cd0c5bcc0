"""Which course videos a project has already, so that none is fetched from a poorer source.

They came from Vimeo, with this suite or with the scripts before it, or somebody has put them there.
"""

from __future__ import annotations

from pathlib import Path

from common.filesystem import composed
from videos.files import begins_as_mp4, course_files
from videos.mp4 import ends_early
from videos.results import read_results
from workspace.folders import Project


def held_videos(project: Project, but_not_from: str) -> set[int]:
    """Return the course numbers of the files that are whole, as far as a file by itself tells.

    Args:
        project: whose files they are.
        but_not_from: the source whose files do not count, e.g. ``MIRROR``; empty if all count.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the videos.
    """
    results = read_results(project).values()
    others = {result.file_name for result in results if result.source == but_not_from}
    return {
        number
        for number, paths in course_files(project).claims.items()
        if any(composed(path.name) not in others and _is_whole(path) for path in paths)
    }


def _is_whole(path: Path) -> bool:
    try:
        return begins_as_mp4(path) and not ends_early(path)
    except OSError:
        return False
