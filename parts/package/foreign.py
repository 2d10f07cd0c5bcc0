"""Finds what people and other programs have added or changed in an output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from common.filesystem import folded
from package.checksums import is_list_of_sums
from package.plan import PAGE, SUMS, THUMBNAILS
from package.record import RECORD_FILE, Record, is_as_made
from package.thumbnails import MARK
from workspace.folders import Project


def foreign_names(output: Path, record: Record, project: Project) -> Iterator[str]:
    """Yield every file, link and empty folder of an output that is not as this program left it, by its path below.

    Args:
        output: the folder; it need not exist.
        record: what an earlier run has written down about it.
        project: whose output it is.

    Raises:
        OSError: a folder cannot be read.
    """
    names = spelled_as((*record.files, RECORD_FILE), list(_names_below(output)), output)
    return (name for name in names if not _is_ours(name, output, record, project))


def spelled_as(known: Iterable[str], names: Sequence[str], output: Path) -> list[str]:
    """Return names from a folder, as others write them if the disk takes both for one: to some, ``A`` and ``a`` are.

    Args:
        known: how others write names.
        names: all that are in the folder, by their paths below it.
        output: the folder.
    """
    there = {*names, *(parent.as_posix() for name in names for parent in Path(name).parents)}
    # A name that leads to something, although the folder has nothing that is written so.
    others = {folded(name): name for name in known if name not in there and os.path.lexists(output / name)}
    return [others.get(folded(name), name) for name in names]


def is_real_folder(path: Path) -> bool:
    """Say whether a path is a folder, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def _names_below(folder: Path) -> Iterator[str]:
    if not folder.exists():
        return
    for inner, folders, files in os.walk(folder, onerror=_refuse):
        below = "" if inner == str(folder) else Path(inner).relative_to(folder).as_posix() + "/"
        links = [name for name in folders if Path(inner, name).is_symlink()]
        yield from (below + name for name in [*files, *links])
        if below and not folders and not files:
            yield below.rstrip("/")


def _refuse(error: OSError) -> NoReturn:
    """Let no folder be passed over because it cannot be read."""
    raise error


def _is_ours(name: str, output: Path, record: Record, project: Project) -> bool:
    is_thumbnail = name.startswith(f"{THUMBNAILS}/")
    if recorded := record.files.get(name):
        # A thumbnail is made again, whatever has become of it. So is the list of checksums, as long as it is one.
        if is_thumbnail or is_as_made(output / name, recorded, project.path):
            return True
        return name == SUMS and is_list_of_sums(output / name)
    return name == RECORD_FILE or ((is_thumbnail or name == PAGE) and _has_our_mark(output / name))


def _has_our_mark(file: Path) -> bool:
    """Say whether a page or thumbnail was made by this program, as can be seen although its record is lost."""
    try:
        with file.open("rb") as opened:
            return MARK in opened.read(2000)
    except OSError:
        return False
