"""The start and the end of a script, as far as no process is needed for that."""

from __future__ import annotations

import signal

import pytest

from common.errors import FAILED
from common.script import run


@pytest.fixture
def own_handlers():
    """Give the signals back to who had them before a script took them."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_package_that_is_not_installed_is_named(capsys, own_handlers):
    def main(_):
        import nowhere_to_be_found.at_all  # noqa: F401

    assert run(main) == FAILED
    assert "The package nowhere_to_be_found is missing." in capsys.readouterr().err


@pytest.mark.parametrize("module", ["slides.nothing", "common.nothing.at_all", "_nothing"])
def test_a_module_of_ours_that_is_missing_is_a_defect(module, own_handlers):
    def main(_):
        __import__(module)

    with pytest.raises(ModuleNotFoundError, match="nothing"):
        run(main)
