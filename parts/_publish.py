"""Publishes a planned package: it is made beside the old one, and takes its place whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from _console import Bars
from _errors import BuilderError
from _filesystem import UNABLE, exchange
from _links import Linker, copy
from _package import Item, Place, Plan
from _project import Project, write_atomically
from _record import RECORD_FILE, Made, Record, digest_of, is_as_made, is_same, read_record, stamp_of, write_record
from _thumbnails import Look, make_thumbnail
from _workers import work_off

PAGE = "index.html"
THUMBNAILS = "thumbnails"

# What happens with a file of the plan.
MADE, THERE, KEPT = "made", "there already", "changed by somebody, kept"


@dataclass(frozen=True)
class Publication:
    """A plan, and what has to be done for it where an output is there already.

    Attributes:
        project: whose package it is.
        plan: the package.
        link: how files are made: auto, hard or copy.
        output: where the output folder really is.
        record: what an earlier run has left there.
        foreign: paths below the output that are not as an earlier run has left them: files, links, empty folders.
    """

    project: Project
    plan: Plan
    link: str
    output: Path
    record: Record
    foreign: frozenset[str]

    @property
    def changed_by_others(self) -> frozenset[str]:
        """The files of an earlier run that somebody has changed; they are kept as they are."""
        return self.foreign & self.record.files.keys()

    def is_up_to_date(self, name: str, source: Path) -> bool:
        """Say whether a file of the output was made from this very original, and nobody has touched it since."""
        made = self.record.files.get(name)
        return (
            made is not None
            and made.stamp == stamp_of(self.output / name)
            and made.source == relative(source, self.project)
            and made.source_stamp == stamp_of(source)
        )

    def state(self, item: Item) -> str:
        """Return what happens with a file of the plan: it is ``MADE``, ``THERE`` already, or others' and ``KEPT``."""
        if item.target in self.foreign:
            return KEPT
        return THERE if self.record.link == self.link and self.is_up_to_date(item.target, item.source) else MADE

    def shown_picture(self, place: Place) -> Path | None:
        """Return the picture that stands for a place on the page."""
        target = f"{place.name}.png"
        if target in self.changed_by_others:
            return self.output / target
        return place.picture.path if place.picture else None


@dataclass(frozen=True)
class Outcome:
    """What became of a publication.

    Attributes:
        changed: whether there was anything to do.
        ways: how many files were made as ``reflink``, ``hard`` link and ``copy``.
        thumbnails: how many were made.
        looks: what each place's picture is like, by the place's name; None where it cannot be decoded.
    """

    changed: bool
    ways: Mapping[str, int]
    thumbnails: int
    looks: Mapping[str, Look | None]


def thumbnail_of(place: Place) -> str:
    """Return where the thumbnail of a place is, below the output."""
    return f"{THUMBNAILS}/{place.name}.jpg"


def relative(path: Path, project: Project) -> str:
    """Return a path as seen from the project, which can be moved with all that is in it."""
    return Path(os.path.relpath(path, project.path)).as_posix()


def prepare(project: Project, plan: Plan, link: str) -> Publication:
    """Compare a plan with the output that is there; nothing is written.

    Args:
        project: whose package it is.
        plan: the package.
        link: how files are to be made: ``auto``, ``hard`` or ``copy``.

    Raises:
        BuilderError: the package needs the name of a file that is somebody else's.
    """
    output = project.output.resolve()
    if output.exists() and not output.is_dir():
        raise BuilderError(f"{output} is a file, not a folder.", "Move it elsewhere.")
    record = read_record(output)
    needed: dict[str, Path | None] = {item.target: item.source for item in plan.items}
    needed |= {thumbnail_of(place): None for place in plan.places if place.picture} | {PAGE: None}
    folders = {parent.as_posix() for name in needed for parent in Path(name).parents}
    foreign = set()
    for name in _foreign(output, record, project):
        source = needed.get(name)
        if name in record.files:
            # Thumbnails are nobody's work: those that were lost in a power cut, say, are made again.
            if not name.startswith(f"{THUMBNAILS}/"):
                foreign.add(name)
        elif source is None or not is_same(output / name, source):
            in_the_way = name in needed or any(parent.as_posix() in needed for parent in Path(name).parents)
            if in_the_way or (name in folders and not _is_real_folder(output / name)):
                raise BuilderError(
                    f"{output / name} was not made by this program, but the package needs its name.",
                    "Move it elsewhere.",
                )
            foreign.add(name)
    return Publication(project, plan, link, output, record, frozenset(foreign))


