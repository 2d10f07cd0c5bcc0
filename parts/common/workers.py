"""Work in daemon threads, so that a program that stops early, at Ctrl-C for example, never waits for it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")
Job = TypeVar("Job")
Result = TypeVar("Result")


def begin(work: Callable[[], Result]) -> Future[Result]:
    """Start a piece of work in a thread of its own, and return the future that gets its result or exception."""
    future: Future[Result] = Future()
    threading.Thread(target=_complete, args=(future, work), daemon=True).start()
    return future


def _complete(future: Future[Result], work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what a piece of work returns, or raise what it raises.

    Args:
        seconds: how long it may take.
        work: what to do. It is left alone when its time is over, so it should come to an end by itself.

    Raises:
        TimeoutError: its time is over.
    """
    future = begin(work)
    deadline = time.monotonic() + seconds
    while not future.done():
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        # In steps, as in ``next_item``.
        wait([future], timeout=min(left, 0.5))
    return future.result()


def work_off(work: Callable[[Job], Result], jobs: Iterable[Job], workers: int) -> Iterator[tuple[Job, Result]]:
    """Do jobs side by side, each as soon as a worker is free, and yield each with its result as soon as it is done.

    Args:
        work: what to do with one job.
        jobs: all jobs, in the order in which to begin them.
        workers: the number of threads.

    Raises:
        BaseException: whatever ``work`` raised; no further result is yielded then.
    """
    waiting: queue.SimpleQueue[tuple[Future[Result], Job]] = queue.SimpleQueue()
    done: queue.SimpleQueue[Future[Result]] = queue.SimpleQueue()
    open_jobs: dict[Future[Result], Job] = {}
    for job in jobs:
        future: Future[Result] = Future()
        future.add_done_callback(done.put)
        open_jobs[future] = job
        waiting.put((future, job))

    def work_until_all_are_taken() -> None:
        while True:
            try:
                future, job = waiting.get_nowait()
            except queue.Empty:
                return
            _complete(future, partial(work, job))

    for _ in range(workers):
        begin(work_until_all_are_taken)
    while open_jobs:
        future = next_item(done)
        yield open_jobs.pop(future), future.result()


def next_item(items: queue.SimpleQueue[Item]) -> Item:
    """Wait for the next item of a queue. The wait is cut in steps: on Windows a wait without a limit ignores Ctrl-C."""
    while True:
        try:
            return items.get(timeout=0.5)
        except queue.Empty:
            continue
