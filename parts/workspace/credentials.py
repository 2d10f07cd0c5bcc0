"""The Vimeo credentials, from the environment or ``.env``; only their last four characters are ever shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from common.console import print_result, say, warn
from common.errors import BuilderError, CheckWarning, RemoteError
from common.files import write_atomically
from common.files_in_use import remove
from common.prompts import ask_secret, confirm
from workspace.home import home

TOKEN = "VIMEO_ACCESS_TOKEN"
# The purpose of each.
_USES = {
    TOKEN: "needed to download videos from Vimeo",
    "VIMEO_CLIENT_ID": "not needed to download",
    "VIMEO_CLIENT_SECRET": "not needed to download",
}
NAMES = tuple(_USES)
_ABOUT_TOKEN = (
    "The token is like a password for your Vimeo account. You make it at\n"
    "developer.vimeo.com, with the scopes public, private and video_files.\n"
    "What you type is not shown. Without an account, press Enter."
)
_ABOUT_TRYING = "Answer y to ask Vimeo whether the token is right, or n to take it as it is."
_ABOUT_CLIENT = "It belongs to the token, at developer.vimeo.com. It is not needed: press Enter."
# What was answered at this run's questions. It is used at once, but stored only when no question is left, so that
# whoever quits has changed nothing.
_ANSWERED: dict[str, str] = {}
# What Enter means at a question about Vimeo where the mirror can stand in.
TO_MIRROR = "to take the videos from the site's public mirror"


def env_file() -> Path:
    """Return the path of ``.env``, whether it exists or not."""
    return home() / ".env"


def read_credentials() -> dict[str, str]:
    """Return the credentials that are set, by name. A blank value counts as not set.

    Raises:
        BuilderError: ``.env`` cannot be read.
    """
    from dotenv import dotenv_values

    try:
        stored = dotenv_values(env_file(), interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable("read", error) from error
    kept = {name: (stored.get(name) or "").strip() for name in NAMES}
    return {name: value for name, value in {**kept, **_ANSWERED, **_from_environment()}.items() if value}


def _from_environment() -> dict[str, str]:
    given = {name: os.environ.get(name, "").strip() for name in NAMES}
    return {name: value for name, value in given.items() if value}


def require_token() -> str:
    """Return the access token.

    Raises:
        BuilderError: it is not set.
    """
    token = read_credentials().get(TOKEN)
    if not token:
        raise BuilderError(
            f"There is no Vimeo access token: {TOKEN} is set neither in the environment nor in {env_file()}.",
            "Run python parts/1-setup.py in a terminal to store one, take the videos from the site's public mirror "
            "(--video-source mirror), or leave them out: build.py --skip videos",
        )
    return token


def has_token() -> bool:
    """Say whether the access token is set.

    Raises:
        BuilderError: ``.env`` cannot be read.
    """
    return TOKEN in read_credentials()


def is_from_environment(name: str) -> bool:
    """Say whether a credential comes from the environment, so that the one in ``.env`` is not used."""
    return name in _from_environment()


def how_to_renew_token() -> str:
    """Return what to do about a useless token: make a new one, and store it where it is looked up."""
    new = "Make a new token at developer.vimeo.com with the scopes public, private and video_files, and"
    if is_from_environment(TOKEN):
        return (
            f"{new} set it in the environment variable {TOKEN}, where this one comes from: "
            "one in .env is not used as long as the variable is set."
        )
    return f"{new} store it: python parts/1-setup.py --force-interactive"


def ask_for_missing_token(enter: str) -> None:
    """Ask for the access token without echo if it is not set. Enter skips it. ``store_answers`` stores it.

    The other credentials are not needed to download.

    Args:
        enter: what becomes of the videos then, as the question says it, e.g. ``TO_MIRROR``.
    """
    known = read_credentials()
    if TOKEN in known:
        say(f"{TOKEN} is set ({mask(known[TOKEN])}).")
    else:
        _note(TOKEN, _ask(TOKEN, enter))


def ask_for_all_credentials(try_token: Callable[[str], str]) -> None:
    """Ask for every credential without echo, even if it is set. Enter changes nothing.

    ``store_answers`` stores the answers.

    Args:
        try_token: asks Vimeo about a token and returns its scopes; raises BuilderError if it is of no use.
    """
    for name in NAMES:
        if is_from_environment(name):
            warn(f"{name} is set in the environment. As long as it is, the one in {env_file()} is not used.")
        _note(name, _ask_for_good_token(try_token) if name == TOKEN else _ask(name))


def _ask_for_good_token(try_token: Callable[[str], str]) -> str:
    """Ask for the access token until Vimeo has no objection, or Enter changes nothing; return the answer."""
    token = _ask(TOKEN)
    tried = token or read_credentials().get(TOKEN)
    while tried and not _is_good(tried, try_token):
        tried = token = _ask(TOKEN)
    return token


def _is_good(token: str, try_token: Callable[[str], str]) -> bool:
    """Offer to try a token, and print the result; return whether Vimeo has no objection, as far as is known."""
    if not confirm("Try the token with Vimeo now?", explanation=_ABOUT_TRYING):
        return True
    try:
        print_result(f"Vimeo accepts the token. Its scopes: {try_token(token)}")
        return True
    except BuilderError as error:
        print_result(error.message)
        return isinstance(error, CheckWarning) or (isinstance(error, RemoteError) and error.retryable)


def _ask(name: str, enter: str = "to leave it out") -> str:
    known = read_credentials().get(name)
    question = f"{name} ({_USES[name]}; Enter {f'keeps {mask(known)}' if known else enter})"
    return ask_secret(question, _ABOUT_TOKEN if name == TOKEN else _ABOUT_CLIENT)


def _note(name: str, value: str) -> None:
    if value:
        _ANSWERED[name] = value


def store_answers() -> None:
    """Store what was answered at the questions for credentials, when no question is left.

    Raises:
        BuilderError: ``.env`` cannot be read or written.
    """
    if not _ANSWERED:
        return
    store_credentials(_ANSWERED)
    say(f"Stored in {env_file()}: {', '.join(_ANSWERED)}.")
    _ANSWERED.clear()


def store_credentials(values: Mapping[str, str]) -> None:
    """Add credentials to ``.env``. Its other lines stay. Only its owner can read it, except on Windows.

    Args:
        values: the credentials to set, by name.

    Raises:
        BuilderError: the file cannot be read or written.
    """
    from dotenv import set_key
    from filelock import FileLock

    path = env_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two shells may store at the same time; neither must lose what the other wrote.
        with FileLock(path.with_name(".env.lock")):
            draft = path.with_name(f".env.{os.getpid()}.part")
            try:
                write_atomically(draft, path.read_bytes() if path.exists() else b"", mode=0o600)
                for name, value in values.items():
                    set_key(draft, name, value)
                write_atomically(path, draft.read_bytes(), mode=0o600)
            finally:
                with suppress(OSError):
                    remove(draft)
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable("written", error) from error


def _unusable(done: str, error: OSError | UnicodeDecodeError) -> BuilderError:
    reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return BuilderError(f"{env_file()} cannot be {done}: {reason}.", "Correct the file or its permissions.")


def secrets() -> list[str]:
    """Return everything that must not be shown or logged."""
    try:
        return list(read_credentials().values())
    except BuilderError:
        return list(_from_environment().values())


def mask(secret: str) -> str:
    """Return the part of a secret that may be shown: its last four characters; nothing of a short one."""
    return "…" + secret[-4:] if len(secret) >= 12 else "…"
