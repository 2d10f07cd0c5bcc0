"""Says whether a package is still what its videos and pictures would give now."""

from __future__ import annotations

from collections.abc import Sequence

from common.errors import BuilderError
from course.curricula import Curriculum
from package.compare import MADE, prepare
from package.plan import PAGE, make_plan
from package.record import read_record
from slides.current import curricula_there
from workspace.folders import Project


def why_nothing_to_package(project: Project, curricula: Sequence[Curriculum]) -> str:
    """Return why no package can be made, or an empty text if there is a manifest or a picture of some curriculum."""
    return "there are no slides to package" if set(curricula).isdisjoint(curricula_there(project)) else ""


def why_no_package(project: Project) -> str:
    """Return that there is no package, or an empty text if there is one."""
    return "" if (project.output / PAGE).is_file() else "there is no package"


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
