"""Reads what the published package shows: which of its files stands for which slide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from common.errors import BuilderError
from course.curricula import Curriculum, Slide
from course.slide_texts import NO_TEXTS, SlideTexts
from package.plan import Place, package_video, recorded_videos
from package.record import Record
from slides.entry import Entry
from slides.manifest import read_manifest
from slides.pictures import named_picture
from videos.results import DownloadResult
from workspace.folders import Project


def published_places(project: Project, output: Path, record: Record, curriculum: Curriculum) -> list[Place]:
    """Return what a package shows of a curriculum, in course order; nothing if it has no file of it.

    Args:
        project: whose package it is.
        output: the folder of the package.
        record: that the package keeps of itself.
        curriculum: one of the three.
    """
    if not any(name.startswith(f"{curriculum.folder}/") for name in record.files):
        return []
    recorded = recorded_videos(project)
    entries = {entry.slide: entry for entry in _entries_of_today(project, curriculum)}
    # Old records list no slides.
    slides = record.slides.get(curriculum.folder) or list(entries)
    places = [_place(curriculum, slide, output, record, recorded) for slide in slides]
    by_name = {slide.name: entry for slide, entry in entries.items()}
    return [replace(place, texts=_texts(place, by_name.get(place.slide.name))) for place in places]


def _entries_of_today(project: Project, curriculum: Curriculum) -> Sequence[Entry]:
    with suppress(BuilderError):
        manifest = read_manifest(project, curriculum)
        return manifest.entries if manifest else ()
    return ()


def _texts(place: Place, entry: Entry | None) -> SlideTexts:
    """Return what stands on a slide. Of a picture that has been replaced since, today's manifest does not say it."""
    picture = place.picture
    is_todays = entry is not None and (not picture or entry.file == f"{picture.taken}_{picture.slide_name}.png")
    return entry.texts if entry and is_todays else NO_TEXTS


def _place(
    curriculum: Curriculum, slide: Slide, output: Path, record: Record, recorded: Mapping[str, DownloadResult]
) -> Place:
    name = f"{curriculum.folder}/{slide.position}"
    video = picture = None
    if slide.video is not None and (output / f"{name}.mp4").is_file():
        path, original = output / f"{name}.mp4", _origin(record, f"{name}.mp4")
        video = package_video(slide.video, path, original, True, recorded)
        # Another download may have taken the original's place since.
        video = replace(video, source=record.sources.get(f"{name}.mp4", video.source))
    if (output / f"{name}.png").is_file():
        found = named_picture(output / f"{name}.png", _origin(record, f"{name}.png").name)
        # Where the record lists no slides, another one may have stood here.
        picture = found if found and found.slide_name == slide.name else None
    return Place(curriculum.folder, slide, video, picture)


def _origin(record: Record, name: str) -> Path:
    recorded = record.files.get(name)
    return Path(recorded.source if recorded and recorded.source else name)
