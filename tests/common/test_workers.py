"""Working off jobs side by side."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time

import pytest

from common.errors import BuilderError
from common.workers import begin, within, work_off
from suite import ROOT, clean_environment


def test_every_job_is_done_once_and_comes_with_its_own_result():
    results = list(work_off(lambda number: number * number, range(200), 4))

    assert sorted(results) == [(number, number * number) for number in range(200)]


def test_without_jobs_there_are_no_results():
    assert list(work_off(str, [], 3)) == []


def test_workers_work_at_the_same_time_each_in_a_thread_of_its_own():
    together = threading.Barrier(3)
    threads = set()

    def work(_):
        threads.add(threading.get_ident())
        return together.wait(timeout=10)

    assert len(list(work_off(work, range(3), 3))) == 3
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

    assert len(list(work_off(work, range(30), 2))) == 30
    assert max(most) == 2


def test_results_come_as_soon_as_they_are_there():
    let_go = threading.Event()

    def work(job):
        if job == "slow":
            let_go.wait(10)
        return job

    results = work_off(work, ["slow", "quick"], 2)
    assert next(results) == ("quick", "quick")
    let_go.set()
    assert list(results) == [("slow", "slow")]


def test_one_worker_takes_the_jobs_in_their_order():
    assert [job for job, _ in work_off(str.upper, "abcdef", 1)] == list("abcdef")


@pytest.mark.parametrize("error", [ValueError, BuilderError, KeyboardInterrupt, SystemExit])
def test_what_a_worker_raises_arrives(error):
    def work(job):
        if job == 2:
            raise error("stop")
        return job

    arrived = []
    with pytest.raises(error, match="stop"):
        arrived.extend(work_off(work, range(5), 1))
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
        "import time; from common.workers import begin, within, work_off\n"
        "def work(job): time.sleep(job)\n"
        "begin(lambda: time.sleep(60))\n"
        "print(next(work_off(work, [0, 60, 60], 2)))"
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


def test_work_that_is_done_in_time_returns_or_raises_as_it_would_alone():
    assert within(60, lambda: 5) == 5
    with pytest.raises(BuilderError, match="It broke"):
        within(60, lambda: fail(BuilderError("It broke.")))


def test_work_that_takes_too_long_is_left_alone():
    end = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.05, end.wait)
    end.set()


def fail(error):
    raise error
