"""Runs a script in the process of the tests: all that can be seen of it is the same, but it need not start first."""

from __future__ import annotations

import importlib.util
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from types import ModuleType
from unittest import mock

from common import console
from common.script import run


@cache
def module_of(script: Path) -> ModuleType:
    """Return a script as a module, whatever its name."""
    specification = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def run_main(
    script: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script with a whole environment of its own and with stdin closed to questions, as far as ``run`` goes.

    What only a process has is not tried by this: signals, its terminal, what it imports, the end of its threads.
    An exception that would be a traceback is raised.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    command = [str(script), *arguments]
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment, clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", command))
        stack.enter_context(mock.patch.object(sys, "stdin", stack.enter_context(Path(os.devnull).open())))
        # It is found out once in a process, from the environment.
        stack.enter_context(mock.patch.object(tempfile, "tempdir", environment.get("TMPDIR")))
        stack.enter_context(_as_at_first())
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        try:
            code = run(module_of(script).main, list(arguments))
        except SystemExit as end:  # argparse's way
            code = end.code
    shown = [stream.buffer.getvalue().decode("utf-8").replace(os.linesep, "\n") for stream in (out, err)]
    return subprocess.CompletedProcess(command, code, *shown)


@contextmanager
def _as_at_first() -> Iterator[None]:
    """Begin with what a process begins with, and leave nothing of it to the next: handlers, consoles, their manner."""
    heard = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in heard}
    _forget_consoles()
    try:
        with mock.patch.object(console, "_MANNER", console._Manner()):
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _forget_consoles()


def _forget_consoles() -> None:
    """Have it found out anew what the streams are like."""
    console.stdout.cache_clear()
    console._stderr.cache_clear()
