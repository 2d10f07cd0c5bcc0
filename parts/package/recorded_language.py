"""Reads which languages a project's own records name, so that two languages do not get into one project.

A folder's name proves nothing: ``my``, ``it``, ``so``, ``id`` and ``or`` are codes, and words too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from common.errors import BuilderError
from course.curricula import CURRICULA
from course.languages import site_code
from slides.manifest import MANIFEST_FILE
from videos.results import RESULTS_FILE
from workspace.folders import Project

_REMEDY = (
    "Use another folder for each language. If files got into this one by mistake, move them elsewhere, "
    "together with the file that names their language."
)


def recorded_languages(project: Project) -> dict[str, list[str]]:
    """Return the languages that a project's records name, by code as the site writes it.

    Returns:
        For each language the records that name it, by their paths in the project. Those that name none, as
        old ones do, or cannot be read, are passed over.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for curriculum in CURRICULA:
        name = f"{curriculum.folder}/{MANIFEST_FILE}"
        for code in _codes([_read(project, name)]):
            found[code].append(name)
    name = f"{project.videos.name}/{RESULTS_FILE}"
    results = _read(project, name)
    for code in sorted(set(_codes(results if isinstance(results, list) else []))):
        found[code].append(name)
    return dict(found)


def require_language(project: Project, language_code: str) -> None:
    """Make sure that no record of a project names another language than the given one.

    Raises:
        BuilderError: one does; the message says which, and what it names.
    """
    others = {code: names for code, names in recorded_languages(project).items() if code != site_code(language_code)}
    if others:
        raise BuilderError(
            f"The language is {language_code}, but {project.path} has files of another one: {_listed(others)}.", _REMEDY
        )


def require_one_language(project: Project, language_code: str | None) -> None:
    """Make sure that the records of a project name one language, and the given one if any is given.

    Raises:
        BuilderError: they do not; the message says which name which.
    """
    if language_code is not None:
        require_language(project, language_code)
    found = recorded_languages(project)
    if len(found) > 1:
        raise BuilderError(f"{project.path} has files of more than one language: {_listed(found)}.", _REMEDY)


def _read(project: Project, name: str) -> Any:
    try:
        return json.loads((project.path / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _codes(records: Sequence[Any]) -> Iterator[str]:
    for record in records:
        code = record.get("language_code") if isinstance(record, dict) else None
        if isinstance(code, str) and code.strip():
            yield site_code(code.strip())


def _listed(found: Mapping[str, Sequence[str]]) -> str:
    """Return which records name which languages, e.g. ``10/manifest.json says fr``."""
    return "; ".join(
        f"{' and '.join(names)} {'say' if len(names) > 1 else 'says'} {code}" for code, names in found.items()
    )
