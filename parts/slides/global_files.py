"""Fetches the files that all slides share, as the browser fetches them: what of them is global for pictures."""

from __future__ import annotations

from collections.abc import Collection

from course.page import PresenterPage
from slides.global_state import CAPTURE_VERSION, GlobalState


class GlobalFiles:
    """The contents of the site's shared files. Each is fetched once, whoever asks for it; any thread may ask.

    Args:
        browser_version: of the browser that takes the pictures, e.g. ``156.0.8078.73``; "" if it is not known. The
            files are asked for as it would, because some hosts answer with other contents to other browsers.
    """

    def __init__(self, browser_version: str) -> None:
        self._browser_version = browser_version

    def state(
        self, page: PresenterPage, assets: Collection[str], browser: str, fonts: str, known: GlobalState | None = None
    ) -> GlobalState:
        """Return what is global for the pictures of a language.

        Args:
            page: the presenter's page of the language.
            assets: the addresses of the fixed pictures, icons and fonts that its slides show.
            browser: the browser's version, "" if it is not known.
            fonts: a digest of the machine's fonts for the language, see ``slides.fonts``; "" if it is not known.
            known: what was global before. A file that it does not know is fetched twice, to tell a new one from one
                that is another each time.

        Raises:
            RemoteError: a file could not be had, for a reason that may pass.
        """
        return GlobalState(CAPTURE_VERSION, browser, fonts, (), (), ())
