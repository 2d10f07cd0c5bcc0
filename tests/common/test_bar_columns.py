"""What stands beside a progress bar."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.progress import Progress

from common.bar_columns import amount, byte_columns, clock, count_columns

TITLE = "(17) Walking in Prayer - Español, with a title that is far too long for a terminal of eighty columns"


def shown(columns, width, total, done):
    """Return the lines of two bars, the second with a long title, ten seconds after they began."""
    console, now = Console(width=width, force_terminal=True, color_system=None, record=True), [0.0]
    progress = Progress(*columns, console=console, get_time=lambda: now[0], auto_refresh=False)
    tasks = [progress.add_task(name, total=total) for name in ("All 29 videos", TITLE)]
    for step in range(1, 11):
        now[0] = float(step)
        for task in tasks:
            progress.update(task, completed=done * step / 10)
    with console.capture() as capture:
        console.print(progress.get_renderable())
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [80, 140])
@pytest.mark.parametrize(
    ("columns", "total", "done", "words"),
    [
        (byte_columns, 12e6, 3e6, "3.0 of 12.0 MB 0.3 MB/s 0:30 left"),
        (byte_columns, 999e9, 99e9, "99.0 of 999.0 GB 9900.0 MB/s 1:31 left"),
        (lambda: byte_columns(with_rate=False), 84e6, 42e6, "42.0 of 84.0 MB 0:10 left"),
        (lambda: count_columns("slides"), 615, 5, "5/615 slides 20:20 left"),
    ],
)
def test_each_number_has_its_unit_or_noun_and_nothing_wraps(columns, total, done, words, width):
    lines = shown(columns(), width, total, done)

    assert [line.rstrip().endswith(words) for line in lines] == [True, True]
    assert max(map(len, lines)) <= width
    assert lines[1].startswith("(17) ")


def test_what_is_done_has_no_time_left():
    assert shown(byte_columns(), 80, 12e6, 12e6)[0].rstrip().endswith("12.0 of 12.0 MB 1.2 MB/s")


def test_amounts_of_an_unknown_whole_and_long_times():
    assert amount(3_100_000, None) == "3.1 MB"
    assert amount(500_000_000, 6_400_000_000) == "0.5 of 6.4 GB"
    assert [clock(seconds) for seconds in (0, 80, 3723)] == ["0:00", "1:20", "1:02:03"]
