"""The types of the values on command lines; each one checks its text for argparse."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from common.console import warn
from course.curricula import CURRICULA

_MOST_WORKERS = 16


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


def workers(text: str) -> int:
    """Read for argparse how many downloads run side by side; too many are fewer, because scripts of users have more."""
    if text.strip().isdecimal() and int(text) > _MOST_WORKERS:
        warn(f"--max-workers {text.strip()}: at most {_MOST_WORKERS} downloads run side by side.")
        return _MOST_WORKERS
    return whole_number(1, _MOST_WORKERS)(text)


def seconds(text: str) -> float:
    """Read a number of seconds for argparse: not negative, and finite."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def curricula(text: str) -> str:
    """Read curricula for argparse: ``all``, one name, or several names separated by commas; any case will do.

    Returns:
        The names in course order, separated by commas; ``all`` for all of them.
    """
    known = tuple(curriculum.name for curriculum in CURRICULA)
    names = names_out_of(("all", *known))(text.lower())
    if not names:
        raise argparse.ArgumentTypeError(f"{text!r} names no curriculum")
    return "all" if "all" in names or set(names) == set(known) else ",".join(n for n in known if n in names)


def vimeo_folder(text: str) -> str:
    """Read a Vimeo folder for argparse: its number, or its address or path with the number of its owner.

    Returns:
        The number, or ``OWNER/NUMBER``.
    """
    match = re.fullmatch(r"(?:(?:.*/)?(?:users?/)?(\d{1,20})/(?:(?:projects?|folders?)/)?)?(\d{1,20})", text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a Vimeo folder, nor OWNER/NUMBER")
    return "/".join(filter(None, match.groups()))


def video_number(text: str) -> str:
    """Read ``NUMBER=VIDEO_ID`` for argparse: a course number and the Vimeo video that has it.

    Returns:
        The same with a number of at least two digits, so that equal numbers are equal texts; see ``numbers_of``.
    """
    match = re.fullmatch(r"(\d{1,3})=(\d{1,20})", text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 06=VIDEO_ID")
    return f"{int(match[1]):02}={match[2]}"


def numbers_of(texts: Iterable[str]) -> dict[int, str]:
    """Return the videos by their course numbers, out of what ``video_number`` has read."""
    pairs = (text.split("=") for text in texts)
    return {int(number): video for number, video in pairs}


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
            # It would appear in the list of processes, in the state of the session and in messages.
            raise argparse.ArgumentTypeError("an address with a password in it would be seen by others")
    return ",".join(found)


def program(text: str) -> str:
    """Read a program for argparse: its name on PATH, or its path, which comes back absolute.

    A build that is resumed may be started in another folder.
    """
    path = Path(text.strip())
    return str(path.expanduser().absolute()) if len(path.parts) > 1 else text.strip()


# What the parts and build.py accept alike.
browsers = whole_number(1, 64)
pixels = whole_number(100, 10000)
days = whole_number(0, 100_000)
