"""One curriculum during one run: which pictures it takes, and what its manifest says of each slide at every moment."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from common.console import say
from common.files import make_folder, write_atomically
from common.files_in_use import remove
from common.formats import now
from common.typed import advice
from course.curricula import Curriculum, Slide, edition_of
from slides.about_pictures import about_other_sizes, about_other_slides
from slides.browser_pool import CaptureJob
from slides.captions import texts_of, with_texts
from slides.capture import CaptureSettings
from slides.causes import SlideTrouble, troubles_of
from slides.earlier_runs import entries_from_earlier_runs, entries_of_gone_slides
from slides.entry import BEING_SAVED, FAILED, FLAWED, GOOD, MISSING, OK, UNPROVEN, Entry, with_entry
from slides.fingerprint import ShownSlide, fingerprint
from slides.global_state import GlobalState, differences
from slides.known_before import known_before
from slides.manifest import Manifest, write_manifest
from slides.pictures import picture_name, pictures_in
from slides.png import is_whole
from slides.progress import Progress, write_progress
from slides.scope import Scope
from slides.site_changes import fingerprint_today, has_changed, has_good_picture
from workspace.folders import Project


class CurriculumRun:
    """One curriculum of one language during one run.

    ``select`` decides which pictures it takes. Nothing is written before ``open``; from then on, what becomes of its
    slides is in its manifest at every moment. Several threads may save pictures at a time.

    Args:
        project: the language's project.
        curriculum: the curriculum.
        slides: in course order.
        site: where the slides were listed, for the manifest.
        settings: what the pictures must be like.
        shown: what the site says of the slides, by slide name, as far as it is known.

    Attributes:
        curriculum: as given.
        folder: where the pictures are.
        entries: what is known of each slide, in course order.
        todo: the slides to take, by their names, in course order. A slide that is twice in a session is taken once.
        global_state: the one in which all pictures were taken that are listed as good; None if that is not known.
        has_new_course: whether the slides are others than the manifest of before lists; also if there was none.
        left_changed: the names of the slides that the site shows differently than when their pictures were taken, and
            that this run does not take.
    """

    def __init__(
        self,
        project: Project,
        curriculum: Curriculum,
        slides: Sequence[Slide],
        site: str,
        settings: CaptureSettings,
        shown: Mapping[str, ShownSlide],
    ) -> None:
        self.curriculum = curriculum
        self.folder = project.path / curriculum.folder
        self._project = project
        self._site = site
        self._shown = shown
        self._language_code = settings.language_code
        self._lock = threading.Lock()
        self._started_at = now()
        # The names of the slides whose pictures this run, or the one that it continues, has taken (or kept, if that
        # was one of the scripts before this suite).
        self._done: set[str] = set()
        self._edition = edition_of(curriculum, slides)
        self._course_read_at = now()
        self._size = (settings.width, settings.height)
        self._before = known_before(project, curriculum)
        self._gone = entries_of_gone_slides(self.folder, slides, self._before.entries)
        unfinished = self._before.unfinished
        entries = entries_from_earlier_runs(
            self.folder,
            slides,
            self._size,
            self._before.entries,
            unfinished.proven if unfinished else {},
            settings.allow_flawed,
        )
        self.entries = with_texts(entries, shown)
        self.todo: dict[str, Slide] = {}
        self.global_state = self._before.global_state
        self.has_new_course = list(self._before.slides) != list(slides)
        self.left_changed: tuple[str, ...] = ()
        # The slides whose pictures this very run has taken.
        self._taken: set[str] = set()
        self._keeps_right_size = False
        self._is_open = False

    def select(self, scope: Scope, resume: bool) -> None:
        """Decide which pictures to take.

        Args:
            scope: how much of the course.
            resume: leave out the slides that the last, interrupted run has taken; if it was one of the scripts before
                this suite, all that have a whole picture of the right size. If the scope is what has changed, those
                that the site shows differently since are taken all the same.
        """
        unfinished = self._before.unfinished
        if resume:
            self._continue_last_run()
        if scope is Scope.CHANGED:
            # The site may have changed since the interrupted run.
            self._done -= {entry.slide.name for entry in self.entries if has_changed(entry, self._shown)}
        kept = {Scope.ALL: set, Scope.MISSING: self._whole, Scope.CHANGED: self._unchanged}[scope]()
        self._keeps_right_size = scope is not Scope.ALL or (resume and bool(unfinished and unfinished.by_old_scripts))
        self._take_all_but(kept)
        if scope is Scope.MISSING:
            changed = (each for each in self.standing if has_good_picture(each) and has_changed(each, self._shown))
            names = (entry.slide.name for entry in changed)
            self.left_changed = tuple(dict.fromkeys(name for name in names if name in self._shown))

    def select_all(self, looking_different: Collection[str]) -> None:
        """Take every slide, except those that an interrupted run which this one continues has taken.

        Args:
            looking_different: the names of slides whose pictures do not show any more what the site shows. If the
                interrupted run has taken one of them, the others of that run are taken anew as well.
        """
        if not self._done.isdisjoint(looking_different):
            self._done = set(self._taken)
        self._take_all_but(set())

    def _take_all_but(self, kept: set[str]) -> None:
        left_out = kept | self._done
        self.todo = {entry.slide.name: entry.slide for entry in self.entries if entry.slide.name not in left_out}

    @property
    def standing(self) -> list[Entry]:
        """What is known of the slides whose pictures are there and are not taken anew."""
        return [entry for entry in self.entries if entry.slide.name not in self.todo]

    def open(self, today: GlobalState | None = None) -> None:
        """Begin to write: the manifest is there from now on.

        Args:
            today: the global state of today, if it is known.

        Raises:
            BuilderError: the folder cannot be written.
        """
        make_folder(self.folder, advice("Choose another --project-path.", "Choose another --folder."))
        self._is_open = True
        self._before.set_doubtful_aside()
        if not any(entry.file or entry.previous for entry in (*self.entries, *self._gone)):
            # Every picture will be of today, or of a later day if this run is killed and another goes on.
            self.global_state = today
        self._write_manifest()
        self._say_passed_over()

    def is_in(self, state: GlobalState) -> bool:
        """Say whether all pictures that are listed as good were taken in a global state, or look as if they were."""
        with_picture = [entry for entry in self.entries if has_good_picture(entry)]
        is_all_new = all(entry.slide.name in self._taken for entry in with_picture)
        return is_all_new or (self.global_state is not None and not differences(self.global_state, state))

    def record(self, state: GlobalState) -> None:
        """Record the global state of all pictures that are listed as good.

        Those of slides that the course no longer has stay as they were: if one comes back, nothing is known of it.
        """
        if self.global_state == state:
            return
        with self._lock:
            self._gone = [replace(entry, fingerprint=None) for entry in self._gone]
            self.global_state = state
            self._write_manifest()

    def jobs(self) -> list[CaptureJob]:
        """Return the pictures to take, in course order."""
        return [CaptureJob(self.curriculum, slide, self.save_picture) for slide in self.todo.values()]

    def _whole(self) -> set[str]:
        """Return the names of the slides that have a whole picture of the right size."""
        return {entry.slide.name for entry in self.entries if self._has(entry, *GOOD, FLAWED)}

    def _unchanged(self) -> set[str]:
        """Return the names of the slides whose pictures show what the site shows today, as far as it is proven."""
        return {
            entry.slide.name
            for entry in self.entries
            if self._has(entry, OK) and entry.fingerprint and entry.fingerprint == fingerprint_today(entry, self._shown)
        }

    def _say_passed_over(self) -> None:
        """Say which pictures are there and not used as they are."""
        without_picture = {
            entry.slide.name
            for entry in self.entries
            if entry.slide.name in self.todo and (entry.width, entry.height) != self._size
        }
        course = {entry.slide.name for entry in self.entries}
        sentences = [about_other_slides(pictures_in(self.folder), course)]
        if self._keeps_right_size:
            sentences.append(about_other_sizes(self.folder, without_picture, self._size))
        for sentence in filter(None, sentences):
            say(f"{self.curriculum.folder}: {sentence}")

    def _continue_last_run(self) -> None:
        last = self._before.unfinished
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
            say(f"{self.curriculum.folder}: no interrupted run to resume{self._before.progress_fault}.")
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
        known = {"fingerprint": fingerprint(shown, width, height) if shown else None, **texts_of(shown)}
        with self._lock:
            if not self._done:
                self._write_progress(None)
            previous, superfluous = self._earlier_pictures(slide, file)
            about = {"taken_at": now(), "sha256": digest, "width": width, "height": height, **known}
            if superfluous:
                # One that a program has open may stay: a newer picture counts.
                with suppress(OSError):
                    remove(self.folder / superfluous)
            self._note(slide, file=file, status=MISSING, error=flaw or BEING_SAVED, previous=previous, **about)
            write_atomically(self.folder / file, png)
            self._note(slide, status=FLAWED if flaw else OK, error=flaw)
            self._done.add(slide.name)
            self._taken.add(slide.name)
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
        if self._is_open and (finished or self._done):
            self._write_progress(now() if finished else None)

    def count(self, *statuses: str) -> int:
        """Return how many slides have one of these statuses."""
        return sum(entry.status in statuses for entry in self.entries)

    def troubles(self, is_meant: Callable[[Entry], bool]) -> list[SlideTrouble]:
        """Return what is wrong with the slides that are meant, in course order."""
        return troubles_of(self.curriculum, self.entries, [entry for entry in self.entries if is_meant(entry)])

    @property
    def left_as_they_were(self) -> list[SlideTrouble]:
        """The slides that have changed on the site, and that this run does not take."""
        return self.troubles(lambda entry: entry.slide.name in self.left_changed)

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
            global_state=self.global_state,
            left_changed=self.left_changed,
        )
        write_manifest(self._project, self.curriculum, manifest)

    def _write_progress(self, finished_at: str | None) -> None:
        done = {entry.slide.name: entry.file for entry in self.entries if entry.file and entry.slide.name in self._done}
        progress = Progress(self._started_at, finished_at, done)
        write_progress(self.folder, self._language_code, self.curriculum.name, len(self.entries), progress)
