"""Finds the build to resume, and tells which of its steps have to run again and why."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from _config import checked_session_id
from builds.session import BuildSession, all_sessions, load_session
from builds.settings import add_and_skip_steps, lacks_decks, take_options, take_vimeo_folder
from builds.steps import STEPS
from cli.options import Option
from common.errors import BuilderError, UsageError
from common.files import folder_at
from course.language_codes import checked_language_code
from course.languages import site_code

_WHY = {
    "pending": "it has not been run yet",
    "running": "it was killed",
    "interrupted": "it was interrupted",
    "failed": "it failed",
}


def session_to_resume(arguments: argparse.Namespace) -> BuildSession:
    """Return the build to resume: the named one, or the last unfinished one of the given language and folder.

    Raises:
        UsageError: the named one has another language or folder, a new id is given, or the language is none.
        BuilderError: there is none.
    """
    if arguments.session_id is not None:
        raise UsageError("--session-id names a new build, --resume continues an old one.", "Leave one of them out.")
    if not arguments.resume:
        return _last_unfinished(arguments)
    checked_session_id(arguments.resume, "argument --resume")
    session = load_session(arguments.resume)
    if not _is_meant(session, arguments):
        raise UsageError(
            f"The build session {session.session_id} builds {session.language_code} in {session.folder_location}"
            f"{' (a demo)' if session.option('demo') else ''}.",
            "Leave out --language, --folder and --demo, or leave out the id after --resume.",
        )
    return session


def _is_meant(session: BuildSession, arguments: argparse.Namespace) -> bool:
    """Say whether a build fits the language, the folder and the demo flag, as far as they are given."""
    code = arguments.language_code and site_code(arguments.language_code.strip())
    folder = arguments.folder and str(folder_at(arguments.folder))
    if arguments.demo and not session.option("demo"):
        return False
    is_meant_folder = not folder or folder in (session.folder_location, session.project_path)
    return is_meant_folder and (not code or code == session.language_code)


def _last_unfinished(arguments: argparse.Namespace) -> BuildSession:
    """Return the newest unfinished build, of the given language and folder if they are given.

    Raises:
        UsageError: no language can have the given code.
        BuilderError: there is no such build.
    """
    meant = [session for session in all_sessions() if _is_meant(session, arguments)]
    unfinished = [session for session in meant if not session.finished or (arguments.decks and lacks_decks(session))]
    # A build that is at work needs nobody to resume it.
    at_rest = [session for session in unfinished if not session.is_alive]
    if unfinished:
        return (at_rest or unfinished)[0]
    if (arguments.language_code or "").strip() and not meant:
        checked_language_code(arguments.language_code.strip(), "argument --language")
    given = (arguments.language_code and f"of {arguments.language_code}", arguments.folder and f"in {arguments.folder}")
    which = " ".join(filter(None, ("unfinished build", *given)))
    raise BuilderError(f"There is no {which} to resume.", "Start one, e.g.: python build.py --language es")


def with_settings(session: BuildSession, arguments: argparse.Namespace) -> tuple[BuildSession, dict[str, str]]:
    """Give a resumed build the settings of the command line, and tell which steps have to run and why.

    Args:
        session: as it was left.
        arguments: the command line.

    Returns:
        The session, in which the steps that have to run are pending, and the reasons by the names of the steps.
    """
    changed = [*take_options(session, arguments), *take_vimeo_folder(session, arguments.folder_id)]
    add_and_skip_steps(session, arguments.decks, arguments.skip)
    reasons = reasons_to_run(session, [option for option in changed if option.remakes])
    for name in reasons:
        session.steps[name].status = "pending"
    return session, reasons


def reasons_to_run(session: BuildSession, changed: Sequence[Option]) -> dict[str, str]:
    """Return why the steps of a resumed build have to run, by their names; a step that still holds is left out.

    Args:
        session: the build.
        changed: the options that change what the steps make, and have another value than before.
    """
    reasons: dict[str, str] = {}
    for name, state in session.steps.items():
        step = STEPS[name]
        changed_here = [option.flag for option in changed if name in option.parts]
        if state.status == "skipped":
            continue
        if state.status != "done":
            reasons[name] = _WHY.get(state.status, state.status)
        elif changed_here:
            reasons[name] = f"{changed_here[0]} has changed"
        elif why := step.why_not_current(session):
            reasons[name] = why
        elif reasons.keys() & step.made_from:
            reasons[name] = "its input may have changed"
    return reasons
