"""Downloads all videos of a language side by side, records what became of each, and shows how far each is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from common.bar_columns import byte_columns
from common.console import Bars, counted, detail, on_terminal, say
from common.errors import BuilderError
from common.files_in_use import once_free
from common.filesystem import composed
from common.formats import file_size, now
from common.http import new_http_session
from common.version import VERSION
from common.workers import work_off
from videos.announced import Announced
from videos.earlier import EarlierFiles
from videos.files import is_as_recorded
from videos.mirror import missing_video
from videos.names import file_names
from videos.renditions import MIRROR, VIMEO, Rendition, Video, choose_rendition, chosen_renditions
from videos.replaced import FormerVideos, move_left_over, put_left_over_aside, remove_left_over
from videos.results import DownloadResult, read_results, recorded_path, write_results
from videos.transfer import RemoteFile, Transferred, partial_path, partials_of, transfer_file
from workspace.folders import Project


@dataclass(frozen=True)
class DownloadPlan:
    """What to do about one video.

    Attributes:
        video: the video.
        target: the path of its file.
        result: what is known before the download; it is final if there is nothing to download and nothing was found.
        rendition: what to download, or None for nothing.
        found: the file that already is the video, under whatever name, or None.
    """

    video: Video
    target: Path
    result: DownloadResult
    rendition: Rendition | None = None
    found: Path | None = None

    @property
    def file(self) -> RemoteFile:
        """The file to download, if the plan has a rendition."""
        assert self.rendition is not None, "there is nothing to download"
        return remote_file(self.video, self.rendition)


class Downloader:
    """Downloads the videos of one language into one project.

    Args:
        project: the project.
        fresh: returns a video as its source has it now, with fresh links.
        videos: all videos, each from one source.
        numbers: the course number of each video, by id.
        troubles: why some of them cannot be downloaded, by id.
        quality: as for ``choose_rendition``.
        workers: how many downloads run side by side.
        label: begins each line where there are no progress bars; it tells parallel builds apart.
        language_code: the project's language, for the record.
    """

    def __init__(
        self,
        project: Project,
        fresh: Callable[[Video], Video],
        videos: Sequence[Video],
        numbers: Mapping[str, int | None],
        troubles: Mapping[str, str],
        quality: str,
        workers: int,
        label: str,
        language_code: str | None = None,
    ) -> None:
        self._project = project
        self._fresh = fresh
        self._videos = videos
        self._numbers = numbers
        self._troubles = troubles
        self._quality = quality
        self._workers = workers
        self._label = label
        self._language_code = language_code
        self._recorded = read_results(project)
        self._names = names_to_have(videos, numbers, self._recorded)
        self._earlier = EarlierFiles(project, self._recorded, videos, self._names)
        self._former = FormerVideos(project, self._recorded, videos, numbers, self._names)
        # Why videos have failed so far.
        self._told: set[str | None] = set()
        self._received: dict[str, int] = {}
        # Without credentials: the links lead to other hosts.
        self._session = new_http_session(workers)
        self._bars = Bars(*byte_columns())

    def __enter__(self) -> Downloader:
        self._bars.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.__exit__(*exception)
        self._session.close()

    def download_all(self) -> list[DownloadResult]:
        """Download the videos that are missing, and return what became of each video, in their order.

        Raises:
            BuilderError: the disk is too small for all videos; nothing was downloaded.
        """
        found = self._earlier.find(chosen_renditions(self._videos, self._quality))
        plans = [self._plan(video, found.get(video.id)) for video in self._videos]
        ahead = [plan for plan in plans if plan.rendition is not None]
        coming = [still_to_come(plan.file, plan.target) for plan in ahead]
        needed = sum(size or 0 for size in coming)
        self._require_space(needed)
        if ahead:
            self._say(f"{counted(len(ahead), 'video')} to download: {sizes_in_words(needed, coming.count(None))}")
        results: dict[str, DownloadResult] = {}
        for plan in plans:
            if plan.rendition is None:
                results[plan.video.id] = result = self._taken_over(plan) if plan.found else plan.result
                self._tell(f"[{len(results)}/{len(plans)}]", result)
        if results:
            self._record(results)
        there = sum(result.status == "skipped" for result in results.values())
        if there and ahead:
            self._say(f"{counted(there, 'video')} there already, {len(ahead)} to download")
        total = sum(plan.rendition.size or 0 for plan in ahead if plan.rendition)
        with self._bars.bar(f"All {counted(len(ahead), 'video')}", total or None) as self._overall:
            for plan, result in work_off(self._download, ahead, self._workers):
                results[plan.video.id] = result
                self._tell(f"[{len(results)}/{len(plans)}]", result)
                # Now, not at the end: a run that is killed must not lose the record of a finished file.
                self._record(results)
        if self._former.move_away(_whole(results)):
            self._record(results)
        for file, key in self._earlier.left_over(_whole(results)).items():
            move_left_over(file, results[key].title)
        return [results[video.id] for video in self._videos]

    def _tell(self, place: str, result: DownloadResult) -> None:
        """Say what became of a video: of one that was there, or that fails as others did, only to who asks for more."""
        is_known = result.status == "skipped" or (result.status == "failed" and result.error in self._told)
        self._say(f"{place} {describe(result)}", detail if is_known else say)
        self._told.add(result.error)

    def _say(self, text: str, put: Callable[[str], None] = say) -> None:
        put(text if on_terminal() else self._label + text)

    def _record(self, results: Mapping[str, DownloadResult]) -> None:
        """Write the results of this run, and the earlier ones of videos that it has not reached or will replace."""
        known = {**self._recorded, **results}
        entries = [known[video.id] for video in self._videos if video.id in known]
        entries += self._former.entries(_whole(results))
        code = self._language_code
        write_results(self._project, [replace(entry, language_code=entry.language_code or code) for entry in entries])

    def _plan(self, video: Video, found: Path | None) -> DownloadPlan:
        """Decide what to do about a video. A failure is a result, too: it must not stop the other videos."""
        target = self._earlier.target(video.id)
        result = self._wanted(video)
        if video.id in self._troubles:
            return DownloadPlan(video, target, self._failed(video, result, self._troubles[video.id]))
        try:
            rendition = choose_rendition(video, self._quality)
        except BuilderError as error:
            return DownloadPlan(video, target, self._failed(video, result, error.in_one_line))
        result = replace(
            result,
            quality=rendition.name,
            width=rendition.width or None,
            height=rendition.height or None,
            size=rendition.size,
        )
        if found:
            return DownloadPlan(video, target, result, found=found)
        return DownloadPlan(video, target, result, rendition)

    def _taken_over(self, plan: DownloadPlan) -> DownloadResult:
        """Give a file that was found its name, and return its entry with all that is known about it."""
        found = plan.found
        assert found is not None, "there is nothing to take over"
        try:
            known = self._earlier.known(plan.video.id, found, plan.result)
            if found != plan.target:
                # Where upper and lower case are the same, both names may belong to one file.
                if plan.target.exists() and not plan.target.samefile(found):
                    # It has the same name in another Unicode form, and other content.
                    put_left_over_aside(plan.target, plan.video.title)
                once_free(lambda: found.replace(plan.target))
                self._say(f"renamed  {found.name}: it is now {plan.target.name}")
            size = plan.target.stat().st_size
        except (OSError, BuilderError) as error:
            reason = f"{error.strerror}." if isinstance(error, OSError) else error.in_one_line
            return self._failed(plan.video, plan.result, f"{found.name} is there, but cannot be used: {reason}")
        wanted = plan.result
        return replace(
            known,
            title=wanted.title,
            number=wanted.number,
            quality=wanted.quality,
            width=wanted.width,
            height=wanted.height,
            status="skipped",
            path=recorded_path(self._names[plan.video.id]),
            size=size,
            error=None,
        )

    def _wanted(self, video: Video) -> DownloadResult:
        """Return the entry of a video of which nothing has come yet."""
        return DownloadResult(
            id=video.id,
            title=video.title,
            status="failed",
            path=None,
            quality=None,
            width=None,
            height=None,
            size=None,
            error=None,
            number=self._numbers[video.id],
            source=video.source,
        )

    def _failed(self, video: Video, wanted: DownloadResult, error: str) -> DownloadResult:
        """Return the entry of a video that has not come; what is known of its earlier file stays known."""
        earlier = self._earlier.last_file(video.id)
        if earlier is None:
            return replace(wanted, error=error)
        return replace(
            self._recorded[video.id],
            title=wanted.title,
            number=wanted.number,
            path=recorded_path(composed(earlier.name)),
            status="failed",
            error=error,
        )

    def _require_space(self, needed: int) -> None:
        """Raise if the disk cannot hold all downloads, before the first one begins."""
        free = shutil.disk_usage(self._project.videos).free
        if needed > free:
            raise BuilderError(
                f"The disk is too small: {file_size(needed)} must still be downloaded, "
                f"but only {file_size(free)} are free in {self._project.videos}.",
                "Free space, or take a smaller rendition, e.g. --quality 720p.",
            )

    def _download(self, plan: DownloadPlan) -> DownloadResult:
        try:
            transferred = self._transfer(plan)
            old = self._earlier.recorded_file(plan.video.id)
            # Whatever else has its name is kept.
            if old and old.stat().st_size == self._recorded[plan.video.id].size:
                remove_left_over(old)
            self._remove_partials_of_mirror(plan)
        except BuilderError as error:
            return self._failed(plan.video, plan.result, error.in_one_line)
        return replace(
            plan.result,
            status="success",
            path=recorded_path(self._names[plan.video.id]),
            size=transferred.received.size,
            md5=transferred.received.md5,
            sha256=transferred.received.sha256,
            downloaded_at=now(),
            version=VERSION,
            checked=transferred.announced.checked,
            # As the source tells it when it is asked the next time; the file's own server may tell another one.
            validator=plan.file.announced.validator,
        )

    def _remove_partials_of_mirror(self, plan: DownloadPlan) -> None:
        """Remove what was begun of a video from the mirror, once Vimeo has given it."""
        number = plan.result.number
        if plan.video.source == VIMEO and number is not None:
            for partial in partials_of(missing_video(number).id, plan.target.parent):
                remove_left_over(partial)

    def _transfer(self, plan: DownloadPlan) -> Transferred:
        with self._bars.bar(plan.video.title, plan.file.announced.size) as bar:

            def show(there: int) -> None:
                bar.move(there)
                self._received[plan.video.id] = there
                self._overall.move(sum(list(self._received.values())))

            return transfer_file(
                plan.file,
                plan.target,
                self._session,
                renew=lambda: self._renewed(plan.video),
                show=show,
                announce=lambda sentence: self._say(f"{plan.video.title}: {sentence}"),
                make_way=lambda target: self._make_way(plan.video, target),
            )

    def _make_way(self, video: Video, target: Path) -> None:
        """Put a file aside that a whole video is about to replace, unless it is known to be an earlier one of ours."""
        if self._former.give_way(target) or is_as_recorded(target, self._recorded.get(video.id)):
            return
        # A link leads to what somebody has elsewhere, and that stays.
        if target.is_file() and not target.is_symlink():
            put_left_over_aside(target, video.title)

    def _renewed(self, video: Video) -> RemoteFile:
        fresh = self._fresh(video)
        return remote_file(fresh, choose_rendition(fresh, self._quality))


def _whole(results: Mapping[str, DownloadResult]) -> list[str]:
    return [key for key, result in results.items() if result.status != "failed"]


def names_to_have(
    videos: Sequence[Video], numbers: Mapping[str, int | None], recorded: Mapping[str, DownloadResult]
) -> dict[str, str]:
    """Return the file name that each video is to have, by id.

    Args:
        videos: all that are to have files.
        numbers: the course number of each, by id.
        recorded: what earlier runs recorded, by video id; files that none of the videos replaces keep their names.
    """
    listed, replaced = {video.id for video in videos}, set(numbers.values())
    left = (result for result in recorded.values() if result.id not in listed)
    return file_names(videos, [one.file_name for one in left if one.file_name and one.number not in replaced])


def still_to_come(file: RemoteFile, target: Path) -> int | None:
    """Return how many bytes a download still needs after what an earlier run has got; None if nobody tells its size."""
    if file.announced.size is None:
        return None
    partial = partial_path(target, file)
    there = partial.stat().st_size if partial.exists() else 0
    return max(file.announced.size - there, 0)


def remote_file(video: Video, rendition: Rendition) -> RemoteFile:
    """Return the file that a rendition of a video is."""
    announced = Announced(rendition.size, rendition.md5, rendition.validator)
    identity = f"{video.id} {rendition.name} {rendition.width}x{rendition.height} {rendition.size} {rendition.md5}"
    if video.source == MIRROR:
        return RemoteFile(rendition.link, video.id, f"{identity} {announced.validator}", announced, True)
    return RemoteFile(rendition.link, video.id, identity, announced)


def sizes_in_words(size: int, unknown: int) -> str:
    """Return the size of several files together in words, e.g. ``6.4 GB and 2 videos of unknown size``.

    Args:
        size: of those that are known, in bytes.
        unknown: how many there are besides.
    """
    if not unknown:
        return file_size(size)
    besides = f"{counted(unknown, 'video')} of unknown size"
    return f"{file_size(size)} and {besides}" if size else besides


def describe(result: DownloadResult) -> str:
    """Return one line about a result."""
    if result.status == "failed":
        return f"failed   {result.title}: {result.error}"
    word = "there    " if result.status == "skipped" else "received "
    return f"{word}{result.title} ({result.quality}, {file_size(result.size)})"
