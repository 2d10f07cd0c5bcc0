"""Publishes a planned package: it is made beside the old one, and takes its place whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from common.console import Bars
from common.errors import BuilderError
from common.files import Project, write_atomically
from common.filesystem import UNABLE, exchange
from common.workers import work_off
from course.curricula import CURRICULA, Curriculum, Slide
from package.links import Linker, copy
from package.plan import VIDEOS, Item, Place, Plan
from package.published import published_places
from package.record import (
    RECORD_FILE,
    Made,
    Record,
    digest_of,
    is_as_made,
    is_ours_without_record,
    is_same,
    read_record,
    stamp_of,
    write_record,
)
from package.thumbnails import Look, make_thumbnail

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
        changed_in_place: files that were written into through a hard link, and their originals with them.
        others: the curricula of the output that are not planned, and what it shows of them; they stay as they are.
    """

    project: Project
    plan: Plan
    link: str
    output: Path
    record: Record
    foreign: frozenset[str]
    changed_in_place: tuple[str, ...]
    others: Mapping[Curriculum, list[Place]]

    @cached_property
    def whole(self) -> Plan:
        """The plan with the curricula that stay as they are, in course order: all that the package will show."""
        sequences = {**self.plan.sequences, **self.others}
        return replace(self.plan, sequences={each: sequences[each] for each in CURRICULA if each in sequences})

    @cached_property
    def untouched(self) -> frozenset[str]:
        """The files that stay as an earlier run has left them, because only other curricula are planned."""
        folders = tuple(f"{top}{each.folder}/" for each in self.others for top in ("", f"{THUMBNAILS}/"))
        shown = [place.video.number for places in self.others.values() for place in places if place.video]
        videos = {f"{VIDEOS}/{number}.mp4" for number in shown}
        planned = {item.target for item in self.plan.items}
        return frozenset(
            name
            for name in self.record.files.keys() - self.foreign - planned
            if (name.startswith(folders) or name in videos) and (self.output / name).exists()
        )

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

    @property
    def removed(self) -> list[str]:
        """The files of an earlier run that have no place in the package any more."""
        needed = {item.target for item in self.plan.items} | {PAGE} | self.foreign | self.untouched
        return [name for name in self.record.files if name not in needed and not name.startswith(f"{THUMBNAILS}/")]

    @property
    def doubled(self) -> list[str]:
        """The files of others at whose position the package has another file."""
        targets = {item.target for item in self.plan.items}
        return [
            name
            for name in sorted(self.foreign)
            for other in (".png", ".mp4")
            if name.endswith((".png", ".mp4")) and name not in targets and str(Path(name).with_suffix(other)) in targets
        ]

    @property
    def filled(self) -> set[str]:
        """The names of the places without a picture for which somebody has put one into the output."""
        return {place.name for place in self.whole.gaps if f"{place.name}.png" in self.foreign}

    @property
    def troubles(self) -> list[str]:
        """One sentence for everything that is missing, or not clearly there."""
        gaps = [place.gap for place in self.plan.gaps if place.name not in self.filled]
        doubled = [f"{name}: somebody has put it at a position that is taken. Remove one." for name in self.doubled]
        return self.plan.video_troubles + gaps + doubled

    def shown_picture(self, place: Place) -> Path | None:
        """Return the picture that stands for a place on the page."""
        target = f"{place.name}.png"
        if target in self.foreign:
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
    try:
        foreign = frozenset(_kept_or_refused(output, record, project, plan))
    except OSError as error:
        message = f"{error.filename or output} cannot be read: {error.strerror}."
        raise BuilderError(message, "Change its rights, or move it elsewhere.") from error
    changed_in_place = tuple(_changed_in_place(output, record, project))
    others = {
        each: places
        for each in CURRICULA
        if each not in plan.curricula and (places := published_places(project, output, record, each))
    }
    return Publication(project, plan, link, output, record, foreign, changed_in_place, others)


def _changed_in_place(output: Path, record: Record, project: Project) -> Iterator[str]:
    for name, made in record.files.items():
        is_other = made.source and made.stamp != stamp_of(output / name)
        if is_other and is_same(output / name, project.path / made.source, by_content=False):
            yield name


