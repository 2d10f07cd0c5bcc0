"""Says why the steps of a build that is resumed have to run; what still holds is left out."""

from __future__ import annotations

from collections.abc import Collection

from builds.session import DEFAULT_OPTIONS, BuildSession
from builds.steps import HANDED_ON
from common.errors import BuilderError
from course.curricula import curricula_named
from decks.old_decks import why_not_current
from package.compare import MADE, prepare
from package.plan import PAGE, make_plan
from package.record import read_record
from slides.manifest import FLAWED, GOOD, read_manifest
from slides.png import is_whole
from videos.results import read_results
from workspace.folders import missing_folders

# Whose outcome a step works on, as far as it would not notice changes by itself.
_MADE_FROM = {"rename": {"videos", "slides"}, "decks": {"rename"}}

_WHY = {
    "pending": "it has not been run yet",
    "running": "it was killed",
    "interrupted": "it was interrupted",
    "failed": "it failed",
}


def reasons_to_run(session: BuildSession, changed: Collection[str]) -> dict[str, str]:
    """Say for each step of a build that is resumed why it has to run; what still holds is not in the answer.

    Args:
        session: the build.
        changed: the names of the settings that are not as they were before.
    """
    reasons = {}
    for name, step in session.steps.items():
        new = [setting for setting in changed if name in _steps_of(setting)]
        if step.status == "skipped":
            continue
        if step.status != "done":
            reasons[name] = _WHY.get(step.status, step.status)
        elif new:
            reasons[name] = f"--{new[0].replace('_', '-')} has changed"
        elif why := why_again(name, session):
            reasons[name] = why
        elif reasons.keys() & _MADE_FROM.get(name, set()):
            reasons[name] = "what it is made from may change"
    return reasons


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
        path = session.project.videos / (result.file_name or "")
        if result.status == "failed":
            return f"“{result.title}” has failed"
        if not path.is_file() or path.stat().st_size != result.size:
            return f"{path.name} is not there, or not of the size that was downloaded"
    return ""


def _slides(session: BuildSession) -> str:
    options = {**DEFAULT_OPTIONS, **session.options}
    asked, size = options["curriculum"], (options["width"], options["height"])
    good = (*GOOD, FLAWED) if options.get("allow_flawed") else GOOD
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
    stale = [file.target for file in publication.plan.files if publication.state(file) == MADE]
    return f"{stale[0]} in the package is not up to date" if stale else ""


def _decks(session: BuildSession) -> str:
    curricula = curricula_named(str(session.options.get("curriculum", "all")))
    reasons = (why_not_current(session.project, each, session.language_code) for each in curricula)
    return next(filter(None, reasons), "")


def _steps_of(setting: str) -> Collection[str]:
    return ("videos",) if setting == "vimeo_folder_id" else HANDED_ON.get(setting, ())
