"""A browser that many tests use one after the other: to start one takes longer than most of them do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from _browser import Browser
from _chrome import find_tools

SIZE = (600, 336)


class SharedBrowser(Browser):
    """A browser that outlives those who close it and can forget the scripts of earlier presenters."""

    def __init__(self) -> None:
        super().__init__(*SIZE, find_tools())
        self._scripts: list[str] = []
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
            self._scripts.append(answer["identifier"])
        return answer

    def forget(self) -> None:
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
