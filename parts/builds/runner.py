"""Runs the steps of a build session, one part after the other, and sums up how they ended."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from builds.process import run_logged
from builds.session import INTERRUPTS, BuildSession
from builds.steps import STEPS, command
from cli.options import DECKS, RENAME, SETUP, SLIDES
from common.console import detail, heading, on_terminal, print_error, print_result, say, say_table, table, warn
from common.errors import DONE, FAILED, BuilderError
from common.filesystem import visible
from common.formats import duration
from common.prompts import choose
from common.script import exit_code_of
from course.curricula import CURRICULA, curricula_named
from decks.old_decks import about_old_decks
from package.changes import changes_in_words, for_programs
from package.record import read_record
from slides.about_pictures import about_left_changed
from slides.current import left_changed
from videos.files import sources_in_words, videos_by_source
from videos.renditions import MIRROR
from workspace.credentials import secrets
from workspace.folders import missing_folders

# Exit codes beyond this stand for signals.
KILLED = 128
# How many of a log's last lines are shown again when its step has failed.
TAIL = 10
# Of a step that has not begun.
NOT_RUN = "not run"
# What can be answered before a step. Years of habit stand behind the answers that the question does not name.
CHOICES = {"y": "continue", "s": "skip", "q": "quit"}
ALSO = {"yes": "continue", "n": "skip", "no": "skip"}
ABOUT_CHOICES = (
    "Answer y to run this step, or s to leave it out and go on with the next one.\n"
    "After q, what is finished is kept, and the build can be continued later."
)
UNCLEAR = {"c": "In earlier versions c meant cancel."}


class BuildRun:
    """One run over the steps of a build.

    Args:
        session: the build; its state is kept up to date.
        step_by_step: ask before each step whether to continue.
        reasons: for a resumed build, why steps run; None for a new one.
        unready: why steps will fail, as far as that is known before they start, by their names.
    """

    def __init__(
        self,
        session: BuildSession,
        step_by_step: bool,
        reasons: Mapping[str, str] | None,
        unready: Mapping[str, BuilderError],
    ) -> None:
        self._session = session
        self._step_by_step = step_by_step
        self._reasons = reasons
        self._unready = unready
        # If many builds write into one file, each line has to say whose it is.
        self._mark = "" if on_terminal() else f"{session.language_code}: "
        self._words = dict.fromkeys(session.steps, NOT_RUN)
        self._ran: list[str] = []
        # The steps that have made what they could, because the one before them has not given them all.
        self._incomplete: list[str] = []
        self._was_left = False

    def run(self) -> int:
        """Run what is ahead, sum up, and return the exit code.

        Raises:
            KeyboardInterrupt: the run was interrupted; the state says so.
        """
        say(f"Build session {self._session.session_id}: {self._session.language_code} in {self._session.project_path}")
        try:
            for number, name in enumerate(self._session.steps, start=1):
                if not self._go_through(number, name):
                    break
        except KeyboardInterrupt as interrupt:
            self._session.interrupt(exit_code_of(interrupt))
            raise
        finally:
            self._sum_up()
        return self._exit_code()

    def _go_through(self, number: int, name: str) -> bool:
        """Run one step, unless there is nothing to do; return whether to go on to the next."""
        if self._session.steps[name].status == "skipped":
            return self._leave_out(name, "skipped", "skipped, as requested")
        if self._reasons is not None and name not in self._reasons:
            return self._leave_out(name, "done before", "already done, nothing is missing")
        if why := self._why_not_run(name):
            return self._leave_out(name, NOT_RUN, f"not run, because {why}")
        heading(f"{self._mark}{number}/{len(self._session.steps)} {STEPS[name].title}")
        if self._reasons is not None:
            say(f"{self._mark}It runs because {self._reasons[name]}.")
        choice = self._choice(name)
        if choice == "skip":
            self._session.skip(name)
            self._words[name] = "skipped"
        if choice == "continue" and not self._run_step(name):
            # Without the folders of the project, no other step can work.
            return bool(self._session.option("keep_going")) and name != SETUP
        self._was_left = choice == "quit"
        return not self._was_left

    def _why_not_run(self, name: str) -> str:
        """Return why a step has nothing to work on because another one has not succeeded, or an empty text.

        It stays pending, so that it runs when the build is resumed.
        """
        before = STEPS[name].made_from & self._session.ahead
        why = STEPS[name].why_nothing_to_do(self._session) if before else ""
        return f"{why}; not done before it: {self._titles(before)}" if why else ""

    def _titles(self, names: Collection[str]) -> str:
        return ", ".join(STEPS[name].title for name in self._session.steps if name in names)

    def _leave_out(self, name: str, word: str, why: str) -> bool:
        self._words[name] = word
        say(f"{self._mark}{STEPS[name].title}: {why}.")
        return True

    def _choice(self, name: str) -> str:
        if not self._step_by_step:
            return "continue"
        return choose(f"{STEPS[name].title}:", CHOICES, ALSO, UNCLEAR, ABOUT_CHOICES)

    def _run_step(self, name: str) -> bool:
        """Run one part to its end and record how it ended; return whether it succeeded."""
        log = self._session.begin(name)
        self._ran.append(name)
        if name in self._unready:
            return self._fail_at_once(name, log)
        line = command(name, self._session)
        detail(" ".join(line))
        mark = f"{self._session.language_code} {name}: "
        code = FAILED
        try:
            code = run_logged(line, log, os.environ, mark, secrets())
            if code == DONE and name == SETUP:
                code = self._verify_folders()
        except KeyboardInterrupt as interrupt:
            code = exit_code_of(interrupt)
            raise
        finally:
            if name == RENAME:
                self._note_changes()
            self._session.end(name, code)
            if code > KILLED:
                _clear_up()
            status = self._session.steps[name].status
            self._words[name] = self._word(name, code) if status == "failed" else status
        if code in INTERRUPTS:
            raise KeyboardInterrupt(code - 128)
        return code == DONE

    def _word(self, name: str, code: int) -> str:
        """Return what to call a part that has failed: it may have made what there was to make of something missing."""
        behind = self._session.ahead & STEPS[name].made_from
        if code == FAILED and behind and not STEPS[name].why_not_current(self._session):
            self._incomplete.append(name)
            return "incomplete"
        return f"failed (exit code {code})"

    def _note_changes(self) -> None:
        """Take what this build has changed in the package into its state."""
        session = self._session
        with suppress(BuilderError):
            changes = read_record(session.project.output).changes
            # An earlier build, whose session was removed since, may have had the same id.
            if changes and changes.session_id == session.session_id and changes.made_at >= session.created_at:
                session.changes = changes

    def _fail_at_once(self, name: str, log: Path) -> bool:
        """Record that a step has failed because something that it needs is missing."""
        error = self._unready[name]
        print_error(error.message, error.remedy)
        log.write_text(f"{error.message}\n{error.remedy}\n", encoding="utf-8")
        self._session.end(name, FAILED)
        self._words[name] = "failed: not ready"
        return False

    def _verify_folders(self) -> int:
        missing = missing_folders(self._session.project)
        for folder in missing:
            print_error(f"The setup has not made {folder}.")
        return FAILED if missing else DONE

    def _sum_up(self) -> None:
        self._show_tails()
        heading(f"Build session {self._session.session_id}")
        steps = table("Step", "Outcome", "Time")
        for name, word in self._words.items():
            took = duration(self._session.steps[name].seconds) if name in self._ran else ""
            steps.add_row(STEPS[name].title, word, took)
        folders = table("Folder", "Pictures", "Videos")
        for folder, (pictures, videos) in contents(self._session).items():
            folders.add_row(folder, str(pictures), str(videos))
        for content in (steps, folders):
            if content.row_count:
                say_table(content)
        sources = video_sources(self._session)
        if len(sources) > 1 or MIRROR in sources:
            say(f"Videos: {sources_in_words(sources)}")
        if self._session.changes:
            say(f"Changed: {changes_in_words(self._session.changes)}")
        for name in decks(self._session):
            say(f"Deck: {name}")
        # Even if part 4 was left out. A step that is still to make them says itself why it has not.
        curricula = curricula_named(self._session.option("curriculum"))
        if DECKS not in self._session.ahead:
            for sentence in about_old_decks(self._session.project, curricula, self._session.language_code):
                warn(sentence)
        if SLIDES in self._ran and (sentence := about_left_changed(left_changed(self._session.project, curricula))):
            warn(f"{self._session.language_code}: {sentence}")
        if folders.row_count:
            say(f"The package is in {self._session.project.output}")

    def _show_tails(self) -> None:
        """Show again why each step failed, because much may have been printed since.

        A quiet build has printed so little that this is not needed. What a step lacks because of an earlier one is not
        said again.
        """
        # What the last one has said stands right above.
        for name in self._ran[:-1]:
            step = self._session.steps[name]
            if step.status == "failed" and step.log and name not in self._incomplete:
                say()
                say(f"{self._mark}The end of {step.log}:")
                for text in tail(Path(step.log)):
                    say(f"{self._mark}  {text}")

    def _exit_code(self) -> int:
        """Tell what is still to be done, if anything, and return the exit code.

        Raises:
            BuilderError: something failed, or is still to be done.
        """
        session = self._session
        if session.finished:
            took = duration(sum(session.steps[name].seconds for name in self._ran))
            news = f": {changes_in_words(session.changes)}" if session.changes else ""
            print_result(f"{session.language_code}: done in {took}{news}.")
            return DONE
        failed = {name for name, step in session.steps.items() if step.status == "failed"}.difference(self._incomplete)
        if self._was_left and not failed and not self._incomplete:
            # What the user wanted is no error.
            how = f"Continue with: python build.py --resume {session.session_id}"
            print_result(f"{session.language_code}: The build is not finished. {how}")
            return FAILED
        what = f"These steps failed: {self._titles(failed)}" if failed else "The build is not finished"
        sentences = [what]
        if self._incomplete:
            sentences.append(f"Incomplete: {self._titles(self._incomplete)}")
        if failed and (not_run := [name for name, word in self._words.items() if word == NOT_RUN]):
            sentences.append(f"Not run: {self._titles(not_run)}")
        raise BuilderError(
            f"{session.language_code}: {'. '.join(sentences)}.",
            f"All output is in {session.folder / 'logs'}. Continue with: python build.py --resume {session.session_id}",
        )


def _clear_up() -> None:
    """End the browsers of a part that was killed and could not do that itself."""
    from slides.browser_profile import end_abandoned_browsers

    end_abandoned_browsers()


def tail(log: Path) -> list[str]:
    """Return the last lines of a log, from its last error on if it ends with one; none if it cannot be read."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    error = max((number for number, line in enumerate(lines) if line.startswith("Error: ")), default=-1)
    return lines[error:] if error >= len(lines) - 2 * TAIL and error >= 0 else lines[-TAIL:]


