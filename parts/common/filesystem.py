"""What Python's own library cannot do with files: list the visible ones, find, clone and exchange some."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
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


def folded(name: str) -> str:
    """Return what names have in common that are one to a disk which ignores upper and lower case."""
    return composed(composed(name).casefold())


def spellings(folder: Path, name: str) -> list[Path]:
    """Return what a folder has under a name in any Unicode form; what is spelled just so comes first.

    HFS+ stores an é as e and an accent (NFD), and so do archives that were packed there. On Linux these are two names.
    If there is none, it is what the disk takes for that name: to Windows and macOS upper and lower case are the same.
    """
    there = list(folder.glob("*"))
    found = [path for path in there if composed(path.name) == composed(name)]
    if not found and os.path.lexists(folder / name):
        found = [path for path in there if folded(path.name) == folded(name)]
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


def unprotect(file: Path) -> None:
    """Let a file be removed that has got its original's protection: read-only on Windows, locked on a Mac.

    Elsewhere the rights of the folder decide.

    Raises:
        OSError: it cannot be done.
    """
    if sys.platform == "win32":
        mode = file.lstat().st_mode
        if stat.S_ISREG(mode) and not mode & stat.S_IWRITE:
            file.chmod(mode | stat.S_IWRITE)
    elif sys.platform == "darwin":
        flags = file.lstat().st_flags
        if flags & stat.UF_IMMUTABLE:
            os.chflags(file, flags & ~stat.UF_IMMUTABLE, follow_symlinks=False)


def _call(function: str, *arguments: bytes | int) -> None:
    """Call a function of the C library that returns 0 for success.

    All of them take strings and 32-bit numbers, which ctypes makes of bytes and integers by itself (``sys/clonefile.h``
    and ``sys/stdio.h`` of macOS: ``uint32_t`` and ``unsigned int``).
    """
    call = getattr(_c_library(), function, None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(next(a for a in arguments if isinstance(a, bytes))))


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
