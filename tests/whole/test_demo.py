"""The demo: the complete English package, with every slide, from nothing but this machine."""

from __future__ import annotations

import json

import pytest

from quick_builds import SMALL


@pytest.mark.stress
def test_the_demo_builds_every_position_with_every_video_and_can_be_run_again(lone_suite):
    first = lone_suite.build("--demo", *SMALL)

    assert first.returncode == 0, first.stdout + first.stderr
    output = lone_suite.home / "temp" / "demo" / "en" / "output"
    assert f"The package is in {output}" in first.stdout
    numbers = {path.name for path in (output / "videos").iterdir()}
    assert len(numbers) == 29
    for folder, slides in (("10", 189), ("20", 268), ("intensive", 158)):
        names = {path.name for path in (output / folder).iterdir()}
        assert {int(name.partition(".")[0]) for name in names} == set(range(1, slides + 1))
        manifest = json.loads((output.parent / folder / "manifest.json").read_text(encoding="utf-8"))
        shown = {slide["position"]: slide["video"] for slide in manifest["slides"] if slide["video"]}
        assert len(shown) == 29
        for position, number in shown.items():
            video, own = output / folder / f"{position}.mp4", output / "videos" / f"{number}.mp4"
            assert video.read_bytes() == own.read_bytes()

    again = lone_suite.build("--demo", *SMALL)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "0 to take" in again.stdout
    assert "29 already there" in again.stdout
    assert len(lone_suite.sessions()) == 2
