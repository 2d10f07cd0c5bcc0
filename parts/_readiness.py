"""Says before a build starts what is missing for it, so that nothing fails after an hour that was known at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path

from _chrome import INSTALL_DRIVER, find_tools
from _console import literal, megabytes, say, show, table, warn
from _credentials import TOKEN, mask, require_token
from _curriculum import CURRICULA
from _errors import BuilderError
from _languages import find_language, has_three_circles
from _project import holder_of
from _session import BuildSession

OLDEST_PYTHON = (3, 10)
_REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
# The pictures of a language in full size take 185 MB in the demo's course; links to them take nothing.
_SPACE_FOR_SLIDES = 300_000_000
_SITE_SECONDS = 10
_COLOURS = {"ok": "green", "warning": "yellow", "error": "bold red"}


class Doubt(BuilderError):
    """Something that may go wrong, but need not."""


Row = tuple[str, Callable[[], str]]


def require_ready(session: BuildSession) -> None:
    """Check quickly what the steps ahead need; doubts are only said.

    Raises:
        BuilderError: the first thing that is missing.
    """
    for _, look in _quick_rows(session):
        try:
            _looked(look)
        except Doubt as doubt:
            warn(f"{doubt.message} {doubt.remedy}")


def report_readiness(session: BuildSession) -> None:
    """Check all that the steps ahead need, also over the network, and show it as a table; nothing is changed.

    Raises:
        BuilderError: not all of it is there.
    """
    content = table("Check", "Result", "What was found, and what to do")
    wrong = []
    for name, look in [*_quick_rows(session), *_slow_rows(session)]:
        result = "ok"
        try:
            found = _looked(look)
        except BuilderError as error:
            result = "warning" if isinstance(error, Doubt) else "error"
            found = f"{error.message} {error.remedy}".strip()
            if result == "error":
                wrong.append(f"{name}: {error.message}")
        content.add_row(name, f"[{_COLOURS[result]}]{result}[/]", literal(found))
    show(content)
    if wrong:
        raise BuilderError("\n  ".join(["Not everything is there.", *wrong]), "What to do stands in the table.")


def _looked(look: Callable[[], str]) -> str:
    """Return what a check found; what cannot be looked at is an error like any other."""
    try:
        return look()
    except OSError as error:
        raise BuilderError(f"{error.filename or error}: {error.strerror}.", "Check the path and its rights.") from error


def _ahead(session: BuildSession) -> set[str]:
    return {name for name, step in session.steps.items() if step.status not in ("done", "skipped")}


def _quick_rows(session: BuildSession) -> Iterator[Row]:
    """Yield one check for each thing that can be looked at on this machine in no time.

    A check returns what it found, or raises what is wrong.
    """
    ahead = _ahead(session)
    yield "Python", _python
    yield "Project folder", partial(_project_folder, session, made_by_setup="setup" in ahead)
    yield "Other builds", partial(_lock, session)
    if "videos" in ahead:
        yield "Vimeo folder", partial(_vimeo_folder, session)
        yield "Vimeo token", _token
    if "slides" in ahead:
        yield "Edition", partial(_edition, session)
        if not session.options.get("grid_url"):
            yield "Browser", _browser
            yield "Fonts", partial(_fonts, session)


def _slow_rows(session: BuildSession) -> Iterator[Row]:
    """Yield one check for each thing that takes longer, or is only of interest to who asks."""
    ahead = _ahead(session)
    yield "Packages", _packages
    if "videos" in ahead:
        yield "Vimeo", partial(_videos, session)
    if "slides" in ahead:
        yield "Site", partial(_site, session)


def _python() -> str:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        raise BuilderError(f"Python {version} is too old.", "Use Python 3.10 or newer.")
    missing = [text for text in _required_packages() if not _installed(text)]
    if missing:
        raise BuilderError(f"Packages are missing: {', '.join(missing)}.", "pip install -r requirements.txt")
    return f"Python {version}, all packages"


def _packages() -> str:
    old = [text for text in _required_packages() if not _is_new_enough(text)]
    if old:
        raise Doubt(f"Packages are too old: {', '.join(old)} is needed.", "pip install -r requirements.txt")
    return "as requirements.txt wants them"


def _required_packages() -> list[str]:
    """Return the packages that a build needs, as requirements.txt has them: the part before the demo's."""
    needed, _, _ = _REQUIREMENTS.read_text(encoding="utf-8").partition("# For the demo")
    return [line for line in needed.splitlines() if line and not line.startswith("#")]


def _installed(requirement: str) -> str:
    """Return the version of a required package, or nothing."""
    try:
        return metadata.version(requirement.partition(">=")[0])
    except metadata.PackageNotFoundError:
        return ""


def _is_new_enough(requirement: str) -> bool:
    return _numbers(_installed(requirement)) >= _numbers(requirement.partition(">=")[2])


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _project_folder(session: BuildSession, made_by_setup: bool) -> str:
    path = session.project.path
    if not made_by_setup and not path.is_dir():
        raise BuilderError(f"The project folder {path} does not exist.", "Do not skip the setup.")
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not existing.is_dir():
        raise BuilderError(f"{existing} is a file, not a folder.", "Choose another --folder.")
    if not os.access(existing, os.W_OK):
        raise BuilderError(f"{existing} cannot be written.", "Change its rights, or choose another --folder.")
    return f"{path}, {megabytes(shutil.disk_usage(existing).free)} free"


