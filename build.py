#!/usr/bin/env python3
"""Builds the offline package of one language: runs the four parts in order, in a build session of its own.

Without arguments, in a terminal, it asks for everything. With --demo it builds the
English package from stand-ins for Vimeo and the presenter, without internet.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent / "parts"))

from _arguments import addresses, browsers, names_out_of, pixels, quality, seconds, vimeo_folder, workers
from _config import checked_language_code, checked_session_id
from _console import ask, can_ask, choose, complain, confirm, heading, say, show, table
from _credentials import ask_for_missing_credentials
from _curriculum import CURRICULA
from _errors import DONE, FAILED, INTERRUPTED, BuilderError, run
from _interview import ask_folder, ask_language
from _languages import find_language
from _preflight import default_vimeo_folder, report_readiness, require_ready
from _process import run_logged
from _project import exclusive, home, make_folder
from _session import STEPS, BuildSession, all_sessions, claim_session_id, load_session
from _setup import missing_folders
from _steps import DEFAULTS, HANDED_ON, TITLES, command


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit codes: 0 all done; 1 something failed or is missing; 2 wrong usage; 130 interrupted.",
    )
    what = parser.add_argument_group("what to build")
    what.add_argument("-l", "--language", "--language-code", dest="language_code", metavar="CODE", help="e.g. es")
    what.add_argument("-f", "--folder", metavar="DIR", help="the project becomes DIR/CODE")
    what.add_argument("--folder-id", type=vimeo_folder, metavar="ID", help="the Vimeo folder; default: the language's")
    what.add_argument("--demo", action="store_true", help="build from stand-ins on this machine")
    how = parser.add_argument_group("how the build runs")
    how.add_argument("-y", "--yes", action="store_true", help="ask nothing")
    how.add_argument("--skip", type=names_out_of(STEPS), default=(), metavar="STEPS", help=f"out of {','.join(STEPS)}")
    how.add_argument("--keep-going", action="store_true", help="run the later parts though one has failed")
    how.add_argument("--session-id", metavar="ID", help="the build session's name; default: drawn")
    how.add_argument("--resume", nargs="?", const="", metavar="ID", help="go on with a build; default: the last one")
    how.add_argument("--list-sessions", action="store_true", help="show the builds, and end")
    how.add_argument("--check", action="store_true", help="say whether what the build needs is there, and end")
    # Without defaults: a resumed build keeps its own values but for those that are given again.
    handed = parser.add_argument_group("handed on to the parts")
    handed.add_argument("--curriculum", choices=["all", *(each.name for each in CURRICULA)], help="default all")
    handed.add_argument("--width", type=pixels, metavar="N", help="of the pictures (default 3000)")
    handed.add_argument("--height", type=pixels, metavar="N", help="of the pictures (default 1680)")
    handed.add_argument("--wait", type=seconds, metavar="S", help="the longest a slide may take (default 5)")
    handed.add_argument("--browsers", type=browsers, metavar="N", help="how many side by side")
    handed.add_argument("--grid-url", type=addresses, metavar="URL", help="use the browsers of this Selenium Grid")
    handed.add_argument("--max-workers", type=workers, metavar="N", help="downloads side by side")
    handed.add_argument("--quality", type=quality, metavar="Q", help="best, source, or e.g. 720p")
    handed.add_argument(
        "--allow-flawed", action="store_const", const=True, help="keep slides that the site delivers badly"
    )
    handed.add_argument("--allow-missing", action="store_const", const=True, help="accept a package with gaps")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    arguments = parse(argv)
    if arguments.list_sessions:
        list_sessions()
        return DONE
    # Only somebody who gave no instructions at all is asked before each step.
    step_by_step = can_ask() and not (sys.argv[1:] if argv is None else argv)
    if not arguments.demo:
        return build(arguments, step_by_step)
    with stand_ins(arguments):
        return build(arguments, step_by_step=False)


@contextmanager
def stand_ins(arguments: argparse.Namespace) -> Iterator[None]:
    """Run the stand-ins for Vimeo and the presenter during the block, and fill in what the demo needs."""
    try:
        from demo import StandIn
    except ModuleNotFoundError as error:
        raise BuilderError(f"The demo needs {error.name}.", "pip install -r requirements.txt") from error
    arguments.yes = True
    arguments.language_code = arguments.language_code or "en"
    arguments.folder = arguments.folder or str(home() / "temp" / "demo")
    with StandIn() as stand_in:
        # The parts see only addresses.
        os.environ.update(stand_in.environment())
        yield


def build(arguments: argparse.Namespace, step_by_step: bool) -> int:
    """Prepare a build, run it, sum it up, and return its exit code."""
    session = session_to_resume(arguments) if arguments.resume is not None else new_session(arguments)
    if arguments.check:
        return DONE if report_readiness(session) else FAILED
    require_ready(session)
    make_folder(session.project.path, "Choose another --folder.")
    if not session.session_id:
        session.session_id = claim_session_id(arguments.session_id)
    try:
        with exclusive(session.project, session.session_id, "build.py"):
            session.save()
            return Run(session, step_by_step, arguments.keep_going).run()
    finally:
        session.discard_if_empty()


def new_session(arguments: argparse.Namespace) -> BuildSession:
    """Work out what to build, asking for what no argument gave if that is possible; the id is drawn later.

    Raises:
        BuilderError: something is missing and nobody can be asked, or a value cannot be.
    """
    may_ask = can_ask() and not arguments.yes
    if arguments.session_id is not None:
        checked_session_id(arguments.session_id, "argument --session-id")
    language_code = wanted_language(arguments, may_ask)
    folder = wanted_folder(arguments, may_ask)
    session = BuildSession(
        session_id="",
        language_code=language_code,
        folder_location=str(folder),
        project_path=str(folder / language_code),
        vimeo_folder_id=arguments.folder_id or default_vimeo_folder(language_code),
        options={**DEFAULTS, **given_options(arguments)},
    )
    for name in arguments.skip:
        session.steps[name].status = "skipped"
    if may_ask and "videos" not in arguments.skip:
        ask_for_missing_credentials()
        if not arguments.folder_id:
            confirm_vimeo_folder(session)
    return session


def given_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments for the parts that were given."""
    return {name: value for name, value in vars(arguments).items() if name in HANDED_ON and value is not None}


