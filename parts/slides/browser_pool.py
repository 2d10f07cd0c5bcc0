"""A pool of browsers that take pictures side by side, and the check of each picture."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from common.console import say, warn
from common.errors import BuilderError, RemoteError
from common.typed import advice
from common.workers import begin, next_item, work_off
from course.curricula import Curriculum, Slide
from course.page import PresenterPage
from slides.browser import BREAKDOWN, Browser, reason_of
from slides.capture import CaptureSettings, InPageNavigation, Screenshot, SlideCapturer
from slides.entry import FAILED, FLAWED, OK
from slides.fingerprint import ShownSlide
from slides.png import picture_fault
from slides.presenter import SlideFault

Result = TypeVar("Result")

# How many browsers may break down at one slide.
_BREAKDOWNS = 3
# So many pictures take as long as the start of a browser on a machine that is busy with another one.
_WORTH_A_START = 25
# After so many pictures a browser is replaced, so that memory does not grow.
_PICTURES_PER_BROWSER = 400
# How many page loads in a row may fail, with all their retries, before the run gives up on the site.
_FAILED_LOADS = 4
# How long the end of a run waits for pictures that are being saved, in seconds.
_LONGEST_SAVING = 10.0
_BROKEN_BROWSER = "Run the same command again. If that does not help, reinstall the browser and its driver."
# How long and how often a lost remote end is asked for a browser again, in seconds: a hub takes some time
# to restart, and its machine some more.
_OUTAGE_SECONDS = 120
_OUTAGE_PAUSE = 2


@dataclass(frozen=True)
class CaptureJob:
    """One picture to take.

    Attributes:
        curriculum: the curriculum that the slide belongs to.
        slide: the slide.
        save: takes the slide, its picture as PNG, what the site did not deliver on it or None, and what the page said
            of the slide or None; saves the picture and returns the file's name. It is called in the thread that took
            the picture, and by one thread at a time.
    """

    curriculum: Curriculum
    slide: Slide
    save: Callable[[Slide, bytes, str | None, ShownSlide | None], str]


@dataclass(frozen=True)
class CaptureResult:
    """What became of a job.

    Attributes:
        status: ok, flawed or failed.
        file: the picture's name, or None.
        error: what is wrong, or None.
    """

    status: str
    file: str | None
    error: str | None


class _BrokeDown(Exception):
    """A browser is broken, and is being replaced."""


class BrowserPool:
    """Several capturers side by side. It checks their pictures and has the good ones saved.

    A browser that breaks down is replaced, and so is one that has taken many pictures.

    Args:
        settings: what the pictures must be like.
        browsers: how many browsers to use at most; see ``start``. Leaving the context closes them.
    """

    def __init__(self, settings: CaptureSettings, browsers: int) -> None:
        self._settings = settings
        self._browsers = browsers
        self._navigation = InPageNavigation()
        # Capturers that wait for work. An error in it means that there is none left, and is for all who wait.
        self._idle: SimpleQueue[SlideCapturer | BuilderError] = SimpleQueue()
        self._next_in_turn = threading.Lock()
        self._lock = threading.Lock()
        self._capturers: list[SlideCapturer] = []
        # How many were started, and how many of these were not given up.
        self._started = 0
        self._browsers_left = 0
        self._closed = threading.Event()
        self._remote_ends_work = False
        self._failed_loads = 0
        # How many pictures are taken and not saved yet.
        self._unsaved = 0
        self._all_saved = threading.Condition()
        self._assets: set[str] = set()

    @property
    def assets(self) -> frozenset[str]:
        """The addresses of pictures, icons and fonts that slides have shown so far and that no slide's data names."""
        with self._lock:
            return frozenset(self._assets)

    def __enter__(self) -> BrowserPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browsers. A thread that still waits for one gets an error."""
        with self._lock:
            self._closed.set()
        self._idle.put(BuilderError("The browsers are closed."))
        for closing in [begin(capturer.close) for capturer in self._capturers]:
            closing.result()

    def start(self, pictures: int | None = None) -> int:
        """Start browsers side by side in the background, unless they are started; errors show when they are used.

        Entering the context does not do this, because an interrupt there would not lead to its exit, and because there
        may be nothing to take.

        Args:
            pictures: how many there are to take. For few of them fewer browsers are started, because a start takes as
                long as many pictures. None if nobody knows yet.

        Returns:
            How many were started now.

        Raises:
            BuilderError: this machine has no browser, or no driver.
        """
        wanted = self._browsers if pictures is None else min(self._browsers, math.ceil(pictures / _WORTH_A_START))
        with self._lock:
            slots = range(self._started, max(wanted, self._started))
            if slots:
                # Here, because threads would look for them side by side.
                _ = self._settings.found_tools
            self._started = slots.stop
            self._browsers_left += len(slots)
        for slot in slots:
            begin(partial(self._fill_slot, slot))
        return len(slots)

    @property
    def is_started(self) -> bool:
        """Whether any browser was started."""
        return self._started > 0

    def wait_for_browser(self) -> None:
        """Wait until the first browser is ready.

        Raises:
            BuilderError: no browser can be used.
        """
        with self._idle_capturer():
            pass

    def page(self, curriculum: Curriculum) -> PresenterPage:
        """Return what the page of a curriculum says of the course.

        Raises:
            BuilderError: no browser can be used, or the site does not give the page.
        """
        try:
            return self._in_some_browser(lambda capturer: capturer.page(curriculum), "the course")
        except _BrokeDown as error:
            raise BuilderError(f"The slides of the course cannot be read: {error}.", _BROKEN_BROWSER) from error

    def take_all(self, jobs: Sequence[CaptureJob]) -> Iterator[tuple[CaptureJob, CaptureResult]]:
        """Take the pictures, and yield what became of each as it is known.

        Raises:
            BuilderError: no browser can be used, or several page loads in a row have failed.
        """
        # Twice as many threads as browsers: while one picture is checked, its browser takes the next.
        return work_off(self._take, jobs, 2 * self._started)

    def _take(self, job: CaptureJob) -> CaptureResult:
        """Take one picture, and take it once more from a fresh page load if the first is not good."""
        outcome = self._take_once(job, second_try=False)
        if isinstance(outcome, SlideFault):
            outcome = self._take_once(job, second_try=True)
        return CaptureResult(FAILED, None, outcome.message) if isinstance(outcome, SlideFault) else outcome

    def _take_once(self, job: CaptureJob, second_try: bool) -> CaptureResult | SlideFault:
        try:
            screenshot = self._in_some_browser(
                lambda capturer: capturer.capture(job.curriculum, job.slide, second_try), job.slide.key
            )
        except _BrokeDown as error:
            return SlideFault(str(error))
        except RemoteError as error:
            self._failed_loads += 1
            if self._failed_loads >= _FAILED_LOADS:
                self._wait_until_all_is_saved()
                raise
            return SlideFault(error.message)
        self._failed_loads = 0
        if isinstance(screenshot, SlideFault):
            return screenshot
        with self._lock:
            self._assets |= screenshot.assets
        with self._counted_as_unsaved():
            return self._save(job, screenshot)

    def _save(self, job: CaptureJob, screenshot: Screenshot) -> CaptureResult | SlideFault:
        wrong = picture_fault(screenshot.png, (self._settings.width, self._settings.height))
        if wrong:
            return SlideFault(wrong)
        with self._lock:
            # When the pool is closed, the run writes how it ended. Nothing may be saved after that.
            if self._closed.is_set():
                return SlideFault("it was interrupted")
            file = job.save(job.slide, screenshot.png, screenshot.flaw, screenshot.shown)
        return CaptureResult(FLAWED if screenshot.flaw else OK, file, screenshot.flaw)

    @contextmanager
    def _counted_as_unsaved(self) -> Iterator[None]:
        with self._all_saved:
            self._unsaved += 1
        try:
            yield
        finally:
            with self._all_saved:
                self._unsaved -= 1
                self._all_saved.notify_all()

    def _wait_until_all_is_saved(self) -> None:
        """Let the other threads save what they have taken, because the run ends now and would lose it."""
        with self._all_saved:
            self._all_saved.wait_for(lambda: self._unsaved == 0, timeout=_LONGEST_SAVING)

    def _in_some_browser(self, work: Callable[[SlideCapturer], Result], subject: str) -> Result:
        """Let an idle capturer do some work. If its browser breaks down, let another one do it.

        Args:
            work: what to do.
            subject: what the work is about, for the message about a breakdown.

        Raises:
            BuilderError: no browser can be used, or ``work`` raised it.
            _BrokeDown: browsers broke down again and again.
        """
        reason = ""
        for _ in range(_BREAKDOWNS):
            try:
                with self._idle_capturer() as capturer:
                    return work(capturer)
            except BREAKDOWN as error:
                reason = reason_of(error)
                if not self._closed.is_set():
                    say(f"{subject}: the browser broke down and is replaced ({reason})")
        raise _BrokeDown(f"the browser broke down again and again ({reason})")

    @contextmanager
    def _idle_capturer(self) -> Iterator[SlideCapturer]:
        """Lend a capturer. Replace it if its browser breaks down meanwhile or has taken many pictures.

        Raises:
            BuilderError: no browser can be used.
        """
        # The thread that has just given one back would otherwise often get it again, before those that wait.
        with self._next_in_turn:
            capturer = next_item(self._idle)
        if isinstance(capturer, BuilderError):
            self._idle.put(capturer)
            raise capturer
        try:
            yield capturer
        except BuilderError:  # the site is to blame, and the browser can go on
            self._idle.put(capturer)
            raise
        except BaseException:
            begin(partial(self._replace, capturer))
            raise
        if capturer.taken < _PICTURES_PER_BROWSER:
            self._idle.put(capturer)
        else:
            begin(partial(self._replace, capturer))

    def _replace(self, capturer: SlideCapturer) -> None:
        self._discard(capturer)
        # The machine of a browser that broke down may be lost, so its address is asked last.
        self._fill_slot(capturer.slot + 1)

    def _fill_slot(self, slot: int) -> None:
        """Start a browser for a slot; it waits for work once it is ready."""
        failure = self._start_one(slot)
        if failure and self._remote_ends_work and not self._closed.is_set():
            failure = self._keep_asking(slot, failure)
        if failure:
            self._give_up_slot(failure)

    def _keep_asking(self, slot: int, failure: BuilderError) -> BuilderError | None:
        """Keep asking remote ends that have given a browser before: they may come back. Returns as ``_start_one``."""
        say(f"{failure.message} Part 3 keeps trying for {_OUTAGE_SECONDS} s.")
        deadline = time.monotonic() + _OUTAGE_SECONDS
        while time.monotonic() < deadline and not self._closed.wait(_OUTAGE_PAUSE):
            if self._start_one(slot) is None:
                return None
        again = f"Then run the same command again{advice(' with --missing-only', '')}."
        return BuilderError(failure.message, f"{failure.remedy} {again}")

    def _start_one(self, slot: int) -> BuilderError | None:
        """Start a browser at the first address that gives one. If none does, return the last error."""
        addresses = self._settings.grid_urls or ("",)
        failure = BuilderError("")
        for number in range(len(addresses)):
            capturer = self._new_capturer(slot, addresses[(slot + number) % len(addresses)])
            if capturer is None:
                return None
            try:
                capturer.start()
            except Exception as error:  # this thread has no caller that would see it
                self._discard(capturer)
                failure = error if isinstance(error, BuilderError) else BuilderError(reason_of(error))
            else:
                self._remote_ends_work = bool(self._settings.grid_urls)
                self._idle.put(capturer)
                return None
        return failure

    def _new_capturer(self, slot: int, address: str) -> SlideCapturer | None:
        """Return a capturer that ``close`` will end, or None if the pool is closed."""
        browser = Browser(self._settings.width, self._settings.height, self._settings.found_tools, address)
        capturer = SlideCapturer(self._settings, browser, self._navigation, slot)
        with self._lock:
            if self._closed.is_set():
                return None
            self._capturers.append(capturer)
        return capturer

    def _discard(self, capturer: SlideCapturer) -> None:
        capturer.close()
        with self._lock:
            if not self._closed.is_set():
                self._capturers.remove(capturer)

    def _give_up_slot(self, failure: BuilderError) -> None:
        with self._lock:
            if self._closed.is_set():
                return
            self._browsers_left -= 1
        if self._browsers_left:
            warn(f"{failure.message} Continuing with fewer browsers: {self._browsers_left}.")
        else:
            self._idle.put(failure)
