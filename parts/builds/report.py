"""The report of a check: a text that a user can read, and send to those who look after this program.

It is made of what is known to be harmless, and of nothing else: names and words out of lists that this program has,
and numbers that count or measure. Nothing that a service, a user or the machine has named gets into it as it is.
"""

from __future__ import annotations

import tempfile
import textwrap
import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from builds.exchanges import about_exchanges, by_service, host_in_words
from builds.machine_facts import about_file_system, about_system, about_versions
from builds.page_facts import about_page
from builds.preflight import CheckResult, CheckRun, check_runs
from builds.report_requests import (
    Beginning,
    PageLook,
    a_download_link,
    a_mirror_video,
    ask_for_beginning,
    look_at_page,
    services_now,
)
from builds.session import BuildSession
from builds.steps import STEPS
from cli.options import SLIDES, VIDEOS
from common.console import say
from common.errors import BuilderError, UsageError
from common.files import folder_at, write_atomically
from common.formats import now
from common.watched_http import Exchange, watching
from course.languages import default_vimeo_folder, find_language
from videos.renditions import VIMEO
from workspace.credentials import TOKEN, has_token, is_from_environment
from workspace.folders import is_project

_WIDTH = 80
_PARTS = Path(__file__).resolve().parents[1]
_WHERE_IT_GOES = "Give the name of a file beside the packages: --report packages/report.txt"
_MOST_CAUSES = 5
_HEAD = """\
Zúme slide builder: report of a check
=====================================

Made by "build.py --check --report" on {time}.
Nothing was sent anywhere. Please read it before you send it to those from whom
you have this program.

{verdict}

What is in it: versions, the system, how each check went, and how the answers
of Vimeo, of the site and of the mirror are built: the names of fields, the
kinds of values, how many there are, and how large.

What is not in it: tokens, links, titles, texts, names and addresses of people,
the name of this machine, the names of your files and folders, the number of the
Vimeo folder. A name that this program does not know is replaced by <key>, a
word that it does not know by "other".
"""
_HOW_TO_READ = """\

How to read it: 200 and 206 are good answers, 302 leads on to another server,
401, 403 and 404 mean no, 429 asks for a pause, 500 and above is a failure of
the service. Headers and fields are told by their names. After a field stands
what kind of value it has, and in how many of the places where it could be.
A few fields have more: how many entries a list has, how large numbers are, or
how often there was a word that this program knows.
"""


def check_with_report(session: BuildSession, file: str) -> list[CheckResult]:
    """Check all that the steps ahead need, and write a report about it.

    Args:
        session: the build.
        file: where the report goes; it replaces what is there.

    Returns:
        What the checks have shown.

    Raises:
        UsageError: the report cannot be there.
        BuilderError: it cannot be written.
    """
    path = _place_of_report(file, session.project.path)
    seen: list[Exchange] = []
    with watching(seen.append):
        runs = check_runs(session)
        page = look_at_page(session.language_code) if _asks(session) else PageLook()
    text = "\n".join(_wrapped(_lines(session, runs, page, seen, path.parent))) + "\n"
    write_atomically(path, text.encode(errors="replace"))
    say(f"The report: {path}\nPlease read it before you send it.")
    return [run.result for run in runs]


def _place_of_report(text: str, project: Path) -> Path:
    """Return where the report is to be, before anybody waits for it.

    Raises:
        UsageError: it cannot be there.
        BuilderError: nothing can be written there.
    """
    path = folder_at(text)
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", _WHERE_IT_GOES)
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise UsageError(f"{path} is {'a folder' if path.is_dir() else 'no file'}.", _WHERE_IT_GOES)
    above = path.resolve().parents
    if package := next((each for each in above if is_project(each) or each == project.resolve()), None):
        raise UsageError(f"{path} would lie in the package {package}.", _WHERE_IT_GOES)
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return path
    except OSError as error:
        raise BuilderError(
            f"{path} cannot be written: {error.strerror}.", "Free some space, or choose another --report."
        ) from error


def _asks(session: BuildSession) -> bool:
    return VIDEOS in session.ahead or SLIDES in session.ahead


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that are not too long to be read; what is left of one goes on further to the right."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        folded = textwrap.wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        yield from folded or [""]


