"""Takes the slides of whole curricula: which ones are to be taken, by how many browsers, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from common.console import Bars, counted, on_terminal, say, warn
from common.errors import BuilderError
from common.files import make_folder, write_json
from common.formats import now
from course.curricula import Changes, Curriculum, Slide, changes, recorded_slides
from course.languages import has_three_circles
from course.page import site_url
from slides.browser_pool import BrowserPool, CaptureJob, CaptureResult
from slides.capture import CaptureSettings
from slides.grid import announce
from slides.manifest import Entry, Manifest, read_manifest, with_entry, write_manifest
from slides.pictures import Picture, newest_whole, pictures_in
from slides.png import flaw_of
from slides.profile import sweep
from workspace.folders import Project

RECORDED = "curricula.json"
# How many slides are named of those that differ from the recorded course.
_MOST_NAMED = 8
# Without a terminal, one line for so many slides.
_LINE_EVERY = 25


class CurriculumRun:
    """One curriculum of one language during one run: what it holds, what is to be taken, what became of it.

    Args:
        project: the language's project.
        curriculum: which one.
        slides: in course order.
        site: where the slides were listed, for the manifest.
        settings: what the pictures shall be like.
    """

    def __init__(
        self, project: Project, curriculum: Curriculum, slides: Sequence[Slide], site: str, settings: CaptureSettings
    ) -> None:
        self.curriculum = curriculum
        self.folder = project.path / curriculum.folder
        self._project = project
        self._site = site
        self._settings = settings
        self._started_at = now()
        self._done: dict[str, str] = {}
        make_folder(self.folder, "Choose another --project-path.")
        self._there = newest_whole(pictures_in(self.folder), (settings.width, settings.height))
        self.entries = [_entry_before(slide, self._there.get(slide.name)) for slide in slides]
        self._names = [slide.name for slide in slides]
        self._recall_faults()

    def jobs(self, missing_only: bool, resume: bool) -> list[CaptureJob]:
        """Return the pictures to take, in course order; a slide that stands twice in a session is taken once.

        Args:
            missing_only: leave out the slides that have a whole picture of the right size.
            resume: leave out the slides that the last, interrupted run has taken.
        """
        if resume:
            self._take_up_last_run()
        good = {entry.slide.name for entry in self.entries if entry.status in ("ok", "flawed")}
        skipped = good if missing_only else good & self._done.keys()
        todo = {entry.slide.name: entry.slide for entry in self.entries if entry.slide.name not in skipped}
        return [CaptureJob(self.curriculum, slide, self.folder) for slide in todo.values()]

    def note(self, slide: Slide, taken: CaptureResult) -> None:
        """Take down what became of a slide, on disk too. A picture from an earlier run stays if the new one failed."""
        changes = {"status": taken.status, "error": taken.error, **({"file": taken.file} if taken.file else {})}
        self.entries = with_entry(self.entries, slide.name, **changes)
        if taken.file:
            self._done[slide.name] = taken.file
            self.save_progress(finished=False)

    def count(self, *statuses: str) -> int:
        """Return how many slides have one of these statuses."""
        return sum(entry.status in statuses for entry in self.entries)

    def save(self) -> None:
        """Write the manifest."""
        entries = tuple(self.entries)
        manifest = Manifest(self._settings.language_code, self._site, self.curriculum.name, entries)
        write_manifest(self._project, self.curriculum, manifest)

    def save_progress(self, finished: bool) -> None:
        """Write how far this run has come, for a later one that resumes it."""
        if not finished and not self._done:
            return  # an earlier run may have come further
        content = {
            "language_code": self._settings.language_code,
            "curriculum": self.curriculum.name,
            "started_at": self._started_at,
            "finished_at": now() if finished else None,
            "total": len(self.entries),
            "done": {name: self._done[name] for name in self._names if name in self._done},
        }
        write_json(self._progress_file, content)

    @property
    def _progress_file(self) -> Path:
        return self.folder / f"{self.curriculum.folder}_progress.json"

    def _take_up_last_run(self) -> None:
        """Count as done what the last run took before it was interrupted."""
        try:
            last = json.loads(self._progress_file.read_text(encoding="utf-8"))
            done = dict(last["done"]) if last["finished_at"] is None else {}
        except (OSError, ValueError, TypeError, KeyError):
            done = {}
        whole = {name: picture.path.name for name, picture in self._there.items()}
        self._done = {name: file for name, file in done.items() if whole.get(name) == file}
        if not self._done:
            say(f"{self.curriculum.folder}: no interrupted run to resume.")

    def _recall_faults(self) -> None:
        """Count no picture as good with which an earlier run was not content; a flawed one may be kept if allowed."""
        for name, picture in self._there.items():
            if flaw := flaw_of(picture.path):
                status = "flawed" if self._settings.allow_flawed else "missing"
                self.entries = with_entry(self.entries, name, status=status, error=flaw)
        for old in self._manifest_before():
            there = self._there.get(old.slide.name)
            if old.status != "ok" and there and there.path.name == old.file:
                kept = old.status == "flawed" and self._settings.allow_flawed
                status = "flawed" if kept else "missing"
                self.entries = with_entry(self.entries, old.slide.name, status=status, error=old.error)

    def _manifest_before(self) -> Sequence[Entry]:
        try:
            before = read_manifest(self._project, self.curriculum)
        except BuilderError as error:
            warn(f"{error.message} It is made anew.")
            return ()
        return before.entries if before else ()

    def catch_up(self) -> None:
        """Take down the pictures that were saved when the run was interrupted."""
        for name, picture in newest_whole(
            pictures_in(self.folder), (self._settings.width, self._settings.height)
        ).items():
            if picture != self._there.get(name) and name not in self._done:
                flaw = flaw_of(picture.path)
                status, file = ("flawed", picture.path.name) if flaw else ("ok", picture.path.name)
                self.entries = with_entry(self.entries, name, status=status, file=file, error=flaw)
                self._done[name] = picture.path.name


def _entry_before(slide: Slide, picture: Picture | None) -> Entry:
    if picture is None:
        return Entry(slide, None, "missing", None)
    return Entry(slide, picture.path.name, "ok", None)


def slides_of_course(
    listed: Mapping[str, Sequence[Slide]], curriculum: Curriculum, language_code: str
) -> tuple[Sequence[Slide], str]:
    """Return the slides of a curriculum, and where they were listed.

    Args:
        listed: what the site lists, by curriculum name.
        curriculum: which one.
        language_code: decides on the edition if the site lists nothing.
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
        say(f"{curriculum.folder}: the site's course is not {edition} any more:")
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
) -> list[CurriculumRun]:
    """Take the pictures of whole curricula and keep their manifests.

    Args:
        project: where the pictures go.
        curricula: which ones, in order.
        settings: what the pictures shall be like.
        browsers: how many to use side by side.
        missing_only: as for ``CurriculumRun.jobs``.
        resume: as for ``CurriculumRun.jobs``.

    Returns:
        One run for each curriculum, with what became of every slide.

    Raises:
        BuilderError: the site or the browsers cannot be used.
    """
    runs: list[CurriculumRun] = []
    finished = False
    try:
        with BrowserPool(settings, browsers) as pool:
            if not settings.grid_urls and (left := sweep()):
                say(f"A killed run has left {left} browsers behind; they are ended.")
            announce(settings.grid_urls)
            pool.start()
            listed = pool.course(curricula[0])
            for curriculum in curricula:
                slides, site = slides_of_course(listed, curriculum, settings.language_code)
                runs.append(CurriculumRun(project, curriculum, slides, site, settings))
            jobs = []
            for run in runs:
                todo = run.jobs(missing_only, resume)
                say(f"{run.curriculum.folder}: {counted(len(run.entries), 'slide')}, {len(todo)} to take")
                jobs.extend(todo)
                run.save()
            _work_off(jobs, pool, {run.curriculum: run for run in runs})
            finished = True
    finally:
        # After the browsers have ended, so that no more pictures come.
        for run in runs:
            run.catch_up()
            run.save_progress(finished)
            run.save()
    return runs


def _work_off(jobs: Sequence[CaptureJob], pool: BrowserPool, runs: Mapping[Curriculum, CurriculumRun]) -> None:
    columns = (TextColumn("Slides"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Bars(*columns) as bars, bars.bar("Slides", len(jobs)) as bar:
        for count, (job, taken) in enumerate(pool.take_all(jobs), start=1):
            runs[job.curriculum].note(job.slide, taken)
            bar.move(count)
            if taken.error:
                say(f"{job.curriculum.folder} {job.slide.name}: {taken.status}: {taken.error}")
            if not on_terminal() and (count % _LINE_EVERY == 0 or count == len(jobs)):
                say(f"{count} of {counted(len(jobs), 'slide')}")
