"""Names what a new package would lack that the published one shows: no package is replaced by a poorer one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from common.console import counted
from common.errors import BuilderError
from course.curricula import Curriculum
from package.compare import Publication
from package.plan import VIDEOS, Place


def refuse_losses(publication: Publication) -> None:
    """Make sure that the new package shows all that the published one shows, as far as the course still has it.

    Raises:
        BuilderError: it would not; each loss is named.
    """
    losses = [*_lost_videos(publication), *_lost_slides(publication)]
    if losses:
        raise BuilderError(
            "\n  ".join(["The package stays as it is, because the new one would lack what it has:", *losses]),
            "Run parts 2 and 3 to get it back, then run this part again. "
            f"If you want the poorer package anyway, move {publication.output} away first.",
        )


def _lost_slides(publication: Publication) -> Iterator[str]:
    for curriculum in publication.plan.curricula:
        shown = [place for place in publication.published[curriculum] if place.file]
        if shown and curriculum not in publication.plan.sequences:
            slides = counted(len(shown), "slide")
            yield f"{curriculum.folder}: all {slides}; the project has no manifest and no pictures of it."
        else:
            yield from _lost_places(publication, curriculum, shown)


def _lost_places(publication: Publication, curriculum: Curriculum, shown: Sequence[Place]) -> Iterator[str]:
    planned = publication.plan.sequences.get(curriculum, ())
    due = {place.slide.name for place in planned}
    there = {place.slide.name for place in planned if place.file or place.name in publication.filled}
    for place in shown:
        # A file that somebody has changed stays in the output anyway.
        is_kept = place.file is not None and place.file.target in publication.foreign
        if place.slide.name in due - there and not is_kept:
            yield f"{curriculum.folder}: {place.about}; the project has no picture of it any more."


def _lost_videos(publication: Publication) -> Iterator[str]:
    plan = publication.plan
    due = {place.slide.video for place in plan.places if place.slide.video is not None}
    ours = publication.record.files.keys() - publication.foreign
    for number in sorted(due - plan.videos.keys()):
        names = _names_that_show(publication, number)
        if any(name in ours and (publication.output / name).exists() for name in names):
            yield f"video {number}; the project has no file of it any more, or more than one."


def _names_that_show(publication: Publication, number: int) -> Iterator[str]:
    """Yield where in the output a video may stand: somebody may have removed it from one of its places."""
    yield f"{VIDEOS}/{number}.mp4"
    for curriculum in publication.plan.curricula:
        for place in publication.published[curriculum]:
            if place.video and place.video.number == number:
                yield f"{place.name}.mp4"
