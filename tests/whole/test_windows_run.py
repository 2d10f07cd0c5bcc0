"""What CI says at its end of the tests under Windows' Python, which it does not run itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from suite import ROOT
from systems import shell_needed

pytestmark = [shell_needed, pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of one commit that has the script."""
    folder = tmp_path / "checkout"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "windows", folder / ".ci")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    name = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    return subprocess.run(["git", *name, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def commit(folder: Path) -> None:
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Something")


def said(folder: Path, cache: Path) -> str:
    """Return what the script says of a checkout, without running any test."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.run(
        [folder / ".ci" / "windows", "--passed"], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_it_is_said_whether_the_tests_passed_for_this_very_commit(checkout, tmp_path):
    cache = tmp_path / "cache"

    assert said(checkout, cache) == (
        "Windows: the tests were not run for this commit, or did not pass. To run them: .ci/windows\n"
    )
    assert not cache.exists()

    passed = cache / "zume-windows" / "passed"
    passed.mkdir(parents=True)
    (passed / git(checkout, "rev-parse", "HEAD").strip()).write_text("12 passed in 3.00s", encoding="utf-8")
    assert said(checkout, cache) == "Windows: the tests passed for this commit (12 passed in 3.00s).\n"

    commit(checkout)
    assert "not run for this commit" in said(checkout, cache)


def test_what_is_no_checkout_has_no_commit_that_they_passed_for(checkout, tmp_path):
    shutil.rmtree(checkout / ".git")

    assert "not run for this commit" in said(checkout, tmp_path / "cache")


def test_ci_ends_with_it_and_does_not_run_them():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if ".ci/windows" in line] == [lines[-1]] == ["exec .ci/windows --passed"]
