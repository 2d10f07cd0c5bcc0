"""What people are told, in one sentence each, of pictures that are there: which are not used, which nothing proves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from common.console import counted
from common.formats import each_once
from slides.causes import SlideTrouble, named, number_of
from slides.pictures import Picture, newest_whole, pictures_in
from slides.png import size_of

# How many slides one line names.
_MOST_NAMED = 10


def about_unproven(number: int) -> str:
    """Return a sentence that says what it means that so many pictures are unproven."""
    are, they_show = ("is", "it shows") if number == 1 else ("are", "they show")
    return f"{counted(number, 'picture')} {are} unproven: no record says what {they_show}."


def about_other_sizes(folder: Path, names: Collection[str], size: tuple[int, int]) -> str:
    """Return a sentence about the slides that are taken anew because their pictures have another size.

    Args:
        folder: the curriculum's.
        names: of the slides that have no picture of the right size; those that have none at all do not count.
        size: width and height in pixels that a picture must have.

    Returns:
        The sentence, or an empty text if there is no such picture.
    """
    pictures = newest_whole(picture for picture in pictures_in(folder) if picture.slide_name in names)
    sizes = Counter(found for picture in pictures.values() if (found := size_of(picture.path)) not in (None, size))
    if not sizes:
        return ""
    (most, often), *others = sizes.most_common()
    number = sizes.total()
    what = f"another size, {often} of them {_times(most)}" if others else _times(most)
    verb = "have" if others else "is" if number == 1 else "are"
    again = "it is" if number == 1 else "they are"
    return f"{counted(number, 'picture')} {verb} {what}; {again} taken anew at {_times(size)}."


def _times(size: tuple[int, int] | None) -> str:
    return " x ".join(map(str, size or ()))


def about_other_slides(pictures: Iterable[Picture], names: Collection[str]) -> str:
    """Return a sentence about the pictures of slides that are not in the course.

    Args:
        pictures: those of a curriculum.
        names: of the slides that it has.

    Returns:
        The sentence, or an empty text if there is no such picture.
    """
    others = [picture.slide_name for picture in pictures if picture.slide_name not in names]
    if not others:
        return ""
    slides = sorted(set(others))
    verb = "is" if len(others) == 1 else "are"
    of_what = "a slide" if len(slides) == 1 else "slides"
    return f"{counted(len(others), 'picture')} {verb} of {of_what} that the course no longer has: {_listed(slides)}"


def about_changed(keys: Sequence[str]) -> str:
    """Return a sentence about the slides that the site shows differently than when their pictures were taken.

    Args:
        keys: of the slides.

    Returns:
        The sentence, or an empty text if there is no such slide.
    """
    if not keys:
        return ""
    have, them = (
        ("has changed since its picture was", "it")
        if len(keys) == 1
        else ("have changed since their pictures were", "them")
    )
    return f"{counted(len(keys), 'slide')} {have} taken ({_listed(keys)}): --only-changed takes {them} again."


def about_left_changed(changed: Sequence[SlideTrouble]) -> str:
    """Return a sentence about such slides of several curricula; an empty text if there is none."""
    if not changed:
        return ""
    number = number_of(changed)
    have, them = (
        ("has changed on the site since its picture was", "it")
        if number == 1
        else ("have changed on the site since their pictures were", "them")
    )
    return f"{counted(number, 'slide')} {have} taken: {named(changed)}. --only-changed takes {them} again."


def about_new(keys: Sequence[str]) -> str:
    """Return a sentence about the slides that the site has and that have no picture yet; empty if there is none."""
    if not keys:
        return ""
    return f"{counted(len(keys), 'slide')} {'is' if len(keys) == 1 else 'are'} new on the site: {_listed(keys)}."


def about_gone(keys: Sequence[str]) -> str:
    """Return a sentence about the slides that the site no longer has; an empty text if there is none."""
    if not keys:
        return ""
    return f"{counted(len(keys), 'slide')} {'is' if len(keys) == 1 else 'are'} gone from the site: {_listed(keys)}."


def about_unknown(number: int) -> str:
    """Return a sentence about so many pictures without a fingerprint; an empty text if there is none."""
    if not number:
        return ""
    are, they, them = ("is", "it was", "it") if number == 1 else ("are", "they were", "them")
    return (
        f"{counted(number, 'picture')} {are} unknown: no record says what the site showed when {they} taken. "
        f"--only-changed takes {them} again."
    )


def _listed(keys: Sequence[str]) -> str:
    names = each_once(keys)
    unnamed = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {unnamed} more" if unnamed > 0 else "")
