"""Files that other programs have open: Windows lets nobody replace, rename or remove them meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

# In seconds. A virus scanner or another script has a file open for less; a player or PowerPoint for longer.
_PATIENCE = 1.0
_PAUSE = 0.02


def once_free(action: Callable[[], Result]) -> Result:
    """Do something with files. On Windows, try for about a second more while another program has one of them open.

    Args:
        action: what to do; it can be done again after it has failed.

    Returns:
        What the action returns.

    Raises:
        OSError: what it raises in the end.
    """
    deadline = time.monotonic() + _PATIENCE
    # Elsewhere an open file can be replaced, and no waiting gives a right that somebody lacks.
    while sys.platform == "win32" and time.monotonic() < deadline:
        try:
            return action()
        except PermissionError:
            time.sleep(_PAUSE)
    return action()


def remove(file: Path) -> None:
    """Remove a file if it is there; on Windows, as soon as no other program has it open.

    Raises:
        OSError: it cannot be removed.
    """
    once_free(lambda: file.unlink(missing_ok=True))


def remedy_for(error: OSError, what: str, otherwise: str) -> str:
    """Return what to do about a file that cannot be replaced.

    Args:
        error: why it cannot.
        what: the file, and in which programs it may be open.
        otherwise: what to do if it is not open anywhere.
    """
    if sys.platform == "win32" and isinstance(error, PermissionError):
        return f"Close {what}, then run the same command again. If it is not open anywhere: {otherwise}"
    return otherwise
