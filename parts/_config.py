"""The configuration that every part shares: arguments, then the environment, then ``.config.json``.

Each field is resolved by itself. The file only fills fields that are still open. If none
is, it is not read at all.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Every script imports this module first; the others need what an older Python lacks. A Mac may have Apple's own 3.9.
if sys.version_info < (3, 10):  # noqa: UP036
    raise SystemExit(
        "Error: Python {}.{} is too old.\n  Use Python 3.10 or newer: remove the folder .venv, and set it up again "
        "with that.".format(*sys.version_info[:2])
    )

from cli.options import OPTIONS, Option, add_output_options
from common.console import print_result, warn
from common.errors import BuilderError, UsageError
from common.files import folder_at
from common.path_length import require_short_path
from course.language_codes import checked_language_code
from course.languages import find_language
from workspace.folders import Project
from workspace.home import home

CONFIG_FILE = ".config.json"
_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Field:
    """One configuration field and the three ways to give it."""

    option: Option
    in_file: bool = True

    @property
    def name(self) -> str:
        """The field's name, e.g. ``project_path``."""
        return self.option.name

    @property
    def variable(self) -> str:
        """The environment variable, e.g. ``ZUME_PROJECT_PATH``."""
        return "ZUME_" + self.name.upper()

    @property
    def ways(self) -> str:
        """A phrase that names every way to give the field."""
        ways = [f"{self.option.flag} {self.option.metavar}", f"the environment variable {self.variable}"]
        if self.in_file:
            ways.append(f'"{self.name}" in {config_file()}')
        return ", ".join(ways[:-1]) + " or " + ways[-1]


FIELDS = (
    Field(OPTIONS["project_path"]),
    Field(OPTIONS["language_code"]),
    Field(OPTIONS["session_id"], in_file=False),
)


@dataclass(frozen=True)
class Setting:
    """A resolved value and where it came from, e.g. ``argument --project-path``."""

    value: str
    source: str


@dataclass(frozen=True)
class Config:
    """The resolved fields, by name; a field that nobody gave is absent."""

    settings: Mapping[str, Setting]

    @property
    def project(self) -> Project:
        """The project. Only for a part that requires ``project_path``."""
        return Project(Path(self.settings["project_path"].value))

    @property
    def language_code(self) -> str:
        """The language's code as the site writes it. Only for a part that requires it."""
        return self.settings["language_code"].value

    @property
    def language_or_folder(self) -> str:
        """The language's code, or else the name of the project's folder, which is usually the code."""
        return self.language_code if "language_code" in self.settings else self.project.path.name

    @property
    def session_id(self) -> str | None:
        """The build session that this run belongs to, if any."""
        setting = self.settings.get("session_id")
        return setting.value if setting else None


