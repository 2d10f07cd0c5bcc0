"""Whether the browser has a font for the letters of a language, as it says itself."""

from __future__ import annotations

import pytest

from common.errors import BuilderError
from course.languages import all_languages
from slides import letters
from slides.capture import CaptureSettings, InPageNavigation, SlideCapturer
from slides.fonts import letters_of
from slides.letters import lacking_letters, require_letters

# Unicode keeps these for whoever wants them, so that no font of the system has them.
NOBODYS = ["\ue000", "\uf123"]


def test_letters_that_no_font_has_are_found_among_those_that_one_has(browser):
    assert lacking_letters(browser, ["a", NOBODYS[0], "ñ", NOBODYS[1]]) == NOBODYS


def test_this_machine_has_the_letters_of_every_language(browser):
    every = sorted({letter for language in all_languages() for letter in letters_of(language.code)})
    assert len(every) > 100
    assert lacking_letters(browser, every) == []


def test_without_letters_nothing_is_asked():
    assert lacking_letters(None, []) == []


def test_a_browser_that_lets_nobody_read_what_it_has_drawn_is_believed(browser):
    browser.evaluate("CanvasRenderingContext2D.prototype.getImageData = () => ({ data: [] }); 0")
    try:
        assert lacking_letters(browser, NOBODYS) == []
    finally:
        browser.load("about:blank", 5)
    assert lacking_letters(browser, NOBODYS) == NOBODYS


def test_a_browser_without_a_font_for_the_language_is_refused_before_the_first_picture(browser, monkeypatch):
    monkeypatch.setattr(letters, "letters_of", lambda code: NOBODYS if code == "hi" else ["a"])
    settings = CaptureSettings("hi", 600, 336, 5, 0, allow_flawed=True, tools=None)
    with browser.lent(), pytest.raises(BuilderError, match="no font with the letters \ue000\uf123") as refusal:
        SlideCapturer(settings, browser, InPageNavigation(), 0).start()
    assert "fonts-noto-core" in refusal.value.remedy
    assert "Windows" in refusal.value.remedy
    require_letters(browser, "es")
