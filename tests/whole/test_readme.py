"""What the README lists of the scripts and of the languages is what they have."""

from __future__ import annotations

import argparse
import importlib.util
import re

import pytest

from course.languages import all_languages
from quick_builds import BUILD
from suite import PARTS, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPTS = {"build": BUILD, **{str(number): path for number, path in PARTS.items()}}


@pytest.fixture
def parsers(monkeypatch):
    """The parser of each script, by the name that the README has for it."""
    found = {}

    def end(parser, argv):
        found[name] = parser
        raise SystemExit

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", end)
    for name, path in SCRIPTS.items():
        specification = importlib.util.spec_from_file_location(f"script_{name}", path)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        with pytest.raises(SystemExit):
            module.parse([])
    return found


def options_table(parsers) -> list[str]:
    """Return the rows of the table of all options: the option, the scripts that take it, and what their help says."""
    scripts: dict[tuple[str, str], list[str]] = {}
    for name, parser in parsers.items():
        for action in parser._actions:
            if action.dest != "help":
                row = (spelled(action), action.help)
                scripts.setdefault(row, []).append(name)
    return [f"| {option} | {', '.join(names)} | {text} |" for (option, text), names in scripts.items()]


def spelled(action: argparse.Action) -> str:
    """Return an option with all its flags and the word that stands for its value."""
    value = action.metavar or ("{" + ",".join(action.choices) + "}" if action.choices else "")
    value = f"[{value}]" if action.nargs == "?" else value
    return ", ".join(f"`{flag}`" for flag in action.option_strings) + (f" {value}" if value else "")


def section(title: str) -> str:
    return re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", README, re.M | re.S)[1]


def test_the_table_of_options_has_every_option_of_every_script(parsers):
    rows = [line for line in section("All options").splitlines() if line.startswith("| `")]

    assert rows == options_table(parsers), "\n".join(options_table(parsers))


def test_the_languages_of_the_classic_edition_are_named():
    text = section("Editions")

    classic = [language.code for language in all_languages() if not language.three_circles]
    assert re.findall(r"`(\w+)` \(", text) == classic
    for language in all_languages():
        assert (f"`{language.code}` ({language.name})" in text) == (not language.three_circles)
