"""Which files of a project already are videos that a source has, under whatever name they came.

A file may have the name of an earlier title, or the name that the scripts before this suite gave it. What they
recorded has no size and no checksum, and after an interrupt there is no record. Then the size and the MD5 that the
source announces decide. Without an MD5 a name, a size that is right to the byte and the beginning of an MP4 are
enough: a download that broke off is shorter, and another rendition has another size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from common.filesystem import composed, on_disk, spellings
from videos.checksums import Received, file_sums
from videos.files import begins_as_mp4, is_as_recorded, is_there, may_be_same_content
from videos.names import old_name
from videos.renditions import Rendition, Video
from videos.results import DownloadResult
from workspace.folders import Project


class EarlierFiles:
    """The files of a project, as far as they may be the videos to download.

    Args:
        project: whose files they are.
        recorded: what earlier runs recorded, by video id.
        videos: the videos to download.
        names: the file name of each of these, by id.
    """

    def __init__(
        self,
        project: Project,
        recorded: Mapping[str, DownloadResult],
        videos: Sequence[Video],
        names: Mapping[str, str],
    ) -> None:
        self._folder = project.videos
        self._recorded = recorded
        self._names = names
        self._old_names = {video.id: composed(old_name(video.title)) for video in videos}
        self._sums: dict[Path, Received] = {}

    def target(self, key: str) -> Path:
        """Return the path that the file of a video is to have; the disk may have its name in another Unicode form."""
        there = on_disk(self._folder, self._names[key])
        # One that differs in upper and lower case is renamed.
        return there if composed(there.name) == self._names[key] else self._folder / self._names[key]

    def find(self, wanted: Mapping[str, Rendition]) -> dict[str, Path]:
        """Return the files that need not be downloaded. Nothing on the disk is changed.

        Args:
            wanted: the rendition that would be downloaded of each video, by id.

        Returns:
            The file of each video that has one, by id. If that is not its target, it has to be renamed.
        """
        found: dict[str, Path] = {}
        # A file under the name of one video may be another's, by the rule of the old scripts: that comes second.
        for places in (self._under_its_name, self._under_earlier_names):
            for key in [key for key in wanted if key not in found]:
                fitting = (path for path in places(key) if path not in found.values())
                path = next((path for path in fitting if self._is_wanted(key, path, wanted)), None)
                if path:
                    found[key] = path
        return found

    def known(self, key: str, path: Path, wanted: DownloadResult) -> DownloadResult:
        """Return what is known about a file that was found.

        Args:
            key: the video's id.
            path: of the file.
            wanted: the entry of the video as it would be if it was downloaded.

        Raises:
            OSError: the file cannot be read.
        """
        recorded = self._recorded.get(key)
        if recorded and is_as_recorded(path, recorded):
            return recorded
        sums = self._sums_of(path)
        # The record may know these very bytes under another name.
        known = recorded if recorded and recorded.md5 == sums.md5 else wanted
        return replace(known, md5=sums.md5, sha256=sums.sha256)

    def recorded_file(self, key: str) -> Path | None:
        """Return the file that a video had under an earlier title, if no other video needs that name."""
        name = self._recorded_name(key)
        if name is None or name in self._names.values():
            return None
        path, target = on_disk(self._folder, name), self.target(key)
        if not path.is_file():
            return None
        # Where upper and lower case are the same, both names may belong to one file.
        return None if target.exists() and path.samefile(target) else path

    def last_file(self, key: str) -> Path | None:
        """Return a video's file from an earlier run; a file that somebody else put there does not count."""
        is_ours = self._recorded_name(key) == self._names[key]
        earlier = self.recorded_file(key) or (self.target(key) if is_ours else None)
        return earlier if earlier and earlier.exists() else None

    def left_over(self, whole: Collection[str]) -> dict[Path, str]:
        """Return the files that nothing needs any more because their videos are whole under their own names.

        Args:
            whole: the ids of the videos that are whole.

        Returns:
            The video's id of each file. None is the file of another video, or of one that the folder has lost.
        """
        targets = [self.target(key) for key in self._names]
        lost = {result.file_name for key, result in self._recorded.items() if key not in self._names}
        found = {}
        for key in whole:
            for path in self._of_no_record(key):
                name = composed(path.name)
                users = [other for other in self._names if name in self._all_names(other)]
                is_needed = name in lost or any(other not in whole for other in users)
                # A link leads to what somebody has elsewhere, and would lead nowhere from another folder.
                if is_needed or path in targets or path.is_symlink() or not path.is_file():
                    continue
                if not path.samefile(self.target(key)):
                    found[path] = key
        return found

    def _under_its_name(self, key: str) -> list[Path]:
        return spellings(self._folder, self._names[key])

    def _under_earlier_names(self, key: str) -> Iterator[Path]:
        """Yield what a video may have under earlier names, if its own is free."""
        if not self._under_its_name(key):
            for name in self._all_names(key):
                yield from spellings(self._folder, name)

    def _of_no_record(self, key: str) -> Iterator[Path]:
        """Yield what a video may have from the old scripts, and its file in a second spelling of its name."""
        recorded = self._recorded.get(key)
        names = {self._names[key], self._old_names[key]}
        if recorded and recorded.file_name and recorded.size is None:
            names.add(recorded.file_name)
        for name in sorted(names):
            yield from spellings(self._folder, name)

    def _recorded_name(self, key: str) -> str | None:
        recorded = self._recorded.get(key)
        return recorded.file_name if recorded else None

    def _all_names(self, key: str) -> list[str]:
        """Return all names that the file of a video may have, each once, the likeliest first."""
        names = (self._recorded_name(key), self._names[key], self._old_names[key])
        return list(dict.fromkeys(name for name in names if name))

    def _is_wanted(self, key: str, path: Path, wanted: Mapping[str, Rendition]) -> bool:
        rendition, recorded = wanted[key], self._recorded.get(key)
        if is_there(path, rendition, recorded):
            return True
        try:
            if not path.is_file() or rendition.size not in (None, path.stat().st_size):
                return False
            if rendition.md5:
                return self._sums_of(path).md5 == rendition.md5
            if recorded and is_as_recorded(path, recorded) and not may_be_same_content(rendition, recorded):
                return False
            return rendition.size is not None and begins_as_mp4(path) and self._is_no_others(key, path, wanted)
        except OSError:
            return False

    def _is_no_others(self, key: str, path: Path, wanted: Mapping[str, Rendition]) -> bool:
        """Say whether a file of the right size can only be that of one video."""
        name, size = composed(path.name), wanted[key].size
        if any(one.file_name == name and one.size for other, one in self._recorded.items() if other != key):
            return False
        rivals = (other for other in wanted if other != key and wanted[other].size == size)
        return not any(name in self._all_names(other) for other in rivals)

    def _sums_of(self, path: Path) -> Received:
        if path not in self._sums:
            self._sums[path] = file_sums(path)
        return self._sums[path]
