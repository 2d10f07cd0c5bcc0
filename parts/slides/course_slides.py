"""Decides which slides a curriculum has: those that the site lists, or the recorded ones if it lists none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from common.console import say, warn
from course.curricula import Curriculum, Slide, changes, recorded_slides
from course.languages import has_three_circles
from course.page import site_url

RECORDED = "curricula.json"
# How many of the slides that differ from the recorded course are named.
_MOST_NAMED = 8


def slides_of_course(
    listed: Mapping[str, Sequence[Slide]], curriculum: Curriculum, language_code: str
) -> tuple[Sequence[Slide], str]:
    """Return the slides of a curriculum, and where they were listed; warn if the site does not list them.

    Args:
        listed: what the site lists, by curriculum name.
        curriculum: which one.
        language_code: decides which recorded edition is used if the site lists nothing.
    """
    if curriculum.name in listed:
        return listed[curriculum.name], site_url()
    warn(f"the site does not list the slides of {curriculum.name}; taking {_edition(language_code)} instead.")
    return recorded_slides(curriculum, has_three_circles(language_code)), RECORDED


def _edition(language_code: str) -> str:
    return f"the {'three circles' if has_three_circles(language_code) else 'classic'} edition of {RECORDED}"


def say_changes(curriculum: Curriculum, slides: Sequence[Slide], language_code: str) -> None:
    """Say how the slides that the site lists of a curriculum differ from the recorded ones, if they do."""
    differences = changes(recorded_slides(curriculum, has_three_circles(language_code)), slides)
    if differences:
        say(f"{curriculum.folder}: the site's course differs from {_edition(language_code)}:")
    for what in ("new", "gone", "moved", "videos"):
        names = getattr(differences, what)
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            title = "other videos" if what == "videos" else what
            say(f"  {title}: {len(names)} ({', '.join(names[:_MOST_NAMED])}{more})")
