"""What a package was last built with: ``package.json`` in the project's folder.

A later run uses it for what no argument says, so that it makes the same package. Whoever writes it holds the
project's lock.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from cli.options import IN_PACKAGE, OPTIONS, Option
from common.console import say
from common.errors import BuilderError
from common.files import write_json
from common.records import read_record_file
from common.version import VERSION
from course.curricula import curricula_named
from workspace.folders import Project

PACKAGE_FILE = "package.json"
SCHEMA = 1
# The option whose value the file has as a list, under another name.
_CURRICULUM, _CURRICULA = "curriculum", "curricula"


def remembered_settings(project: Project, needed: Collection[str]) -> dict[str, Any]:
    """Return what a package was last built with, as far as its file tells: values by the names of options.

    Args:
        project: with the package.
        needed: the options that no argument gives. Nothing can stand in for them: with the defaults, another package
            would be made. Of the others, a value that cannot be is left out.

    Raises:
        NewerRecordError: a later version has written the file.
        BuilderError: the file is torn, or says what cannot be of an option that is needed.
    """
    content = _content(project)
    settings = {}
    for option in IN_PACKAGE:
        try:
            value = _checked(option, content.get(_name(option)))
        except (argparse.ArgumentTypeError, TypeError) as error:
            if option.name not in needed:
                continue
            remedy = f"Correct the file, or say what you want with {option.flag}."
            raise BuilderError(f"{_path(project)} is wrong about {_name(option)}: {error}.", remedy) from error
        if value is not None:
            settings[option.name] = value
    return settings


def remember(project: Project, language_code: str | None, settings: Mapping[str, Any]) -> None:
    """Write what a package is built with from now on; what is not among it stays as it was.

    Args:
        project: whose lock the caller holds.
        language_code: as the site writes it; None if the caller does not know it.
        settings: values by the names of options; None takes a setting back.

    Raises:
        NewerRecordError: a later version has written the file.
        BuilderError: it is torn, or cannot be written.
    """
    before = _content(project)
    about = {"schema": SCHEMA, "version": VERSION} | ({"language_code": language_code} if language_code else {})
    values = {_name(OPTIONS[name]): _stored(name, value) for name, value in settings.items()}
    content = {**about, **before, **about, **values}
    content = {name: value for name, value in content.items() if value is not None}
    if content != before:
        write_json(_path(project), content)


def take_settings(arguments: argparse.Namespace, project: Project | None) -> dict[str, Any]:
    """Fill in what a part's command line leaves open: from the package, which is said, else the defaults.

    Args:
        arguments: of a part; the options that packages remember are None if they were not given.
        project: the project, or None if there is none yet.

    Returns:
        All that the package was last built with, as ``remembered_settings`` does.

    Raises:
        NewerRecordError, BuilderError: as for ``remembered_settings``.
    """
    left_open = [option for option in IN_PACKAGE if getattr(arguments, option.name, "not taken") is None]
    settings = remembered_settings(project, [option.name for option in left_open]) if project else {}
    for option in left_open:
        setattr(arguments, option.name, settings.get(option.name, option.default))
    say_as_before({option.name: settings[option.name] for option in left_open if option.name in settings})
    return settings


def say_as_before(settings: Mapping[str, Any], mark: str = "") -> None:
    """Say in one line which settings come from the package, as far as they are not what a new package gets.

    Args:
        settings: values by the names of options.
        mark: begins the line where several builds may write into one file.
    """
    words = list(_words(settings))
    if words:
        say(f"{mark}As before: {', '.join(words)}")


def _words(settings: Mapping[str, Any]) -> Iterator[str]:
    unusual = {name: value for name, value in settings.items() if value != OPTIONS[name].default}
    if _CURRICULUM in unusual:
        yield unusual[_CURRICULUM].replace(",", " and ")
    if {"width", "height"} <= settings.keys() and unusual.keys() & {"width", "height"}:
        yield f"{settings['width']} x {settings['height']}"
    else:
        yield from (f"{name} {unusual[name]}" for name in ("width", "height") if name in unusual)
    if "video_source" in unusual:
        yield f"videos from {'Vimeo' if unusual['video_source'] == 'vimeo' else 'the mirror'} alone"
    if "quality" in unusual:
        yield unusual["quality"]
    if "folder_id" in unusual:
        yield f"Vimeo folder {unusual['folder_id']}"
    if "recursive" in unusual:
        yield "with subfolders"
    if "decks" in unusual:
        yield "decks"
    if "allow_flawed" in unusual:
        yield "flawed slides kept"
    if "link" in unusual:
        yield f"--link {unusual['link']}"


def _path(project: Project) -> Path:
    return project.path / PACKAGE_FILE


def _content(project: Project) -> dict[str, Any]:
    """Return what the file holds; nothing if there is none.

    Raises:
        NewerRecordError: a later version has written it.
        BuilderError: it cannot be read.
    """
    try:
        content = read_record_file(_path(project), SCHEMA)
        if not isinstance(content, dict):
            raise ValueError("it holds no JSON object")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BuilderError(f"{_path(project)} cannot be read: {error.strerror}.", "Change its permissions.") from error
    except ValueError as error:
        remedy = "Correct it; or remove it, and say as arguments how the package is to be."
        raise BuilderError(f"{_path(project)} cannot be read: {error}.", remedy) from error
    return content


def _name(option: Option) -> str:
    return _CURRICULA if option.name == _CURRICULUM else option.name


def _stored(name: str, value: Any) -> Any:
    return [curriculum.name for curriculum in curricula_named(value)] if name == _CURRICULUM else value


def _checked(option: Option, value: Any) -> Any:
    """Return a value of the file as the command line would give it; None if there is none.

    Raises:
        argparse.ArgumentTypeError, TypeError: the option cannot have it.
    """
    if value is None:
        return None
    if option.default is False:
        if not isinstance(value, bool):
            raise TypeError(f"{value!r} is neither true nor false")
        return value
    text = ",".join(value) if option.name == _CURRICULUM else str(value)
    if option.choices and text not in option.choices:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(option.choices)}")
    return option.read(text)
