"""Where things live: the builder's home, a project's folders, whole files, and the lock on a project."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from common.console import local_time
from common.errors import BuilderError

# Somebody who only looks whether a project is in use holds its lock for an instant.
_LOOK_SECONDS = 0.3
_LANGUAGE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,15}")


def home() -> Path:
    """Return the folder that holds ``.env``, ``.config.json`` and ``temp/``.

    It is ``ZUME_HOME``, or else the folder of build.py; never the working directory.
    """
    given = os.environ.get("ZUME_HOME", "").strip()
    return folder_at(given) if given else Path(__file__).resolve().parents[2]


def folder_at(text: str) -> Path:
    """Return the absolute path of a folder that a user has named; it need not exist.

    Raises:
        BuilderError: no folder can have that name.
    """
    try:
        folder = Path(text).expanduser().absolute()
        folder.exists()
    # No such user, a name that is too long, a zero in it.
    except (RuntimeError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BuilderError(f"{text!r} cannot be a folder: {reason}.", "Check the path.") from error
    return folder


def is_language_code(text: str) -> bool:
    """Say whether a text can be a language code, and so the name of a folder."""
    return _LANGUAGE_CODE.fullmatch(text) is not None


def now() -> str:
    """Return the present time in UTC as ISO 8601 with seconds."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def make_folder(folder: Path, remedy: str) -> None:
    """Make a folder with its parents, unless it is there.

    Args:
        folder: the folder.
        remedy: what to tell the user if it cannot be made.

    Raises:
        BuilderError: the folder, or one above it, is a file, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        culprit = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        raise BuilderError(f"{culprit} is a file, not a folder.", remedy) from None
    except OSError as error:
        raise BuilderError(f"{folder} cannot be made: {error.strerror}.", remedy) from error


def nearest_folder(path: Path) -> Path:
    """Return a path itself if it exists, or else the nearest one above it that does."""
    return next(each for each in (path, *path.parents) if each.exists())


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Give a file new content, so that it is at every moment either the old or the new one.

    Raises:
        BuilderError: the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise BuilderError(
            f"{path} cannot be written: {error.strerror}.", "Free space or change the rights."
        ) from error
    finally:  # also when an interrupt comes
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write data as indented JSON, atomically."""
    write_atomically(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


@dataclass(frozen=True)
class Project:
    """One language's folder."""

    path: Path

    @property
    def videos(self) -> Path:
        """The folder of the downloaded videos."""
        return self.path / "videos"

    @property
    def output(self) -> Path:
        """The folder of the finished sequences."""
        return self.path / "output"

    def require(self) -> Project:
        """Return the project itself if its folder exists.

        Raises:
            BuilderError: there is no such folder.
        """
        if not self.path.is_dir():
            raise BuilderError(
                f"The project folder {self.path} does not exist.",
                "Check --project-path, or make the folder with: python parts/1-setup.py",
            )
        return self


@contextmanager
def exclusive(project: Project, session_id: str | None, program: str) -> Iterator[None]:
    """Hold a project for one run, so that two runs cannot mix their files.

    There are two locks. build.py holds the first for the whole build; a part holds the
    second while it runs, and the first too unless a build of its own session has it. So a
    part that outlives its killed build still keeps others away. The locks are the
    operating system's: a crash cannot leave them locked.

    Args:
        project: an existing project.
        session_id: the build session that this run belongs to, or None.
        program: the name of the running script, e.g. ``build.py``.

    Raises:
        BuilderError: another run holds the project; the message says which, and since when.
    """
    who = {"session": session_id, "process": os.getpid(), "program": program, "since": now()}
    with ExitStack() as locks:
        if not _take(project, "build", who, locks):
            holder = _holder(project, "build")
            is_own_build = holder.get("program") == "build.py" and holder.get("session") == session_id
            if program == "build.py" or not is_own_build:
                raise _in_use(project, "build")
        if program == "build.py":
            # Its parts will take the second lock; here it only must not be held by one of an earlier build.
            with ExitStack() as probe:
                if not _take(project, "part", who, probe):
                    raise _in_use(project, "part")
        elif not _take(project, "part", who, locks):
            raise _in_use(project, "part")
        yield


def holder_of(project: Project) -> BuilderError | None:
    """Return the error that another run would get because one holds the project now; None if it is free.

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
    """Take one of a project's locks until the stack is left, and say by whom; return whether it was free."""
    from filelock import FileLock, Timeout

    lock = FileLock(_lock_file(project, scope))
    try:
        lock.acquire(timeout=_LOOK_SECONDS)
    except Timeout:
        return False
    except OSError as error:
        raise BuilderError(f"{project.path} cannot be written: {error.strerror}.", "Change its rights.") from error
    locks.callback(lock.release)
    locks.callback(_holder_file(project, scope).unlink, missing_ok=True)
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


def _holder(project: Project, scope: str) -> dict[str, Any]:
    """Return who says to hold a project. After a crash this may be stale: the lock decides, not this file."""
    try:
        content = json.loads(_holder_file(project, scope).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