def _foreign(output: Path, record: Record, project: Project) -> Iterator[str]:
    """Yield whatever in an output is not as we have left it, by its path below."""
    for name in _names_below(output):
        made = record.files.get(name)
        if name != RECORD_FILE and not (made and is_as_made(output / name, made, project.path)):
            yield name


def _names_below(output: Path) -> Iterator[str]:
    """Yield every file, link and empty folder below a folder."""
    for folder, folders, names in os.walk(output):
        below = "" if folder == str(output) else Path(folder).relative_to(output).as_posix() + "/"
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (below + name for name in [*names, *links])
        if below and not folders and not names:
            yield below.rstrip("/")


def _is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def publish(publication: Publication, page: Callable[[Mapping[str, Look | None]], str]) -> Outcome:
    """Make the package beside the old one, and let it take its place when it is complete.

    Whatever goes wrong before leaves the old package as it was. What others have put into
    the output folder, or changed there, stays. If nothing has changed, nothing is touched.

    Args:
        publication: as ``prepare`` returned it, after ``clean_up``.
        page: makes the content of ``index.html`` out of what each place's picture is like.

    Raises:
        BuilderError: something cannot be read or written.
    """
    staging = _staging(publication.output)
    try:
        outcome = _Staging(publication, staging).fill(page)
        if outcome.changed:
            _swap(staging, publication.output)
        return outcome
    except OSError as error:
        culprit = " -> ".join(str(name) for name in (error.filename or staging, error.filename2) if name)
        remedy = "The output is as it was. See to that, and run this part again."
        raise BuilderError(f"The package cannot be made: {culprit}: {error.strerror}.", remedy) from error
    finally:
        with suppress(OSError):
            _clean_up(publication.output, publication.project)


@dataclass(frozen=True)
class _Thumbnail:
    """The thumbnail of a place's picture: its path below the output, and the picture."""

    place: str
    name: str
    picture: Path


class _Staging:
    """The new output while it is being made; the folder comes into being with its first file."""

    def __init__(self, publication: Publication, folder: Path) -> None:
        self._publication = publication
        self._before = publication.record
        self._kept = publication.changed_by_others
        self._folder = folder
        self._linker = Linker(publication.link)
        self._made: dict[str, Made] = {}
        self._looks: dict[str, Look | None] = {}

    def fill(self, page: Callable[[Mapping[str, Look | None]], str]) -> Outcome:
        """Make what is not up to date and take along what is; nothing at all if all of it is."""
        new_thumbnails, old_thumbnails = self._sorted_thumbnails()
        self._make_thumbnails(new_thumbnails)
        made = len(self._made)
        self._looks |= {each.place: self._before.files[each.name].look for each in old_thumbnails}
        content = page(self._looks).encode()
        if made or self._is_outdated(content, [each.name for each in old_thumbnails]):
            for item in self._items():
                self._make(item)
            for each in old_thumbnails:
                self._take_along_thumbnail(each)
            if PAGE not in self._kept:
                if not (self._page_is_up_to_date(content) and self._take_along(PAGE)):
                    write_atomically(self._place_for(PAGE), content)
                self._note(PAGE, digest=digest_of(content))
            self._take_along_what_is_foreign()
            # What others have changed is known by what it was like before.
            self._made |= {name: self._before.files[name] for name in self._kept}
            write_record(self._folder, Record(self._publication.link, self._made))
        return Outcome(bool(self._made), self._linker.used, made, self._looks)

    def _items(self) -> list[Item]:
        return [item for item in self._publication.plan.items if item.target not in self._kept]

    def _sorted_thumbnails(self) -> tuple[list[_Thumbnail], list[_Thumbnail]]:
        """Return the thumbnails that have to be made, and those that are there."""
        new: list[_Thumbnail] = []
        old: list[_Thumbnail] = []
        for place in self._publication.plan.places:
            picture = self._publication.shown_picture(place)
            if picture:
                thumbnail = _Thumbnail(place.name, thumbnail_of(place), picture)
                is_there = self._publication.is_up_to_date(thumbnail.name, picture)
                (old if is_there else new).append(thumbnail)
        return new, old

    def _make_thumbnails(self, thumbnails: Sequence[_Thumbnail]) -> None:
        """Make thumbnails, several at once: this is nearly all the work there is."""
        if not thumbnails:
            return
        with Bars("Thumbnails", "{task.completed}/{task.total}") as bars, bars.bar("", len(thumbnails)) as bar:
            results = work_off(thumbnails, [self._make_thumbnail] * (os.cpu_count() or 1))
            for done, (thumbnail, look) in enumerate(results, start=1):
                self._looks[thumbnail.place] = look
                if look:
                    self._note(thumbnail.name, thumbnail.picture, look=look)
                bar.move(done)

    def _make_thumbnail(self, thumbnail: _Thumbnail) -> Look | None:
        return make_thumbnail(thumbnail.picture, self._place_for(thumbnail.name))

    def _is_outdated(self, content: bytes, thumbnails: Sequence[str]) -> bool:
        """Say whether there is anything to do besides thumbnails."""
        publication, before = self._publication, self._before
        items = self._items()
        names = {PAGE, *self._kept, *thumbnails, *(item.target for item in items)}
        if before.link != publication.link or names != before.files.keys():
            return True
        if PAGE not in self._kept and not self._page_is_up_to_date(content):
            return True
        return any(publication.state(item) == MADE for item in items)

    def _page_is_up_to_date(self, content: bytes) -> bool:
        made = self._before.files.get(PAGE)
        there = stamp_of(self._publication.output / PAGE)
        return made is not None and made.stamp == there and made.digest == digest_of(content)

    def _make(self, item: Item) -> None:
        target = self._place_for(item.target)
        if self._publication.state(item) == MADE or not self._take_along(item.target):
            self._linker.make(item.source, target)
        self._note(item.target, item.source)

    def _take_along_thumbnail(self, thumbnail: _Thumbnail) -> None:
        self._place_for(thumbnail.name)
        if not self._take_along(thumbnail.name):
            copy(self._publication.output / thumbnail.name, self._folder / thumbnail.name)
        self._note(thumbnail.name, thumbnail.picture, look=self._before.files[thumbnail.name].look)

    def _take_along_what_is_foreign(self) -> None:
        for name in sorted(self._publication.foreign):
            if _is_real_folder(self._publication.output / name):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            else:
                self._place_for(name)
                # Where there are no links it is moved when the new output is in place.
                self._take_along(name)

    def _take_along(self, name: str) -> bool:
        """Give a file of the old output a second name in the new one; return whether the file system can."""
        try:
            os.link(self._publication.output / name, self._folder / name, follow_symlinks=False)
        except OSError as error:
            if error.errno not in UNABLE:
                raise
            return False
        return True

    def _place_for(self, name: str) -> Path:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _note(self, name: str, source: Path | None = None, digest: str = "", look: Look | None = None) -> None:
        stamp = stamp_of(self._folder / name)
        assert stamp is not None, "only what was made is noted"
        origin = relative(source, self._publication.project) if source else ""
        self._made[name] = Made(stamp, origin, stamp_of(source) if source else None, digest, look)


