"""Pictures taken in this process, and drivers that listen for themselves as the nodes of a grid do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from course.curricula import CURRICULA
from slide_files import saved_in
from slides.browser_pool import BrowserPool, CaptureJob
from slides.capture import CaptureSettings
from slides.chrome import find_tools

SIZE = (600, 336)
TEN = CURRICULA[1]


def settings(**wishes) -> CaptureSettings:
    tools = None if wishes.get("grid_urls") else find_tools()
    return CaptureSettings("en", *SIZE, **{"wait": 5.0, "settle": 0.0, "allow_flawed": False, "tools": tools, **wishes})


def take(folder: Path, browsers: int, between=lambda number: None, **wishes) -> dict[str, str]:
    """Take the slides of the short course; return the status of each. ``between`` is called after each one."""
    with BrowserPool(settings(**wishes), browsers) as pool:
        pool.start()
        jobs = [CaptureJob(TEN, slide, saved_in(folder)) for slide in pool.page(TEN).slides[TEN.name]]
        found = {}
        for number, (job, taken) in enumerate(pool.take_all(jobs), start=1):
            found[job.slide.name] = taken.status
            between(number)
    return found


@contextmanager
def remote_ends(count: int, folder: Path) -> Iterator[list[tuple[subprocess.Popen, str]]]:
    """Drivers that listen for themselves, as the nodes of a grid do; each with its address."""
    with ExitStack() as stack:
        ends = []
        for _ in range(count):
            driver = subprocess.Popen(
                [find_tools().driver, "--port=0", "--url-base=/wd/hub"],
                env={**os.environ, "TMPDIR": str(folder)},
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.callback(end_group, driver)
            port = next(match[1] for line in driver.stdout if (match := re.search(r"successfully on port (\d+)", line)))
            ends.append((driver, f"http://127.0.0.1:{port}/wd/hub"))
        yield ends


def end_group(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def end_group_of(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
