"""Compares what a manifest says of a curriculum's pictures with what the presenter's page says of its slides today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from course.page import PresenterPage
from slides.entry import FLAWED, GOOD, Entry
from slides.fingerprint import ShownSlide, fingerprint, slides_of_page


@dataclass(frozen=True)
class SiteChanges:
    """How the course of the site departs from the pictures of a curriculum. Slides are given by their names.

    Attributes:
        missing: the slides of which the manifest has no good picture.
        new: the slides that the manifest does not know, in course order.
        gone: the slides that the manifest lists and the site no longer has.
        changed: the slides that the site shows differently than when their pictures were taken.
        unknown: the slides whose pictures have no fingerprint, so that nobody can say whether they have changed.
    """

    missing: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def site_changes(entries: Sequence[Entry], page: PresenterPage, curriculum: str) -> SiteChanges:
    """Compare the pictures of a curriculum with the course of the site.

    Args:
        entries: of the curriculum's manifest.
        page: the presenter's page of its language, which lists the curriculum.
        curriculum: the curriculum's name, e.g. ``ten_session``.
    """
    shown = slides_of_page(page, curriculum)
    known = {entry.slide.name for entry in entries}
    there = [entry for entry in entries if entry.slide.name in shown]
    with_picture = [entry for entry in there if has_good_picture(entry)]
    return SiteChanges(
        missing=_names(entry for entry in there if not has_good_picture(entry)),
        new=tuple(name for name in shown if name not in known),
        gone=_names(entry for entry in entries if entry.slide.name not in shown),
        changed=_names(entry for entry in with_picture if has_changed(entry, shown)),
        unknown=_names(entry for entry in with_picture if not entry.fingerprint),
    )


def has_good_picture(entry: Entry) -> bool:
    """Say whether a manifest lists a picture that can be used, even if the site did not deliver something on it."""
    return entry.file is not None and entry.status in (*GOOD, FLAWED)


def fingerprint_today(entry: Entry, shown: Mapping[str, ShownSlide]) -> str | None:
    """Return the fingerprint that a slide's picture would have if it was taken now, in the size that it has.

    Args:
        entry: of the slide, in a manifest.
        shown: what the site says of the curriculum's slides, by slide name.

    Returns:
        The fingerprint; None if the site does not have the slide, or the size is not known.
    """
    slide = shown.get(entry.slide.name)
    return fingerprint(slide, entry.width, entry.height) if slide and entry.width and entry.height else None


def has_changed(entry: Entry, shown: Mapping[str, ShownSlide]) -> bool:
    """Say whether the site shows a slide differently than when its picture was taken; no if that is not known.

    Args:
        entry: as for ``fingerprint_today``.
        shown: as for ``fingerprint_today``.
    """
    return entry.fingerprint is not None and entry.fingerprint != fingerprint_today(entry, shown)


def _names(entries: Iterable[Entry]) -> tuple[str, ...]:
    # A slide that is twice in a session is one.
    return tuple(dict.fromkeys(entry.slide.name for entry in entries))


def keys_of(names: Iterable[str]) -> list[str]:
    """Return the keys of slides by their names: ``t4_c`` for ``session_3_t4_c``."""
    return [name.split("_", 2)[2] for name in names]
