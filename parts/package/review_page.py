"""Writes ``index.html``: a page to look through a language package without internet.

``review_page.html`` is its template. It includes ``review_page.css`` and ``review_page.js``: the page is one file.
Where something has changed, ``review_changes.html`` and ``review_changes.css`` are in it, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from common.console import counted
from common.templates import render
from common.version import VERSION
from course.languages import find_language
from package.changed_tiles import changed_tiles, changed_videos
from package.changes import changes_in_words
from package.find_changes import NO_CHANGES, ShownChanges
from package.plan import PackagePlan
from package.thumbnails import ImageStats
from slides.about_pictures import about_unproven
from videos.files import sources_in_words
from videos.renditions import MIRROR


def review_page(
    plan: PackagePlan,
    language_code: str,
    image_stats: Mapping[str, ImageStats | None],
    suspects: Mapping[str, Sequence[str]],
    filled: Collection[str] = (),
    shown_changes: ShownChanges = NO_CHANGES,
) -> str:
    """Return the page: what has changed, is missing or suspect first, then every curriculum, in course order.

    Args:
        plan: the package.
        language_code: gives the title and the writing direction.
        image_stats: what each place's picture is like, by the place's name; None where it cannot be decoded.
        suspects: what is suspect about places, by their names.
        filled: the names of places without a picture for which somebody has put one into the output.
        shown_changes: what has changed in the package.
    """
    return render(
        Path(__file__).with_name("review_page.html"),
        plan=plan,
        language_code=language_code,
        language=find_language(language_code),
        image_stats=image_stats,
        suspects=suspects,
        filled=filled,
        about_unproven=about_unproven,
        counted=counted,
        mirror=MIRROR,
        sources_in_words=sources_in_words,
        version=VERSION,
        changes=shown_changes.changes,
        changed_tiles=changed_tiles(plan, shown_changes),
        changed_videos=changed_videos(plan, shown_changes),
        changes_in_words=changes_in_words,
    )
