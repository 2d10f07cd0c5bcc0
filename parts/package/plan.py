"""Plans the finished package: which picture or video stands at which position of which curriculum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from common.errors import BuilderError
from common.filesystem import composed
from common.typed import advice
from course.curricula import CURRICULA, Curriculum, Slide, recorded_slides
from course.languages import has_three_circles
from course.slide_texts import NO_TEXTS, SlideTexts
from slides.about_pictures import about_other_slides
from slides.entry import FAILED, UNPROVEN, Entry
from slides.manifest import manifest_path, read_manifest
from slides.pictures import Picture, newest_whole, other_pngs, pictures_in
from slides.png import flaw_of
from videos.files import begins_as_mp4, count_sources, course_files, source_of
from videos.results import DownloadResult, doubts_about_results, read_results
from workspace.folders import Project

# What the output holds beside a folder for each curriculum.
VIDEOS = "videos"
THUMBNAILS = "thumbnails"
PAGE = "index.html"
ABOUT = "about-this-package.txt"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class PackageVideo:
    """A course video that is there.

    Attributes:
        number: in the course.
        path: the file.
        title: as on Vimeo, or else the file's name.
        is_mp4: whether the file begins as one.
        source: where it came from, one of ``videos.files.SOURCES``.
    """

    number: int
    path: Path
    title: str
    is_mp4: bool
    source: str


@dataclass(frozen=True)
class Place:
    """One position of a curriculum, and what there is for it.

    Attributes:
        folder: the curriculum's, e.g. ``10``.
        slide: the slide that belongs there.
        video: the video to be shown, if the slide shows one and it is there.
        picture: the slide's newest whole picture, if there is one; a video is used before it.
        fault: what part 3 found wrong with the picture, or nothing.
        is_unproven: whether the picture is used, and no record says what it shows.
        texts: what stands on the slide, as far as that is known.
        lack: why part 3 could not take the slide, if it has no picture and that is known.
    """

    folder: str
    slide: Slide
    video: PackageVideo | None
    picture: Picture | None
    fault: str = ""
    is_unproven: bool = False
    texts: SlideTexts = NO_TEXTS
    lack: str = ""

    @property
    def name(self) -> str:
        """The place in the output without the ending of a file, e.g. ``10/6``."""
        return f"{self.folder}/{self.slide.position}"

    @property
    def thumbnail(self) -> str:
        """Where the thumbnail of the place is, below the output."""
        return f"{THUMBNAILS}/{self.name}.jpg"

    @property
    def about(self) -> str:
        """The slide, for people."""
        return f"session {self.slide.session}, {self.slide.key}"

    @property
    def heading(self) -> str:
        """What to call the slide in its own language, or "": its heading, else the title of the video it shows."""
        return self.texts.heading or (self.video.title if self.video else "")

    @property
    def gap(self) -> str:
        """What to say if there is nothing for this place."""
        return f"{self.folder}: position {self.slide.position} ({self.about}) has no picture."

    @cached_property
    def file(self) -> PlannedFile | None:
        """The file that is made for this place; None for a gap."""
        if self.video:
            return PlannedFile(f"{self.name}.mp4", self.video.path, f"{self.about}, video {self.video.number}")
        if self.picture:
            instead = f", instead of video {self.slide.video}" if self.slide.video is not None else ""
            return PlannedFile(f"{self.name}.png", self.picture.path, self.about + instead)
        return None


@dataclass(frozen=True)
class PlannedFile:
    """One file of the package.

    Attributes:
        target: its path below the output folder, with ``/``.
        source: the file it is made from.
        why: what it is, for people.
    """

    target: str
    source: Path
    why: str


@dataclass
class PackagePlan:
    """The whole package, before anything is written.

    Attributes:
        sequences: for each curriculum that is part of the package its places, in course order.
        videos: the videos that some slide shows, by their numbers.
        video_troubles: one sentence for every video that a slide shows and that is missing or there more than once.
        missing_videos: the numbers of those that are missing.
        notes: what else the user should know.
        curricula: those that were asked for.
        without_videos: whether it is no fault if videos are missing.
    """

    sequences: dict[Curriculum, list[Place]] = field(default_factory=dict)
    videos: dict[int, PackageVideo] = field(default_factory=dict)
    video_troubles: list[str] = field(default_factory=list)
    missing_videos: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    curricula: Sequence[Curriculum] = CURRICULA
    without_videos: bool = False

    @property
    def places(self) -> Iterator[Place]:
        """All positions of all curricula."""
        for places in self.sequences.values():
            yield from places

    @property
    def gaps(self) -> list[Place]:
        """The positions for which there is neither a picture nor a video."""
        return [place for place in self.places if place.file is None]

    @property
    def troubles(self) -> list[str]:
        """One sentence for everything that is missing or there more than once."""
        return self.video_troubles + [place.gap for place in self.gaps]

    @cached_property
    def files(self) -> list[PlannedFile]:
        """Every file to be made of an original."""
        videos = [
            PlannedFile(f"{VIDEOS}/{number}.mp4", video.path, f"video {number}")
            for number, video in self.videos.items()
        ]
        return [place.file for place in self.places if place.file] + videos

    @property
    def videos_by_source(self) -> dict[str, int]:
        """How many of the videos that are shown came from where; a number counts once."""
        shown = {place.video.number: place.video for place in self.places if place.video}
        return count_sources(video.source for video in {**shown, **self.videos}.values())

    def count(self, folder: str, ending: str) -> int:
        """Return how many files with this ending go into a folder of the output."""
        return sum(file.target.startswith(f"{folder}/") and file.target.endswith(ending) for file in self.files)


def make_plan(
    project: Project,
    language_code: str,
    curricula: Sequence[Curriculum] = CURRICULA,
    without_videos: bool = False,
) -> PackagePlan:
    """Decide which file goes where. Positions are those of the curriculum and never move: a missing slide leaves a gap.

    Args:
        project: an existing project.
        language_code: decides on the edition where a curriculum has pictures but no manifest.
        curricula: which to plan; the files of the others are not looked at.
        without_videos: whether it is no fault if videos are missing; those that are there are used all the same.

    Raises:
        BuilderError: there is nothing to package, or a file cannot be read.
    """
    try:
        return _plan(project, language_code, curricula, without_videos)
    except OSError as error:
        message = f"{error.filename or project.path} cannot be read: {error.strerror}."
        raise BuilderError(message, "Fix that, then run the same command again.") from error


def _plan(project: Project, language_code: str, curricula: Sequence[Curriculum], without_videos: bool) -> PackagePlan:
    plan = PackagePlan(curricula=curricula, without_videos=without_videos)
    entries = {
        curriculum: found
        for curriculum in curricula
        if (found := _entries_of(project, curriculum, language_code, plan.notes))
    }
    if not entries:
        raise BuilderError(
            f"There is nothing to package in {project.path}: {' '.join(plan.notes)}",
            advice("Take the pictures first: python parts/3-slides-download.py", "Do not skip the slides."),
        )
    shown = {entry.slide.video for found in entries.values() for entry in found} - {None}
    plan.videos = _numbered_videos(project, sorted(number for number in shown if number is not None), plan)
    for curriculum, found in entries.items():
        plan.sequences[curriculum] = _places(project, curriculum, found, plan)
    return plan


def _entries_of(project: Project, curriculum: Curriculum, language_code: str, notes: list[str]) -> Sequence[Entry]:
    """Return the slides of a curriculum with what part 3 knows about them; none if there is nothing of it."""
    manifest = read_manifest(project, curriculum)
    path = manifest_path(project, curriculum)
    notes.extend(f"{path} is not believed: {doubt}." for doubt in (manifest.doubts if manifest else ()))
    if manifest is not None and manifest.entries:
        return manifest.entries
    folder = project.path / curriculum.folder
    if manifest is not None or not pictures_in(folder):
        why = "its manifest lists no slides" if manifest else "it has neither a manifest nor pictures"
        notes.append(f"{curriculum.folder}: left out, {why}.")
        notes.extend(_left_out(curriculum, folder, pictures_in(folder), {}, set()))
        return ()
    three_circles = has_three_circles(language_code)
    edition = "three circles" if three_circles else "classic"
    notes.append(f"{curriculum.folder}: no {path.name}; the slides are ordered as in the recorded {edition} edition.")
    return [Entry(slide, None, "ok", None) for slide in recorded_slides(curriculum, three_circles)]


def about_missing_video(number: int) -> str:
    """Return a sentence about a video that a slide shows and that is not there."""
    return f"video {number} is missing in videos/."


def recorded_videos(project: Project) -> dict[str, DownloadResult]:
    """Return what is recorded of the downloaded videos, by the names of their files in NFC."""
    results = read_results(project).values()
    return {result.file_name: result for result in results if result.file_name}


def package_video(
    number: int, path: Path, original: Path, is_mp4: bool, recorded: Mapping[str, DownloadResult]
) -> PackageVideo:
    """Return a course video with what is recorded of it.

    Args:
        number: in the course.
        path: the file.
        original: the file in the project's folder of the videos, by whose name it is recorded.
        is_mp4: whether the file begins as one.
        recorded: as ``recorded_videos`` returns it.
    """
    result = recorded.get(composed(original.name))
    return PackageVideo(number, path, result.title if result else original.stem, is_mp4, source_of(result))


def _numbered_videos(project: Project, shown: Sequence[int], plan: PackagePlan) -> dict[int, PackageVideo]:
    """Return the videos that some slide shows, by their numbers."""
    recorded = recorded_videos(project)
    files = course_files(project)
    plan.notes += doubts_about_results(project)
    plan.notes += [f"{path.name}: left out, it has no number." for path in files.numberless]
    plan.notes += [f"{path.name}: left out, {files.why_not(number)}." for number, path in files.passed_over]
    for number, paths in files.claims.items():
        if number not in shown:
            plan.notes += [f"{path.name}: left out, no slide shows video {number}." for path in paths]
    claims = {number: files.claims[number] for number in shown if number in files.claims}
    missing = [number for number in shown if number not in claims]
    if plan.without_videos and missing:
        numbers = ", ".join(map(str, missing))
        plan.notes.append(f"Videos skipped, as requested; the pictures of their slides are used instead: {numbers}.")
    for number in shown:
        if number in missing:
            if not plan.without_videos:
                plan.missing_videos.append(number)
                plan.video_troubles.append(about_missing_video(number))
        elif len(claims[number]) > 1:
            names = " and ".join(path.name for path in claims[number])
            plan.video_troubles.append(
                f"video {number} is there more than once, and none is used: {names}. Remove all but one, "
                f"or say which one counts: {advice('part 2 with ', '')}--number {number:02}=VIDEO_ID."
            )
    videos = {number: paths[0] for number, paths in claims.items() if len(paths) == 1}
    return {number: package_video(number, path, path, begins_as_mp4(path), recorded) for number, path in videos.items()}


def _places(project: Project, curriculum: Curriculum, entries: Sequence[Entry], plan: PackagePlan) -> list[Place]:
    folder = project.path / curriculum.folder
    pictures = pictures_in(folder)
    replaced = {entry.previous for entry in entries if entry.previous}
    newest = newest_whole(pictures, replaced=replaced)
    names = {entry.slide.name for entry in entries}
    plan.notes += _left_out(curriculum, folder, pictures, newest, names)
    return [_place(curriculum, entry, plan.videos, newest) for entry in entries]


def _place(
    curriculum: Curriculum, entry: Entry, videos: Mapping[int, PackageVideo], pictures: Mapping[str, Picture]
) -> Place:
    slide = entry.slide
    video = videos.get(slide.video) if slide.video is not None else None
    picture = pictures.get(slide.name)
    fault = _fault(entry, picture) if picture else ""
    is_listed = picture is not None and entry.file == picture.path.name
    is_unproven = video is None and is_listed and entry.status == UNPROVEN
    # Of a picture that somebody has put there the manifest says nothing.
    is_about_it = video is not None or picture is None or entry.file in (None, picture.path.name)
    texts = entry.texts if is_about_it else NO_TEXTS
    lack = (entry.error or "") if picture is None and entry.status == FAILED else ""
    return Place(curriculum.folder, slide, video, picture, fault, is_unproven, texts, lack)


def _fault(entry: Entry, picture: Picture) -> str:
    """Return what part 3 found wrong with a picture, or with its last try to take a newer one."""
    is_about_it = entry.file in (None, picture.path.name)
    recorded = entry.error if entry.status != "ok" and is_about_it else None
    return flaw_of(picture.path) or recorded or ""


def _left_out(
    curriculum: Curriculum, folder: Path, pictures: Sequence[Picture], newest: Mapping[str, Picture], names: set[str]
) -> list[str]:
    """Name the pictures in a curriculum's folder that do not get into the package."""
    # In the words of part 3, which says it in the same build.
    about_others = about_other_slides(pictures, names)
    sentences = [f": {about_others}"] if about_others else []
    sentences += [f"/{path.name}: left out, it is not named as a slide's picture." for path in other_pngs(folder)]
    for picture in pictures:
        chosen = newest.get(picture.slide_name)
        if picture.slide_name in names and (chosen is None or picture.path.name > chosen.path.name):
            sentences.append(f"/{picture.path.name}: left out, the file is not whole.")
    return [f"{curriculum.folder}{sentence}" for sentence in sentences]
