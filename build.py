#!/usr/bin/env python3
"""Builds the offline package of one language: runs the four parts in order, in a build session of its own.

Without arguments, in a terminal, it asks for everything. With --demo it builds the
English package from stand-ins for Vimeo and the presenter, without internet.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "parts"))

from _config import checked_session_id
from builds.preflight import CheckResult, check_results, report_readiness, require_ready
from builds.resume import reasons_to_run
from builds.runner import Run, summary
from builds.session import (
    ALL_STEPS,
    DECKS,
    DEFAULT_OPTIONS,
    BuildSession,
    Step,
    all_sessions,
    claim_session_id,
    load_session,
)
from builds.session_list import list_sessions, prune_sessions
from builds.steps import HANDED_ON, PACE
from cli.arguments import (
    CURRICULUM_CHOICES,
    add_output_arguments,
    addresses,
    browsers,
    days,
    names_out_of,
    pixels,
    quality,
    seconds,
    vimeo_folder,
    workers,
)
from cli.interview import ask_folder, ask_language, folder_around
from common.console import print_result
from common.errors import DONE, BuilderError, UsageError
from common.files import folder_at, make_folder
from common.prompts import ask, can_ask, confirm
from common.script import report, run
from course.language_codes import checked_language_code
from course.languages import default_vimeo_folder, find_language, site_code
from workspace.credentials import ask_for_missing_token
from workspace.home import home
from workspace.lock import exclusive, holder_of


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit codes: 0 all done; 1 something failed or is missing; 2 wrong usage; 130, 143 or 129 stopped.",
    )
    switch = argparse.BooleanOptionalAction
    what = parser.add_argument_group("what to build")
    what.add_argument(
        "-l", "--language", "--language-code", dest="language_code", metavar="CODE", help="or its name, e.g. es"
    )
    what.add_argument("-f", "--folder", metavar="DIR", help="the project becomes DIR/CODE")
    what.add_argument("--folder-id", type=vimeo_folder, metavar="ID", help="the Vimeo folder; default: the language's")
    what.add_argument("--decks", action="store_true", help="make PowerPoint files of the package, too")
    what.add_argument("--demo", action="store_const", const=True, help="build from stand-ins on this machine")
    how = parser.add_argument_group("how the build runs")
    how.add_argument("-y", "--yes", action="store_true", help="ask nothing")
    steps = ",".join(ALL_STEPS)
    how.add_argument("--skip", type=names_out_of(ALL_STEPS), metavar="STEPS", help=f"out of {steps}")
    # Those that have a --no- can be taken back when a build is resumed.
    how.add_argument("--keep-going", action=switch, help="run the later parts though one has failed")
    how.add_argument("--session-id", metavar="ID", help="the build session's name; default: drawn")
    how.add_argument("--resume", nargs="?", const="", metavar="ID", help="go on with a build; default: the last one")
    how.add_argument("--json", action="store_true", help="print a line of JSON about the build last")
    how.add_argument("--prune-sessions", type=days, metavar="DAYS", help="remove builds that rest for so long, and end")
    how.add_argument("--list-sessions", action="store_true", help="show the builds, and end")
    how.add_argument("--check", action="store_true", help="say whether what the build needs is there, and end")
    add_output_arguments(parser)
    # Without defaults: a resumed build keeps its own values but for those that are given again.
    handed = parser.add_argument_group("handed on to the parts")
    handed.add_argument("--curriculum", choices=CURRICULUM_CHOICES, help="default all")
    handed.add_argument("--width", type=pixels, metavar="N", help="of the pictures (default 3000)")
    handed.add_argument("--height", type=pixels, metavar="N", help="of the pictures (default 1680)")
    handed.add_argument("--wait", type=seconds, metavar="S", help="the longest a slide may take (default 5)")
    handed.add_argument("--browsers", type=browsers, metavar="N", help="how many side by side")
    handed.add_argument("--grid-url", type=addresses, metavar="URL", help="use the browsers of this Selenium Grid")
    handed.add_argument("--max-workers", type=workers, metavar="N", help="downloads side by side")
    handed.add_argument("--quality", type=quality, metavar="Q", help="best, source, or e.g. 720p")
    handed.add_argument("--allow-flawed", action=switch, help="keep slides that the site delivers badly")
    handed.add_argument("--allow-missing", action=switch, help="accept a package with gaps")
    return parser.parse_args(argv)


def parse_or_tell(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; if it is wrong, say so to programs as well, where they ask for it."""
    try:
        return parse(argv)
    except SystemExit as end:
        if end.code and "--json" in argv:
            print_result(json.dumps({"exit_code": end.code, "error": "The command line is wrong."}))
        raise


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    arguments = parse_or_tell(sys.argv[1:] if argv is None else argv)
    if arguments.list_sessions:
        list_sessions(arguments.json)
        return DONE
    if arguments.prune_sessions is not None:
        prune_sessions(arguments.prune_sessions, arguments.json)
        return DONE
    # Only somebody who gave no instructions at all is asked before each step.
    step_by_step = can_ask() and not (sys.argv[1:] if argv is None else argv)
    build = Build(arguments, step_by_step and not arguments.demo)
    if arguments.json:
        return build.run_with_summary()
    try:
        return build.run()
    except KeyboardInterrupt as interrupt:
        return report(interrupt, build.after_interrupt)


