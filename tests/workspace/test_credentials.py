"""The Vimeo credentials: where they come from, how they are kept, and how little of them is shown."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from common.errors import BuilderError
from open_files import FOREVER, on_windows, refuse  # noqa: F401  (fixtures)
from suite import ROOT, clean_environment
from systems import permissions_needed
from workspace import credentials
from workspace.credentials import mask, read_credentials, require_token, secrets, store_credentials

TOKEN, CLIENT_ID, SECRET = "VIMEO_ACCESS_TOKEN", "VIMEO_CLIENT_ID", "VIMEO_CLIENT_SECRET"


def write_env(home, text):
    (home / ".env").write_bytes(text if isinstance(text, bytes) else text.encode())


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_process_environment_comes_before_the_file(home, monkeypatch):
    write_env(home, f"{TOKEN}=from-file\n{CLIENT_ID}=id-from-file\n")
    monkeypatch.setenv(TOKEN, "from-process")

    assert read_credentials() == {TOKEN: "from-process", CLIENT_ID: "id-from-file"}


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_variable_gives_way_to_the_file(blank, home, monkeypatch):
    write_env(home, f"{TOKEN}=from-file\n")
    monkeypatch.setenv(TOKEN, blank)

    assert require_token() == "from-file"


@pytest.mark.parametrize("line", ["", f"{TOKEN}=", f"{TOKEN}", f"{TOKEN}=''", f"{TOKEN}='  '", f"# {TOKEN}=commented"])
def test_what_is_blank_or_absent_everywhere_is_an_error_that_names_both_places(line, home):
    write_env(home, line + "\n")

    assert read_credentials() == {}
    with pytest.raises(BuilderError) as caught:
        require_token()
    assert TOKEN in caught.value.message
    assert str(home / ".env") in caught.value.message
    assert caught.value.remedy


def test_without_a_file_nothing_is_set(home):
    assert read_credentials() == {}


def test_the_token_alone_is_enough(home, monkeypatch):
    monkeypatch.setenv(TOKEN, "  token  ")

    assert require_token() == "token"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f"{TOKEN}=abc", "abc"),
        (f"export {TOKEN}=abc", "abc"),
        (f'{TOKEN} = "abc"', "abc"),
        (f"{TOKEN}=abc # mine", "abc"),
        (f"{TOKEN}='a#b'", "a#b"),
        (f"{TOKEN}=a$HOME", "a$HOME"),
        (f"{TOKEN}=a${{HOME}}b", "a${HOME}b"),
        (f"{TOKEN}=abc\r", "abc"),
    ],
)
def test_a_file_that_people_wrote_is_understood(line, value, home):
    write_env(home, f"OTHER=1\n{line}\nLAST=2\n")

    assert require_token() == value


def test_a_byte_order_mark_before_the_file_is_accepted(home):
    write_env(home, b"\xef\xbb\xbf" + f"{TOKEN}=from-file\n".encode())

    assert require_token() == "from-file"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"VIMEO_ACCESS_TOKEN=abc\n# caf\xe9\n", id="Latin-1"),
        pytest.param("VIMEO_ACCESS_TOKEN=abc\n".encode("utf-16"), id="UTF-16"),
    ],
)
def test_a_file_that_is_not_utf_8_is_an_error_that_names_it(content, home):
    write_env(home, content)

    for use in (require_token, lambda: store_credentials({CLIENT_ID: "new"})):
        with pytest.raises(BuilderError) as caught:
            use()
        assert str(home / ".env") in caught.value.message
    assert (home / ".env").read_bytes() == content


@permissions_needed
def test_storing_makes_a_file_that_only_its_owner_may_read(home):
    store_credentials({TOKEN: "abc"})

    assert require_token() == "abc"
    assert mode_of(home / ".env") == 0o600


def test_storing_keeps_the_other_lines_and_comments(home):
    write_env(home, "# my own notes\n\nOTHER='kept as it is'\nVIMEO_CLIENT_ID=old # comment\nexport LAST=1\n")
    store_credentials({CLIENT_ID: "new", TOKEN: "abc"})

    lines = (home / ".env").read_text().splitlines()
    for line in ("# my own notes", "", "OTHER='kept as it is'", "export LAST=1"):
        assert line in lines
    assert lines.index("# my own notes") < lines.index("OTHER='kept as it is'") < lines.index("export LAST=1")
    assert read_credentials() == {CLIENT_ID: "new", TOKEN: "abc"}
    assert sum(CLIENT_ID in line for line in lines) == 1


def test_storing_keeps_a_last_line_without_line_feed(home):
    write_env(home, "OTHER=1")
    store_credentials({TOKEN: "abc"})

    assert (home / ".env").read_text().splitlines()[0] == "OTHER=1"
    assert require_token() == "abc"


@permissions_needed
def test_storing_narrows_the_rights_of_a_file_that_all_could_read(home):
    write_env(home, "OTHER=1\n")
    (home / ".env").chmod(0o644)

    store_credentials({TOKEN: "abc"})

    assert mode_of(home / ".env") == 0o600


def test_what_is_stored_is_stored_although_its_draft_is_just_looked_at(home, refuse):
    left = refuse("unlink", lambda path: path.name.startswith(".env."))

    store_credentials({TOKEN: "abc"})

    assert left[0] < FOREVER
    assert require_token() == "abc"


def test_storing_leaves_nothing_half_written(home):
    store_credentials({TOKEN: "abc"})
    store_credentials({CLIENT_ID: "def", SECRET: "ghi"})

    assert {path.name for path in home.iterdir()} <= {".env", ".env.lock"}


@pytest.mark.parametrize("failing", ["set_key", "write_atomically"])
def test_a_failure_while_storing_leaves_the_old_file_and_nothing_else(failing, home, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    write_env(home, "OLD=1\n")
    if failing == "set_key":
        monkeypatch.setattr("dotenv.set_key", fail)
    else:
        monkeypatch.setattr(credentials, "write_atomically", fail)

    with pytest.raises(BuilderError, match="cannot be written"):
        store_credentials({TOKEN: "abc"})

    assert (home / ".env").read_text() == "OLD=1\n"
    assert {path.name for path in home.iterdir()} <= {".env", ".env.lock"}


@permissions_needed
def test_no_other_user_can_read_a_secret_while_it_is_being_stored(home, monkeypatch):
    modes = []
    real = credentials.write_atomically

    def look(*arguments, **options):
        real(*arguments, **options)
        modes.extend(
            mode_of(path) for path in home.iterdir() if path.name.startswith(".env") and path.suffix != ".lock"
        )

    monkeypatch.setattr(credentials, "write_atomically", look)
    store_credentials({TOKEN: "abc"})

    assert set(modes) == {0o600}


AWKWARD = [
    "simple",
    "with space",
    "don't",
    "''",
    'say "hi"',
    "a#b",
    "a #b",
    "#",
    "$HOME",
    "${HOME}",
    "a$b$c",
    "`ls`",
    "a=b",
    "!@%^&*()",
    "C:\\new\\table",
    "\\'",
    "ends in \\",
    "two \\\\ in a row",
    "Zúme မြန်မာ",
]


@pytest.mark.parametrize("value", AWKWARD)
def test_any_value_survives_being_stored(value, home):
    store_credentials({TOKEN: value, CLIENT_ID: "after"})

    assert read_credentials() == {TOKEN: value, CLIENT_ID: "after"}


@pytest.mark.parametrize("value", AWKWARD)
def test_any_value_survives_that_another_is_stored_later(value, home):
    store_credentials({TOKEN: value})
    store_credentials({CLIENT_ID: "later"})

    assert read_credentials() == {TOKEN: value, CLIENT_ID: "later"}


STORE_MANY = """
import sys
from workspace.credentials import store_credentials

