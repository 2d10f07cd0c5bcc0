"""How many bytes a download of a language's videos would still fetch, with each quality that there is to choose.

Which file is taken of each video, and which files of a project stay, is decided by what the download itself uses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from videos.downloader import names_to_have, remote_file, sizes_in_words, still_to_come
from videos.earlier import EarlierFiles
from videos.renditions import MIRROR, VIMEO, Rendition, Video, chosen_renditions
from videos.results import read_results
from videos.supply import Supply
from workspace.folders import Project

BEST, SOURCE = "best", "source"


@dataclass(frozen=True)
class DownloadSizes:
    """What is still to be downloaded with each choice of ``--quality``. What a project has and keeps does not count.

    Attributes:
        by_quality: in bytes, by ``best``, ``source`` (if it can be chosen, and is not the same), the heights that the
            listing has, e.g. ``1080p``, and the choice that is made; the largest first. Only ``mirror``, if all videos
            come from there.
        unknown: how many of the files to download no source tells the size of, by the same names.
    """

    by_quality: Mapping[str, int]
    unknown: Mapping[str, int]

    def name_of(self, quality: str) -> str:
        """Return under which name a choice is here: where nothing is to be chosen, ``mirror``."""
        return quality if quality in self.by_quality else MIRROR

    def is_nothing(self, quality: str) -> bool:
        """Say whether nothing is to be downloaded with a choice."""
        name = self.name_of(quality)
        return not self.by_quality[name] and not self.unknown[name]

    @property
    def in_words(self) -> str:
        """All choices, e.g. ``best: 6.4 GB, 1080p: 1.1 GB``; where there is none, only the size."""
        if MIRROR in self.by_quality:
            return self.one_in_words(MIRROR)
        if all(map(self.is_nothing, self.by_quality)):
            return "nothing"
        return ", ".join(f"{quality}: {self.one_in_words(quality)}" for quality in self.by_quality)

    def one_in_words(self, quality: str) -> str:
        """Return what one of the choices takes, e.g. ``6.4 GB``."""
        if self.is_nothing(quality):
            return "nothing"
        return sizes_in_words(self.by_quality[quality], self.unknown[quality])


def download_sizes(
    supply: Supply, quality: str, project: Project | None, but_not: Collection[str] = ()
) -> DownloadSizes:
    """Return what is still to be downloaded with each quality. Nothing is asked, and nothing is changed.

    Args:
        supply: the videos that there are, as ``VideoSources.supply`` returned it for ``quality``.
        quality: the choice that is made.
        project: the one to download for; None if there is none.
        but_not: ids of videos that stay away although a source has them.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the videos.
    """
    usable = [video for video in supply.videos if video.id not in supply.troubles and video.id not in but_not]
    chosen = {name: _chosen(usable, name) for name in _choices(usable, quality)}
    if quality != SOURCE and chosen.get(SOURCE) == chosen.get(BEST):
        chosen.pop(SOURCE, None)
    earlier = _earlier_files(project, supply) if project else None
    coming = {name: list(_sizes_to_come(usable, files, earlier)) for name, files in chosen.items()}
    by_quality = {name: sum(size or 0 for size in sizes) for name, sizes in coming.items()}
    largest_first = dict(sorted(by_quality.items(), key=lambda item: item[1], reverse=True))
    return DownloadSizes(largest_first, {name: coming[name].count(None) for name in largest_first})


def files_there(project: Project, supply: Supply, quality: str) -> dict[str, Path]:
    """Return the files of a project that a download with a quality would keep, by the ids of their videos.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the videos.
    """
    return _earlier_files(project, supply).find(chosen_renditions(supply.videos, quality))


def _choices(videos: Sequence[Video], quality: str) -> Iterable[str]:
    """Return the qualities that there are to choose, each once."""
    from_vimeo = [video for video in videos if video.source == VIMEO]
    if videos and not from_vimeo:
        return (MIRROR,)
    files = [rendition for video in from_vimeo for rendition in video.renditions]
    heights = {rendition.name for rendition in files if rendition.is_mp4 and re.fullmatch(r"\d{2,5}p", rendition.name)}
    # Of a video without one, the choice of the uploads gets nothing.
    have_uploads = all(any(rendition.is_source for rendition in video.renditions) for video in from_vimeo)
    uploads = (SOURCE,) if from_vimeo and have_uploads else ()
    by_height = sorted(heights, key=lambda name: int(name[:-1]), reverse=True)
    return dict.fromkeys((BEST, *uploads, *by_height, quality))


def _chosen(videos: Sequence[Video], name: str) -> dict[str, Rendition]:
    return chosen_renditions(videos, BEST if name == MIRROR else name)


def _earlier_files(project: Project, supply: Supply) -> EarlierFiles:
    recorded = read_results(project)
    return EarlierFiles(project, recorded, supply.videos, names_to_have(supply.videos, supply.numbers, recorded))


def _sizes_to_come(
    videos: Iterable[Video], chosen: Mapping[str, Rendition], earlier: EarlierFiles | None
) -> Iterator[int | None]:
    """Yield what is to come of each file that is not there, in bytes, or None if nobody tells."""
    there = earlier.find(chosen) if earlier else {}
    for video in videos:
        if video.id in chosen and video.id not in there:
            file = remote_file(video, chosen[video.id])
            yield still_to_come(file, earlier.target(video.id)) if earlier else file.announced.size
