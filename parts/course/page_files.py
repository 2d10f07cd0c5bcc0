"""Which style sheets and scripts a page names, as a browser would load them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PageFile:
    """A style sheet or script of a page.

    Attributes:
        address: where it is, absolute; of one that stands in the page itself, what its addresses are relative to.
        content: what stands in the page; None if it is a file of its own.
    """

    address: str
    content: str | None = field(default=None, repr=False)
