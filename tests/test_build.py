"""One whole build, as a user runs it."""

from __future__ import annotations

import json

from conftest import SMALL


def test_one_build_makes_the_whole_package(suite, tmp_path):
    done = suite.build("-l", "es", "-f", tmp_path / "packages", "-y", *SMALL)

    assert done.returncode == 0, done.stdout + done.stderr
    project = tmp_path / "packages" / "es"
    for folder in ("10", "20", "intensive"):
        manifest = json.loads((project / folder / "manifest.json").read_text(encoding="utf-8"))
        expected = {f"{slide['position']}{'.mp4' if slide['video'] else '.png'}" for slide in manifest["slides"]}
        assert {path.name for path in (project / "output" / folder).iterdir()} == expected
    assert [session["language_code"] for session in suite.sessions().values()] == ["es"]
