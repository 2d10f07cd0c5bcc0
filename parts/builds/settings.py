"""Puts what the command line says into a build, whether it is new or resumed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from builds.session import BuildSession, Step
from cli.options import DECKS, IN_PACKAGE, KEPT, OPTIONS, VIDEOS, Option
from course.languages import default_vimeo_folder
from workspace.package_settings import remember


def take_options(session: BuildSession, arguments: argparse.Namespace) -> list[Option]:
    """Give a build the options of the command line; the others keep their values.

    Returns:
        The options whose values have changed.
    """
    changed = []
    for option in KEPT:
        given = getattr(arguments, option.name)
        if given is None:
            continue
        before = session.option(option.name)
        session.options[option.name] = option.combined(before, given)
        if session.options[option.name] != before:
            changed.append(option)
    return changed


def take_vimeo_folder(session: BuildSession, folder_id: str | None) -> list[Option]:
    """Give a build another Vimeo folder; if it left out the videos because it had none, it gets them back.

    Returns:
        The option, if its value has changed.
    """
    if not folder_id or folder_id == session.vimeo_folder_id:
        return []
    if session.vimeo_folder_id is None and session.leaves_out(VIDEOS):
        session.steps[VIDEOS] = Step()
    session.vimeo_folder_id = folder_id
    return [OPTIONS["folder_id"]]


def add_and_skip_steps(session: BuildSession, with_decks: bool | None, skip: Sequence[str] | None) -> None:
    """Add the decks to the steps of a build or take them away, and set which steps are left out.

    Args:
        session: the build.
        with_decks: whether decks are asked for; None if nothing was said of them.
        skip: the steps to leave out, and no others; None to leave out what was left out before.
    """
    if with_decks and lacks_decks(session):
        session.steps[DECKS] = Step()
    if with_decks is False:
        session.steps.pop(DECKS, None)
    if skip is None:
        return
    for name in session.steps:
        if name in skip:
            session.steps[name].status = "skipped"
        elif session.leaves_out(name):
            session.steps[name] = Step()


def remember_settings(session: BuildSession, arguments: argparse.Namespace) -> None:
    """Write into the package what a build makes of it from now on; the build holds the project."""
    settings = {option.name: session.option(option.name) for option in IN_PACKAGE if option.is_kept}
    if session.vimeo_folder_id:
        own = default_vimeo_folder(session.language_code)
        settings["folder_id"] = None if session.vimeo_folder_id == own else session.vimeo_folder_id
    if arguments.resume is None or arguments.decks is not None:
        settings["decks"] = DECKS in session.steps
    remember(session.project, session.language_code, settings)


def lacks_decks(session: BuildSession) -> bool:
    """Say whether a build does not make decks."""
    return DECKS not in session.steps or session.leaves_out(DECKS)
