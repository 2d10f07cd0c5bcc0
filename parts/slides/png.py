"""PNG files: whether they are whole, and the text in old ones that says what a picture lacks."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

_PNG_START = b"\x89PNG\r\n\x1a\n"
_CHUNK, _SUM = struct.Struct(">I4s"), struct.Struct(">I")
# The header is the first chunk and always of this length; a text may follow it.
_AFTER_HEADER = 33
# The beginning of the text that older versions put there: keyword, not compressed, no language, no translated keyword.
_FLAW = b"Flaw\x00\x00\x00\x00\x00"


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


def size_of(path: Path) -> tuple[int, int] | None:
    """Return the width and height in pixels that a PNG's header says; None if it has none."""
    try:
        with path.open("rb") as file:
            data = file.read(24)
    except OSError:
        return None
    is_png = data[:8] == _PNG_START and len(data) == 24
    return (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) if is_png else None


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


def without_flaw(png: bytes) -> bytes:
    """Return a picture without the text of what it lacks: two that look the same are the same then."""
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
