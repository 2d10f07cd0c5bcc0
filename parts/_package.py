"""Plans and publishes the finished package: one numbered sequence of pictures and videos for each curriculum."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from _curriculum import CURRICULA, Curriculum, Slide, recorded_slides
from _errors import BuilderError
from _languages import find_language
from _manifest import manifest_path, read_manifest
from _pictures import newest_whole, pictures_in
from _project import Project, write_json
from _videos import videos_on_disk

VIDEOS = "videos"
# What the operating system says where a file cannot have a second name.
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
# Names every file that a run has made in the output, so that the next one touches no other.
RECORD_FILE = ".made-by-zume.json"


@dataclass(frozen=True)
class Item:
    """One file of the package.

    Attributes:
        target: its path below the output folder, with ``/``.
        source: the file it is made from.
        why: what it is, for people.
        slide: the slide at this place, or None for a file in ``videos/``.
    """

    target: str
    source: Path
    why: str
    slide: Slide | None = None


@dataclass
class Plan:
    """The whole package, before anything is written.

    Attributes:
        items: every file to be made.
        sequences: for each curriculum that is part of the package its slides, in course order.
        missing: one sentence for everything that is not there but should be.
        notes: what else the user should know.
    """

    items: list[Item] = field(default_factory=list)
    sequences: dict[Curriculum, list[Slide]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, folder: str, ending: str) -> int:
        """Return how many files with this ending go into a folder of the output."""
        return sum(item.target.startswith(f"{folder}/") and item.target.endswith(ending) for item in self.items)


def make_plan(project: Project, language_code: str) -> Plan:
    """Decide which file goes where. Positions are the curriculum's own and never move: what is missing leaves a gap.

    Args:
        project: an existing project.
        language_code: decides on the edition where a curriculum has pictures but no manifest.

    Raises:
        BuilderError: there is nothing to package, or two videos claim one number.
    """
    plan = Plan()
    for curriculum in CURRICULA:
        slides = _slides_of(project, curriculum, language_code, plan)
        if slides:
            plan.sequences[curriculum] = slides
    if not plan.sequences:
        raise BuilderError(
            f"There is nothing to package in {project.path}: no curriculum has pictures.",
            "Take them first: python parts/3-slides-download.py",
        )
    shown = sorted({slide.video for slides in plan.sequences.values() for slide in slides if slide.video is not None})
    videos = _numbered_videos(project, shown, plan)
    for curriculum, slides in plan.sequences.items():
        _plan_sequence(project, curriculum, slides, videos, plan)
    for number, path in videos.items():
        plan.items.append(Item(f"{VIDEOS}/{number}.mp4", path, f"video {number}"))
    return plan


def _slides_of(project: Project, curriculum: Curriculum, language_code: str, plan: Plan) -> list[Slide]:
    manifest = read_manifest(project, curriculum)
    if manifest is not None:
        return manifest.slides
    if not pictures_in(project.path / curriculum.folder):
        plan.notes.append(f"{curriculum.folder}: left out, it has neither a manifest nor pictures.")
        return []
    language = find_language(language_code)
    three_circles = language is None or language.three_circles
    edition = "three circles" if three_circles else "classic"
    path = manifest_path(project, curriculum)
    plan.notes.append(f"{curriculum.folder}: no {path.name}; the order is that of the recorded {edition} edition.")
    return recorded_slides(curriculum, three_circles)


def _numbered_videos(project: Project, shown: Sequence[int], plan: Plan) -> dict[int, Path]:
    """Return the videos that some slide shows, by their numbers."""
    claims: dict[int, list[Path]] = defaultdict(list)
    for number, path in videos_on_disk(project):
        if number is None:
            plan.notes.append(f"{path.name}: left out, it has no number.")
        elif number not in shown:
            plan.notes.append(f"{path.name}: left out, no slide shows video {number}.")
        else:
            claims[number].append(path)
    for number, paths in claims.items():
        if len(paths) > 1:
            names = " and ".join(path.name for path in paths)
            remedy = f"Remove all but one, or say which it is: part 2 with --number {number:02}=VIDEO_ID."
            raise BuilderError(f"Video {number} is there more than once: {names}.", remedy)
    plan.missing += [f"video {number} is missing in {project.videos}." for number in shown if number not in claims]
    return {number: paths[0] for number, paths in sorted(claims.items())}


def _plan_sequence(
    project: Project, curriculum: Curriculum, slides: Sequence[Slide], videos: dict[int, Path], plan: Plan
) -> None:
    folder = curriculum.folder
    pictures = newest_whole(pictures_in(project.path / folder))
    for slide in slides:
        place = f"{folder}/{slide.position}"
        about = f"session {slide.session}, {slide.key}"
        video = videos.get(slide.video) if slide.video is not None else None
        picture = pictures.get(slide.name)
        if video:
            plan.items.append(Item(f"{place}.mp4", video, f"{about}, video {slide.video}", slide))
        elif picture:
            instead = f", instead of video {slide.video}" if slide.video is not None else ""
            plan.items.append(Item(f"{place}.png", picture.path, about + instead, slide))
        else:
            plan.missing.append(f"{folder}: position {slide.position} ({about}) has no picture.")
    strangers = pictures.keys() - {slide.name for slide in slides}
    plan.notes += [
        f"{folder}/{pictures[name].path.name}: left out, no slide has this name." for name in sorted(strangers)
    ]


def publish(project: Project, plan: Plan, page: str, link: str) -> str:
    """Make the package beside the old one, and put it in its place when it is complete.

    Whatever goes wrong before leaves the old package as it was. What others have put into
    the output folder stays.

    Args:
        project: the project.
        plan: what to make.
        page: the content of ``index.html``.
        link: ``hard``, ``copy``, or ``auto`` for hard links where the file system has them.

    Returns:
        How the files were made: ``hard``, ``copy``, or ``copy and hard``.

    Raises:
        BuilderError: something cannot be read or written.
    """
    staging = project.path / ".output.new"
    methods = set()
    try:
        _clean_up(project)
        staging.mkdir()
        for item in plan.items:
            target = staging / item.target
            target.parent.mkdir(exist_ok=True)
            methods.add(_make(item.source, target, link))
        (staging / "index.html").write_text(page, encoding="utf-8")
        made = sorted([*(item.target for item in plan.items), "index.html", RECORD_FILE])
        write_json(staging / RECORD_FILE, made)
        _carry_over(project.output, staging)
        _swap(project, staging)
    except OSError as error:
        culprit = f"{error.filename or staging}: {error.strerror}"
        raise BuilderError(f"The package cannot be made: {culprit}.", "The old output is as it was.") from error
    finally:
        # Nothing is left there when all went well.
        shutil.rmtree(staging, ignore_errors=True)
    return " and ".join(sorted(methods))


def _make(source: Path, target: Path, link: str) -> str:
    """Make one file of the package; return whether it became a ``hard`` link or a ``copy``."""
    if link != "copy":
        try:
            os.link(source, target)
            return "hard"
        except OSError as error:
            if link == "hard" and error.errno in _NO_LINKS:
                raise BuilderError(
                    f"{source} cannot be linked to {target}: {error.strerror}.", "Use --link copy."
                ) from error
            if error.errno not in _NO_LINKS:
                raise
    shutil.copy2(source, target)
    return "copy"


def _old(project: Project) -> Path:
    return project.path / ".output.old"


def _clean_up(project: Project) -> None:
    """Undo or finish what an earlier run left when it was killed."""
    if _old(project).exists() and not project.output.exists():
        _old(project).rename(project.output)
    for leftover in (_old(project), project.path / ".output.new"):
        if leftover.exists():
            shutil.rmtree(leftover)


def _carry_over(output: Path, staging: Path) -> None:
    """Take along whatever in the old output was not made by an earlier run."""
    try:
        made = set(json.loads((output / RECORD_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        made = set()
    for folder, folders, names in os.walk(output):
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        for name in [*names, *linked]:
            source = Path(folder, name)
            if source.relative_to(output).as_posix() not in made:
                _take_along(source, staging / source.relative_to(output))
        if not folders and not names:
            (staging / Path(folder).relative_to(output)).mkdir(parents=True, exist_ok=True)


def _take_along(source: Path, target: Path) -> None:
    if os.path.lexists(target) or any(parent.is_file() for parent in target.parents):
        raise BuilderError(
            f"{source} was not made by this program, but the package needs its name.", "Move it elsewhere."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _swap(project: Project, staging: Path) -> None:
    if project.output.exists():
        project.output.rename(_old(project))
    try:
        staging.rename(project.output)
    except OSError:
        if _old(project).exists():
            _old(project).rename(project.output)
        raise
    shutil.rmtree(_old(project), ignore_errors=True)
