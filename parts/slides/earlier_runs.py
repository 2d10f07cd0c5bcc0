"""What earlier runs have left of a curriculum: which pictures are there, and what the records say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from course.curricula import Slide
from slides.manifest import BEING_SAVED, FLAWED, GOOD, MISSING, OK, UNPROVEN, Entry
from slides.pictures import Picture, newest_whole, pictures_in
from slides.png import flaw_of


def entries_from_earlier_runs(
    folder: Path,
    slides: Sequence[Slide],
    size: tuple[int, int],
    listed: Sequence[Entry],
    done: Mapping[str, str],
    allow_flawed: bool,
) -> list[Entry]:
    """Return the manifest's entries as they are before a run takes its first picture.

    Args:
        folder: the curriculum's.
        slides: in course order.
        size: width and height in pixels that a picture must have.
        listed: the entries of the manifest that is there; empty if there is none.
        done: the pictures by slide name that the progress file of an unfinished run lists. Older versions wrote their
            manifest only at the end.
        allow_flawed: keep a picture whose only fault is what the site did not deliver.
    """
    pictures = newest_whole(pictures_in(folder), size)
    by_name = {entry.slide.name: entry for entry in listed}
    entries = []
    for slide in slides:
        picture = pictures.get(slide.name)
        if picture is None:
            entries.append(Entry(slide, None, MISSING, None))
            continue
        is_done = done.get(slide.name) == picture.path.name
        status, error = _judge(picture, by_name.get(slide.name), is_done, allow_flawed)
        entries.append(Entry(slide, picture.path.name, status, error))
    return entries


def _judge(picture: Picture, listed: Entry | None, is_done: bool, allow_flawed: bool) -> tuple[str, str | None]:
    """Return status and error of a whole picture of the right size, the newest of its slide.

    Args:
        picture: the picture.
        listed: what the manifest says of the slide.
        is_done: whether a progress file lists the picture.
        allow_flawed: as for ``entries_from_earlier_runs``.
    """
    record = listed if listed is not None and listed.file == picture.path.name else None
    if record and record.error == BEING_SAVED:
        return OK, None  # it was proven before its run was killed
    if record and record.status not in GOOD:
        return FLAWED if record.status == FLAWED and allow_flawed else MISSING, record.error
    if flaw := flaw_of(picture.path):
        return FLAWED if allow_flawed else MISSING, flaw
    if record or is_done:
        return record.status if record else OK, None
    return _judge_unlisted(picture, listed.file if listed else None)


def _judge_unlisted(picture: Picture, listed_file: str | None) -> tuple[str, str | None]:
    """Return status and error of a picture that no record lists, beside the one that the manifest lists for its slide.

    A listed picture that is newer and not there was removed, or its run was killed before it was saved. What was wrong
    with the older one, nothing tells any more.
    """
    if listed_file and listed_file > picture.path.name and not (picture.path.parent / listed_file).exists():
        return MISSING, f"its newer picture {listed_file} is not there"
    return UNPROVEN, None
