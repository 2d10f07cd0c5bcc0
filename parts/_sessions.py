"""What people see and do of the build sessions: the table of all of them, and the removal of old ones."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone

from _console import answer, duration, literal, local_time, say, show, table
from _errors import BuilderError
from _session import STEPS, BuildSession, all_sessions
from _steps import TITLES


def list_sessions() -> None:
    """Show every build session, the newest first."""
    content = table("Session", "Language", "Started", *TITLES.values(), "Time", "Project", "Process")
    for session in all_sessions():
        is_alive = session.is_alive
        content.add_row(
            session.session_id,
            session.language_code,
            local_time(session.created_at),
            *(_status(session, name, is_alive) for name in STEPS),
            duration(_seconds(session, is_alive)),
            literal(session.project_path),
            "alive" if is_alive else "dead",
        )
    show(content)


def _status(session: BuildSession, name: str, is_alive: bool) -> str:
    status = session.steps[name].status
    return "killed" if status == "running" and not is_alive else status


def _seconds(session: BuildSession, is_alive: bool) -> float:
    """Return how long the steps took; when one was killed, nobody knows."""
    steps = session.steps.values()
    return sum(step.seconds for step in steps if step.finished_at is not None or is_alive)


def prune_sessions(days: int) -> None:
    """Remove the sessions that nothing has happened in for so many days, with their logs; never one that is alive.

    The projects stay.

    Raises:
        BuilderError: a session's folder cannot be removed.
    """
    limit = datetime.now(timezone.utc) - timedelta(days=days)
    old = [session for session in all_sessions() if session.last_change < limit and not session.is_alive]
    for session in old:
        try:
            shutil.rmtree(session.folder)
        except OSError as error:
            raise BuilderError(
                f"{session.folder} cannot be removed: {error.strerror}.", "Change its rights."
            ) from error
        say(f"{session.session_id} ({session.language_code}, {local_time(session.created_at)}): removed")
    answer(f"{len(old)} build sessions removed.")
