"""The settings of the stand-in mirror, and its log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from course.languages import all_languages
from demo.mirror_faults import Changed
from demo.request_log import RequestLog
from demo.vimeo_faults import VimeoFault
from demo.vimeo_videos import TITLES, StoredRendition, StoredVideo, VideoFile, course_numbers, video_file

# No file of another rendition can have its size.
MIRROR_RENDITION = StoredRendition("mirror", "sd", 640, 360, 48_000)
_CHANGED = "mirror, changed"


@dataclass(frozen=True)
class MirrorRequest:
    """One request as it came.

    Attributes:
        method: e.g. GET.
        host: the host and port it was addressed to.
        path: the whole path.
        carried_authorization: whether it had an Authorization header.
        range: the Range header, or None.
        if_range: the If-Range header, or None.
        status: what it was answered.
        video: the video it was for, or None where the mirror has no such address.
    """

    method: str
    host: str
    path: str
    carried_authorization: bool
    range: str | None
    if_range: str | None
    status: int
    video: StoredVideo | None


@dataclass
class MirrorSettings:
    """How the stand-in mirror behaves. It reads this at every request, so changes work at once.

    Attributes:
        faults: those of ``demo.mirror_faults``, and every ``CdnFault`` of ``demo.vimeo_faults``.
        numbers: the numbers that have a video, in every language; None: those of the language's edition of the course.
        sizes: sizes in bytes by course number.
        one_hash_header: send both sums in one ``x-goog-hash``, with a comma, and not in one header for each.
        log: what was asked.
    """

    faults: list[VimeoFault] = field(default_factory=list)
    numbers: Collection[int] | None = None
    sizes: dict[int, int] = field(default_factory=dict)
    one_hash_header: bool = False
    log: RequestLog[MirrorRequest] = field(default_factory=RequestLog)

    def find_video(self, code: str, number: int) -> StoredVideo | None:
        """Return a language's video, or None if the mirror has none; only the site's own code counts."""
        language = next((language for language in all_languages() if language.code == code), None)
        if language is None or not 1 <= number <= len(TITLES):
            return None
        numbers = course_numbers(language) if self.numbers is None else self.numbers
        return StoredVideo(language, number) if number in numbers else None

    def file(self, video: StoredVideo) -> VideoFile:
        """Return the bytes that the mirror has for a video now. Tests compare with it."""
        file = video_file(video, MIRROR_RENDITION, self.sizes.get(video.number))
        for fault in list(self.faults):
            if isinstance(fault, Changed) and fault.is_due(video):
                return replace(file, rendition=_CHANGED, size=fault.size or file.size)
        return file
