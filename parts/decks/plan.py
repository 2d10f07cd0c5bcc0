"""Plans a deck: which file of the published package is shown on which slide of a presentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from common.errors import BuilderError
from common.typed import advice
from course.curricula import Curriculum, Slide
from course.slide_texts import NO_TEXTS, SlideTexts
from decks.media import Clip, Media, Still, look_at_picture, look_at_video
from decks.troubles import NO_PICTURE, DeckTrouble
from package.plan import PAGE, PackagePlan, Place
from package.record import Record, is_as_made, read_record, stamp_of
from slides.causes import SlideTrouble, slide_names
from workspace.folders import Project

_USUAL_SIZE = (3000, 1680)
_PICTURE, _VIDEO = ".png", ".mp4"


@dataclass(frozen=True)
class DeckSlide:
    """One slide of a deck.

    Attributes:
        slide: of the course.
        media: the video or picture that it shows.
        origin: what the file was made from; two slides with one origin show the same file.
        own_picture: for a video, the picture that was taken of its slide, if there is one.
        title: what the slide is called in its own language, or "".
        texts: what stands on it, as far as that is known.
    """

    slide: Slide
    media: Media
    origin: str
    own_picture: Still | None = None
    title: str = ""
    texts: SlideTexts = NO_TEXTS


@dataclass
class Deck:
    """What a deck holds.

    Attributes:
        curriculum: whose slides they are.
        slides: in course order.
        sessions: all sessions of the curriculum, also those without any slide.
        troubles: everything that is missing or there more than once.
        notes: what else the user should know.
    """

    curriculum: Curriculum
    slides: list[DeckSlide] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    troubles: list[DeckTrouble] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """The size that most pictures have, in pixels."""
        sizes = Counter((each.media.width, each.media.height) for each in self.slides if isinstance(each.media, Still))
        return max(sizes, key=lambda size: sizes[size], default=_USUAL_SIZE)

    @property
    def media(self) -> list[Media]:
        """The pictures and videos, each once, and the pictures that may be posters of videos."""
        media = {each.origin: each.media for each in self.slides}
        own = {each.own_picture for each in self.slides if each.own_picture}
        return [*media.values(), *own]

    @property
    def media_size(self) -> int:
        """The sum of their sizes, in bytes."""
        return sum(each.stamp.size for each in self.media)


def require_package(project: Project) -> None:
    """Make sure that part 4 has published a package.

    Raises:
        BuilderError: there is none.
    """
    if not (project.output / PAGE).is_file():
        message = f"There is no package in {project.output}."
        make_it = advice("Make it first: python parts/4-rename-files.py", "Do not skip the numbered sequences.")
        raise BuilderError(message, make_it)


def plan_decks(project: Project, plan: PackagePlan, curricula: Sequence[Curriculum]) -> list[Deck]:
    """Decide what each deck shows: what is in the output counts, at the positions of the plan.

    Args:
        project: with a published package.
        plan: of the package, as it would be made now.
        curricula: whose decks are wanted; those that are not part of the package are left out.

    Raises:
        BuilderError: a file cannot be read.
    """
    package_files = _PackageFiles(project)
    try:
        wanted = [each for each in curricula if each in plan.sequences]
        return [_plan_deck(each, plan.sequences[each], package_files, plan.without_videos) for each in wanted]
    except OSError as error:
        message = f"{error.filename or project.output} cannot be read: {error.strerror}."
        raise BuilderError(message, "Fix that, then run the same command again.") from error


def stale_files(project: Project, plan: PackagePlan, decks: Sequence[Deck]) -> list[str]:
    """Return the files in decks whose originals have changed since part 4, by their paths in the output."""
    folders = {deck.curriculum.folder for deck in decks}
    package_files = _PackageFiles(project)
    return [
        place.file.target
        for place in plan.places
        if place.folder in folders and place.file and package_files.is_stale(place.file.target, place.file.source)
    ]


class _PackageFiles:
    """The files of the published package; each original is looked at only once, however many slides show it."""

    def __init__(self, project: Project) -> None:
        self._project = project.path
        self._output = project.output.resolve()
        self._record: Record = read_record(self._output)
        self._seen: dict[str, Media | None] = {}

    def names(self, place: Place) -> list[str]:
        """Return the files that there are for a place, by their paths in the output."""
        return [
            place.name + ending for ending in (_VIDEO, _PICTURE) if (self._output / (place.name + ending)).is_file()
        ]

    def origin(self, name: str) -> str:
        """Return what tells a file's content: its original, unless somebody has changed it, else its inode."""
        recorded = self._record.files.get(name)
        if recorded and recorded.source and is_as_made(self._output / name, recorded, self._project):
            return f"{recorded.source} {recorded.source_stamp}"
        state = (self._output / name).stat()
        return f"{state.st_dev}:{state.st_ino}"

    def media(self, name: str) -> Media | None:
        """Return what a file of the output is; None for a picture that cannot be shown."""
        origin = self.origin(name)
        if origin not in self._seen:
            path = self._output / name
            self._seen[origin] = look_at_video(path) if name.endswith(_VIDEO) else look_at_picture(path)
        return self._seen[origin]

    def is_stale(self, name: str, source: Path) -> bool:
        """Say whether a file was made from another original than there is now; one that somebody has changed is not."""
        recorded = self._record.files.get(name)
        if recorded is None or recorded.stamp != stamp_of(self._output / name):
            return False
        return recorded.source_stamp != stamp_of(source)


