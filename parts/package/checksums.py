"""Keeps the list of checksums that goes with a package: ``SHA256SUMS``, for ``sha256sum -c`` and ``shasum -a 256 -c``.

It has every file that is to be seen in the output, also what others have put there: who gets the folder can tell
whether all of it has arrived. What has a checksum in some record is not read for it.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from common.console import Bars
from common.errors import BuilderError
from common.files import write_atomically
from common.filesystem import composed
from common.workers import work_off
from package.plan import SUMS
from package.record import (
    RECORD_FILE,
    FileRecord,
    FileSum,
    Record,
    Stamp,
    digest_of,
    read_record,
    required_stamp,
    stamp_of,
    write_record,
)
from package.recorded_sums import recorded_sums
from workspace.folders import Project

_LINE = re.compile(rb"[0-9a-f]{64}  [^\\\r\n]+")
# Hidden files, those of a program that has a file open, those in which Windows keeps how it shows a folder, and files
# that are not finished: they come and go.
_PASSING = re.compile(r"\..*|~\$.*|thumbs\.db|desktop\.ini|.*\.part", re.IGNORECASE | re.DOTALL)
# A list of checksums has a line for each name, and a backslash is one to Unix and divides folders to Windows.
_UNFIT = re.compile(r"[\\\x00-\x1f\x7f\ud800-\udfff]")
_CHUNK = 1 << 20

# What tells a content: where it comes from, and the stamp.
_Content = tuple[str, Stamp]


@dataclass(frozen=True)
class Sums:
    """The checksums of the files of a folder.

    Attributes:
        sums: by the files' paths below it, with ``/``, in order.
        left_out: why other files have none, by their paths.
    """

    sums: Mapping[str, FileSum]
    left_out: Mapping[str, str]


def sums_below(folder: Path, files: Mapping[str, FileRecord], before: Record, project: Project) -> Sums:
    """Return the checksum of each file that is to be seen below a folder.

    Links have none: what they lead to is elsewhere.

    Args:
        folder: an output, or a new one that is to take its place.
        files: how those of them that are ours were made.
        before: what is known of the present output.
        project: whose output it is.
    """
    left_out = {}
    contents: dict[str, _Content] = {}
    for name, stamp in sorted(_files_below(folder)):
        if _UNFIT.search(name):
            left_out[name] = "because its name has a character that such a list cannot have"
        else:
            contents[name] = _content(name, stamp, files)
    known = {_content(name, each.stamp, before.files): each.sha256 for name, each in before.sums.items()}
    # One file for each content that nobody has summed up.
    unknown = {content: name for name, content in contents.items() if content not in known}
    if unknown:
        known |= _recorded_sums({content: files[name] for content, name in unknown.items() if name in files}, project)
        known |= _read_sums({content: folder / name for content, name in unknown.items() if content not in known})
    sums = {
        name: FileSum(stamp, known[origin, stamp]) for name, (origin, stamp) in contents.items() if known[origin, stamp]
    }
    left_out |= dict.fromkeys(contents.keys() - sums.keys(), "because it cannot be read, or is being changed")
    return Sums(sums, dict(sorted(left_out.items())))


def sums_file(sums: Mapping[str, FileSum]) -> bytes:
    """Return the content of a list of checksums."""
    return "".join(f"{each.sha256}  {name}\n" for name, each in sums.items()).encode()


def is_list_of_sums(path: Path) -> bool:
    """Say whether a file holds checksums in our form and nothing else. What somebody has signed, say, is another."""
    with suppress(OSError):
        return not path.is_symlink() and all(map(_LINE.fullmatch, path.read_bytes().splitlines()))
    return False


def bring_up_to_date(output: Path, record: Record, project: Project) -> Mapping[str, str]:
    """Make the list of checksums of a package fit what is there now, if the package has one that is ours.

    Nothing is written if it does, and nothing is read but what has no checksum yet.

    Args:
        output: where the output folder really is.
        record: that the package keeps of itself.
        project: whose package it is.

    Returns:
        Why files are not in the list, by their paths.

    Raises:
        BuilderError: it cannot be written.
    """
    path, recorded = output / SUMS, record.files.get(SUMS)
    if recorded is None or not _is_ours(path, recorded):
        return {}
    known = sums_below(output, record.files, record, project)
    content = sums_file(known.sums)
    if recorded.stamp != stamp_of(path) or recorded.digest != digest_of(content):
        write_atomically(path, content)
        recorded = FileRecord(required_stamp(path), digest=digest_of(content))
    elif known.sums == record.sums:
        return known.left_out
    now_known = replace(record, files={**record.files, SUMS: recorded}, sums=known.sums)
    _rewrite(output, now_known)
    return known.left_out


@contextmanager
def replacing(project: Project, name: str) -> Iterator[None]:
    """Keep the list of checksums of a package true while the block replaces a file of it.

    Until then the list does not have the file, whenever the block, or the whole program, is ended.

    Args:
        project: whose package it is.
        name: of the file, below the output.

    Raises:
        BuilderError: the list cannot be read or written.
    """
    output = project.output.resolve()
    _leave_out(output, name)
    try:
        yield
    finally:
        bring_up_to_date(output, read_record(output), project)


def _leave_out(output: Path, name: str) -> None:
    path, recorded = output / SUMS, read_record(output).files.get(SUMS)
    if recorded is None or not _is_ours(path, recorded):
        return
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return
    except OSError as error:
        raise BuilderError(f"{path} cannot be read: {error.strerror}.", "Change its permissions.") from error
    kept = [line for line in lines if line.rstrip(b"\n")[66:] != name.encode()]
    if kept != lines:
        write_atomically(path, b"".join(kept))


def _is_ours(path: Path, recorded: FileRecord) -> bool:
    """Say whether a list of checksums is ours to write; one that somebody has removed is."""
    return not os.path.lexists(path) or recorded.stamp == stamp_of(path) or is_list_of_sums(path)


def _rewrite(output: Path, record: Record) -> None:
    """Write what is known now of a package that has not changed: decks are compared with the time of its record."""
    path = output / RECORD_FILE
    before = stamp_of(path)
    write_record(output, record)
    if before:
        with suppress(OSError):  # it is somebody else's; then decks seem to be older than they are
            os.utime(path, ns=(before.time, before.time))


def _files_below(folder: Path) -> Iterator[tuple[str, Stamp]]:
    """Yield the files below a folder with their stamps, without links and what comes and goes."""
    for inner, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = "" if inner == str(folder) else Path(inner).relative_to(folder).as_posix() + "/"
        for name in files:
            # Where upper and lower case are the same, somebody may have written the list's name otherwise.
            if _PASSING.fullmatch(name) or (below + name).casefold() == SUMS.casefold():
                continue
            with suppress(OSError):  # it has just been removed
                state = Path(inner, name).lstat()
                if stat.S_ISREG(state.st_mode):
                    yield below + name, Stamp(state.st_size, state.st_mtime_ns)


def _content(name: str, stamp: Stamp, files: Mapping[str, FileRecord]) -> _Content:
    """Return what tells a file's content: its original if it is as we have made it from one, else its place."""
    recorded = files.get(name)
    # A thumbnail is made from a picture, and is not that.
    is_as_original = recorded and recorded.source and not recorded.stats and recorded.stamp == stamp
    return (recorded.source if recorded and is_as_original else f"output/{name}"), stamp


