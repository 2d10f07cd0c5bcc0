"""The options that several scripts share or that build.py hands on to the parts; each one is declared here, once.

The parsers of all scripts, the command lines that build.py gives to the parts, and the resuming of builds read
this table. An option that only one script has is declared in that script.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from cli.arguments import (
    addresses,
    browsers,
    curricula,
    pixels,
    program,
    quality,
    seconds,
    video_number,
    vimeo_folder,
    workers,
)
from common.console import NORMAL, QUIET, VERBOSE, set_level
from common.version import VERSION
from course.curricula import CURRICULA

# The parts, by the names that the steps of a build have.
SETUP, VIDEOS, SLIDES, RENAME, DECKS = "setup", "videos", "slides", "rename", "decks"


class _Parser(Protocol):
    """A parser, or a group of one."""

    def add_argument(self, *flags: str, **settings: Any) -> argparse.Action: ...


class _Level(argparse.Action):
    """Sets the output level, as soon as the flag is read."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object) -> None:
        setattr(namespace, self.dest, True)
        set_level(VERBOSE if self.dest == "verbose" else QUIET)


@dataclass(frozen=True)
class Option:
    """One option of the command line.

    Attributes:
        flags: every spelling; the last one is the one that messages use, and it gives the option its name.
        help: what it means, without its default.
        metavar: what the value is, e.g. SECONDS; empty for a switch.
        read: reads the value; raises argparse.ArgumentTypeError.
        default: what a part takes if nobody gives a value; False for a switch.
        default_text: what the help says of the default, if the value itself does not tell.
        choices: the only values that are allowed, if there are so few.
        is_list: whether it may be given several times. Of two values with the same text before "=" the later counts.
        action: what argparse does when it reads the flag, if that is something special.
        parts: the parts that take it.
        is_kept: whether a build takes it, keeps it for when it is resumed, and hands it on to those parts.
        is_recorded: whether a build keeps the default, too, and so goes on with it whatever a later release takes.
        remakes: whether another value changes what the parts make, so that a resumed build runs them again.
        can_be_taken_back: whether it has a --no- form where something may remember that it was given.
        is_in_package: whether the package remembers the value (``workspace.package_settings``), for the runs after
            this one. The scripts that take such an option cannot have a default of their own for it.
    """

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    read: Callable[[str], Any] = str
    default: Any = None
    default_text: str = ""
    choices: tuple[str, ...] = ()
    is_list: bool = False
    action: type[argparse.Action] | None = None
    parts: tuple[str, ...] = ()
    is_kept: bool = False
    is_recorded: bool = False
    remakes: bool = False
    can_be_taken_back: bool = False
    is_in_package: bool = False

    @property
    def name(self) -> str:
        """The name of the value, for argparse and in the state of a build: ``folder_id`` for ``--folder-id``."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def flag(self) -> str:
        """The spelling that messages and command lines use."""
        return self.flags[-1]

    def add_to(self, parser: _Parser) -> None:
        """Add the option to the parser of a script, with its default."""
        self._add(parser, default=list(self.default) if self.is_list else self.default)

    def add_without_default(self, parser: _Parser) -> None:
        """Add the option to a parser that has to tell what was given from what was not: None stands for not given."""
        self._add(parser, default=None, action=argparse.BooleanOptionalAction if self.can_be_taken_back else None)

    def _add(self, parser: _Parser, default: Any, action: type[argparse.Action] | None = None) -> None:
        settings: dict[str, Any] = {"dest": self.name, "default": default, "help": self._help()}
        if self.action:
            settings |= {"action": self.action, "nargs": 0}
        elif action:
            settings["action"] = action
        elif self.default is False:
            settings |= {"action": "store_const", "const": True}
        elif self.choices:
            settings |= {"choices": self.choices, "metavar": self.metavar or None}
        else:
            settings |= {"type": self.read, "metavar": self.metavar, "action": "append" if self.is_list else "store"}
        parser.add_argument(*self.flags, **settings)

    def _help(self) -> str:
        default = self.default_text or (_text(self.default) if self.default else "")
        return f"{self.help} (default: {default})" if default else self.help

    def words(self, value: Any) -> list[str]:
        """Return the command-line words that set this value; none for a value that means nothing."""
        if value is None or value is False or value == "":
            return []
        if value is True:
            return [self.flag]
        return [word for each in (value if self.is_list else [value]) for word in (self.flag, _text(each))]

    def combined(self, before: Any, given: Any) -> Any:
        """Return the value that a build has after one is given anew; values of a list join those from before."""
        if not self.is_list:
            return given
        return list({text.partition("=")[0]: text for text in (*before, *given)}.values())


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


_TABLE = (
    # What every script is about.
    Option(("-l", "--language", "--language-code"), "the language, by its code or name, e.g. es", "CODE"),
    Option(("-p", "--project-path"), "the folder of one language's package", "PATH"),
    Option(("--session-id",), "the build session that this run belongs to", "ID"),
    Option(("-f", "--folder"), "the folder of all languages; the project is DIR/CODE", "DIR", parts=(SETUP,)),
    Option(("--quiet",), "print only warnings, errors and results", default=False, action=_Level),
    Option(("--verbose",), "print every step of the work", default=False, action=_Level),
    # What only build.py does, and does again when a build is resumed.
    Option(
        ("--keep-going",),
        "run the later parts even if one fails",
        default=False,
        is_kept=True,
        is_recorded=True,
        can_be_taken_back=True,
    ),
    Option(("--demo",), "build from stand-ins on this machine", default=False, is_kept=True),
    Option(
        ("--decks",),
        "also make PowerPoint files of the package",
        default=False,
        can_be_taken_back=True,
        is_in_package=True,
    ),
    # What is handed on to several parts.
    Option(
        ("-c", "--curriculum"),
        "the curricula to work on, separated by commas: "
        f"{', '.join(('all', *(curriculum.name for curriculum in CURRICULA)))}",
        "NAME[,NAME]",
        read=curricula,
        default="all",
        parts=(SLIDES, RENAME, DECKS),
        is_kept=True,
        is_recorded=True,
        remakes=True,
        is_in_package=True,
    ),
    Option(
        ("--allow-missing",),
        "exit with code 0 even if pictures or videos are missing",
        default=False,
        parts=(VIDEOS, RENAME, DECKS),
        is_kept=True,
        is_recorded=True,
        remakes=True,
        can_be_taken_back=True,
    ),
    Option(
        ("--without-videos",),
        "do not count missing videos as a fault: they were left out on purpose",
        default=False,
        parts=(RENAME, DECKS),
    ),
    # Of part 2.
    Option(
        ("--video-source",),
        "where the videos come from: Vimeo, the course's public mirror, or (auto) Vimeo with a token, "
        "and the mirror for what Vimeo does not give",
        choices=("auto", "vimeo", "mirror"),
        default="auto",
        parts=(VIDEOS,),
        is_kept=True,
        remakes=True,
        is_in_package=True,
    ),
    Option(
        ("--folder-id",),
        "the Vimeo folder; OWNER/NUMBER if it belongs to the owner of a team",
        "ID",
        read=vimeo_folder,
        default_text="the language's own",
        parts=(VIDEOS,),
        remakes=True,
        is_in_package=True,
    ),
    Option(
        ("--recursive",),
        "also download the videos in the folder's subfolders",
        default=False,
        parts=(VIDEOS,),
        is_kept=True,
        remakes=True,
        can_be_taken_back=True,
        is_in_package=True,
    ),
    Option(
        ("--max-workers",),
        "how many downloads run side by side",
        "N",
        read=workers,
        default=3,
        parts=(VIDEOS,),
        is_kept=True,
    ),
    Option(
        ("--quality",),
        "best, source, or a height such as 720p: the nearest rendition not above it",
        "QUALITY",
        read=quality,
        default="best",
        parts=(VIDEOS,),
        is_kept=True,
        remakes=True,
        is_in_package=True,
    ),
    Option(
        ("--number",),
        "give the video this course number for good, whatever its title says; may be given several times",
        "NN=VIDEO_ID",
        read=video_number,
        default=(),
        is_list=True,
        parts=(VIDEOS,),
        is_kept=True,
        remakes=True,
    ),
    # Of part 3.
    Option(
        ("-w", "--width"),
        "the width of the pictures in pixels",
        "N",
        read=pixels,
        default=3000,
        parts=(SLIDES,),
        is_kept=True,
        is_recorded=True,
        remakes=True,
        is_in_package=True,
    ),
    Option(
        ("-ht", "--height"),
        "the height of the pictures in pixels",
        "N",
        read=pixels,
        default=1680,
        parts=(SLIDES,),
        is_kept=True,
        is_recorded=True,
        remakes=True,
        is_in_package=True,
    ),
    Option(
        ("-wt", "--wait"),
        "the longest time a slide may take to be ready",
        "SECONDS",
        read=seconds,
        default=5.0,
        parts=(SLIDES,),
        is_kept=True,
        is_recorded=True,
    ),
    Option(
        ("--settle",),
        "an extra pause before each picture",
        "SECONDS",
        read=seconds,
        default=0.0,
        default_text="0",
        parts=(SLIDES,),
        is_kept=True,
    ),
    Option(
        ("--browsers",),
        "how many browsers run side by side",
        "N",
        read=browsers,
        default_text="one for each core, at most 4, and no more than fit into the free memory",
        parts=(SLIDES,),
        is_kept=True,
    ),
    Option(
        ("--grid-url",),
        "use the browsers of this Selenium Grid, or of several W3C remote ends",
        "URL[,URL...]",
        read=addresses,
        default="",
        parts=(SLIDES,),
        is_kept=True,
    ),
    Option(
        ("--chrome",),
        "the browser to use",
        "PATH",
        read=program,
        default="",
        default_text="ZUME_CHROME, else the first one found",
        parts=(SLIDES,),
        is_kept=True,
    ),
    Option(
        ("--chromedriver",),
        "the browser's driver",
        "PATH",
        read=program,
        default="",
        default_text="ZUME_CHROMEDRIVER, else one that fits",
        parts=(SLIDES,),
        is_kept=True,
    ),
    Option(
        ("--allow-flawed",),
        "keep a slide whose only fault is a font or picture that the site does not deliver",
        default=False,
        parts=(SLIDES,),
        is_kept=True,
        is_recorded=True,
        remakes=True,
        can_be_taken_back=True,
        is_in_package=True,
    ),
    Option(
        ("--only-changed",),
        "take what is missing, what no record proves, and what the site shows differently than when it was taken",
        default=False,
        parts=(SLIDES,),
        is_kept=True,
        remakes=True,
        can_be_taken_back=True,
    ),
    # Of part 4.
    Option(
        ("--link",),
        "how to make the files: hard links, copies, or (auto) reflinks if the file system has them, "
        "else hard links, else copies",
        choices=("auto", "hard", "copy"),
        default="auto",
        parts=(RENAME,),
        is_kept=True,
        remakes=True,
        is_in_package=True,
    ),
)

OPTIONS = {option.name: option for option in _TABLE}
# Those that a build takes, keeps and hands on.
KEPT = tuple(option for option in _TABLE if option.is_kept)
# Those that a package remembers.
IN_PACKAGE = tuple(option for option in _TABLE if option.is_in_package)


def add_part_options(parser: argparse.ArgumentParser, part: str) -> None:
    """Add the options of the table that a part takes, e.g. ``videos``.

    Those that the package remembers are None unless they are given; ``workspace.package_settings`` fills them in.
    """
    for option in _TABLE:
        if part in option.parts and option.is_in_package:
            option.add_without_default(parser)
        elif part in option.parts:
            option.add_to(parser)


def add_options(parser: _Parser, names: Iterable[str]) -> None:
    """Add options of the table by their names, without defaults."""
    for name in names:
        OPTIONS[name].add_without_default(parser)


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add the option that shows the version of the suite."""
    text = f"zume-slide-builder {VERSION}"
    parser.add_argument("--version", action="version", version=text, help="show the version, then exit")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how much a script prints, and the one that shows its version."""
    add_version(parser)
    set_level(NORMAL)
    group = parser.add_argument_group("output").add_mutually_exclusive_group()
    for name in ("quiet", "verbose"):
        OPTIONS[name].add_to(group)
