"""The public mirror of the course's videos: one file for each language and number, which nobody needs an account for.

It is a bucket of Google's storage. That the site plays its videos from there is in the public source of its training
system (2026-04); a list of 2020 names 46 languages, and says that video 33 was nowhere. A file that is not there
answers 404, or 403 where the bucket does not show its list. No file has another rendition.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

import requests
from urllib3.exceptions import HTTPError

from common.errors import RemoteError, UsageError
from common.http import CONNECT_SECONDS, READ_SECONDS, asked_pause, new_http_session
from common.retries import with_retries
from common.workers import work_off
from videos.announced import announced_in, is_page
from videos.renditions import MIRROR, Rendition, Video

DEFAULT_MIRROR_URL = "https://storage.googleapis.com/zume-file-mirror/"
_VARIABLE = "ZUME_MIRROR_URL"
_ADDRESS = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?", re.IGNORECASE)
_HURRIED_SECONDS = 5
_ASKED_AT_ONCE = 6
_NOT_THERE = (403, 404, 410)
# A server that does not answer HEAD. The answer to GET begins with the same headers.
_NO_HEAD = (405, 501)


def mirror_url(said_by_page: str) -> str:
    """Return the address of the mirror, with a slash at its end.

    Args:
        said_by_page: what the presenter's page says; ``ZUME_MIRROR_URL`` goes before it. If it is no address, the one
            that the page had in 2026 is taken.

    Raises:
        UsageError: ``ZUME_MIRROR_URL`` is no address.
    """
    given = os.environ.get(_VARIABLE, "").strip()
    if given and not _ADDRESS.fullmatch(given):
        raise UsageError(
            f"{_VARIABLE} is not a web address: {given!r}", f"It is of the form {DEFAULT_MIRROR_URL}; or unset it."
        )
    url = next((url for url in (given, said_by_page.strip()) if _ADDRESS.fullmatch(url)), DEFAULT_MIRROR_URL)
    return url.rstrip("/") + "/"


def check_address() -> str:
    """Return the advice to look at the address of the mirror, if it is the user's own; else nothing."""
    return f"Check {_VARIABLE}." if os.environ.get(_VARIABLE, "").strip() else ""


def missing_video(number: int) -> Video:
    """Return the video of the mirror with this course number, as long as nothing is known of its file."""
    return Video(f"{MIRROR}:{number}", "", f"({number:02})", 0, (), MIRROR)


@dataclass(frozen=True)
class MirrorAnswer:
    """What the mirror has of the numbers that it was asked for.

    Attributes:
        videos: those that it has, by number.
        absent: the numbers of which it has none.
        troubles: why it could not be asked for a number.
        outage: what is wrong with the mirror as a whole, if it answers nothing.
    """

    videos: Mapping[int, Video]
    absent: Collection[int]
    troubles: Mapping[int, RemoteError]
    outage: RemoteError | None = None


class Mirror:
    """The mirror's videos of one language. Nothing secret is ever sent there.

    Args:
        url: its address, with a slash at its end.
        language_code: as the site writes it.
        announce: called with one sentence before a request is repeated.
        patient: whether to wait for slow answers, and to repeat requests after errors that may pass.
    """

    def __init__(self, url: str, language_code: str, announce: Callable[[str], None], *, patient: bool = True) -> None:
        self.url = f"{url}{quote(language_code)}/"
        self._announce = announce
        self._tries = None if patient else 1
        self._timeout = (CONNECT_SECONDS, READ_SECONDS if patient else _HURRIED_SECONDS)
        self._session = new_http_session(_ASKED_AT_ONCE)

    def find(self, numbers: Iterable[int]) -> MirrorAnswer:
        """Ask for the files of course numbers, without downloading them."""
        wanted = sorted(numbers)
        answers = self._first_answers(wanted[:2])
        errors = [answer for answer in answers.values() if isinstance(answer, RemoteError)]
        if errors and len(errors) == len(answers):
            return MirrorAnswer({}, (), dict.fromkeys(wanted, errors[0]), errors[0])
        rest = [number for number in wanted if number not in answers]
        answers |= dict(work_off(self._ask, rest, _ASKED_AT_ONCE))
        return MirrorAnswer(
            {number: answer for number, answer in sorted(answers.items()) if isinstance(answer, Video)},
            [number for number, answer in sorted(answers.items()) if answer is None],
            {number: answer for number, answer in sorted(answers.items()) if isinstance(answer, RemoteError)},
        )

    def _first_answers(self, numbers: Sequence[int]) -> dict[int, Video | RemoteError | None]:
        """Ask for one video after the other until one is answered: nobody wants to read the same error for each."""
        answers: dict[int, Video | RemoteError | None] = {}
        for number in numbers:
            answers[number] = self._ask(number, tries=1 if answers else None)
            if not isinstance(answers[number], RemoteError):
                break
        return answers

    def again(self, video: Video) -> Video:
        """Return a video as the mirror has it now.

        Raises:
            RemoteError: it is not there any more, or the mirror does not answer as it should.
        """
        number = int(video.id.removeprefix(f"{MIRROR}:"))
        answer = self._ask(number)
        if answer is None:
            raise RemoteError(f"The mirror no longer has {video.uri}.", "Run the same command again.")
        if isinstance(answer, RemoteError):
            raise answer
        return replace(answer, title=video.title)

    def _ask(self, number: int, tries: int | None = None) -> Video | RemoteError | None:
        try:
            return with_retries(lambda: self._ask_once(number), self._announce, tries=tries or self._tries)
        except RemoteError as error:
            return error

    def _ask_once(self, number: int) -> Video | None:
        url = f"{self.url}{number}.mp4"
        response = self._headers_of("HEAD", url)
        if response.status_code in _NO_HEAD:
            response = self._headers_of("GET", url)
        if response.status_code in _NOT_THERE:
            return None
        if response.status_code != 200:
            raise RemoteError(
                f"The mirror answered with an error ({response.status_code}) at {url}.",
                "Run the same command again later.",
                retryable=response.status_code == 429 or response.status_code >= 500,
                pause=asked_pause(response.headers, "Retry-After"),
            )
        if is_page(response.headers):
            raise RemoteError(
                f"The mirror sent a page instead of a video at {url}.",
                "Check for a proxy or a login page.",
                retryable=True,
            )
        announced = announced_in(response.headers)
        file = Rendition(
            quality=MIRROR,
            name=MIRROR,
            type="video/mp4",
            width=0,
            height=0,
            # Some servers answer HEAD with the length of nothing.
            size=announced.size or None,
            md5=announced.md5,
            link=url,
            validator=announced.validator,
        )
        return replace(missing_video(number), uri=url, renditions=(file,))

    def _headers_of(self, method: str, url: str) -> requests.Response:
        try:
            with self._session.request(
                method,
                url,
                headers={"Accept-Encoding": "identity"},
                timeout=self._timeout,
                allow_redirects=True,
                stream=True,
            ) as response:
                return response
        # An address that makes no sense, also one that a server redirects to, can be a bare ValueError.
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise RemoteError(
                f"The mirror cannot be reached at {self.url} ({type(error).__name__}).",
                f"{check_address()} Check the internet connection, then run the same command again.".strip(),
                retryable=not isinstance(
                    error,
                    ValueError | requests.exceptions.SSLError | requests.exceptions.TooManyRedirects,
                ),
            ) from error
