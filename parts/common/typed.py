"""Which command was typed: a part's own, or that of a build, which has started the part.

Advice names the options of the command that somebody has typed; the parts and build.py do not have the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Typed:
    """Says whether build.py was typed."""

    is_build: Callable[[], bool] = lambda: False


_TYPED = _Typed()


def set_typed(is_build: Callable[[], bool]) -> None:
    """Set how to find out whether build.py was typed; it is asked when something has to be said."""
    _TYPED.is_build = is_build


def in_build() -> bool:
    """Say whether build.py was typed: this process is a build, or a part that a build has started."""
    return _TYPED.is_build()


def advice(alone: str, in_a_build: str) -> str:
    """Return what to advise somebody.

    Args:
        alone: names options of the part; for somebody who has typed its name.
        in_a_build: names options of build.py.
    """
    return in_a_build if in_build() else alone
