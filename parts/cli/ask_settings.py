"""The questions at a terminal about how a package is to be: its curricula, its decks, the quality of its videos."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from cli.arguments import curricula, quality
from common.console import print_result
from common.prompts import ask, confirm, numbered, print_numbered
from course.curricula import CURRICULA

_ABOUT_CURRICULA = (
    "A curriculum is one way to divide the course into sessions. Each gets its own\n"
    "pictures and its own numbered sequence. If you do not know, take all of them."
)
_ABOUT_DECKS = (
    "A deck is one file for PowerPoint or Keynote with all slides and videos of a\n"
    "curriculum, beside the pictures and videos. It takes as much space again."
)
_ABOUT_QUALITY = (
    "“best” takes the largest file of each video, a height such as 720p the file of\n"
    "that height or the next smaller. For a projector, 720p is enough as a rule.\n"
    "Heights that are not in the list, such as 480p, can be given, too."
)


def ask_curricula(default: str) -> str:
    """Ask which curricula a package is to have, and return them as ``--curriculum`` has them.

    Args:
        default: what Enter means, in the same form.

    Raises:
        Quit: the user leaves the question.
    """
    names = ("all", *(curriculum.name for curriculum in CURRICULA))
    titles = ("all of them", *(curriculum.title for curriculum in CURRICULA))
    print_result("Curricula of the package:")
    print_numbered([f"{name:18} {title}" for name, title in zip(names, titles, strict=True)])
    # People know them by the names of their folders and by their titles, too.
    also = {each: curriculum.name for curriculum in CURRICULA for each in (curriculum.folder, curriculum.title)}
    while True:
        reply = ask("Which (numbers or words, with commas between)", default, explanation=_ABOUT_CURRICULA)
        words = [word.strip().lower() for word in reply.split(",")]
        try:
            return curricula(",".join(numbered(word, names) or also.get(word, word) for word in words))
        except argparse.ArgumentTypeError as error:
            print_result(f"{error}.")


def ask_decks(default: bool) -> bool:
    """Ask whether a package is to have decks.

    Args:
        default: what Enter means.

    Raises:
        Quit: the user leaves the question.
    """
    return confirm("Also make PowerPoint files (decks)?", default, _ABOUT_DECKS)


def ask_quality(default: str, sizes: Mapping[str, str]) -> str:
    """Ask for the quality of the videos, and return it as ``--quality`` has it.

    Args:
        default: what Enter means, in the same form.
        sizes: the choices that are offered, with what each would download, in words; "" where that is not known.

    Raises:
        Quit: the user leaves the question.
    """
    names = tuple(dict.fromkeys((*sizes, default)))
    print_result("Quality of the videos, and what is still to be downloaded:")
    print_numbered([f"{name:8} {sizes.get(name, '')}".rstrip() for name in names])
    while True:
        reply = ask("Which (number or word)", default, explanation=_ABOUT_QUALITY).lower()
        # 720 is a height, if it is no number of the list.
        word = numbered(reply, names) or (f"{reply}p" if reply.isdecimal() else reply)
        try:
            return quality(word)
        except argparse.ArgumentTypeError as error:
            print_result(f"{error}.")
