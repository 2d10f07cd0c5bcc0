"""The folder that is offered when build.py or the setup asks where the packages are to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from builds.session import all_sessions
from common.errors import BuilderError
from common.files import folder_at
from workspace.home import home, program_folder

# In the user's home and not in the working directory: that is the program's own folder if this one is offered.
# A name of its own keeps the languages' folders together, and tells what they are.
_NAME = "zume-packages"


def folder_to_offer() -> Path:
    """Return that of the newest build whose folder is still there, else the working directory.

    The program's own folder, ``ZUME_HOME`` and what is in them are never offered: packages there would get lost when
    the program is replaced by a newer one. Instead of them it is a folder in the user's home.
    """
    return next(_good_ones())


def _good_ones() -> Iterator[Path]:
    for session in all_sessions():
        # A build's state may say anything.
        with suppress(BuilderError, TypeError):
            folder = folder_at(session.folder_location)
            if folder.is_dir() and not _is_ours(folder):
                yield folder
    with suppress(OSError):  # somebody has removed it
        if not _is_ours(Path.cwd()):
            yield Path.cwd()
    yield folder_at(f"~/{_NAME}")


def _is_ours(folder: Path) -> bool:
    """Say whether a folder is one of the program's own, or in one of them, by whichever name."""
    ours = [path.resolve() for path in (home(), program_folder())]
    return any(own in (folder.resolve(), *folder.resolve().parents) for own in ours)
