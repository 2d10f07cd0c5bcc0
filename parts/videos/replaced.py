"""Videos that their source no longer gives: each stays in the course until its successor is whole.

Then its file is moved aside, never removed: it may be the only copy that anybody has.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from common.console import say, warn
from common.errors import BuilderError
from common.files import make_folder
from common.files_in_use import once_free, remove
from common.filesystem import UNABLE, on_disk
from videos.names import safe_name
from videos.renditions import MIRROR, VIMEO, Video
from videos.results import REPLACED, DownloadResult
from workspace.folders import Project

FOLDER = "replaced"


class FormerVideos:
    """The files that earlier runs downloaded of videos that are no longer among those to download.

    Args:
        project: whose videos they are.
        recorded: what earlier runs recorded, by video id.
        videos: the videos to download now.
        numbers: the course number of each of these, by id.
        names: the file name of each of these, by id.
    """

    def __init__(
        self,
        project: Project,
        recorded: Mapping[str, DownloadResult],
        videos: Collection[Video],
        numbers: Mapping[str, int | None],
        names: Mapping[str, str],
    ) -> None:
        self._project = project
        self._numbers = numbers
        self._names = names
        self._given_up: list[int] = []
        self._sources = {numbers[video.id]: video.source for video in videos}
        # Where two videos in the folder have the same number, neither is a successor.
        self._uses = Counter(numbers.values())
        listed = {video.id for video in videos}
        gone = [result for result in recorded.values() if result.id not in listed]
        self._left = [self._measured(result) for result in gone if result.path and self._file(result).is_file()]

    def _file(self, result: DownloadResult) -> Path:
        return on_disk(self._project.videos, str(result.file_name))

    def _measured(self, result: DownloadResult) -> DownloadResult:
        """Return an entry with the size of its file; where it has none, nothing would tell whether that has changed."""
        return result if result.size is not None else replace(result, size=self._file(result).stat().st_size)

    def entries(self, whole: Collection[str]) -> list[DownloadResult]:
        """Return their entries for the record, given the ids of the videos that are whole."""
        replaced, left = self._replaced(whole), self._not_overwritten(whole)
        return [replace(result, status=REPLACED) if result in replaced else result for result in left]

    def give_way(self, target: Path) -> bool:
        """Move a former video's file aside if a whole video is about to take its name; other files are not touched.

        Returns:
            Whether it was one.

        Raises:
            BuilderError, OSError: it cannot be done.
        """
        ours = [result for result in self._left if _is_one_file(target, self._file(result))]
        for result in ours:
            self._put_aside(result)
        return bool(ours)

    def move_away(self, whole: Collection[str]) -> bool:
        """Move away the files whose successors are among the whole videos; return whether there were any.

        Before this, the record must say that they are replaced. Then it never has two videos with one
        number, whenever this is interrupted.
        """
        replaced = self._replaced(whole)
        for result in replaced:
            file = self._file(result)
            try:
                # Two old entries may have the same file.
                if file.exists():
                    self._put_aside(result)
                    remove(file)
                self._left.remove(result)
            except (OSError, BuilderError) as error:
                _warn_of(file, error)
        if self._given_up:
            numbers = ", ".join(f"{number:02}" for number in sorted(self._given_up))
            say(f"Vimeo has now what came from the mirror: {numbers}. The old files: {self._project.videos / FOLDER}")
            self._given_up.clear()
        return bool(replaced)

    def _not_overwritten(self, whole: Collection[str]) -> list[DownloadResult]:
        """Return those whose file no whole video has replaced under the same name."""
        targets = [on_disk(self._project.videos, self._names[key]) for key in whole]
        files = ((result, self._file(result)) for result in self._left)
        return [result for result, file in files if not any(_is_one_file(file, target) for target in targets)]

    def _replaced(self, whole: Collection[str]) -> list[DownloadResult]:
        numbers = {self._numbers[key] for key in whole} - {None}
        taken = {number for number in numbers if self._uses[number] == 1}
        return [result for result in self._not_overwritten(whole) if result.number in taken]

    def _put_aside(self, result: DownloadResult) -> None:
        """Give a file a second name in the folder of replaced videos, and say so."""
        place = put_aside(self._file(result))
        successor = self._sources.get(result.number, VIMEO)
        if successor == MIRROR:
            say(f"Video {result.number} comes from the mirror now. The old file, “{result.title}”: {place}")
            return
        if result.source == MIRROR:
            self._given_up.append(result.number or 0)
            return
        which = "The old file" if result.number is None else f"The old file of video {result.number}"
        say(f"“{result.title}” has been replaced in the Vimeo folder. {which}: {place}")


def put_aside(file: Path) -> Path:
    """Give a video's file a second name in the folder of replaced videos, or move it if it cannot have two names.

    Returns:
        Where it is now, too.

    Raises:
        BuilderError, OSError: it cannot be done.
    """
    folder = file.parent / FOLDER
    make_folder(folder, "Move it elsewhere.")
    place = next(place for place in _places(folder, file.name) if _is_free(place, file))
    if not place.exists():
        try:
            os.link(file, place)
        except OSError as error:
            if error.errno not in UNABLE:
                raise
            once_free(lambda: file.rename(place))
    return place


def put_left_over_aside(file: Path, title: str) -> None:
    """Put a file aside that its video does not need any more, and say so.

    Raises:
        BuilderError, OSError: it cannot be done.
    """
    say(f"The old file of “{title}” is not used any more: {put_aside(file)}")


def move_left_over(file: Path, title: str) -> None:
    """Move a file away that its video does not need any more, and say so; warn if that cannot be done."""
    try:
        put_left_over_aside(file, title)
    except (OSError, BuilderError) as error:
        _warn_of(file, error)
    else:
        remove_left_over(file)


def remove_left_over(file: Path) -> None:
    """Remove a file that nothing needs any more; warn if that cannot be done, because a player has it open, say."""
    try:
        remove(file)
    except OSError as error:
        _warn_of(file, error)


def _warn_of(file: Path, error: OSError | BuilderError) -> None:
    reason = error.strerror if isinstance(error, OSError) else error.message
    warn(f"{file} is no longer used, but cannot be moved away: {reason}")


def _places(folder: Path, name: str) -> Iterator[Path]:
    """Yield paths for a file with this name, without end."""
    yield folder / name
    for number in itertools.count(2):
        yield folder / safe_name(Path(name).stem, f" ({number})")


def _is_free(place: Path, file: Path) -> bool:
    """Say whether a file can have a path: nothing is there, or the file itself, because a run was killed."""
    return not os.path.lexists(place) or _is_one_file(place, file)


def _is_one_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
