"""How many browsers run side by side if nobody says so, and what is said where there is no room for them."""

from __future__ import annotations

import importlib.util
import os

import psutil
import pytest

from builds import preflight
from builds.session import DEFAULT_OPTIONS, BuildSession
from slides import chrome, take_slides
from slides import memory as memory_module
from slides.memory import BROWSER_MEMORY, default_browsers, free_memory
from suite import PARTS


@pytest.fixture
def machine(monkeypatch):
    """Make this machine one with so many cores, and with free memory for so many browsers."""

    def make(cores, room):
        monkeypatch.setattr(os, "cpu_count", lambda: cores)
        memory = psutil.virtual_memory()._replace(available=int(room * BROWSER_MEMORY))
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)

    monkeypatch.setattr(memory_module, "_CGROUP", PARTS[1])  # no folder
    return make


@pytest.mark.parametrize(
    ("cores", "room", "browsers"),
    [(2, 9, 2), (8, 9, 4), (8, 3.9, 3), (8, 1.9, 1), (8, 0.1, 1), (1, 9, 1), (None, 9, 1)],
)
def test_there_are_as_many_browsers_as_cores_four_or_as_many_as_the_memory_has_room_for(cores, room, browsers, machine):
    machine(cores, room)

    assert default_browsers() == browsers


def test_browsers_on_other_machines_need_no_memory_here(machine):
    machine(8, 0.1)

    assert default_browsers(elsewhere=True) == 4


def test_the_free_memory_is_at_most_what_the_machine_has():
    assert 0 < free_memory() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("limit", "free"),
    [("max", 9 * BROWSER_MEMORY), ("1000000000", 350_000_000), ("500000000", 0), ("99000000000", 9 * BROWSER_MEMORY)],
)
def test_in_a_container_the_limit_counts_without_what_was_only_read_from_files(
    limit, free, machine, monkeypatch, tmp_path
):
    machine(8, 9)
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("700000000\n")
    (tmp_path / "memory.stat").write_text("anon 600000000\ninactive_file 50000000\nactive_file 50000000\n")
    monkeypatch.setattr(memory_module, "_CGROUP", tmp_path)

    assert free_memory() == free


@pytest.mark.parametrize(
    ("arguments", "browsers"),
    [([], 1), (["--browsers", "3"], 3), (["--grid-url", "http://127.0.0.1:9"], 4)],
    ids=["default", "given", "grid"],
)
def test_part_3_takes_the_number_that_is_given_whatever_the_memory(
    arguments, browsers, machine, home, monkeypatch, tmp_path
):
    machine(8, 1.9)
    specification = importlib.util.spec_from_file_location("part3", PARTS[3])
    part3 = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(part3)
    taken = []
    monkeypatch.setattr(take_slides, "take_slides", lambda *given, **options: taken.append(given[3]) or [])
    monkeypatch.setattr(chrome, "find_tools", lambda *_: None)

    assert part3.main(["--project-path", str(tmp_path), "--language-code", "es", *arguments]) == 0
    assert taken == [browsers]


def warnings_of(capsys, folder, **options):
    """Return what a build that starts with these settings warns about concerning memory."""
    session = BuildSession("", "es", str(folder), str(folder / "es"), None, options={**DEFAULT_OPTIONS, **options})
    session.steps["videos"].status = "skipped"
    preflight.require_ready(session)
    return [line for line in capsys.readouterr().err.splitlines() if "memory" in line]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("room", "options", "said"),
    [
        (0.5, {}, "Only 300.0 MB of memory is free; a browser needs 600.0 MB."),
        (2, {"browsers": 3}, "Only 1.2 GB of memory is free; each of the 3 browsers needs 600.0 MB."),
    ],
)
def test_a_build_on_a_machine_without_room_warns_in_one_line(room, options, said, machine, home, capsys, tmp_path):
    machine(8, room)

    (line,) = warnings_of(capsys, tmp_path, **options)

    assert line.startswith(f"Warning: es: {said} End other programs")
    assert "--browsers" in line
    assert "--grid-url" in line


@pytest.mark.browser
@pytest.mark.parametrize(
    ("room", "options"), [(1, {}), (3, {"browsers": 3}), (0.5, {"grid_url": "http://127.0.0.1:9"})]
)
def test_a_build_with_room_for_its_browsers_says_nothing(room, options, machine, home, capsys, tmp_path):
    machine(8, room)

    assert warnings_of(capsys, tmp_path, **options) == []
