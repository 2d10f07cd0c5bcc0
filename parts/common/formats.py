"""Times, time spans and sizes, as records have them and as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone


def now() -> str:
    """Return the present time in UTC as ISO 8601 with seconds."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def is_moment(value: object) -> bool:
    """Say whether a value of a record is a time as ISO 8601 that says its zone."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def local_time(moment: str) -> str:
    """Return a time as people read it, in the local zone.

    Args:
        moment: ISO 8601, as state files have it.
    """
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    except ValueError:
        return moment


def local_minute(moment: str) -> str:
    """Return a time as people read it in a table, in the local zone and without seconds; likewise."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment


def duration(seconds: float) -> str:
    """Return a time span as people read it; tenths of a second only where they tell something."""
    if seconds < 0.05:
        return "under 1 s"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min {rest:02} s"


def file_size(size: int | None) -> str:
    """Return a size in bytes as people read it: in megabytes, or from a gigabyte on in gigabytes."""
    if size is None:
        return "unknown size"
    # What would be rounded up to 1000.0 MB counts as a gigabyte.
    return f"{size / 1e6:.1f} MB" if size < 999_950_000 else f"{size / 1e9:.1f} GB"


def each_once(names: Iterable[str]) -> list[str]:
    """Return names, each once, in order; with a name that is there several times, how often: ``final (10 times)``."""
    return [name if times == 1 else f"{name} ({times} times)" for name, times in Counter(names).items()]
