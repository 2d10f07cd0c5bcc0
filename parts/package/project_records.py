"""Looks into a project's own records before anything is changed: can they be read, and which languages do they name?

Two languages must not get into one project. A folder's name proves nothing: ``my``, ``it``, ``so``, ``id`` and ``or``
are codes, and words too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from common.errors import BuilderError
from common.records import read_record_file
from course.curricula import CURRICULA
from course.languages import site_code
from package import record
from slides import manifest, progress
from videos import numbers, results
from workspace import package_settings
from workspace.folders import Project

_REMEDY = (
    "Use another folder for each language. If files got into this one by mistake, move them elsewhere, "
    "together with the file that names their language."
)

# The newest schema of each record, by its path in the project.
_SCHEMAS = {
    package_settings.PACKAGE_FILE: package_settings.SCHEMA,
    **{f"{curriculum.folder}/{manifest.MANIFEST_FILE}": manifest.SCHEMA for curriculum in CURRICULA},
    **{progress.progress_file(curriculum.folder): progress.SCHEMA for curriculum in CURRICULA},
    f"videos/{results.RESULTS_FILE}": results.SCHEMA,
    f"videos/{numbers.NUMBERS_FILE}": numbers.SCHEMA,
    f"output/{record.RECORD_FILE}": record.SCHEMA,
}


def require_known_records(project: Project) -> None:
    """Make sure that no record of a project was written by a later version.

    Raises:
        NewerRecordError: one was.
    """
    for name in _SCHEMAS:
        _read(project, name)


def recorded_languages(project: Project) -> dict[str, list[str]]:
    """Return the languages that a project's records name, by code as the site writes it.

    Returns:
        For each language the records that name it, by their paths in the project. Those that name none, as
        old ones do, or cannot be read, are passed over.

    Raises:
        NewerRecordError: a later version has written a record.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for name in _SCHEMAS:
        content = _read(project, name)
        for code in sorted(set(_codes(content if isinstance(content, list) else [content]))):
            found[code].append(name)
    return dict(found)


def require_language(project: Project, language_code: str) -> None:
    """Make sure that every record of a project can be read, and none names another language than the given one.

    Raises:
        NewerRecordError: a later version has written a record.
        BuilderError: one does; the message says which, and what it names.
    """
    others = {code: names for code, names in recorded_languages(project).items() if code != site_code(language_code)}
    if others:
        raise BuilderError(
            f"The language is {language_code}, but {project.path} has files of another one: {_listed(others)}.", _REMEDY
        )


def require_one_language(project: Project, language_code: str | None) -> None:
    """Make sure that the records of a project can be read and name one language, the given one if any is given.

    Raises:
        NewerRecordError: a later version has written a record.
        BuilderError: they do not; the message says which name which.
    """
    if language_code is not None:
        require_language(project, language_code)
    found = recorded_languages(project)
    if len(found) > 1:
        raise BuilderError(f"{project.path} has files of more than one language: {_listed(found)}.", _REMEDY)


def _read(project: Project, name: str) -> Any:
    """Return the content of a record; None if there is none that can be read."""
    try:
        return read_record_file(project.path / name, _SCHEMAS[name])
    except (OSError, ValueError):
        return None


def _codes(records: Sequence[Any]) -> Iterator[str]:
    for each in records:
        code = each.get("language_code") if isinstance(each, dict) else None
        if isinstance(code, str) and code.strip():
            yield site_code(code.strip())


def _listed(found: Mapping[str, Sequence[str]]) -> str:
    """Return which records name which languages, e.g. ``10/manifest.json says fr``."""
    return "; ".join(
        f"{' and '.join(names)} {'say' if len(names) > 1 else 'says'} {code}" for code, names in found.items()
    )
