"""What only the services can tell: each trouble gets a sentence and its exit code, and no secret is ever shown."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from demo import StandIn
from quick_builds import BUILD, QUICK, start_quick_pauses
from refusals import (
    SECRET,
    assert_nothing_half_done,
    assert_refused,
    files,
    folder,  # noqa: F401 - fixtures
)
from suite import NOWHERE, Suite


def with_token(value: str) -> Callable[[StandIn], dict[str, str]]:
    return lambda stand_in: {"VIMEO_ACCESS_TOKEN": value}


def with_empty_folder(stand_in: StandIn) -> dict[str, str]:
    stand_in.vimeo.empty_folders = {"269525"}
    return {}


def with_vimeo_down(stand_in: StandIn) -> dict[str, str]:
    return {"VIMEO_API_URL": NOWHERE}


def with_everything_well(stand_in: StandIn) -> dict[str, str]:
    return {}


def with_site_down(stand_in: StandIn) -> dict[str, str]:
    return {"ZUME_SITE_URL": NOWHERE}


def with_status(status: int) -> Callable[[StandIn], dict[str, str]]:
    def trouble(stand_in: StandIn) -> dict[str, str]:
        stand_in.presenter.status = status
        return {}

    return trouble


def with_answers_in(code: str) -> Callable[[StandIn], dict[str, str]]:
    def trouble(stand_in: StandIn) -> dict[str, str]:
        stand_in.presenter.answers_in = code
        return {}

    return trouble


def with_fewer_languages(stand_in: StandIn) -> dict[str, str]:
    stand_in.presenter.languages = {"en", "fr"}
    return {}


def with_unknown_codes_in_english(stand_in: StandIn) -> dict[str, str]:
    stand_in.presenter.unknown_code = "english"
    return with_fewer_languages(stand_in)


ONLY_VIMEO = "--video-source vimeo"
VIMEO_TROUBLES = [
    ("a token that is refused", with_token(SECRET), "", ("token", "environment", "one in .env is not used")),
    ("an unknown folder", with_everything_well, f"{ONLY_VIMEO} --folder-id 999999", ("no folder 999999", "team")),
    ("an empty folder", with_empty_folder, ONLY_VIMEO, ("folder 269525 is empty",)),
    ("no Vimeo", with_vimeo_down, "", ("Vimeo cannot be reached", "internet connection")),
]


SITE_TROUBLES = [
    ("no site", with_site_down, "es", ("cannot be reached", "ZUME_SITE_URL")),
    ("404", with_status(404), "es", ("404", "language es")),
    ("500", with_status(500), "es", ("500",)),
    ("another language", with_answers_in("fr"), "es", ("does not serve the language es", "answers in fr")),
    ("an unknown code that gets 404", with_fewer_languages, "hi", ("404", "language hi")),
    ("an unknown code that gets English", with_unknown_codes_in_english, "hi", ("the language hi", "in en")),
]


def troubles(rows: list[tuple]) -> list:
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(("trouble", "arguments", "words"), troubles(VIMEO_TROUBLES))
def test_a_trouble_with_vimeo_is_named_by_part_2(trouble, arguments, words, suite, stand_in, folder, quick_retries):
    suite.environment.update(trouble(stand_in))
    before = files(folder, suite.home)

    done = suite.main(2, "--project-path", folder / "es", "--language-code", "es", *arguments.split())

    assert_refused(done, 1, *words)
    assert files(folder, suite.home) == before


@pytest.mark.browser
@pytest.mark.parametrize(("trouble", "arguments", "words"), troubles(VIMEO_TROUBLES))
def test_a_trouble_with_vimeo_fails_the_build_at_its_videos(
    trouble, arguments, words, suite, stand_in, folder, tmp_path
):
    start_quick_pauses(suite, tmp_path / "quick")
    suite.environment.update(trouble(stand_in))

    done = suite.main(BUILD, "-l", "es", "-f", folder, "-y", *arguments.split())

    assert_refused(done, 1, *words, "--resume")
    assert_nothing_half_done(folder, suite.home)
    (state,) = suite.sessions().values()
    assert {name: step["status"] for name, step in state["steps"].items()} == {
        "setup": "done",
        "videos": "failed",
        "slides": "pending",
        "rename": "pending",
    }


@pytest.mark.parametrize(("trouble", "language", "words"), troubles(SITE_TROUBLES))
def test_a_trouble_with_the_site_is_named_by_part_3(trouble, language, words, suite, take_slides, stand_in, folder):
    suite.environment.update(trouble(stand_in))
    (folder / language).mkdir(exist_ok=True)
    before = files(folder, suite.home)

    done = take_slides("--project-path", folder / language, "--language-code", language, *QUICK)

    assert_refused(done, 1, *words)
    assert files(folder, suite.home) == before


@pytest.mark.browser
def test_a_trouble_with_the_site_fails_the_build_at_its_slides(suite, stand_in, folder):
    stand_in.presenter.status = 404
    # Without the page nobody knows that the course is a short one.
    stand_in.vimeo.numbers = None

    done = suite.main(BUILD, "-l", "es", "-f", folder, "-y", *suite.quick())

    assert_refused(done, 1, "404", "--resume")
    (state,) = suite.sessions().values()
    assert [step["status"] for step in state["steps"].values()] == ["done", "done", "failed", "pending"]
    assert_nothing_half_done(folder / "es" / "10", suite.home)
    assert not (folder / "es" / "output").exists()


@pytest.mark.browser
def test_no_secret_is_ever_shown_or_written(suite, folder):
    secrets = {
        "VIMEO_ACCESS_TOKEN": SECRET,
        "VIMEO_CLIENT_ID": "client-id-27182818",
        "VIMEO_CLIENT_SECRET": "client-secret-16180339",
    }
    suite.environment.update(secrets)
    place = ("--project-path", folder / "es", "--language-code", "es")

    with command_lines() as seen:
        runs = runs_of(suite, folder, place)

    assert [done.returncode for done in runs] == [0, 0, 1, 1, 1, 1, 0]
    assert [session["steps"]["videos"]["status"] for session in suite.sessions().values()] == ["failed"]
    everything = "".join(done.stdout + done.stderr for done in runs).encode()
    everything += b"".join(content for content in files(folder, suite.home).values() if content)
    assert b"refuses the access token" in everything
    assert [line for line in seen if b"2-video-download.py" in line]
    for secret in secrets.values():
        assert secret.encode() not in everything
        assert not [line for line in seen if secret.encode() in line]


@pytest.mark.browser
def test_no_secret_is_shown_or_written_by_a_build_that_succeeds(suite, stand_in, folder):
    """With the token that counts; the one before is refused at the first request."""
    stand_in.vimeo.token = token = "a-good-token-27182818"
    suite.environment["VIMEO_ACCESS_TOKEN"] = token
    arguments = ("-l", "es", "-f", folder, "-y", *suite.quick(), "--verbose", "--json", "--session-id", "first")

    with command_lines() as seen:
        runs = [suite.build(*arguments, "--skip", "rename"), suite.build("--resume", "first", "--skip", "", "--json")]

    assert [done.returncode for done in runs] == [0, 0], runs
    everything = "".join(done.stdout + done.stderr for done in runs).encode()
    everything += b"".join(content for content in files(folder, suite.home).values() if content)
    assert b"received" in everything
    assert token.encode() not in everything
    assert [line for line in seen if b"2-video-download.py" in line]
    assert not [line for line in seen if token.encode() in line]


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Collect the command lines of all processes on the machine, as anybody on it can see them."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes())

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    ended.set()
    watcher.join()


def runs_of(suite: Suite, folder: Path, place: Sequence[object]) -> list[subprocess.CompletedProcess[str]]:
    """Run everything that has to do with credentials."""
    return [
        suite.part(1, "-l", "es", "-f", folder, "--save-config"),
        suite.part(1, "--show-config"),
        suite.part(2, *place),
        suite.part(2, *place, "--list-only"),
        suite.build("-l", "es", "-f", folder, "--check"),
        suite.build("-l", "es", "-f", folder, "-y"),
        suite.build("--list-sessions"),
    ]
