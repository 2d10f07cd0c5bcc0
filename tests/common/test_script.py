"""The start and the end of a script, as far as no process is needed for that."""

from __future__ import annotations

import io
import signal
import subprocess
import sys

import pytest

from common import script
from common.errors import FAILED, INTERRUPTED
from common.script import exit_code_of, run
from suite import ROOT, clean_environment
from systems import signals_needed


@pytest.fixture
def own_handlers():
    """Give the signals back to who had them before a script took them."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_package_that_is_not_installed_is_named(capsys, own_handlers):
    def main(_):
        import nowhere_to_be_found.at_all  # noqa: F401

    assert run(main) == FAILED
    assert "The package nowhere_to_be_found is missing." in capsys.readouterr().err


@pytest.mark.parametrize("module", ["slides.nothing", "common.nothing.at_all", "_nothing"])
def test_a_module_of_ours_that_is_missing_is_a_defect(module, own_handlers):
    def main(_):
        __import__(module)

    with pytest.raises(ModuleNotFoundError, match="nothing"):
        run(main)


def test_what_goes_into_a_pipe_is_utf_8_whatever_the_system_writes_by_itself():
    """Windows writes its old character set into pipes and files, which has the letters of few languages."""
    code = r"from common.script import run; run(lambda _: print('\u1019\u103c') or 0, [])"
    system = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"}
    environment = clean_environment(PYTHONPATH=str(ROOT / "parts"), **system)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert done.stdout.decode("utf-8").strip() == "\u1019\u103c"


def test_somebody_who_wants_another_character_set_gets_it():
    code = r"from common.script import run; run(lambda _: print('\xf1 \u1019') or 0, [])"
    environment = clean_environment(PYTHONPATH=str(ROOT / "parts"), PYTHONIOENCODING="latin-1")
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert done.stdout.decode("latin-1").strip() == "ñ ?"


def test_a_terminal_keeps_the_character_set_that_it_shows(monkeypatch):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    terminal, file = Terminal(io.BytesIO(), "cp1252"), io.TextIOWrapper(io.BytesIO(), "cp1252")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    script._show_what_can_be_shown()
    assert (terminal.encoding, terminal.errors) == ("cp1252", "replace")
    assert (file.encoding, file.errors) == ("utf-8", "replace")


def test_ctrl_break_with_which_a_build_stops_its_parts_on_windows_is_an_interrupt(monkeypatch, own_handlers):
    # Some signal of this system stands for the one that only Windows has.
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGABRT, raising=False)
    monkeypatch.setattr(script, "_BREAK", signal.SIGABRT)
    before = signal.getsignal(signal.SIGABRT)

    def main(_):
        signal.raise_signal(signal.SIGABRT)
        return 0

    try:
        assert run(main, []) == INTERRUPTED
    finally:
        signal.signal(signal.SIGABRT, before)
    assert exit_code_of(KeyboardInterrupt(signal.SIGTERM)) == 143


TWO_AT_ONCE = """
import os, signal
from common.script import run
def main(_):
    both = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, both)
    for number in both:
        os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, both)
raise SystemExit(run(main))
"""


@signals_needed
def test_a_second_signal_that_is_already_on_its_way_is_passed_over_without_a_word():
    """A build that stops its part sends one, and ends the part's lifeline, which sends another."""
    done = subprocess.run(
        [sys.executable, "-c", TWO_AT_ONCE],
        env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 130
    assert done.stderr.splitlines()[0] == "Error: Interrupted."
    assert "Signal" not in done.stderr