def _plan_deck(
    curriculum: Curriculum, places: Sequence[Place], package_files: _PackageFiles, without_videos: bool
) -> Deck:
    deck = Deck(curriculum, sessions=sorted({place.slide.session for place in places}))
    # Without texts a deck stays as earlier versions wrote it.
    has_texts = any(place.texts.heading for place in places)
    names = slide_names(place.slide for place in places)
    for place in places:
        name, faults = _shown_file(place, package_files.names(place), without_videos)
        media = package_files.media(name) if name else None
        if name and media is None:
            told = f"{name} ({place.about}) cannot be shown as a picture. Replace it."
            faults += [_Fault(told, "Cannot be shown as pictures", "Replace them.")]
        slide = SlideTrouble(place.folder, names[place.slide.name], place.lack, place.texts.heading)
        deck.troubles += [DeckTrouble(slide, *fault) for fault in faults]
        if name and media:
            own = look_at_picture(place.picture.path) if isinstance(media, Clip) and place.picture else None
            title = place.heading if has_texts else ""
            deck.slides.append(DeckSlide(place.slide, media, package_files.origin(name), own, title, place.texts))
    deck.notes += _notes(deck)
    return deck


class _Fault(NamedTuple):
    """What is wrong at a place: the fields of a ``DeckTrouble`` after the first."""

    told: str
    cause: str = ""
    remedy: str = ""


def _shown_file(place: Place, names: Sequence[str], without_videos: bool) -> tuple[str, list[_Fault]]:
    """Return which file of the output is shown at a place, or "", and what is wrong there.

    Args:
        place: of the plan.
        names: the files that there are for it, by their paths in the output.
        without_videos: whether it is no fault if a picture is shown instead of a video.
    """
    planned = place.file.target if place.file else ""
    again = advice("Run part 4 again.", "Another build puts it there.")
    if not names and not planned:
        return "", [_Fault(place.gap, NO_PICTURE)]
    if not names:
        told = f"{planned} ({place.about}) is not in the output. {again}"
        return "", [_Fault(told, "Not in the output", again)]
    if len(names) > 1:
        told = f"{' and '.join(names)} are at the same position. Remove one."
        return planned or names[0], [_Fault(told)]
    (name,) = names
    if planned not in ("", name):
        return name, [_Fault(f"{planned} ({place.about}) is not in the output, but {name} is. {again}")]
    if place.slide.video is not None and name.endswith(_PICTURE) and not without_videos:
        told = f"{name} ({place.about}) is a picture instead of video {place.slide.video}."
        return name, [_Fault(told, "Pictures instead of videos")]
    return name, []


def _notes(deck: Deck) -> list[str]:
    """Say which files look different from the rest."""
    width, height = deck.size
    notes: dict[str, str] = {}
    for each in deck.slides:
        media, where = each.media, f"{deck.curriculum.folder}: position {each.slide.position}"
        if isinstance(media, Clip) and not media.is_readable:
            notes[each.origin] = f"{where}: the video cannot be decoded here; it is shown as if it were 16:9."
        elif isinstance(media, Still) and media.width * height != media.height * width:
            notes[each.origin] = (
                f"{where}: the picture is {media.width} x {media.height}, not shaped like the rest: it has black bars."
            )
    return list(notes.values())
