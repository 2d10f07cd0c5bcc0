"""The line for a night: what --outdated names is built again with --only-changed, as a shell runs it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys

import pytest

from cli.options import OPTIONS
from made_packages import MadePackage
from quick_builds import BUILD
from slide_files import TEN
from suite import ROOT

LINE = (
    "build.py --outdated -f packages --quiet"
    " | xargs -P 2 -I {} build.py -l {} -f packages -y --only-changed --keep-going --quiet"
)

pytestmark = [
    pytest.mark.skipif(not shutil.which("xargs"), reason="xargs is not there"),
    pytest.mark.skipif("only_changed" not in OPTIONS, reason="build.py has no --only-changed yet"),
]


@pytest.fixture
def packages(done, tmp_path, stand_in, monkeypatch):
    """A folder with a Spanish package that was really built, and this process led to the stand-ins."""
    for name, value in {**stand_in.environment(), "NO_PROXY": "127.0.0.1,localhost"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "packages"


def night(suite, folder):
    """Run the line as cron does, in the folder above the packages."""
    program = f"{shlex.quote(sys.executable)} {shlex.quote(str(BUILD))}"
    return suite.call(["sh", "-c", re.sub(r"(?<!/)\bbuild\.py", program, LINE)], folder.parent)


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


def test_the_readme_has_the_line():
    assert LINE in (ROOT / "README.md").read_text(encoding="utf-8")
