"""The texts of slides in a manifest: those of what was photographed, so that they say what the pictures show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from course.slide_texts import heading_and_text
from slides.entry import Entry
from slides.fingerprint import ShownSlide
from slides.site_changes import fingerprint_today


def texts_of(shown: ShownSlide | None) -> dict[str, Any]:
    """Return heading and text of a slide, as an entry has them.

    Args:
        shown: what the page said of the slide when its picture was taken, or None if it did not say it.
    """
    if shown is None:
        return {"heading": None, "text": None}
    texts = heading_and_text(shown.data, shown.video_title)
    return {"heading": texts.heading, "text": texts.text}


def with_texts(entries: Sequence[Entry], shown: Mapping[str, ShownSlide]) -> list[Entry]:
    """Return the entries with the texts of today's page, where none are recorded and these are as good as certain.

    They are if today's page would give the same picture. If a picture has no fingerprint, nobody can say that; then
    today's texts are the best that is known. The texts of a picture that shows something else stay unknown.

    Args:
        entries: of a curriculum's manifest.
        shown: what the page says of the curriculum's slides today, by slide name.
    """
    return [_with_texts(entry, shown) for entry in entries]


def _with_texts(entry: Entry, shown: Mapping[str, ShownSlide]) -> Entry:
    today = shown.get(entry.slide.name)
    if today is None or entry.heading is not None or entry.text is not None:
        return entry
    if entry.fingerprint is not None and entry.fingerprint != fingerprint_today(entry, shown):
        return entry
    return replace(entry, **texts_of(today))
