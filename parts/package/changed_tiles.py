"""Puts together what the section "Changed" of ``index.html`` shows."""

from __future__ import annotations

from dataclasses import dataclass

from course.curricula import Slide
from package.find_changes import ShownChanges, thumbnail_of_before
from package.plan import PackagePlan, Place

_WORDS_FOR_VIDEOS = {"replaced": "was replaced", "new": "is new", "gone": "is gone"}


@dataclass(frozen=True)
class ChangedTile:
    """One slide that has changed.

    Attributes:
        word: ``changed``, ``new`` or ``gone``.
        folder: of its curriculum.
        slide: as it was numbered when it changed.
        before: its small picture of before, below the output; empty if there is none.
        place: where it is now; None if it is gone.
    """

    word: str
    folder: str
    slide: Slide
    before: str
    place: Place | None


@dataclass(frozen=True)
class ChangedVideo:
    """One video that has changed.

    Attributes:
        number: in the course.
        words: what became of it.
        title: empty if it is not known.
    """

    number: int
    words: str
    title: str


def changed_tiles(plan: PackagePlan, shown: ShownChanges) -> list[ChangedTile]:
    """Return the slides that have changed, by curriculum: first those that look other than before, then new and gone.

    Args:
        plan: the package.
        shown: the changes that it shows.
    """
    if shown.changes is None:
        return []
    # Since it has changed, a slide may have moved.
    places = {(place.folder, place.slide.name): place for place in plan.places}
    tiles = []
    for folder, changes in shown.changes.slides.items():
        for word, slides in vars(changes).items():
            for slide in slides:
                before = thumbnail_of_before(folder, slide) if word != "new" else ""
                place = places.get((folder, slide.name)) if word != "gone" else None
                tiles.append(ChangedTile(word, folder, slide, before if before in shown.before else "", place))
    return tiles


def changed_videos(plan: PackagePlan, shown: ShownChanges) -> list[ChangedVideo]:
    """Return the videos that have changed.

    Args:
        plan: the package.
        shown: the changes that it shows.
    """
    if shown.changes is None:
        return []
    titles = {place.video.number: place.video.title for place in plan.places if place.video}
    return [
        ChangedVideo(number, _WORDS_FOR_VIDEOS[word], titles.get(number, ""))
        for word, numbers in vars(shown.changes.videos).items()
        for number in numbers
    ]
