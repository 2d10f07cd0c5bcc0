"""The build sessions: one folder below ``temp/`` each, with the state that build.py keeps of a build."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from builds.steps import STEPS
from cli.options import KEPT, OPTIONS
from common.errors import BuilderError
from common.files import make_folder, write_json
from common.formats import now
from common.records import read_record_file
from common.version import VERSION
from package.changes import PackageChanges, changes_of, item_of_changes
from workspace.folders import Project
from workspace.home import home

# The steps that every build has.
REQUIRED_STEPS = tuple(name for name, step in STEPS.items() if not step.is_optional)
STATUSES = ("pending", "running", "done", "failed", "interrupted", "skipped")
# The defaults that a build keeps, so that a later release with other defaults resumes it as it was.
DEFAULT_OPTIONS = {option.name: option.default for option in KEPT if option.is_recorded}
STATE_FILE = "build_config.json"
SCHEMA = 2
LOCK_FILE = ".lock"
# Listing the sessions holds a lock for an instant.
LOOK_SECONDS = 2
# The exit codes of a part that was stopped: 128 + SIGHUP, SIGINT and SIGTERM.
INTERRUPTS = (129, 130, 143)


@dataclass
class Step:
    """One step of a build.

    Attributes:
        status: pending, running, done, failed, interrupted or skipped. If it is running, but its
            build is not alive, it was killed with the build.
        started_at, finished_at: ISO 8601 in UTC, or None.
        exit_code: of the part's process, or None.
        log: the path of the file with the part's output, or None.
    """

    status: str = "pending"
    started_at: str | None = None
    finished_at: str | None = None
    exit_code: int | None = None
    log: str | None = None

    @property
    def seconds(self) -> float:
        """How long the step took, or takes by now; 0 if it has not begun."""
        if self.started_at is None:
            return 0.0
        return (
            datetime.fromisoformat(self.finished_at or now()) - datetime.fromisoformat(self.started_at)
        ).total_seconds()


@dataclass
class BuildSession:
    """What build.py knows of one build. Only build.py writes it; it holds no secret.

    Attributes:
        options: the options that it keeps, by their names in ``cli.options``.
        changes: what it has changed in the package; None if nothing.
    """

    session_id: str
    language_code: str
    folder_location: str
    project_path: str
    vimeo_folder_id: str | None
    created_at: str = field(default_factory=now)
    options: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=lambda: {name: Step() for name in REQUIRED_STEPS})
    changes: PackageChanges | None = None

    @property
    def folder(self) -> Path:
        """The session's own folder."""
        return session_folder(self.session_id)

    @property
    def is_stored(self) -> bool:
        """Whether its state has been written, so that it can be resumed."""
        return bool(self.session_id) and (self.folder / STATE_FILE).is_file()

    @property
    def finished(self) -> bool:
        """Whether every step is done or was left out."""
        return not self.ahead

    @property
    def ahead(self) -> set[str]:
        """The names of the steps that are neither done nor left out."""
        return {name for name, step in self.steps.items() if step.status not in ("done", "skipped")}

    @property
    def project(self) -> Project:
        """The project that is built."""
        return Project(Path(self.project_path))

    def option(self, name: str) -> Any:
        """Return the value of an option: the build's own, or else the default."""
        return self.options.get(name, OPTIONS[name].default)

    def leaves_out(self, name: str) -> bool:
        """Say whether a step is left out."""
        return self.steps[name].status == "skipped"

    @property
    def is_alive(self) -> bool:
        """Whether a build works on it at this moment; nothing is written to find out."""
        if not (self.folder / LOCK_FILE).exists():
            return False
        try:
            with at_rest(self.folder) as is_at_rest:
                return not is_at_rest
        except OSError:
            return False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Show to others that the build is alive, as long as the block runs or the process lives."""
        with at_rest(self.folder, LOOK_SECONDS) as is_at_rest:
            if not is_at_rest:
                raise BuilderError(
                    f"Another process is using build session {self.session_id}.", "Wait until it ends, or stop it."
                )
            yield

    def discard_if_empty(self) -> None:
        """Remove the session's folder again if nothing was written into it."""
        with suppress(OSError):
            self.folder.rmdir()

    def save(self) -> None:
        """Write the state, atomically."""
        steps = {name: vars(step) for name, step in self.steps.items()}
        content = {"schema": SCHEMA, "version": VERSION, **vars(self), "steps": steps}
        # Most builds have none.
        del content["changes"]
        if self.changes:
            content["changes"] = item_of_changes(self.changes)
        write_json(self.folder / STATE_FILE, content)

    def begin(self, name: str) -> Path:
        """Record that a step starts, and return the file for its output."""
        log = self.folder / "logs" / f"{name}.log"
        make_folder(log.parent, "Set ZUME_HOME to a folder of your own.")
        self.steps[name] = Step("running", started_at=now(), log=str(log))
        self.save()
        return log

    def end(self, name: str, exit_code: int) -> None:
        """Record how a step ended."""
        step = self.steps[name]
        step.status = "done" if exit_code == 0 else "interrupted" if exit_code in INTERRUPTS else "failed"
        step.finished_at = now()
        step.exit_code = exit_code
        self.save()

    def interrupt(self, exit_code: int) -> None:
        """Record that the build was stopped: in the step that was running, or else before the next one."""
        running = [step for step in self.steps.values() if step.status == "running"]
        pending = [step for step in self.steps.values() if step.status == "pending"]
        was_recorded = any(step.status == "interrupted" for step in self.steps.values())
        for step in running or ([] if was_recorded else pending[:1]):
            step.status, step.finished_at, step.exit_code = "interrupted", now(), exit_code
        self.save()

    def skip(self, name: str) -> None:
        """Record that a step is left out."""
        self.steps[name] = Step("skipped")
        self.save()


