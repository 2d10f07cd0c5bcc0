"""Says whether the services that a build needs answer as they should: the sources of videos, and the presenter.

The user waits for the answer, so nothing here is tried twice, and nothing takes longer
than some seconds.
"""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from builds.session import BuildSession
from cli.options import DECKS, SLIDES
from common.console import counted, say
from common.errors import BuilderError, CheckWarning
from common.files import nearest_folder
from common.filesystem import visible
from common.formats import file_size
from common.http import new_http_session
from course.curricula import CURRICULA
from course.page import site_url
from slides.chrome import INSTALL_DRIVER, Tools, find_tools
from slides.grid import look_at
from workspace.credentials import require_token

if TYPE_CHECKING:
    from slides.browser_pool import BrowserPool
    from videos.download_sizes import DownloadSizes
    from videos.sources import VideoSources
    from videos.supply import Supply
    from videos.vimeo import Listing

# The pictures of a language in full size take 185 MB in the demo's course; links to them take nothing.
_SPACE_FOR_SLIDES, _FULL_SIZE = 300_000_000, 3000 * 1680
# The pictures of a project, which take no more space.
_PICTURES = tuple(f"{curriculum.folder}/*.png" for curriculum in CURRICULA)
_ANSWER_SECONDS = 10
_PAGE_SECONDS = 25


def asks_vimeo(session: BuildSession) -> bool:
    """Say whether a build asks Vimeo for its videos, as far as that can be found out."""
    from videos.sources import uses_vimeo

    try:
        return uses_vimeo(session.option("video_source"))
    except BuilderError:
        # What is wrong with the file of the token stands in the token's own row.
        return True


def check_scopes(session: BuildSession) -> str:
    """Ask Vimeo what the token may do.

    Raises:
        CheckWarning: Vimeo does not say, or the mirror stands in for what the token may not do.
        BuilderError: it lacks a scope that is needed, and nothing stands in.
    """
    from videos.renditions import VIMEO
    from videos.sources import FROM_MIRROR
    from videos.vimeo import Vimeo

    vimeo = Vimeo(require_token(), say, patient=False)
    try:
        return vimeo.require_scopes()
    except CheckWarning:
        raise
    except BuilderError as error:
        if session.option("video_source") == VIMEO:
            raise
        raise CheckWarning(f"{error.message} {FROM_MIRROR}", error.remedy) from error


def check_videos(session: BuildSession) -> str:
    """Ask the sources of the videos what they have. This also shows an account without downloads.

    Raises:
        CheckWarning: there is something that the user has to know or to decide.
        BuilderError: videos are missing or cannot be downloaded, or there is no space for them.
    """
    from builds.download_sizes import listed_videos, sizes_of

    sources, listing, supply = listed_videos(session)
    _require_videos(session, supply)
    sizes = sizes_of(session, supply)
    ahead = "nothing to download" if sizes.is_nothing(session.option("quality")) else sizes.in_words
    found = f"{_where_from(supply)}; {ahead}; {_require_space(session, supply, sizes)}"
    doubts = list(_doubts(sources, listing, supply))
    if doubts:
        raise CheckWarning(" ".join(doubts), f"Found: {found}.")
    return found


def _require_videos(session: BuildSession, supply: Supply) -> None:
    """Make sure that every video of the course can be had, or may be missing.

    Raises:
        BuilderError: it cannot.
    """
    if supply.troubles:
        count = f"{len(supply.troubles)} of {counted(len(supply.videos), 'video')}"
        raise BuilderError(f"{count} cannot be downloaded.", " ".join(sorted(set(supply.troubles.values()))))
    if supply.absent and not session.option("allow_missing"):
        raise BuilderError(supply.why_absent, supply.how_to_go_on)