def _lines(
    session: BuildSession, runs: Sequence[CheckRun], page: PageLook, seen: Sequence[Exchange], folder: Path
) -> Iterator[str]:
    """Yield the report."""
    yield from _HEAD.format(time=now(), verdict=_verdict(runs)).splitlines()
    yield from _section("1. Versions", about_versions(session))
    yield from _section("2. System", about_system())
    yield from _section("3. Where the packages are", about_file_system(session.project.path, folder))
    yield from _section("4. What was checked", _about_wishes(session))
    yield from _section("5. Checks", _about_checks(runs))
    yield from _section("6. What the services answered", _about_answers(session, page, seen))
    yield from _section("7. The presenter's page", _about_page(session, page))


def _verdict(runs: Sequence[CheckRun]) -> str:
    """Return how the checks went together, in a line."""
    results = {word: [run.result.check for run in runs if run.result.result == word] for word in ("error", "warning")}
    found = [f"{word} in {', '.join(names)}" for word, names in results.items() if names]
    return f"Of {len(runs)} checks: {'; '.join(found)}." if found else f"All {len(runs)} checks went well."


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", title, "-" * len(title))
    yield from lines


def _about_wishes(session: BuildSession) -> Iterator[str]:
    language = find_language(session.language_code)
    yield f"language: {language.code if language else 'one that is not in the list'}"
    yield f"steps: {', '.join(name for name in STEPS if name in session.ahead)}"
    yield f"videos from: {session.option('video_source')}"
    yield f"pictures: {int(session.option('width'))} x {int(session.option('height'))}"
    own = default_vimeo_folder(session.language_code)
    folder = "from languages.json" if session.vimeo_folder_id == own else "given"
    yield f"Vimeo folder: {folder if session.vimeo_folder_id else 'none'}"
    yield f"Vimeo token: {_token()}"


def _token() -> str:
    try:
        is_there = has_token()
    except BuilderError:
        return "its file cannot be read"
    return f"from {'the environment' if is_from_environment(TOKEN) else '.env'}" if is_there else "none"


def _about_checks(runs: Sequence[CheckRun]) -> Iterator[str]:
    for run in runs:
        why = f"  {_cause(run.error)}" if run.error else ""
        yield f"{run.result.check:<16} {run.result.result:<8} {run.seconds:6.2f} s{why}".rstrip()
    yield f"{'all of them':<16} {'':<8} {sum(run.seconds for run in runs):6.2f} s"


def _cause(error: BaseException) -> str:
    """Return what kind of error it is, and where in this program it was raised; its text may hold anything."""
    frames = ((Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__))
    places = [f"{file.relative_to(_PARTS).as_posix()}, line {line}" for file, line in frames if _is_ours(file)]
    kinds: list[str] = []
    each: BaseException | None = error
    while each is not None and len(kinds) < _MOST_CAUSES:
        kinds.append(type(each).__name__)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return f"{' because of '.join(kinds)} ({places[-1] if places else 'elsewhere'})"


def _is_ours(file: Path) -> bool:
    return file.is_relative_to(_PARTS)


def _about_answers(session: BuildSession, page: PageLook, seen: Sequence[Exchange]) -> Iterator[str]:
    services = services_now(page)
    yield f"Vimeo is {_at(services.vimeo)}, the site {_at(services.site)}, the mirror {_at(services.mirror)}."
    yield from _HOW_TO_READ.splitlines()
    for title, exchanges in by_service(seen, services).items():
        yield from ("", *about_exchanges(title, exchanges))
    if VIDEOS not in session.ahead:
        return
    link = a_download_link(seen)
    vimeo = ask_for_beginning(link) if link else None
    yield from _about_beginning("Vimeo's delivery servers: the first kilobyte of one video", vimeo)
    video = (
        "" if session.option("video_source") == VIMEO else a_mirror_video(session.language_code, page, services, seen)
    )
    yield from _about_beginning(
        "the mirror: the first kilobyte of one video", ask_for_beginning(video) if video else None
    )


def _at(url: str) -> str:
    return host_in_words(url) if url else "not known"


def _about_beginning(title: str, beginning: Beginning | None) -> Iterator[str]:
    yield ""
    if beginning is None:
        yield from (title, "  not tried: there was no link to one")
    elif not beginning.exchanges:
        yield from (title, f"  {beginning.outcome}")
    else:
        yield from about_exchanges(title, beginning.exchanges)
        yield f"  {beginning.outcome}"


def _about_page(session: BuildSession, page: PageLook) -> list[str]:
    if not _asks(session):
        return ["not asked for: neither videos nor slides are ahead"]
    if page.failure:
        return [f"it did not come ({page.failure})"]
    return about_page(session.language_code, page.text, page.address)
