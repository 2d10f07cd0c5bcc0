"""Reads the presenter's page over plain HTTP, so that the slides of a course are known before a browser is ready."""

from __future__ import annotations

from collections.abc import Sequence

from common.console import say
from common.errors import RemoteError
from course.curricula import Curriculum
from course.page import OtherLanguageError, PresenterPage, read_page, site_url


def page_of_course(language_code: str, curricula: Sequence[Curriculum]) -> PresenterPage | None:
    """Return the page of a language if it lists the slides of all curricula; else say why a browser has to be asked.

    A browser may see what cannot be read here: data that is no JSON, or a site that answers only browsers.

    Args:
        language_code: as the site writes it.
        curricula: those whose slides are needed.

    Raises:
        OtherLanguageError: the site answers in another language. A browser would be told the same.
    """
    try:
        page = read_page(language_code, say)
    except OtherLanguageError:
        raise
    except RemoteError as error:
        reason = error.message
    else:
        unlisted = [curriculum.name for curriculum in curricula if curriculum.name not in page.slides]
        if not unlisted:
            return page
        reason = f"The slides of {' and '.join(unlisted)} cannot be read from the page at {site_url()}."
    say(f"{reason} A browser is asked instead.")
    return None
