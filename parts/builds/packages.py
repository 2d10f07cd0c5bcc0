"""What is known of the packages in a folder without asking anybody: their settings, pictures, videos and output.

Nothing is locked and nothing is written, so this works while a build runs. A picture counts by its record and its
size on the disk; its content is not read.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from builds.package_state import DeckState
from builds.package_videos import LocalVideos, local_videos
from cli.options import IN_PACKAGE
from common.errors import BuilderError
from common.filesystem import composed, visible
from course.curricula import CURRICULA, Curriculum, Slide, curricula_named, edition_of, recorded_slides
from course.languages import find_language, has_three_circles, site_code
from decks.old_decks import why_not_current
from package.plan import PAGE
from package.project_records import recorded_languages
from package.record import RECORD_FILE, Record, read_record
from slides.current import curricula_there
from slides.entry import MISSING, UNPROVEN, Entry, without_picture
from slides.manifest import Manifest, read_manifest
from slides.pictures import pictures_in
from slides.site_changes import has_good_picture
from workspace.folders import Project, is_project, projects_of
from workspace.package_settings import PACKAGE_FILE, remembered_settings


@dataclass(frozen=True)
class PackagePlace:
    """A folder that holds the package of a language, or should.

    Attributes:
        project: the folder.
        language_code: as the site writes it.
        why_not: why ``build.py --language`` with this code does not lead to this folder, or nothing.
    """

    project: Project
    language_code: str
    why_not: str = ""

    @property
    def name(self) -> str:
        """The language's English name; its code if it is in no list."""
        language = find_language(self.language_code)
        return language.name if language else self.language_code


@dataclass(frozen=True)
class LocalCurriculum:
    """The pictures of a curriculum.

    Attributes:
        manifest: what part 3 has recorded; None if it has recorded nothing.
        entries: of all slides, in course order. One whose picture is not there, or has not the size that the package
            is to have, is without a picture.
    """

    manifest: Manifest | None
    entries: tuple[Entry, ...]

    @property
    def slides(self) -> list[Slide]:
        """The slides, in course order."""
        return [entry.slide for entry in self.entries]


@dataclass(frozen=True)
class LocalPackage:
    """What is known of a package without asking anybody.

    Attributes:
        place: where it is.
        settings: what it was last built with: a value for every option that packages remember. Of a package that
            remembers nothing these are the defaults; its ``quality`` is None then.
        curricula: those that it was asked to have.
        videos: its videos.
        built_at: when the package was published, in UTC as ISO 8601; None if it was not.
        size: of all files in its output, in bytes; None if there is no output.
        unpublished: files that the output lacks though their originals are there, by their paths below it.
        older: files of the output whose originals are newer, likewise.
        decks: the decks that it has, and those that it is to have.
    """

    place: PackagePlace
    settings: Mapping[str, Any] = field(default_factory=dict)
    curricula: Mapping[Curriculum, LocalCurriculum] = field(default_factory=dict)
    videos: LocalVideos = field(default_factory=LocalVideos)
    built_at: str | None = None
    size: int | None = None
    unpublished: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    decks: tuple[DeckState, ...] = ()


def package_places(folder: Path, codes: Sequence[str] | None) -> list[PackagePlace]:
    """Find the packages in a folder, ordered by code.

    Args:
        folder: holds the languages' packages.
        codes: of the languages that are of interest, as the site writes them; None for all. A package that is not
            there stands in the list all the same.

    Raises:
        OSError: the folder cannot be read.
    """
    found: dict[str, list[PackagePlace]] = defaultdict(list)
    for path in visible(folder):
        if path.is_dir() and (place := _place_at(path)):
            found[place.language_code].append(place)
    for code in codes or ():
        if code not in found:
            found[code].append(
                PackagePlace(Project(folder / code), code, f"There is no package of {code} in {folder}.")
            )
    places = [place for code, group in found.items() for place in _with_one_used(folder, code, group)]
    wanted = [place for place in places if codes is None or place.language_code in codes]
    return sorted(wanted, key=lambda place: (place.language_code, bool(place.why_not), place.project.path.name))


