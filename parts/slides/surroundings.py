"""What decides how all pictures of a language look alike, read for one run: the global state of its manifests."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property, partial

from common.console import warn
from common.errors import RemoteError
from common.workers import within
from course.page import PresenterPage
from slides.capture import CaptureSettings
from slides.global_files import GlobalFiles
from slides.global_state import GlobalState
from slides.machine import Machine, machine_of

# In seconds. Each file may take 20 s, twice, and several come at a time.
_MOST_SECONDS = 45.0


class Surroundings:
    """The global state as it is when a run begins. Each file of the site is fetched once, before the first picture.

    Args:
        page: the presenter's page.
        settings: what the pictures must be like, and which browsers take them.
    """

    def __init__(self, page: PresenterPage, settings: CaptureSettings) -> None:
        self._page = page
        self._settings = settings
        self._is_unreadable = False

    def read(self, known: GlobalState | None, assets: Collection[str] = ()) -> GlobalState | None:
        """Return the global state; None, with a warning, if some of it cannot be read.

        Args:
            known: the state that is recorded, and that it is going to be compared with.
            assets: the addresses of fixed pictures, icons and fonts that count besides those of the known one.
        """
        if self._is_unreadable:
            return None
        addresses = {*assets, *dict(known.assets if known else ())}
        machine = self._machine
        read = partial(self._files.state, self._page, addresses, machine.browser, machine.fonts, known)
        try:
            return within(_MOST_SECONDS, read)
        except (RemoteError, TimeoutError) as error:
            self._is_unreadable = True
            why = error.message if isinstance(error, RemoteError) else f"It takes longer than {_MOST_SECONDS:g} s."
            warn(
                f"Whether the style sheets and scripts of the site have changed cannot be found out. {why} "
                "The next run with --only-changed tries again."
            )
            return None

    @cached_property
    def _files(self) -> GlobalFiles:
        return GlobalFiles(self._machine.browser)

    @cached_property
    def _machine(self) -> Machine:
        return machine_of(self._settings.language_code, self._settings.found_tools, self._settings.grid_urls)
