"""What Python's own library cannot do with files: list the visible ones, find, clone and exchange some."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import unicodedata
from functools import cache
from pathlib import Path

# linux/fs.h: gives a file the same blocks as another one; later changes affect only one of them.
_FICLONE = 0x40049409
# linux/fs.h and sys/stdio.h (macOS): exchange two names in one step.
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_AT_FDCWD = -100

# The errors of a system or file system that can never do a thing.
UNABLE = frozenset(
    {
        errno.EXDEV,
        errno.EPERM,
        errno.ENOTSUP,
        errno.EOPNOTSUPP,
        errno.ENOSYS,
        errno.ENOTTY,
        errno.EINVAL,
        errno.EMLINK,
    }
)


def visible(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what a pattern finds in a folder, ordered by name, except names that begin with a dot.

    Such files belong to no one. macOS puts a ``._name.mp4`` beside every ``name.mp4`` that it writes to a memory
    stick, and pathlib's ``*.mp4`` finds both.
    """
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def composed(name: str) -> str:
    """Return a name in Unicode's composed form (NFC), in which names are compared."""
    return unicodedata.normalize("NFC", name)


def spellings(folder: Path, name: str) -> list[Path]:
    """Return what a folder has under a name in any Unicode form; what is spelled just so comes first.

    HFS+ stores an é as e and an accent (NFD), and so do archives that were packed there. On Linux these are two names.
    """
    found = [path for path in folder.glob("*") if composed(path.name) == composed(name)]
    return sorted(found, key=lambda path: (path.name != name, path.name))


def on_disk(folder: Path, name: str) -> Path:
    """Return the path of a file as its folder spells it; if it is not there, with the name as it was given."""
    return next(iter(spellings(folder, name)), folder / name)


def clone(source: Path, target: Path) -> None:
    """Make a new file that shares its blocks with another until one of them is written to (a reflink).

    Linux has this on Btrfs, XFS and others, macOS on APFS.

    Raises:
        OSError: it failed; one of ``UNABLE`` means that it never works between these two places.
    """
    if sys.platform == "linux":
        import fcntl

        with source.open("rb") as given, target.open("xb") as made:
            try:
                fcntl.ioctl(made, _FICLONE, given.fileno())
            except OSError:
                target.unlink()
                raise
        shutil.copystat(source, target)
    elif sys.platform == "darwin":
        _call("clonefile", os.fsencode(source), os.fsencode(target), 0)
    else:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), str(source))


def exchange(one: Path, other: Path) -> None:
    """Exchange two files or folders in a single step, so that neither name is ever missing.

    Raises:
        OSError: it failed; one of ``UNABLE`` means that it never works here.
    """
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        _call("renameat2", _AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif sys.platform == "darwin":
        _call("renamex_np", *names, _RENAME_SWAP)
    else:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), str(one))


def _call(function: str, *arguments: bytes | int) -> None:
    """Call a function of the C library that returns 0 for success."""
    call = getattr(_c_library(), function, None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(next(a for a in arguments if isinstance(a, bytes))))


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
