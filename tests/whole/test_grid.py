"""Part 3 with Selenium's own Grid of a hub and two nodes: the same pictures, and what the loss of one of them costs."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from demo import StandIn
from grid_server import SLOTS, SLOTS_OF_A_NODE, Grid, missing
from quick_builds import SMALL, rows_of, wait_until
from slide_files import files_in, statuses, wait_for_pictures
from slides.browser import Browser

pytestmark = [pytest.mark.grid, pytest.mark.skipif(bool(missing()), reason=missing())]

SESSIONS, SLIDES_OF_A_SESSION = 4, 6
SLIDES = SESSIONS * SLIDES_OF_A_SESSION
# Slow enough for something to happen in mid-run.
SLOWLY = ("--settle", 1)


@pytest.fixture(scope="module")
def servers() -> Iterator[Grid]:
    # A short path, because browsers make sockets in it.
    grid = Grid(Path(tempfile.mkdtemp(prefix="zg", dir="/tmp")))
    try:
        yield grid
    finally:
        grid.stop()


@pytest.fixture
def grid(servers: Grid) -> Iterator[Grid]:
    """The Grid with all slots free, which they have to be after the test too: no session is left there."""
    servers.start()
    yield servers
    servers.wait_for_slots()
    assert servers.waiting() == 0


@pytest.fixture
def doomed_grid(servers: Grid) -> Iterator[Grid]:
    """The Grid for a test that breaks it."""
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as started:
        started.presenter.short_course = SLIDES_OF_A_SESSION
        started.presenter.short_sessions = SESSIONS
        yield started


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "en"
    folder.mkdir()
    return folder


def arguments_for(project: Path, *more: object) -> tuple[object, ...]:
    return ("--project-path", project, "--language-code", "en", "-c", "ten_session", *SMALL, *more)


def at(grid: Grid, browsers: int) -> tuple[object, ...]:
    return ("--grid-url", grid.url, "--browsers", browsers)


def pixels_in(project: Path) -> dict[str, bytes]:
    """Return the pixels of each picture, by slide name."""
    found = {}
    for name in files_in(project):
        with Image.open(project / "10" / name) as picture:
            found[name.partition("_session_")[2]] = picture.tobytes()
    return found


def assert_each_slide_was_taken_once(project: Path) -> None:
    assert list(statuses(project).values()) == ["ok"] * SLIDES
    assert len(files_in(project)) == SLIDES


def test_a_grid_takes_the_same_pictures_as_this_machine(suite, grid, project, tmp_path):
    here = tmp_path / "here" / "en"
    here.mkdir(parents=True)

    there = suite.part(3, *arguments_for(project, *at(grid, SLOTS)))
    local = suite.part(3, *arguments_for(here))

    assert (there.returncode, local.returncode) == (0, 0), there.stderr + local.stderr
    assert f"{grid.url}: {SLOTS} slots, {SLOTS} free" in there.stdout
    assert_each_slide_was_taken_once(project)
    assert pixels_in(project) == pixels_in(here)


def test_browsers_without_a_slot_wait_in_the_queue_and_the_others_take_the_pictures(suite, grid, project):
    process = suite.start(3, *arguments_for(project, *at(grid, SLOTS + 2), *SLOWLY))
    wait_until(lambda: all(grid.sessions()) and grid.waiting() == 2, process, 60)
    _, errors = process.communicate(timeout=120)

    assert (process.returncode, errors) == (0, "")
    assert_each_slide_was_taken_once(project)


def test_a_grid_whose_slots_are_all_taken_is_said_and_waited_for(suite, grid, project):
    with ExitStack() as others:
        for _ in range(SLOTS):
            other = Browser(600, 336, None, grid.url)
            other.start()
            others.callback(other.close)
        assert all(grid.sessions())
        process = suite.start(3, *arguments_for(project, *at(grid, 1)))
        wait_until(lambda: grid.waiting() == 1, process)
        other.close()
        _, errors = process.communicate(timeout=120)

    assert process.returncode == 0, errors
    assert f"{SLOTS} slots, 0 free" in errors
    assert_each_slide_was_taken_once(project)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("pictures", [0, 2], ids=["while browsers start", "in mid-run"])
def test_an_interrupt_leaves_no_slot_taken(suite, grid, project, how, pictures):
    process = suite.start(3, *arguments_for(project, *at(grid, SLOTS), *SLOWLY))
    wait_until(lambda: any(grid.sessions()), process)
    if pictures:
        wait_for_pictures(process, project / "10", pictures)
    process.send_signal(getattr(signal, how))
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + getattr(signal, how), errors
    assert "Traceback" not in errors
    assert not any(grid.sessions())


def test_a_check_says_how_many_slots_there_are_and_how_many_are_free(suite, grid, tmp_path):
    arguments = ("-l", "es", "-f", tmp_path, "--check", "--skip", "videos", "--grid-url", grid.url)
    free = rows_of(suite.build(*arguments).stdout)
    other = Browser(600, 336, None, grid.url)
    other.start()
    try:
        used = rows_of(suite.build(*arguments).stdout)
    finally:
        other.close()

    assert free["Grid"] == ("ok", f"{grid.url}: {SLOTS} slots, {SLOTS} free")
    assert used["Grid"] == ("ok", f"{grid.url}: {SLOTS} slots, {SLOTS - 1} free")
    assert free["Site"][0] == used["Site"][0] == "ok"


def test_a_node_that_is_killed_costs_only_the_slides_that_it_had(suite, doomed_grid, project):
    process = suite.start(3, *arguments_for(project, *at(doomed_grid, SLOTS), *SLOWLY))
    wait_until(lambda: all(doomed_grid.sessions() or [None]), process, 60)
    wait_for_pictures(process, project / "10", 2)
    doomed_grid.nodes[0].kill()
    output, errors = process.communicate(timeout=120)

    assert process.returncode == 0, errors
    assert output.count("the browser broke down and is replaced") == SLOTS_OF_A_NODE
    assert_each_slide_was_taken_once(project)


def test_a_run_goes_on_when_its_hub_is_killed_and_started_again(suite, doomed_grid, project):
    """The sessions of before are lost, and take up all slots until the nodes end what nobody uses."""
    process = suite.start(3, *arguments_for(project, *at(doomed_grid, SLOTS + 1), *SLOWLY))
    wait_until(lambda: all(doomed_grid.sessions() or [None]) and doomed_grid.waiting() == 1, process, 60)
    wait_for_pictures(process, project / "10", 2)
    doomed_grid.hub.kill()
    doomed_grid.hub.wait()
    doomed_grid.start_hub()
    output, errors = process.communicate(timeout=180)

    assert process.returncode == 0, errors
    # Whoever waited in the queue, too.
    assert output.count("Part 3 keeps trying for") == SLOTS + 1
    assert errors == ""
    assert_each_slide_was_taken_once(project)
    # Of the new sessions none is left.
    doomed_grid.wait_for_slots()
