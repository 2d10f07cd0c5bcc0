"""Writes the ZIP file of a deck: media are streamed into their places as they are, so that no size needs memory."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from _console import megabytes
from _errors import BuilderError
from _media import Media
from _pptx import Skeleton
from _record import stamp_of

_CHUNK = 1 << 20
_MEDIA = "ppt/media/"
# No clock, user or system goes into the file: the same package gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_RIGHTS, _UNIX = 0o644 << 16, 3


def write_deck(target: Path, skeleton: Skeleton, show: Callable[[int], None]) -> int:
    """Write a deck, beside its final name until it is whole.

    Args:
        target: the deck's file; what is there is replaced only by a whole one.
        skeleton: the presentation, and the files that belong into it.
        show: takes the number of bytes of media that are written.

    Returns:
        The size in bytes.

    Raises:
        BuilderError: a file cannot be read or has changed meanwhile, or the deck cannot be written.
    """
    partial = partial_of(target)
    try:
        with partial.open("wb") as file:
            _Writer(file, skeleton, show).write()
            file.flush()
            os.fsync(file.fileno())
        size = partial.stat().st_size
        partial.replace(target)
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return size


def partial_of(target: Path) -> Path:
    """Return where a deck is written until it is whole."""
    return target.with_name(f"{target.name}.part")


def remove_partials(targets: Iterable[Path]) -> None:
    """Remove what killed runs have left of decks.

    Raises:
        BuilderError: it cannot be done.
    """
    for target in targets:
        try:
            partial_of(target).unlink(missing_ok=True)
        except OSError as error:
            message = f"{partial_of(target)} cannot be removed: {error.strerror}."
            raise BuilderError(message, "Remove it, and run this part again.") from error


def require_space(decks: Iterable[tuple[Path, int]]) -> None:
    """Make sure that decks can be written one after the other, each beside the one that it replaces.

    Args:
        decks: each one's file, and about how many bytes it will have.

    Raises:
        BuilderError: the disk is too small.
    """
    needed = before = 0
    folder = Path()
    for target, size in decks:
        folder = target.parent
        needed = max(needed, before + size)
        before += size - (target.stat().st_size if target.exists() else 0)
    if needed > (free := shutil.disk_usage(folder).free):
        raise BuilderError(
            f"The disk is too small: {megabytes(needed)} are needed, but only {megabytes(free)} are free in {folder}.",
            "Free space, or name another place with --output-dir.",
        )


class _Writer:
    """Writes one ZIP file."""

    def __init__(self, file: BinaryIO, skeleton: Skeleton, show: Callable[[int], None]) -> None:
        self._file = file
        self._skeleton = skeleton
        self._show = show
        self._done = 0
        self._buffer = memoryview(bytearray(_CHUNK))

    def write(self) -> None:
        """Write every entry of the skeleton, in its order, with the media in their places."""
        with ZipFile(BytesIO(self._skeleton.package)) as given, ZipFile(self._file, "w") as made:
            for name in given.namelist():
                if name in self._skeleton.media:
                    self._stream(made, name, self._skeleton.media[name])
                else:
                    made.writestr(_entry(name), given.read(name))

    def _stream(self, made: ZipFile, name: str, media: Media) -> None:
        entry = _entry(name)
        # From the size it is known before the first byte whether the entry has to be in ZIP64.
        entry.file_size = left = media.stamp.size
        _require_unchanged(media)
        with _opened(media.path) as source, made.open(entry, "w") as target:
            while left >= 0 and (count := _read(media.path, source, self._buffer)):
                target.write(self._buffer[:count])
                left -= count
                self._done += count
                self._show(self._done)
        if left:
            raise _changed(media.path)
        _require_unchanged(media)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _DATE)
    # Pictures and videos are compressed as they are.
    entry.compress_type = ZIP_STORED if name.startswith(_MEDIA) else ZIP_DEFLATED
    entry.external_attr, entry.create_system = _RIGHTS, _UNIX
    return entry


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise _unread(path, error) from error


def _read(path: Path, source: BinaryIO, buffer: memoryview) -> int:
    try:
        return source.readinto(buffer)  # type: ignore[attr-defined, no-any-return]
    except OSError as error:
        raise _unread(path, error) from error


def _require_unchanged(media: Media) -> None:
    if stamp_of(media.path) != media.stamp:
        raise _changed(media.path)


def _changed(path: Path) -> BuilderError:
    return BuilderError(f"{path} has changed while the deck was made.", "Run this part again.")


def _unread(path: Path, error: OSError) -> BuilderError:
    return BuilderError(f"{path} cannot be read: {error.strerror}.", "See to that, and run this part again.")


def _unwritten(target: Path, error: OSError) -> BuilderError:
    if error.errno == errno.ENOSPC:
        return BuilderError(f"The disk of {target.parent} is full.", "Free space, then run it again.")
    if error.errno == errno.EFBIG:
        message = f"{target} is too large for the file system there (FAT32 ends at 4 GB)."
        return BuilderError(message, "Name a place on another one with --output-dir.")
    return BuilderError(f"{target} cannot be written: {error.strerror}.", "Change the rights of the folder.")
