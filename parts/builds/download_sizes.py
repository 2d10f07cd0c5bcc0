"""What a build would still download, with each quality that there is to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from builds.session import BuildSession
from cli.arguments import numbers_of
from cli.options import VIDEOS
from common.console import say

if TYPE_CHECKING:
    from videos.download_sizes import DownloadSizes
    from videos.sources import VideoSources
    from videos.supply import Supply
    from videos.vimeo import Listing


def download_sizes(session: BuildSession) -> DownloadSizes | None:
    """Ask the sources of the videos how much a build would download. Nothing is changed.

    Returns:
        The bytes for each choice of ``--quality``, the largest first; None if the build leaves the videos out.

    Raises:
        BuilderError: a source refuses or does not answer, or a record of the project cannot be read.
    """
    if VIDEOS not in session.ahead:
        return None
    _, _, supply = listed_videos(session)
    return sizes_of(session, supply)


def listed_videos(session: BuildSession) -> tuple[VideoSources, Listing, Supply]:
    """Ask the sources of the videos what they have. The user waits, so nothing is tried twice.

    Returns:
        The sources, what the Vimeo folder lists, and what there is for the project.

    Raises:
        BuilderError: a source refuses or does not answer, or a record of the project cannot be read.
    """
    from videos.numbers import read_settled_numbers
    from videos.sources import open_sources

    sources = open_sources(
        session.option("video_source"),
        session.language_code,
        session.vimeo_folder_id,
        session.option("recursive"),
        say,
        patient=False,
    )
    listing = sources.read_folder()
    settled = {**read_settled_numbers(session.project), **numbers_of(session.option("number"))}
    return sources, listing, sources.supply(listing, settled, session.option("quality"), session.project)


def sizes_of(session: BuildSession, supply: Supply) -> DownloadSizes:
    """Return how much a build would download of what there is, with each choice of ``--quality``.

    Raises:
        NewerRecordError: a later version of the suite has written the record of the videos.
    """
    from videos.download_sizes import download_sizes as sizes_with_each_quality

    return sizes_with_each_quality(supply, session.option("quality"), session.project)
