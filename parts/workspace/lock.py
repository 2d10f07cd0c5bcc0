"""The locks on a project, with which two runs exclude each other."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from common.errors import BuilderError
from common.files import write_json
from common.files_in_use import once_free, remove
from common.formats import local_time, now
from workspace.folders import Project

# Looking whether a project is in use holds its lock for an instant.
_LOOK_SECONDS = 0.3


# The program that holds a project for a whole build.
_BUILD = "build.py"


@contextmanager
def exclusive_build(project: Project, session_id: str) -> Iterator[None]:
    """Hold a project for a whole build, so that two runs cannot mix their files.

    There are two locks. A build holds the first while the block runs. A part holds the
    second while it runs, and the first too unless the build of its own session has it. So
    a part that outlives its killed build still keeps others away. The locks are the
    operating system's: a crash cannot leave them locked.

    Args:
        project: an existing project.
        session_id: the build session.

    Raises:
        BuilderError: another run holds the project; the message says which, and since when.
    """
    who = _description(session_id, _BUILD)
    with ExitStack() as locks:
        _take_or_refuse(project, "build", who, locks)
        # The parts of this build will take the second lock; a part of an earlier build must not hold it now.
        with ExitStack() as probe:
            _take_or_refuse(project, "part", who, probe)
        yield


@contextmanager
def exclusive(project: Project, session_id: str | None, program: str) -> Iterator[None]:
    """Hold a project for one part, so that two runs cannot mix their files; see ``exclusive_build``.

    Args:
        project: an existing project.
        session_id: the build session that this run belongs to, or None.
        program: the name of the running script, e.g. ``4-rename-files.py``.

    Raises:
        BuilderError: another run holds the project; the message says which, and since when.
    """
    who = _description(session_id, program)
    with ExitStack() as locks:
        if not _take(project, "build", who, locks):
            holder = _holder(project, "build")
            if (holder.get("program"), holder.get("session")) != (_BUILD, session_id):
                raise _in_use(project, "build")
        _take_or_refuse(project, "part", who, locks)
        yield


def _description(session_id: str | None, program: str) -> dict[str, Any]:
    return {"session": session_id, "process": os.getpid(), "program": program, "since": now()}


def _take_or_refuse(project: Project, scope: str, who: dict[str, Any], locks: ExitStack) -> None:
    if not _take(project, scope, who, locks):
        raise _in_use(project, scope)


def holder_of(project: Project) -> BuilderError | None:
    """Return the error that another run would get now, or None if the project is free.

    Nothing is written, not even a lock file.
    """
    from filelock import FileLock, Timeout

    for scope in ("build", "part"):
        path = _lock_file(project, scope)
        if not path.exists():
            continue
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return _in_use(project, scope)
        except OSError:
            continue
    return None


def _lock_file(project: Project, scope: str) -> Path:
    return project.path / f".zume-{scope}.lock"


def _take(project: Project, scope: str, who: dict[str, Any], locks: ExitStack) -> bool:
    """Take one of a project's locks until the stack is left, and record who has it; return whether it was free."""
    from filelock import FileLock, Timeout

    lock = FileLock(_lock_file(project, scope))
    try:
        lock.acquire(timeout=_LOOK_SECONDS)
    except Timeout:
        return False
    except OSError as error:
        raise BuilderError(f"{project.path} cannot be written: {error.strerror}.", "Change its permissions.") from error
    locks.callback(lock.release)
    locks.callback(_forget_holder, project, scope)
    write_json(_holder_file(project, scope), who)
    return True


def _in_use(project: Project, scope: str) -> BuilderError:
    holder = _holder(project, scope)
    by = "another run"
    if holder:
        session = f"session {holder['session']}, " if holder.get("session") else ""
        since = local_time(str(holder.get("since")))
        by = f"{holder.get('program')} ({session}process {holder.get('process')}, since {since})"
    return BuilderError(f"{project.path} is in use by {by}.", "Wait until that run has ended, or stop it.")


def _holder_file(project: Project, scope: str) -> Path:
    return project.path / f".zume-{scope}.holder.json"


def _forget_holder(project: Project, scope: str) -> None:
    """Remove the record of who holds a project; if it stays, it is only out of date, and no run fails for that."""
    with suppress(OSError):
        remove(_holder_file(project, scope))


def _holder(project: Project, scope: str) -> dict[str, Any]:
    """Return who holds a project, as recorded. After a crash this is out of date: only the lock decides."""
    try:
        content = json.loads(once_free(lambda: _holder_file(project, scope).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
