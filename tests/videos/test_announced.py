"""What the headers of an answer say of the file."""

from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict

from videos.announced import Announced, announced_in, is_page

# The MD5 of nothing, as RFC 1321 has it, in both spellings.
EMPTY, EMPTY_IN_BASE64 = "d41d8cd98f00b204e9800998ecf8427e", "1B2M2Y8AsgTpgAmY7PhCfg=="


@pytest.mark.parametrize(
    ("headers", "announced"),
    [
        ({}, Announced(None, None, None)),
        ({"content-length": "12"}, Announced(12, None, None)),
        ({"Content-Length": "-12"}, Announced(None, None, None)),
        ({"Content-Length": "many"}, Announced(None, None, None)),
        ({"Content-Length": "9" * 40}, Announced(None, None, None)),
        ({"Content-Length": "12", "Content-Encoding": "gzip"}, Announced(None, None, None)),
        ({"x-goog-hash": f"md5={EMPTY_IN_BASE64}"}, Announced(None, EMPTY, None)),
        ({"X-Goog-Hash": f"crc32c=AAAAAA==, md5={EMPTY_IN_BASE64}"}, Announced(None, EMPTY, None)),
        ({"x-goog-hash": f"md5={EMPTY_IN_BASE64},crc32c=AAAAAA=="}, Announced(None, EMPTY, None)),
        ({"x-goog-hash": "crc32c=AAAAAA=="}, Announced(None, None, None)),
        ({"x-goog-hash": "md5=short=="}, Announced(None, None, None)),
        ({"x-goog-hash": f"notmd5={EMPTY_IN_BASE64}"}, Announced(None, None, None)),
        ({"ETag": '"a"', "Last-Modified": "Mon, 01 Jun 2020 09:00:00 GMT"}, Announced(None, None, '"a"')),
        ({"Last-Modified": "Mon, 01 Jun 2020 09:00:00 GMT"}, Announced(None, None, "Mon, 01 Jun 2020 09:00:00 GMT")),
    ],
)
def test_what_is_announced(headers, announced):
    assert announced_in(CaseInsensitiveDict(headers)) == announced


@pytest.mark.parametrize(
    ("validator", "asked"),
    [(None, None), ('"a"', '"a"'), ('W/"a"', None), ("Mon, 01 Jun 2020 09:00:00 GMT", "Mon, 01 Jun 2020 09:00:00 GMT")],
)
def test_a_weak_tag_does_not_ask_for_the_rest_of_a_file(validator, asked):
    assert Announced(1, None, validator).if_range == asked


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text/html; charset=utf-8", True),
        ("Application/XML", True),
        ("application/json", True),
        ("video/mp4", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_what_is_a_page(kind, expected):
    assert is_page({"Content-Type": kind}) == expected
