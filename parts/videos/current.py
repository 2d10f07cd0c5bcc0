"""Says whether the videos of a project are still those that were downloaded."""

from __future__ import annotations

from videos.results import read_results
from workspace.folders import Project


def why_videos_not_current(project: Project) -> str:
    """Return why the videos have to be downloaded again, or an empty text if all that are recorded are there."""
    results = read_results(project)
    if not results:
        return "there is no record of the videos"
    for result in results.values():
        path = project.videos / (result.file_name or "")
        if result.status == "failed":
            return f"“{result.title}” has failed"
        if not path.is_file() or path.stat().st_size != result.size:
            return f"{path.name} is not there, or not of the size that was downloaded"
    return ""
