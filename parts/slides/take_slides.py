"""Takes the pictures of whole curricula: reads the course, decides what is to be taken, and has browsers take it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from common.bar_columns import count_columns
from common.console import Bars, counted, detail, on_terminal, say
from course.curricula import Curriculum
from course.page import PresenterPage
from slides.about_pictures import about_unknown
from slides.browser_pool import BrowserPool
from slides.browser_profile import end_abandoned_browsers
from slides.capture import CaptureSettings
from slides.causes import cause_of
from slides.comparison import comparisons
from slides.course_slides import say_changes, slides_of_course
from slides.curriculum_run import CurriculumRun
from slides.entry import FAILED, UNPROVEN
from slides.fingerprint import slides_of_page
from slides.global_state import GlobalState
from slides.grid import announce
from slides.manifest import manifest_path
from slides.page_of_course import page_of_course
from slides.scope import Scope
from slides.site_changes import site_changes
from slides.surroundings import Surroundings
from workspace.folders import Project

# Without a terminal, one line for so many slides.
_LINE_EVERY = 25


def take_slides(
    project: Project,
    curricula: Sequence[Curriculum],
    settings: CaptureSettings,
    browsers: int,
    scope: Scope,
    resume: bool,
    begin: Callable[[], None],
) -> list[CurriculumRun]:
    """Take the pictures of whole curricula. If there is none to take, no browser is started.

    Args:
        project: where the pictures go.
        curricula: which ones, in order.
        settings: what the pictures must be like.
        browsers: how many to use side by side.
        scope: as for ``CurriculumRun.select``.
        resume: as for ``CurriculumRun.select``.
        begin: called when it is known that the work can be done, before the first file is written.

    Returns:
        One run for each curriculum, with what became of every slide.

    Raises:
        BuilderError: the site or the browsers cannot be used.
    """
    runs: list[CurriculumRun] = []
    finished = False
    try:
        with BrowserPool(settings, browsers) as pool:
            if not settings.grid_urls and (left := end_abandoned_browsers()):
                say(f"An earlier run was killed and left {counted(left, 'browser')} running, which part 3 has ended.")
            if scope is Scope.ALL or not all(manifest_path(project, each).exists() for each in curricula):
                # They start while the course is read.
                _start(pool, settings)
            page = _read_course(pool, curricula, settings)
            for curriculum in curricula:
                runs.append(_new_run(project, curriculum, page, settings))
                runs[-1].select(scope, resume)
            _start(pool, settings, sum(len(run.todo) for run in runs))
            surroundings = Surroundings(page, settings)
            today = _states_of_today(runs, surroundings, scope)
            to_compare = comparisons(runs, today) if scope is Scope.CHANGED else []
            _start(pool, settings, sum(comparison.pictures for comparison in to_compare))
            if pool.is_started:
                # Without one, nothing is to be written.
                pool.wait_for_browser()
            begin()
            for run in runs:
                run.open(today.get(run))
            for comparison in to_compare:
                comparison.run(pool)
            for run in runs:
                _say_what_is_ahead(run, page, scope)
            _start(pool, settings, sum(len(run.todo) for run in runs))
            _work_off(pool, runs)
            _record_states(today, surroundings, pool.assets)
            finished = True
    finally:
        # The browsers have ended by now, so no more pictures come.
        for run in runs:
            run.end(finished)
    return runs


def _start(pool: BrowserPool, settings: CaptureSettings, pictures: int | None = None) -> None:
    """Start as many browsers as so many pictures are worth, as far as they are not started."""
    was_started = pool.is_started
    if pictures != 0 and not was_started:
        announce(settings.grid_urls)
    if started := pool.start(pictures):
        say(f"{'More browsers' if was_started else 'Browsers'}: {started} x {settings.which_browsers}")


def _read_course(pool: BrowserPool, curricula: Sequence[Curriculum], settings: CaptureSettings) -> PresenterPage:
    page = page_of_course(settings.language_code, curricula)
    if page is None:
        _start(pool, settings, pictures=1)
        page = pool.page(curricula[0])
    return page


def _states_of_today(
    runs: Sequence[CurriculumRun], surroundings: Surroundings, scope: Scope
) -> dict[CurriculumRun, GlobalState | None]:
    """Return the global state of today for the curricula for which it is compared, or may be recorded.

    A run that goes on after one that was killed is the first that can record all that its pictures show. For a run
    that takes all slides, it does not matter what was known before: also where a file can no longer be had, the
    state is recorded as it is.
    """
    known = {run: None if scope is Scope.ALL else run.global_state for run in runs}
    return {run: surroundings.read(known[run]) for run in runs if scope is Scope.CHANGED or run.todo}


def _record_states(
    today: Mapping[CurriculumRun, GlobalState | None], surroundings: Surroundings, assets: Collection[str]
) -> None:
    """Record the global state of the curricula whose pictures were all taken in it, with what they have shown."""
    for run, state in today.items():
        if state and run.is_in(state):
            run.record(surroundings.read(state, assets) or state)


def _new_run(project: Project, curriculum: Curriculum, page: PresenterPage, settings: CaptureSettings) -> CurriculumRun:
    slides, site = slides_of_course(page.slides, curriculum, settings.language_code)
    run = CurriculumRun(project, curriculum, slides, site, settings, slides_of_page(page, curriculum.name))
    if run.has_new_course and curriculum.name in page.slides:
        say_changes(curriculum, slides, settings.language_code)
    return run


def _say_what_is_ahead(run: CurriculumRun, page: PresenterPage, scope: Scope) -> None:
    folder = run.curriculum.folder
    say(f"{folder}: {counted(len(run.entries), 'slide')}, {len(run.todo)} to take")
    if scope is not Scope.MISSING or run.curriculum.name not in page.slides:
        return
    # What nothing proves, and what has changed, is told at the end of the run.
    left = [entry for entry in run.standing if entry.status != UNPROVEN]
    found = site_changes(left, page, run.curriculum.name)
    if sentence := about_unknown(len(found.unknown)):
        say(f"{folder}: {sentence}")


def _work_off(pool: BrowserPool, runs: Sequence[CurriculumRun]) -> None:
    jobs = [job for run in runs for job in run.jobs()]
    by_curriculum = {run.curriculum: run for run in runs}
    told: set[str] = set()
    with Bars(*count_columns("slides")) as bars, bars.bar("Slides", len(jobs)) as bar:
        for count, (job, taken) in enumerate(pool.take_all(jobs), start=1):
            if taken.status == FAILED:
                by_curriculum[job.curriculum].note_failure(job.slide, taken.error or "")
            bar.move(count)
            if taken.error:
                # The others of the same cause are named at the end.
                put = detail if cause_of(taken.error) in told else say
                put(f"{job.curriculum.folder} {job.slide.name}: {taken.status}: {taken.error}")
                told.add(cause_of(taken.error))
            if not on_terminal() and (count % _LINE_EVERY == 0 or count == len(jobs)):
                say(f"{count} of {counted(len(jobs), 'slide')}")
