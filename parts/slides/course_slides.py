"""Decides which slides a curriculum has: those that the site lists, or the recorded ones if it lists none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.console import say, warn
from course.curricula import Changes, Curriculum, Slide, changes, recorded_slides
from course.languages import has_three_circles
from course.page import site_url

RECORDED = "curricula.json"
# How many of the slides that differ from the recorded course are named.
_MOST_NAMED = 8


def slides_of_course(
    listed: Mapping[str, Sequence[Slide]], curriculum: Curriculum, language_code: str
) -> tuple[Sequence[Slide], str]:
    """Return the slides of a curriculum, and where they were listed.

    Args:
        listed: what the site lists, by curriculum name.
        curriculum: which one.
        language_code: decides which recorded edition is used if the site lists nothing.
    """
    three_circles = has_three_circles(language_code)
    recorded = recorded_slides(curriculum, three_circles)
    edition = f"the {'three circles' if three_circles else 'classic'} edition of {RECORDED}"
    if curriculum.name in listed:
        _say_changes(curriculum, changes(recorded, listed[curriculum.name]), edition)
        return listed[curriculum.name], site_url()
    warn(f"the site does not list the slides of {curriculum.name}; taking {edition} instead.")
    return recorded, RECORDED


def _say_changes(curriculum: Curriculum, differences: Changes, edition: str) -> None:
    """Say how the site's curriculum differs from the recorded one."""
    if differences:
        say(f"{curriculum.folder}: the site's course differs from {edition}:")
    for what in ("new", "gone", "moved", "videos"):
        names = getattr(differences, what)
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            title = "other videos" if what == "videos" else what
            say(f"  {title}: {len(names)} ({', '.join(names[:_MOST_NAMED])}{more})")
