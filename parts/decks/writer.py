"""Writes the ZIP file of a deck: media are streamed into their places as they are, so that no size needs memory."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from common.errors import BuilderError
from common.files_in_use import once_free, remedy_for, remove
from common.filesystem import UNABLE
from common.formats import file_size
from common.typed import advice
from common.workers import work_off
from decks.media import Media
from decks.presentation import Skeleton
from package.record import stamp_of

_CHUNK = 1 << 18
# How much is copied before it is shown.
_PORTION = 1 << 23
_MEDIA = "ppt/media/"
# No clock, user or system goes into the file: the same package gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_RIGHTS, _UNIX = 0o644 << 16, 3


def write_deck(target: Path, skeleton: Skeleton, show: Callable[[int], None]) -> int:
    """Write a deck, beside its final name until it is whole.

    Args:
        target: the deck's file; what is there is replaced only by a whole one.
        skeleton: the presentation, and the files that belong in it.
        show: is told how many bytes of media have been written.

    Returns:
        The size in bytes.

    Raises:
        BuilderError: a file cannot be read or has changed meanwhile, or the deck cannot be written.
    """
    partial = partial_of(target)
    try:
        with partial.open("wb") as file:
            with ZipFile(BytesIO(skeleton.presentation)) as template, _DeckZip(file, show) as deck:
                for name in template.namelist():
                    if name in skeleton.media:
                        deck.put(_entry(name), skeleton.media[name])
                    else:
                        deck.writestr(_entry(name), template.read(name))
            file.flush()
            os.fsync(file.fileno())
        size = partial.stat().st_size
        once_free(lambda: partial.replace(target))
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        with suppress(OSError):
            remove(partial)
    return size


def read_check_sums(media: Iterable[Media]) -> None:
    """Read the check sums of files, several at once: that takes about as long as copying them.

    Raises:
        BuilderError: a file has changed, or cannot be read.
    """
    for _ in work_off(_check_sum, dict.fromkeys(media), os.cpu_count() or 1):
        pass


def partial_of(target: Path) -> Path:
    """Return where a deck is written until it is whole."""
    return target.with_name(f"{target.name}.part")


def remove_partials(targets: Iterable[Path]) -> None:
    """Remove the partial decks of killed runs.

    Raises:
        BuilderError: it cannot be done.
    """
    for target in targets:
        try:
            remove(partial_of(target))
        except OSError as error:
            message = f"{partial_of(target)} cannot be removed: {error.strerror}."
            raise BuilderError(message, "Remove it, then run the same command again.") from error


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
            f"The disk is too small: {file_size(needed)} are needed, but only {file_size(free)} are free in {folder}.",
            advice("Free space, or choose another folder with --output-dir.", "Free space."),
        )


class _DeckZip(ZipFile):
    """A ZIP file into which whole files can be put as they are."""

    def __init__(self, file: BinaryIO, show: Callable[[int], None]) -> None:
        super().__init__(file, "w")
        self._out = file
        self._show = show
        self._done = 0

    def put(self, entry: ZipInfo, media: Media) -> None:
        """Put a file into an entry.

        ZipFile itself leads every byte through Python, and sums up a video anew for each deck.

        Raises:
            BuilderError: the file has changed, or cannot be read.
        """
        entry.CRC = _check_sum(media)
        entry.file_size = entry.compress_size = media.stamp.size
        entry.header_offset = self._out.tell()
        self._out.write(entry.FileHeader())  # which decides on ZIP64
        self._out.flush()
        self._stream(media)
        self._out.seek(0, os.SEEK_END)
        self.filelist.append(entry)
        self.NameToInfo[entry.filename] = entry
        self.start_dir = self._out.tell()

    def _stream(self, media: Media) -> None:
        left = media.stamp.size
        with _opened(media.path) as source:
            while left and (count := _pour(source, self._out, min(left, _PORTION))):
                left -= count
                self._done += count
                self._show(self._done)
        if left or stamp_of(media.path) != media.stamp:
            raise _changed(media.path)


@cache
def _check_sum(media: Media) -> int:
    """Return the check sum that a ZIP file wants.

    Raises:
        BuilderError: the file has changed, or cannot be read.
    """
    total = 0
    buffer = memoryview(bytearray(_CHUNK))
    try:
        with _opened(media.path) as source:
            while count := source.readinto(buffer):  # type: ignore[attr-defined]
                total = zlib.crc32(buffer[:count], total)
    except OSError as error:
        raise _unread(media.path, error) from error
    if stamp_of(media.path) != media.stamp:
        raise _changed(media.path)
    return total


def _pour(source: BinaryIO, target: BinaryIO, most: int) -> int:
    """Copy the next bytes of one file to where another one stands, by the system itself where it can.

    Returns:
        How many they were; 0 at the end of the file.
    """
    if sys.platform == "linux":
        try:
            return os.sendfile(target.fileno(), source.fileno(), None, most)
        except OSError as error:
            if error.errno not in UNABLE:
                raise
    data = source.read(most)
    target.write(data)
    target.flush()
    return len(data)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _DATE)
    # Pictures and videos are compressed already.
    entry.compress_type = ZIP_STORED if name.startswith(_MEDIA) else ZIP_DEFLATED
    entry.external_attr, entry.create_system = _RIGHTS, _UNIX
    return entry


def _opened(path: Path) -> BinaryIO:
    try:
        # Unbuffered, because the system reads from where the file itself stands.
        return path.open("rb", buffering=0)
    except OSError as error:
        raise _unread(path, error) from error


def _changed(path: Path) -> BuilderError:
    return BuilderError(f"{path} has changed while the deck was made.", "Run this part again.")


def _unread(path: Path, error: OSError) -> BuilderError:
    return BuilderError(f"{path} cannot be read: {error.strerror}.", "Fix that, then run the same command again.")


def _unwritten(target: Path, error: OSError) -> BuilderError:
    if error.errno == errno.ENOSPC:
        return BuilderError(f"The disk of {target.parent} is full.", "Free space, then run the same command again.")
    if error.errno == errno.EFBIG:
        message = f"{target} is too large for the file system there (FAT32 holds at most 4 GB in a file)."
        return BuilderError(
            message, advice("Choose a folder on another one with --output-dir.", "Choose another --folder.")
        )
    remedy = remedy_for(error, "the deck in PowerPoint and elsewhere", "Change the permissions of the folder.")
    return BuilderError(f"{target} cannot be written: {error.strerror}.", remedy)
