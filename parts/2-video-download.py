#!/usr/bin/env python3
"""Part 2: downloads the videos of one language from its Vimeo folder into <project>/videos/."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from _config import Config, add_config_arguments, resolve, show_config
from cli.arguments import numbers_of
from cli.options import VIDEOS, add_part_options
from common.console import literal, print_result, say, show, table, warn
from common.errors import DONE, BuilderError
from common.formats import megabytes
from common.script import run
from course.languages import all_languages, default_vimeo_folder, site_code
from package.project_records import recorded_languages, require_language
from workspace.credentials import require_token
from workspace.folders import Project
from workspace.lock import exclusive
from workspace.package_settings import remember, take_settings

if TYPE_CHECKING:
    from pathlib import Path

    from videos.results import DownloadResult
    from videos.vimeo import Listing, Vimeo

REQUIRED = ("project_path", "language_code")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_part_options(parser, VIDEOS)
    parser.add_argument("--list-only", action="store_true", help="show what the folder holds, and end")
    parser.add_argument("--list-languages", action="store_true", help="show the languages and their folders, and end")
    add_config_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the part and return its exit code."""
    arguments = parse(argv)
    if arguments.list_languages:
        list_languages()
        return DONE
    if arguments.show_config:
        show_config(arguments, REQUIRED)
        return DONE
    needed = REQUIRED if not arguments.list_only else () if arguments.folder_id else ("language_code",)
    config = resolve(arguments, needed)
    if arguments.list_only:
        project = project_to_list(config)
        take_settings(arguments, project)
        list_folder(config, arguments, project)
        return DONE
    require_language(config.project.require(), config.language_code)
    with exclusive(config.project, config.session_id, "2-video-download.py"):
        take_settings(arguments, config.project)
        return download_folder(config, arguments)


def settings_of(arguments: argparse.Namespace, language_code: str) -> dict[str, Any]:
    """Return what the package is to remember of its videos: of the folder nothing if it is the language's own."""
    own = default_vimeo_folder(language_code)
    folder_id = None if arguments.folder_id == own else arguments.folder_id
    chosen = {name: getattr(arguments, name) for name in ("video_source", "quality", "recursive")}
    return {**chosen, "folder_id": folder_id}


def list_languages() -> None:
    """Show every language with its Vimeo folder."""
    content = table("Code", "Language", "In the language", "Vimeo folder")
    for language in all_languages():
        content.add_row(language.code, language.name, language.native_name, language.vimeo_folder_id or "unknown")
    show(content)


def chosen_folder(config: Config, arguments: argparse.Namespace) -> str:
    """Return the folder to read: the given one, else that of the language.

    Raises:
        BuilderError: none is known.
    """
    if arguments.folder_id:
        return str(arguments.folder_id)
    folder = default_vimeo_folder(config.language_code)
    if folder is None:
        raise BuilderError(
            f"No Vimeo folder is known for the language {config.language_code}.",
            "Give its number with --folder-id ID. The number is in the folder's address on vimeo.com.",
        )
    return folder


def read_folder(vimeo: Vimeo, number: str, recursive: bool) -> Listing:
    """Return the content of a Vimeo folder, and print the names of the folders in it.

    Raises:
        BuilderError: the folder is empty, or Vimeo does not give it.
    """
    listing = vimeo.folder(number, recursive)
    names = ", ".join(listing.subfolders)
    if names:
        print_result(f"Subfolders: {names}" if recursive else f"Subfolders, not included (use --recursive): {names}")
    if not listing.videos:
        remedy = "Add --recursive to include its subfolders." if names else "Check its number."
        raise BuilderError(f"The Vimeo folder {number} is empty.", remedy)
    return listing


def project_to_list(config: Config) -> Project | None:
    """Return the project whose videos are listed; None if there is none, or only one of another language."""
    if "project_path" not in config.settings:
        return None
    asked = {site_code(config.language_code)} if "language_code" in config.settings else set()
    others = recorded_languages(config.project).keys() - asked
    return None if asked and others else config.project


