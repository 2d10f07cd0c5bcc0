"""Every file that the suite writes is one that the README names, and every JSON file is as its table there says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from courses import TEN
from quick_builds import BUILD
from slides.manifest import read_manifest
from slides.pictures import picture_name, pictures_in
from suite import ROOT
from workspace.folders import Project

SECTION = re.search(r"^## Files\n(.*?)^## ", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)[1]


def rows(text: str, columns: int) -> list[tuple[str, ...]]:
    """Return the rows of the README's tables, without their heads."""
    found = [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in text.splitlines() if line[:1] == "|"]
    return [row for row in found if len(row) == columns and row[0].startswith("`")]


def file_patterns() -> list[re.Pattern[str]]:
    """Return what the README names: each file of a project, and of the builder's own folder."""
    names = [name for cells in rows(SECTION, 2) for name in re.findall(r"`([^`]+)`", cells[0])]
    return [re.compile(_pattern(name)) for name in names]


def _pattern(name: str) -> str:
    # What stands for 10/ stands for 20/ and intensive/ too.
    parts = re.split(r"(<[a-z ]+>|\b10(?=[/_]))", name)
    written = [
        ("[^/]+" if part[0] == "<" else "(10|20|intensive)" if part == "10" else re.escape(part))
        for part in parts
        if part
    ]
    return "".join(written) + (".*" if name.endswith("/") else "")


def tables() -> dict[str, dict[str, str]]:
    """Return the fields of each JSON file and their values, by the file's name."""
    found = {}
    for block in re.split(r"\n(?=`[^\n]*:\n)", SECTION):
        names = re.findall(r"`([^` ]+\.json)`", block.splitlines()[0])
        fields = {field.strip("`"): value.replace("`", "") for field, value, _ in rows(block, 3)}
        found.update(dict.fromkeys(names, fields))
    return found


def faults(content: object, fields: dict[str, str]) -> list[str]:
    """Return what of a file's content its table does not say, or says otherwise."""
    if isinstance(content, list):
        return [fault for entry in content for fault in faults(entry, fields)]
    found = list(_faults_below(content, "", fields))
    needed = [field for field, value in fields.items() if not re.search(r"[.\[*]", field) and "optional" not in value]
    return found + [f"{field} is missing" for field in needed if field not in content]


def _faults_below(value: object, path: str, fields: dict[str, str]) -> Iterator[str]:
    path = _alias(path, fields)
    wanted = fields.get(path)
    if wanted is not None and not (isinstance(value, dict | list) and wanted == "any"):
        if not _fits(value, wanted):
            yield f"{path} is {value!r} and not {wanted}"
    elif path and not isinstance(value, dict | list):
        yield f"{path} is in no table"
    if wanted == "any":
        return
    if isinstance(value, dict):
        needed = [field.removeprefix(f"{path}.") for field in fields if re.fullmatch(re.escape(path) + r"\.\w+", field)]
        yield from (
            f"{path}.{name} is missing"
            for name in needed
            if path and name not in value and "optional" not in fields[f"{path}.{name}"]
        )
        for name, inner in value.items():
            own = f"{path}.{name}".lstrip(".")
            free = f"{path}.*".lstrip(".")
            is_named = any(field == own or field.startswith((f"{own}.", f"{own}[")) for field in fields)
            yield from _faults_below(inner, own if is_named else free, fields)
    elif isinstance(value, list):
        for inner in value:
            yield from _faults_below(inner, f"{path}[]", fields)


def _alias(path: str, fields: dict[str, str]) -> str:
    for field, value in fields.items():
        if value.startswith("like ") and path.startswith(field):
            return path.replace(field, value.removeprefix("like "), 1)
    return path


def _fits(value: object, wanted: str) -> bool:
    kinds = re.split(r", optional| or null", wanted)[0]
    if value is None:
        return "null" in wanted
    return {
        "any": lambda: True,
        "text": lambda: isinstance(value, str),
        "number": lambda: isinstance(value, int) and not isinstance(value, bool),
        "decimal": lambda: isinstance(value, float | int),
        "true or false": lambda: isinstance(value, bool),
        "object": lambda: isinstance(value, dict),
        "time": lambda: datetime.fromisoformat(value).utcoffset() == timedelta(),
    }[kinds]()


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def everything(done, tmp_path):
    """A package with all that a project can hold, and the home of its builds."""
    project = tmp_path / "packages" / "es"
    results = json.loads((project / "videos" / "download_results.json").read_text(encoding="utf-8"))
    number = f"06={next(entry['id'] for entry in results if entry['number'] == 6)}"
    place = ("--project-path", project, "--language-code", "es")
    take_again(project / "10")
    changed = done.main(
        BUILD, "-l", "es", "-f", project.parent, "-y", "--skip", "videos,slides", "--session-id", "second"
    )
    assert changed.returncode == 0, changed.stderr
    for part, arguments in ((1, ["--save-config"]), (2, ["--number", number]), (5, [])):
        ended = done.main(part, *place, *arguments)
        assert ended.returncode == 0, ended.stderr
    (project / "videos" / ".700010009-0123456789abcdef.part").write_bytes(b"")
    return done, project


