"""What has changed in a package with the last build that changed something: for the page, the record and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from common.console import counted
from course.curricula import CURRICULA, Slide

# Far more than any curriculum has. What stands at a position has that in its name.
_MOST_SLIDES = 100_000


@dataclass(frozen=True)
class SlideChanges:
    """How the slides of one curriculum have changed, each in course order.

    Attributes:
        changed: slides that look other than before, as they were numbered before.
        new: slides that the package has not shown before, also such as had no picture then.
        gone: slides that it does not show any more, as they were numbered before.
    """

    changed: tuple[Slide, ...] = ()
    new: tuple[Slide, ...] = ()
    gone: tuple[Slide, ...] = ()

    @property
    def with_before(self) -> tuple[Slide, ...]:
        """The slides that have looked in some way before."""
        return self.changed + self.gone


@dataclass(frozen=True)
class VideoChanges:
    """How the videos have changed, by their numbers in the course, in order.

    Attributes:
        replaced: videos with another content than before.
        new: videos that the package has not shown before.
        gone: videos that it does not show any more.
    """

    replaced: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class PackageChanges:
    """What one run has changed.

    Attributes:
        made_at: when, in UTC as ISO 8601.
        session_id: of the build that it belonged to, or None.
        slides: by the curriculum's folder; only curricula with changes.
        videos: how the videos have changed.
    """

    made_at: str
    session_id: str | None = None
    slides: Mapping[str, SlideChanges] = field(default_factory=dict)
    videos: VideoChanges = VideoChanges()

    def __bool__(self) -> bool:
        """Say whether anything has changed."""
        return bool(self.slides) or self.videos != VideoChanges()

    @property
    def day(self) -> str:
        """The day of the run, in UTC, as ``2026-11-28``."""
        return self.made_at[:10]


def changes_in_words(changes: PackageChanges) -> str:
    """Return changes as people read them, e.g. ``3 slides changed, 1 new, 2 gone; video 5 replaced``."""
    slides = changes.slides.values()
    counts = {
        "changed": sum(len(each.changed) for each in slides),
        "new": sum(len(each.new) for each in slides),
        "gone": sum(len(each.gone) for each in slides),
    }
    words = [word for word, count in counts.items() if count]
    # Only the first of them has the noun.
    about_slides = [f"{counted(counts[word], 'slide')} {word}" for word in words[:1]]
    about_slides += [f"{counts[word]} {word}" for word in words[1:]]
    about_videos = [f"{_numbered(numbers)} {word}" for word, numbers in vars(changes.videos).items() if numbers]
    return "; ".join(", ".join(part) for part in (about_slides, about_videos) if part)


def _numbered(numbers: Sequence[int]) -> str:
    *others, last = map(str, numbers)
    return f"videos {', '.join(others)} and {last}" if others else f"video {last}"


def for_programs(changes: PackageChanges) -> dict[str, Any]:
    """Return changes as ``--json`` has them: the slides by their keys, one for each slide, by curriculum."""
    return {
        "made_at": changes.made_at,
        "curricula": {
            curriculum.name: {word: [slide.key for slide in slides] for word, slides in vars(found).items()}
            for curriculum in CURRICULA
            if (found := changes.slides.get(curriculum.folder))
        },
        "videos": {word: list(numbers) for word, numbers in vars(changes.videos).items()},
    }


def item_of_changes(changes: PackageChanges) -> dict[str, Any]:
    """Return changes as the record of a package has them."""
    slides = {
        folder: {word: [asdict(slide) for slide in found] for word, found in vars(each).items()}
        for folder, each in changes.slides.items()
    }
    videos = {word: list(numbers) for word, numbers in vars(changes.videos).items()}
    return {"made_at": changes.made_at, "session_id": changes.session_id, "slides": slides, "videos": videos}


def changes_of(item: Any) -> PackageChanges | None:
    """Return the changes that a record tells; None if it tells none, or something that cannot be true."""
    try:
        made_at, session_id = _text(item["made_at"]), item["session_id"]
        datetime.fromisoformat(made_at)
        changes = PackageChanges(
            made_at,
            None if session_id is None else _text(session_id),
            {folder: _slide_changes(folder, each) for folder, each in item["slides"].items()},
            VideoChanges(**{word: tuple(map(_number, numbers)) for word, numbers in item["videos"].items()}),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return changes or None


def _slide_changes(folder: str, item: Mapping[str, Any]) -> SlideChanges:
    if folder not in {curriculum.folder for curriculum in CURRICULA}:
        raise ValueError(f"{folder} is no folder of a curriculum")
    return SlideChanges(**{word: tuple(map(slide_of, slides)) for word, slides in item.items()})


def slide_of(item: Mapping[str, Any]) -> Slide:
    """Return the slide that an item of a record tells.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: it tells something that cannot be true.
    """
    position, video = _number(item["position"]), item["video"]
    if not 1 <= position <= _MOST_SLIDES:
        raise ValueError("no curriculum has such a position")
    return Slide(
        position,
        _number(item["session"]),
        _text(item["key"]),
        _text(item["type"]),
        None if video is None else _number(video),
    )


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
