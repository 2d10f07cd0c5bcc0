#!/usr/bin/env python3
"""How fast part 4 is, and how much it writes, beside copying the same files the plain way; all from one run.

The project has 29 videos and the pictures of all three curricula. What a process writes is
what Linux counts for it (``wchar`` in ``/proc/<pid>/io``), so this runs on Linux only.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "parts"))

from course.curricula import CURRICULA, recorded_slides  # noqa: E402

PART = ROOT / "parts" / "4-rename-files.py"
SIZE = (3000, 1680)
# So many pictures are drawn; the others are the same again.
DRAWN = 41
LEAST_GAIN, MOST_WRITTEN, MOST_SECONDS = 20, 50e6, 2.0

PLAIN = """
import shutil, sys
from pathlib import Path
project, output = Path(sys.argv[1]), Path(sys.argv[2])
for folder in ("videos", "10", "20", "intensive"):
    (output / folder).mkdir(parents=True)
    for path in (project / folder).glob("*.png"):
        shutil.copy2(path, output / folder)
    for path in (project / "videos").glob("*.mp4"):
        shutil.copy2(path, output / folder)
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds from start to end, bytes written, and the most memory it had, in bytes."""

    seconds: float
    written: int
    memory: int = 0

    def __str__(self) -> str:
        return f"{self.seconds:7.2f} s  {self.written / 1e6:8.1f} MB written"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and say whether the marks hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to make the project; default: the temporary folder")
    parser.add_argument("--video-size", type=int, default=40_000_000, metavar="BYTES")
    arguments = parser.parse_args(argv)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        project = Path(folder) / "en"
        make_project(project, lambda path, number: write_noise(path, arguments.video_size), DRAWN)
        measure(project)
    return 0


def measure(project: Path) -> None:
    """Measure everything once and print it."""
    plain = run(sys.executable, "-c", PLAIN, project, project / "plain")
    shutil.rmtree(project / "plain")
    print(f"plain copying                           {plain}")
    first = part4(project, "auto")
    # With another --link every file is made again, and the thumbnails are there already.
    costs = {link: part4(project, link) for link in ("copy", "hard", "auto")}
    again = part4(project, "auto")
    thumbnails = Cost(first.seconds - costs["auto"].seconds, first.written - costs["auto"].written)
    for link, cost in costs.items():
        print(f"part 4 --link {link:<5}                     {cost}")
    print(f"615 thumbnails, once                    {thumbnails}")
    print(f"a second run                            {again}")
    gain = plain.seconds / costs["auto"].seconds
    print(f"auto is {gain:.0f} times faster than plain copying (mark: at least {LEAST_GAIN})")
    print(f"auto and thumbnails wrote {first.written / 1e6:.1f} MB (mark: less than {MOST_WRITTEN / 1e6:.0f})")
    print(f"a second run took {again.seconds:.2f} s (mark: less than {MOST_SECONDS:.0f})")


def part4(project: Path, link: str) -> Cost:
    """Run part 4 and return what it took."""
    return run(sys.executable, PART, "--project-path", project, "--link", link)


def run(*command: object) -> Cost:
    """Run a command to its good end and return what it took."""
    os.sync()  # so that no process waits for what an earlier one has written
    start = time.perf_counter()
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.perf_counter() - start
    counters = Path(f"/proc/{process.pid}/io").read_text(encoding="ascii")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    written = int(dict(line.split(": ") for line in counters.splitlines())["wchar"])
    return Cost(seconds, written, usage.ru_maxrss * 1024)


def make_project(project: Path, write_video: Callable[[Path, int], None], different: int) -> None:
    """Make a project with pictures of every slide and every video that some slide shows.

    Args:
        project: its folder.
        write_video: makes the video of a number.
        different: so many pictures are drawn; the others are the same again.
    """
    random = Random(1)
    drawn = [project / f"{number}.png" for number in range(different)]
    project.mkdir()
    for path in drawn:
        draw(path, random)
    shown = set()
    count = 0
    for curriculum in CURRICULA:
        (project / curriculum.folder).mkdir()
        for slide in recorded_slides(curriculum, three_circles=True):
            name = f"20260101_{120000 + count // 60 * 100 + count % 60}_{slide.name}.png"
            shutil.copyfile(drawn[count % different], project / curriculum.folder / name)
            shown.add(slide.video)
            count += 1
    (project / "videos").mkdir()
    for number in shown - {None}:
        write_video(project / "videos" / f"({number:02}) title.mp4", number)
    for path in drawn:
        path.unlink()


def write_noise(path: Path, size: int) -> None:
    """Write a file that begins as a video does."""
    path.write_bytes(b"\0\0\0\x18ftyp" + Random(path.name).randbytes(size - 8))


def draw(path: Path, random: Random) -> None:
    """Draw a slide with some text on it."""
    picture = Image.new("RGB", SIZE, "#fcfaf7")
    draw = ImageDraw.Draw(picture)
    for line in range(9):
        words = " ".join("".join(random.choices("abcdefghijklmnopqrst", k=6)) for _ in range(9))
        draw.text((150, 150 + 160 * line), words, fill="#1f2d3d", font_size=90)
    picture.save(path, compress_level=1)


if __name__ == "__main__":
    raise SystemExit(main())
