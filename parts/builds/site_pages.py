"""The presenter's pages of many languages. A site that is down is down for all of them: it is asked no more."""

from __future__ import annotations

import threading

from builds.services import require_answer
from common.errors import BuilderError, RemoteError
from course.page import PresenterPage, read_page, site_url

# So many languages have to fail, and none has to have come, before the site and not a page is to blame.
_ENOUGH = 2


class SitePages:
    """Reads pages; any thread may ask.

    Attributes:
        trouble: why the site gives no page in any language; None as long as it may.
    """

    def __init__(self) -> None:
        self.trouble: BuilderError | None = None
        self._lock = threading.Lock()
        self._has_answered = False
        self._failed: set[str] = set()

    def require_answer(self) -> None:
        """Note it if nobody answers at the site's address, for which nobody waits long."""
        try:
            require_answer()
        except BuilderError as error:
            self.trouble = error

    def read(self, language_code: str) -> PresenterPage:
        """Return the page of one language. Nothing is said before it is asked for again: that takes no time.

        Raises:
            BuilderError: as ``read_page`` does; or the site gives no page in any language.
        """
        if self.trouble:
            raise self.trouble
        try:
            page = read_page(language_code, lambda _: None)
        except RemoteError as error:
            self._note(error)
            raise
        self._has_answered = True
        return page

    def error_of(self, error: str | None) -> str | None:
        """Return what is wrong with the site, if that is why a page did not come; else the error as it is."""
        if self.trouble and error in self._failed:
            return self.trouble.message
        return error

    def _note(self, error: RemoteError) -> None:
        with self._lock:
            self._has_answered |= not error.retryable
            self._failed.add(error.message)
            if len(self._failed) >= _ENOUGH and not self._has_answered and not self.trouble:
                self.trouble = BuilderError(f"The site at {site_url()} gives no page. {error.message}")
