"""How much of a course a run takes."""

from __future__ import annotations

from enum import Enum, auto


class Scope(Enum):
    """Which slides a run takes anew, besides those that have no whole picture of the right size."""

    ALL = auto()
    """All of them."""
    MISSING = auto()
    """None."""
    CHANGED = auto()
    """Those whose pictures nothing proves, and those that the site shows differently than when they were taken."""
