"""Says whether the services that a build needs answer as they should: Vimeo, and the presenter in a browser.

The user waits for the answer, so nothing here is tried twice, and nothing takes longer
than some seconds.
"""

from __future__ import annotations

import shutil
import threading
from functools import partial
from typing import TYPE_CHECKING

from builds.session import BuildSession
from cli.options import DECKS, SLIDES
from common.console import counted, say
from common.errors import BuilderError, CheckWarning
from common.files import nearest_folder
from common.filesystem import visible
from common.formats import megabytes
from course.curricula import CURRICULA
from course.page import site_url
from slides.chrome import INSTALL_DRIVER, Tools, find_tools
from slides.grid import look_at
from workspace.credentials import require_token

if TYPE_CHECKING:
    from slides.browser_pool import BrowserPool

# The pictures of a language in full size take 185 MB in the demo's course; links to them take nothing.
_SPACE_FOR_SLIDES, _FULL_SIZE = 300_000_000, 3000 * 1680
# The files of a project that take no more space, because they are there already.
_OURS = ("videos/*.mp4", *(f"{curriculum.folder}/*.png" for curriculum in CURRICULA))
_ANSWER_SECONDS = 10
_PAGE_SECONDS = 25


def check_scopes() -> str:
    """Ask Vimeo what the token may do.

    Raises:
        BuilderError: it lacks a scope that is needed, or Vimeo does not say.
    """
    from videos.vimeo import Vimeo

    return Vimeo(require_token(), say, patient=False).require_scopes()


def check_vimeo(session: BuildSession) -> str:
    """List the folder. This also shows a token without the needed scope and an account without downloads.

    Raises:
        BuilderError: the videos cannot be downloaded, or there is no space for them.
    """
    from videos.renditions import choose_rendition
    from videos.vimeo import Vimeo

    vimeo = Vimeo(require_token(), say, patient=False)
    if not session.vimeo_folder_id:
        raise CheckWarning("Not checked, because no folder is known.", "Give its number with --folder-id ID.")
    listing = vimeo.folder(session.vimeo_folder_id, session.option("recursive"))
    if not listing.videos:
        remedy = "Add --recursive to include its subfolders." if listing.subfolders else "Check its number."
        raise BuilderError(f"The Vimeo folder {session.vimeo_folder_id} is empty.", remedy)
    unavailable = [video for video in listing.videos if not video.renditions]
    if unavailable:
        message = f"{len(unavailable)} of {counted(len(listing.videos), 'video')} have no download link."
        raise BuilderError(message, vimeo.why_no_downloads())
    videos = sum(choose_rendition(video, session.option("quality")).size or 0 for video in listing.videos)
    # Each deck holds all videos.
    decks = (len(CURRICULA) * videos + space_for_slides(session)) if DECKS in session.ahead else 0
    needed = videos + space_for_slides(session) + decks
    ours = (path for pattern in _OURS for path in visible(session.project.path, pattern))
    # A link can lead nowhere.
    there = sum(path.stat().st_size for path in ours if path.is_file())
    free = shutil.disk_usage(nearest_folder(session.project.path)).free
    if needed - there > free:
        message = f"The disk is too small: {megabytes(needed)} are needed, {megabytes(free)} are free."
        raise BuilderError(message, "Free space, or take a smaller rendition: --quality 720p")
    if len(listing.videos) < listing.total:
        raise CheckWarning(f"Vimeo lists only {len(listing.videos)} of {listing.total} videos.", "Try again later.")
    return (
        f"{counted(len(listing.videos), 'video')}, {megabytes(needed)} needed with the slides, {megabytes(free)} free"
    )


def space_for_slides(session: BuildSession) -> int:
    """Return how many bytes the pictures may take; none if they are not ahead."""
    if SLIDES not in session.ahead:
        return 0
    pixels = int(session.option("width")) * int(session.option("height"))
    return _SPACE_FOR_SLIDES * pixels // _FULL_SIZE


def grid_urls(session: BuildSession) -> tuple[str, ...]:
    """Return the addresses of the remote ends that take the pictures; none if this machine does."""
    return tuple(filter(None, session.option("grid_url").split(",")))


def find_tools_of(session: BuildSession) -> Tools | None:
    """Return the browser that a build uses, and its driver; None if a driver has to be fetched first.

    Raises:
        BuilderError: there is no browser, or a program that was named cannot be used.
    """
    return find_tools(session.option("chrome"), session.option("chromedriver"), may_fetch=False)


def check_site(session: BuildSession) -> str:
    """Load the presenter's page in a browser: if it comes in this language, part 3 can work.

    Raises:
        BuilderError: it does not come, or in another language, or there is no browser.
    """
    from slides.browser_pool import BrowserPool
    from slides.capture import CaptureSettings

    _require_answer()
    for url in grid_urls(session):
        look_at(url)
    tools = None if grid_urls(session) else find_tools_of(session)
    if not grid_urls(session) and tools is None:
        raise CheckWarning("Not checked, because there is no driver.", INSTALL_DRIVER)
    settings = CaptureSettings(session.language_code, 600, 336, 5.0, 0.0, False, tools, grid_urls(session))
    too_late = threading.Event()
    with BrowserPool(settings, 1) as pool:
        limit = threading.Timer(_PAGE_SECONDS, partial(_close, pool, too_late))
        limit.start()
        try:
            pool.start()
            listed = pool.course(CURRICULA[0])
        except BuilderError as error:
            if too_late.is_set():
                raise BuilderError(f"{site_url()} showed no slide in {_PAGE_SECONDS} s.", "Try again later.") from error
            raise
        finally:
            limit.cancel()
    slides = sum(len(found) for found in listed.values())
    return f"{site_url()} serves {session.language_code}, {counted(slides, 'slide')}"


def _require_answer() -> None:
    """Report a site that is down at once; a browser would try again and again."""
    import requests

    try:
        # Any answer will do: a site may answer anything to a program that is no browser.
        requests.get(site_url(), timeout=_ANSWER_SECONDS, stream=True).close()
    except requests.RequestException as error:
        message = f"The presenter at {site_url()} cannot be reached ({type(error).__name__})."
        raise BuilderError(message, "Check the connection, and ZUME_SITE_URL if it is set.") from error


def _close(pool: BrowserPool, too_late: threading.Event) -> None:
    too_late.set()
    pool.close()
