"""Compares a planned package with the one that is there: what is to be made, what stays, what is somebody else's."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from common.console import counted
from common.errors import BuilderError
from course.curricula import CURRICULA, Curriculum
from package.foreign import foreign_names, is_real_folder, spelled_as
from package.gaps import gaps_told, video_troubles_told
from package.old_output import own_place, why_not_ours
from package.plan import ABOUT, PAGE, SUMS, THUMBNAILS, VIDEOS, PackagePlan, Place, PlannedFile
from package.published import published_places
from package.record import Record, is_same, read_record, stamp_of
from videos.renditions import MIRROR
from workspace.folders import Project

# What happens with a file of the plan.
MADE, THERE, KEPT = "made", "there already", "changed by somebody, kept"
# What goes with a package, unless somebody else has a file of that name there.
_COMPANIONS = (ABOUT, SUMS)


@dataclass(frozen=True)
class Publication:
    """A plan, and what has to be done for it where an output is there already.

    Attributes:
        project: whose package it is.
        plan: the package.
        link: how files are made: auto, hard or copy.
        output: where the output folder really is.
        record: what an earlier run has written down about the output.
        published: what the output shows of each curriculum, in course order; nothing if it has no file of it.
        foreign: paths below the output that are not as an earlier run has left them: files, links, empty folders.
        changed_in_place: files that were written into through a hard link, and their originals with them.
        why_set_aside: why what is in the place of the output gets another name; empty if it does not.
    """

    project: Project
    plan: PackagePlan
    link: str
    output: Path
    record: Record
    published: Mapping[Curriculum, Sequence[Place]]
    foreign: frozenset[str]
    changed_in_place: tuple[str, ...]
    why_set_aside: str = ""

    @cached_property
    def others(self) -> dict[Curriculum, list[Place]]:
        """The curricula of the output that are not planned, and what it shows of them; they stay as they are."""
        asked = self.plan.curricula
        return {each: list(places) for each, places in self.published.items() if places and each not in asked}

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
        planned = {file.target for file in self.plan.files}
        return frozenset(
            name
            for name in self.record.files.keys() - self.foreign - planned
            if (name.startswith(folders) or name in videos) and (self.output / name).exists()
        )

    @cached_property
    def sources(self) -> dict[str, str]:
        """Where each video that is shown came from, by its path below the output.

        Empty if none came from the mirror: then the page says nothing of it, and is as earlier versions wrote it.
        """
        shown = {place.file.target: place.video.source for place in self.whole.places if place.file and place.video}
        return shown if MIRROR in shown.values() else {}

    @property
    def changed_by_others(self) -> frozenset[str]:
        """The files of an earlier run that somebody has changed; they are kept as they are."""
        return self.foreign & self.record.files.keys()

    @cached_property
    def taken(self) -> frozenset[str]:
        """The names of files that would go with the package, and that somebody else has taken."""
        # Upper and lower case are the same to some systems.
        others = [name.casefold() for name in self.foreign - self.record.files.keys()]
        return frozenset(
            name for name in _COMPANIONS if any(f"{other}/".startswith(f"{name.casefold()}/") for other in others)
        )

    @property
    def companions(self) -> list[str]:
        """The names of the files that go with the package."""
        return [name for name in _COMPANIONS if name not in self.taken]

    def is_up_to_date(self, name: str, source: Path) -> bool:
        """Say whether a file of the output was made from this very original, and nobody has touched it since."""
        recorded = self.record.files.get(name)
        return (
            recorded is not None
            and recorded.stamp == stamp_of(self.output / name)
            and recorded.source == relative(source, self.project)
            and recorded.source_stamp == stamp_of(source)
        )

    def state(self, file: PlannedFile) -> str:
        """Return what happens with a file of the plan: it is ``MADE``, ``THERE`` already, or others' and ``KEPT``."""
        if file.target in self.foreign:
            return KEPT
        return THERE if self.record.link == self.link and self.is_up_to_date(file.target, file.source) else MADE

    @property
    def removed(self) -> list[str]:
        """The files of an earlier run that have no place in the package any more."""
        needed = {file.target for file in self.plan.files} | {PAGE, *_COMPANIONS} | self.foreign | self.untouched
        return [name for name in self.record.files if name not in needed and not name.startswith(f"{THUMBNAILS}/")]

    @property
    def doubled(self) -> list[str]:
        """The files of others at positions where the package has a file of its own."""
        targets = {file.target for file in self.plan.files}
        return [
            name
            for name in sorted(self.foreign - targets)
            for other in (".png", ".mp4")
            if name.endswith((".png", ".mp4")) and Path(name).with_suffix(other).as_posix() in targets
        ]

    @property
    def filled(self) -> set[str]:
        """The names of the places without a picture for which somebody has put one into the output."""
        return {place.name for place in self.whole.gaps if f"{place.name}.png" in self.foreign}

    @property
    def troubles(self) -> list[str]:
        """One sentence for everything that is missing or there more than once."""
        return self.plan.video_troubles + [place.gap for place in self._gaps] + self._about_doubled

    @property
    def troubles_told(self) -> list[str]:
        """The same for people: what has one cause is one sentence."""
        return [*video_troubles_told(self.plan), *gaps_told(self._gaps, self.plan), *self._about_doubled]

    @property
    def _gaps(self) -> list[Place]:
        return [place for place in self.plan.gaps if place.name not in self.filled]

    @property
    def _about_doubled(self) -> list[str]:
        return [
            f"{name}: the package has another file at this position. Remove one of the two." for name in self.doubled
        ]

    def shown_picture(self, place: Place) -> Path | None:
        """Return the picture that the page shows for a place; for a video, that of its slide."""
        target = f"{place.name}.png"
        if target in self.foreign:
            return self.output / target
        return place.picture.path if place.picture else None


