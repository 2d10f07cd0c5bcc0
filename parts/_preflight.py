"""Says before a build starts what is missing for it, so that nothing fails after an hour that was known at once."""

from __future__ import annotations

import os
from collections.abc import Callable

from _chrome import find_tools
from _console import complain, say
from _credentials import TOKEN, mask, require_token
from _errors import BuilderError
from _languages import find_language
from _session import BuildSession


def require_ready(session: BuildSession) -> None:
    """Check what the steps ahead need.

    Raises:
        BuilderError: the first thing that is missing.
    """
    for look in _looks(session):
        look()


def report_readiness(session: BuildSession) -> bool:
    """Check what the steps ahead need, print what was found, and return whether all of it is there."""
    ready = True
    for look in _looks(session):
        try:
            say(f"ok: {look()}")
        except BuilderError as error:
            ready = False
            complain(error.message, error.remedy)
    return ready


def _looks(session: BuildSession) -> list[Callable[[], str]]:
    """Return one check for each thing that the steps ahead need; it returns what it found, or raises what is wrong."""
    ahead = {name for name, step in session.steps.items() if step.status not in ("done", "skipped")}
    looks = [lambda: _project_folder(session, made_by_setup="setup" in ahead)]
    if "videos" in ahead:
        looks += [lambda: _vimeo_folder(session), _token]
    if "slides" in ahead and not session.options.get("grid_url"):
        looks.append(_browser)
    return looks


def _project_folder(session: BuildSession, made_by_setup: bool) -> str:
    path = session.project.path
    if not made_by_setup and not path.is_dir():
        raise BuilderError(f"The project folder {path} does not exist.", "Do not skip the setup.")
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not existing.is_dir():
        raise BuilderError(f"{existing} is a file, not a folder.", "Choose another --folder.")
    if not os.access(existing, os.W_OK):
        raise BuilderError(f"{existing} cannot be written.", "Change its rights, or choose another --folder.")
    return f"project folder {path}"


def _vimeo_folder(session: BuildSession) -> str:
    if not session.vimeo_folder_id:
        raise BuilderError(
            f"No Vimeo folder is known for the language {session.language_code}.",
            "Give its number by --folder-id, or leave the videos out: --skip videos",
        )
    return f"Vimeo folder {session.vimeo_folder_id}"


def _token() -> str:
    return f"{TOKEN} ({mask(require_token())})"


def _browser() -> str:
    return str(find_tools())


def default_vimeo_folder(language_code: str) -> str | None:
    """Return the Vimeo folder that languages.json knows for a language."""
    language = find_language(language_code)
    return language.vimeo_folder_id if language else None
