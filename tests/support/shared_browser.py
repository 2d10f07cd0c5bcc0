"""A browser that many tests use one after the other: to start one takes longer than most of them do."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from common.workers import _complete
from slides.browser import Browser
from slides.chrome import find_tools
from traces import SHORT_TMP

SIZE = (600, 336)
# In seconds.
_LONGEST_WAIT = 20


class SharedBrowser(Browser):
    """A browser that outlives those who close it and can forget the scripts of earlier presenters."""

    def __init__(self) -> None:
        super().__init__(*SIZE, find_tools())
        self._scripts: list[str] = []
        # Not in the folder of the test that happens to be the first.
        with mock.patch.object(tempfile, "tempdir", SHORT_TMP):
            super().start()

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def end(self) -> None:
        super().close()

    def command(self, name, **parameters):
        answer = super().command(name, **parameters)
        if name == "Page.addScriptToEvaluateOnNewDocument":
            self.remember(answer)
        return answer

    @property
    def address(self) -> str:
        """Where the driver listens."""
        return self._service.service_url

    def remember(self, answer: dict) -> None:
        """Take down a script that somebody has put into all pages, to forget it later."""
        self._scripts.append(answer["identifier"])

    def forget(self) -> None:
        """Be as at first again, whoever had it."""
        self.command("Emulation.setDeviceMetricsOverride", **self._size, deviceScaleFactor=1, mobile=False)
        while self._scripts:
            self.command("Page.removeScriptToEvaluateOnNewDocument", identifier=self._scripts.pop())

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let a run in this process use the browser as if it were new."""
        before = set(threading.enumerate())
        self.forget()
        try:
            yield
        finally:
            # They would end with its process; here the next run uses the same browser, which takes one command at a
            # time. A thread may also wait for a site that does not answer: that has nothing to do with the browser.
            deadline = time.monotonic() + _LONGEST_WAIT
            while any(map(_is_at_work, set(threading.enumerate()) - before)) and time.monotonic() < deadline:
                time.sleep(0.01)


def _is_at_work(thread: threading.Thread) -> bool:
    """Say whether a thread is one that ``common.workers.begin`` has started."""
    return f"({_complete.__name__})" in thread.name
