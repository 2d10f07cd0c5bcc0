"""A browser that many tests use one after the other: to start one takes longer than most of them do."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from slides.browser import Browser
from slides.chrome import find_tools

SIZE = (600, 336)


class SharedBrowser(Browser):
    """A browser that outlives those who close it and can forget the scripts of earlier presenters."""

    def __init__(self) -> None:
        super().__init__(*SIZE, find_tools())
        self._scripts: list[str] = []
        # Not in the folder of the test that happens to be the first.
        with mock.patch.object(tempfile, "tempdir", "/tmp"):
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
        self.forget()
        try:
            yield
        finally:
            # Its threads would end with its process; here the next run uses the same browser.
            while any("(work)" in thread.name for thread in threading.enumerate()):
                time.sleep(0.01)
