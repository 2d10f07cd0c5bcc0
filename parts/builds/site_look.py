"""Says what has changed on the whole site since pictures were taken: style sheets, scripts, fixed pictures."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from course.page import PresenterPage
from slides.global_files import GlobalFiles
from slides.global_state import GlobalState, differences


class SiteLook:
    """The shared files of the site as they are now. Each is fetched once for all languages; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By the version of the browser that took the pictures: a host may answer another one with other contents.
        self._files: dict[str, GlobalFiles] = {}

    def changes(self, page: PresenterPage, known: Iterable[GlobalState | None]) -> tuple[str, ...]:
        """Return what has changed since pictures were taken, as short phrases for people.

        Which browser and which fonts a build would take, nobody knows before it starts, so they do not count here.

        Args:
            page: the page of the pictures' language.
            known: what was global when they were taken, for each curriculum; None where that is not known.

        Raises:
            RemoteError: a file could not be had, for a reason that may pass.
        """
        phrases: list[str] = []
        for before in dict.fromkeys(state for state in known if state is not None):
            addresses = [address for address, _ in before.assets]
            now = self._files_for(before.browser).state(page, addresses, "", "", before)
            phrases += differences(before, now)
        return tuple(dict.fromkeys(phrases))

    def _files_for(self, browser: str) -> GlobalFiles:
        with self._lock:
            return self._files.setdefault(browser, GlobalFiles(browser))
