"""Which video of the course comes from which source: the Vimeo folder's videos, and the mirror's for those it lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from videos.mirror import MirrorAnswer, missing_video
from videos.numbers import course_number, number_troubles, site_differences
from videos.renditions import Video


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
        how_to_go_on: what the user can do about these.
        warnings: one sentence for each thing that the user has to know or to decide.
        remarks: one sentence for each thing that is no fault.
    """

    videos: tuple[Video, ...]
    numbers: Mapping[str, int | None]
    troubles: Mapping[str, str]
    held: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()
    why_absent: str = ""
    how_to_go_on: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class FolderVideos:
    """The videos of the Vimeo folder, and what they are for the course.

    Attributes:
        videos: all of them.
        numbers: their course numbers, by id.
        unusable: why Vimeo does not give some of them, by id.
        needed: the numbers that the course has, ascending.
    """

    videos: tuple[Video, ...]
    numbers: Mapping[str, int | None]
    unusable: Mapping[str, str]
    needed: Sequence[int]

    @property
    def given(self) -> dict[str, int | None]:
        """The numbers of the videos that Vimeo gives, by id."""
        return {key: number for key, number in self.numbers.items() if key not in self.unusable}

    @property
    def lacking(self) -> list[int]:
        """The numbers of the course of which Vimeo gives no video, ascending."""
        given = set(self.given.values())
        return [number for number in self.needed if number not in given]

    def alone(self) -> Supply:
        """Return all videos of the folder, also those that Vimeo does not give."""
        return Supply(self.videos, self.numbers, self.unusable)

    def with_mirror(self, lent: MirrorAnswer, titles: Mapping[int, str]) -> Supply:
        """Return the videos that Vimeo gives together with those that the mirror gives in place of others.

        Args:
            lent: what the mirror has of the numbers that are lacking.
            titles: those that earlier runs knew, by number; the folder's own go before them.
        """
        usable = [video for video in self.videos if video.id not in self.unusable]
        known = {**titles, **{number: video.title for number, video in self._by_number().items()}}
        borrowed = {**lent.videos, **{number: missing_video(number) for number in lent.troubles}}
        titled = {number: replace(video, title=_title(number, known)) for number, video in borrowed.items()}
        return Supply(
            videos=(*usable, *titled.values()),
            numbers={
                **self.given,
                **{video.id: number for number, video in titled.items()},
            },
            troubles={titled[number].id: error.in_one_line for number, error in lent.troubles.items()},
        )

    def warnings(self, lent: MirrorAnswer | None) -> Iterator[str]:
        """Yield what the user has to know or to decide; without the mirror there is no answer of it."""
        if lent:
            refused = self._by_number()
            borrowed = [number for number in lent.videos if number in refused]
            if borrowed:
                what = f"From the mirror, because Vimeo does not give them: {listed(borrowed)}."
                yield f"{what} {self._reasons(borrowed)}"
            lost = [number for number in (*lent.absent, *lent.troubles) if number in refused]
            if lost:
                yield f"Vimeo does not give {listed(lost)}: {self._reasons(lost)}"
        yield from number_troubles(self.videos, self.numbers, self.needed)

    def remarks(self, lent: MirrorAnswer | None, shown_by_site: Mapping[int, str]) -> Iterator[str]:
        """Yield how the folder departs from the course and from the site, where that is no fault.

        Args:
            lent: as for ``warnings``.
            shown_by_site: as for ``course_numbers``.
        """
        if not self.videos:
            return
        if lent:
            unlisted = [number for number in lent.videos if number not in self._by_number()]
            if unlisted:
                yield f"From the mirror, because Vimeo does not list them: {listed(unlisted)}."
            extra = [f"“{video.title}”" for video in self.videos if video.id in self.unusable and self._is_extra(video)]
            if extra:
                yield f"Left out, because Vimeo does not give them and no slide shows them: {', '.join(extra)}."
        yield from site_differences(self.numbers, shown_by_site, self.needed)

    def _by_number(self) -> dict[int, Video]:
        numbered = ((self.numbers[video.id], video) for video in reversed(self.videos))
        return {number: video for number, video in numbered if number is not None}

    def _reasons(self, numbers: Collection[int]) -> str:
        return " ".join(sorted({why for key, why in self.unusable.items() if self.numbers[key] in numbers}))

    def _is_extra(self, video: Video) -> bool:
        number = self.numbers[video.id]
        return number is not None and number not in self.needed


def _title(number: int, known: Mapping[int, str]) -> str:
    """Return the title of a video of the mirror: the known one, so that it begins with the number."""
    title, mark = known.get(number, "").strip(), f"({number:02})"
    return title if title and course_number(title) == number else f"{mark} {title}".strip()


def listed(numbers: Iterable[int]) -> str:
    """Return course numbers as people read them: ``01, 02, 33``."""
    return ", ".join(f"{number:02}" for number in sorted(numbers))
