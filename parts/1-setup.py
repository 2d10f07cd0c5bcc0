#!/usr/bin/env python3
"""Part 1: makes a language's project folders, stores the Vimeo credentials, and checks what it made."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from _config import (
    CONFIG_FILE,
    Setting,
    add_config_arguments,
    config_file,
    gather,
    read_config_file,
    show_config,
    warn_about_another_language,
)
from cli.arguments import names_out_of
from cli.interview import ask_folder, ask_language, project_at
from cli.options import SETUP, add_part_options
from common.console import say
from common.errors import DONE, BuilderError, UsageError
from common.files import folder_at, make_folder, write_json
from common.formats import now
from common.path_length import require_short_path
from common.prompts import can_ask
from common.script import run
from course.languages import site_code
from package.project_records import require_known_records
from workspace.credentials import (
    TO_MIRROR,
    TOKEN,
    ask_for_all_credentials,
    ask_for_missing_token,
    is_from_environment,
    mask,
    read_credentials,
    store_answers,
)
from workspace.folders import Project, create_folders, missing_folders
from workspace.lock import exclusive

SKIPPABLE = ("vimeo", "folders", "config", "env")


class Target(NamedTuple):
    """A language, and where its project goes."""

    language_code: str
    project: Project


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_part_options(parser, SETUP)
    parser.add_argument("--save-config", action="store_true", help=f"write {CONFIG_FILE} for the other parts")
    parser.add_argument("-i", "--force-interactive", action="store_true", help="ask for everything, even what is known")
    parser.add_argument(
        "-k",
        "--skip",
        type=names_out_of(SKIPPABLE),
        default=(),
        metavar="WHAT",
        help=f"what to leave out, separated by commas: {', '.join(SKIPPABLE)}",
    )
    add_config_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the part and return its exit code."""
    arguments = parse(argv)
    if arguments.show_config:
        show_config(arguments, required=())
        return DONE
    if arguments.force_interactive and not can_ask():
        raise UsageError("--force-interactive needs a terminal.", "Give --language and --folder instead.")
    target = find_target(arguments)
    # All questions come first: whoever quits has changed nothing.
    if not {"vimeo", "env"} & set(arguments.skip):
        ask_for_credentials(arguments.force_interactive)
    warn_about_another_language(target.project, target.language_code)
    say(f"Language {target.language_code}, project {target.project.path}")
    if "folders" not in arguments.skip:
        set_up_folders(target, arguments.session_id)
    if "vimeo" not in arguments.skip:
        store_answers()
        say_which_token(in_build=arguments.session_id is not None)
    if arguments.save_config and "config" not in arguments.skip:
        save_config(target)
    return DONE


def find_target(arguments: argparse.Namespace) -> Target:
    """Return the language and where its project goes, from arguments, environment, file and, at a terminal, answers.

    Raises:
        BuilderError: a value is missing and nobody can be asked, or a value is not valid.
    """
    given = gather(arguments, required=())
    folder_given = (arguments.folder or "").strip()
    complete = "language_code" in given and (folder_given or "project_path" in given)
    stored = read_config_file(needed=not complete)
    language_code = given["language_code"].value if "language_code" in given else ""
    if arguments.force_interactive or (not language_code and can_ask()):
        language_code = ask_language(language_code)
    if not language_code:
        raise BuilderError("No language is given.", "Give it with --language CODE, e.g. --language es.")
    folder = known_folder(folder_given, given.get("project_path"), stored)
    if arguments.force_interactive or (not folder and can_ask()):
        # Of builds, a setup need not know more.
        from builds.offered_folder import folder_to_offer

        folder = ask_folder(folder or folder_to_offer())
    if not folder:
        raise BuilderError("No folder is given.", "Give it with --folder DIR; the project becomes DIR/CODE.")
    return Target(language_code, project_in(folder, language_code, given.get("project_path")))


def known_folder(given: str, project_path: Setting | None, stored: dict[str, Setting]) -> Path | None:
    """Return the folder that holds the projects: the given one, else that around the project, else the stored one."""
    from_file = project_path is not None and project_path.source == str(config_file())
    if given:
        return folder_at(given)
    if project_path and not (from_file and "folder_location" in stored):
        return Path(project_path.value).parent
    if "folder_location" in stored:
        return folder_at(stored["folder_location"].value)
    return None


def project_in(folder: Path, language_code: str, project_path: Setting | None) -> Project:
    """Return a language's project in the folder that holds the projects.

    Args:
        folder: where it is.
        language_code: as the site writes it.
        project_path: what is given as the project. An argument is meant as it stands; what the environment or the file
            says may be the project of another language.

    Raises:
        UsageError: ``--folder`` and ``--project-path`` contradict each other.
    """
    if project_path is None:
        return project_at(folder, language_code, can_ask())
    project = Project(Path(project_path.value))
    is_argument, is_there = project_path.source.startswith("argument"), project.path.parent == folder
    if is_argument and not is_there:
        raise UsageError(f"{project.path} is not in {folder}.", "Give --folder or --project-path, not both.")
    if is_argument or (is_there and site_code(project.path.name) == language_code):
        return project
    return project_at(folder, language_code, can_ask())


def set_up_folders(target: Target, session_id: str | None) -> None:
    """Make the project's folders, and check that all of them are there.

    Raises:
        BuilderError: a folder cannot be made or written.
    """
    require_known_records(target.project)
    require_short_path(target.project.path)
    make_folder(target.project.path, "Choose another --folder.")
    with exclusive(target.project, session_id, "1-setup.py"):
        made = create_folders(target.project)
        missing = missing_folders(target.project)
    if missing:
        raise BuilderError(f"{missing[0]} was made, but has disappeared.", "Run the setup again.")
    say(f"Folders made: {', '.join(folder.name for folder in made)}" if made else "All folders are there.")


def ask_for_credentials(for_all: bool) -> None:
    """Ask for the token if it is missing and somebody can be asked, or for every credential."""
    if for_all:
        ask_for_all_credentials(try_token)
    elif can_ask():
        ask_for_missing_token(TO_MIRROR)


def say_which_token(in_build: bool) -> None:
    """Say which token there is, or what it means that there is none, unless a build has said that."""
    from videos.sources import WITHOUT_TOKEN

    known = read_credentials()
    if TOKEN in known:
        say(f"Vimeo access token: {mask(known[TOKEN])}{' (environment)' if is_from_environment(TOKEN) else ''}")
    elif not in_build:
        say(" ".join(WITHOUT_TOKEN))


def try_token(token: str) -> str:
    """Return the scopes of a token; Vimeo is asked once.

    Raises:
        BuilderError: the token is of no use, or Vimeo does not say which scopes it has.
    """
    from videos.vimeo import Vimeo

    return Vimeo(token, say, patient=False).try_token()


def save_config(target: Target) -> None:
    """Write ``.config.json``, which gives the parts the values that no argument gives."""
    content = {
        "language_code": target.language_code,
        "folder_location": str(target.project.path.parent),
        "project_path": str(target.project.path),
        "created_at": now(),
    }
    write_json(config_file(), content)
    say(f"Saved {config_file()}")


if __name__ == "__main__":
    raise SystemExit(run(main))
