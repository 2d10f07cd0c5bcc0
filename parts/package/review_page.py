"""Writes ``index.html``: a page to look through a language package without internet.

``review_page.html`` is its template. It includes ``review_page.css`` and ``review_page.js``: the page is one file.
Where something has changed, ``review_changes.html`` and ``review_changes.css`` are in it, too.

A trainer who opens it sees the course. What is for those who make the package is folded away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from common.console import counted
from common.templates import render
from common.version import VERSION
from course.languages import find_language, language_tag
from package.about import AboutPackage
from package.changed_tiles import changed_tiles, changed_videos
from package.changes import changes_in_words
from package.find_changes import NO_CHANGES, ShownChanges
from package.plan import PackagePlan, Place, about_missing_video
from package.thumbnails import ImageStats
from slides.about_pictures import about_unproven
from videos.files import sources_in_words
from videos.renditions import MIRROR

# How many changed slides are shown before the rest is folded.
_MOST_CHANGED = 12
# The folders of an absolute path, on any system; not those of an address or of a path in the package.
_FOLDERS = re.compile(r"(?<![\w:/\\.~-])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:'\"<>|]+[/\\])+")


def review_page(
    plan: PackagePlan,
    language_code: str,
    about: AboutPackage,
    image_stats: Mapping[str, ImageStats | None],
    suspects: Mapping[str, Sequence[str]],
    filled: Collection[str] = (),
    shown_changes: ShownChanges = NO_CHANGES,
) -> str:
    """Return the page: every curriculum, in course order; before it, folded, what has changed, is missing or suspect.

    Args:
        plan: the package.
        language_code: gives the title and the writing direction.
        about: what the package is.
        image_stats: what each place's picture is like, by the place's name; None where it cannot be decoded.
        suspects: what is suspect about places, by their names.
        filled: the names of places without a picture for which somebody has put one into the output.
        shown_changes: what has changed in the package.
    """
    gaps = [place for place in plan.gaps if place.name not in filled]
    missing = len(plan.video_troubles) + len(gaps)
    unproven = sum(place.is_unproven for place in plan.places)
    suspect = sum(place.name in suspects for place in plan.places)
    changes = shown_changes.changes
    return render(
        Path(__file__).with_name("review_page.html"),
        plan=plan,
        language_code=language_code,
        tag=language_tag(language_code),
        language=find_language(language_code),
        about=[f"{line}." for line in (about.course, about.made, about.origin) if line],
        image_stats=image_stats,
        suspects=suspects,
        filled=filled,
        gaps=gaps,
        missing=missing,
        summary=_summary(missing, suspect, unproven, changes.day if changes else ""),
        video_troubles=list(_video_troubles(plan)),
        command=_command(language_code),
        without_folders=without_folders,
        about_unproven=about_unproven,
        counted=counted,
        mirror=MIRROR,
        sources_in_words=sources_in_words,
        version=VERSION,
        changes=changes,
        changed_tiles=changed_tiles(plan, shown_changes),
        changed_videos=changed_videos(plan, shown_changes),
        changes_in_words=changes_in_words,
        most_shown=_MOST_CHANGED,
    )


def without_folders(text: str) -> str:
    """Return a text in which each absolute path is only the name of the file: the folders are somebody's own."""
    return _FOLDERS.sub("", text)


def _summary(missing: int, suspect: int, unproven: int, changed_on: str) -> str:
    """Return in a few words what there is to see for those who make the package."""
    counts = {"missing": missing, "to look at": suspect, "unproven": unproven}
    words = [f"{count} {what}" for what, count in counts.items() if count] or ["nothing is missing"]
    return ", ".join([*words, *([f"changed on {changed_on}"] if changed_on else [])])


def _video_troubles(plan: PackagePlan) -> Iterator[tuple[str, list[Place]]]:
    """Yield what is wrong with each video, and the places of one that is missing."""
    missing = {about_missing_video(number): number for number in plan.missing_videos}
    for trouble in plan.video_troubles:
        number = missing.get(trouble)
        places = [place for place in plan.places if number is not None and place.slide.video == number]
        yield (f"{trouble.removesuffix('.')}:" if places else trouble), places


def _command(language_code: str) -> str:
    """Return the command that makes the package again. The builder knows the folder, and others need not."""
    code = language_code if re.fullmatch(r"[\w-]+", language_code) else f'"{language_code}"'
    return f'python build.py --language {code} --folder "FOLDER"'
