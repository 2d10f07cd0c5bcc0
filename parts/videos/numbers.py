"""The numbers that the videos have in the course: from their titles, or settled with ``--number``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from common.errors import BuilderError
from common.files import write_json
from common.records import read_record_file
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


def course_numbers(videos: Iterable[Video], settled: Mapping[int, str]) -> dict[str, int | None]:
    """Return the course number of each video, by id.

    Args:
        videos: of a folder.
        settled: video ids by number; these go before the titles.
    """
    numbers = {video.id: course_number(video.title) for video in videos}
    for key, number in numbers.items():
        if number in settled:
            numbers[key] = None
    return {**numbers, **{key: number for number, key in settled.items() if key in numbers}}


def number_troubles(videos: Iterable[Video], numbers: Mapping[str, int | None]) -> list[str]:
    """Return one sentence for each course number that two videos have, and for each video without one."""
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
    ] + [f"{shown[key]} has no place in the course without a number. Give it one: --number NN={key}" for key in lost]


def read_settled_numbers(project: Project) -> dict[int, str]:
    """Return the settled video ids by course number.

    Raises:
        BuilderError: the file cannot be read, or a later version of the suite has written it.
    """
    path = project.videos / NUMBERS_FILE
    try:
        content = read_record_file(path, SCHEMA)
        return {int(number): str(video) for number, video in content.items() if number != "schema"}
    except FileNotFoundError:
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
            raise BuilderError(f"There is no video {video} in the folder, for number {number:02}.", "See --list-only.")
    before = read_settled_numbers(project)
    # A video that gets another number loses the one it had.
    settled = {number: video for number, video in before.items() if video not in chosen.values()} | dict(chosen)
    if settled != before:
        content = {f"{number:02}": video for number, video in sorted(settled.items())}
        write_json(project.videos / NUMBERS_FILE, {"schema": SCHEMA, **content})
    return settled
