"""Downloads one file so that it appears under its name only when it is whole, checked, and a video.

It guards against what the trackers of Vimeo's public clients report most: a short body
taken for success, a partial file taken for a finished one, an error page saved as a
video, a part appended to an answer that started over.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

from common.errors import BuilderError, RemoteError
from common.files_in_use import once_free, remedy_for, remove
from common.http import CONNECT_SECONDS, READ_SECONDS, asked_pause
from common.retries import with_retries
from videos.announced import Announced, announced_in, is_page
from videos.checksums import Digests, Received
from videos.files import begins_as_mp4
from videos.mp4 import ends_early

# The most bytes that one read returns. A read also returns fewer, so that a broken connection loses none.
_CHUNK = 1 << 18
_EXPIRED = (403, 404, 410)


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        link: where it is; the link may expire.
        video: the video's id.
        identity: differs for every content, so that a partial file is only continued with its own content.
        announced: what is known of it.
        speaks_for_itself: whether the address stands for whatever it has now, and its answers announce that.
            Otherwise somebody else has announced one content, and any other one is wrong.
    """

    link: str
    video: str
    identity: str
    announced: Announced
    speaks_for_itself: bool = False

    @property
    def can_be_continued(self) -> bool:
        """Whether anything would tell that the rest belongs to another content than what an earlier run has got."""
        announced = self.announced
        return not self.speaks_for_itself or bool(announced.md5 or announced.validator)


@dataclass(frozen=True)
class Transferred:
    """A file that has come down whole.

    Attributes:
        received: its size and checksums.
        announced: what these were compared with.
    """

    received: Received
    announced: Announced


def partial_path(target: Path, file: RemoteFile) -> Path:
    """Return the path of a file while its download is not finished."""
    digest = hashlib.sha256(file.identity.encode()).hexdigest()[:16]
    return target.with_name(f"{_partial_mark(file.video)}{digest}.part")


def _partial_mark(video: str) -> str:
    """Return the beginning of the names of all partial files of a video; Windows takes no colon."""
    return f".{video.replace(':', '-')}-"


def remove_other_partials(target: Path, file: RemoteFile) -> None:
    """Remove the partial files of other renditions or versions of the same video."""
    for partial in partials_of(file.video, target.parent):
        if partial != partial_path(target, file):
            remove(partial)


def partials_of(video: str, folder: Path) -> list[Path]:
    """Return all partial files of the video with this id that are in a folder."""
    return list(folder.glob(f"{_partial_mark(video)}*.part"))


def transfer_file(
    file: RemoteFile,
    target: Path,
    session: requests.Session,
    renew: Callable[[], RemoteFile],
    show: Callable[[int], None],
    announce: Callable[[str], None],
    make_way: Callable[[Path], None],
) -> Transferred:
    """Download a file, and continue where an earlier try or run stopped.

    Args:
        file: what to download.
        target: the final path; only a whole file replaces the file there.
        session: an HTTP session that carries no credentials, because links lead to other hosts.
        renew: returns the file with a fresh link, as it is now; called when the link has expired or what it leads to
            is not what was announced.
        show: called with the number of bytes that have arrived.
        announce: called with one sentence before each pause.
        make_way: called with the final path when the file is whole, before it replaces the file there.

    Returns:
        What has come.

    Raises:
        BuilderError: the download failed; the message says why, and ``target`` is unchanged.
    """
    try:
        transfer = _Transfer(file, target, session, renew, show)
        remove_other_partials(target, file)
        transferred = with_retries(transfer.attempt, announce)
        make_way(target)
        once_free(lambda: transfer.partial.replace(target))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise BuilderError(
                f"The disk of {target.parent} is full.", "Free some space, then run the same command again."
            ) from error
        remedy = remedy_for(error, "the video in all players", "Change its permissions.")
        raise BuilderError(f"{target} cannot be written: {error.strerror}.", remedy) from error
    return transferred


