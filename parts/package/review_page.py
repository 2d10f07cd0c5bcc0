"""Writes ``index.html``: a page to look through a language package without internet.

Its look is in ``review_page.css``, what it does in ``review_page.js``; both become part of the one file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from common.console import counted
from course.curricula import Curriculum
from course.languages import find_language
from package.compare import thumbnail_of
from package.plan import PackagePlan, Place
from package.thumbnails import ImageStats

_STYLE = Path(__file__).with_name("review_page.css")
_SCRIPT = Path(__file__).with_name("review_page.js")
# So that the text, which is English, reads well in a page from right to left.
_ENGLISH = 'lang="en" dir="ltr"'
_VIEWER = f"""<dialog aria-label="Viewer" lang="en">
<div class="stage" tabindex="-1" autofocus></div>
<footer><button class="back">back</button><button class="forth">next</button>
<span class="where"><bdi {_ENGLISH}></bdi></span><button class="close">close</button></footer>
</dialog>
"""


def review_page(
    plan: PackagePlan,
    language_code: str,
    image_stats: Mapping[str, ImageStats | None],
    suspects: Mapping[str, Sequence[str]],
    filled: Collection[str] = (),
) -> str:
    """Return the page: what is missing or suspect first, then every curriculum by session, in course order.

    Args:
        plan: the package.
        language_code: gives the title and the writing direction.
        image_stats: what each place's picture is like, by the place's name; None where it cannot be decoded.
        suspects: what is suspect about places, by their names.
        filled: the names of places without a picture for which somebody has put one into the output.
    """
    language = find_language(language_code)
    title = escape(f"{language.native_name} – {language.name}" if language else language_code)
    direction = language.direction if language else "ltr"
    files = _Files(image_stats, suspects, filled)
    sections = "".join(_section(curriculum, places, files) for curriculum, places in plan.sequences.items())
    return (
        f'<!doctype html>\n<html lang="{escape(language_code)}" dir="{direction}">\n<meta charset="utf-8">\n'
        '<meta name="generator" content="slide builder">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>\n{_text(_STYLE)}</style>\n"
        f"<header>\n<h1>{title}</h1>\n{_navigation(plan)}{_problems(plan, suspects, filled)}</header>\n"
        f"<main>\n{sections}</main>\n{_VIEWER}<script>\n{_text(_SCRIPT)}</script>\n</html>\n"
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _navigation(plan: PackagePlan) -> str:
    links = ""
    for curriculum, places in plan.sequences.items():
        videos = sum(place.video is not None for place in places)
        pictures = sum(place.item is not None for place in places) - videos
        counts = f"{curriculum.title}: {counted(pictures, 'picture')}, {counted(videos, 'video')}"
        links += f'<a href="#{curriculum.folder}"><bdi {_ENGLISH}>{escape(counts)}</bdi></a>\n'
    keys = "Click a picture to see it in full; the arrow keys go through the sequence."
    return f'<nav>\n{links}</nav>\n<p class="hint"><bdi {_ENGLISH}>{keys}</bdi></p>\n'


def _problems(plan: PackagePlan, suspects: Mapping[str, Sequence[str]], filled: Collection[str]) -> str:
    """Return the red part of the page; nothing if all is well."""
    missing = [_sentence(escape(sentence)) for sentence in plan.video_troubles]
    missing += [_sentence(f"{_link(place)}: no picture") for place in plan.gaps if place.name not in filled]
    suspect = [
        _sentence(f"{_link(place)}: {escape('; '.join(suspects[place.name]))}")
        for place in plan.places
        if place.name in suspects
    ]
    return _list("Missing", missing) + _list("Look at these", suspect)


def _list(heading: str, sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    return (
        f'<div class="problems">\n<h2><bdi {_ENGLISH}>{heading}: {len(sentences)}</bdi></h2>\n'
        f"<ul>\n{''.join(sentences)}</ul>\n</div>\n"
    )


def _sentence(content: str) -> str:
    return f"<li><bdi {_ENGLISH}>{content}</bdi></li>\n"


def _link(place: Place) -> str:
    name = f"{place.folder} · {place.slide.position} · {place.slide.key}"
    return f'<a href="#{_anchor(place)}">{escape(name)}</a>'


def _anchor(place: Place) -> str:
    return f"{place.folder}-{place.slide.position}"


@dataclass(frozen=True)
class _Files:
    """What the tiles show besides the plan; see ``review_page``."""

    image_stats: Mapping[str, ImageStats | None]
    suspects: Mapping[str, Sequence[str]]
    filled: Collection[str]

    def file(self, place: Place) -> str:
        """Return the file at a place, below the output; nothing for a gap."""
        if place.item:
            return place.item.target
        return f"{place.name}.png" if place.name in self.filled else ""


def _section(curriculum: Curriculum, places: Sequence[Place], files: _Files) -> str:
    parts = []
    for session, group in groupby(places, key=lambda place: place.slide.session):
        tiles = "".join(_tile(place, files) for place in group)
        parts.append(f'<h3><bdi {_ENGLISH}>Session {session}</bdi></h3>\n<div class="slides">\n{tiles}</div>\n')
    title = escape(curriculum.title)
    return (
        f'<section id="{curriculum.folder}" data-title="{title}">\n<h2><bdi {_ENGLISH}>{title}</bdi></h2>\n'
        f"{''.join(parts)}</section>\n"
    )


def _tile(place: Place, files: _Files) -> str:
    """Return one place: a picture that opens, a video that plays, or a gap."""
    slide, file = place.slide, files.file(place)
    reasons = files.suspects.get(place.name, ())
    key = escape(slide.key)
    caption = f"<b>{slide.position}</b> {key}"
    if file:
        caption = f'<a href="{file}">{caption}</a>'
    if place.video:
        caption += f'<span class="title"><bdi>{escape(place.video.title)}</bdi></span>'
    caption += "".join(f'<span class="reason"><bdi {_ENGLISH}>{escape(reason)}</bdi></span>' for reason in reasons)
    data = f' data-file="{file}"' if file else ""
    bad = "" if file and not reasons else " bad"
    content = _content(place, file, files.image_stats.get(place.name))
    return (
        f'<figure class="tile{bad}" id="{_anchor(place)}"{data} data-key="{key}" '
        f'data-place="session {slide.session} · {slide.position} · {key}">'
        f"{content}<figcaption>{caption}</figcaption></figure>\n"
    )


def _content(place: Place, file: str, stats: ImageStats | None) -> str:
    thumbnail = thumbnail_of(place)
    if not file:
        return '<div class="hole">missing</div>'
    if place.video:
        poster = f' poster="{thumbnail}"' if stats else ""
        return f'<video src="{file}"{poster} controls preload="none"></video>'
    if stats is None:
        return '<div class="hole">cannot be shown</div>'
    shape = f'width="{stats.width}" height="{stats.height}" decoding="async"'
    return f'<a href="{file}" tabindex="-1"><img src="{thumbnail}" {shape} alt="{escape(place.slide.key)}"></a>'
