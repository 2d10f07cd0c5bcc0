"""The version of the suite: scripts tell it, and records say which one has written them."""

from __future__ import annotations

VERSION = "1.0.0"
