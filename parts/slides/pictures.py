"""The slide pictures on disk: their names, and which of them are the newest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from common.filesystem import visible
from course.curricula import Slide
from slides.png import is_whole

_NAME = re.compile(r"(\d{8}_\d{6})_(session_\d+_.+)\.png")


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
    """Return the file name for a picture of a slide that was taken at a time."""
    return f"{time_in_name(taken)}_{slide.name}.png"


def time_in_name(taken: datetime) -> str:
    """Return a time as the names of pictures begin: in local time. So the names sort by age."""
    return f"{taken.astimezone():%Y%m%d_%H%M%S}"


def taken_at(name: str) -> str | None:
    """Return when a picture was taken by its name, in UTC as ISO 8601; None for a name that tells no time."""
    match = _NAME.fullmatch(name)
    try:
        taken = datetime.strptime(match[1], "%Y%m%d_%H%M%S") if match else None
        return taken.astimezone(timezone.utc).isoformat(timespec="seconds") if taken else None
    except (ValueError, OverflowError, OSError):
        return None


def named_picture(path: Path, name: str) -> Picture | None:
    """Return the picture that a file is by its name; None if it has no slide picture's name.

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
    """Return the pictures in a curriculum's folder, the oldest first. Other files are skipped."""
    pictures = [found for path in visible(folder, "*.png") if (found := named_picture(path, path.name))]
    return sorted(pictures, key=lambda picture: (picture.taken, picture.path.name))


def newest_whole(
    pictures: Iterable[Picture], size: tuple[int, int] | None = None, replaced: Collection[str] = ()
) -> dict[str, Picture]:
    """Return the newest whole picture of each slide, by slide name.

    Args:
        pictures: the oldest first.
        size: width and height in pixels that a picture must have; None for any.
        replaced: the names of pictures that a newer one has replaced, whatever their names say: where clocks are set
            back or a project moves to another time zone, the newer picture can have the earlier name.
    """
    newest: dict[str, Picture] = {}
    by_age = sorted(pictures, key=lambda picture: picture.path.name not in replaced)
    for picture in reversed(by_age):
        if picture.slide_name not in newest and is_whole(picture.path, size):
            newest[picture.slide_name] = picture
    return newest
