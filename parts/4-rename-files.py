#!/usr/bin/env python3
"""Part 4: merges the videos and slides of one language into numbered sequences in <project>/output/."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from _config import Config, add_config_arguments, resolve, show_config
from cli.options import RENAME, add_part_options
from common.console import counted, print_result, say
from common.errors import DONE, BuilderError
from common.script import run
from common.typed import advice, in_build
from course.curricula import curricula_named
from decks.old_decks import about_old_decks
from package.about import about_package
from package.about_text import about_text
from package.compare import Publication, prepare
from package.find_changes import find_changes
from package.losses import refuse_losses
from package.old_output import about_old
from package.plan import PAGE, SUMS, VIDEOS, PlannedFile, make_plan
from package.position_lists import about_position_lists
from package.project_records import require_one_language
from package.publish import Outcome, publish
from package.review_page import review_page
from package.suspects import find_suspects
from package.swap import clean_up
from package.thumbnails import ImageStats
from workspace.lock import exclusive
from workspace.package_settings import remember, take_settings

REQUIRED = ("project_path",)
MOST_LISTED = 20
# How many places one line names.
MOST_NAMED = 12
WAYS = {
    "reflink": "share their blocks with the originals until one of the two is changed",
    "hard": "are hard links to the originals",
    "copy": "are copies",
}


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="show what would be made, and change nothing")
    add_part_options(parser, RENAME)
    add_config_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the part and return its exit code."""
    arguments = parse(argv)
    if arguments.show_config:
        show_config(arguments, REQUIRED)
        return DONE
    config = resolve(arguments, REQUIRED)
    given = config.settings.get("language_code")
    require_one_language(config.project.require(), given.value if given else None)
    if unread := about_position_lists(Path(__file__).parent):
        say(unread)
    if arguments.dry_run:
        take_settings(arguments, config.project)
        publication = planned(config, arguments)
        show_plan(publication)
        refuse_losses(publication)
        if news := find_changes(publication, config.session_id).news:
            print_result(f"This would change: {news}")
        return sum_up(publication, {}, arguments.allow_missing)
    with exclusive(config.project, config.session_id, "4-rename-files.py"):
        take_settings(arguments, config.project)
        if kept := clean_up(config.project):
            say(f"{kept} is the old output that an interrupted run has replaced.")
        publication = planned(config, arguments)
        refuse_losses(publication)
        shown_changes = find_changes(publication, config.session_id)
        outcome = publish(
            publication,
            shown_changes,
            lambda image_stats, made_at: review_page(
                publication.whole,
                config.language_or_folder,
                about_package(config.project, publication.whole, config.language_or_folder, made_at),
                image_stats,
                suspects_of(publication, image_stats),
                publication.filled,
                shown_changes,
            ),
            lambda made_at: about_text(publication, config.language_or_folder, made_at),
        )
        remember(config.project, given.value if given else None, {"link": arguments.link})
    if outcome.old_output:
        say(f"{publication.why_set_aside} The old output is now {outcome.old_output}.")
    say_how(outcome)
    if shown_changes.news:
        say(f"Changed: {shown_changes.news}")
    plan = publication.plan
    for folder in (VIDEOS, *(curriculum.folder for curriculum in plan.sequences)):
        pictures, videos = plan.count(folder, ".png"), plan.count(folder, ".mp4")
        say(f"{folder}: {counted(pictures, 'picture')}, {counted(videos, 'video')}")
    for name, reason in outcome.unsummed.items():
        # A line feed in a name would make the rest of it look like a message.
        say(f"{name if name.isprintable() else ascii(name)}: not in {SUMS}, {reason}.")
    say(f"The package is in {config.project.output}; look through it at {config.project.output / PAGE}")
    # A build may be about to make new ones, and says at its end whether old ones are left.
    if not in_build():
        curricula = curricula_named(arguments.curriculum)
        for sentence in about_old_decks(config.project, curricula, config.language_or_folder):
            say(sentence)
    suspects = suspects_of(publication, outcome.image_stats)
    asked = {place.name for place in plan.places}
    return sum_up(publication, {name: suspects[name] for name in suspects if name in asked}, arguments.allow_missing)


