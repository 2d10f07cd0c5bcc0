"""The videos of a package: which of them are there, and what their source has now. Nothing is downloaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.filesystem import composed
from course.needed_videos import CourseVideos
from course.page import PresenterPage
from videos.files import course_files, is_as_recorded, may_be_same_content
from videos.mirror import Mirror, mirror_url
from videos.numbers import read_settled_numbers
from videos.renditions import MIRROR, VIMEO, Rendition, Video, choose_rendition
from videos.results import REPLACED, DownloadResult, has_record, read_results, recorded_titles
from videos.sources import VideoSources
from videos.vimeo import NotForAccount, Vimeo
from workspace.credentials import has_token, require_token
from workspace.folders import Project


@dataclass(frozen=True)
class LocalVideos:
    """The videos of a package.

    Attributes:
        files: by course number; of two files with one number the first.
        sizes: of these, in bytes.
        recorded: what became of each download, by video id.
        titles: that the record knows, by course number.
        were_asked_for: whether any build has asked for videos.
    """

    files: Mapping[int, Path] = field(default_factory=dict)
    sizes: Mapping[int, int] = field(default_factory=dict)
    recorded: Mapping[str, DownloadResult] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)
    were_asked_for: bool = False

    @cached_property
    def from_mirror(self) -> frozenset[int]:
        """The numbers whose files came from the mirror."""
        return frozenset(number for number in self.files if (one := self.recorded_of(number)) and one.source == MIRROR)

    def recorded_of(self, number: int) -> DownloadResult | None:
        """Return the record of a number's file; None if it is somebody's own."""
        return self._by_file.get(composed(self.files[number].name))

    @cached_property
    def _by_file(self) -> dict[str, DownloadResult]:
        return {name: result for result in self.recorded.values() if (name := result.file_name)}

    def failed(self, sources: Collection[str]) -> frozenset[int]:
        """Return the numbers whose last download from one of these sources has failed."""
        results = self.recorded.values()
        return frozenset(
            one.number for one in results if one.status == "failed" and one.source in sources and one.number is not None
        )


@dataclass(frozen=True)
class SourceVideos:
    """What a source of videos has now, by course numbers.

    Attributes:
        asked: the sources that were asked.
        offered: what a build would get of what the course shows.
        replaced: those whose files here have another content.
    """

    asked: frozenset[str] = frozenset()
    offered: frozenset[int] = frozenset()
    replaced: frozenset[int] = frozenset()


def local_videos(project: Project) -> LocalVideos:
    """Return the videos of a package as its files and records tell.

    Raises:
        NewerRecordError: a later version has written the record of the downloads.
        BuilderError, OSError: something cannot be read.
    """
    files, sizes = {}, {}
    for number, paths in course_files(project).claims.items():
        with suppress(FileNotFoundError):  # another program has just moved it
            sizes[number] = paths[0].stat().st_size
            files[number] = paths[0]
    return LocalVideos(files, sizes, read_results(project), recorded_titles(project), has_record(project))


def sources_to_ask(settings: Mapping[str, Any], given: str | None) -> frozenset[str]:
    """Return which sources of videos are looked at for a package.

    Args:
        settings: what the package was last built with.
        given: ``--video-source`` of this command line, or None. Only it leads to the mirror: that takes a request for
            each video.

    Raises:
        BuilderError: the credentials cannot be read.
    """
    if given in (MIRROR, VIMEO):
        return frozenset({given})
    return frozenset({VIMEO}) if settings["video_source"] != MIRROR and has_token() else frozenset()


def ask_sources(
    project: Project,
    videos: LocalVideos,
    settings: Mapping[str, Any],
    page: PresenterPage,
    folder_id: str | None,
    asked: frozenset[str],
    announce: Callable[[str], None],
) -> SourceVideos:
    """Return what the sources have now.

    Args:
        project: the package.
        videos: its videos.
        settings: what it was last built with. If its ``quality`` is None, nobody knows which rendition of a video its
            file is, so that only another video counts as another content.
        page: the site's page of its language.
        folder_id: its Vimeo folder; None if none is known.
        asked: the sources to ask.
        announce: is given one sentence before a request is repeated.

    Raises:
        BuilderError: a source refuses, or does not answer as it should.
    """
    if VIMEO in asked and not folder_id:
        asked -= {VIMEO}
    if not asked:
        return SourceVideos()
    vimeo = Vimeo(require_token(), announce) if VIMEO in asked else None
    code = page.language_code
    mirror = Mirror(mirror_url(page.mirror_url), code, announce) if MIRROR in asked else None
    course = CourseVideos(page.video_numbers, page.vimeo_ids, page.mirror_url)
    sources = VideoSources(code, vimeo, mirror, folder_id, bool(settings["recursive"]), course)
    try:
        listing = sources.read_folder()
    except NotForAccount:
        if settings["video_source"] == VIMEO:
            raise
        return SourceVideos()  # a build goes to the mirror
    quality = settings["quality"] or "best"
    supply = sources.supply(listing, read_settled_numbers(project), quality, project)
    uses = Counter(supply.numbers.values())
    offered, replaced = set(), set()
    for video in supply.videos:
        number = supply.numbers.get(video.id)
        if number is None or uses[number] > 1:
            continue
        rendition = _rendition(video, quality) if video.id not in supply.troubles else None
        if rendition is None:
            continue
        offered.add(number)
        is_known = settings["quality"] is not None
        if number in videos.files and not _is_there(videos, number, video, rendition if is_known else None):
            replaced.add(number)
    return SourceVideos(asked, frozenset(offered), frozenset(replaced))


def _rendition(video: Video, quality: str) -> Rendition | None:
    try:
        return choose_rendition(video, quality)
    except BuilderError:
        return None


def _is_there(videos: LocalVideos, number: int, video: Video, rendition: Rendition | None) -> bool:
    """Say whether the file of a number is what a source has, as far as records and sizes tell; no content is read."""
    if rendition is None:
        recorded = videos.recorded_of(number)
        return recorded is None or recorded.id == video.id
    has_size = rendition.size in (None, videos.sizes[number])
    recorded = videos.recorded.get(video.id)
    if recorded and recorded.file_name == composed(videos.files[number].name) and recorded.status != REPLACED:
        return has_size and (
            not is_as_recorded(videos.files[number], recorded) or may_be_same_content(rendition, recorded)
        )
    # Somebody's own file, or one of the scripts before this suite: a build takes it up if it has the very size.
    return videos.recorded_of(number) is None and rendition.size is not None and has_size
