"""How many browsers this machine has the cores and the memory for."""

from __future__ import annotations

import math
import os
from pathlib import Path

# What a browser and its driver need, in bytes, while part 3 takes pictures of 3000 x 1680 from the stand-in: at most
# 603 MB as the proportional set size of all its processes (Chromium 156, Debian 12 on x86-64, 2 cores). Several
# browsers share a part of that: two needed 827 MB, four 1405 MB.
BROWSER_MEMORY = 600_000_000
_MOST_BROWSERS = 4
# Where a container finds its own limits (cgroup v2).
_CGROUP = Path("/sys/fs/cgroup")


def default_browsers(elsewhere: bool = False) -> int:
    """Return how many browsers to use: one for each core, at most four, and as many as the free memory has room for.

    Args:
        elsewhere: whether they run on other machines, and need no memory here.
    """
    most = min(os.cpu_count() or 1, _MOST_BROWSERS)
    return most if elsewhere else max(1, min(most, free_memory() // BROWSER_MEMORY))


def free_memory() -> int:
    """Return how much memory programs can still get, in bytes; in a container, of what it may use."""
    import psutil

    return int(min(psutil.virtual_memory().available, _left_to_container()))


def _left_to_container() -> float:
    try:
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        lines = (_CGROUP / "memory.stat").read_text().splitlines()
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return math.inf
    # The system gives up what was read from files when a program needs the memory.
    given_up = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    return max(0, limit - used + given_up)
