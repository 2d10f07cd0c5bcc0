"""The three curricula: their names on the site and on disk, and the slides each one has, in course order.

The presenter page says which slides a language has (see ``slides.presenter``). ``curricula.json``
records what it said on 2026-11-22, for use when the page cannot be asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

_RECORDED = Path(__file__).with_name("curricula.json")


@dataclass(frozen=True)
class Curriculum:
    """One way to divide the course into sessions.

    Attributes:
        name: the name used in arguments and manifests, e.g. ``ten_session``.
        folder: the folder inside the project; also the value of ``type=`` in the presenter's address.
        constant: the page's global constant that lists the sessions.
        title: what people call it.
    """

    name: str
    folder: str
    constant: str
    title: str

    def deck_name(self, language_code: str) -> str:
        """Return the name of the file with its slides for PowerPoint."""
        return f"zume-{language_code}-{self.name}.pptx"


CURRICULA = (
    Curriculum("ten_session", "10", "zume10Sessions", "10 sessions"),
    Curriculum("twenty_session", "20", "zume20Sessions", "20 sessions"),
    Curriculum("intensive_session", "intensive", "zumeIntensiveSessions", "intensive"),
)


def curricula_named(name: str) -> tuple[Curriculum, ...]:
    """Return the curricula that a ``--curriculum`` argument means: ``all``, or names separated by commas."""
    return tuple(curriculum for curriculum in CURRICULA if name == "all" or curriculum.name in name.split(","))


@dataclass(frozen=True)
class Slide:
    """One slide at its place in a curriculum.

    Attributes:
        position: counts from 1 over the whole curriculum.
        session: the course session, counts from 1.
        key: the slide's name on the site; several sessions may have the same key.
        type: the presenter's slide type, empty where it is not known.
        video: the number of the course video that the slide shows, or None.
    """

    position: int
    session: int
    key: str
    type: str
    video: int | None

    @property
    def name(self) -> str:
        """The slide's unique name in its curriculum, e.g. ``session_3_t4_c``."""
        return f"session_{self.session}_{self.key}"


def number_slides(sessions: Iterable[Iterable[tuple[str, str, int | None]]]) -> list[Slide]:
    """Number the slides of a curriculum.

    Args:
        sessions: for each session, in course order, its slides as (key, type, video number or None).
    """
    slides: list[Slide] = []
    for session, content in enumerate(sessions, start=1):
        for key, kind, video in content:
            slides.append(Slide(len(slides) + 1, session, key, kind, video))
    return slides


def recorded_slides(curriculum: Curriculum, three_circles: bool) -> list[Slide]:
    """Return the slides of a curriculum as recorded in ``curricula.json``.

    Args:
        curriculum: which of the three.
        three_circles: True for a language with the three circles edition, False for the classic one.
    """
    edition = "three_circles" if three_circles else "classic"
    sessions = _recorded()[curriculum.name]
    return number_slides(_parse_session(text if isinstance(text, str) else text[edition]) for text in sessions)


def edition_of(curriculum: Curriculum, slides: Iterable[Slide]) -> str | None:
    """Return the edition that the slides of a curriculum belong to, by the keys that only one edition has.

    Returns:
        ``three_circles``, ``classic``, or None if the slides have no such key, or those of both.
    """
    keys = {slide.key for slide in slides}
    three_circles, classic = ({slide.key for slide in recorded_slides(curriculum, each)} for each in (True, False))
    is_three_circles, is_classic = bool(keys & (three_circles - classic)), bool(keys & (classic - three_circles))
    if is_three_circles == is_classic:
        return None
    return "three_circles" if is_three_circles else "classic"


def _parse_session(text: str) -> list[tuple[str, str, int | None]]:
    """Read one session of ``curricula.json``: keys separated by blanks, ``*N`` marks a slide that shows video N."""
    slides: list[tuple[str, str, int | None]] = []
    for word in text.split():
        key, _, video = word.partition("*")
        slides.append((key, "video", int(video)) if video else (key, "", None))
    return slides


@dataclass(frozen=True)
class Changes:
    """How a site's curriculum differs from the recorded one, by slide names.

    Attributes:
        new: slides whose key is not in the recorded curriculum.
        gone: recorded slides whose key the site does not list any more.
        moved: slides that are in another session or at another place among the others.
        videos: slides that show another video than before, or one where there was none.
    """

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many slides differ."""
        return len(self.new) + len(self.gone) + len(self.moved) + len(self.videos)


def changes(old: Sequence[Slide], new: Sequence[Slide]) -> Changes:
    """Compare two lists of a curriculum's slides, e.g. the recorded one and that of the site."""
    # The slides of the longest common order stay. One that is taken out at one place and put in at another has moved.
    matcher = SequenceMatcher(None, [slide.name for slide in old], [slide.name for slide in new], autojunk=False)
    taken_out: list[Slide] = []
    put_in: list[Slide] = []
    videos: list[str] = []
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(old[first:last], new[new_first:new_last], strict=True)
            videos += [slide.name for before, slide in pairs if before.video != slide.video]
        else:
            taken_out += old[first:last]
            put_in += new[new_first:new_last]
    keys_out, keys_in = {slide.key for slide in taken_out}, {slide.key for slide in put_in}
    return Changes(
        new=tuple(slide.name for slide in put_in if slide.key not in keys_out),
        gone=tuple(slide.name for slide in taken_out if slide.key not in keys_in),
        moved=tuple(slide.name for slide in put_in if slide.key in keys_out),
        videos=tuple(videos),
    )


@cache
def _recorded() -> Mapping[str, list[Any]]:
    curricula: Mapping[str, list[Any]] = json.loads(_RECORDED.read_text(encoding="utf-8"))["curricula"]
    return curricula
