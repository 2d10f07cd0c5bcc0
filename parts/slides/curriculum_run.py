"""Takes the pictures of whole curricula, and records in their manifests what became of each slide."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from common.console import Bars, counted, on_terminal, say, warn
from common.errors import BuilderError
from common.files import make_folder, write_atomically
from common.formats import now
from common.records import NewerRecordError, set_aside
from course.curricula import Changes, Curriculum, Slide, changes, edition_of, recorded_slides
from course.languages import has_three_circles
from course.page import site_url
from slides.about_pictures import about_other_sizes, about_other_slides
from slides.browser_pool import BrowserPool, CaptureJob
from slides.browser_profile import end_abandoned_browsers
from slides.capture import CaptureSettings
from slides.earlier_runs import entries_from_earlier_runs, entries_of_gone_slides
from slides.entry import BEING_SAVED, FAILED, FLAWED, GOOD, MISSING, OK, UNPROVEN, Entry, with_entry
from slides.fingerprint import ShownSlide, fingerprint
from slides.grid import announce
from slides.manifest import Manifest, manifest_path, read_damaged_manifest, write_manifest
from slides.page_of_course import page_of_course
from slides.pictures import picture_name, pictures_in
from slides.png import is_whole
from slides.progress import Progress, unfinished_run, write_progress
from workspace.folders import Project

RECORDED = "curricula.json"
# How many of the slides that differ from the recorded course are named.
_MOST_NAMED = 8
# Without a terminal, one line for so many slides.
_LINE_EVERY = 25


class CurriculumRun:
    """One curriculum of one language during one run. What becomes of its slides is in its manifest at every moment.

    Several threads may save pictures at a time.

    Args:
        project: the language's project.
        curriculum: the curriculum.
        slides: in course order.
        site: where the slides were listed, for the manifest.
        settings: what the pictures must be like.

    Attributes:
        curriculum: as given.
        folder: where the pictures are.
        entries: what is known of each slide, in course order.
    """

    def __init__(
        self, project: Project, curriculum: Curriculum, slides: Sequence[Slide], site: str, settings: CaptureSettings
    ) -> None:
        self.curriculum = curriculum
        self.folder = project.path / curriculum.folder
        self._project = project
        self._site = site
        self._language_code = settings.language_code
        self._lock = threading.Lock()
        self._started_at = now()
        # The names of the slides whose pictures this run, or the one that it continues, has taken (or kept, if that
        # was one of the scripts before this suite).
        self._done: set[str] = set()
        self._edition = edition_of(curriculum, slides)
        self._course_read_at = now()
        self._size = (settings.width, settings.height)
        make_folder(self.folder, "Choose another --project-path.")
        self._unfinished, self._progress_fault = _last_run(self.folder)
        listed = _listed_before(project, curriculum)
        self._gone = entries_of_gone_slides(self.folder, slides, listed)
        self.entries = entries_from_earlier_runs(
            self.folder,
            slides,
            self._size,
            listed,
            self._unfinished.proven if self._unfinished else {},
            settings.allow_flawed,
        )

    def start(self, missing_only: bool, resume: bool) -> list[CaptureJob]:
        """Write the manifest, and return the pictures to take, in course order.

        A slide that is twice in a session is taken once.

        Args:
            missing_only: leave out the slides that have a whole picture of the right size.
            resume: leave out the slides that the last, interrupted run has taken; if it was one of the scripts before
                this suite, all that have a whole picture of the right size.
        """
        if resume:
            self._continue_last_run()
        self._write_manifest()
        skipped = self._done | (self._whole() if missing_only else set())
        todo = {entry.slide.name: entry.slide for entry in self.entries if entry.slide.name not in skipped}
        continues_old = resume and self._unfinished is not None and self._unfinished.by_old_scripts
        self._say_passed_over(todo, missing_only or continues_old)
        return [CaptureJob(self.curriculum, slide, self.save_picture) for slide in todo.values()]

    def _whole(self) -> set[str]:
        """Return the names of the slides that have a whole picture of the right size."""
        return {entry.slide.name for entry in self.entries if self._has(entry, *GOOD, FLAWED)}

    def _say_passed_over(self, todo: Collection[str], for_their_size: bool) -> None:
        """Say which pictures are there and not used as they are.

        Args:
            todo: the names of the slides that are taken.
            for_their_size: whether a picture of the right size would have been kept.
        """
        without_picture = {
            entry.slide.name
            for entry in self.entries
            if entry.slide.name in todo and (entry.width, entry.height) != self._size
        }
        course = {entry.slide.name for entry in self.entries}
        sentences = [about_other_slides(pictures_in(self.folder), course)]
        if for_their_size:
            sentences.append(about_other_sizes(self.folder, without_picture, self._size))
        for sentence in filter(None, sentences):
            say(f"{self.curriculum.folder}: {sentence}")

    def _continue_last_run(self) -> None:
        last = self._unfinished
        if last is not None and last.by_old_scripts:
            self._done = self._whole()
        elif last is not None:
            self._done = {
                entry.slide.name
                for entry in self.entries
                if (self._has(entry, OK, FLAWED) and entry.file and last.has_taken(entry.slide.name, entry.file))
                or (self._has(entry, UNPROVEN) and last.done.get(entry.slide.name) == entry.file)
            }
        if last is None or not (self._done or last.by_old_scripts):
            say(f"{self.curriculum.folder}: no interrupted run to resume{self._progress_fault}.")
            return
        self._started_at = last.started_at

    def _has(self, entry: Entry, *statuses: str) -> bool:
        """Say whether a slide has a picture of the right size, with one of these statuses."""
        return entry.status in statuses and (entry.width, entry.height) == self._size

    def save_picture(self, slide: Slide, png: bytes, flaw: str | None, shown: ShownSlide | None = None) -> str:
        """Save a picture that is proven to show its slide, and return the file's name.

        The manifest lists it before it is there: whenever the run is killed, each of its pictures is listed, and none
        is listed as good that is not there. For that moment the slide is ``missing``; if the run is killed in it, the
        next one counts the picture if it is there and has no flaw, and otherwise takes it again.

        The picture that the slide had before stays as its previous one, and the one before that is removed.

        Args:
            slide: the slide.
            png: the picture.
            flaw: what the site did not deliver on it, or None.
            shown: what the page said of the slide when the picture was taken, or None if it did not say it.

        Raises:
            BuilderError: the folder cannot be written.
        """
        file = picture_name(slide, datetime.now())
        digest = hashlib.sha256(png).hexdigest()
        width, height = self._size
        known = {"fingerprint": fingerprint(shown, width, height) if shown else None}
        with self._lock:
            if not self._done:
                self._write_progress(None)
            previous, superfluous = self._earlier_pictures(slide, file)
            about = {"taken_at": now(), "sha256": digest, "width": width, "height": height, **known}
            if superfluous:
                (self.folder / superfluous).unlink(missing_ok=True)
            self._note(slide, file=file, status=MISSING, error=flaw or BEING_SAVED, previous=previous, **about)
            write_atomically(self.folder / file, png)
            self._note(slide, status=FLAWED if flaw else OK, error=flaw)
            self._done.add(slide.name)
        return file

    def _earlier_pictures(self, slide: Slide, file: str) -> tuple[str | None, str | None]:
        """Return which picture is the previous one of a slide when a new file is its picture, and which one has to go.

        A picture that we have not taken stays where it is, and is neither.
        """
        entry = next(entry for entry in self.entries if entry.slide.name == slide.name)
        is_ours = entry.file is not None and entry.taken_at is not None
        if is_ours and entry.file != file and is_whole(self.folder / str(entry.file)):
            return entry.file, entry.previous if entry.previous not in (file, entry.file) else None
        return entry.previous if entry.previous != file else None, None

    def note_failure(self, slide: Slide, error: str) -> None:
        """Note that a slide could not be taken. Its picture from an earlier run, if it has one, stays listed."""
        with self._lock:
            self._note(slide, status=FAILED, error=error)

    def end(self, finished: bool) -> None:
        """Write how the run ended, for a later one that resumes it.

        Args:
            finished: whether it has tried every slide.
        """
        # A run that took nothing must not hide an earlier one that was interrupted.
        if finished or self._done:
            self._write_progress(now() if finished else None)

    def count(self, *statuses: str) -> int:
        """Return how many slides have one of these statuses."""
        return sum(entry.status in statuses for entry in self.entries)

    def _note(self, slide: Slide, **changes: Any) -> None:
        self.entries = with_entry(self.entries, slide.name, **changes)
        self._write_manifest()

    def _write_manifest(self) -> None:
        manifest = Manifest(
            self._language_code,
            self._site,
            self.curriculum.name,
            tuple(self.entries),
            self._edition,
            self._course_read_at,
            tuple(self._gone),
        )
        write_manifest(self._project, self.curriculum, manifest)

    def _write_progress(self, finished_at: str | None) -> None:
        done = {entry.slide.name: entry.file for entry in self.entries if entry.file and entry.slide.name in self._done}
        progress = Progress(self._started_at, finished_at, done)
        write_progress(self.folder, self._language_code, self.curriculum.name, len(self.entries), progress)


def _last_run(folder: Path) -> tuple[Progress | None, str]:
    """Return the run that ``--resume`` continues, if there is one, and what is wrong with its file, after a colon.

    Raises:
        NewerRecordError: a later version has written the progress file.
    """
    try:
        return unfinished_run(folder), ""
    except NewerRecordError:
        raise
    except BuilderError as error:
        return None, f": {error.message.removesuffix('.')}"


def _listed_before(project: Project, curriculum: Curriculum) -> Sequence[Entry]:
    """Return the entries of the manifest that is there, after those that it lists as gone; say what is not believed.

    Raises:
        NewerRecordError: a later version has written it.
    """
    path = manifest_path(project, curriculum)
    try:
        before = read_damaged_manifest(project, curriculum)
    except NewerRecordError:
        raise
    except BuilderError as error:
        warn(f"{error.message} It is kept as {set_aside(path).name}, and a new one is written.")
        return ()
    if before is None:
        return ()
    for doubt in before.doubts:
        warn(f"{path} is not believed: {doubt}.")
    if before.doubts:
        warn(f"It is kept as {set_aside(path).name}, and a new one is written.")
    return (*before.gone, *before.entries)


def slides_of_course(
    listed: Mapping[str, Sequence[Slide]], curriculum: Curriculum, language_code: str
) -> tuple[Sequence[Slide], str]:
    """Return the slides of a curriculum, and where they were listed.

    Args:
        listed: what the site lists, by curriculum name.
        curriculum: which one.
        language_code: decides which recorded edition is used if the site lists nothing.
    """
    three_circles = has_three_circles(language_code)
    recorded = recorded_slides(curriculum, three_circles)
    edition = f"the {'three circles' if three_circles else 'classic'} edition of {RECORDED}"
    if curriculum.name in listed:
        _say_changes(curriculum, changes(recorded, listed[curriculum.name]), edition)
        return listed[curriculum.name], site_url()
    warn(f"the site does not list the slides of {curriculum.name}; taking {edition} instead.")
    return recorded, RECORDED


def _say_changes(curriculum: Curriculum, differences: Changes, edition: str) -> None:
    """Say how the site's curriculum differs from the recorded one."""
    if differences:
        say(f"{curriculum.folder}: the site's course differs from {edition}:")
    for what in ("new", "gone", "moved", "videos"):
        names = getattr(differences, what)
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            title = "other videos" if what == "videos" else what
            say(f"  {title}: {len(names)} ({', '.join(names[:_MOST_NAMED])}{more})")


