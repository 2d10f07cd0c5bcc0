"""Names what a new package would lack that the published one shows: no package is replaced by a poorer one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from common.console import counted
from common.errors import BuilderError
from common.typed import advice
from course.curricula import Curriculum
from package.compare import Publication
from package.gaps import troubles_of_places
from package.plan import VIDEOS, Place
from slides.causes import named, number_of

# How many losses get a sentence of their own.
_MOST_SINGLE = 3


def refuse_losses(publication: Publication) -> None:
    """Make sure that the new package shows all that the published one shows, as far as the course still has it.

    Raises:
        BuilderError: it would not; each loss is named.
    """
    losses = [*_videos_told(publication), *_slides_told(publication)]
    if losses:
        again = advice(
            "Run parts 2 and 3 to get it back, then run the same command again.", "Another build may get it back."
        )
        raise BuilderError(
            "\n  ".join(["The package stays as it is, because the new one would lack what it has:", *losses]),
            f"{again} If you want the poorer package anyway, move {publication.output} away first.",
        )


def _slides_told(publication: Publication) -> Iterator[str]:
    """Yield a sentence for each slide that would be lost; if there are many, one for all of them."""
    lost: list[Place] = []
    for curriculum in publication.plan.curricula:
        shown = [place for place in publication.published[curriculum] if place.file]
        if shown and curriculum not in publication.plan.sequences:
            slides = counted(len(shown), "slide")
            yield f"{curriculum.folder}: all {slides}; the project has no manifest and no pictures of it."
        else:
            lost += _lost_places(publication, curriculum, shown)
    if len(lost) <= _MOST_SINGLE:
        yield from (f"{each.folder}: {each.about}; the project has no picture of it any more." for each in lost)
    else:
        missed = troubles_of_places(lost, publication.plan)
        yield f"{counted(number_of(missed), 'slide')}: {named(missed)}; the project has no pictures of them any more."


def _lost_places(publication: Publication, curriculum: Curriculum, shown: Sequence[Place]) -> Iterator[Place]:
    planned = publication.plan.sequences.get(curriculum, ())
    due = {place.slide.name for place in planned}
    there = {place.slide.name for place in planned if place.file or place.name in publication.filled}
    for place in shown:
        # A file that somebody has changed stays in the output anyway.
        is_kept = place.file is not None and place.file.target in publication.foreign
        if place.slide.name in due - there and not is_kept:
            yield place


def _videos_told(publication: Publication) -> Iterator[str]:
    """Yield a sentence for each video that would be lost; if there are many, one for all of them."""
    lost = list(_lost_videos(publication))
    if len(lost) <= _MOST_SINGLE:
        yield from (f"video {number}; the project has no file of it any more, or more than one." for number in lost)
    else:
        numbers = ", ".join(map(str, lost))
        yield f"videos {numbers}; the project has no files of them any more, or more than one of each."


def _lost_videos(publication: Publication) -> Iterator[int]:
    plan = publication.plan
    due = {place.slide.video for place in plan.places if place.slide.video is not None}
    ours = publication.record.files.keys() - publication.foreign
    for number in sorted(due - plan.videos.keys()):
        names = _names_that_show(publication, number)
        if any(name in ours and (publication.output / name).exists() for name in names):
            yield number


def _names_that_show(publication: Publication, number: int) -> Iterator[str]:
    """Yield where in the output a video may stand: somebody may have removed it from one of its places."""
    yield f"{VIDEOS}/{number}.mp4"
    for curriculum in publication.plan.curricula:
        for place in publication.published[curriculum]:
            if place.video and place.video.number == number:
                yield f"{place.name}.mp4"
