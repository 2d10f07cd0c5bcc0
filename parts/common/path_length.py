"""How long paths may be: Windows takes 259 characters, unless its owner has allowed more."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from common.errors import BuilderError

# MAX_PATH of Windows, without the zero at its end.
_LONGEST_PATH = 259
# The longest name that a video's file gets on Windows. It leaves room for folders whose names say something.
LONGEST_NAME_ON_WINDOWS = 100
# What the suite makes below a project, at its longest.
_LONGEST_BELOW = len("\\videos\\replaced\\") + LONGEST_NAME_ON_WINDOWS


def length_on_windows(text: str) -> int:
    """Return how long Windows counts a text: in units of UTF-16."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def require_short_path(project: Path) -> None:
    """Make sure that all paths below a project's folder can be used, before any of them is made.

    Raises:
        BuilderError: the folder's own path is too long for that.
    """
    length, room = length_on_windows(str(project)), _LONGEST_PATH - _LONGEST_BELOW
    if sys.platform == "win32" and length > room and not _long_paths_are_allowed():
        raise BuilderError(
            f"The path of the project is too long for Windows: it has {length} characters, and {room} are the most "
            f"({project}).",
            r"Choose a folder with a shorter path, C:\zume for example.",
        )


def _long_paths_are_allowed() -> bool:
    """Say whether this Windows takes long paths from programs that can use them, as Python can."""
    if sys.platform != "win32":
        return True
    ask = getattr(ctypes.WinDLL("ntdll"), "RtlAreLongPathsEnabled", None)
    return bool(ask and ask() & 0xFF)
