"""The faults that only the stand-in mirror can make; those of ``CdnFault`` in ``demo.vimeo_faults`` it makes as well.

Put a fault into ``MirrorSettings.faults``; without one the mirror behaves well::

    settings.faults += [Cut(after=20_000, times=1), Changed(after=1)]

cuts the first download of each video after 20 000 bytes, and then has other videos at the same addresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from demo.vimeo_faults import CdnError, CdnFault, VimeoFault
from demo.vimeo_videos import StoredVideo

# --- What an answer is ------------------------------------------------------------------------------------------------


@dataclass(kw_only=True, eq=False)
class Missing(CdnFault):
    """The video is not there: 404, or 403 as where nobody may ask what is there; an XML page says so."""

    status: Literal[403, 404] = 404


@dataclass(kw_only=True, eq=False)
class XmlPage(CdnFault):
    """200 and an XML page in place of the video; ``content_type`` may claim that it is one."""

    content_type: str = "application/xml"


@dataclass(kw_only=True, eq=False)
class HeadRefused(CdnError):
    """HEAD is answered 405."""

    status: int = 405
    methods: Collection[str] | None = ("HEAD",)


# --- What is there, and what is said about it; goes together with a fault of the answer -------------------------------


@dataclass(kw_only=True, eq=False)
class NoMd5(VimeoFault):
    """The answer does not tell the MD5 of the video, as with a file that was uploaded in pieces.

    Attributes:
        validators: False leaves out ``ETag`` and ``Last-Modified`` as well.
    """

    validators: bool = True


@dataclass(kw_only=True, eq=False)
class Changed(VimeoFault):
    """There is another video at the same address for as long as the fault is in the list; ``times`` means nothing.

    Attributes:
        after: how many GETs for a video there are before.
        size: the new one's size in bytes, or None for that of the old one.
    """

    after: int = 0
    size: int | None = None
    _asked: Counter[int] = field(default_factory=Counter, init=False, repr=False)

    def is_due(self, video: StoredVideo) -> bool:
        """Say whether the other video is there by now."""
        with self._lock:
            return self.concerns(video) and self._asked[video.id] >= self.after

    def count(self, video: StoredVideo) -> None:
        """Count a GET for a video."""
        with self._lock:
            self._asked[video.id] += 1