def _where_from(supply: Supply) -> str:
    """Return how many videos there are, and from where, e.g. ``29 videos (27 from Vimeo, 2 from the mirror)``."""
    from videos.renditions import MIRROR, VIMEO

    counts = Counter(video.source for video in supply.videos)
    places = {
        "from Vimeo": counts[VIMEO],
        "from the mirror": counts[MIRROR],
        "already there": len(supply.held),
    }
    total = counted(sum(places.values()), "video")
    used = {place: count for place, count in places.items() if count}
    if len(used) < 2:
        return " ".join((total, *used))
    return f"{total} ({', '.join(f'{count} {place}' for place, count in used.items())})"


def _doubts(sources: VideoSources, listing: Listing, supply: Supply) -> Iterator[str]:
    """Yield what is to be known of the videos although they can be downloaded, in whole sentences."""
    yield from sources.warnings
    yield from supply.warnings
    if supply.absent:
        yield supply.why_absent
    if len(listing.videos) < listing.total:
        yield f"Vimeo lists only {len(listing.videos)} of {listing.total} videos. Try again later."


def _require_space(session: BuildSession, supply: Supply, sizes: DownloadSizes) -> str:
    """Return how much space the build still needs, and how much is free.

    Raises:
        BuilderError: it does not fit; the remedy names the best quality that does.
    """
    free = shutil.disk_usage(nearest_folder(session.project.path)).free
    pictures = (path for pattern in _PICTURES for path in visible(session.project.path, pattern))
    # A link can lead nowhere.
    there = sum(path.stat().st_size for path in pictures if path.is_file())
    slides = space_for_slides(session)

    def needed_with(quality: str) -> int:
        # Each deck holds all videos.
        decks = len(CURRICULA) * _bytes_of_videos(session, supply, quality) + slides if DECKS in session.ahead else 0
        return sizes.by_quality[quality] + max(slides - there, 0) + decks

    needed = needed_with(sizes.name_of(session.option("quality")))
    if needed > free:
        fitting = (quality for quality in sizes.by_quality if needed_with(quality) <= free)
        smaller = next(fitting, None)
        raise BuilderError(
            f"The disk is too small: {file_size(needed)} are needed, {file_size(free)} are free.",
            f"Free space, or take what fits: --quality {smaller}" if smaller else "Free space.",
        )
    with_slides = " with the slides" if slides else ""
    return f"{file_size(needed)} needed{with_slides}, {file_size(free)} free"


def _bytes_of_videos(session: BuildSession, supply: Supply, quality: str) -> int:
    """Return how many bytes all videos take, also those that are there already."""
    from videos.files import course_files
    from videos.renditions import chosen_renditions

    claims = course_files(session.project).claims if supply.held else {}
    held = sum(max(path.stat().st_size for path in claims[number]) for number in supply.held)
    files = chosen_renditions(supply.videos, quality).values()
    return held + sum(file.size or 0 for file in files)


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

    require_answer()
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
            listed = pool.page(CURRICULA[0]).slides
        except BuilderError as error:
            if too_late.is_set():
                raise BuilderError(f"{site_url()} showed no slide in {_PAGE_SECONDS} s.", "Try again later.") from error
            raise
        finally:
            limit.cancel()
    slides = sum(len(found) for found in listed.values())
    return f"{site_url()} serves {session.language_code}, {counted(slides, 'slide')}"


def require_answer() -> None:
    """Report a site that is down at once; a browser would try again and again.

    Raises:
        BuilderError: it does not answer.
    """
    import requests

    try:
        # Any answer will do: a site may answer anything to a program that is no browser.
        new_http_session(1).get(site_url(), timeout=_ANSWER_SECONDS, stream=True).close()
    except requests.RequestException as error:
        message = f"The presenter at {site_url()} cannot be reached ({type(error).__name__})."
        raise BuilderError(message, "Check the connection, and ZUME_SITE_URL if it is set.") from error


def _close(pool: BrowserPool, too_late: threading.Event) -> None:
    too_late.set()
    pool.close()
