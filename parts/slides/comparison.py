"""Finds out whether a change of what is global, such as a style sheet, shows: takes a few slides anew to compare them.

The pictures of one slide type are made by one element of the page, so one slide of each type stands for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from common.console import counted, say, warn
from course.curricula import Slide
from slides.browser_pool import BrowserPool, CaptureJob
from slides.curriculum_run import CurriculumRun
from slides.entry import FAILED, OK, Entry
from slides.fingerprint import ShownSlide, fingerprint
from slides.global_state import GlobalState, differences
from slides.same_picture import looks_the_same

# Up to so many pictures that look different are taken once more before they decide for all.
_FEW = 3


@dataclass(frozen=True)
class Sample:
    """A picture that is there and that is compared with a new one of its slide.

    Attributes:
        run: that of its curriculum.
        entry: what is known of it.
    """

    run: CurriculumRun
    entry: Entry


class Comparison:
    """The curricula whose pictures were taken in one global state that is not the one of today.

    Args:
        runs: those of the curricula.
        before: the global state that is recorded for their pictures; None if none is.
        now: the one of today.
    """

    def __init__(self, runs: Sequence[CurriculumRun], before: GlobalState | None, now: GlobalState) -> None:
        self._runs = runs
        self._before = before
        self._now = now
        self._samples = _one_of_each_type(runs)
        # One browser draws the same pixels every time.
        self._exactly = bool(before and before.browser and before.browser == now.browser)
        self._differing: list[Sample] = []
        self._is_sure = True

    @property
    def pictures(self) -> int:
        """How many pictures are compared."""
        return len(self._samples)

    def run(self, pool: BrowserPool) -> None:
        """Take the samples. If one looks different, have all of these curricula taken anew.

        If all look the same, the global state of today is recorded for the pictures that stand. A sample that cannot
        be taken, or whose text changes at this very moment, decides nothing: its picture stays as it is, and the next
        run compares again.
        """
        say(self._about)
        self._compare(pool, self._samples)
        if 0 < len(self._differing) <= _FEW:
            # A picture that is equal in any of two tries shows the same; one try may have met a moment of change.
            again, self._differing = self._differing, []
            self._compare(pool, again)
        if self._differing:
            number = sum(len(run.entries) for run in self._runs)
            key = self._differing[0].entry.slide.key
            say(f"{key} looks different now: all {counted(number, 'slide')} are taken again.")
            for run in self._runs:
                run.select_all([sample.entry.slide.name for sample in self._differing if sample.run is run])
        elif self._is_sure:
            say("No picture looks different, so the rest stands.")
            for run in self._runs:
                run.record(self._now)

    def _compare(self, pool: BrowserPool, samples: Sequence[Sample]) -> None:
        jobs = [
            CaptureJob(sample.run.curriculum, sample.entry.slide, partial(self._look_at, sample)) for sample in samples
        ]
        by_job = dict(zip(jobs, samples, strict=True))
        for job, taken in pool.take_all(jobs):
            if taken.status == FAILED:
                self._cannot_tell(by_job[job], taken.error or "")

    @property
    def _about(self) -> str:
        if self._before:
            what = " and ".join(differences(self._before, self._now))
            why = f"This has changed since the pictures were taken: {what}."
        else:
            why = "No record says what the site looked like when the pictures were taken."
        return f"{why} One slide of each type is compared: {counted(len(self._samples), 'picture')}."

    def _look_at(self, sample: Sample, slide: Slide, png: bytes, flaw: str | None, shown: ShownSlide | None) -> str:
        """Compare a new picture of a sample's slide with the one that is there, and return the name of that one."""
        entry, run = sample.entry, sample.run
        file = entry.file or ""
        if flaw:
            self._cannot_tell(sample, flaw)
        elif shown is None or fingerprint(shown, entry.width or 0, entry.height or 0) != entry.fingerprint:
            self._is_sure = False
            return run.save_picture(slide, png, flaw, shown)
        elif not looks_the_same(png, run.folder / file, self._exactly):
            self._differing.append(sample)
        return file

    def _cannot_tell(self, sample: Sample, why: str) -> None:
        self._is_sure = False
        name = f"{sample.run.curriculum.folder} {sample.entry.slide.name}"
        warn(f"{name} cannot be compared with its picture: {why}. The next run with --only-changed tries again.")


def comparisons(runs: Sequence[CurriculumRun], today: Mapping[CurriculumRun, GlobalState | None]) -> list[Comparison]:
    """Return what has to be compared before the pictures that stand can be trusted.

    Where the global state of today cannot be read, nothing is compared: the site is not well, and pictures that were
    taken of it now would be worse than those that are there.

    Args:
        runs: of the curricula, with their selection made.
        today: the global state of today, as far as it can be read.
    """
    by_state: dict[GlobalState | None, list[CurriculumRun]] = {}
    for run in runs:
        before, now = run.global_state, today.get(run)
        if run.standing and now and (before is None or differences(before, now)):
            by_state.setdefault(before, []).append(run)
    return [
        Comparison(of_one_state, before, now)
        for before, of_one_state in by_state.items()
        if (now := today.get(of_one_state[0]))
    ]


def _one_of_each_type(runs: Sequence[CurriculumRun]) -> list[Sample]:
    """Return one sample for each slide type among the pictures that stand: the oldest one of each.

    Some of the pictures may have been taken since the global state was recorded, and tell nothing of the others.
    """
    standing = [Sample(run, entry) for run in runs for entry in run.standing if entry.status == OK]
    oldest: dict[str, Sample] = {}
    for sample in sorted(standing, key=lambda sample: sample.entry.taken_at or ""):
        oldest.setdefault(sample.entry.slide.type, sample)
    return list(oldest.values())
