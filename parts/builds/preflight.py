"""Checks before a build what it needs, so that it does not fail after an hour for a reason known at the start."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from builds.check_changes import check_changes, has_pictures
from builds.services import (
    asks_vimeo,
    check_scopes,
    check_site,
    check_videos,
    find_tools_of,
    grid_urls,
    space_for_slides,
)
from builds.session import BuildSession
from cli.options import RENAME, SETUP, SLIDES, VIDEOS
from common.console import literal, show, table, warn
from common.errors import INSTALL_PACKAGES, BuilderError, CheckWarning
from common.files import nearest_folder, require_makeable
from common.formats import file_size
from common.path_length import require_short_path
from course.languages import find_language, has_three_circles
from package.old_output import about_old, why_not_ours
from package.project_records import require_language
from slides.chrome import INSTALL_DRIVER
from slides.fonts import INSTALL_FONTS, families_with, has_fontconfig, letters_of
from slides.grid import look_at
from slides.memory import BROWSER_MEMORY, default_browsers, free_memory
from videos.renditions import MIRROR, VIMEO
from workspace.credentials import TOKEN, has_token, mask, require_token
from workspace.folders import required_folders
from workspace.home import home
from workspace.lock import holder_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
_COLOURS = {"ok": "green", "warning": "yellow", "error": "bold red"}


@dataclass(frozen=True)
class Check:
    """One thing to check.

    Attributes:
        name: as it is shown.
        run: looks, and returns what it found or raises what is wrong.
        step: the only step that needs it; empty if the whole build does.
    """

    name: str
    run: Callable[[], str]
    step: str = ""


@dataclass(frozen=True)
class CheckResult:
    """What a check has shown.

    Attributes:
        check: its name.
        result: ok, warning or error.
        text: what was found, and what to do.
        message: what is wrong, without what to do.
    """

    check: str
    result: str
    text: str
    message: str = ""


@dataclass(frozen=True)
class CheckRun:
    """How a check went.

    Attributes:
        result: what it has shown.
        seconds: how long it took.
        error: what it raised, if it found something wrong.
    """

    result: CheckResult
    seconds: float
    error: BuilderError | None


def require_ready(session: BuildSession) -> dict[str, BuilderError]:
    """Check quickly what the steps ahead need; a mere warning stops nothing.

    Returns:
        If the build keeps going: what is wrong for single steps, by their names.

    Raises:
        BuilderError: the first thing that is missing.
    """
    unready: dict[str, BuilderError] = {}
    for check in _quick_checks(session):
        try:
            _run(check)
        except CheckWarning as warning:
            warn(f"{session.language_code}: {warning.message} {warning.remedy}")
        except BuilderError as error:
            if not check.step or not session.option("keep_going"):
                raise
            unready.setdefault(check.step, error)
    return unready


def check_results(session: BuildSession) -> list[CheckResult]:
    """Check all that the steps ahead need, over the network as well, and change nothing."""
    return [run.result for run in check_runs(session)]


def check_runs(session: BuildSession) -> list[CheckRun]:
    """Check as ``check_results`` does, and return how each check went."""
    return [_run_of(check) for check in (*_quick_checks(session), *_slow_checks(session))]


def report_readiness(results: Sequence[CheckResult]) -> None:
    """Show the results as a table.

    Raises:
        BuilderError: something is missing or wrong.
    """
    content = table("Check", "Result", "What was found, and what to do")
    for each in results:
        content.add_row(each.check, f"[{_COLOURS[each.result]}]{each.result}[/]", literal(each.text))
    show(content)
    wrong = [f"{each.check}: {each.message}" for each in results if each.result == "error"]
    if wrong:
        raise BuilderError(
            "\n  ".join(["Something that the build needs is missing or wrong.", *wrong]), "The table says what to do."
        )


def _run_of(check: Check) -> CheckRun:
    began = time.monotonic()
    problem = None
    try:
        result = CheckResult(check.name, "ok", _run(check))
    except BuilderError as error:
        problem, word = error, "warning" if isinstance(error, CheckWarning) else "error"
        result = CheckResult(check.name, word, f"{error.message} {error.remedy}".strip(), error.message)
    return CheckRun(result, time.monotonic() - began, problem)


def _run(check: Check) -> str:
    """Return what a check found; a file that cannot be looked at is an error like any other."""
    try:
        return check.run()
    except OSError as error:
        raise BuilderError(
            f"{error.filename or error}: {error.strerror}.", "Check the path and its permissions."
        ) from error


def _quick_checks(session: BuildSession) -> Iterator[Check]:
    """Yield the checks that take no time and no network."""
    yield Check("Python", _python)
    yield Check("Builder's folder", _home)
    yield Check("Project folder", partial(_project_folder, session))
    if RENAME in session.ahead and (why := _why_not_ours(session)):
        yield Check("Old output", partial(_old_output, session, why), RENAME)
    if VIDEOS in session.ahead:
        yield from _vimeo_checks(session)
    if SLIDES in session.ahead:
        yield Check("Edition", partial(_edition, session), SLIDES)
        yield Check("Disk", partial(_space, session), SLIDES)
        if not grid_urls(session):
            yield Check("Memory", partial(_memory, session), SLIDES)
            yield Check("Browser", partial(_browser, session), SLIDES)
            yield Check("Fonts", partial(_fonts, session), SLIDES)


def _vimeo_checks(session: BuildSession) -> Iterator[Check]:
    """Yield what Vimeo needs, as far as it is asked at all; without a token, the folder does not matter."""
    if session.option("video_source") == MIRROR:
        return
    if asks_vimeo(session):
        yield Check("Vimeo folder", partial(_vimeo_folder, session), VIDEOS)
    yield Check("Vimeo token", partial(_token, session), VIDEOS)


def _slow_checks(session: BuildSession) -> Iterator[Check]:
    """Yield the checks that take longer, or that only --check is for."""
    yield Check("Packages", _packages)
    # A build that starts takes the lock itself, or is told who has it.
    yield Check("Other builds", partial(_lock, session))
    if VIDEOS in session.ahead:
        if asks_vimeo(session):
            yield Check("Token scopes", partial(check_scopes, session), VIDEOS)
        yield Check("Videos", partial(check_videos, session), VIDEOS)
    if SLIDES in session.ahead:
        for url in grid_urls(session):
            yield Check("Grid", partial(look_at, url), SLIDES)
        yield Check("Site", partial(check_site, session), SLIDES)
        if has_pictures(session):
            yield Check("Changes", partial(check_changes, session), SLIDES)


def _python() -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    missing = [requirement.name for requirement in required_packages() if not _installed(requirement.name)]
    if missing:
        raise BuilderError(f"Packages are missing: {', '.join(missing)}.", INSTALL_PACKAGES)
    return f"Python {version}, all packages"


def _packages() -> str:
    misfits = [misfit for requirement in required_packages() if (misfit := _misfit(requirement))]
    if misfits:
        raise CheckWarning(f"Packages do not fit: {', '.join(misfits)}.", INSTALL_PACKAGES)
    return "versions match requirements.txt"


def required_packages() -> list[Requirement]:
    """Return the packages that a build needs, as requirements.txt has them: the part before the demo's."""
    from packaging.requirements import Requirement

    needed, _, _ = _REQUIREMENTS.read_text(encoding="utf-8").partition("# For the demo")
    return [Requirement(line) for line in needed.splitlines() if line and not line.startswith("#")]


