"""The videos that a source has, the renditions of each, and the choice of one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from common.errors import BuilderError

# Where a video can come from.
VIMEO, MIRROR = "vimeo", "mirror"

NO_DOWNLOADS = (
    "Vimeo gives download links only to an account on Standard, Advanced, Pro, Business, Premium or Enterprise, "
    "with a token that has the scopes public, private and video_files."
)


@dataclass(frozen=True)
class Rendition:
    """One file that a video can be downloaded as.

    Attributes:
        quality: as Vimeo says it, e.g. ``source``, ``hd`` or ``sd``.
        name: e.g. ``1080p``, or ``source``.
        type: the MIME type, empty if the source does not say.
        width, height: in pixels, 0 if unknown.
        size: in bytes, None if unknown.
        md5: in hexadecimal, None if unknown.
        link: its download address; Vimeo's are valid for 24 hours.
        validator: differs for every content that the address has had (see ``videos.announced``), None if unknown.
    """

    quality: str
    name: str
    type: str
    width: int
    height: int
    size: int | None
    md5: str | None
    link: str
    validator: str | None = None

    @property
    def is_source(self) -> bool:
        """Whether this is the file as it was uploaded."""
        return self.quality == "source"

    @property
    def is_mp4(self) -> bool:
        """Whether this is an MP4. Vimeo's own transcodes always are; an upload must say so."""
        return self.type == "video/mp4" or (not self.type and not self.is_source)


@dataclass(frozen=True)
class Video:
    """One video of a source.

    Attributes:
        id: Vimeo's number, as text; ``mirror:N`` for the mirror's video N.
        uri: its path in Vimeo's API (an unlisted video's ends in ``:hash``), or its address on the mirror.
        title: as its owner wrote it.
        duration: in seconds, 0 if unknown.
        renditions: what can be downloaded; empty if the source offers nothing.
        source: ``VIMEO`` or ``MIRROR``.
    """

    id: str
    uri: str
    title: str
    duration: int
    renditions: tuple[Rendition, ...]
    source: str = VIMEO


def choose_rendition(video: Video, quality: str) -> Rendition:
    """Choose the file to download.

    Args:
        video: the video with its renditions, in any order.
        quality: ``best`` for the MP4 with the most pixels, ``source`` for the uploaded file in any
            format, or e.g. ``720p`` for the nearest height that is not above it (for the smallest
            one, if all are above it).

    Raises:
        BuilderError: no rendition fits; the message says why.
    """
    if video.source == MIRROR and video.renditions:
        # It has one file for each video.
        return video.renditions[0]
    if not video.renditions:
        raise BuilderError("Vimeo offers no download link.", NO_DOWNLOADS)
    if quality == "source":
        sources = [rendition for rendition in video.renditions if rendition.is_source]
        if not sources:
            raise BuilderError("Vimeo does not offer the source file.", "Use --quality best.")
        return max(sources, key=_weight)
    playable = [rendition for rendition in video.renditions if rendition.is_mp4]
    if not playable:
        types = ", ".join(sorted({rendition.type or "unknown" for rendition in video.renditions}))
        raise BuilderError(f"None of its renditions is an MP4 ({types}).", "Wait until Vimeo has transcoded it.")
    if quality == "best":
        return max(playable, key=_weight)
    limit = int(quality.removesuffix("p"))
    within = [rendition for rendition in playable if rendition.height <= limit]
    # With equal heights, the transcode is meant and not the upload, which may be huge.
    nearest = max(within, key=lambda one: (one.height, not one.is_source, _weight(one)), default=None)
    return nearest or min(playable, key=_weight)


def chosen_renditions(videos: Iterable[Video], quality: str) -> dict[str, Rendition]:
    """Return what ``choose_rendition`` chooses of each video, by id, without those of which nothing fits."""
    chosen = {}
    for video in videos:
        with suppress(BuilderError):
            chosen[video.id] = choose_rendition(video, quality)
    return chosen


def _weight(rendition: Rendition) -> tuple[int, int]:
    return rendition.width * rendition.height, rendition.size or 0
