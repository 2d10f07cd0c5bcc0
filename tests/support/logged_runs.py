"""Runs of one command as build.py runs a part: what its terminal was sent, its log, and how it ended."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from suite import ROOT, clean_environment
from terminal import open_terminal

if sys.platform != "win32":
    import fcntl
    import termios

# Runs one command as build.py does, and writes down how that ended.
DRIVER = """
import json, os, signal, sys, threading, time
from pathlib import Path
import builds.process

child, folder, to_end, to_terminate = sys.argv[1:]
if os.environ.get("DEAF"):
    def raise_interrupt(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, raise_interrupt)
def interrupt_when_asked():
    while True:
        time.sleep(0.01)
        if (asked := Path(folder, "interrupt")).exists():
            asked.unlink()
            signal.raise_signal(signal.SIGINT)
if sys.platform == "win32":
    threading.Thread(target=interrupt_when_asked, daemon=True).start()
builds.process.SECONDS_TO_END, builds.process.SECONDS_TO_TERMINATE = float(to_end), float(to_terminate)
builds.process._SECONDS_OF_SILENCE = float(os.environ.get("SILENCE", 2))
command = [sys.executable, "-c", child]
try:
    environment = {**os.environ, "GIVEN": "by driver"}
    ended = builds.process.run_logged(command, Path(folder, "log"), environment, "", ["token-31415"])
except KeyboardInterrupt:
    ended = "interrupted"
Path(folder, "ended").write_text(json.dumps(ended))
while Path(folder, "linger").exists():
    time.sleep(0.01)
"""


class Run:
    """A driver that runs a child.

    Attributes:
        process: the driver.
    """

    def __init__(self, folder, child, patience=(10, 5), silence=2, deaf=False, **streams):
        self._folder = folder
        environment = clean_environment(PYTHONPATH=str(ROOT / "parts"), FOLDER=str(folder), SILENCE=str(silence))
        if deaf:
            environment["DEAF"] = "1"
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, child, str(folder), *map(str, patience)],
            env=environment,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
        )

    def interrupt(self):
        """Interrupt the driver as Ctrl-C does: on Windows that comes from another thread of the driver itself."""
        if sys.platform == "win32":
            (self._folder / "interrupt").touch()
        else:
            self.process.send_signal(signal.SIGINT)

    def finish(self, given=None):
        """Wait for the end; return what came on stdout and stderr."""
        return self.process.communicate(given, timeout=30)

    @property
    def log(self):
        return (self._folder / "log").read_bytes()

    @property
    def ended(self):
        """The exit code, or ``interrupted``."""
        return json.loads((self._folder / "ended").read_text())

    def wait_for(self, name):
        """Wait until the child has made a file, and return its content."""
        path = self._folder / name
        deadline = time.monotonic() + 20
        while not path.exists() or not path.read_text():
            assert time.monotonic() < deadline, f"the child never made {name}"
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.01)
        return path.read_text()


@pytest.fixture
def run(tmp_path):
    """Start drivers, and end them with all their children."""
    started = []

    def start(child, **options):
        started.append(Run(tmp_path, child, **options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()
    for path in tmp_path.glob("pid*"):
        with suppress(psutil.Error, ValueError):
            psutil.Process(int(path.read_text())).kill()


@pytest.fixture
def run_at_terminal(run):
    """Run a child at a pseudo-terminal; return the run and all that its terminal was sent."""

    def start(child, rows=40, columns=111):
        ours, theirs = open_terminal()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        running = run(child, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the end of a terminal is an error on Linux
            while piece := os.read(ours, 65536):
                shown += piece
        os.close(ours)
        running.process.wait(timeout=30)
        return running, shown

    return start
