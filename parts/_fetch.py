"""Downloads the videos of a folder side by side, and shows how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from _console import Bars, megabytes, say
from _errors import BuilderError
from _project import Project
from _renditions import Rendition, Video, choose_rendition
from _transfer import Source, download, file_md5
from _videos import DownloadResult, course_number, file_names, is_there, read_results, write_results
from _vimeo import Vimeo, new_http_session
from _workers import work_off


class Fetcher:
    """Downloads videos of one folder into one project.

    Args:
        project: where they go.
        vimeo: asked for fresh links.
        videos: what the folder holds.
        quality: as for ``choose_rendition``.
        workers: how many downloads run side by side.
    """

    def __init__(self, project: Project, vimeo: Vimeo, videos: Sequence[Video], quality: str, workers: int) -> None:
        self._project = project
        self._vimeo = vimeo
        self._videos = videos
        self._quality = quality
        self._workers = workers
        self._names = file_names(videos)
        self._recorded = read_results(project)
        # Without credentials: the links lead to other hosts.
        self._session = new_http_session(workers)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )

    def __enter__(self) -> Fetcher:
        self._bars.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.__exit__(*exception)
        self._session.close()

    def fetch_all(self) -> list[DownloadResult]:
        """Download what is not there, and return what became of each video, in the folder's order."""
        results: dict[str, DownloadResult] = {}
        for done, (video, result) in enumerate(work_off(self._videos, [self._fetch] * self._workers), start=1):
            results[video.id] = result
            say(f"[{done}/{len(self._videos)}] {describe(result)}")
            # At once, so that a run that is killed loses the record of no finished file.
            self._record(results)
        return [results[video.id] for video in self._videos]

    def _record(self, results: dict[str, DownloadResult]) -> None:
        """Write down this run's results, and the earlier ones of the videos that are still to come."""
        known = {**self._recorded, **results}
        write_results(self._project, [known[video.id] for video in self._videos if video.id in known])

    def _fetch(self, video: Video) -> DownloadResult:
        """Make sure that one video is there. A failure is a result too: it must not stop the others."""
        target = self._project.videos / self._names[video.id]
        result = DownloadResult(
            id=video.id,
            title=video.title,
            status="failed",
            path=None,
            quality=None,
            width=None,
            height=None,
            size=None,
            error=None,
            number=course_number(video.title),
        )
        try:
            rendition = choose_rendition(video, self._quality)
            result = replace(
                result,
                quality=rendition.name,
                width=rendition.width or None,
                height=rendition.height or None,
                size=rendition.size,
            )
            there = is_there(target, rendition, self._recorded.get(video.id)) or _is_same(target, rendition)
            size = target.stat().st_size if there else self._download(video, rendition, target)
            return replace(result, status="skipped" if there else "success", path=str(target), size=size)
        except BuilderError as error:
            return replace(result, error=f"{error.message} {error.remedy}".strip())

    def _download(self, video: Video, rendition: Rendition, target: Path) -> int:
        with self._bars.bar(video.title, rendition.size) as bar:
            return download(
                _source(video, rendition),
                target,
                self._session,
                renew=lambda: self._renewed(video),
                show=bar.move,
                announce=lambda sentence: say(f"{video.title}: {sentence}"),
            )

    def _renewed(self, video: Video) -> Source:
        fresh = self._vimeo.video(video.uri)
        return _source(video, choose_rendition(fresh, self._quality))


def _source(video: Video, rendition: Rendition) -> Source:
    identity = f"{video.id} {rendition.name} {rendition.width}x{rendition.height} {rendition.size} {rendition.md5}"
    return Source(rendition.link, identity, rendition.size, rendition.md5)


def _is_same(target: Path, rendition: Rendition) -> bool:
    """Say whether a file that no record tells of is the wanted one all the same."""
    if rendition.md5 is None or not target.is_file() or target.stat().st_size != rendition.size:
        return False
    return file_md5(target) == rendition.md5


def describe(result: DownloadResult) -> str:
    """Return one line about a result."""
    if result.status == "failed":
        return f"failed   {result.title}: {result.error}"
    word = "there    " if result.status == "skipped" else "received "
    return f"{word}{result.title} ({result.quality}, {megabytes(result.size)})"
