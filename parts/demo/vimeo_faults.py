"""The faults that the stand-in Vimeo can make; clients of the real one report each of them.

Put a fault into ``VimeoSettings.faults``; without one the stand-in behaves well::

    settings.faults.append(Cut(after=20_000, numbers={3}, times=1))

cuts the first download of video 3, in every language, after 20 000 bytes; the second one is whole.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from demo.vimeo_videos import StoredVideo


@dataclass(kw_only=True, eq=False)
class VimeoFault:
    """What all faults have in common: which videos they strike, and how often.

    Attributes:
        numbers: the course numbers of the videos it strikes, or None for every video.
        languages: the codes of the languages it strikes, or None for every language.
        times: how often it strikes each video (or, for a fault of the whole API, how often at all); None: always.
    """

    numbers: Collection[int] | None = None
    languages: Collection[str] | None = None
    times: int | None = None
    _struck: Counter[int] = field(default_factory=Counter, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def strikes(self, video: StoredVideo | None = None) -> bool:
        """Say whether it strikes this time, and count it."""
        if video is not None and not self.concerns(video):
            return False
        with self._lock:
            key = video.id if video else 0
            if self.times is not None and self._struck[key] >= self.times:
                return False
            self._struck[key] += 1
            return True

    def concerns(self, video: StoredVideo) -> bool:
        """Say whether the fault is for this video."""
        return (self.numbers is None or video.number in self.numbers) and (
            self.languages is None or video.language.code in self.languages
        )


AnyFault = TypeVar("AnyFault", bound=VimeoFault)


def struck_by(faults: Iterable[VimeoFault], kind: type[AnyFault], video: StoredVideo | None = None) -> AnyFault | None:
    """Return the first fault of a kind that strikes now, or None."""
    for fault in list(faults):
        if isinstance(fault, kind) and fault.strikes(video):
            return fault
    return None


# --- The API as a whole -----------------------------------------------------------------------------------------------


@dataclass(kw_only=True, eq=False)
class ApiError(VimeoFault):
    """API requests are answered with an error. ``numbers`` and ``languages`` mean nothing here.

    Attributes:
        status: e.g. 401, 403, 404, 429, 500; with ``html`` also 200, as a captive portal does.
        error_code: Vimeo's own code, or None for what usually goes with the status.
        html: answer with a page instead of JSON, as a proxy does.
        path: only requests whose path begins with this.
        every: only every N-th request (2: the second, the fourth ...).
        retry_after: seconds for a ``Retry-After`` header, or None for no such header.
        reset: how ``X-RateLimit-Reset`` is written: as ISO 8601, as Unix seconds, or not at all.
        reset_in: the seconds from now that it names.
    """

    status: int = 500
    error_code: int | None = None
    html: bool = False
    path: str = "/"
    every: int = 1
    retry_after: float | None = None
    reset: Literal["iso", "unix", "none"] = "iso"
    reset_in: float = 1
    _seen: int = field(default=0, init=False, repr=False)

    def strikes_path(self, path: str) -> bool:
        """Say whether it strikes a request for this path, and count it."""
        if not path.startswith(self.path):
            return False
        with self._lock:
            self._seen += 1
            due = self._seen % self.every == 0
        return due and self.strikes()


@dataclass(kw_only=True, eq=False)
class SlowApi(VimeoFault):
    """API requests are answered after this number of ``seconds``."""

    seconds: float = 1


# --- What the API says about a video ----------------------------------------------------------------------------------


@dataclass(kw_only=True, eq=False)
class ListOmits(VimeoFault):
    """The video counts in the folder's ``total``, but is on no page."""


@dataclass(kw_only=True, eq=False)
class NoDownload(VimeoFault):
    """The ``download`` list is missing, ``null`` or ``[]``, without any error."""

    shape: Literal["missing", "null", "empty"] = "missing"


@dataclass(kw_only=True, eq=False)
class LacksFields(VimeoFault):
    """Entries of ``download`` lack these fields, as old ones do; e.g. rendition, width, height, type, md5, link.

    Attributes:
        fields: the names of the missing fields.
        renditions: the renditions whose entries lack them, or None for all.
    """

    fields: Collection[str] = ("rendition", "width", "height", "md5")
    renditions: Collection[str] | None = None


@dataclass(kw_only=True, eq=False)
class SourceOnly(VimeoFault):
    """Only the uploaded original can be downloaded."""

    quicktime: bool = True