def _lock(session: BuildSession) -> str:
    holder = holder_of(session.project)
    if holder:
        raise holder
    return "none works on this project"


def _vimeo_folder(session: BuildSession) -> str:
    if not session.vimeo_folder_id:
        raise BuilderError(
            f"No Vimeo folder is known for the language {session.language_code}.",
            "Give its number by --folder-id, or leave the videos out: --skip videos",
        )
    return session.vimeo_folder_id


def _token() -> str:
    return f"{TOKEN} ({mask(require_token())})"


def _edition(session: BuildSession) -> str:
    language = find_language(session.language_code)
    edition = "three circles" if has_three_circles(session.language_code) else "classic"
    if language is None:
        raise Doubt(f"{session.language_code} is not in the list of languages.", "Check the code.")
    return f"{language.name} has the {edition} edition"


def _browser() -> str:
    tools = find_tools(may_fetch=False)
    if tools is None:
        raise Doubt("No driver on this machine fits the browser; one is fetched when it is needed.", INSTALL_DRIVER)
    return str(tools)


def _fonts(session: BuildSession) -> str:
    """Look for fonts with the letters of the language's own name: without them every letter is an empty box."""
    language = find_language(session.language_code)
    letters = sorted({letter for letter in language.native_name if letter.isalpha()}) if language else []
    if not letters:
        return "the letters of this language are not known"
    if not shutil.which("fc-list"):
        raise Doubt("Whether there are fonts cannot be told without fontconfig.", "Look at a few pictures.")
    found = _families_with(letters)
    # Each letter may come from another font.
    lacking = [] if found else [letter for letter in letters if not _families_with([letter])]
    if lacking:
        raise BuilderError(
            f"No font on this machine has the letters {''.join(lacking)}: they would become empty boxes.",
            "On Debian: apt-get install fonts-noto-core fonts-noto-cjk",
        )
    return f"{''.join(letters[:8])}: {found[0] if found else 'several fonts'} and others"


def _families_with(letters: Sequence[str]) -> list[str]:
    """Return the names of the fonts that have all of these letters."""
    pattern = ":charset=" + " ".join(f"{ord(letter):x}" for letter in letters)
    answer = subprocess.run(["fc-list", pattern, "family"], capture_output=True, text=True, check=False).stdout
    return [line.split(",")[0] for line in answer.splitlines()]


def _videos(session: BuildSession) -> str:
    """List the folder; a token without the needed scope, or an account without downloads, shows here."""
    from _renditions import choose_rendition
    from _vimeo import Vimeo

    vimeo = Vimeo(require_token(), say)
    listing = vimeo.folder(str(session.vimeo_folder_id))
    if not listing.videos:
        raise BuilderError(f"The Vimeo folder {session.vimeo_folder_id} is empty.", "Check its number.")
    unavailable = [video for video in listing.videos if not video.renditions]
    if unavailable:
        message = f"{len(unavailable)} of {len(listing.videos)} videos have no download link."
        raise BuilderError(message, vimeo.why_no_downloads())
    quality = str(session.options.get("quality", "best"))
    needed = sum(choose_rendition(video, quality).size or 0 for video in listing.videos) + _SPACE_FOR_SLIDES
    there = sum(path.stat().st_size for path in session.project.videos.glob("*.mp4"))
    folder = next(each for each in (session.project.path, *session.project.path.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    if needed - there > free:
        message = f"The disk is too small: {megabytes(needed)} are needed, {megabytes(free)} are free."
        raise BuilderError(message, "Free space, or take a smaller rendition: --quality 720p")
    if len(listing.videos) < listing.total:
        raise Doubt(f"Vimeo lists only {len(listing.videos)} of {listing.total} videos.", "Try again later.")
    return f"{len(listing.videos)} videos, {megabytes(needed)} needed with the slides, {megabytes(free)} free"


def _site(session: BuildSession) -> str:
    """Load the presenter's page in a browser: that it comes, in this language, is all that part 3 needs."""
    import requests

    from _capture import Order, Studio
    from _presenter import site_url

    # A browser would try again and again; a check takes seconds.
    try:
        requests.get(site_url(), timeout=_SITE_SECONDS, stream=True).close()
    except requests.RequestException as error:
        message = f"The presenter at {site_url()} cannot be reached."
        raise BuilderError(message, "Check the connection, and ZUME_SITE_URL if it is set.") from error
    grid_urls = tuple(filter(None, str(session.options.get("grid_url", "")).split(",")))
    tools = None if grid_urls else find_tools(may_fetch=False)
    if not grid_urls and tools is None:
        raise Doubt("Not looked at, for want of a driver.", INSTALL_DRIVER)
    order = Order(session.language_code, 600, 336, 5.0, 0.0, False, tools, grid_urls)
    with Studio(order, 1) as studio:
        studio.start()
        listed = studio.course(CURRICULA[0])
    slides = sum(len(found) for found in listed.values())
    return f"{site_url()} serves {session.language_code}, {slides} slides"


def default_vimeo_folder(language_code: str) -> str | None:
    """Return the Vimeo folder that languages.json knows for a language."""
    language = find_language(language_code)
    return language.vimeo_folder_id if language else None
