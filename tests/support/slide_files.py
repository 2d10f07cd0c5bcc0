"""What part 3 has written of the slides, and what tests wait for in it."""

from __future__ import annotations

import json
import re
import subprocess
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from course.curricula import CURRICULA, Slide
from slides.browser_pool import CaptureJob
from slides.curriculum_run import CurriculumRun
from slides.fingerprint import ShownSlide
from slides.pictures import picture_name
from slides.scope import Scope

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


def saved_in(folder: Path) -> Callable[[Slide, bytes, str | None, ShownSlide | None], str]:
    """Return what saves the pictures of jobs in a folder, without any record of them."""

    def save(slide: Slide, png: bytes, flaw: str | None, shown: ShownSlide | None) -> str:
        name = picture_name(slide, datetime.now())
        (folder / name).write_bytes(png)
        return name

    return save


def with_flaw(png: bytes, flaw: str) -> bytes:
    """Return a picture as older versions wrote it: with a text that says what the site did not deliver on it."""
    content = b"iTXtFlaw\x00\x00\x00\x00\x00" + flaw.encode()
    chunk = (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
    return png[:33] + chunk + png[33:]


def started(run: CurriculumRun, *, missing_only: bool, resume: bool) -> list[CaptureJob]:
    """Begin the run over a curriculum, and return the pictures that it takes."""
    run.select(Scope.MISSING if missing_only else Scope.ALL, resume)
    run.open()
    return run.jobs()
