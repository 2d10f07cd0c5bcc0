"""Says whether the videos of a project are still those that were downloaded."""

from __future__ import annotations

from common.filesystem import on_disk
from videos.results import doubts_about_results, read_results
from workspace.folders import Project


def why_videos_not_current(project: Project) -> str:
    """Return why the videos have to be downloaded again, or an empty text if all that are recorded are there.

    Raises:
        NewerRecordError: a later version of the suite has written the record.
    """
    results = read_results(project)
    if not results:
        return "there is no record of the videos"
    if doubts_about_results(project):
        return "the record of the videos is not believed in everything"
    for result in results.values():
        if result.status == "failed":
            return f"“{result.title}” has failed"
        if result.file_name is None:
            return f"“{result.title}” has no file"
        path = on_disk(project.videos, result.file_name)
        if not path.is_file() or path.stat().st_size != result.size:
            return f"{path.name} is not there, or not of the size that was downloaded"
    return ""
