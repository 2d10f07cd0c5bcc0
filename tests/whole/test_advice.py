"""What people are told to type: options of the command that they have typed, whether that is a part or build.py."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from common.typed import advice, in_build, set_typed
from quick_builds import BUILD
from suite import PARTS, ROOT

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
# A whole command, or a part that is named, is right whatever was typed.
NAMED = re.compile(
    r"^--project-path … .*|(?:python )?parts/(\d)-\S+[^.;]*|build\.py[^.;]*|parts? \d[^.;]*|\(\d with [^)]*\)"
)
# What these say of options is not for people, or is said where the option is read.
NOT_FOR_PEOPLE = ("demo/", "cli/", "builds/steps.py", "slides/browser.py", "_config.py", "common/lifeline.py")
# By calls: what declares or looks at command lines.
DECLARING = {"add_argument", "Option", "get", "run", "_listed", "_given"}


@cache
def options_of(script: Path) -> frozenset[str]:
    """Return the options of a script, as its own help has them."""
    shown = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True).stdout
    return frozenset(OPTION.findall(shown))


def texts(node: ast.AST, of_advice: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts in a module, each with where it is shown: ``alone``, ``in a build``, or "" for both."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, ast.Call):
            name = getattr(child.func, "id", getattr(child.func, "attr", ""))
            if name in DECLARING:
                continue
            if name == "advice":
                alone, build = child.args
                yield from texts(ast.Expression(alone), "alone")
                yield from texts(ast.Expression(build), "in a build")
                continue
        if isinstance(child, ast.Compare):
            continue
        if isinstance(child, ast.JoinedStr):
            yield (
                "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in child.values),
                of_advice,
            )
            for each in child.values:
                if isinstance(each, ast.FormattedValue):
                    yield from texts(each, of_advice)
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value, of_advice
        yield from texts(child, of_advice)


def modules() -> list[Path]:
    found = sorted((ROOT / "parts").rglob("*.py"))
    return [path for path in found if not path.relative_to(ROOT / "parts").as_posix().startswith(NOT_FOR_PEOPLE)]


def advised(path: Path) -> list[tuple[str, str]]:
    """Return the options that a module names to people without naming the command, with where that is shown."""
    found = []
    for text, where in texts(ast.parse(path.read_text(encoding="utf-8"))):
        for option in OPTION.findall(NAMED.sub("", text)):
            found.append((option, where))
    return found


def test_no_advice_that_is_shown_in_a_build_names_an_option_that_build_py_does_not_have():
    known = options_of(BUILD)
    wrong = [
        f"{path.name}: {option}"
        for path in modules()
        if not path.name.startswith("1-")  # it asks for more than a build hands on
        for option, where in advised(path)
        if where != "alone" and option not in known
    ]
    assert wrong == []


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_a_part_that_runs_alone_names_its_own_options(number):
    known = options_of(PARTS[number])
    wrong = [option for option, where in advised(PARTS[number]) if where != "in a build" and option not in known]
    assert wrong == []


def test_the_check_of_advice_sees_what_is_wrong(tmp_path):
    """It would otherwise pass when nothing is found at all."""
    module = tmp_path / "module.py"
    module.write_text(
        "raise E(m, f'Run it {x} with --missing-only.')\n"
        "raise E(m, advice('--one', '--two'))\n"
        "raise E(m, 'python parts/3-slides-download.py --three')\n"
    )
    assert advised(module) == [("--missing-only", ""), ("--one", "alone"), ("--two", "in a build")]


def test_who_has_typed_build_py_is_told_its_options():
    assert (in_build(), advice("alone", "in a build")) == (False, "alone")
    set_typed(lambda: True)
    try:
        assert (in_build(), advice("alone", "in a build")) == (True, "in a build")
    finally:
        set_typed(lambda: False)
