"""The questions that build.py and the setup ask at a terminal."""

from __future__ import annotations

from pathlib import Path

from common.console import print_result, say, warn
from common.errors import BuilderError, CheckWarning, UsageError
from common.files import folder_at, make_folder
from common.prompts import ask, confirm
from course.language_codes import known_language_code
from course.languages import all_languages, site_code
from workspace.folders import Project, is_project, projects_of


def ask_language(default: str = "") -> str:
    """Ask for the language, by code or name, until it is known or confirmed; return its code."""
    while True:
        reply = ask("Language (code or name; ? lists them)", default)
        if reply == "?":
            print_result(", ".join(f"{language.code} {language.name}" for language in all_languages()))
            continue
        try:
            return known_language_code(reply, "your answer")
        except UsageError as error:
            print_result(error.message)
        except CheckWarning as warning:
            if confirm(f"{warning.message} {warning.remedy} Use it anyway?".replace("  ", " "), False):
                return reply


def ask_folder(default: Path) -> Path:
    """Ask for the folder that holds the languages' projects, offer to make it, and return it."""
    while True:
        reply = ask("Folder for the packages", str(default))
        try:
            folder = folder_at(reply)
        except BuilderError as error:
            print_result(error.message)
            continue
        if not folder.exists() and not confirm(f"{folder} does not exist. Create it?"):
            continue
        try:
            make_folder(folder, "Choose another one.")
            return folder
        except BuilderError as error:
            print_result(error.message)


def project_at(folder: Path, language_code: str, may_ask: bool) -> Project:
    """Return a language's project in the folder that holds the projects, wherever it is there.

    Args:
        folder: as it was given or answered. It may be the language's project itself: ``packages/es`` for Spanish would
            make ``packages/es/es``, which hardly anybody wants.
        language_code: as the site writes it.
        may_ask: whether somebody can be asked what is meant; if not, there is a warning.
    """
    found = projects_of(folder, language_code)
    new = Project(folder / language_code)
    if not found and site_code(folder.name) == language_code:
        if is_project(folder):
            say(f"{folder} is itself the project.")
            return Project(folder)
        if may_ask and confirm(f"Is {folder} itself the project? Otherwise the project becomes {new.path}."):
            return Project(folder)
        if not may_ask:
            warn(f"The project becomes {new.path}. If {folder} itself is meant, give --folder {folder.parent}.")
    for other in found[1:]:
        warn(f"{other.path} is another project of the same language. It is not used: {found[0].path} is.")
    if found and found[0] != new:
        say(f"The project is {found[0].path}.")
    return found[0] if found else new
