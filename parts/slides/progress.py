"""The progress file of a curriculum: when its last run began and ended, so that ``--resume`` can continue it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from common.files import write_json
from common.records import read_record_file
from common.version import VERSION
from slides.pictures import time_in_name

SCHEMA = 2


@dataclass(frozen=True)
class Progress:
    """A run over one curriculum.

    Attributes:
        started_at: in UTC as ISO 8601; a resumed run has the time of the one that it continues.
        finished_at: likewise; None for a run that was interrupted or is still going on.
        done: the pictures that it has taken, by slide name, as far as the file tells. It is written with the first
            picture and at the end: after a kill, the manifest knows of more.
    """

    started_at: str
    finished_at: str | None
    done: Mapping[str, str]

    def has_taken(self, slide_name: str, file: str) -> bool:
        """Say whether the run took a picture that the manifest lists for a slide."""
        return self.done.get(slide_name) == file or file >= time_in_name(datetime.fromisoformat(self.started_at))


def write_progress(folder: Path, language_code: str, curriculum: str, total: int, progress: Progress) -> None:
    """Write the progress file of a curriculum.

    Args:
        folder: the curriculum's.
        language_code: as the site writes it.
        curriculum: the curriculum's name.
        total: how many slides it has.
        progress: how far the run has come.
    """
    content = {
        "schema": SCHEMA,
        "version": VERSION,
        "language_code": language_code,
        "curriculum": curriculum,
        "started_at": progress.started_at,
        "finished_at": progress.finished_at,
        "total": total,
        "done": dict(progress.done),
    }
    write_json(_path(folder), content)


def unfinished_run(folder: Path) -> Progress | None:
    """Return the last run over the curriculum of a folder if it did not finish; None if it did, or nothing tells.

    Raises:
        NewerRecordError: a later version has written the progress file.
    """
    try:
        content = read_record_file(_path(folder), SCHEMA)
        progress = Progress(content["started_at"], content["finished_at"], dict(content["done"]))
        datetime.fromisoformat(progress.started_at)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return progress if progress.finished_at is None else None


def progress_file(folder: str) -> str:
    """Return where the progress file of a curriculum is in a project, by the name of its folder."""
    return f"{folder}/{folder}_progress.json"


def _path(folder: Path) -> Path:
    return folder.parent / progress_file(folder.name)