def _kept_or_refused(output: Path, record: Record, project: Project, plan: Plan) -> Iterator[str]:
    """Yield what others have put into an output or changed there, by its path below.

    Raises:
        BuilderError: the package needs some of these names, and has never had them.
    """
    needed: dict[str, Path | None] = {item.target: item.source for item in plan.items}
    needed |= {thumbnail_of(place): None for place in plan.places} | {PAGE: None}
    folders = {parent.as_posix() for name in needed for parent in Path(name).parents}
    in_the_way = []
    for name in _foreign(output, record, project):
        source = needed.get(name)
        if _is_nobodys(name, output / name, record):
            continue
        if name in record.files:
            yield name
        elif name in needed:
            if source is None or not is_same(output / name, source):
                in_the_way.append(name)
        elif any(parent.as_posix() in needed for parent in Path(name).parents) or (
            name in folders and not _is_real_folder(output / name)
        ):
            in_the_way.append(name)
        else:
            yield name
    if in_the_way:
        others = f" and {len(in_the_way) - 1} others" if len(in_the_way) > 1 else ""
        message = f"{output / in_the_way[0]}{others} was not made by this program, but the package needs its name."
        raise BuilderError(message, f"Move it elsewhere, or all of {output}.")


def _foreign(output: Path, record: Record, project: Project) -> Iterator[str]:
    """Yield whatever in an output is not as we have left it, by its path below."""
    for name in _names_below(output):
        made = record.files.get(name)
        if name != RECORD_FILE and not (made and is_as_made(output / name, made, project.path)):
            yield name


def _names_below(output: Path) -> Iterator[str]:
    """Yield every file, link and empty folder below a folder."""
    if not output.exists():
        return
    for folder, folders, names in os.walk(output, onerror=_refuse):
        below = "" if folder == str(output) else Path(folder).relative_to(output).as_posix() + "/"
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (below + name for name in [*names, *links])
        if below and not folders and not names:
            yield below.rstrip("/")


def _refuse(error: OSError) -> NoReturn:
    """Let no folder be passed over because it cannot be read."""
    raise error


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
    output, project = publication.output, publication.project
    staging = _staging(output)
    try:
        outcome = _Staging(publication, staging).fill(page)
        if outcome.changed:
            _swap(staging, output)
    except BaseException as error:
        with suppress(OSError, BuilderError):
            _clean_up(output, project)
        if not isinstance(error, OSError):
            raise
        culprit = " -> ".join(str(name) for name in (error.filename or staging, error.filename2) if name)
        remedy = "The output is as it was. See to that, and run this part again."
        raise BuilderError(f"The package cannot be made: {culprit}: {error.strerror}.", remedy) from error
    if outcome.changed:
        _rescue(_aside(output), output, project, aside_is_old=True)
    with suppress(OSError):
        _clean_up(output, project)
    return outcome


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
        self._looks |= self._looks_of_others()
        content = page(self._looks).encode(errors="replace")
        if made or self._is_outdated(content, [each.name for each in old_thumbnails]):
            for item in self._items():
                self._make(item)
            for each in old_thumbnails:
                self._take_along_thumbnail(each)
            if PAGE not in self._kept:
                if not (self._page_is_up_to_date(content) and self._take_along(PAGE)):
                    write_atomically(self._place_for(PAGE), content)
                self._note(PAGE, digest=digest_of(content))
            self._take_along_untouched()
            self._take_along_what_is_foreign()
            # What others have changed is known by what it was like before.
            self._made |= {name: self._before.files[name] for name in self._kept}
            write_record(self._folder, Record(self._publication.link, self._made, self._slides()))
            self._take_along_rights()  # last: nothing can be written into a folder that is protected
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
        for thumbnail in thumbnails:
            self._place_for(thumbnail.name)
        with Bars("Thumbnails", "{task.completed}/{task.total}") as bars, bars.bar("", len(thumbnails)) as bar:
            results = work_off(thumbnails, [self._make_thumbnail] * (os.cpu_count() or 1))
            for done, (thumbnail, look) in enumerate(results, start=1):
                self._looks[thumbnail.place] = look
                if look:
                    self._note(thumbnail.name, thumbnail.picture, look=look)
                bar.move(done)

    def _make_thumbnail(self, thumbnail: _Thumbnail) -> Look | None:
        return make_thumbnail(thumbnail.picture, self._folder / thumbnail.name)

    def _is_outdated(self, content: bytes, thumbnails: Sequence[str]) -> bool:
        """Say whether there is anything to do besides thumbnails."""
        publication, before = self._publication, self._before
        items = self._items()
        names = {PAGE, *self._kept, *publication.untouched, *thumbnails, *(item.target for item in items)}
        if before.link != publication.link or names != before.files.keys() or before.slides != self._slides():
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

    def _take_along_untouched(self) -> None:
        for name in sorted(self._publication.untouched):
            target = self._place_for(name)
            if not self._take_along(name):
                copy(self._publication.output / name, target)
            self._made[name] = self._before.files[name]

    def _slides(self) -> dict[str, list[Slide]]:
        """Return which slide stands at which position of which folder."""
        sequences = self._publication.whole.sequences
        return {curriculum.folder: [place.slide for place in places] for curriculum, places in sequences.items()}

    def _looks_of_others(self) -> dict[str, Look | None]:
        """Return what the pictures are like of the curricula that stay as they are."""
        places = (place for places in self._publication.others.values() for place in places)
        made = {place.name: self._before.files.get(thumbnail_of(place)) for place in places}
        return {name: thumbnail.look for name, thumbnail in made.items() if thumbnail}

    def _take_along_what_is_foreign(self) -> None:
        for name in sorted(self._publication.foreign):
            if _is_real_folder(self._publication.output / name):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
            else:
                self._place_for(name)
                # Where there are no links it is moved when the new output is in place.
                self._take_along(name)

    def _take_along_rights(self) -> None:
        """Give every folder the rights that it has in the old output."""
        old = self._publication.output
        for folder, _, _ in os.walk(old):
            new = self._folder / Path(folder).relative_to(old)
            if new.is_dir():
                shutil.copymode(folder, new)

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
        remedy = "Change its rights; look before you remove it, there may be files of yours in it."
        raise BuilderError(f"What an interrupted run left cannot be removed: {culprit}.", remedy) from error


