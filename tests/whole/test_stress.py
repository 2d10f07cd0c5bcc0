"""Whole builds under stress: killed again and again, and many at once; they end like one that nobody disturbs."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from filelock import FileLock, Timeout
from PIL import Image

from quick_builds import BUILD, QUICK, build, wait_until
from traces import left_over

pytestmark = pytest.mark.stress

# --- Killed again and again -------------------------------------------------------------------------------------------


def package(folder):
    """Return what a project holds: pixels of pictures, and the bytes of the other files that a user opens."""
    found = {}
    for path in sorted(folder.rglob("*")):
        # The name of a taken picture begins with its time.
        name = re.sub(r"\d{8}_\d{6}_", "", path.relative_to(folder).as_posix())
        if path.suffix == ".png":
            with Image.open(path) as picture:
                found[name] = picture.size, picture.tobytes()
        elif path.suffix in (".mp4", ".html", ".jpg"):
            found[name] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def undisturbed():
    """The package of a build that nobody disturbs, made once."""
    return {}


# Where each kill falls: into a step, some time after its beginning, about as long as it takes.
MOMENTS = {"setup": 0.3, "videos": 0.8, "slides": 3.0, "rename": 0.8}
KILLS = ("setup", "videos", "slides", "slides", "rename")


@pytest.mark.parametrize("victim", ["build", "part"])
@pytest.mark.parametrize("seed", range(3))
def test_a_build_that_is_killed_at_random_moments_ends_like_one_that_is_not(
    victim, seed, undisturbed, suite, stand_in, own_tmp, tmp_path
):
    suite.environment["TMPDIR"] = str(own_tmp)
    stand_in.presenter.short_course = 3
    if not undisturbed:
        whole = build(suite, tmp_path / "whole")
        assert whole.returncode == 0, whole.stderr
        undisturbed.update(package(tmp_path / "whole" / "es"))
    chance = random.Random(f"{victim} {seed}")
    project, chain = tmp_path / "killed" / "es", 0
    session = f"kill-{chain}"

    def start():
        arguments = ("-l", "es", "-f", tmp_path / "killed", "-y", *QUICK, "--session-id", session)
        return suite.start(BUILD, *(("--resume", session) if session in suite.sessions() else arguments))

    for step in KILLS:
        killed = False
        while not killed:
            delay = chance.uniform(0, MOMENTS[step])
            process = start()
            killed = kill_in(step, delay, victim, process, suite, session)
            process.communicate(timeout=60)
            wait_until(lambda: not is_held(project))
            if not killed:  # it was too quick; what it has made is not looked at before the end of a whole chain
                shutil.rmtree(project)
                chain += 1
                session = f"kill-{chain}"
    process = start()
    _, errors = process.communicate(timeout=120)

    assert process.returncode == 0, errors
    assert package(project) == undisturbed
    assert left_over(own_tmp) == ([], [])


def kill_in(step, delay, victim, process, suite, session):
    """Kill a build, or the part that it runs, in one of its steps; return whether it had not ended before."""

    def has_begun():
        state = suite.sessions().get(session)
        return state is not None and state["steps"][step]["status"] in ("running", "done")

    wait_until(lambda: has_begun() or process.poll() is not None, seconds=60)
    time.sleep(delay)
    targets = [process.pid] if victim == "build" else children_of(process.pid)
    if process.poll() is not None:
        return False
    for target in targets:
        os.kill(target, signal.SIGKILL)
    print(f"{victim} killed {delay:.2f} s into {step}")
    return bool(targets)


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

    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:2])  # the builds inherit it
    processes = {code: suite.start(BUILD, *arguments(code, "together")) for code in languages}
    os.sched_setaffinity(0, allowed)
    outputs = {code: process.communicate(timeout=200) for code, process in processes.items()}
    for code, process in processes.items():
        assert process.returncode == 0, outputs[code]
    for code in languages:
        alone = suite.build(*arguments(code, "alone"))
        assert alone.returncode == 0, alone.stderr
        assert package(tmp_path / "together" / code) == package(tmp_path / "alone" / code)
    assert len(suite.sessions()) == 2 * count
