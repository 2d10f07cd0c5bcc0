"""How the presenter's page differs from what is recorded and expected: keys, types and fields, and no text of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from builds.answer_shapes import Shape
from builds.known_words import OTHER_NAME, SLIDE_TYPES, known_key, known_name
from common.console import counted
from course.curricula import CURRICULA, Changes, Curriculum, Slide, changes, edition_of, recorded_slides
from course.languages import all_languages, has_three_circles
from course.page_data import find_literal, listed_course, listed_data, root_attributes, site_vimeo_ids
from course.page_files import files_of_page
from videos.mirror import DEFAULT_MIRROR_URL

# What course/page_data.py and course/slide_texts.py read of a slide.
_EXPECTED = ("key", "type", "center", "left", "right", "menu", "alt_video_id")
_MOST_NAMES = 40
# Of the page's settings only the names of the fields; below them are words in the page's language.
_LEVELS_OF_SETTINGS = 1
_SETTINGS, _ITEMS = "jsObject", "zumeTrainingItems"


def about_page(language_code: str, text: str, address: str) -> list[str]:
    """Return lines about a page.

    Args:
        language_code: the language that was asked for.
        text: the page.
        address: which one answered.
    """
    settings = find_literal(text, _SETTINGS, dict)
    listed = {curriculum.name: find_literal(text, curriculum.constant, list) for curriculum in CURRICULA}
    items = find_literal(text, _ITEMS, dict) or find_literal(text, _ITEMS, list)
    course, data = listed_course(listed), listed_data(listed)
    lines = [f"size: {len(text.encode(errors='replace'))} bytes", *_constants(settings, items, listed)]
    lines += _about_settings(language_code, settings or {})
    lines += _about_html(text, address)
    for curriculum in CURRICULA:
        lines += _about_curriculum(language_code, curriculum, course.get(curriculum.name))
    slides = [slide for curriculum in CURRICULA for slide in data.get(curriculum.name, ())]
    lines += _about_types(slides)
    lines += _about_fields(slides)
    lines += _about_videos(course, listed)
    lines += ["", "Fields of the slides:", *_shape_of(slides)]
    lines += ["", f"Fields of {_SETTINGS}:", *_shape_of([settings] if settings else [], _LEVELS_OF_SETTINGS)]
    lines += ["", f"Fields of {_ITEMS}:", *_shape_of(_values(items))]
    return lines


def _constants(settings: object, items: object, listed: Mapping[str, object]) -> Iterator[str]:
    found = {_SETTINGS: settings, _ITEMS: items, **{each.constant: listed[each.name] for each in CURRICULA}}
    lacking = [name for name, value in found.items() if value is None]
    yield f"constants of the page that were read: {len(found) - len(lacking)} of {len(found)}"
    if lacking:
        yield f"constants that are lacking or cannot be read: {', '.join(lacking)}"


def _about_settings(language_code: str, settings: Mapping[str, Any]) -> Iterator[str]:
    served = settings.get("language")
    yield f"language: {'as asked for' if served == language_code else 'another one, or none'}"
    mirror = settings.get("mirror_url")
    if not isinstance(mirror, str) or not mirror.strip():
        yield "address of the mirror: none"
    else:
        is_known = mirror.strip().rstrip("/") == DEFAULT_MIRROR_URL.rstrip("/")
        yield f"address of the mirror: {'the known one' if is_known else 'another than the known one'}"
    codes = settings.get("zume_languages")
    if isinstance(codes, list | dict):
        site = {code for code in codes if isinstance(code, str)}
        ours = {language.code for language in all_languages()}
        lacking = sorted(ours - site)
        yield (
            f"languages of the site: {len(site)}; {len(site - ours)} of them are not in our list; "
            f"lacking of our list: {', '.join(lacking[:_MOST_NAMES]) or 'none'}"
        )


def _about_html(text: str, address: str) -> Iterator[str]:
    root = root_attributes(text)
    direction = root.get("dir", "")
    yield f"<html>: lang {'is there' if root.get('lang') else 'is lacking'}, dir {_direction(direction)}"
    files = files_of_page(text, address)
    sheets = [file for file in files.style_sheets if file.content is None]
    inside = len(files.style_sheets) - len(sheets)
    yield f"style sheets: {counted(len(sheets), 'file')}, and {inside} in the page itself"
    yield f"scripts: {counted(len(files.scripts), 'file')}"


def _direction(value: str) -> str:
    return value if value in ("ltr", "rtl") else "is another word" if value else "is lacking"


def _about_curriculum(language_code: str, curriculum: Curriculum, slides: Sequence[Slide] | None) -> Iterator[str]:
    if slides is None:
        yield f"{curriculum.name}: not on the page, or not as expected"
        return
    edition = edition_of(curriculum, slides)
    recorded = recorded_slides(curriculum, has_three_circles(language_code))
    sessions = len({slide.session for slide in slides})
    yield (
        f"{curriculum.name}: {counted(len(slides), 'slide')} in {counted(sessions, 'session')}, "
        f"edition {(edition or 'not to be told').replace('_', ' ')}; {len(recorded)} are recorded"
    )
    found = changes(recorded, slides)
    yield from _differences(found, {slide.key for slide in recorded}) if len(found) else ("  as recorded",)


def _differences(found: Changes, recorded: set[str]) -> Iterator[str]:
    for what in ("new", "gone", "moved", "videos"):
        names = [_name(name, recorded) for name in getattr(found, what)]
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            word = "with another video" if what == "videos" else what
            yield f"  {word} ({len(names)}): {', '.join(names[:_MOST_NAMES])}{more}"


def _name(name: str, recorded: set[str]) -> str:
    """Return the name of a slide, e.g. ``session_3_t4_c``, as far as its key may be told."""
    _, session, key = name.split("_", 2)
    return f"session_{session}_{known_key(key, recorded)}"


def _about_types(slides: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    types = Counter(_type(slide.get("type")) for slide in slides)
    told = [f"{kind} ({count})" for kind, count in sorted(types.items()) if kind in SLIDE_TYPES]
    yield f"types of slides: {', '.join(told) or 'none'}"
    unknown = [f"{kind} ({count})" for kind, count in sorted(types.items()) if kind not in SLIDE_TYPES]
    yield f"types that are unknown: {', '.join(unknown) or 'none'}"


def _type(value: object) -> str:
    if not isinstance(value, str) or not value:
        return "(none)"
    return value if value in SLIDE_TYPES else known_name(value)


def _about_fields(slides: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    seen = Counter(name for slide in slides for name in slide)
    videos = sum(1 for slide in slides if slide.get("type") == "video")
    lacking = []
    for name in _EXPECTED:
        expected = videos if name == "alt_video_id" else len(slides)
        if seen[name] < expected:
            lacking.append(f"{name} (in {expected - seen[name]} of {expected})")
    yield f"expected fields that are lacking: {', '.join(lacking) or 'none'}"
    others: Counter[str] = Counter()
    for name, count in seen.items():
        if name not in _EXPECTED:
            others[known_name(name)] += count
    told = [f"{name} ({count})" for name, count in sorted(others.items())]
    yield f"fields that this program does not read: {', '.join(told[:_MOST_NAMES]) or 'none'}"
    if OTHER_NAME in others:
        yield f"({OTHER_NAME} stands for names that are not told)"


def _about_videos(course: Mapping[str, Sequence[Slide]], listed: Mapping[str, object]) -> Iterator[str]:
    slides = [slide for each in course.values() for slide in each if slide.type == "video"]
    numbers = sorted({slide.video for slide in slides if slide.video is not None})
    without = sum(1 for slide in slides if slide.video is None)
    yield f"video slides: {len(slides)}, {without} of them without a number; numbers: {len(numbers)}"
    ids = site_vimeo_ids(listed)
    yield f"numbers with one Vimeo id: {len(ids)}; different ids: {len(set(ids.values()))}"


def _values(items: object) -> list[object]:
    return list(items.values()) if isinstance(items, dict) else items if isinstance(items, list) else []


def _shape_of(values: Iterable[object], deepest: int | None = None) -> list[str]:
    shape = Shape() if deepest is None else Shape(deepest)
    for value in values:
        shape.add(value)
    return [f"  {line}" for line in shape.lines()] or ["  none"]
