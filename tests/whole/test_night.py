"""The line for a night: what --outdated names is built again with --only-changed, as a shell runs it."""

from __future__ import annotations

import json
import shlex
import shutil
import sys

import pytest

from made_packages import MadePackage
from quick_builds import BUILD
from slide_files import TEN
from suite import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = ".venv/bin/python build.py"
# As it stands in the README, with what cron and systemd have around it.
LINE = next(line for line in README.splitlines() if line.startswith(f"{PROGRAM} --outdated"))
CRON = next(line for line in README.splitlines() if line.startswith("30 2 * * * "))

pytestmark = [
    pytest.mark.skipif(not shutil.which("xargs"), reason="xargs is not there"),
]


@pytest.fixture
def packages(done, tmp_path, stand_in, monkeypatch):
    """A folder with a Spanish package that was really built, and this process led to the stand-ins."""
    for name, value in {**stand_in.environment(), "NO_PROXY": "127.0.0.1,localhost"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "packages"


def night(suite, folder, line=LINE):
    """Run the line as cron does, in the folder above the packages."""
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(BUILD))}"
    return suite.call(["sh", "-c", line.replace(PROGRAM, program)], folder.parent)


def pictures(folder, code):
    return {path.name: path.read_bytes() for path in (folder / code / "10").glob("*.png")}


def slides_of(folder, code):
    return json.loads((folder / code / "10" / "manifest.json").read_text(encoding="utf-8"))["slides"]


def test_a_night_in_which_nothing_has_changed_builds_nothing(done, packages):
    MadePackage(packages, "fr", curricula=[TEN])
    sessions, before = done.sessions().keys(), [pictures(packages, code) for code in ("es", "fr")]
    ended = night(done, packages)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert done.sessions().keys() == sessions
    assert [pictures(packages, code) for code in ("es", "fr")] == before


def test_a_night_builds_what_has_changed_and_the_next_one_has_nothing_to_do(done, packages, stand_in):
    before, old = slides_of(packages, "es"), pictures(packages, "es")
    changed = next(slide for slide in before if slide["type"] != "video")
    stand_in.presenter.changed_texts = {changed["key"]: "Something else."}
    MadePackage(packages, "fr", curricula=[TEN])
    others = pictures(packages, "fr")
    ended = night(done, packages)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    after = {slide["key"]: slide["file"] for slide in slides_of(packages, "es")}
    assert [slide["key"] for slide in before if after[slide["key"]] != slide["file"]] == [changed["key"]]
    new = (packages / "es" / "10" / after[changed["key"]]).read_bytes()
    assert new != old[changed["file"]]
    assert (packages / "es" / "output" / "10" / f"{changed['position']}.png").read_bytes() == new
    assert pictures(packages, "fr") == others

    sessions = done.sessions().keys()
    again = night(done, packages)
    assert (again.returncode, again.stdout) == (0, "")
    assert done.sessions().keys() == sessions


def test_the_line_for_cron_does_the_same_in_the_folder_of_the_builder(done, packages, monkeypatch):
    (packages.parent / "zume").mkdir()
    packages.rename(packages.parent / "zume" / "packages")
    monkeypatch.setenv("HOME", str(packages.parent))
    done.environment["HOME"] = str(packages.parent)
    ended = night(done, packages, CRON.removeprefix("30 2 * * * "))

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_cron_and_systemd_run_the_same_line():
    assert f'30 2 * * * cd "$HOME/zume" && {LINE}' == CRON
    assert f"ExecStart=/bin/sh -c '{LINE}'" in README
