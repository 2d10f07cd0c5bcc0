"""What earlier runs have left of a curriculum: which pictures are there, and what the records say of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from course.curricula import Slide
from slides.entry import BEING_SAVED, FLAWED, GOOD, MISSING, OK, UNPROVEN, Entry, without_picture
from slides.pictures import Picture, newest_whole, pictures_in, taken_at
from slides.png import flaw_of, is_whole, size_of


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
        listed: the entries of the manifest that is there, after those that it lists as gone; empty if there is none.
        done: the pictures by slide name that the progress file of an unfinished run lists. Older versions wrote their
            manifest only at the end.
        allow_flawed: keep a picture whose only fault is what the site did not deliver.
    """
    pictures = newest_whole(pictures_in(folder), size, {entry.previous for entry in listed if entry.previous})
    by_name = {entry.slide.name: _upgraded(entry) for entry in listed}
    entries = []
    for slide in slides:
        picture, record = pictures.get(slide.name), by_name.get(slide.name)
        if picture is None:
            entries.append(_without_good_picture(folder, slide, record))
            continue
        is_done = done.get(slide.name) == picture.path.name
        status, error = _judge(picture, record, is_done, allow_flawed)
        known = _known_about(picture, record or without_picture(slide), is_done)
        entries.append(replace(known, slide=slide, status=status, error=error, width=size[0], height=size[1]))
    return entries


def entries_of_gone_slides(folder: Path, slides: Iterable[Slide], listed: Sequence[Entry]) -> list[Entry]:
    """Return the entries of the slides that the course no longer has, as far as their pictures are still there.

    Args:
        folder: the curriculum's.
        slides: that the course has.
        listed: the entries of the manifest that is there, and those that it lists as gone.
    """
    names = {slide.name for slide in slides}
    gone = {entry.slide.name: _upgraded(entry) for entry in listed if entry.slide.name not in names}
    return [entry for entry in gone.values() if _is_there(folder, entry.file)]


def _upgraded(entry: Entry) -> Entry:
    """Return an entry with what schema 1 did not say: when we took a picture that it has proven."""
    if entry.file and not entry.taken_at and entry.status in (OK, FLAWED):
        return replace(entry, taken_at=taken_at(entry.file))
    return entry


def _without_good_picture(folder: Path, slide: Slide, record: Entry | None) -> Entry:
    """Return the entry of a slide that has no whole picture of the right size.

    A picture of another size stays listed as it is: whoever goes back to that size has it again.
    """
    if record is None or not (record.file or record.previous):
        return without_picture(slide)
    previous = record.previous if _is_there(folder, record.previous) else None
    if not record.file or not _is_there(folder, record.file):
        return replace(without_picture(slide), previous=previous)
    width, height = size_of(folder / record.file) or (None, None)
    known = replace(record, slide=slide, width=width, height=height, previous=previous)
    return known if is_whole(folder / record.file) else replace(known, status=MISSING, error="it is not whole")


def _known_about(picture: Picture, record: Entry, is_done: bool) -> Entry:
    """Return what the records know of a picture besides its status, and which one it has replaced."""
    name, folder = picture.path.name, picture.path.parent
    if record.file == name:
        return replace(record, previous=record.previous if _is_there(folder, record.previous) else None)
    is_ours = is_done or record.previous == name
    earlier = record.file if record.taken_at and _is_there(folder, record.file) else record.previous
    return Entry(
        record.slide,
        name,
        MISSING,
        None,
        taken_at=taken_at(name) if is_ours else None,
        previous=earlier if earlier != name and _is_there(folder, earlier) else None,
    )


def _is_there(folder: Path, name: str | None) -> bool:
    return name is not None and (folder / name).is_file()


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
    return _judge_unlisted(picture, listed) if listed else (UNPROVEN, None)


def _judge_unlisted(picture: Picture, listed: Entry) -> tuple[str, str | None]:
    """Return status and error of a picture that no record lists, beside the one that the manifest lists for its slide.

    A listed picture that is newer and not there was removed, or its run was killed before it was saved. What was wrong
    with the older one, nothing tells any more.
    """
    name, folder = picture.path.name, picture.path.parent
    is_older = listed.file is not None and (listed.file > name or listed.previous == name)
    if is_older and not _is_there(folder, listed.file):
        return MISSING, f"its newer picture {listed.file} is not there"
    # Of a flawed picture the manifest always names the file; if that is not believed, this may be it.
    return (MISSING, listed.error) if listed.status == FLAWED and not listed.file else (UNPROVEN, None)
