"""Publishes a planned package: it is made beside the old one, and takes its place whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.console import Bars
from common.errors import BuilderError
from common.files import write_atomically
from common.files_in_use import remedy_for
from common.filesystem import UNABLE
from common.formats import now
from common.workers import work_off
from course.curricula import Slide
from package.checksums import bring_up_to_date, sums_below, sums_file
from package.compare import MADE, Publication, relative
from package.find_changes import ShownChanges
from package.foreign import is_real_folder
from package.links import Linker, copy
from package.old_output import OPEN_FILES, keep_old
from package.plan import ABOUT, PAGE, SUMS, Place, PlannedFile
from package.record import FileRecord, Record, digest_of, required_stamp, stamp_of, write_record
from package.swap import aside_folder, clean_up_beside, rescue, staging_folder, swap
from package.thumbnails import ImageStats, make_thumbnail


@dataclass(frozen=True)
class Outcome:
    """What became of a publication.

    Attributes:
        changed: whether there was anything to do.
        ways: how many files were made as ``reflink``, ``hard`` link and ``copy``.
        thumbnails: how many were made.
        image_stats: what each place's picture is like, by the place's name; None where it cannot be decoded.
        unsummed: why files are not in the list of checksums, by their paths below the output.
        old_output: the new name of what was in the place of the output and is not ours, if there was such.
    """

    changed: bool
    ways: Mapping[str, int]
    thumbnails: int
    image_stats: Mapping[str, ImageStats | None]
    unsummed: Mapping[str, str] = field(default_factory=dict)
    old_output: Path | None = None


def publish(
    publication: Publication,
    shown_changes: ShownChanges,
    page: Callable[[Mapping[str, ImageStats | None], str], str],
    about: Callable[[str], str],
) -> Outcome:
    """Make the package beside the old one, and let it take its place when it is complete.

    If something goes wrong before that, the old package stays as it was. What others have put into the
    output folder, or changed there, stays too. If nothing has changed, nothing is touched. An old output that is
    not known to be ours stays whole, under another name.

    Args:
        publication: as ``prepare`` returned it, after ``clean_up``.
        shown_changes: as ``find_changes`` returned it.
        page: makes the content of ``index.html`` out of what each place's picture is like, and of the time when
            the package was made.
        about: makes the content of ``about-this-package.txt`` out of the time when the package was made.

    Raises:
        BuilderError: something cannot be read or written.
    """
    output, project = publication.output, publication.project
    staging = staging_folder(output)
    try:
        new = _Staging(publication, shown_changes, staging)
        outcome = new.fill(page, about)
        if outcome.changed:
            swap(staging, output)
    except BaseException as error:
        with suppress(OSError, BuilderError):
            clean_up_beside(output, project)
        if not isinstance(error, OSError):
            raise
        culprit = " -> ".join(str(name) for name in (error.filename or staging, error.filename2) if name)
        remedy = remedy_for(error, OPEN_FILES, "Fix that, then run the same command again.")
        message = f"The package cannot be made: {culprit}: {error.strerror}."
        raise BuilderError(message, f"The old output is unchanged. {remedy}") from error
    aside = aside_folder(output)
    if publication.why_set_aside and os.path.lexists(aside):
        outcome = replace(outcome, old_output=keep_old(aside, output))
    elif outcome.changed:
        rescue(aside, output, project, aside_is_old=True)
    with suppress(OSError):
        clean_up_beside(output, project)
    # What others have in the output may have changed, although nothing of the package has.
    return replace(outcome, unsummed=bring_up_to_date(output, new.record, project))


@dataclass(frozen=True)
class _Thumbnail:
    """The thumbnail that a place needs, and the picture that it is made from."""

    place: Place
    picture: Path


class _Staging:
    """The new output while it is being made; the folder comes into being with its first file."""

    def __init__(self, publication: Publication, shown_changes: ShownChanges, folder: Path) -> None:
        self._publication = publication
        self._changes = shown_changes
        self._before = publication.record
        self._kept = publication.changed_by_others
        self._folder = folder
        self._linker = Linker(publication.link)
        self._files: dict[str, FileRecord] = {}
        self._image_stats: dict[str, ImageStats | None] = {}
        self.record = publication.record

    def fill(self, page: Callable[[Mapping[str, ImageStats | None], str], str], about: Callable[[str], str]) -> Outcome:
        """Make what is not up to date and take along what is; nothing at all if all of it is."""
        new_thumbnails, old_thumbnails = self._sorted_thumbnails()
        self._make_thumbnails(new_thumbnails)
        made = len(self._files)
        self._image_stats |= self._recorded_stats([*old_thumbnails, *self._places_of_others()])

        def texts_of(made_at: str) -> dict[str, str]:
            return {PAGE: page(self._image_stats, made_at), ABOUT: about(made_at)}

        # An unchanged package was made when it was changed last.
        texts = texts_of(self._before.made_at)
        if made or self._is_outdated(self._own_texts(texts), old_thumbnails):
            moment = now()
            for file in self._planned_files():
                self._make(file)
            for name, content in self._own_texts(texts_of(moment)).items():
                self._make_text(name, content)
            for name in sorted({*self._publication.untouched, *(place.thumbnail for place in old_thumbnails)}):
                self._take_along_as_it_is(name)
            self._keep_what_was_before()
            self._take_along_what_is_foreign()
            # What others have changed is known by what it was like before.
            self._files |= {name: self._before.files[name] for name in self._kept}
            publication, changes = self._publication, self._changes.changes
            record = Record(publication.link, self._files, self._slides(), publication.sources, changes, made_at=moment)
            self.record = self._with_sums(record)
            write_record(self._folder, self.record)
            self._take_along_rights()  # last: nothing can be written into a folder that is protected
        return Outcome(bool(self._files), self._linker.used, made, self._image_stats)

    def _planned_files(self) -> list[PlannedFile]:
        return [file for file in self._publication.plan.files if file.target not in self._kept]

    def _places_of_others(self) -> list[Place]:
        """Return the places of the curricula that stay as they are, as far as they have a thumbnail."""
        places = [place for places in self._publication.others.values() for place in places]
        return [place for place in places if place.thumbnail in self._before.files]

    def _slides(self) -> dict[str, list[Slide]]:
        """Return which slide stands at which position of which folder."""
        sequences = self._publication.whole.sequences
        return {curriculum.folder: [place.slide for place in places] for curriculum, places in sequences.items()}

    def _sorted_thumbnails(self) -> tuple[list[_Thumbnail], list[Place]]:
        """Return the thumbnails that have to be made, and the places whose thumbnails are there."""
        new: list[_Thumbnail] = []
        old: list[Place] = []
        for place in self._publication.plan.places:
            picture = self._publication.shown_picture(place)
            if picture and self._publication.is_up_to_date(place.thumbnail, picture):
                old.append(place)
            elif picture:
                new.append(_Thumbnail(place, picture))
        return new, old

    def _make_thumbnails(self, thumbnails: Sequence[_Thumbnail]) -> None:
        """Make thumbnails, several at once: this is nearly all the work there is."""
        if not thumbnails:
            return
        for thumbnail in thumbnails:
            self._place_for(thumbnail.place.thumbnail)
        from common.bar_columns import count_columns

        columns = count_columns("thumbnails")
        with Bars(*columns) as bars, bars.bar("Thumbnails", len(thumbnails)) as bar:
            results = work_off(self._make_thumbnail, thumbnails, os.cpu_count() or 1)
            for done, (thumbnail, stats) in enumerate(results, start=1):
                self._image_stats[thumbnail.place.name] = stats
                if stats:
                    self._note(thumbnail.place.thumbnail, thumbnail.picture, stats=stats)
                bar.move(done)

    def _make_thumbnail(self, thumbnail: _Thumbnail) -> ImageStats | None:
        return make_thumbnail(thumbnail.picture, self._folder / thumbnail.place.thumbnail)

    def _recorded_stats(self, places: Sequence[Place]) -> dict[str, ImageStats | None]:
        return {place.name: self._before.files[place.thumbnail].stats for place in places}

    def _own_texts(self, texts: Mapping[str, str]) -> dict[str, bytes]:
        """Return the texts that are ours to write, as they are written."""
        theirs = self._kept | self._publication.taken
        return {name: text.encode(errors="replace") for name, text in texts.items() if name not in theirs}

    def _is_outdated(self, texts: Mapping[str, bytes], thumbnails: Sequence[Place]) -> bool:
        """Say whether there is anything to do besides thumbnails."""
        publication, before = self._publication, self._before
        files = self._planned_files()
        names = {PAGE, *publication.companions, *self._kept, *publication.untouched, *self._changes.before}
        names |= {place.thumbnail for place in thumbnails} | {file.target for file in files}
        if before.link != publication.link or names != before.files.keys() or before.slides != self._slides():
            return True
        # The page would show it, but somebody may have changed that. The list of checksums is brought up to date
        # without the rest.
        if before.sources != publication.sources or before.changes != self._changes.changes:
            return True
        if not all(self._is_as_it_was(name, content) for name, content in texts.items()):
            return True
        return any(publication.state(file) == MADE for file in files)

    def _make(self, file: PlannedFile) -> None:
        target = self._place_for(file.target)
        if self._publication.state(file) == MADE or not self._take_along(file.target):
            self._linker.make(file.source, target)
        self._note(file.target, file.source)

    def _make_text(self, name: str, content: bytes) -> None:
        if not (self._is_as_it_was(name, content) and self._take_along(name)):
            write_atomically(self._place_for(name), content)
        self._note(name, digest=digest_of(content))

    def _with_sums(self, record: Record) -> Record:
        """Write the list of checksums of what is there, if it is ours, and return the record with them."""
        if SUMS in self._kept | self._publication.taken:
            return record
        known = sums_below(self._folder, record.files, self._before, self._publication.project)
        self._make_text(SUMS, sums_file(known.sums))
        return replace(record, sums=known.sums)

    def _is_as_it_was(self, name: str, content: bytes) -> bool:
        recorded = self._before.files.get(name)
        there = stamp_of(self._publication.output / name)
        return recorded is not None and recorded.stamp == there and recorded.digest == digest_of(content)

    def _take_along_as_it_is(self, name: str) -> None:
        """Take along a file that the old output has as its record says; where there are no links, as a copy."""
        target = self._place_for(name)
        if not self._take_along(name):
            copy(self._publication.output / name, target)
        self._files[name] = self._before.files[name]

    def _keep_what_was_before(self) -> None:
        """Keep small pictures of how changed slides were, for the page to show beside what they are now."""
        for name, source in self._changes.before.items():
            target = self._place_for(name)
            if source.suffix != target.suffix:
                if stats := make_thumbnail(source, target):
                    self._note(name, source, stats=stats)
                continue
            old_name = source.relative_to(self._publication.output).as_posix()
            if not self._take_along(old_name, name):
                copy(source, target)
            self._files[name] = replace(self._before.files[old_name], stamp=required_stamp(target))

    def _take_along_what_is_foreign(self) -> None:
        for name in sorted(self._publication.foreign):
            if is_real_folder(self._publication.output / name):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            else:
                self._place_for(name)
                # Where there are no links it is moved when the new output is in place.
                self._take_along(name)

    def _take_along_rights(self) -> None:
        """Give every folder the rights that it has in the old output, if that is ours."""
        if self._publication.why_set_aside:
            return
        old = self._publication.output
        for folder, _, _ in os.walk(old):
            new = self._folder / Path(folder).relative_to(old)
            if new.is_dir():
                shutil.copymode(folder, new)

    def _take_along(self, name: str, new_name: str = "") -> bool:
        """Give a file of the old output a place in the new one, the same by default; return whether there are links."""
        try:
            os.link(self._publication.output / name, self._folder / (new_name or name), follow_symlinks=False)
        except OSError as error:
            if error.errno not in UNABLE:
                raise
            return False
        return True

    def _place_for(self, name: str) -> Path:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _note(self, name: str, source: Path | None = None, digest: str = "", stats: ImageStats | None = None) -> None:
        stamp = required_stamp(self._folder / name)
        origin = relative(source, self._publication.project) if source else ""
        self._files[name] = FileRecord(stamp, origin, stamp_of(source) if source else None, digest, stats)
