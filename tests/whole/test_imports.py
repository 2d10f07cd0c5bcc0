"""Imports run down the house and never up: what a module may know of the others, and what tests are called."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite import ROOT

# From the top down. A module may import what stands below it and the other modules of its own wing, but not its
# neighbours on the same floor.
FLOORS = (
    ("scripts",),
    ("builds",),
    ("decks",),
    ("package",),
    ("slides", "videos"),
    ("cli", "workspace", "_config"),
    ("course",),
    ("common",),
)
FLOOR = {wing: number for number, floor in enumerate(FLOORS) for wing in floor}
# These may know each other, as the interview asks for what the configuration holds, and that adds to the arguments.
NEIGHBOURS = {"cli", "workspace", "_config"}


def source_files(root: Path) -> dict[str, Path]:
    """Return build.py and all modules of parts/ by the names that imports have for them; scripts by their files'."""
    paths = [root / "build.py", *(root / "parts").rglob("*.py")]
    return {name_of(path, root): path for path in paths}


def name_of(path: Path, root: Path) -> str:
    if path == root / "build.py" or path.name[0].isdigit():
        return path.name
    inner = path.relative_to(root / "parts").with_suffix("").parts
    return ".".join(inner[:-1] if inner[-1] == "__init__" else inner)


def imported_by(path: Path, name: str, known: set[str]) -> Iterator[str]:
    """Yield which of our own modules a file imports: anywhere in it, also in functions and for types alone."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            # What is imported out of a package may be a module of it.
            inner = [f"{module}.{alias.name}" for alias in node.names]
            found = [each if each in known else module for each in inner]
        else:
            continue
        found = ["build.py" if each == "build" else each for each in found]
        yield from (each for each in found if each in known)


def imports(root: Path) -> dict[str, set[str]]:
    """Return for each module which others of ours it imports."""
    files = source_files(root)
    return {name: set(imported_by(path, name, set(files))) - {name} for name, path in files.items()}


def wing_of(module: str) -> str:
    return "scripts" if module.endswith(".py") else module.partition(".")[0]


def wrong_imports(graph: dict[str, set[str]]) -> list[str]:
    """Say of each import that does not run down why it must not be."""
    wrong = []
    for module, others in sorted(graph.items()):
        for other in sorted(others):
            one, two = wing_of(module), wing_of(other)
            if two == "demo" and one not in ("demo", "scripts"):
                wrong.append(f"{module} knows {other}, but sees only addresses")
            elif two == "demo" and one == "scripts" and module != "build.py":
                wrong.append(f"{module} knows {other}, which is for build.py --demo alone")
            elif one == "demo" or (two in ("demo", one) and two != "scripts"):
                continue
            elif one not in FLOOR or two not in FLOOR:
                wrong.append(f"{module} imports {other}: one of them stands on no floor")
            elif two == "scripts":
                wrong.append(f"{module} knows the script {other}")
            elif FLOOR[two] < FLOOR[one]:
                wrong.append(f"{module} imports upward: {other}")
            elif FLOOR[two] == FLOOR[one] and not {one, two} <= NEIGHBOURS:
                wrong.append(f"{module} knows {other}, its neighbour")
    return wrong


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules each of which imports the next one and the last one the first; none if there is no such circle."""
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> list[str]:
        if module in way:
            return list(way[way.index(module) :])
        if module in done:
            return []
        for other in sorted(graph.get(module, ())):
            if found := walk(other, (*way, module)):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := walk(module, ()))), [])


# --- The house --------------------------------------------------------------------------------------------------------


def test_no_import_runs_upward():
    assert wrong_imports(imports(ROOT)) == []


def test_there_is_no_circle():
    assert circle(imports(ROOT)) == []


def test_nothing_below_the_console_imports_it():
    low = ["errors", "files", "http", "workers", "filesystem", "formats"]
    who = {each for each in low if "common.console" in imports(ROOT)[f"common.{each}"]}
    assert who == set()


def test_the_demo_knows_the_course_and_no_more_than_any_program():
    known = {other for module, others in imports(ROOT).items() if wing_of(module) == "demo" for other in others}
    assert {wing_of(each) for each in known} <= {"demo", "cli", "course", "common"}


def test_every_wing_says_what_is_in_it():
    for wing in FLOOR.keys() - {"scripts", "_config"}:
        text = (ROOT / "parts" / wing / "__init__.py").read_text(encoding="utf-8")
        module = ast.parse(text)
        assert ast.get_docstring(module)
        assert len(module.body) == 1


def test_there_is_no_module_outside_of_the_wings():
    assert {wing_of(module) for module in source_files(ROOT)} == {*FLOOR, "demo"}


def test_no_two_classes_have_one_name():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in source_files(ROOT).values()]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert [name for name, count in names.items() if count > 1] == []


