"""Finds the decks in a package that are older than the package, and says how to make new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import is_zipfile

from common.filesystem import visible
from common.typed import advice
from course.curricula import Curriculum
from package.record import RECORD_FILE
from workspace.folders import Project


def why_not_current(project: Project, curriculum: Curriculum, language_code: str) -> str:
    """Return why a curriculum's deck does not show the package as it is now, or nothing.

    A curriculum of which the package has nothing needs no deck.
    """
    folder, deck = project.output / curriculum.folder, project.output / curriculum.deck_name(language_code)
    if not folder.is_dir():
        return ""
    if not is_zipfile(deck):
        return f"there is no whole deck of {curriculum.folder}"
    if any(_time_of(source) > _time_of(deck) for source in _sources(folder)):
        return f"the package has changed since the deck of {curriculum.folder} was made"
    return ""


def why_decks_not_current(project: Project, curricula: Iterable[Curriculum], language_code: str) -> str:
    """Return why the decks have to be made again, or an empty text if each one is of the package as it is now."""
    return next(filter(None, (why_not_current(project, each, language_code) for each in curricula)), "")


def about_old_decks(project: Project, curricula: Iterable[Curriculum], language_code: str) -> list[str]:
    """Return a sentence for each kind of deck in a package that does not show the package as it is now.

    Args:
        project: with the package.
        curricula: whose decks to look at; those that are not in the package do not matter.
        language_code: names the decks.
    """
    there = [each for each in curricula if (project.output / each.deck_name(language_code)).exists()]
    old = [each.deck_name(language_code) for each in there if why_not_current(project, each, language_code)]
    left = [each.deck_name(language_code) for each in there if not (project.output / each.folder).is_dir()]
    sentences = [
        f"{name} was made from an older package: the one in {project.output} has no slides of it." for name in left
    ]
    if old:
        place = project.as_arguments(language_code)
        command = advice(f"python parts/5-decks.py {place}", "build.py --decks")
        sentences.append(f"Older than the package, or damaged: {', '.join(old)}. To make new decks: {command}")
    return sentences


def _sources(folder: Path) -> Iterator[Path]:
    """Yield the files and folders whose times show that a package has changed.

    Part 4 writes its record when it changes the package; others may change files, or a folder's list of them.
    """
    yield from (folder.parent / RECORD_FILE, folder)
    yield from visible(folder)


def _time_of(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
