"""The packages of earlier versions in ``tests/frozen``: how they were made, and how a test gets one."""

from __future__ import annotations

import tarfile
from pathlib import Path

from demo import StandIn
from demo.presenter import ALL_PICTURES

FROZEN = Path(__file__).resolve().parent.parent / "frozen"
# The folder of the packages, and what stands for the place in which it was in the state of the builds.
PACKAGES, PLACE = "packages", "/the/old/place"
SIZE = ("--width", 300, "--height", 168)
QUALITY = ("--quality", "240p")
# The build that made the package, and the one that was killed while it downloaded a third video.
BUILT, INTERRUPTED = "built", "interrupted"
# What somebody has put into the project, by its path.
FOREIGN = {
    "notes.txt": "For the printer.\n",
    "videos/contacts.txt": "Ana, Luis\n",
    "10/cover.png": "not a slide\n",
    "output/read me.txt": "Look at index.html.\n",
    "output/10/hints.txt": "Slide 2 needs a pause.\n",
}


def as_it_was(stand_in: StandIn) -> None:
    """Give a site the course of the frozen packages: two slides a curriculum, and a picture that it lacks."""
    stand_in.presenter.short_course, stand_in.presenter.short_sessions = 2, 1
    stand_in.presenter.picture_missing = frozenset(ALL_PICTURES)
    stand_in.vimeo.numbers = {1, 6}


def started_again(stand_in: StandIn) -> None:
    """Add the video that was being downloaded when the second build was killed."""
    stand_in.vimeo.numbers = {1, 6, 9}


def unpack(name: str, folder: Path) -> None:
    """Put a frozen package, and the home that knows of its builds, into a folder, as if they had always been there."""
    with tarfile.open(FROZEN / f"{name}.tar.gz") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # without one, Python 3.12 and 3.13 warn
        archive.extractall(folder)
    for state in (folder / "home" / "temp").glob("*/build_config.json"):
        state.write_text(state.read_text(encoding="utf-8").replace(PLACE, str(folder)), encoding="utf-8")
