"""Says in words what a build could make better in a package: in a few, and in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from builds.package_state import CURRENT, CurriculumState, PackageState
from common.console import counted
from common.formats import each_once

_DAY = len("2026-01-01")
NOT_LOOKED_AT = "could not be looked at"


def in_short(state: PackageState) -> str:
    """Return in a few words what there is to know of a package, e.g. ``3 changed, 1 new; video 33 missing``."""
    return "; ".join([*_about_build(state), *_phrases(state)])


def built_on(state: PackageState) -> str:
    """Return the day on which a package was built, as ``2026-11-28``; in words if there is none."""
    if state.built_at:
        return state.built_at[:_DAY]
    # Of a package whose records cannot be read, nobody knows.
    return "not known" if state.error and not state.curricula else "never"


def in_full(state: PackageState) -> list[str]:
    """Return a line for everything that a build could make better in a package, and for what it could not."""
    return [*_about_build(state), *_lines(state)]


def _about_build(state: PackageState) -> list[str]:
    return ["being built now"] if state.is_being_built else []


def _phrases(state: PackageState) -> Iterator[str]:
    if state.error:
        yield NOT_LOOKED_AT
    if not state.curricula:
        return
    if state.built_at is None:
        yield "not published"
    if slides := _about_slides(state):
        yield slides
    if any(one.is_reordered for one in state.curricula.values()):
        yield "another order"
    if any(one.edition for one in state.curricula.values()):
        yield "another edition"
    if state.site_look:
        yield "site files changed"
    if state.videos.replaced:
        yield f"{_videos(state.videos.replaced)} replaced"
    if state.videos.obtainable:
        yield f"{_videos(state.videos.obtainable)} missing"
    if state.unpublished or state.older:
        yield "output to be made again"
    if any(deck.is_wanted and not deck.current for deck in state.decks):
        yield "old decks" if all(deck.is_there for deck in state.decks) else "decks missing"
    if state.videos.gaps:
        yield f"no {_videos(state.videos.gaps)}"


def _about_slides(state: PackageState) -> str:
    """Return how many pictures of all curricula are missing, and how many slides differ from their pictures."""
    curricula = state.curricula.values()
    missing = sum(len(one.missing) for one in curricula)
    counts = {
        "changed": sum(len(one.changed) for one in curricula),
        "new": sum(len(one.new) for one in curricula),
        "gone": sum(len(one.gone) for one in curricula),
        "unknown": sum(one.unknown for one in curricula),
    }
    phrases = [f"{counted(missing, 'picture')} missing"] if missing else []
    return ", ".join([*phrases, *(f"{count} {word}" for word, count in counts.items() if count)])


def _lines(state: PackageState) -> Iterator[str]:
    if state.error:
        yield f"{NOT_LOOKED_AT}: {state.error}"
    for one in state.curricula.values():
        yield from _about_curriculum(one)
    yield from (f"changed for all slides: {phrase}" for phrase in state.site_look)
    videos = state.videos
    if videos.replaced:
        yield f"videos replaced: {_joined(videos.replaced)}"
    if videos.obtainable:
        yield f"videos missing: {', '.join(map(videos.named, videos.obtainable))}"
    if videos.gaps:
        yield f"videos that no source has: {', '.join(map(videos.named, videos.gaps))}"
    if videos.mirror:
        yield f"videos from the mirror: {_joined(videos.mirror)}"
    if state.curricula and state.built_at is None:
        yield "not published: there is no numbered package in output/"
    if state.unpublished:
        yield f"not in the output: {_joined(state.unpublished)}"
    if state.older:
        yield f"to be made again in the output: {_joined(state.older)}"
    for deck in state.decks:
        if not deck.current:
            yield f"{deck.file}: {'older than the package' if deck.is_there else 'not made yet'}"
    if state.state == CURRENT and state.curricula:
        pictures = sum(one.pictures for one in state.curricula.values())
        yield f"{counted(pictures, 'picture')}, {counted(len(videos.expected) - len(videos.missing), 'video')}"


def _about_curriculum(one: CurriculumState) -> Iterator[str]:
    for word in ("missing", "new", "gone", "changed"):
        if keys := getattr(one, word):
            yield f"{one.title}: {word} {_joined(each_once(keys))}"
    if one.unknown:
        pictures = counted(one.unknown, "picture")
        yield f"{one.title}: {pictures} unknown: no record says what the site showed then"
    if one.edition:
        yield f"{one.title}: the site has the {one.edition.replace('_', ' ')} edition now"
    if one.is_reordered:
        yield f"{one.title}: the site has its slides in another order"
    if one.flawed:
        yield f"{one.title}: kept though the site did not deliver something: {_joined(one.flawed)}"


def _joined(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))


def _videos(numbers: Sequence[int]) -> str:
    return f"video{'s' if len(numbers) > 1 else ''} {_joined(numbers)}"
