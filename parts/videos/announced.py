"""What an answer says of the file that it delivers: how long it is, its MD5, and which state of the file it is."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

# In one header, or in several that requests has joined by commas: ``crc32c=…, md5=<base64>``.
_MD5 = re.compile(r"(?:^|[,\s])md5=([A-Za-z0-9+/]{22}==)(?:$|[,\s])")
# What the body of an answer has that is a page or an error, whatever its status says.
_PAGES = ("text/html", "text/xml", "application/xml", "application/xhtml", "application/json")


@dataclass(frozen=True)
class Announced:
    """What is known of a file before it has come.

    Attributes:
        size: in bytes, None if unknown.
        md5: in hexadecimal, None if unknown.
        validator: what differs as soon as the file has another content: its ETag, else the time of its last change;
            None if the server tells neither.
    """

    size: int | None
    md5: str | None
    validator: str | None = None

    @property
    def if_range(self) -> str | None:
        """What asks for the rest of this very file and of no other; None if nothing can."""
        is_weak = self.validator is not None and self.validator.startswith("W/")
        return None if is_weak else self.validator

    @property
    def checked(self) -> str:
        """What of this a whole file was compared with: ``md5``, ``length`` or ``nothing``."""
        if self.md5:
            return "md5"
        return "nothing" if self.size is None else "length"


def announced_in(headers: Mapping[str, str]) -> Announced:
    """Return what the headers of an answer with the whole file say. Google's storage has its MD5 in x-goog-hash."""
    length = headers.get("Content-Length", "").strip()
    is_readable = re.fullmatch(r"[0-9]{1,18}", length) and headers.get("Content-Encoding", "identity") == "identity"
    validator = headers.get("ETag", "").strip() or headers.get("Last-Modified", "").strip() or None
    return Announced(int(length) if is_readable else None, _md5_in(headers.get("x-goog-hash", "")), validator)


def is_page(headers: Mapping[str, str]) -> bool:
    """Say whether an answer has a page or a message instead of a video."""
    return headers.get("Content-Type", "").strip().lower().startswith(_PAGES)


def _md5_in(text: str) -> str | None:
    match = _MD5.search(text)
    try:
        return base64.b64decode(match[1], validate=True).hex() if match else None
    except binascii.Error:
        return None
