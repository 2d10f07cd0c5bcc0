"""The steps of a build: what each one is, how it is run, and whether its outcome still holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cli.options import DECKS, KEPT, OPTIONS, RENAME, SETUP, SLIDES, VIDEOS
from common.console import QUIET, VERBOSE, current_level
from course.curricula import Curriculum, curricula_named
from decks.old_decks import why_decks_not_current
from package.current import why_no_package, why_nothing_to_package, why_package_not_current
from slides.current import why_slides_not_current
from videos.current import why_videos_not_current
from workspace.folders import Project, why_folders_missing

_PARTS = Path(__file__).resolve().parent.parent


class StepContext(Protocol):
    """What a step has to know about its build."""

    session_id: str
    language_code: str
    folder_location: str
    project_path: str
    vimeo_folder_id: str | None
    options: dict[str, Any]

    @property
    def project(self) -> Project:
        """The project that is built."""
        ...

    def option(self, name: str) -> Any:
        """Return the value of an option: the build's own, or else the default."""
        ...

    def leaves_out(self, name: str) -> bool:
        """Say whether the build leaves out a step."""
        ...


@dataclass(frozen=True)
class StepDefinition:
    """One step of a build.

    Attributes:
        name: as in a build's state and on the command line.
        title: what people call it.
        script: the part that does it, a file in ``parts/``.
        own_arguments: returns the arguments that only this part gets.
        why_not_current: returns why its outcome no longer holds, or an empty text.
        made_from: the steps that it has to follow: it would not notice by itself what they change.
        why_nothing_to_do: returns why there is nothing to work on, or an empty text; it is asked if a step that this
            one has to follow has not succeeded.
        is_optional: whether a build has it only if somebody asks for it.
    """

    name: str
    title: str
    script: str
    own_arguments: Callable[[StepContext], Sequence[str]]
    why_not_current: Callable[[StepContext], str]
    made_from: frozenset[str] = frozenset()
    why_nothing_to_do: Callable[[StepContext], str] = lambda _: ""
    is_optional: bool = False


def _curricula(build: StepContext) -> tuple[Curriculum, ...]:
    return curricula_named(build.option("curriculum"))


def _where(build: StepContext) -> Sequence[str]:
    return ("--language", build.language_code, *OPTIONS["folder"].words(build.folder_location))


def _without_videos(build: StepContext) -> Sequence[str]:
    return OPTIONS["without_videos"].words(build.leaves_out(VIDEOS))


_TABLE = (
    StepDefinition(
        SETUP,
        "Setup",
        "1-setup.py",
        own_arguments=_where,
        why_not_current=lambda build: why_folders_missing(build.project),
    ),
    StepDefinition(
        VIDEOS,
        "Videos",
        "2-video-download.py",
        own_arguments=lambda build: OPTIONS["folder_id"].words(build.vimeo_folder_id),
        why_not_current=lambda build: why_videos_not_current(build.project),
    ),
    StepDefinition(
        SLIDES,
        "Slides",
        "3-slides-download.py",
        own_arguments=lambda _: ["--missing-only"],
        why_not_current=lambda build: why_slides_not_current(
            build.project,
            _curricula(build),
            (build.option("width"), build.option("height")),
            build.option("allow_flawed"),
        ),
    ),
    StepDefinition(
        RENAME,
        "Numbered sequences",
        "4-rename-files.py",
        own_arguments=_without_videos,
        why_not_current=lambda build: why_package_not_current(build.project, _curricula(build), build.language_code),
        made_from=frozenset({VIDEOS, SLIDES}),
        why_nothing_to_do=lambda build: why_nothing_to_package(build.project, _curricula(build)),
    ),
    StepDefinition(
        DECKS,
        "Decks",
        "5-decks.py",
        own_arguments=_without_videos,
        why_not_current=lambda build: why_decks_not_current(build.project, _curricula(build), build.language_code),
        made_from=frozenset({RENAME}),
        why_nothing_to_do=lambda build: why_no_package(build.project),
        is_optional=True,
    ),
)

# Every step that a build may have, by its name, in the order in which they run.
STEPS: Mapping[str, StepDefinition] = {step.name: step for step in _TABLE}


def command(name: str, build: StepContext) -> list[str]:
    """Return the command line of a step of a build."""
    step = STEPS[name]
    handed_on = (option.words(build.options.get(option.name)) for option in KEPT if name in option.parts)
    return [
        sys.executable,
        str(_PARTS / step.script),
        *step.own_arguments(build),
        *(word for words in handed_on for word in words),
        *_output_arguments(),
        *OPTIONS["project_path"].words(build.project_path),
        *OPTIONS["language_code"].words(build.language_code),
        *OPTIONS["session_id"].words(build.session_id),
    ]


def _output_arguments() -> Sequence[str]:
    names = {QUIET: "quiet", VERBOSE: "verbose"}
    return [OPTIONS[name].flag] if (name := names.get(current_level(), "")) else []