def take_slides(
    project: Project,
    curricula: Sequence[Curriculum],
    settings: CaptureSettings,
    browsers: int,
    missing_only: bool,
    resume: bool,
    begin: Callable[[], None],
) -> list[CurriculumRun]:
    """Take the pictures of whole curricula.

    Args:
        project: where the pictures go.
        curricula: which ones, in order.
        settings: what the pictures must be like.
        browsers: how many to use side by side.
        missing_only: as for ``CurriculumRun.start``.
        resume: as for ``CurriculumRun.start``.
        begin: called when the site has listed the slides, before the first file is written.

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
            announce(settings.grid_urls)
            pool.start()
            page = page_of_course(settings.language_code, curricula)
            listed: Mapping[str, Sequence[Slide]] = page.slides if page else pool.course(curricula[0])
            # Without one, nothing is to be written.
            pool.wait_for_browser()
            for curriculum in curricula:
                slides, site = slides_of_course(listed, curriculum, settings.language_code)
                runs.append(CurriculumRun(project, curriculum, slides, site, settings))
            begin()
            jobs = []
            for run in runs:
                todo = run.start(missing_only, resume)
                say(f"{run.curriculum.folder}: {counted(len(run.entries), 'slide')}, {len(todo)} to take")
                jobs.extend(todo)
            _work_off(jobs, pool, {run.curriculum: run for run in runs})
            finished = True
    finally:
        # The browsers have ended by now, so no more pictures come.
        for run in runs:
            run.end(finished)
    return runs


def _work_off(jobs: Sequence[CaptureJob], pool: BrowserPool, runs: Mapping[Curriculum, CurriculumRun]) -> None:
    columns = (TextColumn("Slides"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Bars(*columns) as bars, bars.bar("Slides", len(jobs)) as bar:
        for count, (job, taken) in enumerate(pool.take_all(jobs), start=1):
            if taken.status == FAILED:
                runs[job.curriculum].note_failure(job.slide, taken.error or "")
            bar.move(count)
            if taken.error:
                say(f"{job.curriculum.folder} {job.slide.name}: {taken.status}: {taken.error}")
            if not on_terminal() and (count % _LINE_EVERY == 0 or count == len(jobs)):
                say(f"{count} of {counted(len(jobs), 'slide')}")
