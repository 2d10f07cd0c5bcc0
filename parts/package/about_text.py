"""Writes ``about-this-package.txt``: what a package is, in plain words, for whoever gets it without this program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from common.console import counted
from package.about import about_package
from package.compare import Publication
from package.plan import PAGE, SUMS, THUMBNAILS, VIDEOS, Place

# Older versions of Notepad show no other ends of lines; TextEdit shows all of them.
_END = "\r\n"
# Without this mark TextEdit, and older versions of Notepad, may take UTF-8 for something else.
_MARK = "\ufeff"


def about_text(publication: Publication, language_code: str, made_at: str) -> str:
    """Return the text.

    Args:
        publication: the package.
        language_code: as the site writes it.
        made_at: when the package was changed last, in UTC as ISO 8601; "" if that is not known.
    """
    parts = (_what_it_is(publication, language_code, made_at), _what_is_where(publication), _how_to_check(publication))
    return _MARK + "".join(line + _END for part in parts for line in part)


def _what_it_is(publication: Publication, language_code: str, made_at: str) -> Iterator[str]:
    about = about_package(publication.project, publication.whole, language_code, made_at)
    yield about.course
    yield ""
    yield "Slides and videos for trainers. None of it needs the internet."
    yield f"To look through it, open {PAGE}."
    yield ""
    if about.origin:
        yield f"{about.origin}."
    yield f"{about.made}."


def _what_is_where(publication: Publication) -> Iterator[str]:
    plan = publication.whole
    yield from _heading("What is in the folders")
    for curriculum, places in plan.sequences.items():
        yield _row(curriculum.folder, f"the course, {curriculum.title}: {_counts(publication, places)}")
    if videos := plan.videos.keys() | {place.video.number for place in plan.places if place.video}:
        yield _row(VIDEOS, f"{counted(len(videos), 'video')}, by their numbers in the course")
    yield _row(THUMBNAILS, f"small pictures for {PAGE}")
    yield ""
    yield "A file is named by its place in the course: the one with 1 is shown first."
    yield "It is a picture (.png) or a video (.mp4). Files that end in .pptx, if there are"
    yield "any, are the same slides for PowerPoint."


def _counts(publication: Publication, places: Sequence[Place]) -> str:
    videos = sum(place.video is not None for place in places)
    there = sum(place.file is not None or place.name in publication.filled for place in places)
    counts = [counted(there - videos, "picture"), counted(videos, "video")]
    if instead := sum(place.slide.video is not None and not place.video and place.file is not None for place in places):
        counts.append(f"{counted(instead, 'picture')} in the place of a video")
    return ", ".join([*counts, f"{len(places) - there} missing"] if there < len(places) else counts)


def _how_to_check(publication: Publication) -> Iterator[str]:
    if SUMS in publication.taken:
        return
    yield from _heading("Whether all of it has arrived")
    yield f"{SUMS} has a checksum of each file. To compare them, open a terminal in this"
    yield "folder, and type"
    yield ""
    yield f"  on Linux:  sha256sum -c {SUMS}"
    yield f"  on macOS:  shasum -a 256 -c {SUMS}"
    yield ""
    yield "Each file must be OK. If one is not, copy it again."


def _heading(text: str) -> tuple[str, ...]:
    return "", text, "-" * len(text), ""


def _row(folder: str, what: str) -> str:
    return f"{folder + '/':<12}{what}"
