"""Gives an output that is not known to be this program's another name: nothing in it is used, and nothing is lost."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from pathlib import Path

from common.errors import BuilderError
from common.files_in_use import once_free, remedy_for
from package.record import read_record
from workspace.folders import Project

# What keeps Windows from renaming or removing an output.
OPEN_FILES = "what is open of the package (a video that plays, a deck in PowerPoint, a folder that a window shows)"


def why_not_ours(output: Path) -> str:
    """Return why an output cannot become the new package's own, or nothing if it can.

    The record tells which files are this program's. Without one that can be believed, none is known to be.
    An output without any file is nobody's; hidden files, which systems put everywhere, do not count.

    Args:
        output: a folder, a file or a link; there may be none.

    Raises:
        NewerRecordError: a later version has written the record.
    """
    if not output.exists():
        return ""
    if not output.is_dir():
        return f"{output} is a file, not a folder."
    record = read_record(output)
    if record.files or not _holds_files(output):
        return ""
    return record.doubts[0] if record.doubts else f"{output} was not made by this program, or has lost its record."


def _holds_files(folder: Path) -> bool:
    """Say whether there is any file or link below a folder that is not hidden; what cannot be read may hold one."""
    unreadable: list[OSError] = []
    for inner, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if Path(inner, name).is_symlink()]
        if links or any(not name.startswith(".") for name in files):
            return True
    return bool(unreadable)


def own_place(project: Project) -> Path:
    """Return where a project's output or, if it is a link, that link is; its own folder has no link in its path."""
    return project.path.resolve() / project.output.name


def place_for_old(output: Path) -> Path:
    """Return the name that an old output gets today: ``output.old-20261128``, or with ``-2`` if there is one."""
    name = f"{output.name}.old-{datetime.now():%Y%m%d}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(place for each in names if not os.path.lexists(place := output.with_name(each)))


def about_old(output: Path) -> str:
    """Return a sentence on what will become of an old output."""
    return f"The old output becomes {place_for_old(output)} when the new one is complete; nothing in it is changed."


def is_old(aside: Path) -> bool:
    """Say whether what a run has put aside is an old output that has to be kept."""
    return aside.is_symlink() or bool(why_not_ours(aside))


def keep_old(aside: Path, output: Path) -> Path:
    """Give an old output that is aside its lasting name, and return that.

    Raises:
        BuilderError: it cannot be renamed.
    """
    place = place_for_old(output)
    try:
        return once_free(lambda: aside.rename(place))
    except OSError as error:
        message = f"The old output is in {aside} and cannot be renamed to {place}: {error.strerror}."
        remedy = remedy_for(error, OPEN_FILES, "Fix that, then run the same command again.")
        raise BuilderError(message, remedy) from error
