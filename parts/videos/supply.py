"""Which video of the course comes from which source: the Vimeo folder's videos, and the mirror's for those it lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from videos.mirror import MirrorAnswer, missing_video
from videos.numbers import number_troubles, site_differences
from videos.renditions import Video

# What to do about a video of the course that no source has.
GO_ON_WITHOUT = (
    "Put such a video into the videos folder, with its number in the file's name, e.g. (33).mp4; "
    "or go on without it: --allow-missing"
)


@dataclass(frozen=True)
class Supply:
    """The videos that there are for a project, each from one source.

    Attributes:
        videos: to download, or to find there already.
        numbers: their course numbers, by id.
        troubles: why some of them cannot be downloaded, by id.
        held: the course numbers for which the project has a file that no source is asked to replace, ascending.
        absent: the course numbers of which neither a source nor the project has a video, ascending.
        why_absent: one sentence about these.
        warnings: one sentence for each thing that the user has to know or to decide.
        remarks: one sentence for each thing that is no fault.
    """

    videos: tuple[Video, ...]
    numbers: Mapping[str, int | None]
    troubles: Mapping[str, str]
    held: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()
    why_absent: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class FolderVideos:
    """The videos of the Vimeo folder, and what they are for the course.

    Attributes:
        videos: all of them.
        numbers: their course numbers, by id.
        unusable: why Vimeo does not give some of them, by id.
    """

    videos: tuple[Video, ...]
    numbers: Mapping[str, int | None]
    unusable: Mapping[str, str]

    @property
    def usable_numbers(self) -> set[int | None]:
        """The numbers of the videos that can be downloaded."""
        return {self.numbers[video.id] for video in self.videos if video.id not in self.unusable}

    def title_of(self, number: int) -> str:
        """Return the title under which the folder has a number, or nothing."""
        return next((video.title for video in self.videos if self.numbers[video.id] == number), "")

    def supply(self, wanted: Collection[int], lent: MirrorAnswer | None) -> Supply:
        """Return the videos of the folder together with those that the mirror gives in their place.

        Args:
            wanted: the numbers that neither the folder gives nor the project has.
            lent: what the mirror has of these; None if it is left out.
        """
        if lent is None:
            return Supply(self.videos, self.numbers, self.unusable)
        missed = set(wanted) - lent.videos.keys()
        kept = [one for one in self.videos if one.id not in self.unusable or self.numbers[one.id] in missed]
        borrowed = [replace(one, title=self.title_of(number) or one.title) for number, one in lent.videos.items()]
        failed = {number: missing_video(number) for number in lent.troubles if number not in self.numbers.values()}
        return Supply(
            videos=(*kept, *borrowed, *failed.values()),
            numbers={
                **{one.id: self.numbers[one.id] for one in kept},
                **{one.id: number for number, one in (*lent.videos.items(), *failed.items())},
            },
            troubles={
                **{one.id: self.unusable[one.id] for one in kept if one.id in self.unusable},
                **{one.id: lent.troubles[number].in_one_line for number, one in failed.items()},
            },
        )

    def warnings(self, lent: MirrorAnswer | None, needed: Collection[int]) -> Iterator[str]:
        """Yield what the user has to know or to decide about the folder.

        Args:
            lent: as for ``supply``.
            needed: the numbers that the course has.
        """
        numbers = [number for number in (lent.videos if lent else ()) if number in self.numbers.values()]
        if numbers:
            reasons = {why for key, why in self.unusable.items() if self.numbers[key] in numbers}
            yield f"From the mirror, because Vimeo does not give them: {listed(numbers)}. {' '.join(sorted(reasons))}"
        yield from number_troubles(self.videos, self.numbers, needed)

    def remarks(
        self, lent: MirrorAnswer | None, needed: Collection[int], shown_by_site: Mapping[int, str]
    ) -> Iterator[str]:
        """Yield how the folder departs from the course and from the site, where that is no fault.

        Args:
            lent: as for ``warnings``.
            needed: as for ``warnings``.
            shown_by_site: as for ``course_numbers``.
        """
        if not self.videos:
            return
        numbers = [number for number in (lent.videos if lent else ()) if number not in self.numbers.values()]
        if numbers:
            yield f"From the mirror, because they are not in the Vimeo folder: {listed(numbers)}."
        unneeded = (one for one in self.videos if one.id in self.unusable and self.numbers[one.id] not in needed)
        extra = [f"“{one.title}”" for one in unneeded]
        if lent and extra:
            yield f"Left out, because Vimeo does not give them and no slide shows them: {', '.join(extra)}."
        yield from site_differences(self.numbers, shown_by_site, needed)


def listed(numbers: Iterable[int]) -> str:
    """Return course numbers as people read them: ``01, 02, 33``."""
    return ", ".join(f"{number:02}" for number in numbers)
