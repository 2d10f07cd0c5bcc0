#!/usr/bin/env python3
"""Part 4: merges the videos and slides of one language into numbered sequences in <project>/output/."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from _config import Config, add_config_arguments, resolve, show_config
from _console import say
from _errors import DONE, BuilderError, run
from _overview import overview
from _package import VIDEOS, Plan, make_plan, publish
from _project import exclusive

REQUIRED = ("project_path",)
MOST_LISTED = 20
METHODS = {
    "hard": "Files are hard links to the originals.",
    "copy": "Files are copies.",
    "copy and hard": "Files are hard links to the originals, and copies where the file system has no links.",
}


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="show what would be made, and touch nothing")
    parser.add_argument(
        "--link",
        choices=["auto", "hard", "copy"],
        default="auto",
        help="how to make the files: hard links, copies, or (auto, the default) links where the file system has them",
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="exit with 0 though pictures or videos are missing"
    )
    add_config_arguments(parser, project_path=("-p",))
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the part and return its exit code."""
    arguments = parse(argv)
    if arguments.show_config:
        show_config(arguments, REQUIRED)
        return DONE
    config = resolve(arguments, REQUIRED)
    config.project.require()
    if arguments.dry_run:
        plan = make_plan(config.project, language_of(config))
        show_plan(plan)
        return sum_up(plan, arguments.allow_missing)
    with exclusive(config.project, config.session_id, "4-rename-files.py"):
        plan = make_plan(config.project, language_of(config))
        method = publish(config.project, plan, overview(plan, language_of(config)), arguments.link)
    say(METHODS[method])
    for folder in (VIDEOS, *(curriculum.folder for curriculum in plan.sequences)):
        say(f"{folder}: {plan.count(folder, '.png')} pictures, {plan.count(folder, '.mp4')} videos")
    say(f"The package is in {config.project.output}; look through it at {config.project.output / 'index.html'}")
    return sum_up(plan, arguments.allow_missing)


def language_of(config: Config) -> str:
    """Return the language, which the project's folder is named after if nothing else says it."""
    return config.language_code if "language_code" in config.settings else config.project.path.name


def show_plan(plan: Plan) -> None:
    """Print the whole plan, a line for each file."""
    for item in plan.items:
        say(f"{item.target} <- {item.source} ({item.why})")


def sum_up(plan: Plan, allow_missing: bool) -> int:
    """Say what is missing and what was left out, and return the exit code.

    Raises:
        BuilderError: something is missing, and that is not allowed.
    """
    for note in plan.notes:
        say(note)
    if not plan.missing:
        return DONE
    more = [f"and {len(plan.missing) - MOST_LISTED} more"] if len(plan.missing) > MOST_LISTED else []
    message = "\n  ".join([f"{len(plan.missing)} things are missing:", *plan.missing[:MOST_LISTED], *more])
    if allow_missing:
        say(message)
        return DONE
    raise BuilderError(message, "Run the parts 2 and 3 again (3 with --missing-only), or accept it: --allow-missing")


if __name__ == "__main__":
    raise SystemExit(run(main))
