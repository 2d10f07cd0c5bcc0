"""Lists all build sessions, and removes old ones."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from builds.session import (
    STATE_FILE,
    BuildSession,
    all_sessions,
    at_rest,
    last_change,
    load_session,
    session_folders,
)
from common.console import VERBOSE, counted, current_level, print_result, say, show, table, warn
from common.errors import DONE, BuilderError
from common.files_in_use import once_free, remedy_for
from common.formats import duration, local_minute
from common.records import NewerRecordError


def list_sessions(as_json: bool = False) -> None:
    """Show every build session in a line, the newest first; with ``--verbose`` also its steps and its project.

    Args:
        as_json: whether to print a line of JSON for programs, and no table.
    """
    listed = [(session, session.is_alive) for session in all_sessions()]
    if as_json:
        print_result(json.dumps([_described(session, is_alive) for session, is_alive in listed]))
        return
    if unreadable := sorted(folder.name for folder in session_folders() if not _is_readable(folder)):
        warn(f"{counted(len(unreadable), 'build session')} cannot be read: {', '.join(unreadable)}")
    elif not listed:
        print_result("There are no build sessions. Start a build, e.g.: python build.py --language es")
    if not listed:
        return
    content = table("Session", "Language", "Started", "Outcome", "Time")
    for session, is_alive in listed:
        content.add_row(
            session.session_id,
            session.language_code,
            local_minute(session.created_at),
            _outcome(session, is_alive),
            _time(_seconds(session, is_alive)),
        )
    show(content)
    if current_level() == VERBOSE:
        for session, is_alive in listed:
            steps = ", ".join(_about_step(session, name, is_alive) for name in session.steps)
            print_result(f"{session.session_id}: {steps}")
            print_result(f"{session.session_id}: {session.project_path}, process {'running' if is_alive else 'ended'}")


def _is_readable(folder: Path) -> bool:
    with suppress(BuilderError):
        load_session(folder.name)
        return True
    return False


def _outcome(session: BuildSession, is_alive: bool) -> str:
    """Return in a word or two how a build ended or what it does, e.g. ``failed: slides``."""
    statuses = {name: step.status for name, step in session.steps.items()}
    if session.finished:
        return "done"
    if is_alive:
        return _with_steps("running", [name for name, status in statuses.items() if status == "running"])
    for status, word in (("failed", "failed"), ("interrupted", "interrupted"), ("running", "ended")):
        if names := [name for name, each in statuses.items() if each == status]:
            return _with_steps(word, names)
    return "ended"


def _with_steps(word: str, names: Sequence[str]) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return f"{word}: {names[0]}{more}" if names else word


def _about_step(session: BuildSession, name: str, is_alive: bool) -> str:
    status, seconds = _status(session, name, is_alive), session.steps[name].seconds
    return f"{name} {status}" + (f" ({duration(seconds)})" if status in ("done", "failed", "interrupted") else "")


def _time(seconds: float) -> str:
    return duration(seconds) if seconds else ""


def _described(session: BuildSession, is_alive: bool) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "language_code": session.language_code,
        "created_at": session.created_at,
        "steps": {name: _status(session, name, is_alive) for name in session.steps},
        "seconds": round(_seconds(session, is_alive), 1),
        "project_path": session.project_path,
        "alive": is_alive,
    }


def _status(session: BuildSession, name: str, is_alive: bool) -> str:
    status = session.steps[name].status
    return "killed" if status == "running" and not is_alive else status


def _seconds(session: BuildSession, is_alive: bool) -> float:
    """Return how long the steps took, without those that were killed: of them nobody knows."""
    steps = session.steps.values()
    return sum(step.seconds for step in steps if step.finished_at is not None or is_alive)


def prune_sessions(days: int, as_json: bool = False) -> None:
    """Remove sessions that have been idle for so many days, with their logs; never one that is alive.

    The projects stay, and so do sessions of a later version.

    Args:
        days: how many.
        as_json: whether to print a line of JSON for programs as well.

    Raises:
        BuilderError: a session's folder cannot be removed.
    """
    limit = time.time() - days * 86400
    removed = [
        folder.name
        for folder in session_folders()
        if last_change(folder) < limit and not _is_newer(folder) and _remove(folder)
    ]
    for name in removed:
        say(f"{name}: removed")
    print_result(f"{counted(len(removed), 'build session')} removed.")
    if as_json:
        print_result(json.dumps({"exit_code": DONE, "removed": removed}))


def _is_newer(folder: Path) -> bool:
    """Say whether a later version has written the state of a session."""
    try:
        load_session(folder.name)
    except NewerRecordError:
        return True
    except BuilderError:
        pass
    return False


def _remove(folder: Path) -> bool:
    """Remove a session's folder, unless a build works on it; return whether it is gone."""
    try:
        with at_rest(folder) as is_at_rest:
            if is_at_rest:
                once_free((folder / STATE_FILE).unlink)  # from now on nobody can resume it
        if is_at_rest:
            once_free(lambda: shutil.rmtree(folder))
    except FileNotFoundError:
        return False  # somebody else removes it
    except OSError as error:
        remedy = remedy_for(error, "its files in all other programs", "Change its permissions.")
        raise BuilderError(f"{folder} cannot be removed: {error.strerror}.", remedy) from error
    return is_at_rest
