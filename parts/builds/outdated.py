"""Compares packages with the site and with the source of their videos: which of them could a build make better?

A package is compared with what it was last built with: a curriculum that it was never asked to have is no gap. What no
source has is a gap that is known, and does not bring a package back every night. Nothing is downloaded, no browser is
started, and no package is changed or kept from others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from builds.package_state import (
    CURRENT,
    INCOMPLETE,
    OUTDATED,
    UNKNOWN,
    CurriculumState,
    PackageState,
    VideosState,
)
from builds.package_videos import SourceVideos, ask_sources, sources_to_ask
from builds.packages import (
    LocalCurriculum,
    LocalPackage,
    PackagePlace,
    edition_of_package,
    entries_without_manifest,
    look_at_package,
    package_places,
)
from builds.site_look import SiteLook
from builds.site_pages import SitePages
from common.console import counted
from common.errors import BuilderError
from common.workers import work_off
from course.curricula import Curriculum, edition_of
from course.languages import default_vimeo_folder
from course.page import PresenterPage, site_url
from slides.entry import FLAWED, Entry
from slides.site_changes import SiteChanges, has_good_picture, keys_of, site_changes
from videos.numbers import course_number
from videos.renditions import MIRROR, VIMEO
from workspace.lock import holder_of

# So many languages at a time: more would be unkind to the site.
_AT_ONCE = 4


@dataclass(frozen=True)
class Found:
    """What was found of a package, and what it tells of others.

    Attributes:
        state: the package's.
        recorded_titles: of videos, by number, as its own records have them.
        site_titles: likewise, as the site has them.
    """

    state: PackageState
    recorded_titles: Mapping[int, str] = field(default_factory=dict)
    site_titles: Mapping[int, str] = field(default_factory=dict)


def states_of_packages(
    folder: Path, codes: Sequence[str] | None, video_source: str | None, announce: Callable[[str], None]
) -> list[PackageState]:
    """Return the state of each package in a folder, ordered by language code.

    Args:
        folder: holds the languages' packages.
        codes: of the languages that are of interest, as the site writes them; None for all.
        video_source: ``--video-source`` if it was given; the mirror is looked at only then.
        announce: is given one sentence about what is done, and before a request is repeated.

    Raises:
        OSError: the folder cannot be read.
    """
    places = package_places(folder, codes)
    count = sum(not place.why_not for place in places)
    if count:
        announce(f"{counted(count, 'package')} to compare with {site_url()}.")
    pages = SitePages()
    if count:
        pages.require_answer()
    look = partial(_look, site=SiteLook(), pages=pages, video_source=video_source, announce=announce)
    found = dict(work_off(look, places, _AT_ONCE))
    states = _with_titles([found[place] for place in places])
    return [replace(state, error=pages.error_of(state.error)) for state in states]


def _look(
    place: PackagePlace,
    site: SiteLook,
    pages: SitePages,
    video_source: str | None,
    announce: Callable[[str], None],
) -> Found:
    """Look at one package; what cannot be looked at becomes the error of its state."""
    blank = PackageState(place.language_code, place.name, str(place.project.path), UNKNOWN)
    if place.why_not:
        return Found(replace(blank, error=place.why_not))
    try:
        package = look_at_package(place)
    except (BuilderError, OSError) as error:
        return Found(replace(blank, error=_in_one_line(error)))
    local = replace(_with_local_facts(blank, package), is_being_built=holder_of(place.project) is not None)
    titles = _without_numbers(package.videos.titles)
    try:
        page = _page_of(package, pages)
    except (BuilderError, OSError) as error:
        return Found(replace(local, error=_in_one_line(error)), titles)
    state, source = _compared_with_site(local, package, page), SourceVideos()
    try:
        source = _source_of(package, page, video_source, announce)
        manifests = [one.manifest for one in package.curricula.values() if one.manifest]
        state = replace(state, site_look=site.changes(page, [manifest.global_state for manifest in manifests]))
    except (BuilderError, OSError) as error:
        state = replace(state, error=_in_one_line(error))
    videos = _videos_state(package, _shown_on(page, package.curricula), source)
    state = replace(state, videos=videos)
    shown = {int(key): title for key, title in page.video_titles.items() if key.isdecimal() and len(key) < 5}
    return Found(replace(state, state=_judged(state)), titles, _without_numbers(shown))


def _judged(state: PackageState) -> str:
    """Return the state of a package that was compared with the site; its videos may have an error."""
    if state.is_incomplete:
        return INCOMPLETE
    is_outdated = (
        state.older
        or state.site_look
        or state.videos.replaced
        or any(deck.is_wanted and not deck.current for deck in state.decks)
        or any(
            one.new or one.gone or one.changed or one.unknown or one.edition or one.is_reordered
            for one in state.curricula.values()
        )
    )
    return OUTDATED if is_outdated else UNKNOWN if state.error else CURRENT


def _with_local_facts(blank: PackageState, package: LocalPackage) -> PackageState:
    """Return what the package itself tells; whether that is still right, nobody was asked."""
    curricula = {
        curriculum.name: CurriculumState(
            curriculum.title,
            len(local.entries),
            sum(map(has_good_picture, local.entries)),
            missing=_keys(entry.slide.name for entry in local.entries if not has_good_picture(entry)),
            unknown=sum(has_good_picture(entry) and not entry.fingerprint for entry in local.entries),
            flawed=_flawed(local),
        )
        for curriculum, local in package.curricula.items()
    }
    shown = {slide.video for local in package.curricula.values() for slide in local.slides}
    return replace(
        blank,
        built_at=package.built_at,
        size=package.size,
        edition=edition_of_package(package),
        curricula=curricula,
        videos=_videos_state(package, sorted(number for number in shown if number is not None), SourceVideos()),
        decks=package.decks,
        unpublished=package.unpublished,
        older=package.older,
    )


def _page_of(package: LocalPackage, pages: SitePages) -> PresenterPage:
    """Read the site's page of a package's language.

    Raises:
        BuilderError: it does not come, or does not list a curriculum of the package.
    """
    page = pages.read(package.place.language_code)
    unlisted = [curriculum.title for curriculum in package.curricula if curriculum.name not in page.slides]
    if unlisted:
        raise BuilderError(f"The page at {site_url()} does not list the curriculum {' and '.join(unlisted)}.")
    return page


def _compared_with_site(state: PackageState, package: LocalPackage, page: PresenterPage) -> PackageState:
    curricula = {
        curriculum.name: _curriculum_state(package, curriculum, local, page)
        for curriculum, local in package.curricula.items()
    }
    return replace(state, curricula=curricula)


def _curriculum_state(
    package: LocalPackage, curriculum: Curriculum, local: LocalCurriculum, page: PresenterPage
) -> CurriculumState:
    slides = page.slides[curriculum.name]
    entries = local.entries
    if local.manifest is None:
        entries = entries_without_manifest(package.place.project, curriculum, slides)
    changes = site_changes(entries, page, curriculum.name)
    before, now = edition_of(curriculum, [entry.slide for entry in entries]), edition_of(curriculum, slides)
    return CurriculumState(
        curriculum.title,
        len(slides),
        _pictures(entries, changes),
        _keys(changes.missing),
        _keys(changes.new),
        _keys(changes.gone),
        _keys(changes.changed),
        len(changes.unknown),
        _flawed(local),
        edition=now if before and now and before != now else "",
        is_reordered=_is_reordered(local, page, curriculum, changes),
    )


def _pictures(entries: Iterable[Entry], changes: SiteChanges) -> int:
    gone = set(changes.gone)
    return sum(has_good_picture(entry) and entry.slide.name not in gone for entry in entries)


def _is_reordered(local: LocalCurriculum, page: PresenterPage, curriculum: Curriculum, changes: SiteChanges) -> bool:
    if local.manifest is None or changes.new or changes.gone:
        return False
    return [slide.name for slide in local.slides] != [slide.name for slide in page.slides[curriculum.name]]


def _flawed(local: LocalCurriculum) -> tuple[str, ...]:
    return _keys(entry.slide.name for entry in local.entries if entry.status == FLAWED and entry.file)


def _keys(names: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of slides, by their names. Several sessions may have a slide of one key."""
    return tuple(keys_of(names))