def test_folders_of_tests_are_no_packages_and_bear_the_names_of_wings():
    tests = ROOT / "tests"
    assert list(tests.rglob("__init__.py")) == []
    folders = {path.parent.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")}
    assert folders <= {*FLOOR, "whole"}


def test_names_of_test_files_and_helpers_are_unique_and_shadow_no_wing():
    names = Counter(path.stem for path in (ROOT / "tests").rglob("*.py") if "benchmarks" not in path.parts)
    assert [name for name, count in names.items() if count > 1] == []
    assert names.keys() & FLOOR.keys() == set()


def test_no_test_imports_from_another_or_from_conftest():
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                assert [name for name in names if name.startswith(("test_", "conftest"))] == [], path


# --- The check itself -------------------------------------------------------------------------------------------------

GOOD = {
    "build.py": "from builds.runner import run\ndef demo():\n    from demo import StandIn\n",
    "parts/1-setup.py": "from cli.interview import ask\n",
    "parts/_config.py": "from cli.arguments import add\n",
    "parts/builds/__init__.py": "",
    "parts/builds/runner.py": "def run():\n    from slides.browser import Browser\n",
    "parts/cli/__init__.py": "",
    "parts/cli/arguments.py": "from common.errors import BuilderError\n",
    "parts/cli/interview.py": "import _config\n",
    "parts/common/__init__.py": "",
    "parts/common/errors.py": "import os\n",
    "parts/demo/__init__.py": "from course.curricula import CURRICULA\n",
    "parts/course/__init__.py": "",
    "parts/course/curricula.py": "",
    "parts/slides/__init__.py": "",
    "parts/slides/browser.py": "from slides.pictures import Picture\n",
    "parts/slides/pictures.py": "from common import errors\n",
    "parts/videos/__init__.py": "",
    "parts/videos/files.py": "",
}


def house(root: Path, **more: str) -> dict[str, set[str]]:
    """Build a small house and return its imports."""
    for path, text in {**GOOD, **more}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return imports(root)


def test_a_good_house_passes(tmp_path):
    graph = house(tmp_path)

    assert graph["build.py"] == {"builds.runner", "demo"}
    assert graph["slides.pictures"] == {"common.errors"}
    assert wrong_imports(graph) == []
    assert circle(graph) == []


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        (
            "parts/common/errors.py",
            "from course.curricula import X\n",
            "common.errors imports upward: course.curricula",
        ),
        (
            "parts/common/errors.py",
            "def f():\n    import slides.browser\n",
            "common.errors imports upward: slides.browser",
        ),
        ("parts/common/errors.py", "from slides import browser\n", "common.errors imports upward: slides.browser"),
        (
            "parts/slides/pictures.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from builds.runner import Run\n",
            "slides.pictures imports upward: builds.runner",
        ),
        ("parts/course/curricula.py", "import _config\n", "course.curricula imports upward: _config"),
        ("parts/course/curricula.py", "import cli\n", "course.curricula imports upward: cli"),
        ("parts/slides/browser.py", "from videos.files import X\n", "slides.browser knows videos.files, its neighbour"),
        ("parts/videos/files.py", "from slides import pictures\n", "videos.files knows slides.pictures, its neighbour"),
        ("parts/builds/runner.py", "from demo import StandIn\n", "builds.runner knows demo, but sees only addresses"),
        ("parts/1-setup.py", "from demo import StandIn\n", "1-setup.py knows demo, which is for build.py --demo alone"),
        ("parts/loose.py", "import common.errors\n", "loose imports common.errors: one of them stands on no floor"),
    ],
)
def test_an_import_that_does_not_run_down_is_found(path, text, complaint, tmp_path):
    assert wrong_imports(house(tmp_path, **{path: text})) == [complaint]


def test_a_wing_that_knows_a_script_is_found():
    assert wrong_imports({"builds.runner": {"build.py"}}) == ["builds.runner knows the script build.py"]


def test_build_py_is_known_by_its_name_too(tmp_path):
    graph = house(tmp_path, **{"parts/builds/runner.py": "import build\n"})

    assert wrong_imports(graph) == ["builds.runner knows the script build.py"]


def test_a_circle_is_found_also_through_a_function(tmp_path):
    graph = house(tmp_path, **{"parts/slides/pictures.py": "def f():\n    from slides.browser import Browser\n"})

    assert wrong_imports(graph) == []
    assert sorted(circle(graph)) == ["slides.browser", "slides.pictures"]


def test_a_circle_between_neighbours_is_found(tmp_path):
    graph = house(tmp_path, **{"parts/cli/arguments.py": "from cli.interview import ask\n"})

    assert wrong_imports(graph) == []
    assert sorted(circle(graph)) == ["_config", "cli.arguments", "cli.interview"]


def test_relative_imports_count(tmp_path):
    graph = house(tmp_path, **{"parts/slides/pictures.py": "from . import browser\nfrom ..builds import runner\n"})

    assert graph["slides.pictures"] == {"slides.browser", "builds.runner"}
