"""How a token that Vimeo refuses is replaced: at a terminal, where it is typed unseen, tried and stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.vimeo_faults import ApiError
from quick_builds import BUILD
from suite import NOWHERE, Suite
from terminal import Terminal

OLD, WRONG, CLIENT = "an-old-token-1111", "a-wrong-token-2222", "a-client-id-3333"
TOKEN = "VIMEO_ACCESS_TOKEN (needed to download videos from Vimeo; "
TRY = "Try the token with Vimeo now? (Y/n)"


@pytest.fixture
def suite(suite: Suite) -> Suite:
    """The scripts, with a token in ``.env`` that is of no use any more, and a client id."""
    suite.environment.pop("VIMEO_ACCESS_TOKEN")
    (suite.home / ".env").write_text(f"VIMEO_ACCESS_TOKEN='{OLD}'\nVIMEO_CLIENT_ID='{CLIENT}'\n", encoding="utf-8")
    return suite


def setup_at_terminal(suite: Suite, folder: Path, *arguments: object) -> Terminal:
    """Start a setup that is told to ask for everything, and answer what comes before the credentials."""
    command = suite.command(1, "-l", "es", "-f", folder, "--force-interactive", *arguments)
    terminal = Terminal(command, suite.environment, folder)
    terminal.answer("? lists them) [es]:", "")
    terminal.answer(f"Folder for the packages [{folder}]:", "")
    return terminal


def stored(suite: Suite) -> str:
    return (suite.home / ".env").read_text(encoding="utf-8")


def test_a_refused_token_is_replaced_with_one_that_was_tried(suite, stand_in, tmp_path):
    good = stand_in.vimeo.token
    with setup_at_terminal(suite, tmp_path) as terminal:
        terminal.expect(f"{TOKEN}Enter keeps …1111)")
        assert not terminal.echoes
        terminal.type(WRONG)
        terminal.answer(TRY, "")
        terminal.expect("Vimeo refuses the access token")
        terminal.answer(f"{TOKEN}Enter keeps …1111)", good)
        terminal.answer(TRY, "y")
        terminal.expect("Vimeo accepts the token. Its scopes: public, private, video_files")
        terminal.answer("VIMEO_CLIENT_ID (not needed to download; Enter keeps …3333)", "")
        terminal.answer("VIMEO_CLIENT_SECRET (not needed to download; Enter to leave it out)", "")

        assert terminal.wait() == 0, terminal.screen

    assert stored(suite) == f"VIMEO_ACCESS_TOKEN='{good}'\nVIMEO_CLIENT_ID='{CLIENT}'\n"
    for secret in (OLD, WRONG, good, CLIENT):
        assert secret not in terminal.raw
    asked = [request.path for request in stand_in.vimeo.log.of_kind("api")]
    assert asked == ["/oauth/verify"] * 2


def test_enter_keeps_everything_and_also_what_is_known_can_be_tried(suite, stand_in, tmp_path):
    before = stored(suite)
    with setup_at_terminal(suite, tmp_path) as terminal:
        terminal.answer(TOKEN, "")
        terminal.answer(TRY, "")
        terminal.expect("Vimeo refuses the access token")
        for name in (TOKEN, "VIMEO_CLIENT_ID (", "VIMEO_CLIENT_SECRET ("):
            terminal.answer(name, "")

        assert terminal.wait() == 0, terminal.screen

    assert stored(suite) == before


@pytest.mark.parametrize(
    ("change", "says", "is_stored"),
    [
        pytest.param(lambda vimeo: setattr(vimeo, "scope", "public"), "lacks the scope private", False, id="scope"),
        pytest.param(lambda vimeo: setattr(vimeo, "scope", ""), "does not say which scopes", True, id="not told"),
        pytest.param(lambda vimeo: vimeo.faults.append(ApiError(times=9)), "answered with an error", True, id="down"),
    ],
)
def test_only_a_token_that_is_of_no_use_is_asked_for_again(change, says, is_stored, suite, stand_in, tmp_path):
    change(stand_in.vimeo)
    with setup_at_terminal(suite, tmp_path) as terminal:
        terminal.answer(TOKEN, stand_in.vimeo.token)
        terminal.answer(TRY, "")
        terminal.expect(says)
        if not is_stored:
            terminal.answer(TOKEN, "")
        terminal.answer("VIMEO_CLIENT_ID (", "")
        terminal.answer("VIMEO_CLIENT_SECRET (", "")

        assert terminal.wait() == 0, terminal.screen

    assert (stand_in.vimeo.token in stored(suite)) == is_stored


def test_a_token_is_not_tried_against_the_users_will(suite, tmp_path):
    suite.environment["VIMEO_API_URL"] = NOWHERE
    with setup_at_terminal(suite, tmp_path) as terminal:
        terminal.answer(TOKEN, WRONG)
        terminal.answer(TRY, "n")
        terminal.answer("VIMEO_CLIENT_ID (", "")
        terminal.answer("VIMEO_CLIENT_SECRET (", "")

        assert terminal.wait() == 0, terminal.screen

    assert "cannot be reached" not in terminal.screen
    assert WRONG in stored(suite)


def test_a_token_of_the_environment_is_said_to_go_before_the_file(suite, stand_in, tmp_path):
    suite.environment["VIMEO_ACCESS_TOKEN"] = WRONG
    with setup_at_terminal(suite, tmp_path) as terminal:
        terminal.expect(
            f"VIMEO_ACCESS_TOKEN is set in the environment. As long as it is, the one in {suite.home / '.env'} is"
        )
        terminal.answer(f"{TOKEN}Enter keeps …2222)", stand_in.vimeo.token)
        terminal.answer(TRY, "")
        terminal.answer("VIMEO_CLIENT_ID (", "")
        terminal.answer("VIMEO_CLIENT_SECRET (", "")
        assert terminal.wait() == 0, terminal.screen

    assert "VIMEO_CLIENT_ID is set in the environment" not in terminal.screen
    # The token that the other parts will use.
    assert "Vimeo access token: …2222 (environment)" in terminal.screen


@pytest.mark.parametrize("script", [1, BUILD])
def test_without_being_forced_nobody_is_asked_for_what_no_download_needs(script, suite, stand_in, tmp_path):
    (suite.home / ".env").unlink()
    (tmp_path / "packages").mkdir()
    arguments = ("-l", "es", "-f", tmp_path / "packages")
    with Terminal(suite.command(script, *arguments), suite.environment, tmp_path) as terminal:
        terminal.answer(f"{TOKEN}Enter to take the videos from the site's public mirror)", stand_in.vimeo.token)
        if script == BUILD:
            for question in ("Use it? (Y/n)", "commas between) [all]", "(decks)? (y/N)", "word) [best]", "Start the"):
                terminal.answer(question, "")
            terminal.expect("Stored in ")
        else:
            assert terminal.wait() == 0, terminal.screen

    assert "VIMEO_CLIENT" not in terminal.screen
    assert stored(suite) == f"VIMEO_ACCESS_TOKEN='{stand_in.vimeo.token}'\n"


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_refusal_says_where_the_new_token_has_to_go(where, suite, tmp_path):
    (tmp_path / "es").mkdir()
    place = ("--project-path", tmp_path / "es", "--language-code", "es")
    done = suite.part(2, *place, **({"VIMEO_ACCESS_TOKEN": WRONG} if where == "environment" else {}))

    assert done.returncode == 1
    assert "Vimeo refuses the access token" in done.stderr
    of_the_environment = "set it in the environment variable VIMEO_ACCESS_TOKEN, where this one comes from"
    assert (of_the_environment in done.stderr) == (where == "environment")
    assert ("one in .env is not used" in done.stderr) == (where == "environment")
    assert ("python parts/1-setup.py --force-interactive" in done.stderr) == (where == "file")
