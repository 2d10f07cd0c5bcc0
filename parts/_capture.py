"""Takes the pictures of slides: shows each one, proves that it is the right one and ready, and saves it whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue

from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

from _browser import Browser, Tools
from _console import say
from _curriculum import Curriculum, Slide
from _errors import BuilderError
from _pictures import picture_fault, picture_name
from _presenter import DoesNotFollow, Fault, Presenter
from _project import write_atomically
from _workers import begin, work_off

# How often a slide is taken again after its browser broke down.
_BREAKDOWNS = 3
# How many jumps in a row may go astray before every slide is loaded by itself.
_ASTRAY = 2
# How many pictures are taken at most to get two in a row that are equal.
_COMPARED = 5


@dataclass(frozen=True)
class Order:
    """What the pictures shall be like.

    Attributes:
        language_code: as the site writes it.
        width, height: in pixels.
        wait: the longest a slide may take to be ready, in seconds.
        settle: how long to pause before each picture besides, in seconds.
        allow_flawed: keep a slide whose only fault is a font or picture that the site does not deliver.
        tools: the browser and driver, or None with a grid.
        grid_url: the address of a Selenium Grid, or empty.
    """

    language_code: str
    width: int
    height: int
    wait: float
    settle: float
    allow_flawed: bool
    tools: Tools | None
    grid_url: str = ""


@dataclass(frozen=True)
class Job:
    """One picture to take, and the folder to save it in."""

    curriculum: Curriculum
    slide: Slide
    folder: Path


@dataclass(frozen=True)
class Taken:
    """What became of a job.

    Attributes:
        status: ok, flawed or failed.
        file: the picture's name, or None.
        error: what is wrong, or None.
    """

    status: str
    file: str | None
    error: str | None


@dataclass(frozen=True)
class Shot:
    """A picture of the right slide, taken when it was ready, but not yet looked at.

    Attributes:
        png: the picture.
        flaw: what the site did not deliver, or None.
    """

    png: bytes
    flaw: str | None


class Photographer:
    """Takes pictures with one browser, which starts in the background and is replaced when it breaks down.

    Making a photographer does nothing yet: see ``start``.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._jumps = True
        self._astray = 0
        self._closed = False
        self._lock = threading.Lock()
        self._browser: Browser | None = None
        self._started: Future[Presenter] = Future()

    def course(self, curriculum: Curriculum) -> dict[str, list[Slide]]:
        """Load a curriculum's page and return the slides that the site lists, by curriculum name.

        Raises:
            BuilderError: no browser starts, or the site does not give the page.
        """
        presenter = self._presenter()
        presenter.load(curriculum)
        return presenter.course()

    def shoot(self, curriculum: Curriculum, slide: Slide, second_try: bool) -> Shot | Fault:
        """Take a picture of a slide; if the browser breaks down, replace it and take the slide again.

        Args:
            curriculum: the curriculum that the slide belongs to.
            slide: the slide.
            second_try: whether to load the slide's own address and insist on two equal pictures.

        Raises:
            BuilderError: the site or the browser is beyond use, so that no other slide can be taken either.
        """
        for breakdown in range(1, _BREAKDOWNS + 1):
            try:
                return self._shoot_once(curriculum, slide, second_try)
            except (WebDriverException, HTTPError, OSError) as error:
                if self._closed:
                    break
                reason = (str(getattr(error, "msg", "") or error).splitlines() or [type(error).__name__])[0]
                say(f"{slide.key}: the browser broke down and is replaced ({breakdown}: {reason})")
                self._used_browser().close()
                self.start()
        return Fault("the browser broke down again and again")

    def close(self) -> None:
        """End the browser, also while it is still starting; no other takes its place then."""
        with self._lock:
            self._closed = True
        if self._browser is not None:
            self._browser.close()

    def start(self) -> None:
        """Start a browser in the background; what goes wrong with it shows when it is used."""
        with self._lock:
            if self._closed:
                raise BuilderError("The browsers are closed.")
            browser = Browser(self._order.width, self._order.height, self._order.tools, self._order.grid_url)
            self._browser = browser
        self._started = begin(lambda: self._open_presenter(browser))

    def _open_presenter(self, browser: Browser) -> Presenter:
        browser.start()
        return Presenter(browser, self._order.language_code, self._order.wait, say)

    def _presenter(self) -> Presenter:
        return self._started.result()

    def _used_browser(self) -> Browser:
        assert self._browser is not None, "the photographer was not started"
        return self._browser

    def _shoot_once(self, curriculum: Curriculum, slide: Slide, second_try: bool) -> Shot | Fault:
        tolerant = second_try and self._order.allow_flawed
        fault = self._show(curriculum, slide, second_try, tolerant)
        while not fault or fault.tolerable:
            time.sleep(self._order.settle)
            picture = self._two_equal_pictures() if second_try else self._used_browser().picture()
            if picture is None:
                return Fault("two pictures in a row are never equal")
            # What held before the picture must hold after it too, or it may show something in between.
            if self._presenter().is_unchanged(slide):
                return Shot(picture, fault.message if fault else None)
            fault = self._presenter().look_again(curriculum, slide, tolerant)
        return fault

    def _show(self, curriculum: Curriculum, slide: Slide, second_try: bool, tolerant: bool) -> Fault | None:
        """Bring a slide on show: by a jump inside the page, or by a load of its own where that is needed."""
        if self._jumps and not second_try:
            try:
                fault = self._presenter().show(curriculum, slide, tolerant)
                self._astray = 0
                return fault
            except DoesNotFollow:
                self._note_astray()
        try:
            return self._presenter().show_fresh(curriculum, slide, tolerant)
        except DoesNotFollow:
            return Fault("the page does not show the slide anew")

    def _note_astray(self) -> None:
        self._astray += 1
        if self._astray == _ASTRAY:
            self._jumps = False
            say("The page does not follow from slide to slide: every slide is loaded by itself now, which is slower.")

    def _two_equal_pictures(self) -> bytes | None:
        before = self._used_browser().picture()
        for _ in range(_COMPARED - 1):
            picture = self._used_browser().picture()
            if picture == before:
                return picture
            before = picture
        return None


