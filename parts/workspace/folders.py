"""A project and its folders: where they are, how they are made, and which of them are missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from common.errors import BuilderError
from common.files import file_in_the_way, make_folder
from common.filesystem import visible
from common.typed import advice
from course.curricula import CURRICULA
from course.languages import site_code


@dataclass(frozen=True)
class Project:
    """One language's folder."""

    path: Path

    @property
    def videos(self) -> Path:
        """The folder of the downloaded videos."""
        return self.path / "videos"

    @property
    def output(self) -> Path:
        """The folder of the finished sequences."""
        return self.path / "output"

    def as_arguments(self, language_code: str) -> str:
        """Return the arguments that name it to a part, as somebody can type them."""
        place = f'"{self.path}"' if " " in str(self.path) else self.path
        return f"--project-path {place} --language-code {language_code}"

    def require(self) -> Project:
        """Return the project itself if its folder exists.

        Raises:
            BuilderError: there is no such folder.
        """
        if file := file_in_the_way(self.path):
            raise BuilderError(
                f"{file} is a file, not a folder.",
                advice("Check --project-path: it is the folder of one language's package.", "Choose another --folder."),
            )
        if not self.path.is_dir():
            raise BuilderError(
                f"The project folder {self.path} does not exist.",
                advice(
                    "Check --project-path, or make the folder with: python parts/1-setup.py", "Do not skip the setup."
                ),
            )
        return self


def projects_of(folder: Path, language_code: str) -> list[Project]:
    """Return the projects of a language in a folder: the one named after its code, or after another of its names.

    Swahili's project may be ``sw/`` instead of ``swa/``: earlier versions named it so.

    Args:
        folder: holds the languages' projects. It may be missing.
        language_code: as the site writes it.

    Returns:
        Those that hold files first, then the one that is named after the site's code.
    """
    try:
        named = [path for path in visible(folder) if site_code(path.name) == language_code and path.is_dir()]
    except OSError:
        return []
    found = [Project(path) for path in named if is_project(path)]
    return sorted(found, key=lambda project: (_is_empty(project), project.path.name != language_code))


def is_project(folder: Path) -> bool:
    """Say whether a folder is a project: it has a curriculum's folder. ``videos/`` alone may be anything."""
    return any((folder / curriculum.folder).is_dir() for curriculum in CURRICULA)


def _is_empty(project: Project) -> bool:
    return not any(folder.is_dir() and visible(folder) for folder in required_folders(project))


def required_folders(project: Project) -> list[Path]:
    """Return the folders that a project must have before anything is downloaded into it."""
    return [project.videos, *(project.path / curriculum.folder for curriculum in CURRICULA)]


def create_folders(project: Project) -> list[Path]:
    """Make the missing folders, and return them.

    Raises:
        BuilderError: a folder cannot be made or written; the message names it.
    """
    made = []
    another = advice("Choose another --project-path.", "Choose another --folder.")
    for folder in required_folders(project):
        if not folder.is_dir():
            make_folder(folder, another)
            made.append(folder)
        elif not os.access(folder, os.W_OK):
            raise BuilderError(f"{folder} cannot be written.", f"Change its permissions. {another}")
    return made


def missing_folders(project: Project) -> list[Path]:
    """Return the required folders that do not exist."""
    return [folder for folder in required_folders(project) if not folder.is_dir()]


def why_folders_missing(project: Project) -> str:
    """Return which required folder does not exist, as a reason to make it, or an empty text if all are there."""
    missing = missing_folders(project)
    return f"{missing[0]} is missing" if missing else ""
