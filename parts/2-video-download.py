#!/usr/bin/env python3
"""Part 2: downloads the videos of one language, from Vimeo or the public mirror, into <project>/videos/."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from _config import Config, add_config_arguments, resolve, show_config
from cli.arguments import numbers_of
from cli.options import VIDEOS, add_part_options
from common.console import counted, literal, print_result, say, show, table, warn
from common.errors import DONE, BuilderError
from common.formats import file_size
from common.script import run
from course.languages import all_languages, default_vimeo_folder, site_code
from package.project_records import recorded_languages, require_language
from videos.renditions import MIRROR, VIMEO
from workspace.folders import Project
from workspace.lock import exclusive
from workspace.package_settings import remember, take_settings

if TYPE_CHECKING:
    from videos.files import CourseFiles
    from videos.results import DownloadResult
    from videos.sources import VideoSources
    from videos.supply import Supply
    from videos.vimeo import Listing

REQUIRED = ("project_path", "language_code")
LISTING = ("language_code",)
# How many videos of one cause are named, and which record names all.
MOST_NAMED = 10
RESULTS = "download_results.json"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_part_options(parser, VIDEOS)
    parser.add_argument("--list-only", action="store_true", help="show what there is to download, and end")
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
    needed = REQUIRED if not arguments.list_only else LISTING if needs_language(arguments) else ()
    config = resolve(arguments, needed)
    if arguments.list_only:
        project = project_to_list(config)
        take_settings(arguments, project)
        list_videos(config, arguments, project)
        return DONE
    require_language(config.project.require(), config.language_code)
    with exclusive(config.project, config.session_id, "2-video-download.py"):
        take_settings(arguments, config.project)
        return download_videos(config, arguments)


def needs_language(arguments: argparse.Namespace) -> bool:
    """Say whether a list needs a language. The number of a folder is enough for Vimeo, but nothing for the mirror."""
    return not arguments.folder_id or arguments.video_source == MIRROR


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


def sources_of(arguments: argparse.Namespace, language_code: str, in_build: bool = False) -> VideoSources:
    """Return the sources of the videos, and say what the choice of them means.

    Args:
        arguments: the command line, with what the package remembers.
        language_code: as the site writes it; empty if it is not given.
        in_build: whether a build has said before why Vimeo is not asked.

    Raises:
        BuilderError: as for ``open_sources``.
    """
    from videos.sources import AUTO, WITHOUT_TOKEN, open_sources, uses_vimeo, without_folder

    folder = arguments.folder_id or default_vimeo_folder(language_code)
    sources = open_sources(arguments.video_source, language_code, folder, arguments.recursive, say)
    if sources.has_vimeo:
        return sources
    if arguments.video_source == AUTO and not in_build:
        say(" ".join(without_folder(language_code) if uses_vimeo(AUTO) else WITHOUT_TOKEN))
    if arguments.quality != "best":
        warn(f"--quality {arguments.quality} has no effect: the mirror has one file for each video.")
    if arguments.number:
        warn("--number has no effect: it is about the videos of a Vimeo folder, and none is read.")
    return sources


def read_folder(sources: VideoSources, recursive: bool) -> Listing:
    """Return the content of the Vimeo folder, if it is a source, and say what is of no use as a whole.

    Raises:
        BuilderError: as for ``VideoSources.read_folder``.
    """
    listing = sources.read_folder()
    for warning in sources.warnings:
        warn(warning)
    names = ", ".join(listing.subfolders)
    if names:
        print_result(f"Subfolders: {names}" if recursive else f"Subfolders, not included (use --recursive): {names}")
    return listing


def tell(supply: Supply) -> None:
    """Say what there is to say of the videos before they are downloaded or listed."""
    for warning in supply.warnings:
        warn(warning)
    for remark in supply.remarks:
        say(remark)


def project_to_list(config: Config) -> Project | None:
    """Return the project whose videos are listed; None if there is none, or only one of another language."""
    if "project_path" not in config.settings:
        return None
    asked = {site_code(config.language_code)} if "language_code" in config.settings else set()
    others = recorded_languages(config.project).keys() - asked
    return None if asked and others else config.project


def list_videos(config: Config, arguments: argparse.Namespace, project: Project | None) -> None:
    """Show the videos that there are, ordered by number, and which of them a project has."""
    from videos.download_sizes import download_sizes, files_there
    from videos.files import SOURCES
    from videos.held import held_videos
    from videos.numbers import read_settled_numbers
    from videos.renditions import choose_rendition

    language_code = config.language_code if "language_code" in config.settings else ""
    sources = sources_of(arguments, language_code)
    listing = read_folder(sources, arguments.recursive)
    settled = {**(read_settled_numbers(project) if project else {}), **numbers_of(arguments.number)}
    supply = sources.supply(listing, settled, arguments.quality, project, also_held=True)
    tell(supply)
    there: dict[str, str] = {}
    held_from: dict[str, str] = {}
    if project:
        there = dict.fromkeys(files_there(project, supply, arguments.quality), "yes")
        held = held_videos(project, supply.numbers)
        for video in supply.videos:
            other = held.get(supply.numbers[video.id] or 0, MIRROR)
            if video.source == MIRROR and other != MIRROR:
                held_from[video.id] = f"yes, {SOURCES[other]}"
        there |= held_from
    has_choice = any(video.source == VIMEO for video in supply.videos)
    taken = f"--quality {arguments.quality}" if has_choice else "Rendition"
    content = table("Number", "Title", "Id", "Length", taken, "Size", "There")
    for video in sorted(supply.videos, key=lambda one: (supply.numbers[one.id] or math.inf, one.id)):
        number = supply.numbers[video.id]
        try:
            rendition = choose_rendition(video, arguments.quality)
            name, size = rendition.name, file_size(rendition.size)
            is_there = there.get(video.id, "no") if project else ""
        except BuilderError as error:
            name, size, is_there = supply.troubles.get(video.id, error.message), "", ""
        shown = "" if number is None else f"{number:02}"
        length = f"{video.duration // 60}:{video.duration % 60:02}" if video.duration else ""
        content.add_row(shown, literal(video.title), video.id, length, name, size, is_there)
    if content.row_count:
        show(content)
        print_result(f"Still to download: {download_sizes(supply, arguments.quality, project, held_from).in_words}")
    if supply.absent:
        warn(supply.why_absent)


def download_videos(config: Config, arguments: argparse.Namespace) -> int:
    """Download the missing videos, record what became of each video, and return the exit code."""
    from videos.downloader import Downloader
    from videos.files import course_files
    from videos.numbers import read_settled_numbers, settle_numbers
    from videos.results import begin_record, doubts_about_results
    from workspace.folders import create_folders

    for doubt in doubts_about_results(config.project):
        warn(doubt)
    create_folders(config.project)
    sources = sources_of(arguments, config.language_code, in_build=config.session_id is not None)
    say(sources.introduction)
    listing = read_folder(sources, arguments.recursive)
    remember(config.project, config.language_code, settings_of(arguments, config.language_code))
    if listing.videos:
        settled = settle_numbers(config.project, listing.videos, numbers_of(arguments.number))
    else:
        settled = read_settled_numbers(config.project)
    supply = sources.supply(listing, settled, arguments.quality, config.project)
    tell(supply)
    begin_record(config.project)
    if supply.absent and not (supply.videos or supply.held or arguments.allow_missing):
        raise BuilderError(supply.why_absent, supply.how_to_go_on)
    with Downloader(
        config.project,
        sources.fresh,
        supply.videos,
        supply.numbers,
        supply.troubles,
        arguments.quality,
        arguments.max_workers,
        # A build adds the label itself.
        label="" if config.session_id else f"{config.language_code}: ",
        language_code=config.language_code,
    ) as downloader:
        results = downloader.download_all()
    files = course_files(config.project)
    if files.passed_over:
        warn(about_passed_over(config.project, files))
    for number in supply.held:
        names = [path.name for path in files.claims.get(number, ())]
        if len(names) > 1:
            warn(f"Video {number} is there more than once: {' and '.join(names)}. Remove all but one.")
    return sum_up(config.project, listing, supply, results, arguments)


def sum_up(
    project: Project,
    listing: Listing,
    supply: Supply,
    results: list[DownloadResult],
    arguments: argparse.Namespace,
) -> int:
    """Say what became of the videos, and return the exit code."""
    from videos.files import sources_in_words, videos_by_source

    counts = Counter(result.status for result in results)
    there = counts["skipped"] + len(supply.held)
    say(f"{counts['success']} downloaded, {there} already there, {counts['failed']} failed: {project.videos}")
    if words := sources_in_words(videos_by_source(project)):
        say(f"Now in the project: {words}.")
    problems = list(by_cause(result for result in results if result.status == "failed"))
    if len(listing.videos) < listing.total:
        problems.append(f"Vimeo says the folder has {listing.total} videos, but listed only {len(listing.videos)}.")
    remedy = "Run the same command again." if problems else supply.how_to_go_on
    if supply.troubles and arguments.video_source == VIMEO:
        remedy = "Without --video-source vimeo the mirror stands in for what Vimeo does not give."
    if supply.absent and not arguments.allow_missing:
        problems.append(supply.why_absent)
    elif supply.absent:
        warn(supply.why_absent)
    if problems:
        raise BuilderError("\n  ".join(["Some videos are missing:", *problems]), remedy)
    return DONE


def by_cause(failed: Iterable[DownloadResult]) -> Iterator[str]:
    """Yield one sentence for each cause, with all videos that failed for it."""
    titles: dict[str | None, list[str]] = {}
    for result in sorted(failed, key=lambda result: (result.number or math.inf, result.title)):
        titles.setdefault(result.error, []).append(f"“{result.title}”")
    for error, affected in titles.items():
        more = len(affected) - MOST_NAMED
        named = ", ".join(affected[:MOST_NAMED]) + (f" and {more} more, which {RESULTS} lists" if more > 0 else "")
        yield f"{counted(len(affected), 'video')} ({named}): {error}" if len(affected) > 1 else f"{named}: {error}"


def about_passed_over(project: Project, files: CourseFiles) -> str:
    """Return one warning about all files that only have the number of a downloaded video in their names."""
    if len(files.passed_over) == 1:
        ((number, path),) = files.passed_over
        return f"{path} is not used, because {files.why_not(number)}. It stays until you move or remove it."
    names = ", ".join(path.name for _, path in files.passed_over)
    return (
        f"{len(files.passed_over)} files in {project.videos} are not used, because part 2 has downloaded the videos "
        f"with their numbers. They stay until you move or remove them: {names}"
    )


if __name__ == "__main__":
    raise SystemExit(run(main))