def _place_at(path: Path) -> PackagePlace | None:
    """Return the package that a folder is, or None if it is none."""
    project = Project(path)
    language = find_language(path.name)
    looks_like_one = (path / PACKAGE_FILE).exists() or is_project(path)
    if not looks_like_one and not (language and (project.output.is_dir() or project.videos.is_dir())):
        return None
    try:
        recorded = sorted(recorded_languages(project))
    except BuilderError as error:  # a later version has written something
        return PackagePlace(project, site_code(path.name), error.message)
    if not recorded and language is None:
        return None
    code = recorded[0] if len(recorded) == 1 else site_code(path.name)
    if len(recorded) > 1:
        return PackagePlace(project, code, f"{path} has files of more than one language: {', '.join(recorded)}.")
    if site_code(path.name) != code:
        why = f"{path} holds {code}, but is not named after it, so a build of {code} does not find it."
        return PackagePlace(project, code, why)
    return PackagePlace(project, code)


def _with_one_used(folder: Path, code: str, group: Sequence[PackagePlace]) -> Iterator[PackagePlace]:
    """Yield the packages of one language, of which a build uses one."""
    usable = [place for place in group if not place.why_not]
    chosen = projects_of(folder, code) if len(usable) > 1 else []
    for place in group:
        if place in usable and chosen and place.project != chosen[0]:
            why = f"{place.project.path} is another project of the same language. A build uses {chosen[0].path}."
            yield replace(place, why_not=why)
        else:
            yield place


def look_at_package(place: PackagePlace) -> LocalPackage:
    """Return what is known of a package.

    Raises:
        NewerRecordError: a later version has written one of its records.
        BuilderError: a record is torn, or says what cannot be.
        OSError: something cannot be read.
    """
    project = place.project
    remembered = remembered_settings(project, [option.name for option in IN_PACKAGE])
    settings = {option.name: remembered.get(option.name, option.default) for option in IN_PACKAGE}
    settings["quality"] = remembered.get("quality")
    there = curricula_named(remembered["curriculum"]) if "curriculum" in remembered else curricula_there(project)
    size = (remembered["width"], remembered["height"]) if {"width", "height"} <= remembered.keys() else None
    curricula = {curriculum: _curriculum(place, curriculum, size) for curriculum in there or CURRICULA}
    record = read_record(project.output)
    videos = local_videos(project)
    package = LocalPackage(place, settings, curricula, videos)
    if PAGE not in record.files or not (project.output / PAGE).is_file():
        return replace(package, size=_bytes_below(project.output))
    unpublished, older = _compared_with_output(package, record)
    return replace(
        package,
        built_at=record.made_at or _time_of(project.output / RECORD_FILE),
        size=_bytes_below(project.output),
        unpublished=tuple(unpublished),
        older=tuple(older),
        decks=tuple(_decks(package)),
    )


def edition_of_package(package: LocalPackage) -> str | None:
    """Return the edition that a package shows; None if its slides do not tell."""
    for curriculum, local in package.curricula.items():
        if local.manifest and (edition := edition_of(curriculum, local.manifest.slides)):
            return edition
    return None


def entries_without_manifest(project: Project, curriculum: Curriculum, slides: Sequence[Slide]) -> tuple[Entry, ...]:
    """Return the entries of a curriculum of which only pictures tell: what they show, no record says.

    Args:
        project: where the pictures are.
        curriculum: the curriculum.
        slides: that it has.
    """
    named = {picture.slide_name: picture.path.name for picture in pictures_in(project.path / curriculum.folder)}
    return tuple(
        Entry(slide, named[slide.name], UNPROVEN, None) if slide.name in named else without_picture(slide)
        for slide in slides
    )