def contents(session: BuildSession) -> dict[str, tuple[int, int]]:
    """Return how many pictures and videos each folder of the package has, by its name; nothing without a package."""
    output = session.project.output
    names = (*(curriculum.folder for curriculum in CURRICULA), "videos")
    found = [output / name for name in names if (output / name).is_dir()]
    return {f"output/{folder.name}": (len(visible(folder, "*.png")), len(visible(folder, "*.mp4"))) for folder in found}


def video_sources(session: BuildSession) -> dict[str, int]:
    """Return how many videos of the package came from where, or of the project as long as it has no package.

    Nothing where that cannot be read.
    """
    try:
        names = [path.stem for path in visible(session.project.output / "videos", "*.mp4")]
        return videos_by_source(session.project, {int(name) for name in names if name.isdecimal()} or None)
    except (BuilderError, OSError):
        return {}


def decks(session: BuildSession) -> list[str]:
    """Return the names of the decks in the package, if the build is to make any."""
    return [path.name for path in visible(session.project.output, "zume-*.pptx")] if DECKS in session.steps else []


def summary(session: BuildSession, exit_code: int, error: str) -> dict[str, Any]:
    """Return what a program may want to know of a run.

    Args:
        session: the build.
        exit_code: of build.py.
        error: what went wrong, in one sentence, or nothing.
    """
    steps = {
        name: {"status": step.status, "exit_code": step.exit_code, "seconds": round(step.seconds, 1), "log": step.log}
        for name, step in session.steps.items()
    }
    return {
        "session_id": session.session_id or None,
        "language_code": session.language_code,
        "project_path": session.project_path,
        "exit_code": exit_code,
        "error": error or None,
        "steps": steps,
        "decks": decks(session),
        "videos": video_sources(session),
        "package": {
            folder: {"pictures": pictures, "videos": videos} for folder, (pictures, videos) in contents(session).items()
        },
        "changes": for_programs(session.changes) if session.changes else None,
    }
