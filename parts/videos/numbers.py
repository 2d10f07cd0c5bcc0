"""The numbers that the videos of the Vimeo folder have in the course.

What is settled with ``--number`` goes first, then the titles. What these leave open, the site's own choice of Vimeo
videos decides. People have typed that in: it lacks videos, and some are another language's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from common.errors import BuilderError
from common.files import write_json
from common.records import read_record_file
from common.typed import advice
from videos.renditions import Video
from workspace.folders import Project

# Beside the videos: which video has a course number that the titles do not decide.
NUMBERS_FILE = "numbers.json"
SCHEMA = 1


def course_number(title: str) -> int | None:
    """Return the number of a video in the course, as its title gives it.

    That is a leading ``(06)``, else a leading ``06``, else the first number. A file name works as
    well as a title. The rule was collected together with the curricula.
    """
    # Without the ending: the 4 of .mp4 is not a course number.
    title = re.sub(r"(\.(mp4|m4v|mov))+\s*$", "", title, flags=re.IGNORECASE)
    match = re.match(r"\s*\((\d+)\)", title) or re.search(r"\d+", title)
    return int(match[match.lastindex or 0]) if match else None


def course_numbers(
    videos: Collection[Video],
    settled: Mapping[int, str],
    shown_by_site: Mapping[int, str] | None = None,
    needed: Collection[int] = (),
) -> dict[str, int | None]:
    """Return the course number of each video, by id.

    Args:
        videos: of a folder.
        settled: video ids by number; these go before the titles.
        shown_by_site: the ids of the Vimeo videos that the site itself shows, by number, as far as it tells them. Of
            several videos with one number, it decides only for one that can be downloaded.
        needed: the numbers that the course has, as far as they are known.
    """
    numbers = {video.id: course_number(video.title) for video in videos}
    for key, number in numbers.items():
        if number in settled:
            numbers[key] = None
    numbers |= {key: number for number, key in settled.items() if key in numbers}
    given = {video.id for video in videos if video.renditions}
    shown = shown_by_site or {}
    _decide_doubled(numbers, {number: key for number, key in shown.items() if key in given})
    _decide_open(numbers, shown, needed, settled.values())
    return numbers


def _decide_doubled(numbers: dict[str, int | None], shown_by_site: Mapping[int, str]) -> None:
    """Where several videos have one number, leave it to the one that the site shows, if it is among them."""
    uses = Counter(numbers.values())
    for key, number in numbers.items():
        if number is not None and uses[number] > 1 and numbers.get(shown_by_site.get(number, "")) == number:
            numbers[key] = number if shown_by_site[number] == key else None


def _decide_open(
    numbers: dict[str, int | None], shown_by_site: Mapping[int, str], needed: Collection[int], decided: Collection[str]
) -> None:
    """Give videos without a number of the course the one under which the site shows them, if no other video has it."""
    open_numbers = open_among(shown_by_site, numbers)
    uses = Counter(shown_by_site[number] for number in open_numbers)
    for number in open_numbers:
        key = shown_by_site[number]
        if key in numbers and key not in decided and numbers[key] not in needed and uses[key] == 1:
            numbers[key] = number


def open_among(needed: Iterable[int], numbers: Mapping[str, int | None]) -> list[int]:
    """Return those of some course numbers that no video has, ascending; the numbers of videos are given by id."""
    return sorted(set(needed) - set(numbers.values()))


def site_differences(
    numbers: Mapping[str, int | None], shown_by_site: Mapping[int, str], needed: Iterable[int]
) -> list[str]:
    """Return in sentences how the site's own choice of Vimeo videos differs from the folder. That is no fault.

    Args:
        numbers: the course numbers of the folder's videos, by id.
        shown_by_site: as for ``course_numbers``; if it is empty, nothing is known of the site.
        needed: the numbers that the course has.
    """
    if not shown_by_site:
        return []
    uses = Counter(numbers.values())
    by_number = sorted((number, key) for key, number in numbers.items() if number is not None and uses[number] == 1)
    others = [
        f"{number:02} (site: {shown_by_site[number]}, folder: {key})"
        for number, key in by_number
        if shown_by_site.get(number, key) != key
    ]
    unnamed = [f"{number:02}" for number in needed if number not in shown_by_site]
    sentences = []
    if others:
        sentences.append(f"The site shows other Vimeo videos than this folder has: {', '.join(others)}.")
    if unnamed:
        sentences.append(f"The site names no Vimeo video for {', '.join(unnamed)}.")
    return sentences


def number_troubles(
    videos: Iterable[Video], numbers: Mapping[str, int | None], needed: Iterable[int] = ()
) -> list[str]:
    """Return one sentence for each course number that two videos have, and for each video without one.

    Args:
        videos: of the folder.
        numbers: their course numbers, by id.
        needed: the numbers that the course has, as far as they are known.
    """
    open_numbers = ", ".join(f"{number:02}" for number in open_among(needed, numbers))
    shown = {video.id: f"“{video.title}” ({video.id})" for video in videos}
    by_number: dict[int | None, list[str]] = {}
    for key in shown:
        by_number.setdefault(numbers[key], []).append(key)
    lost = by_number.pop(None, [])
    doubled = sorted((number, keys) for number, keys in by_number.items() if number is not None and len(keys) > 1)
    return [
        f"Video {number} is there more than once: {' and '.join(shown[key] for key in keys)}. "
        f"Say which it is: --number {number:02}={keys[0]}"
        for number, keys in doubled
    ] + [
        f"{shown[key]} has no place in the course without a number. "
        + (f"These numbers are open: {open_numbers}. " if open_numbers else "")
        + f"Give it one: --number NN={key}"
        for key in lost
    ]


def read_settled_numbers(project: Project) -> dict[int, str]:
    """Return the settled video ids by course number.

    Raises:
        BuilderError: the file cannot be read, or a later version of the suite has written it.
    """
    path = project.videos / NUMBERS_FILE
    try:
        content = read_record_file(path, SCHEMA)
        return {int(number): str(video) for number, video in content.items() if number != "schema"}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise BuilderError(f"{path} cannot be read: {error}.", "Correct it or remove it.") from error


def settle_numbers(project: Project, videos: Iterable[Video], chosen: Mapping[int, str]) -> dict[int, str]:
    """Remember which video has which course number, and return all settled numbers.

    Args:
        project: whose videos they are.
        videos: of the folder.
        chosen: video ids by number, to remember from now on.

    Raises:
        BuilderError: the folder has no such video.
    """
    known = {video.id for video in videos}
    for number, video in chosen.items():
        if video not in known:
            see = advice("See --list-only.", "See python parts/2-video-download.py --list-only.")
            raise BuilderError(f"There is no video {video} in the folder, for number {number:02}.", see)
    before = read_settled_numbers(project)
    # A video that gets another number loses the one it had.
    settled = {number: video for number, video in before.items() if video not in chosen.values()} | dict(chosen)
    if settled != before:
        content = {f"{number:02}": video for number, video in sorted(settled.items())}
        write_json(project.videos / NUMBERS_FILE, {"schema": SCHEMA, **content})
    return settled
