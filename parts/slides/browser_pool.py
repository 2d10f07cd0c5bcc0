"""Several browsers that take pictures side by side, and the checking and saving of those."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from common.console import say, warn
from common.errors import BuilderError, RemoteError
from common.files import write_atomically
from common.workers import begin, next_item, work_off
from course.curricula import Curriculum, Slide
from slides.browser import BREAKDOWN, Browser, reason_of
from slides.capture import Jumps, Order, Photographer
from slides.pictures import picture_name
from slides.png import picture_fault, with_flaw
from slides.presenter import Fault

Result = TypeVar("Result")

# How often a slide is taken again after its browser broke down.
_BREAKDOWNS = 3
# After so many pictures a browser makes room for a new one, so that memory stays flat.
_SERVICE_LIFE = 400
# How many loads in a row, of whichever slides, may fail for good before the site is given up.
_FAILED_LOADS = 4
_BROKEN_BROWSER = "Run the same command again; if that does not help, install the browser and its driver anew."
# For how long a lost remote end is asked for a browser again, and how often, in seconds: a hub that is
# started anew takes some, and its machine some more.
_OUTAGE_SECONDS = 120
_OUTAGE_PAUSE = 2


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


class _BrokeDown(Exception):
    """A browser is broken, and is being replaced."""


class Studio:
    """Several photographers side by side, and the checking and saving of what they take.

    A browser that breaks down is replaced, and so is one that has served its time.

    Args:
        order: what the pictures shall be like.
        browsers: how many browsers to use; see ``start``. Leaving the context closes them.
    """

    def __init__(self, order: Order, browsers: int) -> None:
        self._order = order
        self._browsers = browsers
        self._jumps = Jumps()
        # An error in it is for all who wait: there is nobody left.
        self._idle: SimpleQueue[Photographer | BuilderError] = SimpleQueue()
        self._lock = threading.Lock()
        self._crew: list[Photographer] = []
        self._posts = browsers
        self._closed = threading.Event()
        self._remote_ends_work = False
        self._failed_loads = 0

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browsers; whoever still waits for one gets an error."""
        with self._lock:
            self._closed.set()
        self._idle.put(BuilderError("The browsers are closed."))
        for closing in [begin(photographer.close) for photographer in self._crew]:
            closing.result()

    def start(self) -> None:
        """Start the browsers side by side in the background; what goes wrong with them shows when they are used.

        Not done on entering the context: an interrupt in there would not lead to its exit.
        """
        for post in range(self._browsers):
            begin(partial(self._fill, post))

    def course(self, curriculum: Curriculum) -> dict[str, list[Slide]]:
        """Return the slides that the site lists, by curriculum name.

        Raises:
            BuilderError: no browser can be used, or the site does not give the page.
        """
        try:
            return self._with_photographer(lambda photographer: photographer.course(curriculum), "the course")
        except _BrokeDown as error:
            raise BuilderError(f"The slides of the course cannot be read: {error}.", _BROKEN_BROWSER) from error

    def take_all(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Taken]]:
        """Take the pictures, and yield what became of each as it is known.

        Raises:
            BuilderError: no browser can be used, or the site is beyond use: one load after the other fails.
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
        try:
            shot = self._with_photographer(
                lambda photographer: photographer.shoot(job.curriculum, job.slide, second_try), job.slide.key
            )
        except _BrokeDown as error:
            return Fault(str(error))
        except RemoteError as error:
            self._failed_loads += 1
            if self._failed_loads >= _FAILED_LOADS:
                raise
            return Fault(error.message)
        self._failed_loads = 0
        if isinstance(shot, Fault):
            return shot
        wrong = picture_fault(shot.png, (self._order.width, self._order.height))
        if wrong:
            return Fault(wrong)
        name = picture_name(job.slide, datetime.now())
        with self._lock:
            # What is saved after the closing nobody would take down.
            if self._closed.is_set():
                return Fault("it was interrupted")
            write_atomically(job.folder / name, with_flaw(shot.png, shot.flaw) if shot.flaw else shot.png)
        return Taken("flawed" if shot.flaw else "ok", name, shot.flaw)

    def _with_photographer(self, work: Callable[[Photographer], Result], subject: str) -> Result:
        """Let a photographer who has nothing to do work; if the browser breaks down, another one.

        Args:
            work: what to do.
            subject: what it is about, for the message about a breakdown.

        Raises:
            BuilderError: there is no photographer, or ``work`` raised it.
            _BrokeDown: browsers broke down again and again.
        """
        reason = ""
        for _ in range(_BREAKDOWNS):
            photographer = next_item(self._idle)
            if isinstance(photographer, BuilderError):
                self._idle.put(photographer)
                raise photographer
            fit = False
            try:
                result = work(photographer)
                fit = photographer.taken < _SERVICE_LIFE
                return result
            except BuilderError:
                fit = True
                raise
            except BREAKDOWN as error:
                reason = reason_of(error)
                if not self._closed.is_set():
                    say(f"{subject}: the browser broke down and is replaced ({reason})")
            finally:
                if fit:
                    self._idle.put(photographer)
                else:
                    begin(partial(self._replace, photographer))
        raise _BrokeDown(f"the browser broke down again and again ({reason})")

    def _replace(self, photographer: Photographer) -> None:
        self._dismiss(photographer)
        # The address of a browser that broke down may be lost: it is the last to be asked again.
        self._fill(photographer.post + 1)

    def _fill(self, post: int) -> None:
        """Start a browser; it is idle once it is ready."""
        failure = self._start_one(post)
        if failure and self._remote_ends_work and not self._closed.is_set():
            failure = self._keep_asking(post, failure)
        if failure:
            self._give_up_post(failure)

    def _keep_asking(self, post: int, failure: BuilderError) -> BuilderError | None:
        """Ask remote ends that have given a browser before: they may come back. As ``_start_one`` otherwise."""
        say(f"{failure.message} It is tried again for {_OUTAGE_SECONDS} s.")
        deadline = time.monotonic() + _OUTAGE_SECONDS
        while time.monotonic() < deadline and not self._closed.wait(_OUTAGE_PAUSE):
            if self._start_one(post) is None:
                return None
        return BuilderError(failure.message, f"{failure.remedy} Then run the same command again with --missing-only.")

    def _start_one(self, post: int) -> BuilderError | None:
        """Start a browser at the first address that gives one; return what went wrong at the last if none does."""
        addresses = self._order.grid_urls or ("",)
        failure = BuilderError("")
        for number in range(len(addresses)):
            photographer = self._hire(post, addresses[(post + number) % len(addresses)])
            if photographer is None:
                return None
            try:
                photographer.start()
            except Exception as error:  # in a thread of its own: nobody else would hear of it
                self._dismiss(photographer)
                failure = error if isinstance(error, BuilderError) else BuilderError(reason_of(error))
            else:
                self._remote_ends_work = bool(self._order.grid_urls)
                self._idle.put(photographer)
                return None
        return failure

    def _hire(self, post: int, address: str) -> Photographer | None:
        """Return a photographer whom the closing of the studio will reach; None if it is closed."""
        browser = Browser(self._order.width, self._order.height, self._order.tools, address)
        photographer = Photographer(self._order, browser, self._jumps, post)
        with self._lock:
            if self._closed.is_set():
                return None
            self._crew.append(photographer)
        return photographer

    def _dismiss(self, photographer: Photographer) -> None:
        photographer.close()
        with self._lock:
            if not self._closed.is_set():
                self._crew.remove(photographer)

    def _give_up_post(self, failure: BuilderError) -> None:
        with self._lock:
            if self._closed.is_set():
                return
            self._posts -= 1
        if self._posts:
            warn(f"{failure.message} Going on with fewer browsers: {self._posts}.")
        else:
            self._idle.put(failure)
