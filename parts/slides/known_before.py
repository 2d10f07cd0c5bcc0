"""What the records of earlier runs say of a curriculum, read before a new run writes its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.console import warn
from common.errors import BuilderError
from common.records import NewerRecordError, set_aside
from course.curricula import Curriculum, Slide
from slides.entry import Entry
from slides.global_state import GlobalState
from slides.manifest import manifest_path, read_damaged_manifest
from slides.progress import Progress, unfinished_run
from workspace.folders import Project


@dataclass(frozen=True)
class KnownBefore:
    """What is known of a curriculum before a run.

    Attributes:
        manifest: the file.
        entries: of the manifest, after those that it lists as gone; empty if there is none.
        slides: the course, as the manifest has it; empty if there is none.
        doubts: what to warn of because the file cannot be believed; empty if it can.
        unfinished: the run that ``--resume`` continues, if there is one.
        progress_fault: what is wrong with the file of that run, after a colon; else empty.
        global_state: the one that the manifest records; None if it records none.
    """

    manifest: Path
    entries: Sequence[Entry] = ()
    doubts: Sequence[str] = ()
    unfinished: Progress | None = None
    progress_fault: str = ""
    global_state: GlobalState | None = None
    slides: Sequence[Slide] = ()

    def set_doubtful_aside(self) -> None:
        """Give a manifest that cannot be believed another name, and say so."""
        if self.doubts:
            *sentences, last = self.doubts
            for sentence in sentences:
                warn(sentence)
            warn(f"{last} It is kept as {set_aside(self.manifest).name}, and a new one is written.".lstrip())


def known_before(project: Project, curriculum: Curriculum) -> KnownBefore:
    """Read what earlier runs have written about a curriculum.

    Raises:
        NewerRecordError: a later version has written it.
    """
    unfinished, fault = _last_run(project.path / curriculum.folder)
    path = manifest_path(project, curriculum)
    try:
        before = read_damaged_manifest(project, curriculum)
    except NewerRecordError:
        raise
    except BuilderError as error:
        return KnownBefore(path, (), (error.message,), unfinished, fault)
    if before is None:
        return KnownBefore(path, (), (), unfinished, fault)
    doubts = [f"{path} is not believed: {doubt}." for doubt in before.doubts]
    return KnownBefore(
        path,
        (*before.gone, *before.entries),
        (*doubts, "") if doubts else (),
        unfinished,
        fault,
        before.global_state,
        before.slides,
    )


def _last_run(folder: Path) -> tuple[Progress | None, str]:
    try:
        return unfinished_run(folder), ""
    except NewerRecordError:
        raise
    except BuilderError as error:
        return None, f": {error.message.removesuffix('.')}"
