"""Takes pictures of slides: shows each slide, and proves that it is the right one and that it is ready."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from common.console import say
from course.curricula import Curriculum, Slide
from course.page import PresenterPage
from slides.browser import Browser
from slides.chrome import Tools
from slides.fingerprint import ShownSlide
from slides.letters import require_letters
from slides.presenter import DoesNotFollow, Presenter, SlideFault

# How many jumps in a row the page may ignore before every slide is loaded separately.
_MOST_IGNORED = 2
# How many pictures are taken at most until two in a row are equal.
_COMPARED = 5


@dataclass(frozen=True)
class CaptureSettings:
    """What the pictures must be like, and which browsers take them.

    Attributes:
        language_code: as the site writes it.
        width, height: in pixels.
        wait: how long a slide may take to become ready, in seconds.
        settle: an extra pause before each picture, in seconds.
        allow_flawed: keep a slide whose only fault is a font or picture that the site does not deliver.
        tools: the browser and driver, if they are known; None with a grid.
        grid_urls: the addresses of Selenium Grids or other W3C remote ends; empty for browsers on this machine.
        find_tools: looks for browser and driver, when a browser of this machine is needed and they are not known.
    """

    language_code: str
    width: int
    height: int
    wait: float
    settle: float
    allow_flawed: bool
    tools: Tools | None
    grid_urls: tuple[str, ...] = ()
    find_tools: Callable[[], Tools] | None = None

    @cached_property
    def found_tools(self) -> Tools | None:
        """The browser and driver, which are looked for once; None with a grid.

        Raises:
            BuilderError: there are none.
        """
        return self.find_tools() if self.tools is None and self.find_tools else self.tools

    @property
    def which_browsers(self) -> str:
        """What takes the pictures: a browser and its driver, or the addresses of a grid."""
        return ",".join(self.grid_urls) or str(self.found_tools)


@dataclass(frozen=True)
class Screenshot:
    """A picture of the right slide, taken when it was ready. Its pixels have not been checked yet.

    Attributes:
        png: the picture.
        flaw: what the site did not deliver, or None.
        shown: what the page said of the slide; None if it did not say it.
        assets: the fixed addresses of pictures, icons and fonts that the page shows, as far as they are new in it.
    """

    png: bytes
    flaw: str | None
    shown: ShownSlide | None
    assets: frozenset[str] = frozenset()


@dataclass
class InPageNavigation:
    """Whether the loaded page can go from slide to slide. What one capturer finds out holds for all."""

    allowed: bool = True

    def forbid(self) -> None:
        """Make all capturers load each slide separately from now on."""
        if self.allowed:
            self.allowed = False
            say("The page does not go from slide to slide, so each slide is now loaded separately. This is slower.")


class SlideCapturer:
    """Takes pictures with one browser.

    Args:
        settings: what the pictures must be like.
        browser: not started yet.
        navigation: shared by all capturers.
        slot: its number among the pool's capturers.

    Attributes:
        slot: as given.
        taken: how many pictures were taken.
    """

    def __init__(self, settings: CaptureSettings, browser: Browser, navigation: InPageNavigation, slot: int) -> None:
        self.slot = slot
        self._settings = settings
        self._browser = browser
        self._navigation = navigation
        self._ignored_jumps = 0
        self.taken = 0

    def start(self) -> None:
        """Start the browser.

        Raises:
            BuilderError: it does not start, or has no font for the language.
            BREAKDOWN: it broke down right after.
        """
        self._browser.start()
        require_letters(self._browser, self._settings.language_code)
        self._presenter = Presenter(self._browser, self._settings.language_code, self._settings.wait, say)

    def close(self) -> None:
        """End the browser, also while it is still starting."""
        self._browser.close()

    def page(self, curriculum: Curriculum) -> PresenterPage:
        """Load a curriculum's page and return what it says of the course.

        Raises:
            BuilderError: the site does not give the page.
        """
        self._presenter.load(curriculum)
        return self._presenter.page()

    def capture(self, curriculum: Curriculum, slide: Slide, second_try: bool) -> Screenshot | SlideFault:
        """Take a picture of a slide.

        Args:
            curriculum: the curriculum that the slide belongs to.
            slide: the slide.
            second_try: whether to load the slide's own address and insist on two equal pictures.

        Raises:
            RemoteError: the site does not give the page.
            BREAKDOWN: the browser is broken.
        """
        self.taken += 1
        tolerant = second_try and self._settings.allow_flawed
        fault = self._show_slide(curriculum, slide, second_try, tolerant)
        while not fault or fault.tolerable:
            time.sleep(self._settings.settle)
            picture = self._two_equal_pictures() if second_try else self._browser.picture()
            if picture is None:
                return SlideFault("the layout did not settle: two pictures in a row are never equal")
            # What held before the picture must still hold after it, or the picture may show a moment of change.
            if proof := self._presenter.prove(curriculum, slide):
                return Screenshot(picture, fault.message if fault else None, proof.shown, proof.assets)
            fault = self._presenter.wait_again(curriculum, slide, tolerant)
        return fault

    def _show_slide(self, curriculum: Curriculum, slide: Slide, second_try: bool, tolerant: bool) -> SlideFault | None:
        """Show a slide by a jump inside the page, or by a page load where that is needed."""
        if self._navigation.allowed and not second_try:
            try:
                fault = self._presenter.jump_to(curriculum, slide, tolerant)
                self._ignored_jumps = 0
                return fault
            except DoesNotFollow:
                self._ignored_jumps += 1
                if self._ignored_jumps >= _MOST_IGNORED:
                    self._navigation.forbid()
        try:
            return self._presenter.load_slide(curriculum, slide, tolerant)
        except DoesNotFollow:
            return SlideFault("the page does not show the slide after a reload")

    def _two_equal_pictures(self) -> bytes | None:
        before = self._browser.picture()
        for _ in range(_COMPARED - 1):
            picture = self._browser.picture()
            if picture == before:
                return picture
            before = picture
        return None
