"""Works off a list of jobs with several workers side by side."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def work_off(jobs: Iterable[Job], workers: Sequence[Callable[[Job], Result]]) -> Iterator[tuple[Job, Result]]:
    """Give each worker the next job from one queue, in a thread of its own, and yield the results as they come.

    The threads are daemons: a caller that stops early, at Ctrl-C for example, does not
    wait for a transfer that hangs.

    Args:
        jobs: what there is to do, in order.
        workers: one callable for each thread.

    Raises:
        BaseException: whatever a worker raised; no further result is yielded then.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[Job, Result | BaseException, bool]] = queue.SimpleQueue()
    count = 0
    for job in jobs:
        waiting.put(job)
        count += 1

    def work(worker: Callable[[Job], Result]) -> None:
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                finished.put((job, worker(job), True))
            except BaseException as error:
                finished.put((job, error, False))

    for worker in workers:
        threading.Thread(target=work, args=(worker,), daemon=True).start()
    for _ in range(count):
        job, outcome, good = next_item(finished)
        if not good:
            assert isinstance(outcome, BaseException)
            raise outcome
        yield job, outcome  # type: ignore[misc]


def next_item(items: queue.SimpleQueue[Result]) -> Result:
    """Wait for the next item, in steps: on Windows a wait without an end cannot be interrupted."""
    while True:
        try:
            return items.get(timeout=0.5)
        except queue.Empty:
            continue


def begin(work: Callable[[], Result]) -> Future[Result]:
    """Start a piece of work in a daemon thread, and return the future that gets its result or exception."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
