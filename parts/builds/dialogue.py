"""What build.py asks about a new build when its language and folder are known, and what it says before it starts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from builds.needs import needs_in_words
from builds.services import asks_vimeo
from builds.session import BuildSession
from builds.settings import add_and_skip_steps, take_options
from cli.arguments import vimeo_folder
from cli.ask_settings import ask_curricula, ask_decks, ask_quality
from cli.command_line import without_questions
from cli.options import DECKS, RENAME, SLIDES, VIDEOS
from common.console import print_result, say
from common.errors import BuilderError, Quit
from common.prompts import ask, confirm
from course.languages import find_language
from videos.renditions import MIRROR, VIMEO
from workspace.credentials import TO_MIRROR, ask_for_missing_token, has_token

if TYPE_CHECKING:
    from videos.download_sizes import DownloadSizes

# What is offered where nobody tells which files there are.
_USUAL_QUALITIES = ("best", "1080p", "720p")
_ABOUT_START = "Answer n, and nothing is started or changed."
_ABOUT_FOLDER = "Answer y to take the videos from this folder of Vimeo, or n to name another."
_ABOUT_NUMBER = (
    "The number is in the folder's address on vimeo.com. If the folder belongs to the\n"
    "owner of a team, answer OWNER/NUMBER, both as numbers."
)


def ask_about_build(session: BuildSession, arguments: argparse.Namespace) -> Sizes:
    """Ask for what no argument says of a new build, as far as the build has a use for it.

    Args:
        session: the build, with the settings of its package; it gets the answers.
        arguments: of build.py; they get the answers, too, as if these had been given there.

    Returns:
        What the build will download.

    Raises:
        Quit: the user leaves a question.
        BuilderError: the credentials cannot be read.
    """
    if VIDEOS in session.ahead:
        _ask_about_vimeo(session, arguments)
    if arguments.curriculum is None and session.ahead & {SLIDES, RENAME, DECKS}:
        arguments.curriculum = ask_curricula(session.option("curriculum"))
    # Decks are made of what the step before them makes.
    if arguments.decks is None and RENAME in session.ahead and DECKS not in (arguments.skip or ()):
        arguments.decks = ask_decks(DECKS in session.steps)
    _take_answers(session, arguments)
    sizes = Sizes(session)
    if arguments.quality is None and VIDEOS in session.ahead and _can_choose_quality(session):
        # Where the mirror has to give all videos, there is nothing to choose.
        if choices := sizes.choices:
            arguments.quality = ask_quality(session.option("quality"), choices)
        _take_answers(session, arguments)
    return sizes


def _take_answers(session: BuildSession, arguments: argparse.Namespace) -> None:
    take_options(session, arguments)
    add_and_skip_steps(session, arguments.decks, arguments.skip)


def _can_choose_quality(session: BuildSession) -> bool:
    """Say whether Vimeo, which alone has several files of a video, is asked for any."""
    return asks_vimeo(session) and (session.option("video_source") == VIMEO or bool(session.vimeo_folder_id))


class Sizes:
    """What a build will download, as far as the sources of the videos tell; they are asked when it is first needed.

    Args:
        session: the build.
    """

    def __init__(self, session: BuildSession) -> None:
        self._session = session
        self._known: DownloadSizes | None = None
        self._why_unknown = ""

    @property
    def choices(self) -> Mapping[str, str]:
        """The qualities to choose from, with what each would download, in words; "" if that is not known."""
        self._look_up()
        if self._known is None:
            print_result(f"How large the videos are is not known: {self._why_unknown}")
            return dict.fromkeys(_USUAL_QUALITIES, "")
        names = sorted((name for name in self._known.by_quality if name != MIRROR), key=_as_people_count)
        return {name: self._known.one_in_words(name) for name in names}

    @property
    def needs(self) -> list[str]:
        """What the build will need, a line each."""
        if VIDEOS not in self._session.ahead:
            return needs_in_words(self._session, None, "")
        names = (self._session.option("quality"), MIRROR)
        # Somebody may choose a height that is not in the list.
        if self._known is None or not set(names) & set(self._known.by_quality):
            self._look_up()
        return needs_in_words(self._session, self._known, self._why_unknown)

    def _look_up(self) -> None:
        from builds.download_sizes import download_sizes

        if self._why_unknown:
            return
        say("Looking up how large the videos are.")
        try:
            self._known = download_sizes(self._session)
        except BuilderError as error:
            self._known, self._why_unknown = None, error.message.splitlines()[0]


def _as_people_count(quality: str) -> tuple[bool, int, str]:
    """Return what puts qualities in the same order whatever is still to be downloaded: words, then falling heights."""
    height = quality.removesuffix("p")
    return height.isdecimal(), -int(height) if height.isdecimal() else 0, quality


def confirm_start() -> None:
    """Let the user look at what follows before it begins.

    Raises:
        Quit: it is not to begin.
    """
    if not confirm("Start the build?", explanation=_ABOUT_START):
        raise Quit


def say_what_follows(session: BuildSession, arguments: argparse.Namespace, sizes: Sizes | None) -> None:
    """Say what a build will need, and which command line builds the same without a question.

    Args:
        session: the build.
        arguments: of build.py, with the answers.
        sizes: what it will download; None if no build is to start.
    """
    if sizes and (needs := sizes.needs):
        say()
        say("What this build needs:")
        for line in needs:
            say(f"  {line}")
    say()
    say("The same without questions:")
    say(without_questions(arguments, session.language_code, session.folder_location))
    say()


def _ask_about_vimeo(session: BuildSession, arguments: argparse.Namespace) -> None:
    """Ask for the token and the Vimeo folder, as far as the build has a use for them."""
    source = session.option("video_source")
    if source == MIRROR:
        return
    ask_for_missing_token("to leave it out" if source == VIMEO else TO_MIRROR)
    if not arguments.folder_id and (source == VIMEO or has_token()):
        _confirm_vimeo_folder(session, arguments)


def _confirm_vimeo_folder(session: BuildSession, arguments: argparse.Namespace) -> None:
    """Let the user confirm or correct the Vimeo folder. Without one the mirror stands in, or the videos are skipped."""
    known, can_do_without = session.vimeo_folder_id, session.option("video_source") != VIMEO
    language = find_language(session.language_code)
    name = language.name if language else session.language_code
    question = f"The videos in {name} are in Vimeo folder {known}. Use it?"
    if not known or not confirm(question, explanation=_ABOUT_FOLDER):
        session.vimeo_folder_id = _ask_for_vimeo_folder(name, TO_MIRROR if can_do_without else "to skip the videos")
    arguments.folder_id = session.vimeo_folder_id
    if session.vimeo_folder_id is not None:
        return
    if not can_do_without:
        arguments.skip = (*(arguments.skip or ()), VIDEOS)
    elif known:
        # Else part 2 would take the language's own folder.
        arguments.video_source = MIRROR
        print_result("From now on this package takes its videos from the mirror alone (--video-source mirror).")


def _ask_for_vimeo_folder(name: str, enter: str) -> str | None:
    while True:
        reply = ask(f"Number of the Vimeo folder for {name} (Enter {enter})", explanation=_ABOUT_NUMBER)
        try:
            return vimeo_folder(reply) if reply else None
        except argparse.ArgumentTypeError as error:
            print_result(f"{error}.")