def _staging(output: Path) -> Path:
    """Return where the new output is made; what has this name is never complete."""
    return output.with_name(f".{output.name}.new")


def _aside(output: Path) -> Path:
    """Return where one output is while two change places; what has this name is complete."""
    return output.with_name(f".{output.name}.old")


def _swap(staging: Path, output: Path) -> None:
    if not output.exists():
        staging.rename(output)
        return
    aside = _aside(output)
    staging.rename(aside)
    try:
        exchange(aside, output)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
        # In two steps, then; if they are interrupted, the next run finds the old output aside.
        aside.rename(staging)
        output.rename(aside)
        staging.rename(output)


def clean_up(project: Project) -> None:
    """Undo or finish what an earlier run left when it was killed.

    Raises:
        BuilderError: it cannot be done.
    """
    try:
        _clean_up(project.output.resolve(), project)
    except OSError as error:
        culprit = f"{error.filename or project.output}: {error.strerror}"
        raise BuilderError(f"What an interrupted run left cannot be removed: {culprit}.", "Remove it.") from error


def _clean_up(output: Path, project: Project) -> None:
    aside, staging = _aside(output), _staging(output)
    if aside.exists() and not output.exists():
        aside.rename(output)
    if staging.exists():
        shutil.rmtree(staging)
    if aside.exists():
        _rescue(aside, output, project)
        # An interrupt while it is removed must not leave half of it under a name that promises a whole output.
        aside.rename(staging)
        shutil.rmtree(staging)


def _rescue(aside: Path, output: Path, project: Project) -> None:
    """Move to the output what others have put into the old one while the new one was being made."""
    for name in _foreign(aside, read_record(aside), project):
        left, there = stamp_of(aside / name), stamp_of(output / name)
        if _is_real_folder(aside / name):
            (output / name).mkdir(parents=True, exist_ok=True)
        elif left and (there is None or left.time > there.time):
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).replace(output / name)
