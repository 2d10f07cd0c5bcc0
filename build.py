#!/usr/bin/env python3
"""Builds the offline package of one language: runs the parts in order, in a build session of its own.

Without arguments, in a terminal, it asks for everything. With --demo it builds the
English package without internet, from stand-ins for Vimeo and the presenter.
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
from builds.dialogue import ask_about_build, confirm_start, say_what_follows
from builds.offered_folder import folder_to_offer
from builds.preflight import CheckResult, check_results, report_readiness, require_ready
from builds.resume import session_to_resume, with_settings
from builds.runner import BuildRun, summary
from builds.session import DEFAULT_OPTIONS, BuildSession, claim_session_id, load_session
from builds.session_list import list_sessions, prune_sessions
from builds.settings import add_and_skip_steps, remember_settings, take_options
from builds.steps import STEPS
from cli.arguments import days, names_out_of
from cli.interview import ask_folder, ask_language, project_at
from cli.options import IN_PACKAGE, KEPT, add_options, add_output_options
from common.console import on_terminal, print_result
from common.errors import DONE, INSTALL_PACKAGES, BuilderError, UsageError
from common.files import folder_at, make_folder
from common.prompts import can_ask
from common.script import report, run
from common.typed import set_typed
from course.language_codes import checked_language_code
from course.languages import default_vimeo_folder
from slides.current import keeps_flawed
from workspace.credentials import store_answers
from workspace.folders import Project
from workspace.home import home
from workspace.lock import exclusive_build, holder_of
from workspace.package_settings import remembered_settings, say_as_before

# The options that --outdated reads; and it asks nothing in any case.
OF_OUTDATED = ("outdated", "folder", "language_code", "video_source", "html", "json", "quiet", "verbose", "yes")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit codes: 0 all done; 1 something failed or is missing; 2 wrong usage; 130, 143 or 129 stopped.",
    )
    what = parser.add_argument_group("what to build")
    add_options(what, ("language_code", "folder", "folder_id"))
    add_options(what, ("decks", "demo"))
    how = parser.add_argument_group("how the build runs")
    how.add_argument("-y", "--yes", action="store_true", help="ask nothing")
    steps = tuple(STEPS)
    how.add_argument(
        "--skip",
        type=names_out_of(steps),
        metavar="STEPS",
        help=f"steps to leave out, separated by commas: {', '.join(steps)}",
    )
    add_options(how, ("keep_going", "session_id"))
    how.add_argument(
        "--resume", nargs="?", const="", metavar="ID", help="continue a build (default: the last unfinished one)"
    )
    how.add_argument("--json", action="store_true", help="end the output with a line of JSON about the build")
    how.add_argument(
        "--prune-sessions",
        type=days,
        metavar="DAYS",
        help="remove build sessions that have been idle for DAYS days, then exit",
    )
    how.add_argument("--list-sessions", action="store_true", help="list all builds, then exit")
    how.add_argument(
        "--check", action="store_true", help="check that everything the build needs is in place, then exit"
    )
    how.add_argument(
        "--report",
        metavar="FILE",
        help="with --check: also write a text to send to those who look after this program; it has nothing private",
    )
    how.add_argument(
        "--outdated",
        action="store_true",
        help="say of each package in the folder whether a build could make it better, then exit; "
        "takes several languages, separated by commas",
    )
    how.add_argument("--html", metavar="FILE", help="with --outdated: also write a page over all packages")
    add_output_options(parser)
    # Without defaults, so that a resumed build can tell what is given again.
    handed_on = parser.add_argument_group(
        "passed on to the parts", "A resumed build keeps its own values, except those that you give again."
    )
    add_options(handed_on, (option.name for option in KEPT if option.parts))
    return parser.parse_args(argv)


def require_sense(arguments: argparse.Namespace) -> None:
    """Make sure that no option is given beside another one that leaves no sense to it.

    Raises:
        UsageError: one is.
    """
    if arguments.html is not None and not arguments.outdated:
        raise UsageError("--html is only for --outdated.", "It writes a page over all packages of a folder.")
    if arguments.report is not None and not arguments.check:
        raise UsageError("--report is only for --check.", "It writes a text about what the check has found.")
    for name, value in vars(arguments).items() if arguments.outdated else ():
        if name not in OF_OUTDATED and value not in (None, False):
            raise UsageError(
                f"--outdated cannot be given together with --{name.replace('_', '-')}.",
                "It compares each package with what that was last built with, and builds nothing. Give one of them.",
            )


def parse_or_tell(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; if it is wrong and JSON is asked for, say so in JSON as well."""
    try:
        arguments = parse(argv)
        require_sense(arguments)
        return arguments
    except (SystemExit, UsageError) as end:
        code = end.exit_code if isinstance(end, UsageError) else end.code
        if code and "--json" in argv:
            print_result(json.dumps({"exit_code": code, "error": "The command line is wrong."}))
        raise


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    set_typed(lambda: True)
    arguments = parse_or_tell(sys.argv[1:] if argv is None else argv)
    if arguments.list_sessions:
        list_sessions(arguments.json)
        return DONE
    if arguments.prune_sessions is not None:
        prune_sessions(arguments.prune_sessions, arguments.json)
        return DONE
    if arguments.outdated:
        from builds.outdated_report import report_outdated

        return report_outdated(arguments)
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
        raise BuilderError(f"The demo needs {error.name}.", INSTALL_PACKAGES) from error
    with StandIn() as stand_in:
        # The parts see only addresses. That of the mirror they find in the page, unless one is set.
        os.environ.update(stand_in.environment() | {"ZUME_MIRROR_URL": ""})
        yield


