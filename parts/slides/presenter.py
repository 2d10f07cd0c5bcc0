"""All that is known about the course presenter: its addresses, its course data, and how it shows a slide.

The facts were read from the presenter's public source (front end built 2026-04) and
measured in headless Chromium 156. What happens inside the page is in ``presenter.js``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from selenium.common.exceptions import JavascriptException, WebDriverException

from common.errors import RemoteError
from common.retries import with_retries
from common.typed import advice
from course.curricula import Curriculum, Slide
from course.page import PresenterPage, presenter_page, site_url
from course.page_data import read_json
from course.page_files import PageFile, PageFiles
from slides.browser import Browser
from slides.fingerprint import ShownSlide, slide_in_browser

_LOAD_SECONDS = 30
# Seconds beyond the wait, in which the page goes to another slide and checks the rest after a fault.
_AFTER_WAIT = 10
# How many times a page is loaded to get a style sheet that did not come.
_LOADS_FOR_SHEETS = 3
# In seconds. The browser does not tell how long the site asks to wait.
_PAUSE_WHEN_TOO_MANY = 5.0
_SCRIPT = Path(__file__).with_name("presenter.js")


def slide_url(language_code: str, curriculum: Curriculum, session: int, key: str) -> str:
    """Return the address of one slide, in the form that the site has for screenshots."""
    query = urlencode(
        {"session": session, "type": curriculum.folder, "view": "slideshow", "screenshot": "", "slide": key}
    )
    return f"{site_url()}/{quote(language_code)}/presenter?{query}"


@dataclass(frozen=True)
class SlideFault:
    """Why the picture of a slide cannot be kept.

    Attributes:
        message: one phrase that names the culprit, e.g. ``picture …/qr.png did not load in 5 s``.
        tolerable: whether the slide is the right one and complete but for what the site does not deliver.
    """

    message: str
    tolerable: bool = False


@dataclass(frozen=True)
class Proof:
    """That a slide is still as it was when it was ready.

    Attributes:
        shown: what the page on show says of it; None if it does not say it.
        assets: the fixed addresses of pictures, icons and fonts that the page shows, as far as they are new in it.
    """

    shown: ShownSlide | None
    assets: frozenset[str] = frozenset()


class DoesNotFollow(Exception):
    """The page did not go to another slide when its address changed."""


class Presenter:
    """The presenter of one language, in one browser.

    Args:
        browser: the browser to use.
        language_code: as the site writes it.
        wait: how long a slide may take to become ready, in seconds.
        announce: is given one sentence before a page load is tried again.
    """

    def __init__(self, browser: Browser, language_code: str, wait: float, announce: Callable[[str], None]) -> None:
        self._browser = browser
        self._language_code = language_code
        self._wait = wait
        self._announce = announce
        self._curriculum: Curriculum | None = None
        self._loads_without_sheets = 0
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=_SCRIPT.read_text(encoding="utf-8"))

    def load(self, curriculum: Curriculum, session: int = 1, key: str = "") -> None:
        """Load the page at a slide's own address, and try again after errors that may pass.

        Raises:
            RemoteError: the site cannot be reached, answers with an error or in another language.
        """
        with_retries(lambda: self._load_once(curriculum, session, key), self._announce)

    def _load_once(self, curriculum: Curriculum, session: int, key: str) -> None:
        self._curriculum = None
        url = slide_url(self._language_code, curriculum, session, key)
        self._navigate(url)
        self._require_good_answer(url)
        served = self._call("served")
        if not served["presenter"]:
            raise RemoteError(f"There is no course presenter at {url}.", "Check ZUME_SITE_URL.")
        if served["language"] != self._language_code:
            raise RemoteError(
                f"The site does not serve the language {self._language_code}: it answers in {served['language']}.",
                "Check the language code.",
            )
        if not self._call("starts", _LOAD_SECONDS, seconds=_LOAD_SECONDS):
            raise RemoteError(f"{url} showed no slide in {_LOAD_SECONDS} s.", _check_again(), retryable=True)
        self._require_style_sheets(url)
        self._curriculum = curriculum

    def _require_style_sheets(self, url: str) -> None:
        """Load the page again while a style sheet is missing. If it never comes, only say so.

        Nothing tells which fonts it would have brought, so no slide can be called flawed for it.
        """
        missing = self._call("missingSheets")
        if not missing:
            self._loads_without_sheets = 0
            return
        self._loads_without_sheets += 1
        if self._loads_without_sheets < _LOADS_FOR_SHEETS:
            raise RemoteError(f"The style sheet {missing[0]} did not load at {url}.", _check_again(), retryable=True)
        if self._loads_without_sheets == _LOADS_FOR_SHEETS:
            for sheet in missing:
                self._announce(f"The style sheet {sheet} did not load: texts may be shown in another font.")

    def page(self) -> PresenterPage:
        """Return what the loaded page says of the course.

        Raises:
            RemoteError: its data is nested too deeply to be read.
        """
        try:
            said = read_json(self._call("page"))
        except RecursionError:
            # Without the cause, which has thousands of lines.
            raise RemoteError("The course data of the page cannot be read.", "Check ZUME_SITE_URL.") from None
        files = PageFiles(*(tuple(PageFile(**file) for file in said[kind]) for kind in ("sheets", "scripts")))
        return presenter_page(
            self._language_code,
            said["curricula"],
            said["items"],
            said["root"] or {},
            said["mirror"],
            said["address"],
            files,
        )

    def jump_to(self, curriculum: Curriculum, slide: Slide, tolerant: bool) -> SlideFault | None:
        """Go to a slide inside the loaded page, and wait until it is ready.

        Args:
            curriculum: the curriculum that the slide belongs to; the page is loaded if it shows another one.
            slide: the slide.
            tolerant: continue when the site does not deliver a font or picture; the fault is then tolerable.

        Returns:
            What is wrong, or None if the slide is ready.

        Raises:
            DoesNotFollow: the page stays at another slide.
            RemoteError: the page had to be loaded, and could not be.
        """
        if self._curriculum != curriculum:
            self.load(curriculum, slide.session, slide.key)
        return self._get_ready(curriculum, slide, "jump", tolerant)

    def load_slide(self, curriculum: Curriculum, slide: Slide, tolerant: bool) -> SlideFault | None:
        """Load a slide's own address, and wait until it is ready. Otherwise as ``jump_to``."""
        self.load(curriculum, slide.session, slide.key)
        return self._get_ready(curriculum, slide, "loaded", tolerant)

    def wait_again(self, curriculum: Curriculum, slide: Slide, tolerant: bool) -> SlideFault | None:
        """Wait until the slide on show is ready again, in the time that it has left. Otherwise as ``jump_to``."""
        return self._get_ready(curriculum, slide, "again", tolerant)

    def prove(self, curriculum: Curriculum, slide: Slide) -> Proof | None:
        """Return the proof that nothing on the slide has changed since it was ready, or None if something has."""
        answer = self._call("prove", _target(curriculum, slide))
        return Proof(slide_in_browser(answer["shown"]), frozenset(answer["assets"])) if answer else None

    def _get_ready(self, curriculum: Curriculum, slide: Slide, way: str, tolerant: bool) -> SlideFault | None:
        settings = {"language": self._language_code, "seconds": self._wait, "way": way, "tolerant": tolerant}
        try:
            answer = self._call("getReady", _target(curriculum, slide), settings, seconds=self._wait + _AFTER_WAIT)
        except JavascriptException as error:
            self._curriculum = None
            return SlideFault(f"the page failed ({(error.msg or '').splitlines()[0]})")
        if not answer["followed"]:
            self._curriculum = None
            raise DoesNotFollow
        fault = answer["fault"]
        if fault and fault.get("late"):
            # What did not come may delay the slides after this one, so the next one gets a new page.
            self._curriculum = None
        return SlideFault(fault["message"], bool(fault.get("tolerable"))) if fault else None

    def _navigate(self, url: str) -> None:
        try:
            in_time = self._browser.load(url, _LOAD_SECONDS)
        except WebDriverException as error:
            reason = next((word for word in (error.msg or "").split() if word.startswith("net::")), "")
            if not reason:
                raise
            raise RemoteError(
                f"The presenter at {site_url()} cannot be reached ({reason}).",
                "Check the internet connection and ZUME_SITE_URL.",
                retryable=True,
            ) from error
        if not in_time:
            raise RemoteError(f"{url} did not load in {_LOAD_SECONDS} s.", _check_again(), retryable=True)

    def _require_good_answer(self, url: str) -> None:
        status = self._browser.evaluate("performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0")
        if status == 404:
            raise RemoteError(
                f"The site has no page at {url} (404).",
                f"Check that the site serves the language {self._language_code}.",
            )
        if status >= 400:
            raise RemoteError(
                f"The site answered with an error ({status}) at {url}.",
                _check_again(),
                retryable=status == 429 or status >= 500,
                pause=_PAUSE_WHEN_TOO_MANY if status == 429 else None,
            )

    def _call(self, function: str, *arguments: object, seconds: float = 0.0) -> Any:
        """Return what a function of ``presenter.js`` returns, or what its promise resolves to in so many seconds."""
        texts = ", ".join(json.dumps(argument) for argument in arguments)
        return self._browser.evaluate(f"slideBuilder.{function}({texts})", seconds)


def _target(curriculum: Curriculum, slide: Slide) -> dict[str, object]:
    """Return a slide as ``presenter.js`` knows it."""
    return {"key": slide.key, "session": slide.session, "curriculum": curriculum.name, "folder": curriculum.folder}


def _check_again() -> str:
    return advice(
        "Run the same command again. With --missing-only it takes only what is missing.", "Run the same command again."
    )
