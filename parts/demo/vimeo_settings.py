"""The settings of the stand-in Vimeo, and its log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from course.languages import Language, all_languages
from demo.request_log import RequestLog
from demo.vimeo_faults import VimeoFault
from demo.vimeo_videos import (
    EXTRA_NUMBERS,
    REMADE,
    RENDITIONS,
    StoredRendition,
    StoredVideo,
    VideoFile,
    course_numbers,
    video_file,
)

BURMESE_TITLE = "(19) " + ("\u1000\u103c\u102d\u102f\u1038\u1005\u102c\u1038\u1001\u103c\u1004\u103a\u1038" * 30)[:295]

HOSTILE_TITLES = {
    1: "../../etc/passwd (01)",
    2: "CON",
    3: 'a/b\\c:d*?"<>| (03)',
    4: "(04) trailing dots...",
    5: "(05) control\x00 \x07characters\r\n\x1b[31m",
    6: "",
    7: "   ",
    8: "/",
    9: "..",
    10: "(10) \u202eright to left\u202c and a flag \U0001f1f0\U0001f1ea",
    11: "no number at all",
    12: "(13) the number of another video",
    14: "(14) cafe\u0301",  # two code points, as macOS writes it
    15: "~/.ssh/id_rsa; rm -rf $HOME (15)",
    16: "-rf (16)",
    17: "2024 (17) 1080p",
    18: "[bold red](18)[/bold red]",
    19: BURMESE_TITLE,  # 300 letters, 890 bytes: no file system takes that as one name
}
"""Titles to put into ``VimeoSettings.titles``: each has given some client a bad file name, or none."""


@dataclass(frozen=True)
class LoggedRequest:
    """One request as it came.

    Attributes:
        kind: ``api``, ``link`` (the API's download link) or ``cdn``.
        method: e.g. GET.
        host: the host and port it was addressed to.
        path: without the query.
        query: without the question mark.
        carried_authorization: whether it had an Authorization header.
        range: the Range header, or None.
        status: what it was answered.
        video: the video that a link or CDN request was for.
    """

    kind: Literal["api", "link", "cdn"]
    method: str
    host: str
    path: str
    query: str
    carried_authorization: bool
    range: str | None
    status: int
    video: StoredVideo | None


class VimeoLog(RequestLog[LoggedRequest]):
    """The log of the stand-in Vimeo, in the order of its answers."""

    def of_kind(self, kind: Literal["api", "link", "cdn"]) -> list[LoggedRequest]:
        """Return the requests of one kind."""
        return [request for request in self.requests if request.kind == kind]


@dataclass
class VimeoSettings:
    """How the stand-in Vimeo behaves. It reads this at every request, so changes work at once.

    Attributes:
        token: the only token that it accepts.
        user_id: whose token it is (``/me``).
        owner_id: the owner of a team that this user is a member of.
        scope: of the token. Without ``private`` folders answer 403, without ``video_files`` no ``download`` is shown.
        faults: see ``demo.vimeo_faults``.
        folder_languages: further folders: id to language code. Those of ``languages.json`` are always there.
        owner_folders: ids of folders that are found only under the team owner's ``/users/{owner_id}/``.
        projects_only: ids of folders that are found only under ``projects``.
        folders_only: ids of folders that are found only under ``folders``.
        empty_folders: ids of folders without videos.
        subfolders: id of a folder to the ids of the folders in it; its ``items`` show them.
        numbers: the only course numbers that have a video, or None for all of the language's edition.
        extra_numbers: whether there are also videos for numbers that no curriculum shows.
        titles: titles by course number, instead of the usual ones, in every language.
        second_titles: course numbers that have two videos, and the title of the second one.
        remade_titles: course numbers whose video was recorded anew: it is gone from the folder, and another one, with
            an id of its own and this title, is in its place.
        unlisted: course numbers whose video has an address with a hash, ``/videos/123:abc``.
        sizes: sizes in bytes by (course number, rendition), e.g. ``{(3, "1080p"): 20_000_000}``.
        announced_original: the size that the listing tells of every original, in bytes, or None for the real one. It
            is for what is only shown: a download would find another size.
        page_size_limit: the most videos on a page, however many were asked for.
        rate_limit: API requests in one window; more are answered 429.
        rate_window: the length of the window in seconds.
        link_lifetime: seconds that a download link works; then 410.
        cdn_lifetime: seconds that a CDN address works; then 410.
        log: what was asked.
    """

    token: str = "demo-token-0000"
    user_id: int = 9100001
    owner_id: int = 9100002
    scope: str = "public private video_files"
    faults: list[VimeoFault] = field(default_factory=list)
    folder_languages: dict[str, str] = field(default_factory=dict)
    owner_folders: set[str] = field(default_factory=set)
    projects_only: set[str] = field(default_factory=set)
    folders_only: set[str] = field(default_factory=set)
    empty_folders: set[str] = field(default_factory=set)
    subfolders: dict[str, list[str]] = field(default_factory=dict)
    numbers: Collection[int] | None = None
    extra_numbers: bool = False
    titles: dict[int, str] = field(default_factory=dict)
    second_titles: dict[int, str] = field(default_factory=dict)
    remade_titles: dict[int, str] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)
    sizes: dict[tuple[int, str], int] = field(default_factory=dict)
    announced_original: int | None = None
    page_size_limit: int = 100
    rate_limit: int = 1000
    rate_window: float = 60
    link_lifetime: float = 24 * 3600
    cdn_lifetime: float = 2 * 3600
    log: VimeoLog = field(default_factory=VimeoLog)

    def language_of(self, folder_id: str) -> Language | None:
        """Return the language whose videos a folder has, or None for an unknown folder."""
        code = self.folder_languages.get(folder_id)
        for language in all_languages():
            if language.code == code or (code is None and language.vimeo_folder_id == folder_id):
                return language
        return None

    def knows_folder(self, folder_id: str) -> bool:
        """Say whether there is such a folder, with videos or not."""
        return self.language_of(folder_id) is not None or folder_id in {*self.subfolders, *self.empty_folders}

    def videos_in(self, folder_id: str) -> list[StoredVideo]:
        """Return the videos of a folder, ordered by number."""
        language = self.language_of(folder_id)
        if language is None or folder_id in self.empty_folders:
            return []
        numbers = [*course_numbers(language), *(EXTRA_NUMBERS if self.extra_numbers else ())]
        present = [number for number in sorted(numbers) if self.numbers is None or number in self.numbers]
        first = [
            StoredVideo(language, number, copy=REMADE if number in self.remade_titles else 0) for number in present
        ]
        second = [StoredVideo(language, number, copy=1) for number in present if number in self.second_titles]
        return sorted(first + second, key=lambda video: video.id)

    def title(self, video: StoredVideo) -> str:
        """Return the title that a video has now."""
        titles = {0: self.titles, 1: self.second_titles, REMADE: self.remade_titles}[video.copy]
        return titles.get(video.number, video.title)

    def uri(self, video: StoredVideo) -> str:
        """Return the address of a video within the API."""
        return f"/videos/{video.id}:{video.hash}" if video.number in self.unlisted else f"/videos/{video.id}"

    def file(self, video: StoredVideo, rendition: StoredRendition) -> VideoFile:
        """Return the bytes that a rendition has now."""
        return video_file(video, rendition, self.sizes.get((video.number, rendition.name)))

    def find_file(self, video: StoredVideo, rendition: str) -> VideoFile | None:
        """Return the file of a rendition by its name, or None for an unknown name. Tests compare with it."""
        return next((self.file(video, entry) for entry in RENDITIONS if entry.name == rendition), None)
