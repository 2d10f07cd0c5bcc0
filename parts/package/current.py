"""Says whether a package is still what its videos and pictures would give now."""

from __future__ import annotations

from collections.abc import Sequence

from common.errors import BuilderError
from course.curricula import Curriculum
from package.compare import MADE, prepare
from package.plan import PAGE, make_plan
from package.record import read_record
from workspace.folders import Project


def why_package_not_current(project: Project, curricula: Sequence[Curriculum], language_code: str) -> str:
    """Return why the package has to be made again, or an empty text if it is up to date.

    Args:
        project: with the package in its output folder.
        curricula: the curricula that are asked for.
        language_code: as the site writes it.
    """
    record = read_record(project.output)
    if PAGE not in record.files:
        return "there is no package"
    try:
        publication = prepare(project, make_plan(project, language_code, curricula), record.link)
    except BuilderError as error:
        return error.message
    stale = [file.target for file in publication.plan.files if publication.state(file) == MADE]
    if stale:
        return f"{stale[0]} in the package is not up to date"
    if publication.sources != record.sources:
        return f"{PAGE} in the package is not up to date about where the videos came from"
    return ""
