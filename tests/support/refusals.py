"""What the tests of bad input, of troubles and of interrupts share: a folder to look at, and what must not be in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SECRET = "a-wrong-token-31415926"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of packages with one empty project, ``es``, and beside it a plain file, ``file``."""
    packages = tmp_path / "packages"
    (packages / "es").mkdir(parents=True)
    (tmp_path / "file").write_text("I am a file.", encoding="utf-8")
    return packages


def contents(*folders: Path) -> dict[Path, bytes | None]:
    """Return every file below some folders with its content, and every folder; lock files do not count."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.suffix != ".lock"]
    return {path: None if path.is_dir() else path.read_bytes() for path in paths}


def files(*folders: Path) -> dict[Path, bytes | None]:
    """Return the same without the folders."""
    return {path: content for path, content in contents(*folders).items() if content is not None}


def assert_refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Check that a process ended as an expected failure does: exit code, sentence, and no traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    # A program that wraps its lines at the width of a screen that is not there still says the same.
    message = " ".join(done.stderr.split())
    for word in words:
        assert word in message, message
    assert "Traceback" not in done.stdout + done.stderr
    assert len(message) > 20


def assert_nothing_half_done(*folders: Path) -> None:
    """Check that there is no partial file, and none of what only a finished step may make."""
    paths = [path for folder in folders for path in folder.rglob("*")]
    assert [path for path in paths if path.suffix in (".part", ".mp4", ".png", ".html")] == []
    assert [path for path in paths if path.name.startswith(".output")] == []
