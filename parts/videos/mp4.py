"""Looks at MP4 files: whether one begins as a video does, and whether it ends too early."""

from __future__ import annotations

import re
from pathlib import Path

# The length and the type of a box; a longer length stands behind them if they say 1.
_HEAD, _LONG_HEAD = 8, 16
_TYPE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9 ]{3}")


def ends_early(path: Path) -> bool:
    """Say whether the last box of an MP4 file says that it is longer than the file: the end has not come.

    ISO/IEC 14496-12: a file is a row of boxes; each begins with its length (4 bytes, big end first) and its type (4
    letters). Length 0 means up to the end of the file, 1 that 8 more bytes have the length. Whatever stands behind
    the last box and is no box means nothing: players do not mind it.

    Raises:
        OSError: it cannot be read.
    """
    size, place = path.stat().st_size, 0
    with path.open("rb") as file:
        while place + _HEAD <= size:
            file.seek(place)
            head = file.read(_LONG_HEAD)
            length = int.from_bytes(head[:4], "big")
            if length == 1 and len(head) < _LONG_HEAD:
                return True
            if length == 1:
                length = int.from_bytes(head[_HEAD:], "big")
            if length < _HEAD or not _TYPE.fullmatch(head[4:_HEAD]):
                return False
            place += length
    return place > size