def session_folder(session_id: str) -> Path:
    """Return the folder of a session, whether it exists or not."""
    return home() / "temp" / session_id


def claim_session_id(given: str | None) -> str:
    """Make a session's folder, which no other build can then have, and return its id.

    Args:
        given: the id that the user wants, or None to draw one.

    Raises:
        BuilderError: the given id is taken, or ``temp/`` cannot be written.
    """
    make_folder(home() / "temp", "Remove what is in its way, or set ZUME_HOME to a folder of your own.")
    while True:
        session_id = given or uuid.uuid4().hex[:8]
        try:
            session_folder(session_id).mkdir()
            return session_id
        except FileExistsError:
            if given:
                raise BuilderError(
                    f"The session id {given} is taken: {session_folder(given)} exists.",
                    f"Give another --session-id, or continue that build: python build.py --resume {given}",
                ) from None
        except OSError as error:
            remedy = "Change its permissions, or set ZUME_HOME to a folder of your own."
            raise BuilderError(f"{home() / 'temp'} cannot be written: {error.strerror}.", remedy) from error


def load_session(session_id: str) -> BuildSession:
    """Read a session's state.

    Raises:
        NewerRecordError: a later version has written its state.
        BuilderError: there is no such session, or its state cannot be read.
    """
    path = session_folder(session_id) / STATE_FILE
    try:
        return _session_from(read_record_file(path, SCHEMA))
    except FileNotFoundError:
        remedy = "See the known ones with: python build.py --list-sessions"
        raise BuilderError(f"There is no build session {session_id}.", remedy) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BuilderError(f"{path} cannot be read: {error}.", "Start a new build.") from error


def _session_from(content: Mapping[str, Any]) -> BuildSession:
    """Return a session as it was saved; a wrong value is an error here, and not wherever it is used."""
    there = (*REQUIRED_STEPS, *content["steps"])
    steps = {name: Step(**content["steps"][name]) for name in STEPS if name in there}
    about = ("schema", "version")
    fields = {name: value for name, value in content.items() if name not in about}
    session = BuildSession(**{**fields, "steps": steps, "changes": changes_of(content.get("changes"))})
    datetime.fromisoformat(session.created_at)
    for step in steps.values():
        for time in (step.started_at, step.finished_at):
            if time is not None:
                datetime.fromisoformat(time)
        if step.status not in STATUSES:
            raise ValueError(f"{step.status!r} is not a valid status")
    if not isinstance(session.options, dict):
        raise TypeError("options is not a JSON object")
    return session


def session_folders() -> list[Path]:
    """Return the folder of every session, also of one whose state cannot be read."""
    return [path.parent for path in (home() / "temp").glob(f"*/{STATE_FILE}")]


def last_change(folder: Path) -> float:
    """Return when a session's state was last written, in seconds since 1970; infinity if it has none any more."""
    try:
        return (folder / STATE_FILE).stat().st_mtime
    except OSError:
        return math.inf


def all_sessions() -> list[BuildSession]:
    """Return every readable session, the newest first."""
    sessions = []
    for folder in session_folders():
        try:
            sessions.append(load_session(folder.name))
        except BuilderError:
            continue
    # Of two in one second, the state that was written later counts.
    return sorted(sessions, key=lambda session: (session.created_at, last_change(session.folder)), reverse=True)


@contextmanager
def at_rest(folder: Path, seconds: float = 0) -> Iterator[bool]:
    """Keep builds away from a session during the block.

    Args:
        folder: the session's.
        seconds: how long to wait for a build that works on it.

    Yields:
        Whether that succeeded: no build works on it.
    """
    from filelock import FileLock, Timeout

    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(folder / LOCK_FILE, timeout=seconds))
        except Timeout:
            yield False
        else:
            yield True
