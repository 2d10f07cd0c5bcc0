"""Says of which curricula a project has slides, and whether their pictures are still those that were taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from common.errors import BuilderError
from course.curricula import CURRICULA, Curriculum
from slides.causes import SlideTrouble, troubles_of
from slides.entry import FLAWED, GOOD
from slides.manifest import manifest_path, read_manifest
from slides.pictures import pictures_in
from slides.png import is_whole, size_of
from workspace.folders import Project


def curricula_there(project: Project) -> list[Curriculum]:
    """Return the curricula of which a project has a manifest or pictures."""
    return [
        curriculum
        for curriculum in CURRICULA
        if manifest_path(project, curriculum).exists() or pictures_in(project.path / curriculum.folder)
    ]


def keeps_flawed(project: Project) -> bool:
    """Say whether a project has flawed pictures that somebody has allowed, which older packages do not remember."""
    for curriculum in CURRICULA:
        with suppress(BuilderError):
            manifest = read_manifest(project, curriculum)
            if manifest and any(entry.status == FLAWED and entry.file for entry in manifest.entries):
                return True
    return False


def good_pictures(project: Project, curriculum: Curriculum, size: tuple[int, int], allow_flawed: bool) -> set[str]:
    """Return the names of the slides that need no new picture, as far as records and the headers of the files tell.

    Args:
        project: where the pictures are.
        curriculum: the curriculum.
        size: width and height of a good picture, in pixels.
        allow_flawed: whether a flawed picture is good enough.
    """
    folder = project.path / curriculum.folder
    named = {picture.slide_name: picture.path for picture in pictures_in(folder)}
    with suppress(BuilderError):
        manifest = read_manifest(project, curriculum)
        if manifest and manifest.entries:
            good = (*GOOD, FLAWED) if allow_flawed else GOOD
            named = {
                each.slide.name: folder / each.file for each in manifest.entries if each.file and each.status in good
            }
    return {name for name, path in named.items() if size_of(path) == size}


def why_slides_not_current(
    project: Project, curricula: Iterable[Curriculum], size: tuple[int, int], allow_flawed: bool
) -> str:
    """Return why slides have to be taken again, or an empty text if each one has a good picture.

    Args:
        project: where the pictures are.
        curricula: the curricula that are asked for.
        size: width and height of a good picture, in pixels.
        allow_flawed: whether a flawed picture is good enough.
    """
    good = (*GOOD, FLAWED) if allow_flawed else GOOD
    for curriculum in curricula:
        try:
            manifest = read_manifest(project, curriculum)
        except BuilderError as error:
            return error.message
        if manifest is None:
            return f"{curriculum.folder} has no manifest"
        for entry in manifest.entries:
            picture = project.path / curriculum.folder / (entry.file or "")
            if entry.status not in good or not is_whole(picture, size):
                return f"{curriculum.folder} has no good picture of {entry.slide.name}"
    return ""


def left_changed(project: Project, curricula: Sequence[Curriculum]) -> list[SlideTrouble]:
    """Return the slides that the site showed differently than their pictures, and that the last run has left.

    Nothing of a manifest that cannot be read.
    """
    found: list[SlideTrouble] = []
    for curriculum in curricula:
        with suppress(BuilderError):
            if manifest := read_manifest(project, curriculum):
                left = [entry for entry in manifest.entries if entry.slide.name in manifest.left_changed]
                found += troubles_of(curriculum, manifest.entries, left)
    return found
