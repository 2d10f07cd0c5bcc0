"""What a build will need: how much it downloads, how many pictures it takes, and how long that lasts, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from builds.session import BuildSession
from cli.options import SLIDES
from common.console import counted, say
from common.errors import RemoteError
from common.formats import file_size
from course.curricula import Slide, curricula_named, recorded_slides
from course.languages import has_three_circles
from course.page import read_page
from slides.current import good_pictures

if TYPE_CHECKING:
    from videos.download_sizes import DownloadSizes

# In megabits a second, as connections are sold. Nobody knows the real one before.
_RATE = 10
# Measured with one browser on two cores and pictures of full size: tests/benchmarks/slides.py.
_SECONDS_A_SLIDE, _BYTES_A_SLIDE, _FULL_SIZE = 0.11, 300_000, 3000 * 1680


def needs_in_words(session: BuildSession, sizes: DownloadSizes | None, why_unknown: str) -> list[str]:
    """Return what a build will need, a line each for the videos, the pictures and both; nothing where it makes neither.

    The site is asked which slides there are. What cannot be found out is said, and is no failure.

    Args:
        session: the build. What its package has already does not count.
        sizes: what it would download, with the quality that it has among them; None if it downloads nothing or if that
            is not known.
        why_unknown: in the second case, why.
    """
    lines, size, seconds = [], 0, 0.0
    if sizes:
        name = sizes.name_of(session.option("quality"))
        size += sizes.by_quality[name]
        seconds += size * 8 / (_RATE * 1e6)
        lasts = f", {_minutes(seconds)} at {_RATE} megabits a second" if size else ""
        nothing = "nothing to download" if not sizes.unknown[name] else ""
        lines.append(f"Videos    {(not size and nothing) or sizes.one_in_words(name)}{lasts}")
    elif why_unknown:
        lines.append(f"Videos    not known: {why_unknown.splitlines()[0]}")
    if SLIDES in session.ahead:
        slides = slides_to_take(session)
        pictures = slides * _bytes_of_picture(session)
        lines.append(f"Pictures  {''.join(_pictures_in_words(session, slides, pictures))}")
        size, seconds = size + pictures, seconds + slides * _SECONDS_A_SLIDE
    if len(lines) == 2 and sizes and size:
        lines.append(f"Together  {file_size(size)}, {_minutes(seconds)}")
    return lines


def _pictures_in_words(session: BuildSession, slides: int, size: int) -> Iterator[str]:
    if slides:
        lasts = _minutes(slides * _SECONDS_A_SLIDE)
        yield f"{counted(slides, 'slide')}, {file_size(size)}, {lasts} with 2 cores"
    else:
        yield "all are there"
    if session.option("only_changed"):
        yield "; and those that have changed on the site"


def slides_to_take(session: BuildSession) -> int:
    """Return how many slides of a build's curricula have no good picture of the right size yet."""
    listed = _listed(session.language_code)
    size = (session.option("width"), session.option("height"))
    count = 0
    for curriculum in curricula_named(session.option("curriculum")):
        recorded = recorded_slides(curriculum, has_three_circles(session.language_code))
        there = good_pictures(session.project, curriculum, size, session.option("allow_flawed"))
        count += sum(slide.name not in there for slide in listed.get(curriculum.name) or recorded)
    return count


def _listed(language_code: str) -> Mapping[str, Sequence[Slide]]:
    """Return the slides that the site lists, by curriculum; nothing where it does not tell: they are also recorded."""
    try:
        return read_page(language_code, say, patient=False).slides
    except RemoteError:
        return {}


def _bytes_of_picture(session: BuildSession) -> int:
    return _BYTES_A_SLIDE * int(session.option("width")) * int(session.option("height")) // _FULL_SIZE


def _minutes(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    if minutes < 2:
        return "about a minute" if seconds > 30 else "less than a minute"
    return f"about {minutes} minutes" if minutes < 120 else f"about {round(minutes / 60)} hours"
