"""A pipe from a build to its parts: a part ends when the build is gone, whatever that died of."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Names the descriptor of a pipe that is open for as long as the build lives that started a part.
MASTER_VARIABLE = "ZUME_MASTER"
# How long a part without a master gets to end its browsers in order.
SECONDS_WITHOUT_MASTER = 30


@contextmanager
def lifeline() -> Iterator[tuple[tuple[int, ...], dict[str, str]]]:
    """Hold a pipe during the block: its other end tells a child when this process is gone, whatever it died of.

    Yields:
        The descriptors that the child inherits, and the environment that tells it what they are for.
    """
    if os.name != "posix":
        yield (), {}
        return
    for_child, held = os.pipe()
    try:
        yield (for_child,), {MASTER_VARIABLE: str(for_child)}
    finally:
        os.close(for_child)
        os.close(held)


def _kill_with_children() -> None:
    """End this process by force, and first the browsers, which have groups of their own."""
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os.killpg(0, signal.SIGKILL)


def end_with_master() -> bool:
    """End this part soon after the build that started it, if that is killed and cannot end it itself.

    The build holds the other end of a pipe, which the system closes whatever it dies of.

    Returns:
        Whether a build has started this part.
    """
    descriptor = os.environ.pop(MASTER_VARIABLE, "")
    if not descriptor.isdecimal():
        return False

    def wait_for_the_end() -> None:
        with suppress(OSError):
            os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(SECONDS_WITHOUT_MASTER)
        _kill_with_children()

    with suppress(OSError):
        os.set_inheritable(int(descriptor), False)
        threading.Thread(target=wait_for_the_end, daemon=True).start()
    return True
