#!/usr/bin/env python3
"""Part 5 (optional): makes a PowerPoint deck of each curriculum out of the package in <project>/output/."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from _config import Config, add_config_arguments, resolve, show_config
from cli.options import DECKS, add_part_options
from common.console import Bars, counted, say, warn
from common.errors import DONE, BuilderError
from common.files import folder_at, make_folder
from common.formats import file_size
from common.script import run
from common.typed import advice
from course.curricula import CURRICULA, Curriculum, curricula_named
from decks.troubles import troubles_told
from package.checksums import replacing
from package.project_records import require_known_records
from workspace.folders import Project
from workspace.lock import exclusive, holder_of
from workspace.package_settings import remember, take_settings

if TYPE_CHECKING:
    from decks.plan import Deck

REQUIRED = ("project_path",)
# Besides its media, a deck is a few hundred kilobytes.
FRAME_SIZE = 2_000_000


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_part_options(parser, DECKS)
    parser.add_argument("--output-dir", metavar="DIR", help="where the decks go (default: the package)")
    add_config_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the part and return its exit code."""
    arguments = parse(argv)
    if arguments.show_config:
        show_config(arguments, REQUIRED)
        return DONE
    config = resolve(arguments, REQUIRED)
    require_known_records(config.project.require())
    with held(config, arguments):
        take_settings(arguments, config.project)
        decks = make(config, arguments)
        if not arguments.output_dir:
            given = config.settings.get("language_code")
            remember(config.project, given.value if given else None, {"decks": True})
    for curriculum in curricula_named(arguments.curriculum):
        say_why_not(curriculum, decks, folder_of(config, arguments) / curriculum.deck_name(config.language_or_folder))
    return sum_up(decks, arguments.allow_missing)


def held(config: Config, arguments: argparse.Namespace) -> AbstractContextManager[None]:
    """Keep other runs away from the project during the block, if anything can be written there.

    Decks of a package that cannot be written can go elsewhere. Then nothing is written into it, not even a lock.

    Raises:
        BuilderError: another run holds the project, or the decks cannot go there.
    """
    project = config.project
    if os.access(project.path, os.W_OK):
        return exclusive(project, config.session_id, "5-decks.py")
    if not arguments.output_dir:
        raise BuilderError(
            f"{project.path} cannot be written.",
            advice("Change its permissions, or have the decks elsewhere: --output-dir DIR", "Change its permissions."),
        )
    if holder := holder_of(project):
        raise holder
    return nullcontext()


def make(config: Config, arguments: argparse.Namespace) -> list[Deck]:
    """Make the decks and return what they hold.

    Raises:
        BuilderError: there is nothing to make them of, or they cannot be written.
    """
    from decks.plan import plan_decks, require_package, stale_files
    from decks.writer import remove_partials
    from package.plan import make_plan

    project = config.project
    require_package(project)
    plan = make_plan(project, config.language_or_folder, without_videos=arguments.without_videos)
    decks = plan_decks(project, plan, curricula_named(arguments.curriculum))
    if stale := stale_files(project, plan, decks):
        more = f" (and {len(stale) - 1} others)" if len(stale) > 1 else ""
        again = advice("Run part 4 again to get the new one.", "Another build gets the new one.")
        warn(f"The package has {stale[0]}{more} from an older original. {again}")
    folder = folder_of(config, arguments)
    make_folder(folder, advice("Choose another folder with --output-dir.", "Choose another --folder."))
    targets = {each: folder / each.deck_name(config.language_or_folder) for each in CURRICULA}
    remove_partials(targets.values())
    package = project if folder.resolve() == project.output.resolve() else None
    write([deck for deck in decks if deck.slides], targets, config.language_or_folder, package)
    return decks


def write(decks: Sequence[Deck], targets: Mapping[Curriculum, Path], code: str, package: Project | None = None) -> None:
    """Write the decks one after the other, and say what each of them is.

    Args:
        decks: those that have slides.
        targets: where they go.
        code: of the language.
        package: whose package they go into, if they do: its list of checksums has to have them.

    Raises:
        BuilderError: one cannot be written; those before it are whole.
    """
    from common.bar_columns import byte_columns
    from decks.presentation import deck_language, make_skeleton
    from decks.writer import read_check_sums, require_space, write_deck

    require_space([(targets[deck.curriculum], deck.media_size + FRAME_SIZE) for deck in decks])
    read_check_sums(media for deck in decks for media in deck.media)
    for deck in decks:
        target = targets[deck.curriculum]
        with (
            replacing(package, target.name) if package else nullcontext(),
            Bars(*byte_columns(with_rate=False)) as bars,
            bars.bar(target.name, deck.media_size) as bar,
        ):
            size = write_deck(target, make_skeleton(deck, deck_language(code)), bar.move)
        say(f"{deck.curriculum.folder}: {counted(len(deck.slides), 'slide')}, {file_size(size)}: {target}")


def folder_of(config: Config, arguments: argparse.Namespace) -> Path:
    """Return the folder for the decks."""
    return folder_at(arguments.output_dir) if arguments.output_dir else config.project.output


def say_why_not(curriculum: Curriculum, decks: Sequence[Deck], target: Path) -> None:
    """Say why a curriculum that was asked for has no deck, if it has none."""
    if any(deck.curriculum == curriculum and deck.slides for deck in decks):
        return
    old = f" {target} was made from an older package." if target.exists() else ""
    say(f"{curriculum.folder}: no deck, because the package has no slides of it.{old}")


def sum_up(decks: Sequence[Deck], allow_missing: bool) -> int:
    """Say what looks different from the rest and what is missing, and return the exit code.

    Raises:
        BuilderError: something is missing, and that is not allowed; or there is no deck at all.
    """
    for deck in decks:
        for note in deck.notes:
            say(note)
    troubles = [trouble for deck in decks for trouble in deck.troubles]
    message = f"{counted(len(troubles), 'thing')} missing or ambiguous:" + "".join(
        f"\n  {sentence}" for sentence in troubles_told(troubles)
    )
    if not any(deck.slides for deck in decks):
        reason = message if troubles else "The package has no slides of what you asked for."
        remedy = advice("Run parts 2, 3 (with --missing-only) and 4 again.", "Another build takes what is missing.")
        raise BuilderError(f"No deck was made. {reason}", remedy)
    if not troubles:
        return DONE
    if allow_missing:
        say(message)
        return DONE
    raise BuilderError(
        message,
        advice(
            "Run parts 2, 3 (with --missing-only) and 4 again, or accept it with --allow-missing.",
            "Another build takes what is missing; --allow-missing accepts it.",
        ),
    )


if __name__ == "__main__":
    raise SystemExit(run(main))
