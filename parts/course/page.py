"""What the presenter's page says about the site, read over plain HTTP, without a browser."""

from __future__ import annotations

import json
import os
import re
from functools import cache

DEFAULT_SITE = "https://zume.training"
# Short, because the person who typed a code waits for the answer.
_ANSWER_SECONDS = 5
# The page has its data as JSON in a script: ``const jsObject = [{…}][0]``.
_PAGE_DATA = re.compile(r"\bjsObject\s*=\s*\[")


def site_url() -> str:
    """Return the address of the presenter's site: ``ZUME_SITE_URL``, else the real one."""
    return (os.environ.get("ZUME_SITE_URL", "").strip() or DEFAULT_SITE).rstrip("/")


def site_languages() -> frozenset[str] | None:
    """Return the codes of all languages of the site, which is asked once; None if it does not answer."""
    return _languages_of(site_url())


@cache
def _languages_of(site: str) -> frozenset[str] | None:
    import requests

    try:
        page = requests.get(f"{site}/en/presenter", params={"type": "10"}, timeout=_ANSWER_SECONDS)
        page.raise_for_status()
        page.encoding = "utf-8"
        begin = _PAGE_DATA.search(page.text)
        data, _ = json.JSONDecoder().raw_decode(page.text, begin.end() if begin else 0)
        # A list of the codes, or an object with an entry for each.
        codes = frozenset(code for code in data["zume_languages"] if isinstance(code, str))
    except (requests.RequestException, ValueError, LookupError, TypeError):
        return None
    return codes or None
