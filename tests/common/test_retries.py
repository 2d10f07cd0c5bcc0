"""Trying again what may succeed later, and working side by side."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time

import pytest

from common import http
from common.errors import BuilderError, RemoteError
from common.http import with_retries
from common.workers import begin, work_off
from suite import ROOT, clean_environment

# Trying again


class Work:
    """Fails with the given errors, one a try, and then succeeds."""

    def __init__(self, *errors):
        self._errors = iter(errors)
        self.tries = 0
        self.pauses = []
        self.announced = []

    def __call__(self):
        self.tries += 1
        error = next(self._errors, None)
        if error is not None:
            raise error
        return "done"

    def run(self, **more):
        return with_retries(self, self.announced.append, self.pauses.append, **more)


def fault(**more):
    return RemoteError("The line broke.", "Try later.", **{"retryable": True, **more})


@pytest.fixture
def no_jitter(monkeypatch):
    monkeypatch.setattr(http.random, "uniform", lambda low, high: (low + high) / 2)


def test_what_succeeds_is_done_once(no_jitter):
    work = Work()

    assert work.run() == "done"
    assert (work.tries, work.pauses, work.announced) == (1, [], [])


def test_pauses_grow_and_tries_come_to_an_end(no_jitter):
    last = fault()
    work = Work(*(fault() for _ in range(4)), last)

    with pytest.raises(RemoteError) as caught:
        work.run()
    assert caught.value is last
    assert work.tries == 5
    assert work.pauses == [0.5, 1, 2, 4]


def test_the_fifth_try_may_still_succeed(no_jitter):
    assert Work(*(fault() for _ in range(4))).run() == "done"


def test_pauses_do_not_grow_beyond_half_a_minute(no_jitter):
    work = Work(*(fault() for _ in range(11)))
    work.run(tries=12)

    assert work.pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]


def test_pauses_are_spread_but_not_far():
    first_pauses = set()
    for _ in range(50):
        work = Work(fault())
        work.run()
        first_pauses.update(work.pauses)

    assert len(first_pauses) > 10
    assert all(0.25 <= pause <= 0.75 for pause in first_pauses)


def test_progress_gives_the_tries_back_and_shortens_the_pause(no_jitter):
    work = Work(*(fault(progressed=number % 4 == 3) for number in range(20)))

    assert work.run() == "done"
    assert work.tries == 21
    assert work.pauses == [0.5, 1, 2, *[0.5, 1, 2, 4] * 4, 0.5]


def test_without_further_progress_the_tries_come_to_an_end(no_jitter):
    work = Work(fault(progressed=True), *(fault() for _ in range(10)))

    with pytest.raises(RemoteError):
        work.run()
    assert work.tries == 5


@pytest.mark.parametrize(
    ("asked", "made"), [(0.0, 0), (7.5, 7.5), (120, 120), (121, 120), (1e9, 120), (-5, 0), (float("inf"), 120)]
)
def test_a_pause_that_is_asked_for_is_made_within_bounds(asked, made):
    work = Work(fault(pause=asked))
    work.run()

    assert work.pauses == [made]


@pytest.mark.parametrize("error", [fault(retryable=False), BuilderError("no"), ValueError("no"), KeyboardInterrupt()])
def test_what_may_not_be_tried_again_is_raised_at_once(error):
    work = Work(error)

    with pytest.raises(type(error)) as caught:
        work.run()
    assert caught.value is error
    assert (work.tries, work.pauses, work.announced) == (1, [], [])


def test_each_pause_is_announced_with_what_went_wrong_and_how_long(no_jitter):
    work = Work(fault(pause=7))
    work.run()

    assert work.announced == ["The line broke. Trying again in 7 s."]


# Side by side


def test_every_job_is_done_once_and_comes_with_its_own_result():
    results = list(work_off(range(200), [lambda number: number * number] * 4))

    assert sorted(results) == [(number, number * number) for number in range(200)]


def test_without_jobs_there_are_no_results():
    assert list(work_off([], [str] * 3)) == []


def test_workers_work_at_the_same_time_each_in_a_thread_of_its_own():
    together = threading.Barrier(3)
    threads = set()

    def work(_):
        threads.add(threading.get_ident())
        return together.wait(timeout=10)

    assert len(list(work_off(range(3), [work] * 3))) == 3
    assert len(threads) == 3
    assert threading.get_ident() not in threads


def test_no_more_jobs_run_than_there_are_workers():
    running, most = itertools.count(), []
    lock, now = threading.Lock(), []

    def work(job):
        with lock:
            now.append(job)
            most.append(len(now))
        time.sleep(0.002)
        with lock:
            now.remove(job)
        return next(running)

    assert len(list(work_off(range(30), [work] * 2))) == 30
    assert max(most) == 2


def test_results_come_as_soon_as_they_are_there():
    let_go = threading.Event()

    def work(job):
        if job == "slow":
            let_go.wait(10)
        return job

    results = work_off(["slow", "quick"], [work] * 2)
    assert next(results) == ("quick", "quick")
    let_go.set()
    assert list(results) == [("slow", "slow")]


def test_one_worker_takes_the_jobs_in_their_order():
    assert [job for job, _ in work_off("abcdef", [str.upper])] == list("abcdef")


@pytest.mark.parametrize("error", [ValueError, BuilderError, KeyboardInterrupt, SystemExit])
def test_what_a_worker_raises_arrives(error):
    def work(job):
        if job == 2:
            raise error("stop")
        return job

    arrived = []
    with pytest.raises(error, match="stop"):
        arrived.extend(work_off(range(5), [work]))
    with pytest.raises(error, match="stop"):
        begin(lambda: work(2)).result(timeout=10)


def test_work_that_was_begun_gives_its_result_to_the_future():
    let_go = threading.Event()

    def work():
        let_go.wait(10)
        return 42

    future = begin(work)
    assert not future.done()
    let_go.set()
    assert future.result(timeout=10) == 42


def test_a_program_that_stops_early_does_not_wait_for_a_job_that_hangs():
    script = (
        "import time; from common.workers import begin, work_off\n"
        "def work(job): time.sleep(job)\n"
        "begin(lambda: time.sleep(60))\n"
        "print(next(work_off([0, 60, 60], [work, work])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )

    assert done.stdout == "(0, None)\n"
