#!/usr/bin/env python3
"""How fast part 5 is, and how much memory it takes, beside cp of the same bytes and beside plain python-pptx.

The project has 29 playable videos, made long by a box that players pass over, and 615
pictures, each of them another. Part 4 publishes them. All figures come from one run; part 5
and cp take turns, and of each the quickest turn counts, so that nobody else's work does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from output import PART, ROOT, Cost, make_project, run

PART_5 = ROOT / "parts" / "5-decks.py"
CLIPS = ROOT / "parts" / "demo" / "videos"
SIZE, PICTURES = 35_000_000, 615
TURNS = 3
MOST_MEMORY, MOST_TIMES = 150e6, 1.5

# As its documentation shows it; the output folder, and the deck that is written.
PLAIN = """
import sys
from pathlib import Path
from pptx import Presentation
from pptx.util import Emu
deck = Presentation()
deck.slide_width, deck.slide_height = Emu(12192000), Emu(6827520)
for path in sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.stem)):
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    if path.suffix == ".png":
        slide.shapes.add_picture(str(path), 0, 0, deck.slide_width, deck.slide_height)
    else:
        poster = str(next(Path(sys.argv[1]).glob("*.png")))
        slide.shapes.add_movie(str(path), 0, 0, deck.slide_width, deck.slide_height, poster, "video/mp4")
deck.save(sys.argv[2])
"""
# Part 5 writes down to the disk, so this must as well.
COPY = 'for deck in "$0"/zume-*.pptx; do cp "$deck" "$1"; done; sync "$1"/*'
COPY_TO_CACHE = 'for deck in "$0"/zume-*.pptx; do cp "$deck" "$1"; done'


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and say whether the marks hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to make the project; default: the temporary folder")
    parser.add_argument("--video-size", type=int, default=SIZE, metavar="BYTES")
    parser.add_argument("--pictures", type=int, default=PICTURES, metavar="N", help="how many are drawn")
    arguments = parser.parse_args(argv)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        project = Path(folder) / "en"
        # Apart, because what this process has in memory would count for those that it starts.
        settings = (project, arguments.video_size, arguments.pictures)
        maker = multiprocessing.get_context("spawn").Process(target=prepare, args=settings)
        maker.start()
        maker.join()
        run(sys.executable, PART, "--project-path", project)
        measure(project)
    return 0


def prepare(project: Path, video_size: int, pictures: int) -> None:
    """Make the project."""
    make_project(project, lambda path, number: write_video(path, number, video_size), pictures)


def write_video(path: Path, number: int, size: int) -> None:
    """Write a clip of the stand-ins that is made as large as wanted by a box of noise."""
    clip = (CLIPS / f"{number:02}.mp4").read_bytes()
    length = size - len(clip)
    path.write_bytes(clip + length.to_bytes(4, "big") + b"free" + Random(number).randbytes(length - 8))


def measure(project: Path) -> None:
    """Measure everything once and print it."""
    decks, copies = project.parent / "decks", project.parent / "copies"
    turns = [
        (part_5(project, decks, "all"), copy(COPY, decks, copies), copy(COPY_TO_CACHE, decks, copies))
        for _ in range(TURNS)
    ]
    all_three, copied, cached = (min(costs, key=lambda cost: cost.seconds) for costs in zip(*turns, strict=True))
    size = sum(path.stat().st_size for path in decks.iterdir())
    print(f"three decks, {size / 1e6:.0f} MB")
    tell("part 5", all_three)
    tell("cp, and down to the disk", copied)
    tell("cp, as far as the cache", cached)
    print("one deck, 20 sessions")
    tell("part 5", part_5(project, decks, "twenty_session"))
    tell("plain python-pptx", run(sys.executable, "-c", PLAIN, project / "output" / "20", project.parent / "x.pptx"))
    times, times_cached = (all_three.seconds / each.seconds for each in (copied, cached))
    print(f"part 5 took {times:.2f} times as long as cp down to the disk (mark: at most {MOST_TIMES}),")
    print(f"{times_cached:.2f} times as long as cp into the cache, from which a power cut takes the files again,")
    print(f"and {all_three.memory / 1e6:.0f} MB of memory (mark: less than {MOST_MEMORY / 1e6:.0f})")


def part_5(project: Path, decks: Path, curriculum: str) -> Cost:
    """Let part 5 make decks that are not there, and return what it took."""
    if decks.exists():
        shutil.rmtree(decks)
    arguments = ("--project-path", project, "--output-dir", decks, "--curriculum", curriculum)
    return run(sys.executable, PART_5, *arguments)


def copy(command: str, decks: Path, copies: Path) -> Cost:
    """Copy the decks and return what it took."""
    copies.mkdir()
    cost = run("sh", "-c", command, decks, copies)
    shutil.rmtree(copies)
    return cost


def tell(what: str, cost: Cost) -> None:
    """Print a line of the table."""
    print(f"  {what:<30}{cost.seconds:7.2f} s  {cost.memory / 1e6:7.0f} MB of memory")


if __name__ == "__main__":
    raise SystemExit(main())