print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    store_credentials({f"{sys.argv[1]}_{number}": f"value {number}"})
"""


def test_two_processes_that_store_at_once_lose_nothing(home):
    from dotenv import dotenv_values

    write_env(home, "# kept\nBEFORE=1\n")
    environment = clean_environment(PYTHONPATH=str(ROOT / "parts"), ZUME_HOME=str(home))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [
        subprocess.Popen([sys.executable, "-c", STORE_MANY, name], env=environment, text=True, **pipes)
        for name in ("FIRST", "SECOND")
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=30)
        assert process.returncode == 0

    expected = {f"{name}_{number}": f"value {number}" for name in ("FIRST", "SECOND") for number in range(25)}
    assert dotenv_values(home / ".env") == {"BEFORE": "1", **expected}
    assert (home / ".env").read_text().startswith("# kept\n")


@pytest.mark.parametrize("length", range(65))
def test_a_mask_shows_no_more_than_four_characters_and_nothing_of_a_short_secret(length):
    secret = "".join(chr(ord("A") + place % 58) for place in range(length))
    shown = [letter for letter in mask(secret) if letter in secret]

    assert len(shown) <= 4
    if length < 10:
        assert shown == []
    assert len(mask(secret)) <= 5


def test_a_mask_of_a_long_secret_lets_its_owner_recognise_it():
    assert mask("7c9e6679f4f34d1cBEEF").endswith("BEEF")


@pytest.mark.parametrize("arguments", [("--skip", "env"), ()], ids=["env skipped", "no terminal"])
def test_the_setup_shows_a_token_only_masked(arguments, lone_suite, tmp_path):
    token = "token-7c9e6679f4f34d1cBEEF"
    done = lone_suite.part(1, "-l", "es", "-f", tmp_path, *arguments, VIMEO_ACCESS_TOKEN=token)

    assert done.returncode == 0, done.stderr
    assert "BEEF" in done.stdout
    assert "d1cBEEF" not in done.stdout + done.stderr


def test_a_setup_without_a_token_says_what_that_means_and_goes_on(lone_suite, tmp_path):
    done = lone_suite.part(1, "-l", "es", "-f", tmp_path)

    assert done.returncode == 0
    assert done.stderr == ""
    assert "Without a Vimeo token the videos come from the site's public mirror" in done.stdout
    assert (tmp_path / "es" / "videos").is_dir()


def test_a_download_without_a_token_ends_with_1_and_says_where_to_put_it(lone_suite, tmp_path):
    (tmp_path / "es").mkdir()
    arguments = ("--project-path", tmp_path / "es", "--language-code", "es", "--video-source", "vimeo")
    done = lone_suite.part(2, *arguments)

    assert done.returncode == 1
    assert TOKEN in done.stderr
    assert str(lone_suite.home / ".env") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_token_of_the_environment_is_a_secret_also_where_the_file_cannot_be_read(home, monkeypatch):
    monkeypatch.setenv("VIMEO_ACCESS_TOKEN", "a-token-31415926")
    (home / ".env").mkdir()

    assert secrets() == ["a-token-31415926"]