class _Transfer:
    """One download over all its tries."""

    def __init__(
        self,
        file: RemoteFile,
        target: Path,
        session: requests.Session,
        renew: Callable[[], RemoteFile],
        show: Callable[[int], None],
    ) -> None:
        self.partial = partial_path(target, file)
        self._target = target
        self._remote = file
        self._announced = file.announced
        self._session = session
        self._renew = renew
        self._show = show
        self._link_expired = False
        # Whether the server has said two different sizes.
        self._size_is_doubtful = False
        self._digests = Digests()
        if not file.can_be_continued:
            remove(self.partial)
        self._furthest = self.partial.stat().st_size if self.partial.exists() else 0

    def attempt(self) -> Transferred:
        """Download what is missing, and return what has come once it is whole and checked."""
        if self._link_expired:
            self._take_fresh_link()
        start = self._usable_start()
        if start == 0 or start != self._announced.size:
            self._receive(start)
        return Transferred(self._verified(), self._announced)

    def _take_fresh_link(self) -> None:
        fresh = self._renew()
        if fresh.identity != self._remote.identity:
            remove(self.partial)
            if not fresh.speaks_for_itself:
                raise RemoteError("The video was replaced on Vimeo in the meantime.", "Run the same command again.")
            self._go_over_to(fresh)
        self._remote = fresh
        self._link_expired = False

    def _go_over_to(self, file: RemoteFile) -> None:
        """Download another content from now on, which has a partial file of its own."""
        self._remote, self._announced, self._furthest = file, file.announced, 0
        self.partial = partial_path(self._target, file)
        remove(self.partial)
        remove_other_partials(self._target, file)

    def _usable_start(self) -> int:
        """Return how many bytes are already there; a file that is too long is removed."""
        start = self.partial.stat().st_size if self.partial.exists() else 0
        if self._announced.size is not None and start > self._announced.size:
            remove(self.partial)
            return 0
        return start

    def _receive(self, start: int) -> None:
        """Request the bytes from ``start`` on, and append them to the partial file."""
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
            if self._announced.if_range:
                headers["If-Range"] = self._announced.if_range
        there = start
        try:
            with self._session.get(
                self._remote.link, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)
            ) as response:
                if self._is_complete(response, start):
                    return
                start = there = self._accepted_start(response, start)
                self._hash_up_to(start)
                with self.partial.open("ab" if start else "wb") as file:
                    while chunk := response.raw.read1(_CHUNK):
                        file.write(chunk)
                        self._digests.add(chunk)
                        there += len(chunk)
                        self._show(there)
                    file.flush()
                    os.fsync(file.fileno())
        except requests.TooManyRedirects as error:
            raise RemoteError("The download link redirects in a loop.", "Run the same command again later.") from error
        # An address that makes no sense, also one that a server redirects to, can be a bare ValueError.
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise RemoteError(
                f"The connection broke ({type(error).__name__}).",
                "Run the same command again; the download continues where it stopped.",
                retryable=True,
                progressed=self._is_progress(there),
            ) from error

    def _hash_up_to(self, size: int) -> None:
        """Bring the running checksums up to this size of the file, so that the whole file need not be read again."""
        if self._digests.size == size:
            return
        self._digests = Digests()
        if size:
            with self.partial.open("rb") as file:
                while chunk := file.read(min(_CHUNK, size - self._digests.size)):
                    self._digests.add(chunk)

    def _is_complete(self, response: requests.Response, start: int) -> bool:
        """Say whether nothing is missing: the answer is 416, and the file is as long as the server says."""
        if response.status_code != 416:
            return False
        match = re.fullmatch(r"bytes \*/(\d+)", response.headers.get("Content-Range", ""))
        is_complete = match is not None and int(match[1]) == start > 0
        if is_complete and self._remote.speaks_for_itself:
            self._announced = replace(self._announced, size=start)
        return is_complete

    def _accepted_start(self, response: requests.Response, start: int) -> int:
        """Return the position at which the answer begins, or raise what is wrong with the answer."""
        status = response.status_code
        if status in _EXPIRED:
            self._link_expired = True
            trouble = "There is no such file" if self._remote.speaks_for_itself else "The download link has expired"
            raise RemoteError(f"{trouble} ({status}).", "Run the same command again.", retryable=True)
        if status == 416:
            remove(self.partial)
            raise RemoteError(
                "The server refuses to continue the download.", "Run the same command again.", retryable=True
            )
        if status not in (200, 206):
            raise RemoteError(
                f"The server answered with an error ({status}).",
                "Run the same command again later.",
                retryable=status == 429 or status >= 500,
                pause=asked_pause(response.headers, "Retry-After"),
            )
        if is_page(response.headers):
            raise RemoteError(
                "The server sent a page instead of a video.", "Check for a proxy or a login page.", retryable=True
            )
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise RemoteError(
                "The server compressed the video, which was not allowed.",
                "Run the same command again later.",
                retryable=True,
            )
        if status == 200:
            self._compare(announced_in(response.headers))
            return 0
        match = re.match(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        fits = match and int(match[1]) == start and match[2] in ("*", str(self._announced.size or match[2]))
        if not fits or self._is_another(announced_in(response.headers)):
            remove(self.partial)
            raise RemoteError(
                "The server sent the wrong part of the file.", "Run the same command again.", retryable=True
            )
        return start

    def _compare(self, offered: Announced) -> None:
        """Compare what the server is about to send with what was announced.

        Raises:
            RemoteError: it is another file, and the address may not have another one.
        """
        known = self._announced
        has_other_size = None not in (known.size, offered.size) and offered.size != known.size
        if not self._remote.speaks_for_itself:
            if has_other_size:
                raise RemoteError(
                    f"The server offers {offered.size} bytes, but {known.size} were announced.",
                    "Run the same command again later.",
                    retryable=True,
                )
        elif has_other_size or self._is_another(offered):
            self._size_is_doubtful = has_other_size
            self._go_over_to(replace(self._remote, identity=f"{self._remote.identity} {offered}", announced=offered))
        else:
            self._announced = Announced(
                known.size or offered.size, known.md5 or offered.md5, known.validator or offered.validator
            )

    def _is_another(self, offered: Announced) -> bool:
        """Say whether an answer itself tells that the content is another one than so far."""
        known = self._announced.validator
        return self._remote.speaks_for_itself and None not in (known, offered.validator) and offered.validator != known

    def _is_progress(self, size: int) -> bool:
        """Say whether the file is longer than ever before; receiving the same bytes again is no progress."""
        progress = size > self._furthest
        self._furthest = max(size, self._furthest)
        return progress

    def _verified(self) -> Received:
        """Return the size and checksums of the partial file if it is the whole video, else raise what is wrong."""
        size = self.partial.stat().st_size
        announced = self._announced.size
        if announced is not None and size < announced:
            raise RemoteError(
                f"Only {size} of {announced} bytes arrived.",
                "Run the same command again; the download continues there.",
                retryable=True,
                progressed=self._is_progress(size),
            )
        self._hash_up_to(size)
        received = self._digests.received()
        fault = self._fault(received)
        if fault:
            remove(self.partial)
            raise RemoteError(fault, "Run the same command again later.", retryable=True)
        return received

    def _fault(self, received: Received) -> str:
        announced = self._announced.size
        if announced is not None and received.size > announced:
            return f"{received.size} bytes arrived instead of {announced}."
        if not begins_as_mp4(self.partial):
            return "The downloaded file is not a video."
        if self._announced.md5 and received.md5 != self._announced.md5:
            return "The downloaded file is not the one that was announced (its MD5 differs)."
        is_doubtful = self._announced.size is None or self._size_is_doubtful
        if not self._announced.md5 and is_doubtful and ends_early(self.partial):
            return "The downloaded file is not whole: it ends in the middle of the video."
        return ""
