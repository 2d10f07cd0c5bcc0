"""Trying again what may succeed later, and the pauses that other machines ask for."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from common import http, retries
from common.errors import BuilderError, RemoteError
from common.http import asked_pause
from common.retries import with_retries


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
    monkeypatch.setattr(retries.random, "uniform", lambda low, high: (low + high) / 2)


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


INDIA = timezone(timedelta(hours=5, minutes=30))


def in_seconds(seconds):
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (lambda: {"Retry-After": "7"}, 7),
        (lambda: {"Retry-After": " 2.5 "}, 2.5),
        (lambda: {"Retry-After": "0"}, 1),
        (lambda: {"Retry-After": format_datetime(in_seconds(30), usegmt=True)}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).isoformat(timespec="seconds")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).isoformat(timespec="milliseconds")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).strftime("%Y-%m-%dT%H:%M:%SZ")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).strftime("%Y-%m-%dT%H:%M:%S")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).astimezone(INDIA).isoformat()}, 30),
        (lambda: {"X-RateLimit-Reset": str(int(time.time()) + 30)}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(-30).isoformat()}, 1),
        (lambda: {"X-RateLimit-Reset": str(int(time.time()) - 30)}, 1),
        (lambda: {"Retry-After": "7", "X-RateLimit-Reset": in_seconds(30).isoformat()}, 7),
        (lambda: {"Retry-After": "soon", "X-RateLimit-Reset": in_seconds(30).isoformat()}, 30),
        (lambda: {}, None),
        (lambda: {"Retry-After": ""}, None),
        (lambda: {"Retry-After": "soon", "X-RateLimit-Reset": "later"}, None),
    ],
)
def test_the_pause_that_an_answer_asks_for_is_understood(headers, expected):
    pause = asked_pause(headers(), "Retry-After", "X-RateLimit-Reset")

    assert pause == (None if expected is None else pytest.approx(expected, abs=2 if expected == 30 else 0.01))


def test_a_time_in_world_time_is_understood_as_python_3_10_reads_times(monkeypatch):
    class OldDatetime(datetime):
        @classmethod
        def fromisoformat(cls, text):
            if text.endswith("Z"):
                raise ValueError("Invalid isoformat string")
            return super().fromisoformat(text)

    monkeypatch.setattr(http, "datetime", OldDatetime)
    moment = in_seconds(30).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert asked_pause({"X-RateLimit-Reset": moment}, "X-RateLimit-Reset") == pytest.approx(30, abs=2)