def relative(path: Path, project: Project) -> str:
    """Return a path relative to the project with ``/``, so that the project can be moved, also to another system.

    On Windows no relative path leads to another drive; then it is the whole path.
    """
    try:
        return Path(os.path.relpath(path, project.path)).as_posix()
    except ValueError:
        return path.as_posix()


def prepare(project: Project, plan: PackagePlan, link: str) -> Publication:
    """Compare a plan with the output that is there; nothing is written.

    Args:
        project: whose package it is.
        plan: the package.
        link: how files are to be made: ``auto``, ``hard`` or ``copy``.

    Raises:
        BuilderError: the package needs the name of a file that is somebody else's.
    """
    if why := why_not_ours(project.output):
        nothing = dict.fromkeys(CURRICULA, ())
        return Publication(project, plan, link, own_place(project), Record(), nothing, frozenset(), (), why)
    output = project.output.resolve()
    record = read_record(output)
    try:
        foreign = _foreign_files(output, record, project, plan)
    except OSError as error:
        message = f"{error.filename or output} cannot be read: {error.strerror}."
        raise BuilderError(message, "Change its permissions, or move it elsewhere.") from error
    published = {each: published_places(project, output, record, each) for each in CURRICULA}
    return Publication(
        project, plan, link, output, record, published, foreign, _changed_in_place(output, record, project)
    )


def _foreign_files(output: Path, record: Record, project: Project, plan: PackagePlan) -> frozenset[str]:
    """Return what others have put into an output or changed there, by its path below.

    A file of theirs that is the same as the one that belongs there becomes the package's own.

    Raises:
        BuilderError: the package needs a name that it has never had, and that is theirs.
        OSError: a folder cannot be read.
    """
    originals = {file.target: file.source for file in plan.files}
    changed, added = [], []
    needed = _needed_names(plan)
    for name in spelled_as(needed | _folders_of(needed), list(foreign_names(output, record, project)), output):
        if name in record.files:
            changed.append(name)
        elif name not in originals or not is_same(output / name, originals[name]):
            added.append(name)
    if added:
        _require_names(plan, output, added)
    return frozenset(changed + added)


def _require_names(plan: PackagePlan, output: Path, taken: Collection[str]) -> None:
    """Make sure that the package needs none of the names that others have taken in its output.

    Raises:
        BuilderError: it does.
    """
    needed = _needed_names(plan)
    folders = _folders_of(needed)
    in_the_way = [
        name
        for name in taken
        if name in needed
        or any(parent.as_posix() in needed for parent in Path(name).parents)
        or (name in folders and not is_real_folder(output / name))
    ]
    if in_the_way:
        others = f" (and {counted(len(in_the_way) - 1, 'other file')})" if len(in_the_way) > 1 else ""
        message = f"{output / in_the_way[0]}{others} was not made by this program, but the package needs its name."
        raise BuilderError(message, f"Move it elsewhere, or move all of {output} away.")


def _needed_names(plan: PackagePlan) -> set[str]:
    return {PAGE, *(file.target for file in plan.files), *(place.thumbnail for place in plan.places)}


def _folders_of(names: Collection[str]) -> set[str]:
    return {parent.as_posix() for name in names for parent in Path(name).parents}


def _changed_in_place(output: Path, record: Record, project: Project) -> tuple[str, ...]:
    return tuple(
        name
        for name, recorded in record.files.items()
        if recorded.source
        and recorded.stamp != stamp_of(output / name)
        and is_same(output / name, project.path / recorded.source, by_content=False)
    )
