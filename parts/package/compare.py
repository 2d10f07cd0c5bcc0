"""Compares a planned package with the one that is there: what is to be made, what is somebody else's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from common.errors import BuilderError
from course.curricula import CURRICULA, Curriculum
from package.plan import VIDEOS, PackagePlan, Place, PlannedFile
from package.published import published_places
from package.record import RECORD_FILE, Record, is_as_made, is_ours_without_record, is_same, read_record, stamp_of
from workspace.folders import Project

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
    plan: PackagePlan
    link: str
    output: Path
    record: Record
    foreign: frozenset[str]
    changed_in_place: tuple[str, ...]
    others: Mapping[Curriculum, list[Place]]

    @cached_property
    def whole(self) -> PackagePlan:
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

    def state(self, item: PlannedFile) -> str:
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


def thumbnail_of(place: Place) -> str:
    """Return where the thumbnail of a place is, below the output."""
    return f"{THUMBNAILS}/{place.name}.jpg"


def relative(path: Path, project: Project) -> str:
    """Return a path as seen from the project, which can be moved with all that is in it."""
    return Path(os.path.relpath(path, project.path)).as_posix()


def prepare(project: Project, plan: PackagePlan, link: str) -> Publication:
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


def _kept_or_refused(output: Path, record: Record, project: Project, plan: PackagePlan) -> Iterator[str]:
    """Yield what others have put into an output or changed there, by its path below.

    Raises:
        BuilderError: the package needs some of these names, and has never had them.
    """
    needed: dict[str, Path | None] = {item.target: item.source for item in plan.items}
    needed |= {thumbnail_of(place): None for place in plan.places} | {PAGE: None}
    folders = {parent.as_posix() for name in needed for parent in Path(name).parents}
    in_the_way = []
    for name in foreign_names(output, record, project):
        source = needed.get(name)
        if is_nobodys(name, output / name, record):
            continue
        if name in record.files:
            yield name
        elif name in needed:
            if source is None or not is_same(output / name, source):
                in_the_way.append(name)
        elif any(parent.as_posix() in needed for parent in Path(name).parents) or (
            name in folders and not is_real_folder(output / name)
        ):
            in_the_way.append(name)
        else:
            yield name
    if in_the_way:
        others = f" and {len(in_the_way) - 1} others" if len(in_the_way) > 1 else ""
        message = f"{output / in_the_way[0]}{others} was not made by this program, but the package needs its name."
        raise BuilderError(message, f"Move it elsewhere, or all of {output}.")


def foreign_names(output: Path, record: Record, project: Project) -> Iterator[str]:
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


def is_real_folder(path: Path) -> bool:
    """Say whether a path is a folder, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def is_nobodys(name: str, path: Path, record: Record) -> bool:
    """Say whether a file is a page or thumbnail of ours whatever became of it: those are made again."""
    if name in record.files:
        return name.startswith(f"{THUMBNAILS}/")
    return (name == PAGE or name.startswith(f"{THUMBNAILS}/")) and is_ours_without_record(path)
