"""Reads what the published package shows: which of its files stands for which slide."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from common.errors import BuilderError
from common.filesystem import composed
from course.curricula import Curriculum, Slide
from package.plan import PackageVideo, Place, video_titles
from package.record import Record
from slides.manifest import read_manifest
from slides.pictures import named_picture
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
    titles = video_titles(project)
    slides = record.slides.get(curriculum.folder) or _slides_of_today(project, curriculum)
    return [_place(curriculum, slide, output, record, titles) for slide in slides]


def _slides_of_today(project: Project, curriculum: Curriculum) -> Sequence[Slide]:
    """Return the slides of today's manifest, for a package whose record lists none; old records do not."""
    with suppress(BuilderError):
        manifest = read_manifest(project, curriculum)
        return manifest.slides if manifest else []
    return []


def _place(curriculum: Curriculum, slide: Slide, output: Path, record: Record, titles: dict[str, str]) -> Place:
    name = f"{curriculum.folder}/{slide.position}"
    video = picture = None
    if slide.video is not None and (output / f"{name}.mp4").is_file():
        origin = _origin(record, f"{name}.mp4")
        video = PackageVideo(
            slide.video, output / f"{name}.mp4", titles.get(composed(origin.name), origin.stem), is_mp4=True
        )
    if (output / f"{name}.png").is_file():
        found = named_picture(output / f"{name}.png", _origin(record, f"{name}.png").name)
        # Where the record lists no slides, another one may have stood here.
        picture = found if found and found.slide_name == slide.name else None
    return Place(curriculum.folder, slide, video, picture)


def _origin(record: Record, name: str) -> Path:
    recorded = record.files.get(name)
    return Path(recorded.source if recorded and recorded.source else name)