def wanted_language(arguments: argparse.Namespace, may_ask: bool) -> str:
    """Return the language's code as the site writes it."""
    given = (arguments.language_code or "").strip()
    if not given and may_ask:
        return ask_language()
    if not given:
        raise BuilderError("No language is given.", "Give it by --language CODE, e.g. --language es.")
    return checked_language_code(given, "argument --language")


def wanted_folder(arguments: argparse.Namespace, may_ask: bool) -> Path:
    """Return the folder that holds the languages' projects."""
    given = (arguments.folder or "").strip()
    if not given and may_ask:
        return ask_folder(Path.cwd())
    if not given:
        raise BuilderError("No folder is given.", "Give it by --folder DIR; the project becomes DIR/CODE.")
    return Path(given).expanduser().absolute()


def confirm_vimeo_folder(session: BuildSession) -> None:
    """Let the user confirm or correct the Vimeo folder; without one, the videos are skipped."""
    language = find_language(session.language_code)
    name = language.name if language else session.language_code
    if session.vimeo_folder_id and confirm(
        f"The videos in {name} are in Vimeo folder {session.vimeo_folder_id}. Use it?"
    ):
        return
    while True:
        answer = ask(f"Number of the Vimeo folder for {name} (Enter to leave the videos out)")
        try:
            session.vimeo_folder_id = vimeo_folder(answer) if answer else None
            break
        except argparse.ArgumentTypeError as error:
            say(f"{error}.")
    if session.vimeo_folder_id is None:
        session.steps["videos"].status = "skipped"


def session_to_resume(arguments: argparse.Namespace) -> BuildSession:
    """Return the build to go on with: the named one, or the last that is not finished.

    Raises:
        BuilderError: there is none.
    """
    if arguments.resume:
        checked_session_id(arguments.resume, "argument --resume")
    session = load_session(arguments.resume) if arguments.resume else last_unfinished()
    session.options.update(given_options(arguments))
    session.vimeo_folder_id = arguments.folder_id or session.vimeo_folder_id
    for name in arguments.skip:
        session.steps[name].status = "skipped"
    return session


def last_unfinished() -> BuildSession:
    """Return the newest build that is not finished.

    Raises:
        BuilderError: there is none.
    """
    for session in all_sessions():
        if not session.finished:
            return session
    raise BuilderError("There is no unfinished build to resume.", "Start one, e.g.: python build.py --language es")