class Build:
    """One call of build.py: it prepares a build session and runs it.

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
        """What to say after an interrupt. To repeat the command would start another build."""
        if self._session is None or not self._session.is_stored:
            return "No build was started."
        return f"What is finished is kept. Continue with: python build.py --resume {self._session.session_id}"

    def run_with_summary(self) -> int:
        """Run the build, then print a line of JSON about it, however it ends, and return its exit code."""
        problem = ""
        try:
            code = self.run()
        except (BuilderError, KeyboardInterrupt) as error:
            # Before the summary, which has to be the last line even if both streams go to one file.
            code = report(error, self.after_interrupt)
            problem = error.message if isinstance(error, BuilderError) else "Interrupted."
        known = summary(self._session, code, problem) if self._session else {"exit_code": code, "error": problem}
        if self._arguments.check:
            known["checks"] = [vars(result) for result in self._check_results]
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
        with stand_ins() if arguments.demo or (old and old.option("demo")) else nullcontext():
            if arguments.check:
                return self._check(old)
            return self._go_on(old) if old else self._start()

    def _check(self, old: BuildSession | None) -> int:
        self._session = with_settings(old, self._arguments)[0] if old else new_session(self._arguments)
        if self._arguments.report is None:
            self._check_results = check_results(self._session)
        else:
            from builds.report import check_with_report

            self._check_results = check_with_report(self._session, self._arguments.report)
        report_readiness(self._check_results)
        return DONE

    def _start(self) -> int:
        self._session = session = new_session(self._arguments, self._step_by_step)
        store_answers()
        # First of all, so that the second of two builds learns at once that it has to wait.
        if holder := holder_of(session.project):
            raise holder
        unready = require_ready(session)
        make_folder(session.project.path, "Choose another --folder.")
        session.session_id = claim_session_id(self._arguments.session_id)
        try:
            with exclusive_build(session.project, session.session_id), session.held():
                remember_settings(session, self._arguments)
                session.save()
                return BuildRun(session, self._step_by_step, None, unready).run()
        finally:
            session.discard_if_empty()

    def _go_on(self, old: BuildSession) -> int:
        self._session = old
        make_folder(old.project.path, "Choose another --folder.")
        with exclusive_build(old.project, old.session_id), old.held():
            # Read it again: from now on nobody else can change its state.
            session, reasons = with_settings(load_session(old.session_id), self._arguments)
            self._session = session
            unready = require_ready(session)
            remember_settings(session, self._arguments)
            session.save()
            return BuildRun(session, self._step_by_step, reasons, unready).run()


def new_session(arguments: argparse.Namespace, step_by_step: bool = False) -> BuildSession:
    """Work out what to build, and ask for what no argument gives, if possible. The id is chosen later.

    Args:
        arguments: the command line; it gets the answers.
        step_by_step: whether somebody is asked before the first step in any case.

    Raises:
        Quit: the user leaves a question.
        BuilderError: a value is missing and nobody can be asked for it, or a value is wrong.
    """
    may_ask, given = can_ask() and not arguments.yes, dict(vars(arguments))
    if arguments.session_id is not None:
        checked_session_id(arguments.session_id, "argument --session-id")
    language_code = wanted_language(arguments, may_ask)
    project = project_at(wanted_folder(arguments, may_ask), language_code, may_ask)
    before = settings_as_before(project, arguments)
    session = BuildSession(
        session_id="",
        language_code=language_code,
        folder_location=str(project.path.parent),
        project_path=str(project.path),
        vimeo_folder_id=arguments.folder_id or before.get("folder_id") or default_vimeo_folder(language_code),
        options={**DEFAULT_OPTIONS, **{option.name: before[option.name] for option in KEPT if option.name in before}},
    )
    take_options(session, arguments)
    add_and_skip_steps(session, arguments.decks or before.get("decks", False), arguments.skip)
    # A check changes nothing, and so stores nothing.
    sizes = ask_about_build(session, arguments) if may_ask and not arguments.check else None
    left_open = {name: value for name, value in before.items() if getattr(arguments, name) is None}
    say_as_before(left_open, "" if on_terminal() else f"{language_code}: ")
    if vars(arguments) != given:
        say_what_follows(session, arguments, sizes)
        if not (step_by_step or arguments.check):
            confirm_start()
    return session


def settings_as_before(project: Project, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the package was last built with, as far as no argument says otherwise."""
    open_names = {option.name for option in IN_PACKAGE if getattr(arguments, option.name) is None}
    before = remembered_settings(project, open_names)
    if "allow_flawed" not in before and keeps_flawed(project):
        before["allow_flawed"] = True
    return {name: value for name, value in before.items() if name in open_names}


def wanted_language(arguments: argparse.Namespace, may_ask: bool) -> str:
    """Return the language's code as the site writes it."""
    given = (arguments.language_code or "").strip()
    if not given and may_ask:
        arguments.language_code = ask_language()
        return str(arguments.language_code)
    if not given:
        raise BuilderError("No language is given.", "Give it with --language CODE, e.g. --language es.")
    return checked_language_code(given, "argument --language")


def wanted_folder(arguments: argparse.Namespace, may_ask: bool) -> Path:
    """Return the folder that holds the languages' projects."""
    given = (arguments.folder or "").strip()
    if not given and may_ask:
        folder = ask_folder(folder_to_offer())
        arguments.folder = str(folder)
        return folder
    if not given:
        raise BuilderError("No folder is given.", "Give it with --folder DIR; the project becomes DIR/CODE.")
    return folder_at(given)


if __name__ == "__main__":
    raise SystemExit(run(main))
