#!/usr/bin/env python3
"""How fast part 3 is: beside a browser per slide, a page load per slide, and what browsers can do at most.

All figures come from one run on one machine, against the stand-in presenter. The bare
limit is the time in which as many browsers take as many pictures of one ready slide. It
is measured right before and right after part 3, in two ways: with the options with which
part 3 takes its pictures, and with none, as WebDriver users take theirs. The limit that
counts is measured likewise: as many browsers, from their start, jump to every slide and
take its picture without any check. Part 3 runs as a process of its own, over all three
curricula, with all its checks and its start.
"""

from __future__ import annotations

import argparse
import base64
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "parts"))

from course.curricula import CURRICULA, Slide  # noqa: E402
from demo import StandIn  # noqa: E402
from slides.browser import Browser  # noqa: E402
from slides.chrome import Tools, find_tools  # noqa: E402
from slides.presenter import Presenter  # noqa: E402

CURRICULUM = CURRICULA[0]
LANGUAGE = "en"
WIDTH, HEIGHT, WAIT = 3000, 1680, 5.0
FIXED_WAIT = 5.0
# The obvious way from slide to slide.
JUMP = """(() => {
  const address = new URL(location.href);
  address.searchParams.set('session', %d);
  address.searchParams.set('slide', '%s');
  history.replaceState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
})()"""
# So many pictures are enough for a steady figure.
PER_SLIDE, FRESH, BARE = 3, 20, 150
MOST_TIMES_LIMIT, LEAST_GAIN = 1.5, 40


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, and say whether the marks hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browsers", type=int, nargs="+", default=[1, 2, 3], metavar="N")
    arguments = parser.parse_args(argv)
    tools = find_tools()
    print(f"{platform.platform()}, {os.cpu_count()} cores, {tools}")
    with tempfile.TemporaryDirectory() as folder, StandIn() as stand_in:
        os.environ.update(stand_in.environment(), ZUME_HOME=folder)
        measure(stand_in, tools, arguments.browsers)
    return 0


def measure(stand_in: StandIn, tools: Tools, counts: Sequence[int]) -> None:
    """Measure everything once and print it."""
    course = slides_of_course(tools)
    slides = course[CURRICULUM.name]
    typical = typical_slide(tools, slides[:40])
    print(f"{WIDTH} x {HEIGHT}, language {LANGUAGE}; the bare limit is that of slide {typical.name}\n")
    per_slide = browser_per_slide(tools, slides[:PER_SLIDE])
    row("a browser for each slide, fixed wait of 5 s", per_slide)
    row("one browser, a page load for each slide", fresh_loads(tools, slides[:FRESH]))
    for count in counts:
        before = bare_limits(tools, typical, count)
        unchecked = [without_checks(tools, course, count)]
        stand_in.presenter_log.clear()
        taken, seconds, memory = part_three(count)
        loads = len(stand_in.presenter_log.page_loads)
        unchecked.append(without_checks(tools, course, count))
        after = bare_limits(tools, typical, count)
        plain, same = (mean(pair) for pair in zip(before, after, strict=True))
        print(f"\nbrowsers: {count}")
        row("  bare limit, plain pictures", plain)
        row("  bare limit, pictures as part 3 takes them", same)
        row("  jump and capture without any check", mean(unchecked))
        row(f"  part 3, {taken} slides, from start to end", seconds / taken)
        times = seconds / taken / plain, seconds / taken / same
        print(f"  {times[0]:.2f} and {times[1]:.2f} times the bare limits (mark: at most {MOST_TIMES_LIMIT})")
        print(f"  {seconds / taken / mean(unchecked):.2f} times jump and capture without any check")
        print(
            f"  {per_slide / (seconds / taken):.0f} times faster than a browser per slide (mark: at least {LEAST_GAIN})"
        )
        print(f"  page loads: {loads}; peak memory of Python: {memory} MB")


def row(what: str, seconds: float) -> None:
    """Print one figure."""
    print(f"{what:46} {seconds:7.3f} s a slide", flush=True)


