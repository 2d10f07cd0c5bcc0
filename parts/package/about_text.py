"""Writes ``about-this-package.txt``: what a package is, in plain words, for whoever gets it without this program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone

from common.console import counted
from common.errors import BuilderError
from common.formats import is_moment
from common.version import VERSION
from course.curricula import Curriculum, edition_of
from course.languages import find_language
from package.compare import Publication
from package.plan import PAGE, SUMS, THUMBNAILS, VIDEOS, Place
from slides.manifest import read_manifest
from videos.files import sources_in_words

# Notepad before 2018 shows no other ends of lines, and TextEdit shows these too.
_END = "\r\n"
# Without this mark TextEdit, and Notepad before 2019, may take UTF-8 for something else.
_MARK = "\ufeff"
_EDITIONS = {"three_circles": "three circles", "classic": "classic"}


def about_text(publication: Publication, language_code: str, made_at: str) -> str:
    """Return the text.

    Args:
        publication: the package.
        language_code: as the site writes it.
        made_at: when the package was made, ISO 8601; "" if that is not known.
    """
    lines = [
        *_what_it_is(publication, language_code, made_at),
        *_what_is_where(publication),
        *_where_from(publication),
        *_how_to_check(publication),
    ]
    return _MARK + _END.join(lines) + _END


def _what_it_is(publication: Publication, language_code: str, made_at: str) -> Iterator[str]:
    language = find_language(language_code)
    title = f"The Zúme course in {language.name}" if language else f"The Zúme course, language {language_code}"
    yield from (title, "=" * len(title), "")
    yield "Slides and videos for trainers. None of it needs the internet."
    yield f"To look through it, open {PAGE}."
    yield ""
    yield f"Language:   {language.name if language else language_code}"
    if language and language.native_name != language.name:
        # On a line of its own: it may run from right to left.
        yield f"            {language.native_name}"
    if edition := _edition(publication):
        yield f"Edition:    {edition}"
    if is_moment(made_at):
        day = datetime.fromisoformat(made_at).astimezone(timezone.utc)
        yield f"Made on:    {day.day} {day:%B %Y}"
    yield f"Made with:  Zúme slide builder {VERSION}"


def _what_is_where(publication: Publication) -> Iterator[str]:
    plan = publication.whole
    yield from _heading("What is in the folders")
    for curriculum, places in plan.sequences.items():
        yield _row(f"{curriculum.folder}/", _counts(publication, curriculum, places))
    numbers = {place.video.number for place in plan.places if place.video} | plan.videos.keys()
    if numbers:
        yield _row(f"{VIDEOS}/", f"{counted(len(numbers), 'video')}, named by their numbers in the course")
    yield _row(f"{THUMBNAILS}/", f"small pictures for {PAGE}")
    yield ""
    yield "A file is named by its place in the course: 1.png is shown first. Where a"
    yield "number has an .mp4, a video is shown. Files whose names end in .pptx, if there"
    yield "are any, are the same slides as presentations for PowerPoint."


def _counts(publication: Publication, curriculum: Curriculum, places: list[Place]) -> str:
    videos = sum(place.video is not None for place in places)
    there = sum(place.file is not None or place.name in publication.filled for place in places)
    missing = f", {len(places) - there} missing" if there < len(places) else ""
    what = f"{counted(there - videos, 'picture')}, {counted(videos, 'video')}{missing}"
    return f"the course {_NAMES.get(curriculum.name, f'in {curriculum.title}')}: {what}"


_NAMES = {"intensive_session": "as an intensive course"}


def _where_from(publication: Publication) -> Iterator[str]:
    sites = sorted({site for curriculum in publication.whole.sequences if (site := _site(publication, curriculum))})
    sources = sources_in_words(publication.whole.videos_by_source)
    if not sites and not sources:
        return
    yield from _heading("Where it came from")
    if sites:
        yield f"Slides:     {', '.join(sites)}"
    if sources:
        yield f"Videos:     {sources}"


def _how_to_check(publication: Publication) -> Iterator[str]:
    if SUMS in publication.taken:
        return
    yield from _heading("How to check that nothing is missing or damaged")
    yield "Open a terminal in this folder, and type"
    yield ""
    yield f"  on Linux:   sha256sum -c {SUMS}"
    yield f"  on macOS:   shasum -a 256 -c {SUMS}"
    yield ""
    yield "Each file must be OK. If one is not, copy it again."


def _heading(text: str) -> tuple[str, ...]:
    return "", text, "-" * len(text), ""


def _row(folder: str, what: str) -> str:
    return f"{folder:<12}{what}"


def _edition(publication: Publication) -> str:
    """Return the edition in words, "" if the slides do not tell it."""
    for curriculum, places in publication.whole.sequences.items():
        if edition := edition_of(curriculum, (place.slide for place in places)):
            return _EDITIONS[edition]
    return ""


def _site(publication: Publication, curriculum: Curriculum) -> str:
    """Return the site that the slides of a curriculum came from, "" if no manifest tells it."""
    with suppress(BuilderError):
        manifest = read_manifest(publication.project, curriculum)
        if manifest and manifest.site.startswith("http"):
            return manifest.site
    return ""
