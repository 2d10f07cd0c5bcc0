"""The columns of progress bars. Each number stands with its unit or its noun, and nothing wraps at 80 columns."""

from __future__ import annotations

from rich.progress import BarColumn, ProgressColumn, Task
from rich.table import Column
from rich.text import Text

_BAR_WIDTH = 20


def byte_columns(with_rate: bool = True) -> tuple[ProgressColumn, ...]:
    """Return the columns of a bar that counts bytes: what, a bar, ``3.1 of 12.0 MB``, ``1.2 MB/s``, ``1:20 left``.

    Args:
        with_rate: whether the bytes per second are of interest.
    """
    rate = (_Rate(),) if with_rate else ()
    return (_What(), BarColumn(_BAR_WIDTH), _Amount(), *rate, _Left())


def count_columns(noun: str) -> tuple[ProgressColumn, ...]:
    """Return the columns of a bar that counts things: what, a bar, ``12/47 slides``, ``1:20 left``.

    Args:
        noun: what is counted, in the plural.
    """
    return (_What(), BarColumn(_BAR_WIDTH), _Count(noun), _Left())


def amount(done: float, total: float | None) -> str:
    """Return how many bytes of how many there are, in one unit: ``3.1 of 12.0 MB``."""
    largest = max(done, total or 0)
    size, unit = (1e9, "GB") if largest >= 999_950_000 else (1e6, "MB")
    return f"{done / size:.1f} {unit}" if total is None else f"{done / size:.1f} of {total / size:.1f} {unit}"


def clock(seconds: float) -> str:
    """Return a time span as a clock shows it: ``1:20``, or ``1:02:03`` with hours."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


class _What(ProgressColumn):
    def render(self, task: Task) -> Text:
        # Where the screen is too narrow, rich makes those columns smaller that may wrap. This one may, but does not.
        text = Text.from_markup(task.description)
        text.no_wrap, text.overflow = True, "ellipsis"
        return text


class _Whole(ProgressColumn):
    """A column of which nothing may be lacking."""

    def __init__(self) -> None:
        super().__init__(Column(no_wrap=True, justify="right"))


class _Count(_Whole):
    def __init__(self, noun: str) -> None:
        super().__init__()
        self._noun = noun

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:.0f}/{task.total or 0:.0f} {self._noun}")


class _Amount(_Whole):
    def render(self, task: Task) -> Text:
        return Text(amount(task.completed, task.total))


class _Rate(_Whole):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed / 1e6:.1f} MB/s" if speed else "")


class _Left(_Whole):
    # In seconds; the number would dance otherwise.
    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        seconds = task.time_remaining
        return Text("" if seconds is None or task.finished else f"{clock(seconds)} left")