def list_sessions() -> None:
    """Show every build session, the newest first."""
    content = table("Session", "Language", "Started", *TITLES.values(), "Project")
    for session in all_sessions():
        statuses = [session.steps[name].status for name in STEPS]
        content.add_row(session.session_id, session.language_code, session.created_at, *statuses, session.project_path)
    show(content)


class Outcome(NamedTuple):
    """How one step ended in this run: a word, the seconds it took, and where its output is kept."""

    word: str
    seconds: float | None = None


class Run:
    """One run over the steps of a build.

    Args:
        session: the build; its state is kept up to date.
        step_by_step: ask before each step whether to continue.
        keep_going: run the later steps though one has failed.
    """

    def __init__(self, session: BuildSession, step_by_step: bool, keep_going: bool) -> None:
        self._session = session
        self._step_by_step = step_by_step
        self._keep_going = keep_going
        self._outcomes = {name: Outcome("not run") for name in STEPS}

    def run(self) -> int:
        """Run what is ahead, sum up, and return the exit code."""
        say(f"Build session {self._session.session_id}: {self._session.language_code} in {self._session.project_path}")
        try:
            for number, name in enumerate(STEPS, start=1):
                if not self._go_through(number, name):
                    break
        except KeyboardInterrupt:
            self._sum_up()
            raise
        self._sum_up()
        return self._exit_code()

    def _go_through(self, number: int, name: str) -> bool:
        """Run one step, unless there is nothing to do; return whether to go on to the next."""
        status = self._session.steps[name].status
        if status in ("done", "skipped"):
            self._outcomes[name] = Outcome("done before" if status == "done" else "skipped")
            return True
        heading(f"{number}/{len(STEPS)} {TITLES[name]}")
        choice = self._choice(name)
        if choice == "skip":
            self._session.skip(name)
            self._outcomes[name] = Outcome("skipped")
        if choice == "continue" and not self._run_step(name):
            return self._keep_going
        return choice != "quit"

    def _choice(self, name: str) -> str:
        if not self._step_by_step:
            return "continue"
        choices = {"c": "continue", "s": "skip", "q": "quit"}
        return choices[choose(f"{TITLES[name]}:", choices)]

    def _run_step(self, name: str) -> bool:
        """Run one part to its end and take down how it ended; return whether it succeeded."""
        log = self._session.begin(name)
        started = time.monotonic()
        code = INTERRUPTED
        try:
            code = run_logged(command(name, self._session), log, os.environ)
            if code == DONE and name == "setup":
                code = self._verify_folders()
        finally:
            self._session.end(name, code)
            word = {DONE: "done", INTERRUPTED: "interrupted"}.get(code, f"failed (exit code {code})")
            self._outcomes[name] = Outcome(word, time.monotonic() - started)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        return code == DONE

    def _verify_folders(self) -> int:
        missing = missing_folders(self._session.project)
        for folder in missing:
            complain(f"The setup has not made {folder}.")
        return FAILED if missing else DONE

    def _sum_up(self) -> None:
        heading(f"Build session {self._session.session_id}")
        steps = table("Step", "Outcome", "Time")
        for name, outcome in self._outcomes.items():
            took = "" if outcome.seconds is None else f"{outcome.seconds:.1f} s"
            steps.add_row(TITLES[name], outcome.word, took)
        show(steps)
        output = self._session.project.output
        if output.is_dir():
            folders = table("Folder", "Pictures", "Videos")
            for folder in sorted(path for path in output.iterdir() if path.is_dir()):
                pictures, videos = (len(list(folder.glob(pattern))) for pattern in ("*.png", "*.mp4"))
                folders.add_row(f"output/{folder.name}", str(pictures), str(videos))
            show(folders)
            say(f"The package is in {output}")

    def _exit_code(self) -> int:
        """Say what is still to be done, if anything, and return the exit code."""
        if self._session.finished:
            return DONE
        failed = [name for name, step in self._session.steps.items() if step.status == "failed"]
        what = f"failed: {', '.join(TITLES[name] for name in failed)}" if failed else "not finished"
        complain(
            f"The build is {what}." if not failed else f"These steps {what}.",
            f"Its output is in {self._session.folder}. Go on with: python build.py --resume {self._session.session_id}",
        )
        return FAILED


if __name__ == "__main__":
    raise SystemExit(run(main))