def _recorded_sums(wanted: Mapping[_Content, FileRecord], project: Project) -> dict[_Content, str]:
    """Return the checksums of originals that parts 2 and 3 have written down, as far as they fit what is there."""
    originals = {content: file.source_stamp for content, file in wanted.items() if file.source == content[0]}
    recorded = recorded_sums(project) if originals else {}
    found = {}
    for content, stamp in originals.items():
        known = recorded.get(composed(content[0]))
        if known and stamp and known.fits(stamp):
            found[content] = known.sha256
    return found


def _read_sums(paths: Mapping[_Content, Path]) -> dict[_Content, str]:
    """Read files and return their checksums, "" for one that cannot be read or is being changed."""
    if not paths:
        return {}
    from common.bar_columns import byte_columns

    total, done, lock = sum(stamp.size for _, stamp in paths), 0, Lock()
    with Bars(*byte_columns(with_rate=False)) as bars, bars.bar("Checksums", total) as bar:

        def move(count: int) -> None:
            nonlocal done
            with lock:
                done += count
                bar.move(done)

        def read(content: _Content) -> str:
            digest = hashlib.sha256()
            with suppress(OSError), paths[content].open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    move(len(chunk))
                if required_stamp(paths[content]) == content[1]:
                    return digest.hexdigest()
            return ""

        return dict(work_off(read, paths, os.cpu_count() or 1))
