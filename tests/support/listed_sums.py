"""Reads a package's list of checksums, and compares it with the files."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

# As the README and the package itself name them.
CHECKS = {"Linux": ("sha256sum", "-c", "SHA256SUMS"), "macOS": ("shasum", "-a", "256", "-c", "SHA256SUMS")}


def listed_sums(output: Path) -> dict[str, str]:
    """Return the checksums that a package lists, by the files' names."""
    lines = (output / "SHA256SUMS").read_bytes().decode().split("\n")
    assert lines.pop() == ""
    return {line[66:]: line[:64] for line in lines}


def wrong_sums(output: Path) -> list[str]:
    """Return the files that a package lists and that are not there, or have another checksum."""
    return [name for name, known in listed_sums(output).items() if sha256_of(output / name) != known]


def sha256_of(path: Path) -> str:
    """Return the checksum of a file; "" without one."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def visible_files(output: Path) -> set[str]:
    """Return what a package shows to people, except for the list itself."""
    files = {path.relative_to(output) for path in output.rglob("*") if path.is_file() and not path.is_symlink()}
    shown = {path.as_posix() for path in files if not any(part.startswith(".") for part in path.parts)}
    return shown - {"SHA256SUMS"}


def check(system: str, output: Path) -> subprocess.CompletedProcess[str]:
    """Check a package as somebody on a system does."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        CHECKS[system], cwd=output, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def can_check(system: str) -> bool:
    """Say whether this machine has the program of a system."""
    return shutil.which(CHECKS[system][0]) is not None
