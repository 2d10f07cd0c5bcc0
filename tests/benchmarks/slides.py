#!/usr/bin/env python3
"""How fast part 3 is: beside a browser per slide, a page load per slide, and what the browsers can do at most.

All figures come from one run on one machine, against the stand-in presenter. The bare
limit is the time in which as many browsers take as many pictures of one ready slide.
Part 3 runs as a process of its own, with all its checks; what it needs to start, and to
find that nothing is missing, is measured by a second run and taken off.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "parts"))

from _browser import Browser, Tools, find_tools  # noqa: E402
from _curriculum import CURRICULA, Slide  # noqa: E402
from _presenter import Presenter  # noqa: E402
from demo import StandIn  # noqa: E402

CURRICULUM = CURRICULA[1]
WIDTH, HEIGHT, WAIT = 3000, 1680, 5.0
FIXED_WAIT = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and say which marks hold; the exit code is 1 if one does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, nargs="+", default=[1, 2, 3], metavar="N")
    arguments = parser.parse_args(argv)
    tools = find_tools()
    print(f"{platform.platform()}, {os.cpu_count()} cores, {tools.browser} {tools.version}, {WIDTH} x {HEIGHT}")
    with StandIn() as stand_in:
        os.environ.update(stand_in.environment())
        return measure(stand_in, tools, arguments.browsers)


def measure(stand_in: StandIn, tools: Tools, counts: Sequence[int]) -> int:
    """Measure everything once and print it; return the exit code."""
    slides = slides_of_course(tools)
    print(f"{len(slides)} slides of {CURRICULUM.name}, language en\n")
    per_slide = browser_per_slide(tools, slides[:3])
    print(f"{'a browser for each slide, fixed wait of 5 s':50} {per_slide:7.3f} s a slide")
    print(f"{'one browser, a page load for each slide':50} {fresh_loads(tools, slides[:20]):7.3f} s a slide")
    good = True
    for count in counts:
        limit = bare_limit(tools, slides[0], count, len(slides))
        stand_in.presenter_log.clear()
        seconds, started, memory = part_three(count)
        loads = len(stand_in.presenter_log.page_loads)
        ratio, gain = seconds / len(slides) / limit, per_slide / (seconds / len(slides))
        good = good and ratio <= 1.5 and gain >= 40
        print(f"\n{f'bare limit, browsers: {count}':50} {limit:7.3f} s a slide")
        print(
            f"{f'part 3, browsers: {count}':50} {seconds / len(slides):7.3f} s a slide (and {started:.1f} s to start)"
        )
        print(f"    {ratio:.2f} times the bare limit (at most 1.5); {gain:.0f} times faster than a browser for each")
        print(
            f"    slide (at least 40); page loads {loads}, of which starting twice takes 2; Python's peak {memory} MB"
        )
    print("\nAll marks hold." if good else "\nNot all marks hold.")
    return 0 if good else 1


def slides_of_course(tools: Tools) -> list[Slide]:
    """Return the slides of the measured curriculum."""
    with ExitStack() as stack:
        return open_presenter(tools, stack)[1].course()[CURRICULUM.name]


def open_presenter(tools: Tools, stack: ExitStack) -> tuple[Browser, Presenter]:
    """Start a browser with the curriculum's page loaded; the stack ends it."""
    browser = Browser(WIDTH, HEIGHT, tools)
    stack.callback(browser.close)
    browser.start()
    presenter = Presenter(browser, "en", WAIT, print)
    presenter.load(CURRICULUM)
    return browser, presenter


def browser_per_slide(tools: Tools, slides: Sequence[Slide]) -> float:
    """Return the seconds a slide takes when each gets a new browser and a fixed wait."""
    start = time.perf_counter()
    for slide in slides:
        with ExitStack() as stack:
            browser, presenter = open_presenter(tools, stack)
            presenter.load(CURRICULUM, slide.session, slide.key)
            time.sleep(FIXED_WAIT)
            browser.picture()
    return (time.perf_counter() - start) / len(slides)


def fresh_loads(tools: Tools, slides: Sequence[Slide]) -> float:
    """Return the seconds a slide takes when one browser loads each slide's own address and waits until it is ready."""
    with ExitStack() as stack:
        browser, presenter = open_presenter(tools, stack)
        start = time.perf_counter()
        for slide in slides:
            presenter.show_fresh(CURRICULUM, slide, tolerant=False)
            browser.picture()
        return (time.perf_counter() - start) / len(slides)


def bare_limit(tools: Tools, slide: Slide, browsers: int, pictures: int) -> float:
    """Return the seconds a picture takes when so many browsers share taking pictures of one ready slide."""
    with ExitStack() as stack:
        crew = [open_presenter(tools, stack) for _ in range(browsers)]
        for _, presenter in crew:
            presenter.show(CURRICULUM, slide, tolerant=False)
        shares = [pictures // browsers + (number < pictures % browsers) for number in range(browsers)]
        return (
            side_by_side([repeat(browser.picture, share) for (browser, _), share in zip(crew, shares, strict=True)])
            / pictures
        )


def repeat(work: Callable[[], object], times: int) -> Callable[[], None]:
    """Return a function that does a piece of work several times."""

    def run() -> None:
        for _ in range(times):
            work()

    return run


def side_by_side(tasks: Sequence[Callable[[], None]]) -> float:
    """Run tasks in threads, and return the seconds until the last has ended."""
    threads = [threading.Thread(target=task) for task in tasks]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def part_three(browsers: int) -> tuple[float, float, int]:
    """Run part 3 on an empty project, then again.

    Returns:
        The seconds that the slides took, the seconds that starting took, and Python's peak memory in MB.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole, memory = run_part(folder, browsers)
        start, _ = run_part(folder, browsers)
    return whole - start, start, memory


def run_part(folder: str, browsers: int) -> tuple[float, int]:
    """Run part 3 once; return the seconds and its peak memory in MB."""
    command = [
        *(sys.executable, ROOT / "parts" / "3-slides-download.py", "--project-path", folder, "--language-code", "en"),
        *("--curriculum", CURRICULUM.name, "--missing-only", "--browsers", str(browsers)),
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "ZUME_HOME": folder})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit("part 3 failed")
    return seconds, usage.ru_maxrss // 1024


if __name__ == "__main__":
    raise SystemExit(main())