def slides_of_course(tools: Tools) -> Mapping[str, Sequence[Slide]]:
    """Return the slides of each curriculum, by its name."""
    with ExitStack() as stack:
        return open_presenter(tools, stack)[1].page().slides


def open_presenter(tools: Tools, stack: ExitStack) -> tuple[Browser, Presenter]:
    """Start a browser with the curriculum's page loaded; the stack ends it."""
    browser = Browser(WIDTH, HEIGHT, tools)
    stack.callback(browser.close)
    browser.start()
    presenter = Presenter(browser, LANGUAGE, WAIT, print)
    presenter.load(CURRICULUM)
    return browser, presenter


def typical_slide(tools: Tools, slides: Sequence[Slide]) -> Slide:
    """Return the slide whose picture is of middle size."""
    with ExitStack() as stack:
        browser, presenter = open_presenter(tools, stack)
        sizes = []
        for slide in slides:
            presenter.jump_to(CURRICULUM, slide, tolerant=False)
            sizes.append((len(browser.picture()), slide.position))
        return slides[sorted(sizes)[len(sizes) // 2][1] - 1]


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
            presenter.load_slide(CURRICULUM, slide, tolerant=False)
            browser.picture()
        return (time.perf_counter() - start) / len(slides)


def bare_limits(tools: Tools, slide: Slide, browsers: int) -> tuple[float, float]:
    """Return the seconds a picture takes when so many browsers take pictures of one ready slide.

    Returns:
        With no options, and as part 3 takes them.
    """
    with ExitStack() as stack:
        opened = [open_presenter(tools, stack) for _ in range(browsers)]
        for _, presenter in opened:
            presenter.jump_to(CURRICULUM, slide, tolerant=False)
        cameras = [browser for browser, _ in opened]
        return side_by_side([lambda b=b: plain_picture(b) for b in cameras]), side_by_side([b.picture for b in cameras])


def without_checks(tools: Tools, course: Mapping[str, Sequence[Slide]], browsers: int) -> float:
    """Return the seconds a slide takes when so many browsers only jump to each slide and take its picture.

    Nothing is waited for and nothing is looked at, so many of the pictures are wrong. The browsers' start counts.
    """
    start = time.perf_counter()
    threads = [
        threading.Thread(target=jump_through, args=(tools, course, number, browsers)) for number in range(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - start) / sum(map(len, course.values()))


def jump_through(tools: Tools, course: Mapping[str, Sequence[Slide]], first: int, step: int) -> None:
    """Jump to every so-many-th slide of each curriculum in one browser, and take its picture."""
    with ExitStack() as stack:
        browser, presenter = open_presenter(tools, stack)
        for curriculum in CURRICULA:
            presenter.load(curriculum)
            for slide in course[curriculum.name][first::step]:
                browser.evaluate(JUMP % (slide.session, slide.key))
                browser.picture()


def plain_picture(browser: Browser) -> bytes:
    """Take a picture without any options."""
    return base64.b64decode(browser.command("Page.captureScreenshot")["data"])


def side_by_side(cameras: Sequence[Callable[[], object]]) -> float:
    """Let each take its share of pictures in a thread of its own; return the seconds that one picture took."""
    shares = [BARE // len(cameras) + (number < BARE % len(cameras)) for number in range(len(cameras))]
    threads = [
        threading.Thread(target=lambda take, share: [take() for _ in range(share)], args=(camera, share))
        for camera, share in zip(cameras, shares, strict=True)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - start) / BARE


def part_three(browsers: int) -> tuple[int, float, int]:
    """Run part 3 on an empty project; return the number of slides, the seconds, and Python's peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, ROOT / "parts" / "3-slides-download.py"),
            *("--project-path", folder, "--language-code", LANGUAGE, "--browsers", str(browsers)),
        ]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            raise SystemExit("part 3 failed")
        return len(list(Path(folder).glob("*/*.png"))), seconds, usage.ru_maxrss // 1024


if __name__ == "__main__":
    raise SystemExit(main())
