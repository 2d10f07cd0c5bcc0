"""The table of a check, as tests read it."""

from __future__ import annotations


def assert_wrong(done, rows, name, result, *words):
    """Check that one row, and no other, has something to say."""
    assert rows[name][0] == result, done.stdout
    for word in words:
        assert word in rows[name][1], rows[name][1]
    assert {row for row, found in rows.items() if found[0] == "error"} == ({name} if result == "error" else set())
    assert done.returncode == (1 if result == "error" else 0)
    assert "Traceback" not in done.stderr
