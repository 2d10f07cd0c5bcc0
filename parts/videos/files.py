"""The video files of a project: which are whole, which are the videos of the course, and where these came from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from common.filesystem import composed, on_disk, visible
from videos.numbers import course_number
from videos.renditions import MIRROR, VIMEO, Rendition
from videos.results import REPLACED, DownloadResult, read_results
from workspace.folders import Project

# Where a file came from that nobody has downloaded.
OWN = "own"
# The sources of videos in words, in the order in which they are named.
SOURCES = {VIMEO: "from Vimeo", MIRROR: "from the mirror", OWN: "of your own"}


def is_there(target: Path, rendition: Rendition, recorded: DownloadResult | None) -> bool:
    """Say whether a file already is the wanted video, so that it need not be downloaded.

    Args:
        target: the path of the video's file.
        rendition: the rendition that would be downloaded.
        recorded: what an earlier run recorded for the same video id, or None.
    """
    return (
        recorded is not None
        and is_as_recorded(target, recorded)
        and rendition.size in (None, target.stat().st_size)
        and may_be_same_content(rendition, recorded)
    )


def may_be_same_content(rendition: Rendition, recorded: DownloadResult) -> bool:
    """Say whether nothing tells that a rendition had another content when it was downloaded."""
    if rendition.md5 and recorded.md5:
        return rendition.md5 == recorded.md5
    return recorded.validator is None or rendition.validator in (None, recorded.validator)


def is_as_recorded(path: Path, recorded: DownloadResult | None) -> bool:
    """Say whether a file is the one that an entry of the record is about, as far as its name and size say."""
    if recorded is None or recorded.path is None or not path.is_file():
        return False
    # After a failed try, old records have the size of the file that was wanted, not of the one that is there.
    if recorded.status == "failed" and recorded.sha256 is None:
        return False
    return recorded.file_name == composed(path.name) and 0 < path.stat().st_size == recorded.size


def begins_as_mp4(path: Path) -> bool:
    """Say whether a file begins as an MP4 video does. An error page does not.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def videos_on_disk(project: Project) -> list[tuple[int | None, Path]]:
    """Return the videos of a project with their course numbers, ordered by name.

    The number is the one that a download recorded, else the one in the file's name.
    """
    recorded = _recorded_files(project)
    return [
        (recorded[path.name].number if path.name in recorded else course_number(path.name), path)
        for path in visible(project.videos, "*.[mM][pP]4")
        if path.is_file()
    ]


@dataclass(frozen=True)
class CourseFiles:
    """The video files of a project, and which of them are the course's videos.

    The record of the downloads decides. A file that only has a number in its name counts if the
    record has no file for that number.

    Attributes:
        claims: the files of each number; more than one where nothing decides between them.
        passed_over: the files that only have the number of a downloaded video in their names, with that number.
        numberless: the files without a number.
    """

    claims: dict[int, list[Path]]
    passed_over: list[tuple[int, Path]]
    numberless: list[Path]

    def why_not(self, number: int) -> str:
        """Return why a file with this number in its name is not used."""
        return f"part 2 has downloaded video {number}: {' and '.join(path.name for path in self.claims[number])}"


def course_files(project: Project) -> CourseFiles:
    """Decide which files of a project are the course's videos."""
    recorded = _recorded_files(project)
    downloaded: dict[int, list[Path]] = defaultdict(list)
    others: dict[int, list[Path]] = defaultdict(list)
    numberless = []
    for number, path in videos_on_disk(project):
        if number is None:
            numberless.append(path)
        elif path.name in recorded and recorded[path.name].status != REPLACED:
            downloaded[number].append(path)
        else:
            others[number].append(path)
    passed_over = [(number, path) for number, paths in others.items() if number in downloaded for path in paths]
    return CourseFiles(dict(sorted({**others, **downloaded}.items())), passed_over, numberless)


def videos_by_source(project: Project, among: Collection[int] | None = None) -> dict[str, int]:
    """Return how many of a project's course videos came from where.

    Args:
        project: whose videos they are.
        among: the numbers of the videos that count, or None for all.

    Returns:
        How many videos came from each of ``SOURCES``, without those that none came from. A number counts once, also
        where more than one file has it: then the first of them.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the downloads.
        BuilderError, OSError: something cannot be read.
    """
    recorded = _recorded_files(project)
    claims = course_files(project).claims
    counting = (paths[0] for number, paths in claims.items() if among is None or number in among)
    return count_sources(source_of(recorded.get(path.name)) for path in counting)


def source_of(recorded: DownloadResult | None) -> str:
    """Return where a file came from, one of ``SOURCES``, by its entry in the record of the downloads."""
    return recorded.source if recorded and recorded.source in SOURCES else OWN


def count_sources(sources: Iterable[str]) -> dict[str, int]:
    """Return how often each of ``SOURCES`` is there, in their order, without those that are not."""
    counts = Counter(sources)
    return {source: counts[source] for source in SOURCES if counts[source]}


def sources_in_words(by_source: Mapping[str, int]) -> str:
    """Return how many videos came from where, e.g. ``27 from Vimeo, 2 from the mirror``; empty if there are none."""
    return ", ".join(f"{by_source[source]} {words}" for source, words in SOURCES.items() if by_source.get(source))


def _recorded_files(project: Project) -> dict[str, DownloadResult]:
    """Return the recorded result of each file, by its name as the disk spells it."""
    results = read_results(project).values()
    return {on_disk(project.videos, result.file_name).name: result for result in results if result.file_name}
