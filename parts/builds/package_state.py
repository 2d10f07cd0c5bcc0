"""The state of a package: how complete it is, and what a build could make better. As data, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CURRENT, OUTDATED, INCOMPLETE, UNKNOWN = "current", "outdated", "incomplete", "unknown"


@dataclass(frozen=True)
class CurriculumState:
    """The slides of a curriculum, given by their keys, and their pictures.

    Attributes:
        title: what people call the curriculum.
        slides: how many the course has; if the site was not asked, how many it had.
        pictures: how many of them have a picture.
        missing: those without one, of which the package knew before.
        new: those that the package does not know.
        gone: those that the site no longer has.
        changed: those that the site shows differently than when their pictures were taken.
        unknown: how many pictures have no fingerprint, so that nobody can say whether their slides have changed.
        flawed: those whose pictures were kept though the site did not deliver something on them. Not a fault: whoever
            keeps such pictures has allowed it.
        edition: the one that the site has now, if the pictures are of another one; else "".
        is_reordered: whether the site has the same slides in another order.
    """

    title: str
    slides: int
    pictures: int
    missing: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unknown: int = 0
    flawed: tuple[str, ...] = ()
    edition: str = ""
    is_reordered: bool = False


@dataclass(frozen=True)
class VideosState:
    """The videos that the curricula of a package show, by their numbers.

    Attributes:
        expected: all of them.
        missing: those without a file.
        gaps: those of these that a build would not get, because no source has them as far as is known.
        replaced: those whose source has another content now.
        mirror: those that came from the mirror.
        titles: of the missing ones, as far as any record or the site tells.
    """

    expected: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    gaps: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()
    mirror: tuple[int, ...] = ()
    titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def obtainable(self) -> tuple[int, ...]:
        """The missing ones that a build may get."""
        return tuple(number for number in self.missing if number not in self.gaps)

    def named(self, number: int) -> str:
        """Return a number with its title, e.g. ``33 Three Circles``; the number alone if no title is known."""
        return f"{number} {self.titles.get(number, '')}".rstrip()


@dataclass(frozen=True)
class DeckState:
    """A deck that a package has, or is to have.

    Attributes:
        file: its name.
        current: whether it shows the package as it is now.
        is_there: whether there is such a file.
        is_wanted: whether the package is built with decks. Others are not made again by a build.
    """

    file: str
    current: bool
    is_there: bool
    is_wanted: bool


@dataclass(frozen=True)
class PackageState:
    """The state of a package.

    Attributes:
        language_code: as the site writes it.
        name: the language's English name.
        project_path: the package's folder.
        state: ``current``; ``incomplete`` (something that it was asked to have is missing, and a build may get it);
            ``outdated`` (it is complete, and a build could make it better); or ``unknown`` (what decides this could
            not be looked at).
        built_at: when it was published, in UTC as ISO 8601; None if it was not.
        size: of its output in bytes; None if there is none.
        edition: the one that it shows; None if its slides do not tell.
        curricula: those that it was asked to have, by name.
        videos: those that these show.
        decks: those that it has, or is to have.
        unpublished: files that its output lacks though their originals are there.
        older: files of its output whose originals are newer.
        site_look: what has changed for all slides, as short phrases.
        error: why something could not be looked at, in one line; None if everything was.
        is_being_built: whether a build or a part of one works on it at this moment.
    """

    language_code: str
    name: str
    project_path: str
    state: str
    built_at: str | None = None
    size: int | None = None
    edition: str | None = None
    curricula: Mapping[str, CurriculumState] = field(default_factory=dict)
    videos: VideosState = field(default_factory=VideosState)
    decks: tuple[DeckState, ...] = ()
    unpublished: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    site_look: tuple[str, ...] = ()
    error: str | None = None
    is_being_built: bool = False

    @property
    def needs_build(self) -> bool:
        """Whether another build could make it better now; one that is being built has its build."""
        return self.state in (OUTDATED, INCOMPLETE) and not self.is_being_built

    @property
    def is_incomplete(self) -> bool:
        """Whether something that it was asked to have is missing, and a build may get it."""
        return bool(
            self.built_at is None
            or self.unpublished
            or any(one.missing for one in self.curricula.values())
            or self.videos.obtainable
            or any(not deck.is_there for deck in self.decks)
        )


def as_json(state: PackageState) -> dict[str, Any]:
    """Return a package's state as ``build.py --outdated --json`` prints it."""
    videos = state.videos
    return {
        "language_code": state.language_code,
        "name": state.name,
        "project_path": state.project_path,
        "state": state.state,
        "being_built": state.is_being_built,
        "built_at": state.built_at,
        "size": state.size,
        "edition": state.edition,
        "curricula": {
            name: {
                "slides": one.slides,
                "pictures": one.pictures,
                "missing": list(one.missing),
                "new": list(one.new),
                "gone": list(one.gone),
                "changed": list(one.changed),
                "unknown": one.unknown,
            }
            for name, one in state.curricula.items()
        },
        "videos": {
            "expected": len(videos.expected),
            "there": len(videos.expected) - len(videos.missing),
            "missing": list(videos.missing),
            "replaced": list(videos.replaced),
            "mirror": list(videos.mirror),
        },
        "decks": [{"file": deck.file, "current": deck.current} for deck in state.decks],
        "error": state.error,
    }
