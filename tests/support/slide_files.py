"""What part 3 has written of the slides, and what tests wait for in it."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

from course.curricula import CURRICULA

TEN, TWENTY, INTENSIVE = CURRICULA
PICTURE_NAME = re.compile(r"\d{8}_\d{6}_(session_\d+_.+)\.png")


def manifest_of(project: Path, curriculum=TEN) -> dict:
    return json.loads((project / curriculum.folder / "manifest.json").read_text(encoding="utf-8"))


def statuses(project: Path, curriculum=TEN) -> dict[str, str]:
    """Return the status of each slide, by slide name."""
    slides = manifest_of(project, curriculum)["slides"]
    return {f"session_{slide['session']}_{slide['key']}": slide["status"] for slide in slides}


def progress_of(project: Path, curriculum=TEN) -> dict:
    path = project / curriculum.folder / f"{curriculum.folder}_progress.json"
    return json.loads(path.read_text(encoding="utf-8"))


def files_in(project: Path, curriculum=TEN) -> set[str]:
    return {path.name for path in (project / curriculum.folder).glob("*.png")}


def names_of(files: set[str]) -> list[str]:
    """Return the slide names of pictures, in alphabetical order."""
    return sorted(PICTURE_NAME.fullmatch(file)[1] for file in files)


def wait_for_pictures(process: subprocess.Popen, folder: Path, count: int) -> None:
    """Wait until a running part 3 has taken so many pictures."""
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*.png"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
