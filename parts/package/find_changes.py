"""Finds what a new package changes for those who use it, as compared with the one that is published.

What counts is what is seen: a picture that was taken again and looks the same, a slide that only stands elsewhere, or a
video that only has another time is no change. What a record of an older version does not tell is not guessed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from common.formats import now
from common.workers import work_off
from course.curricula import Curriculum, Slide
from package.changes import PackageChanges, SlideChanges, VideoChanges, changes_in_words
from package.compare import Publication, relative
from package.plan import THUMBNAILS, VIDEOS, Place
from package.record import FileRecord, Stamp, digest_of, is_same, stamp_of
from slides.png import is_whole, without_flaw
from slides.same_picture import looks_the_same

_VIDEO = re.compile(rf"{VIDEOS}/([0-9]{{1,9}})\.mp4")


@dataclass(frozen=True)
class ShownChanges:
    """The changes that the new package shows: those of this run or, if there are none, those that are shown already.

    Attributes:
        changes: what has changed; None if there is nothing to show.
        before: what the small pictures of before are made from, by their paths below the output. A file of the output
            is taken as it is.
        are_new: whether this run makes them.
    """

    changes: PackageChanges | None = None
    before: Mapping[str, Path] = field(default_factory=dict)
    are_new: bool = False

    @property
    def news(self) -> str:
        """What this run changes, in words; empty if it changes nothing."""
        return changes_in_words(self.changes) if self.changes and self.are_new else ""


# The page of a package of which nothing is to be shown as changed.
NO_CHANGES = ShownChanges()


def thumbnail_of_before(folder: str, slide: Slide) -> str:
    """Return where the small picture of what a slide was like before is, below the output.

    Args:
        folder: the curriculum's.
        slide: as it was numbered before.
    """
    return f"{THUMBNAILS}/before/{folder}/{slide.position}.jpg"


def find_changes(publication: Publication, session_id: str | None) -> ShownChanges:
    """Return what the new package shows as changed; nothing is written.

    A package that is the first one changes nothing, and neither does a curriculum that it has for the first time.

    Args:
        publication: as ``prepare`` returned it.
        session_id: of the build that the run belongs to, or None.
    """
    found = {each: _slide_changes(publication, each) for each in _known_before(publication)}
    slides = {each.folder: changes for each, changes in found.items() if changes != SlideChanges()}
    changes = PackageChanges(now(), session_id, slides, _video_changes(publication))
    if not changes:
        return _shown_already(publication)
    before = {
        thumbnail_of_before(folder, slide): source
        for folder, each in slides.items()
        for slide in each.with_before
        if (source := _source_of_before(publication, folder, slide))
    }
    free = {name: source for name, source in before.items() if not _is_taken(name, publication)}
    return ShownChanges(changes, free, are_new=True)


def _shown_already(publication: Publication) -> ShownChanges:
    changes, output = publication.record.changes, publication.output
    if changes is None:
        return NO_CHANGES
    slides = [(folder, slide) for folder, each in changes.slides.items() for slide in each.with_before]
    names = publication.record.files.keys() & {thumbnail_of_before(folder, slide) for folder, slide in slides}
    there = {name: output / name for name in names if (output / name).is_file()}
    return ShownChanges(changes, there)


def _source_of_before(publication: Publication, folder: str, slide: Slide) -> Path | None:
    """Return the small picture that the page has shown for a slide, or else the picture itself, if it is there."""
    name = f"{THUMBNAILS}/{folder}/{slide.position}.jpg"
    thumbnail = publication.output / name
    if name in publication.record.files and thumbnail.is_file():
        return thumbnail
    return next((path for path in _pictures_before(publication, folder, slide) if is_whole(path)), None)


def _is_taken(name: str, publication: Publication) -> bool:
    """Say whether somebody has put a file into the output where a small picture, or its folder, would be."""
    path = PurePosixPath(name)
    return any(each.as_posix() in publication.foreign for each in (path, *path.parents))


# Slides


def _known_before(publication: Publication) -> Iterator[Curriculum]:
    """Yield the curricula of which it is known what the published package shows, and that this run makes again."""
    for curriculum in publication.plan.sequences:
        if publication.published[curriculum] and publication.record.slides.get(curriculum.folder):
            yield curriculum


def _slide_changes(publication: Publication, curriculum: Curriculum) -> SlideChanges:
    folder, plan = curriculum.folder, publication.plan
    before = {each.name: each for each in publication.record.slides[folder] if _was_shown(publication, folder, each)}
    after = {place.slide.name: place for place in plan.sequences[curriculum] if _is_shown(publication, place)}
    pairs = [(slide, after[name]) for name, slide in before.items() if name in after]
    results = work_off(lambda pair: _looks_other(publication, *pair), pairs, os.cpu_count() or 1)
    changed = {slide.name for (slide, _), looks_other in results if looks_other}
    return SlideChanges(
        changed=tuple(slide for slide in before.values() if slide.name in changed),
        new=tuple(place.slide for name, place in after.items() if name not in before),
        gone=tuple(slide for name, slide in before.items() if name not in after),
    )


def _was_shown(publication: Publication, folder: str, slide: Slide) -> bool:
    names = [f"{folder}/{slide.position}{ending}" for ending in (".png", ".mp4")]
    # One that somebody has put into a gap is in no record.
    return any(name in publication.record.files for name in names) or (publication.output / names[0]).is_file()


def _is_shown(publication: Publication, place: Place) -> bool:
    return place.file is not None or place.name in publication.filled


def _looks_other(publication: Publication, slide: Slide, place: Place) -> bool:
    """Say whether a slide looks other than before, as far as that is known.

    Args:
        publication: what is to be published.
        slide: as it was numbered before.
        place: where it is now.
    """
    picture = publication.shown_picture(place)
    recorded = _recorded_picture(publication, place.folder, slide)
    # What somebody has put into the output is no news to them.
    if picture is None or recorded is None or f"{place.name}.png" in publication.foreign:
        return False
    if recorded.source == relative(picture, publication.project) and recorded.source_stamp == stamp_of(picture):
        return False
    digest = _digest(picture)
    if recorded.stats and recorded.stats.digest == digest:
        return False
    for earlier in _pictures_before(publication, place.folder, slide):
        return not _look_alike(earlier, picture)
    # That it is another one is known all the same, if not how much it differs.
    return recorded.stats is not None


def _recorded_picture(publication: Publication, folder: str, slide: Slide) -> FileRecord | None:
    """Return what is recorded of the picture that a slide had; its small picture knows more of it."""
    files, name = publication.record.files, f"{folder}/{slide.position}"
    return files.get(f"{THUMBNAILS}/{name}.jpg") or files.get(f"{name}.png")


def _pictures_before(publication: Publication, folder: str, slide: Slide) -> list[Path]:
    """Return where the picture is that a slide had when the package was published, as far as it is still there."""
    recorded = _recorded_picture(publication, folder, slide)
    if recorded is None:
        return []
    name = f"{folder}/{slide.position}.png"
    published = [publication.output / name] if name in publication.record.files else []
    places = [*published, publication.project.path / recorded.source]
    return [path for path in places if _is_the_recorded(path, recorded)]


def _is_the_recorded(picture: Path, recorded: FileRecord) -> bool:
    """Say whether a picture is still the one of which a record tells: another may have got its name."""
    if recorded.stats:
        return _digest(picture) == recorded.stats.digest
    stamp = stamp_of(picture)
    return stamp is not None and stamp in (recorded.stamp, recorded.source_stamp)


def _digest(picture: Path) -> str:
    """Return a digest of what a picture shows; an empty text if it cannot be read."""
    try:
        return digest_of(without_flaw(picture.read_bytes()))
    except OSError:
        return ""


def _look_alike(one: Path, other: Path) -> bool:
    """Say whether nobody can tell two pictures from each other; no if one of them cannot be read."""
    try:
        return looks_the_same(other.read_bytes(), one, exactly=False)
    except OSError:
        return False


# Videos


def _video_changes(publication: Publication) -> VideoChanges:
    """Compare the videos of the curricula that the package had before."""
    shown = {
        place.video.number
        for curriculum, places in publication.plan.sequences.items()
        if publication.published[curriculum]
        for place in places
        if place.video
    }
    had = {number: _names_of_video(publication, number) for number in sorted(shown)}
    gone = filter(None, map(_VIDEO.fullmatch, publication.removed))
    return VideoChanges(
        replaced=tuple(number for number, names in had.items() if _is_replaced(publication, number, names)),
        new=tuple(number for number, names in had.items() if not names),
        gone=tuple(sorted(int(match[1]) for match in gone)),
    )


def _names_of_video(publication: Publication, number: int) -> list[str]:
    """Return where the published package has a video that this run may replace, below the output."""
    places = [
        f"{curriculum.folder}/{slide.position}.mp4"
        for curriculum in _known_before(publication)
        for slide in publication.record.slides[curriculum.folder]
        if slide.video == number
    ]
    return [name for name in (f"{VIDEOS}/{number}.mp4", *places) if name in publication.record.files]


def _is_replaced(publication: Publication, number: int, names: Sequence[str]) -> bool:
    """Say whether one of the places that have shown a video has shown another content.

    Args:
        publication: what is to be published.
        number: of the video.
        names: of the places, below the output.
    """
    source = publication.plan.videos[number].path
    # What somebody has changed stays as they left it. Mostly all places have the same file: it is compared once.
    ours = {publication.record.files[name].source_stamp: name for name in names if name not in publication.foreign}
    return any(_has_other_content(publication.output / name, stamp, source) for stamp, name in ours.items())


def _has_other_content(published: Path, stamp: Stamp | None, source: Path) -> bool:
    """Say whether a video is another than the one that was published.

    Args:
        published: the file in the output.
        stamp: of its original when it was published.
        source: the video now.
    """
    now_stamp = stamp_of(source)
    if stamp is None or now_stamp is None or stamp == now_stamp:
        return False
    if stamp.size != now_stamp.size:
        return True
    # A copy of the project may have other times. If the published file is not there any more, nobody knows.
    return published.is_file() and not is_same(published, source)
