"""What has a say in pictures on the side that takes them, as far as it is known without starting a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slides.chrome import Tools
from slides.fonts import fonts_digest
from slides.grid import browser_version_of


@dataclass(frozen=True)
class Machine:
    """Which browser takes pictures, and with which fonts.

    Attributes:
        browser: its version, e.g. ``156.0.8078.73``; "" if it is not known.
        fonts: see ``fonts_digest``; "" if they are not known, as those of other machines.
    """

    browser: str
    fonts: str


def machine_of(language_code: str, tools: Tools | None, grid_urls: Sequence[str]) -> Machine:
    """Return which browser takes the pictures of a language, and with which fonts.

    Args:
        language_code: as the site writes it.
        tools: the browser of this machine; None if there is none, or with a grid.
        grid_urls: the addresses of the remote ends that take the pictures; empty for this machine.
    """
    if grid_urls:
        return Machine(browser_version_of(grid_urls), "")
    return Machine(tools.version if tools else "", fonts_digest(language_code))