@contextmanager
def stand_ins() -> Iterator[None]:
    """Run the stand-ins for Vimeo and the presenter during the block."""
    try:
        from demo import StandIn
    except ModuleNotFoundError as error:
        raise BuilderError(f"The demo needs {error.name}.", "pip install -r requirements.txt") from error
    with StandIn() as stand_in:
        # The parts see only addresses.
        os.environ.update(stand_in.environment())
        yield


class Build:
    """What one call of build.py does: it prepares a build session and runs it.

    Args:
        arguments: the command line.
        step_by_step: ask before each step whether to continue.
    """

    def __init__(self, arguments: argparse.Namespace, step_by_step: bool) -> None:
        self._arguments = arguments
        self._step_by_step = step_by_step
        self._session: BuildSession | None = None
        self._check_results: Sequence[CheckResult] = ()

    @property
    def after_interrupt(self) -> str:
        """What to say after an interrupt: the same command would ask everything anew and start another build."""
        if self._session is None or not self._session.is_stored:
            return "No build was started."
        return f"What was finished is kept. Go on with: python build.py --resume {self._session.session_id}"

    def run_with_summary(self) -> int:
        """Run the build, print a line of JSON about it last, however it ends, and return its exit code."""
        problem = ""
        try:
            code = self.run()
        except (BuilderError, KeyboardInterrupt) as error:
            # Before the summary, which is the last line also where both streams go to one file.
            code = report(error, self.after_interrupt)
            problem = error.message if isinstance(error, BuilderError) else "Interrupted."
        known = summary(self._session, code, problem) if self._session else {"exit_code": code, "error": problem}
        if self._arguments.check:
            known["checks"] = [vars(finding) for finding in self._check_results]
        print_result(json.dumps(known))
        return code

    def run(self) -> int:
        """Prepare the build, run it, sum it up, and return its exit code."""
        arguments = self._arguments
        if arguments.demo:
            arguments.yes = True
        if arguments.demo and arguments.resume is None:
            arguments.language_code = arguments.language_code or "en"
            arguments.folder = arguments.folder or str(home() / "temp" / "demo")
        old = None if arguments.resume is None else session_to_resume(arguments)
        with stand_ins() if arguments.demo or (old and old.options.get("demo")) else nullcontext():
            if arguments.check:
                return self._check(old)
            return self._go_on(old) if old else self._start()

    def _check(self, old: BuildSession | None) -> int:
        self._session = with_settings(old, self._arguments)[0] if old else new_session(self._arguments)
        self._check_results = check_results(self._session)
        report_readiness(self._check_results)
        return DONE

    def _start(self) -> int:
        self._session = session = new_session(self._arguments)
        # Looked at first: who comes second is to hear of it at once.
        if holder := holder_of(session.project):
            raise holder
        unready = require_ready(session)
        make_folder(session.project.path, "Choose another --folder.")
        session.session_id = claim_session_id(self._arguments.session_id)
        try:
            with exclusive(session.project, session.session_id, "build.py"), session.held():
                session.save()
                return Run(session, self._step_by_step, None, unready).run()
        finally:
            session.discard_if_empty()

    def _go_on(self, old: BuildSession) -> int:
        self._session = old
        make_folder(old.project.path, "Choose another --folder.")
        with exclusive(old.project, old.session_id, "build.py"), old.held():
            # Only now nobody else can change its state any more.
            session, reasons = with_settings(load_session(old.session_id), self._arguments)
            self._session = session
            unready = require_ready(session)
            session.save()
            return Run(session, self._step_by_step, reasons, unready).run()


def new_session(arguments: argparse.Namespace) -> BuildSession:
    """Work out what to build, asking for what no argument gave if that is possible; the id is drawn later.

    Raises:
        BuilderError: something is missing and nobody can be asked, or a value cannot be.
    """
    may_ask = can_ask() and not arguments.yes
    if arguments.session_id is not None:
        checked_session_id(arguments.session_id, "argument --session-id")
    language_code = wanted_language(arguments, may_ask)
    folder = folder_around(wanted_folder(arguments, may_ask), language_code, may_ask)
    session = BuildSession(
        session_id="",
        language_code=language_code,
        folder_location=str(folder),
        project_path=str(folder / language_code),
        vimeo_folder_id=arguments.folder_id or default_vimeo_folder(language_code),
        options={**DEFAULT_OPTIONS, **given_options(arguments)},
    )
    add_and_skip_steps(session, arguments)
    # A check changes nothing, and so stores nothing.
    if may_ask and not arguments.check and "videos" in session.ahead:
        ask_for_missing_token()
        if not arguments.folder_id:
            confirm_vimeo_folder(session)
    return session