def config_file() -> Path:
    """Return where ``.config.json`` is, whether it exists or not."""
    return home() / CONFIG_FILE


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that every part has: the configuration, and how much it prints."""
    add_output_options(parser)
    group = parser.add_argument_group(
        "configuration",
        f"Each field comes from its argument, else from its environment variable "
        f"({', '.join(field.variable for field in FIELDS)}), else from {CONFIG_FILE}.",
    )
    for field in FIELDS:
        field.option.add_to(group)
    group.add_argument("-s", "--show-config", action="store_true", help="show each field and its source, then exit")


def resolve(arguments: argparse.Namespace, required: tuple[str, ...]) -> Config:
    """Resolve the configuration of one run.

    Args:
        arguments: what ``add_config_arguments`` made argparse read.
        required: the names of the fields that the part cannot do without.

    Raises:
        UsageError: an argument has a wrong value.
        BuilderError: a required field is missing, or the file is needed and broken.
    """
    settings = gather(arguments, required)
    for field in FIELDS:
        if field.name in required and field.name not in settings:
            raise BuilderError(f"No {field.name} is given: {field.option.help}.", f"Give it with {field.ways}.")
    config = Config(settings)
    if "project_path" in settings:
        require_short_path(config.project.path)
    if {"project_path", "language_code"} <= settings.keys():
        warn_about_another_language(config.project, config.language_code)
    return config


def show_config(arguments: argparse.Namespace, required: tuple[str, ...]) -> None:
    """Print each field with its value and source, for a part that needs the required ones.

    Raises:
        UsageError, BuilderError: as ``resolve`` does, except that a field may be missing.
    """
    settings = gather(arguments, required)
    for field in FIELDS:
        setting = settings.get(field.name)
        print_result(f"{field.name} = {setting.value}  ({setting.source})" if setting else f"{field.name} is not set")


def gather(arguments: argparse.Namespace, required: tuple[str, ...]) -> dict[str, Setting]:
    """Collect and check every field that is given; the file only fills those that are still open.

    Args:
        arguments: what ``add_config_arguments`` made argparse read.
        required: the fields for which a broken file is an error, if they are still open.

    Raises:
        UsageError, BuilderError: as ``resolve`` does, except that a field may be missing.
    """
    settings = _from_arguments_and_environment(arguments)
    still_open = [field.name for field in FIELDS if field.in_file and field.name not in settings]
    if still_open:
        from_file = read_config_file(needed=any(name in required for name in still_open))
        settings.update({name: from_file[name] for name in still_open if name in from_file})
    return {name: _checked(name, setting) for name, setting in settings.items()}


def _from_arguments_and_environment(arguments: argparse.Namespace) -> dict[str, Setting]:
    settings = {}
    for field in FIELDS:
        argument = (getattr(arguments, field.name, None) or "").strip()
        variable = os.environ.get(field.variable, "").strip()
        if argument:
            settings[field.name] = Setting(argument, f"argument {field.option.flag}")
        elif variable:
            settings[field.name] = Setting(variable, f"environment {field.variable}")
    return settings


def read_config_file(needed: bool) -> dict[str, Setting]:
    """Read ``.config.json``; blank values count as absent, and so does a file that does not exist.

    Args:
        needed: whether a broken file is an error. Otherwise it is ignored.

    Raises:
        BuilderError: the file is needed and cannot be used; the message names the file and the line.
    """
    path = config_file()
    try:
        text = _decoded(path.read_bytes())
        content = json.loads(text)
        if not isinstance(content, dict):
            raise json.JSONDecodeError("It holds no JSON object", text, 0)
        values = {name: _text(name, value, text) for name, value in content.items() if value is not None}
        return {name: Setting(value, str(path)) for name, value in values.items() if value}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        if not needed:
            return {}
        remedy = "Correct or delete the file, or give the values as arguments: --project-path and --language-code."
        raise BuilderError(f"{path} cannot be read. {error}.", remedy) from error


def _decoded(content: bytes) -> str:
    try:
        # Windows' Notepad begins a file with a byte order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        raise json.JSONDecodeError("It is not UTF-8", before, len(before)) from error


def _text(name: str, value: object, content: str) -> str:
    if not isinstance(value, str):
        place = max(content.find(f'"{name}"'), 0)
        raise json.JSONDecodeError(f'"{name}" is not a text', content, place)
    return value.strip()


def _checked(name: str, setting: Setting) -> Setting:
    if name == "project_path":
        return Setting(str(folder_at(setting.value)), setting.source)
    kind = UsageError if setting.source.startswith("argument") else BuilderError
    if name == "language_code":
        return Setting(checked_language_code(setting.value, setting.source, kind), setting.source)
    return Setting(checked_session_id(setting.value, setting.source, kind), setting.source)


def checked_session_id(session_id: str, source: str, kind: type[BuilderError] = UsageError) -> str:
    """Return a session id if it can be the name of a folder; otherwise raise an error of the given kind."""
    if not _SESSION_ID.fullmatch(session_id):
        raise kind(
            f"{session_id!r} ({source}) cannot be a session id.",
            "Use up to 64 letters, digits, _ or -, and start with a letter or digit.",
        )
    return session_id


def warn_about_another_language(project: Project, language_code: str) -> None:
    """Warn if a project's folder is named after another language than the one given."""
    folder = find_language(project.path.name)
    if folder and folder.code != language_code:
        warn(f"{project.path} looks like the folder of {folder.name}, but the language is {language_code}.")
