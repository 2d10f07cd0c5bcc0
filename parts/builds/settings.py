"""Puts what the command line says into a build, whether it is new or resumed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from builds.session import BuildSession, Step
from cli.options import DECKS, KEPT, OPTIONS, VIDEOS, Option


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
    """Give a build another Vimeo folder; if it skipped the videos because it had none, it gets them back.

    Returns:
        The option, if its value has changed.
    """
    if not folder_id or folder_id == session.vimeo_folder_id:
        return []
    if session.vimeo_folder_id is None:
        session.steps[VIDEOS] = Step()
    session.vimeo_folder_id = folder_id
    return [OPTIONS["folder_id"]]


def add_and_skip_steps(session: BuildSession, with_decks: bool, skip: Sequence[str] | None) -> None:
    """Add the decks to the steps of a build if they are asked for, and set which steps are left out.

    Args:
        session: the build.
        with_decks: whether decks are asked for.
        skip: the steps to leave out, and no others; None to leave out what was left out before.
    """
    if with_decks and lacks_decks(session):
        session.steps[DECKS] = Step()
    if skip is None:
        return
    for name in session.steps:
        if name in skip:
            session.steps[name].status = "skipped"
        elif session.leaves_out(name):
            session.steps[name] = Step()


def lacks_decks(session: BuildSession) -> bool:
    """Say whether a build does not make decks."""
    return DECKS not in session.steps or session.leaves_out(DECKS)
