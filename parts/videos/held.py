"""Which course videos a project has already, so that none is fetched from a poorer source.

They came from a source, from the scripts before this suite, or somebody has put them there.
"""

from __future__ import annotations

from pathlib import Path

from common.filesystem import composed
from videos.files import begins_as_mp4, course_files, source_of
from videos.mp4 import ends_early
from videos.renditions import MIRROR
from videos.results import read_results
from workspace.folders import Project


def held_videos(project: Project) -> dict[int, str]:
    """Return the course numbers of the files that are whole, as far as a file by itself tells.

    Returns:
        The source of each, as ``source_of`` has it; if several files have one number, any other source than the mirror.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the videos.
    """
    recorded = {result.file_name: result for result in read_results(project).values()}
    held = {}
    for number, paths in course_files(project).claims.items():
        sources = [source_of(recorded.get(composed(path.name))) for path in paths if _is_whole(path)]
        if sources:
            held[number] = next((source for source in sources if source != MIRROR), MIRROR)
    return held


def _is_whole(path: Path) -> bool:
    try:
        return begins_as_mp4(path) and not ends_early(path)
    except OSError:
        return False
