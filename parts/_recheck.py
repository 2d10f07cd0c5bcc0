"""Says cheaply whether a step that a build has done before still holds, so that a resumed build can leave it out."""

from __future__ import annotations

from pathlib import Path

from _curriculum import curricula_named
from _errors import BuilderError
from _manifest import read_manifest
from _old_decks import why_not_current
from _package import make_plan
from _pictures import is_whole
from _publish import MADE, PAGE, prepare
from _record import read_record
from _session import DEFAULT_OPTIONS, BuildSession
from _setup import missing_folders
from _videos import read_results


def why_again(name: str, session: BuildSession) -> str:
    """Return why a step that was done has to be done again, or nothing.

    Args:
        name: of the step.
        session: the build.
    """
    checks = {"setup": _setup, "videos": _videos, "slides": _slides, "rename": _rename, "decks": _decks}
    return checks[name](session)


def _setup(session: BuildSession) -> str:
    missing = missing_folders(session.project)
    return f"{missing[0]} is missing" if missing else ""


def _videos(session: BuildSession) -> str:
    results = read_results(session.project)
    if not results:
        return "there is no record of the videos"
    for result in results.values():
        path = session.project.videos / Path(str(result.path or "")).name
        if result.status == "failed":
            return f"“{result.title}” has failed"
        if not path.is_file() or path.stat().st_size != result.size:
            return f"{path.name} is not there, or not of the size that was downloaded"
    return ""


def _slides(session: BuildSession) -> str:
    options = {**DEFAULT_OPTIONS, **session.options}
    asked, size = options["curriculum"], (options["width"], options["height"])
    good = ("ok", "flawed") if options.get("allow_flawed") else ("ok",)
    for curriculum in curricula_named(str(asked)):
        try:
            manifest = read_manifest(session.project, curriculum)
        except BuilderError as error:
            return error.message
        if manifest is None:
            return f"{curriculum.folder} has no manifest"
        for entry in manifest.entries:
            picture = session.project.path / curriculum.folder / (entry.file or "")
            if entry.status not in good or not is_whole(picture, size):
                return f"{curriculum.folder} has no good picture of {entry.slide.name}"
    return ""


def _rename(session: BuildSession) -> str:
    record = read_record(session.project.output)
    if PAGE not in record.files:
        return "there is no package"
    try:
        curricula = curricula_named(str(session.options.get("curriculum", "all")))
        plan = make_plan(session.project, session.language_code, curricula)
        publication = prepare(session.project, plan, record.link)
    except BuilderError as error:
        return error.message
    stale = [item.target for item in publication.plan.items if publication.state(item) == MADE]
    return f"{stale[0]} in the package is not up to date" if stale else ""


def _decks(session: BuildSession) -> str:
    curricula = curricula_named(str(session.options.get("curriculum", "all")))
    reasons = (why_not_current(session.project, each, session.language_code) for each in curricula)
    return next(filter(None, reasons), "")
