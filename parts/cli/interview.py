"""The questions of build.py and the setup at a terminal about the language and the folder."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from cli.language_list import show_languages
from common.console import print_result, say, warn
from common.errors import BuilderError, CheckWarning, UsageError
from common.files import folder_at, require_makeable
from common.prompts import EXPLAIN, ask, confirm, numbered, print_numbered
from course.language_codes import known_language_code
from course.languages import Language, similar_languages, site_code
from workspace.folders import Project, is_project, projects_of

_ABOUT_UNKNOWN = "Answer y if you know that zume.training has a language with this code, else n."
_ABOUT_FOLDER = (
    "The folder that holds the packages of all languages. Each language gets a folder\n"
    "in it, named after its code. A folder that is named q can be given as ./q."
)


def ask_language(default: str = "") -> str:
    """Ask for the language, by code or name, until it is known or confirmed; return its code.

    Args:
        default: the code that Enter means; empty for none.

    Raises:
        Quit: the user leaves the question.
    """
    while True:
        reply = _bare(ask("Language (code or name; ? lists them)", default))
        if reply == EXPLAIN:
            show_languages()
        elif reply and (code := _code_of(reply)):
            return code


def _bare(text: str) -> str:
    """Return a text without the marks for its direction that come along when somebody pastes a name."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def _code_of(reply: str) -> str:
    """Return the code of the language that an answer means, if need be by asking; empty if it means none."""
    try:
        return known_language_code(reply, "your answer")
    except UsageError as error:
        similar = similar_languages(reply)
        if not similar:
            print_result(error.message)
        return _one_of(reply, similar)
    except CheckWarning as warning:
        if code := _one_of(reply, similar_languages(reply)):
            return code
        return reply if confirm(f"{warning.message} Use it anyway?", False, _ABOUT_UNKNOWN) else ""


def _one_of(reply: str, languages: Sequence[Language]) -> str:
    """Ask which of several languages an answer means, or whether it means the only one; return its code, or nothing."""
    if not languages:
        return ""
    names = [f"{language.name} ({language.code})" for language in languages]
    if len(languages) == 1:
        about = f"Answer y for {names[0]}, or n to give another language."
        return languages[0].code if confirm(f"Did you mean {names[0]}?", explanation=about) else ""
    print_result(f"“{reply}” may be any of these:")
    print_numbered([f"{language.code:5} {language.name}, {language.native_name}" for language in languages])
    while True:
        choice = _bare(ask("Which one (number, code or name; Enter for none)"))
        if choice == EXPLAIN:
            show_languages()
        elif not choice:
            return ""
        elif code := numbered(choice, [language.code for language in languages]):
            return code
        elif choice.isdecimal():
            print_result(f"Please answer 1 to {len(languages)}.")
        else:
            return _code_of(choice)


def ask_folder(default: Path) -> Path:
    """Ask for the folder that holds the languages' projects, and return it; whoever uses it makes it.

    Args:
        default: the folder that Enter means.

    Raises:
        Quit: the user leaves the question.
    """
    while True:
        reply = ask("Folder for the packages", str(default), explanation=_ABOUT_FOLDER)
        try:
            folder = folder_at(reply)
            require_makeable(folder, "choose another one.")
        except BuilderError as error:
            print_result(error.message)
            continue
        about = f"Answer y, and the folder {folder} is made; or n to give another one."
        if folder.exists() or confirm(f"{folder} does not exist. Create it?", explanation=about):
            return folder


def project_at(folder: Path, language_code: str, may_ask: bool) -> Project:
    """Return a language's project in the folder that holds the projects, wherever it is there.

    Args:
        folder: as it was given or answered. It may be the language's project itself: ``packages/es`` for Spanish would
            make ``packages/es/es``, which hardly anybody wants.
        language_code: as the site writes it.
        may_ask: whether somebody can be asked what is meant; if not, there is a warning.

    Raises:
        BuilderError: the folder is another package.
    """
    found = projects_of(folder, language_code)
    new = Project(folder / language_code)
    if not found and is_project(folder) and site_code(folder.name) != language_code:
        raise BuilderError(f"{folder} is itself a package.", f"Give the folder above it: {folder.parent}")
    if not found and site_code(folder.name) == language_code:
        if is_project(folder):
            say(f"{folder} is itself the project.")
            return Project(folder)
        about = f"Answer y, and the files come into {folder}; or n, and they come into {new.path}."
        question = f"Is {folder} itself the project? Otherwise the project becomes {new.path}."
        if may_ask and confirm(question, explanation=about):
            return Project(folder)
        if not may_ask:
            warn(f"The project becomes {new.path}. If {folder} itself is meant, give --folder {folder.parent}.")
    for other in found[1:]:
        warn(f"{other.path} is another project of the same language. It is not used: {found[0].path} is.")
    if found and found[0] != new:
        say(f"The project is {found[0].path}.")
    return found[0] if found else new