def add_and_skip_steps(session: BuildSession, arguments: argparse.Namespace) -> None:
    """Give a build the step that only some have, if it is asked for, and leave out what is to be left out, no more."""
    if lacks_decks(session, arguments):
        session.steps[DECKS] = Step()
    if arguments.skip is None:
        return
    for name, step in session.steps.items():
        if name in arguments.skip:
            step.status = "skipped"
        elif step.status == "skipped":
            session.steps[name] = Step()


def lacks_decks(session: BuildSession, arguments: argparse.Namespace) -> bool:
    """Say whether decks are asked for that a build was not to make before."""
    return bool(arguments.decks) and (DECKS not in session.steps or session.steps[DECKS].status == "skipped")


def given_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments that were given, of those that a resumed build needs again."""
    kept = (*HANDED_ON, "keep_going", "demo")
    return {name: value for name, value in vars(arguments).items() if name in kept and value is not None}


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
    return folder_at(given)


def confirm_vimeo_folder(session: BuildSession) -> None:
    """Let the user confirm or correct the Vimeo folder; without one, the videos are skipped."""
    language = find_language(session.language_code)
    name = language.name if language else session.language_code
    if session.vimeo_folder_id and confirm(
        f"The videos in {name} are in Vimeo folder {session.vimeo_folder_id}. Use it?"
    ):
        return
    while True:
        reply = ask(f"Number of the Vimeo folder for {name} (Enter to leave the videos out)")
        try:
            session.vimeo_folder_id = vimeo_folder(reply) if reply else None
            break
        except argparse.ArgumentTypeError as error:
            print_result(f"{error}.")
    if session.vimeo_folder_id is None:
        session.steps["videos"].status = "skipped"


def session_to_resume(arguments: argparse.Namespace) -> BuildSession:
    """Return the build to go on with: the named one, or the last unfinished one of the given language and folder.

    Raises:
        UsageError: the named one is not of that language and folder, a new id is given, or that is no language.
        BuilderError: there is none.
    """
    if arguments.session_id is not None:
        raise UsageError("--session-id names a new build, --resume goes on with an old one.", "Leave one of them out.")
    if not arguments.resume:
        return last_unfinished(arguments)
    checked_session_id(arguments.resume, "argument --resume")
    session = load_session(arguments.resume)
    if not is_meant(session, arguments):
        raise UsageError(
            f"The build session {session.session_id} is of {session.language_code} in {session.folder_location}"
            f"{' (a demo)' if session.options.get('demo') else ''}.",
            "Leave out --language, --folder and --demo, or the id after --resume.",
        )
    return session


def is_meant(session: BuildSession, arguments: argparse.Namespace) -> bool:
    """Say whether a build is of the language and folder that were given, as far as they were, and a demo if asked."""
    code = arguments.language_code and site_code(arguments.language_code.strip())
    folder = arguments.folder and str(folder_at(arguments.folder))
    if arguments.demo and not session.options.get("demo"):
        return False
    return (not code or code == session.language_code) and (not folder or folder == session.folder_location)


def with_settings(session: BuildSession, arguments: argparse.Namespace) -> tuple[BuildSession, dict[str, str]]:
    """Give a build that is resumed the settings that were given, and say for each step that has to run why.

    Args:
        session: as it was left.
        arguments: the command line.

    Returns:
        The session, with the steps that have to run pending, and the reasons by the steps' names.
    """
    given = given_options(arguments)
    changed = {name for name, value in given.items() if session.options.get(name) != value} - PACE
    if arguments.folder_id and arguments.folder_id != session.vimeo_folder_id:
        if session.vimeo_folder_id is None:
            session.steps["videos"] = Step()  # left out for want of a folder
        session.vimeo_folder_id = arguments.folder_id
        changed.add("vimeo_folder_id")
    session.options.update(given)
    add_and_skip_steps(session, arguments)
    reasons = reasons_to_run(session, changed)
    for name in reasons:
        session.steps[name].status = "pending"
    return session, reasons


def last_unfinished(arguments: argparse.Namespace) -> BuildSession:
    """Return the newest build that is not finished, of the language and folder that were given, if they were.

    Raises:
        BuilderError: there is none.
    """
    meant = [session for session in all_sessions() if is_meant(session, arguments)]
    unfinished = [session for session in meant if not session.finished or lacks_decks(session, arguments)]
    # One that is at work needs nobody to go on with it.
    at_rest = [session for session in unfinished if not session.is_alive]
    if unfinished:
        return (at_rest or unfinished)[0]
    if arguments.language_code and not meant:
        wanted_language(arguments, may_ask=False)  # what is no language is not to be looked for
    given = (arguments.language_code and f"of {arguments.language_code}", arguments.folder and f"in {arguments.folder}")
    which = " ".join(filter(None, ("unfinished build", *given)))
    raise BuilderError(f"There is no {which} to resume.", "Start one, e.g.: python build.py --language es")


if __name__ == "__main__":
    raise SystemExit(run(main))
