"""The kinds of values that command-line arguments take, checked while argparse reads them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from common.console import NORMAL, QUIET, VERBOSE, set_level
from course.curricula import CURRICULA

CURRICULUM_CHOICES = ("all", *(curriculum.name for curriculum in CURRICULA))


def names_out_of(allowed: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """Return an argparse type that reads a comma-separated list of allowed names."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        for name in names:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(allowed)}")
        return names

    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return an argparse type that reads a whole number within bounds, both included."""

    def read(text: str) -> int:
        if not text.strip().isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """Read a number of seconds for argparse: not negative, and finite."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def vimeo_folder(text: str) -> str:
    """Read a Vimeo folder for argparse: its number, or its address or path with the number of its owner.

    Returns:
        The number, or ``OWNER/NUMBER``.
    """
    match = re.fullmatch(r"(?:(?:.*/)?(?:users?/)?(\d{1,20})/(?:(?:projects?|folders?)/)?)?(\d{1,20})", text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a Vimeo folder, nor OWNER/NUMBER")
    return "/".join(filter(None, match.groups()))


def video_number(text: str) -> tuple[int, str]:
    """Read ``NUMBER=VIDEO_ID`` for argparse: a course number and the Vimeo video that has it."""
    match = re.fullmatch(r"(\d{1,3})=(\d{1,20})", text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 06=VIDEO_ID")
    return int(match[1]), match[2]


def quality(text: str) -> str:
    """Read a rendition's name for argparse."""
    if not re.fullmatch(r"best|source|[1-9][0-9]{1,4}p", text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither best, source nor a height like 720p")
    return text


def addresses(text: str) -> str:
    """Read web addresses for argparse, separated by commas; they come back without blanks."""
    found = [part.strip().rstrip("/") for part in text.split(",") if part.strip()]
    for address in found:
        if not re.fullmatch(r"https?://[^\s/]\S*", address):
            raise argparse.ArgumentTypeError(f"{address!r} is not a web address such as http://127.0.0.1:4444")
        if "@" in address.split("/")[2]:
            # It would stand in the list of processes, in the session's state and in messages.
            raise argparse.ArgumentTypeError("an address with a password in it would be seen by others")
    return ",".join(found)


def add_curriculum_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says which curriculum a part works on: ``all`` or one by its name."""
    parser.add_argument("-c", "--curriculum", choices=CURRICULUM_CHOICES, default="all", help="which one (default all)")


def add_allow_missing_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that accepts gaps."""
    parser.add_argument(
        "--allow-missing", action="store_true", help="exit with 0 though pictures or videos are missing"
    )


def add_without_videos_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says that the videos were left out on purpose."""
    parser.add_argument(
        "--without-videos", action="store_true", help="missing videos are no fault: they were left out on purpose"
    )


class _Level(argparse.Action):
    """Sets how much is said, as soon as the flag is read."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object) -> None:
        setattr(namespace, self.dest, True)
        set_level(VERBOSE if self.dest == "verbose" else QUIET)


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how much a script prints."""
    set_level(NORMAL)
    group = parser.add_argument_group("output").add_mutually_exclusive_group()
    group.add_argument("--quiet", action=_Level, nargs=0, default=False, help="only warnings, errors and results")
    group.add_argument("--verbose", action=_Level, nargs=0, default=False, help="every step of the work")


# What the parts and build.py accept alike.
workers = whole_number(1, 16)
browsers = whole_number(1, 64)
pixels = whole_number(100, 10000)
days = whole_number(0, 100_000)
