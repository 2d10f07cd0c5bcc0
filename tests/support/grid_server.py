"""Selenium's own Grid, as it runs on several machines: a hub and nodes, each a process on 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import requests
from selenium.webdriver.common.utils import free_port

from suite import clean_environment
from traces import clear

# Where the server's jar is; .ci/grid fetches it.
JAR = "SELENIUM_SERVER_JAR"
NODES, SLOTS_OF_A_NODE = 2, 2
SLOTS = NODES * SLOTS_OF_A_NODE
SESSION_TIMEOUT = 20
_START_SECONDS = 90


def missing() -> str:
    """Return what is not there that a Grid needs, or nothing."""
    if not Path(os.environ.get(JAR, "")).is_file():
        return f"{JAR} names no selenium-server-*.jar: see .ci/grid"
    needed = [program for program in ("java", "chromedriver") if not shutil.which(program)]
    return f"not installed: {', '.join(needed)}" if needed else ""


class Grid:
    """A hub and nodes with two slots for Chrome each.

    Args:
        folder: for temporary files and logs; what the browsers of killed nodes leave is known by it.

    Attributes:
        url: of the hub.
        hub: its process.
        nodes: the processes of the nodes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port, publish, subscribe = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._bus = f"--publish-events tcp://127.0.0.1:{publish} --subscribe-events tcp://127.0.0.1:{subscribe}"
        self.hub: subprocess.Popen[bytes] | None = None
        self.nodes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start what does not run, and wait until all slots are free."""
        self.folder.mkdir(exist_ok=True)
        if self.hub is None:
            self.start_hub()
        while len(self.nodes) < NODES:
            self._start_node()
        self.wait_for_slots()

    def stop(self) -> None:
        """End every process, also the browsers of killed nodes."""
        clear(self.folder)
        for process in filter(None, (self.hub, *self.nodes)):
            process.wait()
        self.hub, self.nodes = None, []

    def start_hub(self) -> None:
        """Start the hub; after one that was killed, on the same ports."""
        self.hub = self._start(f"hub --port {self._port}")

    def _start_node(self) -> None:
        chrome = "--selenium-manager false --driver-implementation chrome"
        slots = f"--max-sessions {SLOTS_OF_A_NODE} --override-max-sessions true"
        # What takes minutes otherwise: that a hub started anew hears of it, and that a session which nobody uses ends.
        times = f"--heartbeat-period 3 --session-timeout {SESSION_TIMEOUT}"
        self.nodes.append(self._start(f"node --port {free_port()} --hub {self.url} {chrome} {slots} {times}"))

    def sessions(self) -> list[str | None]:
        """Return the session of each slot, None for a free one; nothing at all while the hub does not answer."""
        with suppress(requests.RequestException):
            nodes = requests.get(f"{self.url}/status", timeout=10).json()["value"]["nodes"]
            return [(slot["session"] or {}).get("sessionId") for node in nodes for slot in node["slots"]]
        return []

    def waiting(self) -> int:
        """Return how many requests for a session wait in the queue."""
        answer = requests.get(f"{self.url}/se/grid/newsessionqueue/queue", timeout=10).json()
        return len(answer["value"])

    def wait_for_slots(self) -> None:
        """Wait until all slots are free."""
        deadline = time.monotonic() + _START_SECONDS
        while (sessions := self.sessions()) != [None] * SLOTS:
            assert time.monotonic() < deadline, f"not {SLOTS} free slots but {sessions}\n{self._last_words()}"
            time.sleep(0.1)

    def _start(self, arguments: str) -> subprocess.Popen[bytes]:
        # It does not outlive the tests, whatever becomes of them.
        command = ["setpriv", "--pdeathsig", "KILL", "java", "-XX:TieredStopAtLevel=1", "-jar", os.environ[JAR]]
        with (self.folder / "grid.log").open("ab") as log:
            return subprocess.Popen(
                [*command, *f"{arguments} --host 127.0.0.1 {self._bus} --tracing false".split()],
                # No node looks outside for drivers.
                env=clean_environment(TMPDIR=str(self.folder), SE_OFFLINE="true"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _last_words(self) -> str:
        return (self.folder / "grid.log").read_text(encoding="utf-8", errors="replace")[-3000:]
