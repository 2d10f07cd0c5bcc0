"""The folder of the builder's own files."""

from __future__ import annotations

import os
from pathlib import Path

from common.files import folder_at


def home() -> Path:
    """Return the folder that holds ``.env``, ``.config.json`` and ``temp/``.

    It is ``ZUME_HOME``, or else the folder of build.py; never the working directory.
    """
    given = os.environ.get("ZUME_HOME", "").strip()
    return folder_at(given) if given else program_folder()


def program_folder() -> Path:
    """Return the folder of build.py."""
    return Path(__file__).resolve().parents[2]
