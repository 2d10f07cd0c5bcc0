"""Asks remote ends what they have. A Selenium Grid tells its slots, a single driver only whether it is ready."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.console import say, warn
from common.errors import BuilderError, CheckWarning

_ANSWER_SECONDS = 10
# What part 3 asks for by the options of its browsers.
_BROWSER = "chrome"


@dataclass(frozen=True)
class Slots:
    """How many browsers a Grid can run at once.

    Attributes:
        total: how many.
        free: how many of them it could start now.
    """

    total: int
    free: int

    def __str__(self) -> str:
        """Return a phrase, e.g. ``4 slots, 3 free``."""
        return f"{self.total} {'slot' if self.total == 1 else 'slots'}, {self.free} free"


def look_at(url: str) -> str:
    """Ask a remote end whether it takes new sessions, with the WebDriver standard's ``GET /status``.

    Args:
        url: its address.

    Returns:
        A phrase with its address: how many slots it has and how many are free, or that it is ready.

    Raises:
        CheckWarning: it is busy, or it is a Grid without a slot for Chrome.
        BuilderError: it does not answer, or not as a remote end does.
    """
    import requests

    try:
        value = requests.get(f"{url}/status", timeout=_ANSWER_SECONDS).json()["value"]
        ready, message = bool(value["ready"]), str(value.get("message") or "")
        slots = _slots_of(value["nodes"]) if "nodes" in value else None
    except (requests.RequestException, LookupError, TypeError, AttributeError, ValueError) as error:
        message = f"No Selenium Grid answers at {url} ({type(error).__name__})."
        raise BuilderError(message, "Check that the Grid is running and that --grid-url is right.") from error
    if slots and not slots.total:
        raise CheckWarning(f"The Grid at {url} has no slot for Chrome now.", "Start a node, and wait a minute.")
    if slots and not slots.free:
        raise CheckWarning(
            f"The Grid at {url} has {slots}.", "Part 3 waits in its queue for a free one, for at most 5 minutes."
        )
    if not ready:
        raise CheckWarning(f"{url} takes no new sessions now. {message}".strip(), "Wait, or free its browsers.")
    return f"{url}: {slots}" if slots else f"{url} is ready"


def browser_version_of(urls: Sequence[str]) -> str:
    """Return the version of Chrome that remote ends have, e.g. ``156.0``; "" if they do not tell, or have several."""
    versions = {version for url in urls for version in _versions_at(url)}
    return versions.pop() if len(versions) == 1 else ""


def _versions_at(url: str) -> set[str]:
    """Return the versions that a remote end tells; {""} if it tells none."""
    import requests

    try:
        nodes = requests.get(f"{url}/status", timeout=_ANSWER_SECONDS).json()["value"]["nodes"]
        stereotypes = [slot.get("stereotype") or {} for node in nodes for slot in node["slots"]]
        ours = [each for each in stereotypes if each.get("browserName", _BROWSER) == _BROWSER]
        versions = {str(each.get("browserVersion") or "") for each in ours}
    except (requests.RequestException, LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return {""}
    # A node may also tell a name, such as "stable".
    return {version if re.fullmatch(r"[0-9]+(\.[0-9]+)*", version) else "" for version in versions} or {""}


def announce(urls: Sequence[str]) -> None:
    """Say what each remote end has, so that a wait for a free slot surprises nobody.

    Nothing is said of one that does not answer: the start of a browser there fails with a message.
    """
    for url in urls:
        try:
            say(look_at(url))
        except CheckWarning as warning:
            warn(f"{warning.message} {warning.remedy}")
        except BuilderError:
            continue


def _slots_of(nodes: Sequence[Mapping[str, Any]]) -> Slots:
    """Count the slots for Chrome of the nodes that are up.

    A node may have slots for several kinds of browsers, and more of them than it runs sessions at once.
    Source: the answer of Selenium 4.48.
    """
    total = free = 0
    for node in nodes:
        if node.get("availability", "UP") != "UP":
            continue
        ours = [
            slot for slot in node["slots"] if (slot.get("stereotype") or {}).get("browserName", _BROWSER) == _BROWSER
        ]
        most = int(node.get("maxSessions", len(ours)))
        taken = sum(slot["session"] is not None for slot in node["slots"])
        total += min(len(ours), most)
        free += min(sum(slot["session"] is None for slot in ours), max(most - taken, 0))
    return Slots(total, free)