class Studio:
    """Several photographers side by side, and the checking and saving of what they take.

    Args:
        order: what the pictures shall be like.
        browsers: how many browsers to use. They start when the context is entered, side by side.
    """

    def __init__(self, order: Order, browsers: int) -> None:
        self._order = order
        self._browsers = browsers
        self._crew = ExitStack()
        self._idle: SimpleQueue[Photographer] = SimpleQueue()

    def __enter__(self) -> Studio:
        try:
            for _ in range(self._browsers):
                photographer = Photographer(self._order)
                # Before it starts: an interrupt may come at any moment.
                self._crew.callback(photographer.close)
                photographer.start()
                self._idle.put(photographer)
        except BaseException:
            self._crew.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._crew.close()

    def course(self, curriculum: Curriculum) -> dict[str, list[Slide]]:
        """Return the slides that the site lists, by curriculum name. As ``Photographer.course``."""
        with self._photographer() as photographer:
            return photographer.course(curriculum)

    def take_all(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Taken]]:
        """Take the pictures, and yield what became of each as it is known.

        Raises:
            BuilderError: as ``Photographer.shoot``.
        """
        # Twice as many threads as browsers: while one picture is checked, its browser takes the next.
        return work_off(jobs, [self._take] * (2 * self._browsers))

    def _take(self, job: Job) -> Taken:
        """Take one picture, once more from a fresh load if the first is no good."""
        outcome = self._take_once(job, second_try=False)
        if isinstance(outcome, Fault):
            outcome = self._take_once(job, second_try=True)
        return Taken("failed", None, outcome.message) if isinstance(outcome, Fault) else outcome

    def _take_once(self, job: Job, second_try: bool) -> Taken | Fault:
        with self._photographer() as photographer:
            shot = photographer.shoot(job.curriculum, job.slide, second_try)
        if isinstance(shot, Fault):
            return shot
        wrong = picture_fault(shot.png, (self._order.width, self._order.height))
        if wrong:
            return Fault(wrong)
        name = picture_name(job.slide, datetime.now())
        write_atomically(job.folder / name, shot.png)
        return Taken("flawed" if shot.flaw else "ok", name, shot.flaw)

    @contextmanager
    def _photographer(self) -> Iterator[Photographer]:
        """Borrow a photographer who has nothing to do."""
        photographer = self._idle.get()
        try:
            yield photographer
        finally:
            self._idle.put(photographer)