def _clean_up(output: Path, project: Project) -> None:
    aside, staging = _aside(output), _staging(output)
    if aside.exists() and not output.exists():
        aside.rename(output)
    _remove(staging)
    if aside.exists():
        # It may be the old output or, if the run was killed just before they changed places, the new one.
        _rescue(aside, output, project, aside_is_old=False)
        # An interrupt while it is removed must not leave half of it under a name that promises a whole output.
        aside.rename(staging)
        _remove(staging)


def _remove(folder: Path) -> None:
    """Remove a folder with all that is in it, also what lies in folders that somebody has protected."""
    if not folder.exists():
        return
    for inner, _, _ in os.walk(folder):
        Path(inner).chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


def _rescue(aside: Path, output: Path, project: Project, aside_is_old: bool) -> None:
    """Move to the output what others have put into the old one while the new one was being made.

    Args:
        aside: where the old output should be.
        output: the new output.
        project: whose they are.
        aside_is_old: whether that is certain. Otherwise of two files of one name the newer one counts.

    Raises:
        BuilderError: something cannot be moved.
    """
    try:
        record = read_record(aside)
        for name in _foreign(aside, record, project):
            left, there = aside / name, output / name
            if _is_real_folder(left):
                there.mkdir(parents=True, exist_ok=True)
            elif _is_nobodys(name, left, record):
                continue
            elif not os.path.lexists(there) or (
                not _is_equal(left, there) and (aside_is_old or _time_of(left) > _time_of(there))
            ):
                there.parent.mkdir(parents=True, exist_ok=True)
                left.replace(there)
    except OSError as error:
        message = f"Files of yours cannot be moved from {aside} to {output}: {error.filename}: {error.strerror}."
        raise BuilderError(message, "See to that, and run this part again; until then they stay there.") from error


def _is_nobodys(name: str, path: Path, record: Record) -> bool:
    """Say whether a file is a page or thumbnail of ours whatever became of it: those are made again."""
    if name in record.files:
        return name.startswith(f"{THUMBNAILS}/")
    return (name == PAGE or name.startswith(f"{THUMBNAILS}/")) and is_ours_without_record(path)


def _is_equal(one: Path, other: Path) -> bool:
    """Say whether two files are the same, or two links lead to the same place."""
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return is_same(one, other)


def _time_of(path: Path) -> int:
    return path.lstat().st_mtime_ns