def planned(config: Config, arguments: argparse.Namespace) -> Publication:
    """Return the plan of the package, compared with the output that is there; nothing is written."""
    curricula = curricula_named(arguments.curriculum)
    plan = make_plan(config.project, config.language_or_folder, curricula, arguments.without_videos)
    return prepare(config.project, plan, arguments.link)


def suspects_of(publication: Publication, image_stats: Mapping[str, ImageStats | None]) -> dict[str, list[str]]:
    """Return what a person should look at, by the names of places."""
    return find_suspects(publication.whole, image_stats, publication.changed_by_others)


def show_plan(publication: Publication) -> None:
    """Print the whole plan, a line for each position and each video."""
    for place in publication.plan.places:
        print_result(f"{place.folder}, position {place.slide.position}: {shown(place.file, publication, place.about)}")
    for file in publication.plan.files:
        if file.target.startswith(f"{VIDEOS}/"):
            print_result(f"{file.why}: {shown(file, publication, file.why)}")
    for name in publication.removed:
        print_result(f"{publication.output / name}: removed, it is no longer part of the package")
    if publication.why_set_aside:
        print_result(f"{publication.why_set_aside} {about_old(publication.output)}")


def shown(file: PlannedFile | None, publication: Publication, about: str) -> str:
    """Return source, target and reason of a file as one line."""
    if file is None:
        return f"nothing, a gap ({about})"
    return f"{file.source} -> {publication.output / file.target} ({file.why}; {publication.state(file)})"


def say_how(outcome: Outcome) -> None:
    """Say how the files were made."""
    if not outcome.changed:
        say("Nothing has changed: the package is what the project has.")
    for way, count in outcome.ways.items():
        say(f"{counted(count, 'file')} {WAYS[way]}.")
    if outcome.thumbnails:
        say(f"Made {counted(outcome.thumbnails, 'thumbnail')}.")


def sum_up(publication: Publication, suspects: Mapping[str, Sequence[str]], allow_missing: bool) -> int:
    """Say what was left out, what is suspect and what is missing, and return the exit code.

    Raises:
        BuilderError: something is missing, and that is not allowed.
    """
    plan = publication.plan
    for note in (*publication.record.doubts, *plan.notes):
        say(note)
    for name in sorted(publication.changed_by_others):
        say(f"{name}: kept as it is, because somebody has changed it. Remove it to get the package's own file.")
    for name in sorted(publication.taken):
        say(f"{name}: not made, because somebody else's file has that name. Rename it to get the package's own.")
    for name in publication.changed_in_place:
        say(f"{name}: changed by a program, and so is its original: both are one file. --link copy avoids this.")
    if suspects:
        say(
            f"{counted(len(suspects), 'slide')} should be looked at (on {PAGE}, “For those who make the package”):"
            + listed(suspects_told(suspects))
        )
    if not publication.troubles:
        return DONE
    message = f"{counted(len(publication.troubles), 'thing')} missing or ambiguous:" + "".join(
        f"\n  {trouble}" for trouble in publication.troubles_told
    )
    if allow_missing:
        say(message)
        return DONE
    raise BuilderError(
        message,
        advice(
            "Run parts 2 and 3 again (3 with --missing-only), or accept it with --allow-missing.",
            "Another build takes what is missing; --allow-missing accepts it.",
        ),
    )


def suspects_told(suspects: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each suspect place; places with the same reasons share one."""
    names: dict[str, list[str]] = {}
    for name, reasons in suspects.items():
        names.setdefault("; ".join(reasons), []).append(name)
    return [f"{', '.join(cut(there))}: {reason}" for reason, there in names.items()]


def cut(words: Sequence[str]) -> list[str]:
    """Return words, not too many of them; the last one then says how many more there are."""
    return [*words[:MOST_NAMED], *([f"and {len(words) - MOST_NAMED} more"] if len(words) > MOST_NAMED else [])]


def listed(sentences: Sequence[str]) -> str:
    """Return sentences as indented lines, not too many of them."""
    more = [f"and {len(sentences) - MOST_LISTED} more"] if len(sentences) > MOST_LISTED else []
    return "".join(f"\n  {sentence}" for sentence in [*sentences[:MOST_LISTED], *more])


if __name__ == "__main__":
    raise SystemExit(run(main))
