"""The slide pictures on disk: their names, and whether they are whole and of the right size."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from common.filesystem import visible
from course.curricula import Slide

_NAME = re.compile(r"(\d{8}_\d{6})_(session_\d+_.+)\.png")
_PNG_START = b"\x89PNG\r\n\x1a\n"
_CHUNK, _SUM = struct.Struct(">I4s"), struct.Struct(">I")
# The header is the first chunk and always of this length; a text may follow it.
_AFTER_HEADER = 33
# The beginning of such a text: keyword, not compressed, no language, no translated keyword.
_FLAW = b"Flaw\x00\x00\x00\x00\x00"


@dataclass(frozen=True)
class Picture:
    """One slide picture.

    Attributes:
        path: the file.
        taken: when it was taken, as in its name: YYYYmmdd_HHMMSS.
        slide_name: the slide within its curriculum, e.g. ``session_3_t4_c``.
    """

    path: Path
    taken: str
    slide_name: str


def picture_name(slide: Slide, taken: datetime) -> str:
    """Return the file name for a picture of a slide."""
    return f"{taken:%Y%m%d_%H%M%S}_{slide.name}.png"


def named_picture(path: Path, name: str) -> Picture | None:
    """Return a file as the picture that its name tells of, if it tells of any.

    Args:
        path: where the file is now.
        name: the one under which it was taken.
    """
    match = _NAME.fullmatch(name)
    return Picture(path, match[1], match[2]) if match else None


def other_pngs(folder: Path) -> list[Path]:
    """Return the PNG files in a curriculum's folder whose names are not those of slide pictures."""
    return [path for path in visible(folder, "*.png") if not _NAME.fullmatch(path.name)]


def pictures_in(folder: Path) -> list[Picture]:
    """Return the pictures in a curriculum's folder, the oldest first; other files are passed over."""
    pictures = [found for path in visible(folder, "*.png") if (found := named_picture(path, path.name))]
    return sorted(pictures, key=lambda picture: (picture.taken, picture.path.name))


def newest_whole(pictures: Iterable[Picture], size: tuple[int, int] | None = None) -> dict[str, Picture]:
    """Return the newest whole picture of each slide, by slide name.

    Args:
        pictures: the oldest first.
        size: width and height in pixels that a picture must have; None for any.
    """
    newest: dict[str, Picture] = {}
    for picture in reversed(list(pictures)):
        if picture.slide_name not in newest and is_whole(picture.path, size):
            newest[picture.slide_name] = picture
    return newest


def is_whole(path: Path, size: tuple[int, int] | None = None) -> bool:
    """Say whether a file is a PNG from its first to its last byte, by the check sums in it, and has the given size.

    Nothing is decoded: that would take fifty times as long.
    """
    try:
        data = memoryview(path.read_bytes())
    except OSError:
        return False
    found = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    return data[:8] == _PNG_START and _chunks_are_whole(data) and (size is None or size == found)


def _chunks_are_whole(data: memoryview) -> bool:
    """Say whether a PNG consists of whole chunks (length, name, content, check sum), from IHDR to IEND."""
    start, names = len(_PNG_START), []
    try:
        while start < len(data):
            length, name = _CHUNK.unpack_from(data, start)
            end = start + _CHUNK.size + length
            # The sum is that of name and content.
            if _SUM.unpack_from(data, end)[0] != zlib.crc32(data[start + 4 : end]):
                return False
            names.append(name)
            start = end + _SUM.size
    except struct.error:  # it was cut short
        return False
    return names[:1] == [b"IHDR"] and names[-1:] == [b"IEND"]


def with_flaw(png: bytes, flaw: str) -> bytes:
    """Return a picture that says itself what the site did not deliver on it; its pixels stay the same."""
    content = _FLAW + flaw.encode()
    chunk = len(content).to_bytes(4, "big") + b"iTXt" + content + zlib.crc32(b"iTXt" + content).to_bytes(4, "big")
    return png[:_AFTER_HEADER] + chunk + png[_AFTER_HEADER:]


def without_flaw(png: bytes) -> bytes:
    """Return a picture as it was before ``with_flaw``: two that look the same are the same then."""
    start = _AFTER_HEADER
    if png[start + 4 : start + 8] != b"iTXt" or not png[start + 8 :].startswith(_FLAW):
        return png
    return png[:start] + png[start + 12 + int.from_bytes(png[start : start + 4], "big") :]


def flaw_of(path: Path) -> str | None:
    """Return what a picture says the site did not deliver on it; None if it says nothing."""
    with path.open("rb") as file:
        file.seek(_AFTER_HEADER)
        length = int.from_bytes(file.read(4), "big")
        if file.read(4) != b"iTXt":
            return None
        content = file.read(length)
    return content[len(_FLAW) :].decode(errors="replace") if content.startswith(_FLAW) else None


def picture_fault(data: bytes, size: tuple[int, int]) -> str:
    """Say what is wrong with a picture that was just taken, or nothing.

    Args:
        data: the PNG.
        size: the width and height in pixels that it must have.
    """
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as picture:
            picture.load()
            if picture.size != size:
                return f"the picture is {picture.width} x {picture.height} instead of {size[0]} x {size[1]}"
            if picture.getcolors(maxcolors=1):
                return "the picture is blank"
    except (OSError, SyntaxError, ValueError) as error:
        return f"the picture cannot be decoded ({error})"
    return ""
