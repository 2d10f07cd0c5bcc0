"""A project and its folders: where they are, how they are made, and which of them are missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from common.errors import BuilderError
from common.files import make_folder
from course.curricula import CURRICULA


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

    def require(self) -> Project:
        """Return the project itself if its folder exists.

        Raises:
            BuilderError: there is no such folder.
        """
        if not self.path.is_dir():
            raise BuilderError(
                f"The project folder {self.path} does not exist.",
                "Check --project-path, or make the folder with: python parts/1-setup.py",
            )
        return self


def required_folders(project: Project) -> list[Path]:
    """Return the folders that a project must have before anything is downloaded into it."""
    return [project.videos, *(project.path / curriculum.folder for curriculum in CURRICULA)]


def create_folders(project: Project) -> list[Path]:
    """Make the missing folders, and return them.

    Raises:
        BuilderError: a folder cannot be made or written; the message names it.
    """
    made = []
    for folder in required_folders(project):
        if not folder.is_dir():
            make_folder(folder, "Choose another --folder.")
            made.append(folder)
        elif not os.access(folder, os.W_OK):
            raise BuilderError(f"{folder} cannot be written.", "Change its permissions, or choose another --folder.")
    return made


def missing_folders(project: Project) -> list[Path]:
    """Return the required folders that do not exist."""
    return [folder for folder in required_folders(project) if not folder.is_dir()]


def why_folders_missing(project: Project) -> str:
    """Return which required folder does not exist, as a reason to make it, or an empty text if all are there."""
    missing = missing_folders(project)
    return f"{missing[0]} is missing" if missing else ""