def list_folder(config: Config, arguments: argparse.Namespace, project: Project | None) -> None:
    """Show the videos of the folder, ordered by number, and which of them a project has."""
    from videos.earlier import EarlierFiles
    from videos.names import file_names
    from videos.numbers import course_numbers, read_settled_numbers
    from videos.renditions import choose_rendition, chosen_renditions
    from videos.results import read_results
    from videos.vimeo import Vimeo

    listing = read_folder(Vimeo(require_token(), say), chosen_folder(config, arguments), arguments.recursive)
    settled = {**(read_settled_numbers(project) if project else {}), **numbers_of(arguments.number)}
    numbers = course_numbers(listing.videos, settled)
    found: dict[str, Path] = {}
    if project:
        earlier = EarlierFiles(project, read_results(project), listing.videos, file_names(listing.videos))
        found = earlier.find(chosen_renditions(listing.videos, arguments.quality))
    content = table("Number", "Title", "Id", "Length", "Rendition", "Size", "There")
    for video in sorted(listing.videos, key=lambda one: (numbers[one.id] or math.inf, one.id)):
        number = numbers[video.id]
        there = ""
        try:
            rendition = choose_rendition(video, arguments.quality)
            name, size = rendition.name, megabytes(rendition.size)
            if project:
                there = "yes" if video.id in found else "no"
        except BuilderError as error:
            name, size = error.message, ""
        shown = "" if number is None else f"{number:02}"
        length = f"{video.duration // 60}:{video.duration % 60:02}"
        content.add_row(shown, literal(video.title), video.id, length, name, size, there)
    show(content)


def download_folder(config: Config, arguments: argparse.Namespace) -> int:
    """Download the missing videos, record what became of each video, and return the exit code."""
    from videos.downloader import Downloader
    from videos.files import course_files
    from videos.numbers import course_numbers, number_troubles, settle_numbers
    from videos.results import doubts_about_results
    from videos.vimeo import Vimeo
    from workspace.folders import create_folders

    for doubt in doubts_about_results(config.project):
        warn(doubt)
    create_folders(config.project)
    folder = chosen_folder(config, arguments)
    vimeo = Vimeo(require_token(), say)
    say(f"Vimeo folder {folder}")
    listing = read_folder(vimeo, folder, arguments.recursive)
    remember(config.project, config.language_code, settings_of(arguments, config.language_code))
    settled = settle_numbers(config.project, listing.videos, numbers_of(arguments.number))
    numbers = course_numbers(listing.videos, settled)
    for trouble in number_troubles(listing.videos, numbers):
        warn(trouble)
    with Downloader(
        config.project,
        vimeo,
        listing.videos,
        numbers,
        arguments.quality,
        arguments.max_workers,
        # A build adds the label itself.
        label="" if config.session_id else f"{config.language_code}: ",
        language_code=config.language_code,
    ) as downloader:
        results = downloader.download_all()
    files = course_files(config.project)
    for number, path in files.passed_over:
        warn(f"{path} is not used, because {files.why_not(number)}. It stays until you move or remove it.")
    return sum_up(config.project, listing, results)


def sum_up(project: Project, listing: Listing, results: list[DownloadResult]) -> int:
    """Say what became of the videos, and return the exit code."""
    counts = Counter(result.status for result in results)
    numbers = f"{counts['success']} downloaded, {counts['skipped']} already there, {counts['failed']} failed"
    say(f"{numbers}: {project.videos}")
    problems = [f"“{result.title}”: {result.error}" for result in results if result.status == "failed"]
    if len(listing.videos) < listing.total:
        problems.append(f"Vimeo says the folder has {listing.total} videos, but listed only {len(listing.videos)}.")
    if problems:
        raise BuilderError("\n  ".join(["Some videos are missing:", *problems]), "Run the same command again.")
    return DONE


if __name__ == "__main__":
    raise SystemExit(run(main))
