"""Tells of the lists of positions that the scripts before this suite read: positions come from the course now."""

from __future__ import annotations

from pathlib import Path

from course.curricula import CURRICULA


def about_position_lists(folder: Path) -> str:
    """Return a sentence on the lists that are still in a folder, or nothing if there are none.

    Args:
        folder: where those scripts had them: the one of part 4.
    """
    names = [f"{each.folder}.json" for each in CURRICULA]
    there = [f"{folder.name}/{name}" for name in names if (folder / name).is_file()]
    if not there:
        return ""
    *others, last = there
    listed = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    return f"{listed} no longer read: positions come from the course."
