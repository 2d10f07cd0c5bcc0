"""Reports which packages a build could make better: as a table, as codes, as a line of JSON, and as a page."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from builds.outdated import states_of_packages
from builds.outdated_page import write_page
from builds.outdated_words import built_on, in_full, in_short
from builds.package_state import CURRENT, INCOMPLETE, OUTDATED, UNKNOWN, PackageState, as_json
from common.console import (
    QUIET,
    VERBOSE,
    counted,
    current_level,
    literal,
    on_terminal,
    print_result,
    say,
    show,
    stdout,
    table,
)
from common.errors import DONE, BuilderError, UsageError
from common.files import folder_at
from common.script import report
from course.language_codes import checked_language_code
from videos.mirror import mirror_url
from videos.renditions import MIRROR, VIMEO
from workspace.credentials import require_token
from workspace.folders import is_project

_COLOURS = {CURRENT: "green", OUTDATED: "yellow", INCOMPLETE: "bold red", UNKNOWN: "magenta"}
_HEADINGS = ("Language", "State", "What", "Built")
# Where there is no screen. What stands between the columns of a table takes three letters.
_WIDTH, _GAP = 80, 3
_DATE_LETTERS = len("2026-01-01")
_WHERE_PAGE_GOES = "Give the name of a file beside the packages: --html packages/overview.html"


def report_outdated(arguments: argparse.Namespace) -> int:
    """Compare the packages in ``--folder`` with their sources, say what a build could do, and return the exit code.

    Args:
        arguments: of build.py: ``folder``, ``language_code`` (codes, separated by commas), ``video_source``, ``html``
            and ``json``. With ``--quiet``, only the codes of the packages are printed that a build could make better.

    Raises:
        UsageError: no folder is given, a code is none, the page cannot be where it is asked for, or
            ``ZUME_MIRROR_URL`` is no address.
        BuilderError: there is no package, or one could not be looked at, which is said last.
    """
    try:
        return _report(arguments)
    except BuilderError as error:
        if not arguments.json:
            raise
        code = report(error, "")
        print_result(json.dumps({"languages": [], "error": error.message}))
        return code


def _report(arguments: argparse.Namespace) -> int:
    codes = _codes(arguments.language_code)
    folder = _folder(arguments.folder)
    page = _place_of_page(arguments.html)
    if arguments.video_source == VIMEO:
        require_token()
    elif arguments.video_source == MIRROR:
        mirror_url("")  # A wrong address is told before anybody waits for the page.
    announce = _keep_silent if arguments.json else say
    try:
        states = states_of_packages(folder, codes, arguments.video_source, announce)
    except OSError as error:
        raise BuilderError(f"{folder} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not states:
        raise BuilderError(f"There is no package in {folder}.", "Check --folder: it holds the languages' packages.")
    if page:
        write_page(page, folder, states)
    problem = _not_looked_at(states)
    if arguments.json:
        code = report(problem, "") if problem else DONE
        print_result(json.dumps({"languages": [as_json(state) for state in states]}))
        return code
    _print(states)
    if page:
        say(f"The page: {page}")
    if problem:
        raise problem
    return DONE


def _codes(text: str | None) -> list[str] | None:
    """Return the codes of the languages that are of interest, as the site writes them; None for all."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("No language is given.", "Give codes, separated by commas: --language es,fr")
    return list(dict.fromkeys(checked_language_code(name, "argument --language") for name in names))


def _folder(text: str | None) -> Path:
    if not (text or "").strip():
        raise UsageError("No folder is given.", "Give the folder of all packages with --folder DIR.")
    folder = folder_at(str(text).strip())
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise BuilderError(f"{folder} {what}.", "Check --folder: it holds the languages' packages.")
    if is_project(folder):
        raise BuilderError(f"{folder} is itself a package.", f"Give the folder above it: --folder {folder.parent}")
    return folder


def _place_of_page(text: str | None) -> Path | None:
    """Return where the page is to be, before anybody waits for it.

    Raises:
        UsageError: there is no folder for it, or only that of a package, into which nothing is written.
    """
    if text is None:
        return None
    path = folder_at(text)
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", _WHERE_PAGE_GOES)
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", _WHERE_PAGE_GOES)
    if package := next((each for each in path.parents if is_project(each)), None):
        raise UsageError(f"{path} would lie in the package {package}.", _WHERE_PAGE_GOES)
    return path


def _keep_silent(_: str) -> None:
    """Say nothing: the output is one line of JSON."""


def _not_looked_at(states: Sequence[PackageState]) -> BuilderError | None:
    """Return the error that names the packages that could not be looked at, by cause; None if there are none."""
    by_cause: dict[str, list[str]] = {}
    for state in states:
        if state.error:
            by_cause.setdefault(state.error, []).append(state.language_code)
    if not by_cause:
        return None
    wrong = sum(map(len, by_cause.values()))
    causes = (f"{', '.join(codes)}: {error}" for error, codes in by_cause.items())
    return BuilderError("\n  ".join([f"{counted(wrong, 'package')} could not be looked at.", *causes]))


def _print(states: Sequence[PackageState]) -> None:
    if current_level() == QUIET:
        for state in states:
            if state.needs_build:
                print_result(state.language_code)
        return
    width = stdout().size.width if on_terminal() else _WIDTH
    codes = max(len(_HEADINGS[0]), *(len(state.language_code) for state in states))
    words = max(len(state.state) for state in states)
    room = max(10, width - codes - words - _DATE_LETTERS - (len(_HEADINGS) - 1) * _GAP - 2)
    content = table(*_HEADINGS)
    for state in states:
        content.add_row(
            literal(state.language_code),
            f"[{_COLOURS[state.state]}]{state.state}[/]",
            literal(_cut(in_short(state), room)),
            built_on(state),
        )
    show(content)
    if current_level() == VERBOSE:
        errors = Counter(state.error for state in states)
        for state in states:
            # What is wrong with several is said once, at the end.
            alone = replace(state, error=None) if errors[state.error] > 1 else state
            for line in in_full(alone):
                print_result(f"{state.language_code}: {line}")
    say(_summary(states))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _summary(states: Sequence[PackageState]) -> str:
    counts = {each: sum(state.state == each for state in states) for each in _COLOURS}
    of_each = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{counted(len(states), 'package')}: {of_each}."
