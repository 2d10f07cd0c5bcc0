"""Whole builds under stress: killed again and again, and many at once; they end like one that nobody disturbs."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from PIL import Image

from builds import QUICK, build, wait_until
from conftest import BUILD

pytestmark = pytest.mark.stress

# --- Killed again and again -------------------------------------------------------------------------------------------


def package(folder):
    """Return what a package holds: pixels of pictures, and the bytes of the other files that a user opens."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".png":
            with Image.open(path) as picture:
                found[name] = picture.size, picture.tobytes()
        elif path.is_file() and path.name != ".made-by-zume.json":
            found[name] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def undisturbed():
    """The package of a build that nobody disturbs, made once."""
    return {}


@pytest.mark.parametrize("victim", ["build", "part"])
@pytest.mark.parametrize("seed", range(3))
def test_a_build_that_is_killed_at_random_moments_ends_like_one_that_is_not(
    victim, seed, undisturbed, suite, stand_in, tmp_path
):
    stand_in.presenter.short_course = 3
    if not undisturbed:
        whole = build(suite, tmp_path / "whole")
        assert whole.returncode == 0, whole.stderr
        undisturbed.update(package(tmp_path / "whole" / "es" / "output"))
    chance = random.Random()
    project, kills, chain = tmp_path / "killed" / "es", 0, 0
    arguments: list[object] = []
    # A build that comes to its end before it was killed five times is followed by another one.
    for _ in range(40):
        session = f"kill-{victim}-{seed}-{chain}"
        if session not in suite.sessions():
            arguments = ["-l", "es", "-f", tmp_path / "killed", "-y", *QUICK, "--session-id", session]
        process = suite.start(BUILD, *arguments)
        arguments = ["--resume", session]
        try:
            process.wait(timeout=chance.uniform(0.2, 1.8) if kills < 5 else 120)
        except subprocess.TimeoutExpired:
            targets = [process.pid] if victim == "build" else children_of(process.pid)
            for target in targets:
                os.kill(target, signal.SIGKILL)
            kills += bool(targets)
        process.communicate(timeout=60)
        wait_until(lambda: not is_held(project))
        if process.returncode == 0:
            assert package(project / "output") == undisturbed
            if kills >= 5:
                break
            shutil.rmtree(project)
            chain += 1

    assert kills >= 5
    assert process.returncode == 0


def children_of(process):
    """Return the parts that a build runs at this moment."""
    found = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def is_held(project):
    for scope in ("build", "part"):
        path = project / f".zume-{scope}.lock"
        try:
            if path.exists():
                with FileLock(path, timeout=0):
                    pass
        except Timeout:
            return True
    return False


# --- Side by side -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 4, 8])
def test_many_builds_at_once_end_like_one(count, suite, stand_in, tmp_path):
    stand_in.presenter.short_course = 1
    languages = ["es", "fr", "hi", "ar", "en", "ne", "pt", "swa"][:count]
    stand_in.vimeo.numbers = {1}

    def arguments(code, folder):
        return ("-l", code, "-f", tmp_path / folder, "-y", *QUICK)

    processes = {code: suite.start(BUILD, *arguments(code, "together")) for code in languages}
    outputs = {code: process.communicate(timeout=200) for code, process in processes.items()}
    for code, process in processes.items():
        assert process.returncode == 0, outputs[code]
    for code in languages:
        alone = suite.build(*arguments(code, "alone"))
        assert alone.returncode == 0, alone.stderr
        assert package(tmp_path / "together" / code / "output") == package(tmp_path / "alone" / code / "output")
    assert len(suite.sessions()) == 2 * count
