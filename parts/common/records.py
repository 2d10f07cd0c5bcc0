"""Records: the JSON files that a later version of the suite has to read, so each of them has a schema number."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files_in_use import once_free, remedy_for


class NewerRecordError(BuilderError):
    """A record that a later version of the suite has written, so that this one cannot read it."""


def read_record_file(path: Path, newest: int) -> Any:
    """Return the content of a record.

    Args:
        path: of the file.
        newest: the newest schema that the caller knows.

    Raises:
        NewerRecordError: the schema is newer.
        OSError, ValueError: there is no such file, or it is torn or no JSON.
    """
    # Windows' Notepad begins a file with a byte order mark.
    try:
        content = json.loads(once_free(lambda: path.read_text(encoding="utf-8-sig")))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if isinstance(content, dict) and not isinstance(content.get("schema", 1), int):
        raise ValueError(f"its schema is {content['schema']!r}")
    # A list of entries has the number in each of them; the oldest records have none.
    entries = content if isinstance(content, list) else [content]
    numbers = [entry.get("schema") for entry in entries if isinstance(entry, dict)]
    if any(isinstance(number, int) and number > newest for number in numbers):
        raise NewerRecordError(
            f"{path} was written by a newer version of this program.",
            "Use that version, or a newer one. This one has changed nothing.",
        )
    return content


def set_aside(path: Path) -> Path:
    """Give a record that cannot be read another name, so that a new one takes its place and nothing is lost.

    Returns:
        Where it is now.

    Raises:
        BuilderError: it cannot be renamed.
    """
    names = (f"{path.name}.unreadable{number}" for number in itertools.chain([""], itertools.count(2)))
    place = next(place for name in names if not (place := path.with_name(name)).exists())
    try:
        return once_free(lambda: path.replace(place))
    except OSError as error:
        remedy = remedy_for(error, "it in all other programs", "Change its permissions.")
        raise BuilderError(f"{path} cannot be renamed: {error.strerror}.", remedy) from error
