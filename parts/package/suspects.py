"""Finds the places of a package that a person should look at first, although nothing is missing there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from package.plan import PackagePlan, Place
from package.thumbnails import ImageStats

# A picture that was taken so long before most others of its curriculum may be of another state of the course.
_OLD = timedelta(days=1)
# The emptiest slide of the demo's course has content on 3.7 % of its area.
_NEARLY_EMPTY = 0.01
_TAKEN = "%Y%m%d_%H%M%S"


def find_suspects(
    plan: PackagePlan, image_stats: Mapping[str, ImageStats | None], changed: Collection[str]
) -> dict[str, list[str]]:
    """Return what is suspect about places, by their names, in course order.

    Args:
        plan: the package.
        image_stats: what each place's picture is like, by the place's name; None where it cannot be decoded.
        changed: files of the output that somebody has changed since they were made.
    """
    found: dict[str, list[str]] = defaultdict(list)
    sizes = Counter((stats.width, stats.height) for stats in image_stats.values() if stats)
    usual = max(sizes, key=lambda size: sizes[size], default=(0, 0))
    for places in plan.sequences.values():
        pictures = [place for place in places if place.file and not place.video]
        limit = _old_before(pictures)
        for place in places:
            found[place.name] += _own_reasons(place, image_stats.get(place.name), usual, limit, changed)
        for place, before in _equal_neighbours(pictures, image_stats):
            found[place.name].append(f"same picture as position {before.slide.position}")
    return {name: reasons for name, reasons in found.items() if reasons}


def _own_reasons(
    place: Place,
    stats: ImageStats | None,
    usual: tuple[int, int],
    limit: str,
    changed: Collection[str],
) -> list[str]:
    """Return what is suspect about a place by itself, without a look at its neighbours."""
    if place.file is None:
        return []
    if place.file.target in changed:
        return ["changed by somebody since it was made"]
    if place.video:
        return [] if place.video.is_mp4 else ["the file does not begin as an MP4 video does"]
    reasons = [f"flawed: {place.fault}"] if place.fault else []
    if place.picture and place.picture.taken < limit:
        day, _, clock = place.picture.taken.partition("_")
        reasons.append(f"older than the rest: taken {day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}")
    if stats is None:
        return [*reasons, "cannot be shown as a picture"]
    if (stats.width, stats.height) != usual:
        reasons.append(f"another size than the rest: {stats.width} x {stats.height}")
    if stats.content < _NEARLY_EMPTY:
        reasons.append("nearly empty")
    return reasons


def _equal_neighbours(
    places: Sequence[Place], image_stats: Mapping[str, ImageStats | None]
) -> list[tuple[Place, Place]]:
    """Return each picture that equals the one right before it, with that one."""
    pairs = []
    for before, place in pairwise(places):
        one, other = image_stats.get(before.name), image_stats.get(place.name)
        adjoining = place.slide.position == before.slide.position + 1
        if adjoining and one and other and one.digest == other.digest:
            pairs.append((place, before))
    return pairs


def _old_before(places: Sequence[Place]) -> str:
    """Return the time before which a picture counts as old, as it would stand in its name."""
    times = [place.picture.taken for place in places if place.picture]
    try:
        return f"{datetime.strptime(median_low(times), _TAKEN) - _OLD:{_TAKEN}}" if times else ""
    except ValueError:  # a name with an impossible time
        return ""