def take_again(folder):
    """Give the first slide of a curriculum a newer picture, which shows something else."""
    pictures = pictures_in(folder)
    slide = read_manifest(Project(folder.parent), TEN).slides[0]
    other = next(picture for picture in pictures if picture.slide_name != slide.name)
    shutil.copyfile(other.path, folder / picture_name(slide, datetime(2099, 1, 1)))


def test_every_file_of_a_build_is_named_in_the_readme_and_every_named_file_can_be_there(everything):
    suite, project = everything
    files = [*files_of(project), *files_of(suite.home)]
    patterns = file_patterns()

    assert [name for name in files if not any(pattern.fullmatch(name) for pattern in patterns)] == []
    # Only what a build leaves when somebody has replaced a video, it was killed, had no driver, or met an old output.
    absent = [pattern.pattern for pattern in patterns if not any(pattern.fullmatch(name) for name in files)]
    assert len(absent) == 7, absent
    assert [name for name in absent if not re.search(r"replaced|holder|drivers|env|unreadable|old", name)] == []


def test_every_json_file_of_a_build_is_as_its_table_says(everything):
    suite, project = everything
    checked = set()
    for folder in (project, suite.home):
        for name in files_of(folder):
            if name.endswith(".json"):
                content = json.loads((folder / name).read_text(encoding="utf-8"))
                assert faults(content, tables()[Path(name).name]) == [], name
                checked.add(Path(name).name)
    assert checked == tables().keys() - {"20_progress.json", "intensive_progress.json"}


def test_every_schema_number_in_the_readme_is_the_one_that_is_written(everything):
    suite, project = everything
    numbers = dict(re.findall(r"`([^` ]+\.json)`[^\n]* \(schema (\d+)\)", SECTION))
    paths = [*project.rglob("*.json"), *suite.home.rglob("*.json")]
    for path in paths:
        content = json.loads(path.read_text(encoding="utf-8"))
        written = {
            entry["schema"] for entry in (content if isinstance(content, list) else [content]) if "schema" in entry
        }
        assert written == ({int(numbers[path.name])} if path.name in numbers else set()), path
    assert len(numbers) == 7


# --- The check itself -------------------------------------------------------------------------------------------------

TABLE = {
    "schema": "number",
    "name": "text or null",
    "at": "time, optional",
    "slides[].key": "text",
    "slides[].width": "number or null",
    "gone[]": "like slides[]",
    "done.*": "text",
    "look": "object or null",
    "look.size": "number, optional",
}
GOOD = {
    "schema": 1,
    "name": None,
    "slides": [{"key": "a", "width": None}],
    "gone": [],
    "done": {"x": "y"},
    "look": None,
}


def test_a_content_as_the_table_says_has_no_fault():
    assert faults(GOOD, TABLE) == []
    assert faults({**GOOD, "look": {"size": 5}, "at": "2026-01-01T00:00:00+00:00"}, TABLE) == []


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "1"},
        {"schema": True},
        {"name": 5},
        {"at": None},
        {"slides": [{"key": "a"}]},
        {"slides": [{"key": 5, "width": None}]},
        {"slides": [{"key": "a", "width": None, "more": 1}]},
        {"gone": [{"key": "a"}]},
        {"gone": [{"key": "a", "width": "wide"}]},
        {"done": {"x": 5}},
        {"look": {"size": "x"}},
        {"more": 1},
    ],
    ids=str,
)
def test_a_content_of_which_the_table_says_otherwise_has_a_fault(change):
    assert len(faults({**GOOD, **change}, TABLE)) == 1


def test_a_field_that_is_missing_is_a_fault():
    assert faults({name: value for name, value in GOOD.items() if name != "name"}, TABLE) == ["name is missing"]
