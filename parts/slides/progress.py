"""The progress file of a curriculum: when its last run began and ended, so that ``--resume`` can continue it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files import write_json
from common.formats import now
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
            picture and at the end: after a kill, the manifest knows of more. If it continues a run of the scripts
            before this suite, their pictures are among them.
        by_old_scripts: whether those scripts ran. They noted neither when, nor their pictures.
    """

    started_at: str
    finished_at: str | None
    done: Mapping[str, str]
    by_old_scripts: bool = False

    def has_taken(self, slide_name: str, file: str) -> bool:
        """Say whether the run took a picture that the manifest lists for a slide."""
        return self.done.get(slide_name) == file or file >= self._first_name

    @property
    def proven(self) -> Mapping[str, str]:
        """What of ``done`` has been taken since the run began, and so by this suite."""
        return {name: file for name, file in self.done.items() if str(file) >= self._first_name}

    @property
    def _first_name(self) -> str:
        return time_in_name(datetime.fromisoformat(self.started_at))


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
    """Return the last run over the curriculum of a folder if it did not finish; None if it did, or there was none.

    Raises:
        NewerRecordError: a later version has written the progress file.
        BuilderError: the progress file cannot be read.
    """
    path = _path(folder)
    try:
        content = read_record_file(path, SCHEMA)
        progress = _of_old_scripts(content) if "session" in content else _progress(content)
        # It may be a time that no clock shows.
        time_in_name(datetime.fromisoformat(progress.started_at))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BuilderError(f"{path.name} cannot be read.") from error
    return progress if progress.finished_at is None else None


def _progress(content: Mapping[str, Any]) -> Progress:
    return Progress(content["started_at"], content["finished_at"], dict(content["done"]))


def _of_old_scripts(content: Mapping[str, Any]) -> Progress:
    """Return the run of the scripts before this suite: they noted the last slide's session, and its index there.

    Nothing tells when it began or what its pictures show. So whoever continues it keeps every picture that is whole.

    Raises:
        ValueError, TypeError, KeyError: that is not what they noted.
    """
    for name in ("session", "index"):
        if isinstance(content[name], bool) or not re.fullmatch("[0-9]{1,4}", str(content[name])):
            raise ValueError(f"{name} is {content[name]!r}")
    return Progress(now(), None, {}, by_old_scripts=True)


def progress_file(folder: str) -> str:
    """Return where the progress file of a curriculum is in a project, by the name of its folder."""
    return f"{folder}/{folder}_progress.json"


def _path(folder: Path) -> Path:
    return folder.parent / progress_file(folder.name)
