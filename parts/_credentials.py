"""The Vimeo credentials, from the process environment or ``.env``; no more than the last four characters are shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from _console import ask_secret, say
from _errors import BuilderError
from _project import home, write_atomically

TOKEN = "VIMEO_ACCESS_TOKEN"
NAMES = (TOKEN, "VIMEO_CLIENT_ID", "VIMEO_CLIENT_SECRET")


def env_file() -> Path:
    """Return where ``.env`` is, whether it exists or not."""
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
    return {name: value for name, value in {**kept, **_from_environment()}.items() if value}


def _from_environment() -> dict[str, str]:
    given = {name: os.environ.get(name, "").strip() for name in NAMES}
    return {name: value for name, value in given.items() if value}


def require_token() -> str:
    """Return the access token.

    Raises:
        BuilderError: it is set nowhere.
    """
    token = read_credentials().get(TOKEN)
    if not token:
        raise BuilderError(
            f"There is no Vimeo access token: {TOKEN} is set neither in the environment nor in {env_file()}.",
            "Run python parts/1-setup.py in a terminal to store one, or leave the videos out: build.py --skip videos",
        )
    return token


def ask_for_missing_credentials() -> None:
    """Ask for each credential that is not set, without echo, and store the answers. Enter leaves one out."""
    known = read_credentials()
    answers = {}
    for name in NAMES:
        if name in known:
            say(f"{name} is set ({mask(known[name])}).")
            continue
        needed = "needed to download videos" if name == TOKEN else "optional"
        answer = ask_secret(f"{name} ({needed}; Enter to leave it out)")
        if answer:
            answers[name] = answer
    if answers:
        store_credentials(answers)
        say(f"Stored in {env_file()}: {', '.join(answers)}.")


def store_credentials(values: Mapping[str, str]) -> None:
    """Add credentials to ``.env``; its other lines stay, and only its owner may read it.

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
        # Two shells may store at the same time: neither may lose what the other wrote.
        with FileLock(path.with_name(".env.lock")):
            draft = path.with_name(f".env.{os.getpid()}.part")
            try:
                write_atomically(draft, path.read_bytes() if path.exists() else b"", mode=0o600)
                for name, value in values.items():
                    set_key(draft, name, value)
                write_atomically(path, draft.read_bytes(), mode=0o600)
            finally:
                with suppress(FileNotFoundError):
                    draft.unlink()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable("written", error) from error


def _unusable(done: str, error: OSError | UnicodeDecodeError) -> BuilderError:
    reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return BuilderError(f"{env_file()} cannot be {done}: {reason}.", "Correct the file or its rights.")


def secrets() -> list[str]:
    """Return everything that may not be shown or logged."""
    try:
        return list(read_credentials().values())
    except BuilderError:
        return list(_from_environment().values())


def mask(secret: str) -> str:
    """Return what may be shown of a secret: its last four characters, or nothing of a short one."""
    return "…" + secret[-4:] if len(secret) >= 12 else "…"
