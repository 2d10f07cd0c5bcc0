"""The steps of a build: which script each one is, and with which arguments it is started."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builds.session import BuildSession
from common.console import QUIET, VERBOSE, current_level

_PARTS = Path(__file__).resolve().parent.parent

SCRIPTS = {
    "setup": "1-setup.py",
    "videos": "2-video-download.py",
    "slides": "3-slides-download.py",
    "rename": "4-rename-files.py",
    "decks": "5-decks.py",
}

TITLES = {
    "setup": "Setup",
    "videos": "Videos",
    "slides": "Slides",
    "rename": "Numbered sequences",
    "decks": "Decks",
}

# The arguments of build.py that are handed on, and the steps that each is for.
HANDED_ON = {
    "max_workers": ("videos",),
    "quality": ("videos",),
    "curriculum": ("slides", "rename", "decks"),
    "width": ("slides",),
    "height": ("slides",),
    "wait": ("slides",),
    "browsers": ("slides",),
    "grid_url": ("slides",),
    "allow_flawed": ("slides",),
    "allow_missing": ("rename", "decks"),
}
# Those that change nothing about what a step makes.
PACE = {"max_workers", "browsers", "grid_url", "wait"}


def command(step: str, session: BuildSession) -> list[str]:
    """Return the command line of a step.

    Args:
        step: one of ``SCRIPTS``.
        session: the build that the step belongs to.
    """
    return [
        sys.executable,
        str(_PARTS / SCRIPTS[step]),
        *_own_arguments(step, session),
        *_handed_on(step, session.options),
        *_output_arguments(),
        "--project-path",
        session.project_path,
        "--language-code",
        session.language_code,
        "--session-id",
        session.session_id,
    ]


def _output_arguments() -> list[str]:
    return {QUIET: ["--quiet"], VERBOSE: ["--verbose"]}.get(current_level(), [])


def _own_arguments(step: str, session: BuildSession) -> list[str]:
    if step == "setup":
        return ["--language", session.language_code, "--folder", session.folder_location]
    if step == "videos" and session.vimeo_folder_id:
        return ["--folder-id", session.vimeo_folder_id]
    if step == "slides":
        return ["--missing-only"]
    if step in ("rename", "decks") and session.steps["videos"].status == "skipped":
        return ["--without-videos"]
    return []


def _handed_on(step: str, options: Mapping[str, Any]) -> list[str]:
    arguments = []
    for name, value in options.items():
        if step in HANDED_ON.get(name, ()) and value not in (None, False):
            flag = "--" + name.replace("_", "-")
            arguments += [flag] if value is True else [flag, _text(value)]
    return arguments


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
