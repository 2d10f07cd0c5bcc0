"""Where the videos of a language come from: its Vimeo folder, the public mirror, or both.

With ``auto`` and a token, the mirror stands in for what Vimeo does not have for this account: videos that are not in
the folder, that have no download link, or the whole folder. When Vimeo does not answer or refuses the token, that is a
failure and never a reason to go to the mirror, whose videos are smaller and may be older.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from common.errors import BuilderError
from course.needed_videos import CourseVideos, course_videos
from videos.held import held_videos
from videos.mirror import Mirror, check_address, mirror_url
from videos.numbers import course_number, course_numbers
from videos.renditions import MIRROR, VIMEO, Video, choose_rendition
from videos.results import recorded_numbers, recorded_titles
from videos.supply import FolderVideos, Supply, listed
from videos.vimeo import Listing, NotForAccount, Vimeo
from workspace.credentials import has_token, require_token
from workspace.folders import Project

AUTO = "auto"
FROM_MIRROR = "The videos come from the site's public mirror, in lower quality."
WITHOUT_TOKEN = (
    "Without a Vimeo token the videos come from the site's public mirror, in lower quality.",
    "With one they come from Vimeo: python parts/1-setup.py in a terminal stores it.",
)
HOW_TO_NAME_FOLDER = "Give its number with --folder-id ID (it is in the folder's address on vimeo.com)"


def uses_vimeo(choice: str) -> bool:
    """Say whether Vimeo is asked, if its folder is known, given ``--video-source``."""
    return choice == VIMEO or (choice == AUTO and has_token())


def without_folder(language_code: str) -> tuple[str, str]:
    """Return what it means that the Vimeo folder of a language is not known, and what to do about it."""
    unknown = f"No Vimeo folder is known for the language {language_code}. {FROM_MIRROR}"
    return unknown, f"{HOW_TO_NAME_FOLDER}."


def open_sources(
    choice: str,
    language_code: str,
    folder_id: str | None,
    recursive: bool,
    announce: Callable[[str], None],
    *,
    patient: bool = True,
) -> VideoSources:
    """Return the sources of a language's videos, and ask the site which videos its course needs.

    Args:
        choice: ``--video-source``.
        language_code: as the site writes it; empty to look at the Vimeo folder and at nothing else.
        folder_id: the Vimeo folder; None if none is known.
        recursive: whether the folders in it count.
        announce: called with one sentence before a request is repeated.
        patient: whether to wait for slow answers, and to repeat requests after errors that may pass.

    Raises:
        UsageError: ``ZUME_MIRROR_URL`` is no address.
        BuilderError: there is nothing but Vimeo, and no token.
    """
    vimeo = mirror = None
    if (uses_vimeo(choice) and (folder_id or choice == VIMEO)) or not language_code:
        vimeo = Vimeo(require_token(), announce, patient=patient)
    if not language_code:
        return VideoSources("", vimeo, None, folder_id, recursive, CourseVideos(()))
    if choice != VIMEO:
        mirror_url("")  # A wrong address is told before anybody waits for the page.
    course = course_videos(language_code, announce, patient=patient)
    if choice != VIMEO:
        mirror = Mirror(mirror_url(course.mirror_url), language_code, announce, patient=patient)
    return VideoSources(language_code, vimeo, mirror, folder_id, recursive, course)


class VideoSources:
    """The sources of one language's videos.

    Args:
        language_code: as the site writes it; empty if no more than the folder is of interest.
        vimeo: the Vimeo of an account; None to leave it out.
        mirror: the mirror; None to leave it out.
        folder_id: the Vimeo folder; None if none is known.
        recursive: whether the folders in it count.
        course: which videos the course needs.
    """

    def __init__(
        self,
        language_code: str,
        vimeo: Vimeo | None,
        mirror: Mirror | None,
        folder_id: str | None,
        recursive: bool,
        course: CourseVideos,
    ) -> None:
        self._language_code = language_code
        self._vimeo = vimeo
        self._mirror = mirror
        self._folder_id = folder_id
        self._recursive = recursive
        self._course = course
        self._warnings: list[str] = []
        if course.why_recorded:
            self._warnings.append(
                f"The site does not say which videos the course needs: {course.why_recorded} "
                "The list that comes with this program stands in."
            )

    @property
    def has_vimeo(self) -> bool:
        """Whether Vimeo is one of them."""
        return self._vimeo is not None

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each source, or the site, that is of no use as a whole, as far as that is known by now."""
        return tuple(self._warnings)

    @property
    def introduction(self) -> str:
        """What is asked for videos first, in words."""
        if self._vimeo and self._folder_id:
            return f"Vimeo folder {self._folder_id}"
        return f"Mirror {self._mirror.url}" if self._mirror else "Vimeo"

    def read_folder(self) -> Listing:
        """Return the content of the Vimeo folder: nothing if Vimeo has none for this account and there is a mirror.

        Raises:
            NotForAccount: it has none, and there is no mirror.
            BuilderError: Vimeo refuses the token, or does not answer as it should.
        """
        if self._vimeo is None:
            return Listing((), 0)
        try:
            return self._folder(self._vimeo)
        except NotForAccount as error:
            if self._mirror is None:
                raise
            self._warnings.append(f"{error.message} {FROM_MIRROR} {error.remedy}".strip())
            return Listing((), 0)

    def _folder(self, vimeo: Vimeo) -> Listing:
        if not self._folder_id:
            raise NotForAccount(
                f"No Vimeo folder is known for the language {self._language_code}.", f"{HOW_TO_NAME_FOLDER}."
            )
        listing = vimeo.folder(self._folder_id, self._recursive)
        if listing.videos:
            return listing
        if listing.total:
            raise BuilderError(
                f"Vimeo says the folder has {listing.total} videos, but listed none.", "Run the same command again."
            )
        inner = f" Its subfolders are left out: {', '.join(listing.subfolders)}." if listing.subfolders else ""
        remedy = "Add --recursive to include its subfolders." if inner else "Check its number."
        raise NotForAccount(f"The Vimeo folder {self._folder_id} is empty.{inner}", remedy)

    def supply(
        self,
        listing: Listing,
        settled: Mapping[int, str],
        quality: str,
        project: Project | None = None,
        *,
        also_held: bool = False,
    ) -> Supply:
        """Return what there is, and ask the mirror for what Vimeo does not have.

        Args:
            listing: of the Vimeo folder, as ``read_folder`` returned it.
            settled: ids of Vimeo videos by course number, as the user has settled them.
            quality: as for ``choose_rendition``.
            project: the one to download for; None if there is none.
            also_held: whether to ask the mirror also for what the project has from elsewhere.

        Raises:
            RemoteError: there is nothing but the mirror, and it does not answer.
        """
        folder = self._matched(listing, settled, quality, project)
        there = held_videos(project, folder.given) if project else {}
        lent = None
        if self._mirror:
            kept = () if also_held else [number for number, source in there.items() if source != MIRROR]
            lent = self._mirror.find(number for number in folder.lacking if number not in kept)
            if lent.outage and not listing.videos:
                raise lent.outage
        supply = folder.with_mirror(lent, recorded_titles(project) if project else {}) if lent else folder.alone()
        # A file of the mirror stays, too, if the mirror is left out, or has lost it.
        open_numbers = [number for number in folder.lacking if number not in supply.numbers.values()]
        absent = [number for number in open_numbers if number not in there]
        return replace(
            supply,
            held=tuple(number for number in open_numbers if number in there),
            absent=tuple(absent),
            why_absent=self._why_absent(absent) if absent else "",
            how_to_go_on=self._how_to_go_on(absent) if absent else "",
            warnings=tuple(folder.warnings(lent)),
            remarks=tuple(folder.remarks(lent, self._course.vimeo_ids)),
        )

    def fresh(self, video: Video) -> Video:
        """Return a video as its source has it now, with fresh links.

        Raises:
            RemoteError: the source does not have it any more, or does not answer as it should.
        """
        if video.source == VIMEO:
            assert self._vimeo is not None, "a video of Vimeo comes from Vimeo"
            return self._vimeo.video(video.uri)
        assert self._mirror is not None, "a video of the mirror comes from the mirror"
        return self._mirror.again(video)

    def _matched(
        self, listing: Listing, settled: Mapping[int, str], quality: str, project: Project | None
    ) -> FolderVideos:
        unusable = {video.id: why for video in listing.videos if (why := self._why_unusable(video, quality))}
        shown_by_site = self._course.vimeo_ids
        if self._course.why_recorded and not shown_by_site and project:
            # What the site decided when it could be asked, but for numbers that two titles claim.
            claims = Counter(course_number(video.title) for video in listing.videos)
            shown_by_site = {n: key for n, key in recorded_numbers(project).items() if claims[n] < 2}
        numbers = course_numbers(listing.videos, settled, shown_by_site, self._course.numbers)
        return FolderVideos(listing.videos, numbers, unusable, self._course.numbers)

    def _why_unusable(self, video: Video, quality: str) -> str:
        """Return why Vimeo does not give a video for which the mirror could stand in, or nothing."""
        if not video.renditions:
            return f"No download link. {self._why_no_downloads}"
        # Somebody who wants the upload itself is told that there is none.
        if self._mirror and quality != "source":
            try:
                choose_rendition(video, quality)
            except BuilderError as error:
                return error.in_one_line
        return ""

    @cached_property
    def _why_no_downloads(self) -> str:
        return self._vimeo.why_no_downloads() if self._vimeo else ""

    def _how_to_go_on(self, absent: Sequence[int]) -> str:
        if len(absent) == 1 or len(absent) < len(self._course.numbers):
            return (
                "Put such a video into the videos folder, with its number in the file's name, e.g. (33).mp4; "
                "or go on without it: --allow-missing"
            )
        mirror = check_address() if self._mirror else ""
        return f"{mirror} Use another source, or leave the videos out: build.py --skip videos".strip()

    def _why_absent(self, absent: Sequence[int]) -> str:
        if self._mirror is None:
            where = "not in the Vimeo folder"
        elif self._vimeo is None:
            where = f"not on the mirror ({self._mirror.url})"
        else:
            where = f"neither on Vimeo nor on the mirror ({self._mirror.url})"
        if len(absent) == 1:
            return f"The course's video {absent[0]} is {where}."
        if len(absent) == len(self._course.numbers):
            return f"The course's {len(absent)} videos are {where}."
        return f"The course's videos {listed(absent)} are {where}."
