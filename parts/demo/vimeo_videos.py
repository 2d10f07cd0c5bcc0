"""What the stand-in Vimeo has: the folders of the languages, their videos, and the bytes of each rendition.

A rendition is the small MP4 of its course number (``videos/``) followed by an MP4 box of type ``free``, which players
skip. The box names the language, the video and the rendition, and fills the file up to its size with noise that depends
on its place. So no two files have the same bytes, and a piece at the wrong place is noticed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from course.curricula import CURRICULA, recorded_slides
from course.languages import Language, all_languages

EXTRA_NUMBERS = (20, 27, 31, 32)
REMADE = 2
TITLES = (
    "Welcome", "What Is a Disciple", "Breathing", "Studying Together", "Holding Each Other Up",
    "Makers, Not Takers", "An Hour of Prayer", "Stewards of Friends", "How the Kingdom Grows", "The Story to Tell",
    "Baptism", "Your Own Story", "Great Blessings", "Ducklings", "Seeing Where It Is Not",
    "The Meal", "Walking in Prayer", "The Person of Peace", "The Blessing Prayer", "Faithfulness",
    "Two Churches", "A Simple Gathering", "Training Cycle", "Leadership Cells", "Nonlinear Growth",
    "Pace Matters", "Part of Two", "Coaching Checklist", "Leading in Networks", "Mentoring Peers",
    "Next Steps", "The Long View", "Three Circles",
)  # fmt: skip

_FOLDER = Path(__file__).with_name("videos")
_FIRST_ID = 700_000_000
_CHUNK = 1 << 16


@dataclass(frozen=True)
class StoredVideo:
    """One video that the stand-in has.

    Attributes:
        language: whose folder it is in.
        number: its number in the course.
        copy: 0, or 1 for a second video with the same number, or ``REMADE`` for one in the place of the first.
    """

    language: Language
    number: int
    copy: int = 0

    @property
    def id(self) -> int:
        """The digits in its address, which never change."""
        return _FIRST_ID + _places()[self.language.code] * 1000 + self.number * 10 + self.copy

    @property
    def hash(self) -> str:
        """What follows the digits in the address of an unlisted video."""
        return hashlib.sha256(f"unlisted {self.id}".encode()).hexdigest()[:10]

    @property
    def title(self) -> str:
        """The title it has unless the settings give another one, e.g. ``(06) Makers, Not Takers - Kiswahili``."""
        title = f"({self.number:02}) {TITLES[self.number - 1]}"
        title = title if self.language.code == "en" else f"{title} - {self.language.native_name}"
        return f"{title} (new)" if self.copy else title


@dataclass(frozen=True)
class StoredRendition:
    """One file that a video can be downloaded as.

    Attributes:
        name: Vimeo's ``rendition``.
        quality: Vimeo's ``quality``: source, hd or sd.
        width: in pixels.
        height: in pixels.
        size: in bytes, before the small amount that makes every file's size its own.
    """

    name: str
    quality: str
    width: int
    height: int
    size: int


RENDITIONS = (
    StoredRendition("source", "source", 1920, 1080, 280_000),
    StoredRendition("1080p", "hd", 1920, 1080, 150_000),
    StoredRendition("720p", "hd", 1280, 720, 90_000),
    StoredRendition("540p", "sd", 960, 540, 60_000),
    StoredRendition("360p", "sd", 640, 360, 36_000),
)


@dataclass(frozen=True)
class VideoFile:
    """The bytes of one rendition of one video, made when they are read and never held as a whole.

    Attributes:
        video: the video.
        rendition: the name of the rendition.
        size: its size in bytes.
    """

    video: StoredVideo
    rendition: str
    size: int

    @property
    def label(self) -> str:
        """The file's description of itself, e.g. ``swa 700042060 720p``, which is among its bytes."""
        return f"{self.video.language.code} {self.video.id} {self.rendition}"

    @property
    def md5(self) -> str:
        """The checksum of the whole file, in hex digits."""
        return _md5(self)

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``stop`` (default: the end) in pieces of up to 64 KiB."""
        stop = self.size if stop is None else min(stop, self.size)
        head = self._head()
        if start < min(stop, len(head)):
            yield head[start : min(stop, len(head))]
            start = len(head)
        while start < stop:
            block, offset = divmod(start - len(head), _CHUNK)
            piece = self._noise(block)[offset : offset + stop - start]
            yield piece
            start += len(piece)

    def _head(self) -> bytes:
        """Return all but the noise: the MP4, the head of the ``free`` box and the label."""
        base = _base(self.video.number)
        label = self.label.encode() + b"\0"
        if self.size < len(base) + 8 + len(label):
            raise ValueError(f"Video {self.video.number} does not fit into {self.size} bytes.")
        return base + (self.size - len(base)).to_bytes(4, "big") + b"free" + label

    def _noise(self, block: int) -> bytes:
        return hashlib.shake_128(f"{self.label} {block}".encode()).digest(_CHUNK)


def video_file(video: StoredVideo, rendition: StoredRendition, size: int | None = None) -> VideoFile:
    """Return the file of a rendition, in the given size or in its usual one."""
    if size is None:
        size = rendition.size + zlib.crc32(f"{video.id} {rendition.name}".encode()) % 8192
    return VideoFile(video, rendition.name, size)


def course_numbers(language: Language) -> list[int]:
    """Return the numbers of the videos that the language's edition of the course shows."""
    slides = (slide for curriculum in CURRICULA for slide in recorded_slides(curriculum, language.three_circles))
    return sorted({slide.video for slide in slides if slide.video is not None})


def find_video(video_id: int) -> StoredVideo | None:
    """Return the video that has this id, whether or not a folder shows it."""
    place, rest = divmod(video_id - _FIRST_ID, 1000)
    number, copy = divmod(rest, 10)
    if not 0 <= place < len(all_languages()) or not 1 <= number <= len(TITLES) or copy > REMADE:
        return None
    return StoredVideo(all_languages()[place], number, copy)


@cache
def _places() -> dict[str, int]:
    return {language.code: place for place, language in enumerate(all_languages())}


@cache
def _base(number: int) -> bytes:
    return (_FOLDER / f"{number:02}.mp4").read_bytes()


@lru_cache(maxsize=4096)
def _md5(file: VideoFile) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for piece in file.read():
        digest.update(piece)
    return digest.hexdigest()
