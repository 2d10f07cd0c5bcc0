"""Records of a later version: every script refuses them in one sentence, before it has changed anything."""

from __future__ import annotations

import json
import os

import pytest

from common.version import VERSION
from courses import files_below
from quick_builds import BUILD
from suite import PARTS, ROOT

RECORDS = {
    "package.json": {},
    "10/manifest.json": {"slides": []},
    "intensive/intensive_progress.json": {},
    "videos/download_results.json": [{"id": "1", "title": "(01) x"}],
    "videos/numbers.json": {"06": "1"},
    "output/.made-by-zume.json": {"files": {}, "link": "auto"},
}
SCRIPTS = {
    "build": (BUILD, "-l", "es", "-f", "{folder}", "-y"),
    "check": (BUILD, "-l", "es", "-f", "{folder}", "-y", "--check"),
    "1": (1, "-l", "es", "-f", "{folder}"),
    "2": (2, "-p", "{folder}/es", "-l", "es"),
    "3": (3, "-p", "{folder}/es", "-l", "es"),
    "4": (4, "-p", "{folder}/es"),
    "4 dry": (4, "-p", "{folder}/es", "--dry-run"),
    "5": (5, "-p", "{folder}/es"),
}


def newer(name):
    content = RECORDS[name]
    return [{"schema": 99, **each} for each in content] if isinstance(content, list) else {"schema": 99, **content}


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_script_refuses_a_project_with_a_record_of_a_later_version(lone_suite, course, record, words):
    folder = course.project.path.parent
    if not (course.project.path / record).parent.is_dir():
        (course.project.path / record).parent.mkdir()
    (course.project.path / record).write_text(json.dumps(newer(record)), encoding="utf-8")
    before = files_below(course.project.path)
    script, *arguments = words
    done = lone_suite.main(
        script, *(str(word).format(folder=folder) for word in arguments), VIMEO_ACCESS_TOKEN="token-7c9e6679"
    )

    assert done.returncode == 1
    assert f"{course.project.path / record} was written by a newer version" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert {name: state for name, state in files_below(course.project.path).items() if ".lock" not in name} == before


def test_a_build_session_of_a_later_version_is_not_resumed(lone_suite, tmp_path):
    done = lone_suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename")
    assert done.returncode == 0, done.stderr
    (key,) = lone_suite.sessions()
    path = lone_suite.home / "temp" / key / "build_config.json"
    state = {**json.loads(path.read_text(encoding="utf-8")), "schema": 99}
    path.write_text(json.dumps(state), encoding="utf-8")
    resumed = lone_suite.main(BUILD, "--resume", key)

    assert resumed.returncode == 1
    assert f"{path} was written by a newer version" in resumed.stderr
    assert json.loads(path.read_text(encoding="utf-8")) == state
    # It spoils no list, and no clearing up takes it away.
    os.utime(path, (0, 0))
    assert "0 build sessions removed" in lone_suite.main(BUILD, "--prune-sessions", "1").stdout
    assert lone_suite.main(BUILD, "--list-sessions").returncode == 0


def test_the_settings_of_another_language_are_refused_like_its_files(lone_suite, course):
    (course.project.path / "package.json").write_text('{"schema": 1, "language_code": "fr"}', encoding="utf-8")
    done = lone_suite.main(4, "-p", course.project.path, "-l", "es")

    assert done.returncode == 1
    assert "package.json says fr" in done.stderr


# --- The version ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [BUILD, *PARTS.values(), ROOT / "parts" / "demo"], ids=lambda path: path.name)
def test_every_script_tells_the_version(script, lone_suite):
    done = lone_suite.run(script, "--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"zume-slide-builder {VERSION}\n", "")


def test_the_version_is_in_every_record_and_on_the_review_page(done, tmp_path):
    project = tmp_path / "packages" / "es"
    records = [path for folder in (project, done.home) for path in folder.rglob("*.json")]
    names = {path.name for path in records}
    assert names == {
        *("package.json", "manifest.json", "10_progress.json", "download_results.json", "build_config.json"),
        ".made-by-zume.json",
    }
    for path in records:
        content = json.loads(path.read_text(encoding="utf-8"))
        assert {each["version"] for each in (content if isinstance(content, list) else [content])} == {VERSION}, path
    page = (project / "output" / "index.html").read_text(encoding="utf-8")
    assert f"with the Zúme slide builder {VERSION}" in page