def _installed(name: str) -> str:
    """Return the version of a package, or nothing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _misfit(requirement: Requirement) -> str:
    """Return what is wrong with the installed release of a package, or nothing. A missing one has its own check."""
    version = _installed(requirement.name)
    if not version or requirement.specifier.contains(version, prereleases=True):
        return ""
    bounds = [bound for bound in requirement.specifier if not bound.contains(version, prereleases=True)]
    amiss = "new" if any(bound.operator.startswith("<") for bound in bounds) else "old"
    tried = ",".join(sorted(map(str, requirement.specifier), reverse=True))
    return f"{requirement.name} {version} is too {amiss} (tried: {tried})"


def _home() -> str:
    folder = home() / "temp"
    require_makeable(folder, "set ZUME_HOME to a folder of your own.")
    return str(folder)


def _project_folder(session: BuildSession) -> str:
    project, instead = session.project, "choose another --folder."
    if SETUP not in session.ahead and not project.path.is_dir():
        raise BuilderError(f"The project folder {project.path} does not exist.", "Do not skip the setup.")
    require_short_path(project.path)
    # An old output is only renamed.
    output = () if _why_not_ours(session) else (project.output,)
    for folder in (project.path, *required_folders(project), *output):
        require_makeable(folder, instead)
    require_language(project, session.language_code)
    return str(project.path)


def _why_not_ours(session: BuildSession) -> str:
    """Return why the output that is there gets another name, or nothing if it does not or nobody can say."""
    # Whatever else is wrong with it stands in the row of the project folder.
    with suppress(BuilderError, OSError):
        return why_not_ours(session.project.output)
    return ""


def _old_output(session: BuildSession, why: str) -> str:
    raise CheckWarning(why, about_old(session.project.output))


def _space(session: BuildSession) -> str:
    free = shutil.disk_usage(nearest_folder(session.project.path)).free
    if free < space_for_slides(session):
        raise CheckWarning(
            f"{file_size(free)} are free; the pictures of all slides may need {file_size(space_for_slides(session))}.",
            "Free space, or make the pictures smaller: --width, --height",
        )
    return f"{file_size(free)} free"


def _memory(session: BuildSession) -> str:
    free, count = free_memory(), session.option("browsers") or default_browsers()
    if free < count * BROWSER_MEMORY:
        who = "a browser" if count == 1 else f"each of the {count} browsers"
        raise CheckWarning(
            f"Only {file_size(free)} of memory is free; {who} needs {file_size(BROWSER_MEMORY)}.",
            "End other programs or builds, use fewer browsers (--browsers), or use those of a Grid (--grid-url).",
        )
    return f"{file_size(free)} free; browsers: {count} x {file_size(BROWSER_MEMORY)}"


def _lock(session: BuildSession) -> str:
    holder = holder_of(session.project)
    if holder:
        raise holder
    return "no other build uses this project"


def _vimeo_folder(session: BuildSession) -> str:
    from videos.sources import HOW_TO_NAME_FOLDER, without_folder

    if session.vimeo_folder_id:
        return session.vimeo_folder_id
    if session.option("video_source") == VIMEO:
        raise BuilderError(
            f"No Vimeo folder is known for the language {session.language_code}.",
            f"{HOW_TO_NAME_FOLDER}, take the videos from the site's public mirror (--video-source mirror), "
            "or leave out the videos: --skip videos",
        )
    raise CheckWarning(*without_folder(session.language_code))


def _token(session: BuildSession) -> str:
    from videos.sources import WITHOUT_TOKEN

    if session.option("video_source") == VIMEO or has_token():
        return f"{TOKEN} ({mask(require_token())})"
    raise CheckWarning(*WITHOUT_TOKEN)


def _edition(session: BuildSession) -> str:
    language = find_language(session.language_code)
    edition = "three circles" if has_three_circles(session.language_code) else "classic"
    if language is None:
        message = f"{session.language_code} is not in the list of languages."
        raise CheckWarning(message, "Check the code. Only the site knows the edition and the letters of this language.")
    return f"{language.name} has the {edition} edition"


def _browser(session: BuildSession) -> str:
    tools = find_tools_of(session)
    if tools is None:
        raise CheckWarning(
            "No driver on this machine fits the browser; one is fetched when it is needed.", INSTALL_DRIVER
        )
    return str(tools)


def _fonts(session: BuildSession) -> str:
    """Look for fonts with the letters of the language's own name: without them every letter is an empty box."""
    letters = letters_of(session.language_code)
    if not letters:
        return "the letters of this language are not known"
    if not has_fontconfig():
        return "the browser is asked before the first picture"
    found = families_with(letters)
    # Each letter may come from another font.
    lacking = [] if found else [letter for letter in letters if not families_with([letter])]
    if lacking:
        raise BuilderError(
            f"No font on this machine has the letters {''.join(lacking)}: they would become empty boxes.",
            INSTALL_FONTS,
        )
    return f"{''.join(letters[:8])}: {found[0] if found else 'several fonts'} and others"
