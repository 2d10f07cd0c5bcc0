"""Runs the stand-ins for Vimeo, for the presenter and for the mirror until Ctrl-C, for trying single scripts by hand.

They behave well unless a fault is asked for, and serve every language of the course.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

_PARTS = str(Path(__file__).resolve().parent.parent)
if _PARTS not in sys.path:  # run as a folder, Python looks for modules only in the folder itself
    sys.path[0] = _PARTS

from cli.arguments import seconds, whole_number
from cli.options import add_version
from common.console import print_result
from common.script import exit_code_of, run
from course.languages import Language, find_language

if TYPE_CHECKING:
    from demo.standin import StandIn


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python parts/demo", description=__doc__)
    add_version(parser)
    parser.add_argument(
        "--port",
        type=whole_number(1, 65534),
        metavar="N",
        help="port of the Vimeo stand-in; the presenter uses the next one (default: two free ports)",
    )
    parser.add_argument(
        "-l",
        "--language",
        type=language,
        default="en",
        metavar="CODE",
        help="the language whose addresses are shown (default: en)",
    )
    faults = parser.add_argument_group("faults")
    faults.add_argument(
        "--slow",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="delay answers of the API, pictures, icons and fonts",
    )
    faults.add_argument(
        "--rate-limit",
        type=whole_number(1, 1000),
        default=1000,
        metavar="N",
        help="answer N API requests a minute, and refuse the others",
    )
    faults.add_argument(
        "--fail-videos",
        type=whole_number(0, 40),
        default=0,
        metavar="N",
        help="refuse the download of the first N videos of each language",
    )
    faults.add_argument("--no-downloads", action="store_true", help="let the account see videos, but download none")
    faults.add_argument("--no-mirror", action="store_true", help="let the mirror have no videos")
    faults.add_argument("--missing-picture", action="store_true", help="leave out one picture that several slides show")
    return parser.parse_args(argv)


def language(text: str) -> Language:
    """Read a language's code for argparse."""
    found = find_language(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a language of the course")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Start the stand-ins, say where they are, wait for Ctrl-C or SIGTERM, and return that one's exit code.

    Raises:
        BuilderError: a port cannot be used.
    """
    arguments = parse(argv)
    with stand_in(arguments) as running:
        introduce(running, arguments.language)
        try:
            while True:
                time.sleep(60)
        except KeyboardInterrupt as interrupt:
            return exit_code_of(interrupt)


def stand_in(arguments: argparse.Namespace) -> StandIn:
    """Return the stand-ins, with the faults that are asked for; they are not started yet."""
    from demo.course import PICTURES
    from demo.mirror_settings import MirrorSettings
    from demo.presenter_settings import PresenterSettings
    from demo.standin import StandIn
    from demo.vimeo_faults import CdnError, NoDownload, SlowApi, VimeoFault
    from demo.vimeo_settings import VimeoSettings
    from demo.vimeo_videos import course_numbers

    failing = course_numbers(arguments.language)[: arguments.fail_videos]
    faults: list[VimeoFault] = [CdnError(numbers=failing, status=400), SlowApi(seconds=arguments.slow)]
    if arguments.no_downloads:
        faults.append(NoDownload())
    vimeo = VimeoSettings(faults=faults, rate_limit=arguments.rate_limit)
    presenter = PresenterSettings(
        picture_delay=arguments.slow,
        icon_delay=arguments.slow,
        font_delay=arguments.slow,
        picture_missing=PICTURES[:1] if arguments.missing_picture else (),
    )
    mirror = MirrorSettings(numbers=() if arguments.no_mirror else None)
    return StandIn(vimeo, presenter, mirror, arguments.port)


def introduce(running: StandIn, shown: Language) -> None:
    """Say where the stand-ins are, and how to lead a script there."""
    print_result(f"Vimeo:     {running.vimeo_url}, folder {shown.vimeo_folder_id or 'unknown'} ({shown.name})")
    print_result(f"Presenter: {running.site_url}/{shown.code}/presenter?session=1&type=10&view=slideshow")
    print_result(f"Mirror:    {running.mirror_url}{shown.code}/1.mp4")
    print_result("\nFor the shell in which you run the scripts:\n")
    for name, value in running.environment().items():
        print_result(f"$env:{name} = '{value}'" if sys.platform == "win32" else f"export {name}={value}")
    print_result("\nCtrl-C stops them.")


if __name__ == "__main__":
    raise SystemExit(run(main))
