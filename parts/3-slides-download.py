#!/usr/bin/env python3
"""Part 3: takes a picture of every slide of one language into <project>/{10,20,intensive}/."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from _config import Config, add_config_arguments, resolve, show_config
from cli.arguments import curricula
from cli.options import SLIDES, add_part_options
from common.console import counted, say, warn
from common.errors import DONE, BuilderError
from common.script import run
from common.typed import advice, in_build
from course.curricula import Curriculum, curricula_named
from course.page import site_url
from package.project_records import require_language
from slides.about_pictures import about_left_changed, about_unproven
from slides.causes import number_of, told_by_cause
from slides.current import curricula_there, keeps_flawed
from slides.entry import FLAWED, GOOD, UNPROVEN, Entry
from slides.scope import Scope
from workspace.lock import exclusive
from workspace.package_settings import remember, take_settings

if TYPE_CHECKING:
    from slides.curriculum_run import CurriculumRun

REQUIRED = ("project_path", "language_code")
# In seconds. A shorter --wait is likely meant as a pause, which it was in the scripts before this suite.
SHORT_WAIT = 3


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_part_options(parser, SLIDES)
    parser.add_argument(
        "-m", "--missing-only", action="store_true", help="leave out slides that have a whole picture of the right size"
    )
    parser.add_argument("-r", "--resume", action="store_true", help="continue the last run, if it was interrupted")
    add_config_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the part and return its exit code."""
    arguments = parse(argv)
    if arguments.show_config:
        show_config(arguments, REQUIRED)
        return DONE
    config = resolve(arguments, REQUIRED)
    require_language(config.project.require(), config.language_code)
    with exclusive(config.project, config.session_id, "3-slides-download.py"):
        is_open = arguments.allow_flawed is None
        before = take_settings(arguments, config.project)
        if is_open and "allow_flawed" not in before:
            arguments.allow_flawed = keeps_flawed(config.project)
        had = curricula_named(before["curriculum"]) if "curriculum" in before else curricula_there(config.project)
        return take(config, arguments, settings_of(arguments, had))


def settings_of(arguments: argparse.Namespace, had: Sequence[Curriculum]) -> dict[str, Any]:
    """Return what the package is to remember of its slides: a run over one curriculum takes none of the others away."""
    names = [curriculum.name for curriculum in (*had, *curricula_named(arguments.curriculum))]
    return {
        "curriculum": curricula(",".join(names)),
        "width": arguments.width,
        "height": arguments.height,
        "allow_flawed": arguments.allow_flawed,
    }


def scope_of(arguments: argparse.Namespace) -> Scope:
    """Return how much of the course is wanted; ``--only-changed`` takes what is missing, too."""
    if arguments.only_changed:
        return Scope.CHANGED
    return Scope.MISSING if arguments.missing_only else Scope.ALL


def take(config: Config, arguments: argparse.Namespace, to_remember: Mapping[str, Any]) -> int:
    """Take the pictures and return the exit code; as soon as the work begins, let the package remember something."""
    from functools import partial

    from slides.capture import CaptureSettings
    from slides.chrome import find_tools
    from slides.memory import default_browsers
    from slides.take_slides import take_slides

    if arguments.wait < SHORT_WAIT:
        warn(
            f"--wait {arguments.wait:g} is the longest that a slide may take to be ready, not a pause. "
            "Slides that need longer fail."
        )
    count = arguments.browsers or default_browsers(elsewhere=bool(arguments.grid_url))
    say(f"{site_url()}, language {config.language_code}")
    settings = CaptureSettings(
        language_code=config.language_code,
        width=arguments.width,
        height=arguments.height,
        wait=arguments.wait,
        settle=arguments.settle,
        allow_flawed=arguments.allow_flawed,
        tools=None,
        grid_urls=tuple(filter(None, arguments.grid_url.split(","))),
        find_tools=None if arguments.grid_url else partial(find_tools, arguments.chrome, arguments.chromedriver),
    )
    runs = take_slides(
        config.project,
        curricula_named(arguments.curriculum),
        settings,
        count,
        scope=scope_of(arguments),
        resume=arguments.resume,
        begin=lambda: remember(config.project, config.language_code, to_remember),
    )
    return sum_up(runs)


def sum_up(runs: Sequence[CurriculumRun]) -> int:
    """Say what became of the slides, and return the exit code.

    Args:
        runs: one for each curriculum.

    Raises:
        BuilderError: slides are missing; the message names them.
    """
    for curriculum_run in runs:
        unproven = curriculum_run.count(UNPROVEN)
        good = f"{curriculum_run.count(*GOOD)} good" + (f" ({unproven} of them unproven)" if unproven else "")
        bad = len(curriculum_run.troubles(is_bad))
        folder = curriculum_run.curriculum.folder
        say(f"{folder}: {good}, {curriculum_run.count(FLAWED)} flawed, {bad} failed: {curriculum_run.folder}")
    if unproven := sum(curriculum_run.count(UNPROVEN) for curriculum_run in runs):
        say(f"{about_unproven(unproven)} --only-changed takes {'it' if unproven == 1 else 'them'} again.")
    if flawed := told_by_cause(each for run in runs for each in run.troubles(lambda entry: entry.status == FLAWED)):
        say("\n  ".join(["Kept though the site does not deliver everything on them:", *flawed]))
    # A build says it at its end.
    if not in_build() and (sentence := about_left_changed([each for run in runs for each in run.left_as_they_were])):
        warn(sentence)
    problems = [each for run in runs for each in run.troubles(is_bad)]
    if problems:
        raise BuilderError(
            "\n  ".join(
                [
                    f"{counted(number_of(problems), 'slide')} could not be taken:",
                    *told_by_cause(problems, "--allow-flawed keeps them"),
                ]
            ),
            advice("Run the same command again with --missing-only.", ""),
        )
    return DONE


def is_bad(entry: Entry) -> bool:
    """Say whether a slide has no picture that can be used, or not the one that this run was to take."""
    return entry.status not in (*GOOD, FLAWED)


if __name__ == "__main__":
    raise SystemExit(run(main))
