"""What the stand-in presenter's page says about itself: its global constants, as the page has them in a script."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from markupsafe import Markup

from course.curricula import CURRICULA
from course.languages import Language, all_languages
from demo.course import CourseChanges, CourseSlide, course, words_of
from demo.presenter_settings import PresenterSettings
from demo.vimeo_videos import StoredVideo

SITE_API_KEY: Final = "the-sites-own-key-0000"
"""The key to Vimeo that the site has for itself and shows to everybody; nobody else may use it, print it or keep it."""

Slides = list[list[dict[str, object]]]


def known_codes(settings: PresenterSettings) -> list[str]:
    """Return the codes of all languages that the site knows."""
    return sorted({*settings.languages, *(language.code for language in settings.more_languages)})


def constants(
    language: Language, settings: PresenterSettings, host: str, mirror: str, texts: Mapping[str, str]
) -> dict[str, object]:
    """Return the page's global constants.

    Args:
        language: whose page it is.
        settings: how the page departs from a good one.
        host: scheme, name and port of the host of pictures.
        mirror: the address of the mirror, which ends in a slash; "" leaves it out.
        texts: by slide key, what stands in the place of the slide's own text.
    """
    words = words_of(language)
    page: dict[str, object] = {
        "nonce": secrets.token_hex(5),
        "language": language.code,
        "zume_languages": known_codes(settings),
        "translations": {
            "session": words.session,
            "video": words.video,
            "next": words.next,
            "previous": words.previous,
        },
        "pictures_url": f"{host}/pictures/",
        "icons_url": "/icons/",
        "fixed_url": "/fixed/",
        "player_url": "/iframe-that-never-loads",
    }
    if mirror:
        page["mirror_url"] = mirror
    api = {"zume_vimeo_api_key": SITE_API_KEY}
    sessions = _sessions(language, settings, texts)
    items = {"zumeTrainingItems": _training_items(sessions, settings)}
    if settings.sessions_constant_missing:
        # The page still works, but nothing outside it knows where its course data is now.
        page["sessions"] = {curriculum.folder: sessions[curriculum.constant] for curriculum in CURRICULA}
        return {"jsObject": page, "zumeApiShare": api, **items}
    return {"jsObject": page, "zumeApiShare": api, **sessions, **items}


def _training_items(sessions: Mapping[str, Slides], settings: PresenterSettings) -> dict[str, dict[str, object]]:
    """Return what the page says of each course video, by number; as a rule, that is not its title."""
    titles = {str(number): {"title_en": title} for number, title in settings.video_titles.items()}
    slides = (slide for content in sessions.values() for session in content for slide in session)
    numbers = {str(slide["alt_video_id"]) for slide in slides if "alt_video_id" in slide}
    return {number: {"key": number, **titles.get(number, {})} for number in sorted(numbers, key=int)}


def as_script(values: Mapping[str, object], settings: PresenterSettings) -> Markup:
    """Write constants as a script, one a line, as the page does: ``const jsObject = [{...}][0];``."""
    lines = [f"const {name} = [{_literal(value, settings)}][0];" for name, value in values.items()]
    return Markup("\n".join(lines))


def _literal(value: object, settings: PresenterSettings) -> str:
    """Write a value so that it cannot end the script element; letters stay as they are, for size."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    if settings.garbled_data == "trailing_comma":
        return f"{text[:-1]},{text[-1]}"
    if settings.garbled_data == "javascript":
        return f"JSON.parse({json.dumps(text, ensure_ascii=False)})"
    return text


def _sessions(language: Language, settings: PresenterSettings, texts: Mapping[str, str]) -> Mapping[str, Slides]:
    """Return the sessions of each curriculum, by the page's constant for it."""
    three_circles = language.three_circles if settings.edition is None else settings.edition == "three_circles"
    changes = CourseChanges(
        extra_slide=settings.extra_slide,
        removed_slides=frozenset({settings.removed_slide} if settings.removed_slide else ()),
        short_course=settings.short_course,
        short_sessions=settings.short_sessions,
        more_videos=tuple(settings.more_videos),
    )
    sessions = {
        name: [[_with_text(slide, texts).page_data() for slide in session] for session in content]
        for name, content in course(language, three_circles, changes).items()
    }
    for slide in (slide for content in sessions.values() for session in content for slide in session):
        slide.update({"restless": True} if slide["key"] in settings.never_settles else {})
        slide.update({"blank": True} if slide["key"] in settings.blank else {})
        number = slide.get("alt_video_id")
        player = _player(language, number, settings) if isinstance(number, int) else ""
        slide.update({"center": [player]} if player else {})
    return sessions


def _with_text(slide: CourseSlide, texts: Mapping[str, str]) -> CourseSlide:
    """Return a slide with the text that stands in the place of its own, if there is such."""
    return replace(slide, text=(texts[slide.key],)) if slide.key in texts else slide


def _player(language: Language, number: int, settings: PresenterSettings) -> str:
    """Return the address of the Vimeo video that a slide shows, or "" for none."""
    shown = settings.site_video_ids.get(number)
    if shown is None:  # Vimeo's stand-in has no videos of a language that only the site knows
        shown = str(StoredVideo(language, number).id) if language in all_languages() else ""
    return f"https://player.vimeo.com/video/{shown}?badge=0&autopause=0&player_id=0" if shown.isdigit() else shown
