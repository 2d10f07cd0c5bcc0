"""Folders that are named and made, and files that are whole at every moment; failures say what to do."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files_in_use import once_free, remedy_for, remove


def folder_at(text: str) -> Path:
    """Return the absolute path of a folder that a user has given, without ``..``; it need not exist.

    A symbolic link stays as the user knows it, unless the path leads up out of it.

    Raises:
        BuilderError: no folder can have that name.
    """
    try:
        _require_home_in(text)
        folder = _without_ups(Path(text).expanduser().absolute())
        folder.exists()
    # There is no such user, the name is too long, or it has a zero in it.
    except (RuntimeError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BuilderError(f"{text!r} cannot be a folder: {reason}.", "Check the path.") from error
    return folder


def _require_home_in(text: str) -> None:
    """Make sure that a path that begins with the home of somebody else, as ``~maria/zume``, means one that is there.

    Where Windows has no user of that name, Python makes up a home for them.

    Raises:
        RuntimeError: there is no such home.
    """
    first = next(iter(Path(text).parts), "")
    if first.startswith("~") and first != "~" and not Path(first).expanduser().is_dir():
        raise RuntimeError("Could not determine home directory.")


def _without_ups(path: Path) -> Path:
    """Return the path of the same folder without ``..``."""
    found = Path(path.anchor)
    for part in path.relative_to(found).parts:
        if part != "..":
            found /= part
        else:
            # Above a link is what lies above the folder that it leads to.
            found = (found.resolve() if found.is_symlink() else found).parent
    return found


def file_in_the_way(folder: Path) -> Path | None:
    """Return what is a file although a path needs a folder there: the path itself, or one above it; None if nothing."""
    nearest = nearest_folder(folder)
    return None if nearest.is_dir() else nearest


def make_folder(folder: Path, remedy: str) -> None:
    """Make a folder with its parents, unless it is there.

    Args:
        folder: the folder.
        remedy: what to tell the user if it cannot be made.

    Raises:
        BuilderError: the folder, or one above it, is a file, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        culprit = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        raise BuilderError(f"{culprit} is a file, not a folder.", remedy) from None
    except OSError as error:
        raise BuilderError(f"{folder} cannot be made: {error.strerror}.", remedy) from error


def require_makeable(folder: Path, instead: str) -> None:
    """Make sure that a folder is there or could be made, as far as that can be seen; nothing is made.

    Args:
        folder: the folder.
        instead: what else the user can do if it cannot be made, beside changing its permissions.

    Raises:
        BuilderError: the folder, or one above it, is a file, or cannot be written.
    """
    if file := file_in_the_way(folder):
        raise BuilderError(f"{file} is a file, not a folder.", f"{instead[0].upper()}{instead[1:]}")
    nearest = nearest_folder(folder)
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise BuilderError(f"{nearest} cannot be written.", f"Change its permissions, or {instead}")


def nearest_folder(path: Path) -> Path:
    """Return a path if it exists, else the nearest folder above it that does."""
    return next(each for each in (path, *path.parents) if each.exists())


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Give a file new content, so that it has either the old or the new content at every moment.

    Raises:
        BuilderError: the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        once_free(lambda: partial.replace(path))
    except OSError as error:
        # To Windows, what is below a file is not there.
        if isinstance(error, (NotADirectoryError, FileNotFoundError)) and (culprit := file_in_the_way(path.parent)):
            raise BuilderError(f"{culprit} is a file, not a folder.", "Check the path.") from None
        remedy = remedy_for(error, "it in all other programs", "Free some space, or change the permissions.")
        raise BuilderError(f"{path} cannot be written: {error.strerror}.", remedy) from error
    finally:  # also when an interrupt comes
        with suppress(OSError):
            remove(partial)


def write_json(path: Path, content: Any) -> None:
    """Write data as indented JSON, atomically."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    # Half a letter, which JSON can have, stays as JSON writes it.
    write_atomically(path, text.encode(errors="backslashreplace"))