def _source_of(
    package: LocalPackage, page: PresenterPage, video_source: str | None, announce: Callable[[str], None]
) -> SourceVideos:
    settings, code = package.settings, package.place.language_code
    asked = sources_to_ask(settings, video_source)
    folder_id = settings["folder_id"] or default_vimeo_folder(code)
    return ask_sources(package.place.project, package.videos, settings, page, folder_id, asked, announce)


def _shown_on(page: PresenterPage, curricula: Collection[Curriculum]) -> list[int]:
    """Return the numbers of the videos that some curricula of the site show."""
    shown = {slide.video for curriculum in curricula for slide in page.slides[curriculum.name]}
    return sorted(number for number in shown if number is not None)


def _videos_state(package: LocalPackage, expected: Sequence[int], source: SourceVideos) -> VideosState:
    videos = package.videos
    missing = [number for number in expected if number not in videos.files]
    return VideosState(
        tuple(expected),
        tuple(missing),
        tuple(number for number in missing if not _may_be_had(number, package, source)),
        tuple(number for number in expected if number in source.replaced),
        tuple(number for number in expected if number in videos.from_mirror),
    )


def _may_be_had(number: int, package: LocalPackage, source: SourceVideos) -> bool:
    """Say whether a build may get a video that is missing.

    A source that was not asked just now was asked by the last build: what it had then is there, or has failed.
    """
    if number in source.offered:
        return True
    of_build = {VIMEO: {VIMEO}, MIRROR: {MIRROR}}.get(package.settings["video_source"], {VIMEO, MIRROR})
    not_asked = of_build - source.asked
    was_tried = package.videos.were_asked_for and package.built_at is not None
    return bool(not_asked) and (not was_tried or number in package.videos.failed(not_asked))


def _with_titles(found: Sequence[Found]) -> list[PackageState]:
    """Return the states, with the titles of the videos that are missing.

    The package's own records go before the site's page, and both before the records of other packages.
    """
    elsewhere: dict[int, str] = {}
    for one in sorted(found, key=lambda one: one.state.language_code != "en"):
        elsewhere = {**one.site_titles, **one.recorded_titles, **elsewhere}
    states = []
    for one in found:
        known = {**elsewhere, **one.site_titles, **one.recorded_titles}
        videos = one.state.videos
        titles = {number: known[number] for number in videos.missing if number in known}
        states.append(replace(one.state, videos=replace(videos, titles=titles)))
    return states


def _without_numbers(titles: Mapping[int, str]) -> dict[int, str]:
    """Return the titles of videos without their course numbers: ``Three Circles`` for ``(33) Three Circles``."""
    bare = {}
    for number, title in titles.items():
        mark, _, rest = title.strip().partition(")")
        is_numbered = mark.startswith("(") and course_number(f"{mark})") == number
        bare[number] = rest.strip() if is_numbered else title.strip()
    return {number: title for number, title in bare.items() if title}


def _in_one_line(error: BuilderError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be read: {error.strerror or error}."
    return " ".join(error.message.split())
