"""What the presenter's page says about the site and the course, read over plain HTTP, without a browser.

The page also publishes keys of the site's own. Nothing but what is named here is taken from it, and no message
quotes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

from common.errors import RemoteError
from common.retries import with_retries
from course.curricula import CURRICULA, Slide
from course.languages import all_languages
from course.page_data import (
    find_literal,
    listed_course,
    listed_data,
    root_attributes,
    site_vimeo_ids,
    training_titles,
)
from course.page_files import PageFile, PageFiles, files_of_page

DEFAULT_SITE = "https://zume.training"
# Short, because the person who typed a code, or who asked for a check, waits for the answer.
_ANSWER_SECONDS = 5
# As long as a browser may take to load the page.
_PATIENT_SECONDS = 30
# Few, because what the page says is also recorded.
_TRIES = 2


class OtherLanguageError(RemoteError):
    """The site answers in another language than it was asked for."""


@dataclass(frozen=True)
class PresenterPage:
    """What the page of one language says of the course.

    Attributes:
        language_code: the language that it is in, as the site writes it.
        slides: by the curriculum's name, in course order; a curriculum that the page does not list is absent.
        vimeo_ids: the site's own Vimeo id of each course video, by number, where the page names exactly one. They
            were typed in by hand: an id may be wrong, and two numbers may have the same.
        mirror_url: where the mirror of the videos is, as the page says it, or "".
        data: all that the page says of each slide, in the order of ``slides``.
        video_titles: the titles that video slides show, by the ``alt_video_id`` in their data.
        lang, direction: the attributes ``lang`` and ``dir`` of ``<html>``, or "".
        address: which one really answered.
        style_sheets: the style sheets that the page names or holds, in page order.
        scripts: the script files that it names, in page order. Those that it holds are not among them: they have the
            nonce, keys and translations.
    """

    language_code: str
    slides: Mapping[str, tuple[Slide, ...]]
    vimeo_ids: Mapping[int, str]
    mirror_url: str
    data: Mapping[str, tuple[Mapping[str, Any], ...]] = field(repr=False)
    video_titles: Mapping[str, str]
    lang: str
    direction: str
    address: str = ""
    style_sheets: tuple[PageFile, ...] = ()
    scripts: tuple[PageFile, ...] = ()

    @property
    def video_numbers(self) -> tuple[int, ...]:
        """The numbers of the course videos that any curriculum shows, ascending."""
        return tuple(sorted({slide.video for slides in self.slides.values() for slide in slides if slide.video}))


def site_url() -> str:
    """Return the address of the presenter's site: ``ZUME_SITE_URL``, else the real one."""
    return (os.environ.get("ZUME_SITE_URL", "").strip() or DEFAULT_SITE).rstrip("/")


def read_page(language_code: str, announce: Callable[[str], None], *, patient: bool = True) -> PresenterPage:
    """Read the page of one language.

    Args:
        language_code: as the site writes it.
        announce: is given one sentence before the page is asked for again.
        patient: whether to wait for a slow answer, and to ask again after an error that may pass.

    Raises:
        OtherLanguageError: the site answers in another language.
        RemoteError: it cannot be reached, answers with an error, or the data of its page cannot be read.
    """
    url = _page_url(site_url(), language_code)
    seconds, tries = (_PATIENT_SECONDS, _TRIES) if patient else (_ANSWER_SECONDS, 1)
    text, address = with_retries(lambda: _fetched(url, seconds), announce, tries=tries)
    data = find_literal(text, "jsObject", dict) or {}
    _require_language(data.get("language"), language_code, url)
    return presenter_page(
        language_code,
        {curriculum.name: find_literal(text, curriculum.constant, list) for curriculum in CURRICULA},
        find_literal(text, "zumeTrainingItems", dict) or find_literal(text, "zumeTrainingItems", list),
        root_attributes(text),
        data.get("mirror_url"),
        address,
        files_of_page(text, address),
    )


def page_text(language_code: str) -> tuple[str, str]:
    """Return the page of one language as it is, asked for once, and the address that has answered.

    Raises:
        RemoteError: it cannot be reached, or answers with an error.
    """
    return _fetched(_page_url(site_url(), language_code), _ANSWER_SECONDS)


def presenter_page(
    language_code: str,
    listed: Mapping[str, object],
    items: object,
    root: Mapping[str, str],
    mirror_url: object,
    address: str,
    files: PageFiles,
) -> PresenterPage:
    """Return what a page says, however it was read. All of it may be missing, or anything.

    Args:
        language_code: the language that the page is in.
        listed: the page's sessions by the curriculum's name, see ``course.page_data.listed_course``.
        items: the page's training items.
        root: the attributes of its ``<html>``.
        mirror_url: where the mirror of the videos is.
        address: which one answered.
        files: the style sheets and scripts that the page names.
    """
    return PresenterPage(
        language_code=language_code,
        slides={name: tuple(slides) for name, slides in listed_course(listed).items()},
        vimeo_ids=site_vimeo_ids(listed),
        mirror_url=_printable(mirror_url),
        data=listed_data(listed),
        video_titles=training_titles(items if isinstance(items, dict | list) else {}),
        lang=root.get("lang", ""),
        direction=root.get("dir", ""),
        address=address,
        style_sheets=files.style_sheets,
        scripts=files.scripts,
    )


def site_languages() -> frozenset[str] | None:
    """Return the codes of all languages of the site, which is asked once; None if it does not answer."""
    return _languages_of(site_url())


@cache
def _languages_of(site: str) -> frozenset[str] | None:
    try:
        text, _ = _fetched(_page_url(site, "en"), _ANSWER_SECONDS)
    except RemoteError:
        return None
    listed = (find_literal(text, "jsObject", dict) or {}).get("zume_languages")
    # A list of the codes, or an object with an entry for each.
    codes = listed if isinstance(listed, list | dict) else ()
    return frozenset(code for code in codes if isinstance(code, str)) or None


def _page_url(site: str, language_code: str) -> str:
    return f"{site}/{quote(language_code, safe='')}/presenter?type=10"


def _fetched(url: str, seconds: float) -> tuple[str, str]:
    from course.page_fetch import fetch_page

    return fetch_page(url, seconds)


def _require_language(served: object, language_code: str, url: str) -> None:
    if not isinstance(served, str) or not served:
        raise RemoteError(f"The course data of {url} cannot be read.", "Check ZUME_SITE_URL.")
    if served != language_code:
        known = served in {language.code for language in all_languages()}
        raise OtherLanguageError(
            f"The site does not serve the language {language_code}: it answers in {served if known else 'another'}.",
            "Check the language code.",
        )


def _printable(value: object) -> str:
    """Return a text of the page that may be shown and sent; "" for anything else."""
    return value.strip() if isinstance(value, str) and value.strip().isprintable() else ""
