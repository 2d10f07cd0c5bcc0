"""Two programs that check pages: the Nu Html Checker, and axe-core, which looks for what shuts people out.

Both come with npm: ``npm install vnu-jar axe-core``; ``node_modules/.bin`` has to be on PATH. The first needs Java.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

_VNU = shutil.which("vnu")
_NPM = Path(_VNU).parent.parent if _VNU else None
_JAR = _NPM and _NPM / "vnu-jar" / "build" / "dist" / "vnu.jar"
_AXE = _NPM and _NPM / "axe-core" / "axe.min.js"

needs_vnu = pytest.mark.skipif(not (_JAR and shutil.which("java")), reason="vnu-jar or Java is not installed")
needs_axe = pytest.mark.skipif(not (_AXE and _AXE.is_file()), reason="axe-core is not installed")


def faults_of(*pages):
    """Return what is not valid in pages, warnings included, each as a line that begins with the page's address."""
    done = subprocess.run(
        ["java", "-Xshare:auto", "-jar", _JAR, "--stdout", "--format", "gnu", *pages],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()


@cache
def _axe():
    return _AXE.read_text(encoding="utf-8")


def barriers_in(browser):
    """Return what shuts people out of the page that a browser has open, as it is now: rules and elements."""
    browser.evaluate(f"{_axe()}; 0")
    found = browser.evaluate(
        "axe.run().then(({ violations, passes }) => JSON.stringify({ passes: passes.length, violations: "
        "violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)) }))"
    )
    result = json.loads(found)
    assert result["passes"] > 10, "it has not looked"
    return result["violations"]