def _curriculum(place: PackagePlace, curriculum: Curriculum, size: tuple[int, int] | None) -> LocalCurriculum:
    manifest = read_manifest(place.project, curriculum)
    if manifest is None or not manifest.entries:
        slides = recorded_slides(curriculum, has_three_circles(place.language_code))
        return LocalCurriculum(None, entries_without_manifest(place.project, curriculum, slides))
    there = _files_in(place.project.path / curriculum.folder)
    entries = tuple(
        entry if _has_picture(entry, there, size) else replace(entry, file=None, status=MISSING, fingerprint=None)
        for entry in manifest.entries
    )
    return LocalCurriculum(manifest, entries)


def _has_picture(entry: Entry, there: Mapping[str, int], size: tuple[int, int] | None) -> bool:
    has_size = size is None or entry.width is None or (entry.width, entry.height) == size
    return entry.file is not None and bool(there.get(entry.file)) and has_size


def _files_in(folder: Path) -> dict[str, int]:
    """Return the files of a folder with their sizes in bytes; none if there is no such folder."""
    found = {}
    try:
        with os.scandir(folder) as items:
            for item in items:
                with suppress(OSError):  # another program has just moved it
                    if item.is_file():
                        found[item.name] = item.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return found


def _compared_with_output(package: LocalPackage, record: Record) -> tuple[list[str], list[str]]:
    """Return which files the output lacks, and which of its files have newer originals."""
    unpublished, older = [], []
    output = package.place.project.output
    for curriculum, local in package.curricula.items():
        there = _files_in(output / curriculum.folder)
        originals = _files_in(package.place.project.path / curriculum.folder)
        for entry in local.entries:
            found = _original(package, curriculum, entry, originals)
            if found is None:
                continue
            source, size, ending = found
            name = f"{entry.slide.position}.{ending}"
            recorded = record.files.get(f"{curriculum.folder}/{name}")
            # Where upper and lower case are the same, the name may be written otherwise.
            is_there = name in there or (output / curriculum.folder / name).is_file()
            if not is_there or recorded is None:
                unpublished.append(f"{curriculum.folder}/{name}")
            elif (composed(recorded.source), recorded.source_stamp and recorded.source_stamp.size) != (source, size):
                older.append(f"{curriculum.folder}/{name}")
    return unpublished, older


def _original(
    package: LocalPackage, curriculum: Curriculum, entry: Entry, pictures: Mapping[str, int]
) -> tuple[str, int | None, str] | None:
    """Return what the output is to have for a slide: where it is in the project, its size, and its ending."""
    number = entry.slide.video
    if number is not None and number in package.videos.files:
        name = package.videos.files[number].name
        return composed(f"videos/{name}"), package.videos.sizes[number], "mp4"
    if has_good_picture(entry) and entry.file:
        return composed(f"{curriculum.folder}/{entry.file}"), pictures.get(entry.file), "png"
    return None


def _decks(package: LocalPackage) -> Iterator[DeckState]:
    project, code = package.place.project, package.place.language_code
    for curriculum in CURRICULA:
        file = curriculum.deck_name(code)
        is_there, has_slides = (project.output / file).is_file(), (project.output / curriculum.folder).is_dir()
        is_wanted = bool(package.settings["decks"]) and curriculum in package.curricula and has_slides
        if is_there or is_wanted:
            is_current = is_there and has_slides and not why_not_current(project, curriculum, code)
            yield DeckState(file, is_current, is_there, is_wanted)


def _bytes_below(folder: Path) -> int | None:
    """Return the bytes that a folder takes, each file once even if it has several names; None without the folder."""
    if not folder.is_dir():
        return None
    seen, total = set(), 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # another program has just moved it
                state = Path(path, name).lstat()
                if (state.st_dev, state.st_ino) not in seen:
                    seen.add((state.st_dev, state.st_ino))
                    total += state.st_size
    return total


def _time_of(path: Path) -> str | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).isoformat(timespec="seconds")
    except (OSError, ValueError, OverflowError):
        return None
