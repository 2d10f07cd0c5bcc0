"""Tells what a package lacks by its causes: each cause is said once, and each slide is named once for it."""

from __future__ import annotations

from collections.abc import Sequence

from common.console import counted
from package.plan import PackagePlan, Place, about_missing_video
from slides.causes import SlideTrouble, slide_names, told_by_cause


def troubles_of_places(places: Sequence[Place], plan: PackagePlan) -> list[SlideTrouble]:
    """Return places of a plan as slides with which something is wrong; the reason is why they have no picture."""
    names = {
        sequence[0].folder: slide_names(place.slide for place in sequence)
        for sequence in plan.sequences.values()
        if sequence
    }
    return [
        SlideTrouble(place.folder, names[place.folder][place.slide.name], place.lack, place.texts.heading)
        for place in places
    ]


def gaps_told(gaps: Sequence[Place], plan: PackagePlan) -> list[str]:
    """Return a sentence for a single place without a picture, or one for each cause that several have in common."""
    if len(gaps) == 1:
        (gap,) = gaps
        return [f"{gap.gap.removesuffix('.')}: {gap.lack.removesuffix('.')}." if gap.lack else gap.gap]
    return [f"No picture: {sentence}" for sentence in told_by_cause(troubles_of_places(gaps, plan))]


def video_troubles_told(plan: PackagePlan) -> list[str]:
    """Return what is wrong with the videos of a plan; those that are missing are told together."""
    missing = plan.missing_videos
    if len(missing) < 2:
        return plan.video_troubles
    single = set(map(about_missing_video, missing))
    others = [sentence for sentence in plan.video_troubles if sentence not in single]
    return [f"{counted(len(missing), 'video')} are missing in videos/: {', '.join(map(str, missing))}.", *others]
