"""The names of the videos' files, made from their titles."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable

from common.filesystem import composed
from common.path_length import LONGEST_NAME_ON_WINDOWS, length_on_windows
from videos.renditions import MIRROR, Video

# What nearly every file system allows for a name, in bytes.
_LONGEST_NAME = 255


def file_names(videos: Iterable[Video], taken: Collection[str] = ()) -> dict[str, str]:
    """Return a file name for each video, by id.

    Args:
        videos: all that are to have files.
        taken: the names of files that stay; a video of the mirror never gets one of them.

    A name is the title made safe for Linux, macOS and Windows, in NFC, at most 255 bytes
    long. Where two videos would get the same name, even if only upper and lower case
    differ, their ids tell them apart.
    """
    videos = list(videos)
    titles = {video.id: video.title for video in videos}
    borrowed = {video.id for video in videos if video.source == MIRROR}
    kept = {name.casefold() for name in taken}
    marked: set[str] = set()
    while True:
        names = {key: safe_name(title, _mark(key) if key in marked else "") for key, title in titles.items()}
        uses = Counter(name.casefold() for name in names.values())
        alike = {key for key, name in names.items() if uses[name.casefold()] > 1}
        alike |= {key for key in borrowed if names[key].casefold() in kept}
        # A mark may itself produce a name that another title has.
        if alike <= marked:
            return names
        marked |= alike


def _mark(key: str) -> str:
    """Return what tells a video's name from that of another one; Windows takes no colon."""
    return f" [{key.replace(':', '-')}]"


def old_name(title: str) -> str:
    """Return the file name that a title had before this suite: only what Windows forbids is replaced.

    Nothing else is changed, so it need not be a name that a file can have.
    """
    return re.sub(r'[<>:"/\\|?*]', "_", title) + ".mp4"


def safe_name(title: str, mark: str) -> str:
    """Return a file name: the title, shortened and made safe, then a mark that tells it from another name.

    On Windows it is shorter, so that whole paths fit there: see ``common.path_length``.
    """
    from pathvalidate import sanitize_filename

    ending = f"{mark}.mp4"
    room = _LONGEST_NAME - len(ending.encode())
    printable = "".join(letter for letter in title if unicodedata.category(letter) not in ("Cc", "Cs"))
    stem = sanitize_filename(composed(printable), platform="universal").strip(" .")
    stem = stem.encode()[:room].decode(errors="ignore")
    while sys.platform == "win32" and length_on_windows(stem + ending) > LONGEST_NAME_ON_WINDOWS:
        stem = stem[:-1]
    stem = stem.strip(" .") or "untitled"
    return f"{_unreserved(stem)}{ending}"


def _unreserved(stem: str) -> str:
    """Return a stem that is not the name of a device to Windows, as ``CON``, ``CON .a`` and ``CON.a`` are.

    https://learn.microsoft.com/windows/win32/fileio/naming-a-file
    """
    from pathvalidate import sanitize_filename

    root, *others = stem.split(".")
    bare = root.rstrip(" ")
    safe = sanitize_filename(bare, platform="universal")
    return stem if safe == bare else ".".join([safe, *others])
