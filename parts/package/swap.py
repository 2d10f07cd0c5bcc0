"""Puts a new package in the place of the old one, and mends what a run has left that was killed in between."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from common.errors import BuilderError
from common.files_in_use import once_free, remedy_for
from common.filesystem import UNABLE, exchange, unprotect
from package.foreign import foreign_names, is_real_folder
from package.old_output import OPEN_FILES, is_old, keep_old, own_place
from package.record import is_same, read_record
from workspace.folders import Project


def staging_folder(output: Path) -> Path:
    """Return where the new output is made; what has this name is never complete."""
    return output.with_name(f".{output.name}.new")


def aside_folder(output: Path) -> Path:
    """Return where one output is while two change places; what has this name is complete."""
    return output.with_name(f".{output.name}.old")


def swap(staging: Path, output: Path) -> None:
    """Put a new output in the place of the old one, if there is one; the old one is then aside."""
    if not os.path.lexists(output):
        _rename(staging, output)
        return
    aside = aside_folder(output)
    _rename(staging, aside)
    try:
        exchange(aside, output)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
        # In two steps, then. If they are interrupted, the next run finds the old output aside.
        _rename(aside, staging)
        _rename(output, aside)
        _rename(staging, output)


def clean_up(project: Project) -> Path | None:
    """Undo or finish what a killed run has left.

    Returns:
        The new name of an old output that is not ours, if the killed run had not given it one.

    Raises:
        BuilderError: it cannot be done.
    """
    try:
        # If the output is a link, a run that was to replace it has worked beside the link. First of all, because
        # the link itself may be aside.
        kept = clean_up_beside(own_place(project), project)
        return clean_up_beside(project.output.resolve(), project) or kept
    except OSError as error:
        culprit = f"{error.filename or project.output}: {error.strerror}"
        rights = "Change its permissions. Before you remove it, check whether it holds files of yours."
        remedy = remedy_for(error, OPEN_FILES, rights)
        raise BuilderError(f"What an interrupted run has left cannot be removed: {culprit}.", remedy) from error


def clean_up_beside(output: Path, project: Project) -> Path | None:
    """Do what ``clean_up`` does, for an output whose real path is known; an ``OSError`` is raised as it is."""
    aside, staging = aside_folder(output), staging_folder(output)
    if os.path.lexists(aside) and not os.path.lexists(output):
        _rename(aside, output)
    _remove(staging)
    if os.path.lexists(aside) and is_old(aside):
        return keep_old(aside, output)
    if aside.exists():
        # It may be the old output or, if the run was killed just before they changed places, the new one.
        rescue(aside, output, project, aside_is_old=False)
        # An interrupt while it is removed must not leave half of it under a name that promises a whole output.
        _rename(aside, staging)
        _remove(staging)
    return None


def _rename(folder: Path, new: Path) -> None:
    once_free(lambda: folder.rename(new))


def _move(file: Path, new: Path) -> None:
    once_free(lambda: file.replace(new))


def _remove(folder: Path) -> None:
    """Remove a folder with all that is in it, also what somebody has protected."""
    if not folder.exists():
        return
    files = 0
    for inner, _, names in os.walk(folder):
        Path(inner).chmod(stat.S_IRWXU)
        for name in names:
            unprotect(Path(inner, name))
            files += 1
    # On some disks macOS removes ._name with name, and then it is no longer there to be removed: once for each file.
    for _ in range(files):
        with suppress(FileNotFoundError):
            return once_free(lambda: shutil.rmtree(folder))
    once_free(lambda: shutil.rmtree(folder))


def rescue(aside: Path, output: Path, project: Project, aside_is_old: bool) -> None:
    """Move to the output what others have put into the old one while the new one was being made.

    Args:
        aside: where the old output should be.
        output: the new output.
        project: whose they are.
        aside_is_old: whether that is certain. Otherwise of two files of one name the newer one counts.

    Raises:
        BuilderError: something cannot be moved.
    """
    try:
        for name in foreign_names(aside, read_record(aside), project):
            left, there = aside / name, output / name
            if is_real_folder(left):
                there.mkdir(parents=True, exist_ok=True)
            elif os.path.lexists(left) and (  # on some disks macOS moves ._name with name
                not os.path.lexists(there)
                or (not _is_equal(left, there) and (aside_is_old or _time_of(left) > _time_of(there)))
            ):
                there.parent.mkdir(parents=True, exist_ok=True)
                _move(left, there)
    except OSError as error:
        message = f"Files of yours cannot be moved from {aside} to {output}: {error.filename}: {error.strerror}."
        remedy = remedy_for(error, OPEN_FILES, "Fix that, then run the same command again.")
        raise BuilderError(message, f"{remedy} Until then they stay there.") from error


def _is_equal(one: Path, other: Path) -> bool:
    """Say whether two files are the same, or two links lead to the same place."""
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return is_same(one, other)


def _time_of(path: Path) -> int:
    return path.lstat().st_mtime_ns
