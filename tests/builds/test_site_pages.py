"""When a page that does not come is the fault of the whole site, and when it is not."""

from __future__ import annotations

import pytest

from builds import site_pages
from builds.site_pages import SitePages
from common.errors import BuilderError, RemoteError
from suite import NOWHERE


@pytest.fixture
def read(monkeypatch):
    """Reads pages of a site that gives some languages and not others; returns how each reading ended, and who asked."""
    asked = []

    def page(code, _announce):
        asked.append(code)
        if code.startswith("down"):
            raise RemoteError(f"The site answered with an error (503) at {code}.", retryable=True)
        if code.startswith("none"):
            raise RemoteError(f"The site does not serve the language {code}.")
        return code

    def read(*codes):
        asked.clear()
        pages, ends = SitePages(), []
        for code in codes:
            try:
                ends.append(pages.read(code))
            except BuilderError as error:
                ends.append(pages.error_of(error.message))
        return ends, [pages.error_of(end) for end in ends], asked

    monkeypatch.setattr(site_pages, "read_page", page)
    return read


def test_a_site_that_gives_no_page_is_asked_no_more_and_has_one_error(read):
    _, errors, asked = read("down1", "down2", "es", "fr")

    assert asked == ["down1", "down2"]
    assert len(set(errors)) == 1
    assert "gives no page. The site answered with an error (503) at down2." in errors[0]


@pytest.mark.parametrize("answered", ["es", "none"])
def test_a_site_that_has_answered_any_language_goes_on_being_asked(answered, read):
    ends, _, asked = read(answered, "down1", "down2", "down3", "fr")

    assert asked == [answered, "down1", "down2", "down3", "fr"]
    assert [end.rstrip(".")[-5:] for end in ends[1:4]] == ["down1", "down2", "down3"]
    assert ends[4] == "fr"


def test_one_language_alone_is_no_verdict_on_the_site(read):
    assert read("down1", "es")[0][1] == "es"


def test_where_nobody_answers_no_page_is_asked_for(read, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    pages = SitePages()
    pages.require_answer()

    with pytest.raises(BuilderError, match="cannot be reached"):
        pages.read("es")
    assert read()[2] == []
