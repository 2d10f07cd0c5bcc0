"""Makes the files of a package from their originals, and copies only where the file system cannot link."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from common.errors import BuilderError
from common.filesystem import UNABLE, clone

# The ways to make a file, by what the user asks for; the first that works is taken.
_WAYS = {"auto": ("reflink", "hard", "copy"), "hard": ("hard",), "copy": ("copy",)}


class Linker:
    """Makes files; which way works is found out once for each file system that originals are on.

    Args:
        link: ``hard`` or ``copy`` for nothing else; ``auto`` for a reflink, else a hard link, else a copy.

    Attributes:
        used: how many files were made in which way: ``reflink``, ``hard`` or ``copy``.
    """

    def __init__(self, link: str) -> None:
        self.used: dict[str, int] = {}
        self._link = link
        self._decided: dict[int, str] = {}
        self._copies: dict[Path, Path] = {}

    def make(self, source: Path, target: Path) -> None:
        """Make one file; its time is that of its original.

        Raises:
            OSError: it cannot be read or written.
            BuilderError: only hard links were asked for, and there can be none.
        """
        source = source.resolve()  # of a link, what it leads to
        device = source.stat().st_dev
        ways = _WAYS[self._link]
        for way in ways[ways.index(self._decided.get(device, ways[0])) :]:
            try:
                self._make(way, source, target)
            except OSError as error:
                if error.errno not in UNABLE:
                    raise
                reason = error.strerror
            else:
                # A later file may need the next way, because it has too many links already, say.
                self._decided.setdefault(device, way)
                self.used[way] = self.used.get(way, 0) + 1
                return
        raise BuilderError(f"{source} cannot be linked to {target}: {reason}.", "Use --link auto or --link copy.")

    def _make(self, way: str, source: Path, target: Path) -> None:
        if way == "reflink":
            clone(source, target)
        elif way == "hard":
            os.link(source, target)
        elif self._link == "copy":
            copy(source, target)
        else:
            self._copy_once(source, target)

    def _copy_once(self, source: Path, target: Path) -> None:
        """Copy a file from another file system to the first of its places; the others link to that copy."""
        first = self._copies.setdefault(source, target)
        try:
            if first != target:
                return os.link(first, target)
        except OSError as error:
            if error.errno not in UNABLE:
                raise
        copy(source, target)


def copy(source: Path, target: Path) -> None:
    """Copy a file with its times and rights, down to the disk.

    Raises:
        OSError: it cannot be read or written.
    """
    shutil.copyfile(source, target)
    # Otherwise a power cut after the renames could leave an empty file under a final name. Windows does this only to a
    # file that may be written, so that the rights come last.
    with target.open("r+b") as file:
        os.fsync(file.fileno())
    shutil.copystat(source, target)