@dataclass(kw_only=True, eq=False)
class QuicktimeSource(VimeoFault):
    """The uploaded original is a ``video/quicktime``; the transcodes are there too."""


@dataclass(kw_only=True, eq=False)
class WrongSize(VimeoFault):
    """``size`` is too large by ``difference`` bytes (too small, if negative)."""

    difference: int = 1


@dataclass(kw_only=True, eq=False)
class WrongMd5(VimeoFault):
    """``md5`` is that of another file."""


# --- The download link ------------------------------------------------------------------------------------------------


@dataclass(kw_only=True, eq=False)
class LinkExpired(VimeoFault):
    """The video's links no longer work; new ones, from asking the API for the video again, do.

    ``times`` is the number of generations of links that expire; None is all of them.
    """

    times: int | None = 1
    status: int = 410


@dataclass(kw_only=True, eq=False)
class LinkError(VimeoFault):
    """The link is answered with an error status."""

    status: int = 500
    html: bool = False
    retry_after: float | None = None


@dataclass(kw_only=True, eq=False)
class RedirectLoop(VimeoFault):
    """The link leads to an address that leads to itself."""


@dataclass(kw_only=True, eq=False)
class RedirectRefused(VimeoFault):
    """The link leads to a port where nobody listens."""


# --- The CDN and the mirror -------------------------------------------------------------------------------------------


@dataclass(kw_only=True, eq=False)
class CdnFault(VimeoFault):
    """A fault of Vimeo's CDN or of the mirror; the first one in the list that strikes shapes the whole answer.

    Attributes:
        renditions: the renditions it strikes, or None for all.
        methods: the HTTP methods it strikes, e.g. ``{"HEAD"}``, or None for all.
    """

    renditions: Collection[str] | None = None
    methods: Collection[str] | None = None


@dataclass(kw_only=True, eq=False)
class BodyFault(CdnFault):
    """A fault that shows in nothing but the body. A HEAD, which gets none, does not use it up."""

    methods: Collection[str] | None = ("GET",)


@dataclass(kw_only=True, eq=False)
class Cut(BodyFault):
    """The connection ends in the middle of the answer's body.

    Attributes:
        after: bytes sent before the cut.
        announced: whether a Content-Length names the full length; without one the cut looks like the end.
    """

    after: int = 10_000
    announced: bool = True


@dataclass(kw_only=True, eq=False)
class Unannounced(CdnFault):
    """The whole body, but no Content-Length.

    ``chunked`` sends it in chunks, whose end can be told from a cut; otherwise it ends when the connection does.
    """

    chunked: bool = True


@dataclass(kw_only=True, eq=False)
class Drip(BodyFault):
    """The body comes slowly: ``piece`` bytes, then a pause of ``pause`` seconds, and so on."""

    piece: int = 2048
    pause: float = 0.05


@dataclass(kw_only=True, eq=False)
class Stall(BodyFault):
    """After ``after`` bytes, nothing comes for ``seconds``; then the rest follows.

    With ``after`` 0 the headers come at once and the body does not.
    """

    after: int = 10_000
    seconds: float = 60


@dataclass(kw_only=True, eq=False)
class WrongLength(CdnFault):
    """Content-Length is too large by ``difference`` bytes (too small, if negative)."""

    difference: int = 1


@dataclass(kw_only=True, eq=False)
class WrongBytes(BodyFault):
    """Sixteen bytes in the middle of the file are wrong; its length is right."""


@dataclass(kw_only=True, eq=False)
class RangeIgnored(BodyFault):
    """A request for a part is answered 200 with the whole file. Other requests do not count."""


@dataclass(kw_only=True, eq=False)
class RangeRefused(BodyFault):
    """A request for any part is answered 416. Other requests do not count."""


@dataclass(kw_only=True, eq=False)
class HtmlPage(CdnFault):
    """A web page in place of the video, as 200 or another ``status``."""

    status: int = 200


@dataclass(kw_only=True, eq=False)
class EmptyBody(CdnFault):
    """200, ``video/mp4``, and not one byte."""


@dataclass(kw_only=True, eq=False)
class CdnError(CdnFault):
    """An error status and a short text."""

    status: int = 503
    retry_after: float | None = None


@dataclass(kw_only=True, eq=False)
class CdnExpired(BodyFault):
    """The address expires in mid-file: the body is cut, then the address answers ``status``.

    Following the API's link again gives a new address. ``times`` counts addresses.
    """

    times: int | None = 1
    after: int = 10_000
    status: int = 410
