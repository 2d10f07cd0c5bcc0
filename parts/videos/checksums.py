"""The checksums of videos, computed while they come, or from a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Received:
    """The bytes that have come down, now or earlier.

    Attributes:
        size: in bytes.
        md5, sha256: in hexadecimal.
    """

    size: int
    md5: str
    sha256: str


class Digests:
    """The running checksums of a file that grows.

    Attributes:
        size: how many bytes they cover.
    """

    def __init__(self) -> None:
        self.size = 0
        # Vimeo announces an MD5 and nothing better; SHA-256 is what other programs and later years can rely on.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        """Take up the next bytes."""
        self._md5.update(chunk)
        self._sha256.update(chunk)
        self.size += len(chunk)

    def received(self) -> Received:
        """Return what they say about all bytes so far."""
        return Received(self.size, self._md5.hexdigest(), self._sha256.hexdigest())


def file_sums(path: Path) -> Received:
    """Return the size and checksums of a file.

    Raises:
        OSError: it cannot be read.
    """
    digests = Digests()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digests.add(chunk)
    return digests.received()
