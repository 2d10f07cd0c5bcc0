"""Reads what the published package shows: which of its files stands for which slide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from common.errors import BuilderError
from course.curricula import Curriculum, Slide
from package.plan import Place, package_video, recorded_videos
from package.record import Record
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
    slides = record.slides.get(curriculum.folder) or _slides_of_today(project, curriculum)
    return [_place(curriculum, slide, output, record, recorded) for slide in slides]


def _slides_of_today(project: Project, curriculum: Curriculum) -> Sequence[Slide]:
    """Return the slides of today's manifest, for a package whose record lists none; old records do not."""
    with suppress(BuilderError):
        manifest = read_manifest(project, curriculum)
        return manifest.slides if manifest else []
    return []


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
