"""Two languages do not get into one project: its records say which one it has, and its folder's name does not."""

from __future__ import annotations

import json

import pytest

from check_rows import assert_wrong
from common.errors import BuilderError
from course.curricula import CURRICULA
from courses import SHORT, TEN, Course, files_below
from package.project_records import recorded_languages, require_one_language
from quick_builds import rows_of
from videos.results import read_results

MANIFESTS = [f"{curriculum.folder}/manifest.json" for curriculum in CURRICULA]
RESULTS = "videos/download_results.json"
OLD_ENTRY = {"id": "1", "title": "(01) Bienvenue", "status": "success", "path": "(01) Bienvenue.mp4"}


def write(project, name, content):
    (project.path / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def speaks(project, name, code):
    """Let a record of a project name a language."""
    path = project.path / name
    if name == RESULTS:
        write(project, name, [{**OLD_ENTRY, "language_code": code}])
    else:
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"slides": []}
        write(project, name, {"site": "a test", "curriculum": "x", **known, "language_code": code})


# What the records name


def test_the_languages_come_with_the_records_that_name_them(bare):
    assert recorded_languages(bare.project) == {}
    for name, code in zip((*MANIFESTS, RESULTS), ("fr", "es", "fr", "fr"), strict=True):
        speaks(bare.project, name, code)

    assert recorded_languages(bare.project) == {"fr": [MANIFESTS[0], MANIFESTS[2], RESULTS], "es": [MANIFESTS[1]]}


def test_codes_are_those_of_the_site(bare):
    for name, code in zip((*MANIFESTS, RESULTS), ("sw", "swa", "SW", " sw "), strict=True):
        speaks(bare.project, name, code)

    assert recorded_languages(bare.project) == {"swa": [*MANIFESTS, RESULTS]}


@pytest.mark.parametrize(
    "content", ["{", "[]", "7", '"es"', "[7]", "{}", '{"language_code": 5}', '{"language_code": ""}']
)
def test_records_that_name_no_language_say_nothing(content, bare):
    for name in (*MANIFESTS, RESULTS):
        write(bare.project, name, content)

    assert recorded_languages(bare.project) == {}


def test_old_entries_without_a_language_are_read_as_before(bare):
    write(bare.project, RESULTS, [OLD_ENTRY])

    assert recorded_languages(bare.project) == {}
    (result,) = read_results(bare.project).values()
    assert (result.number, result.language_code) == (1, None)


# What is downloaded says its language


def test_every_entry_has_the_language_also_one_that_is_only_kept(client):
    client.server.numbers = {1, 6}
    client.fetch("360p")
    without = [{key: value for key, value in entry.items() if key != "language_code"} for entry in client.recorded()]
    assert without != client.recorded()
    write(client.project, RESULTS, without)
    client.server.numbers = {1}

    client.fetch("360p")

    assert [(entry["number"], entry["language_code"]) for entry in client.recorded()] == [(1, "es"), (6, "es")]


# Parts 2 and 3 change nothing


@pytest.fixture(params=[MANIFESTS[1], RESULTS])
def french(request, tmp_path):
    """A project whose only record names French, in a folder whose name says nothing."""
    project = Course(tmp_path / "packages" / "mine").project
    speaks(project, request.param, "fr")
    (project.path / "10").rmdir()
    return project, request.param


@pytest.mark.parametrize("part", [2, 3])
def test_another_language_is_refused_before_anything_is_changed(part, french, suite, stand_in):
    project, record = french
    before = files_below(project.path)

    done = suite.part(part, "--project-path", project.path, "--language-code", "es")

    assert done.returncode == 1
    assert f"The language is es, but {project.path} has files of another one: {record} says fr." in done.stderr
    assert "Use another folder" in done.stderr
    assert files_below(project.path) == before
    assert stand_in.vimeo.log.requests == []


def test_listing_a_folder_changes_nothing_and_may_go_on(french, suite):
    project, _ = french
    before = files_below(project.path)

    done = suite.part(2, "--project-path", project.path, "--language-code", "es", "--list-only")

    assert done.returncode == 0, done.stderr
    assert files_below(project.path) == before


def test_the_same_language_by_its_other_code_is_let_through(bare, suite):
    for name in (*MANIFESTS, RESULTS):
        speaks(bare.project, name, "swa")

    done = suite.part(2, "--project-path", bare.project.path, "--language-code", "sw", "--quality", "360p")

    assert done.returncode == 0, done.stderr
    assert recorded_languages(bare.project) == {"swa": ["package.json", *MANIFESTS, RESULTS]}


# Part 4 mixes no two


def refusal(project, language_code):
    with pytest.raises(BuilderError) as caught:
        require_one_language(project, language_code)
    return caught.value.message


def test_records_that_disagree_are_named_with_their_languages(course):
    speaks(course.project, RESULTS, "fr")
    both = f"{MANIFESTS[0]} says es; {RESULTS} says fr."

    assert refusal(course.project, None) == f"{course.project.path} has files of more than one language: {both}"
    assert refusal(course.project, "es").endswith(f"has files of another one: {RESULTS} says fr.")
    assert refusal(course.project, "de").endswith(f"has files of another one: {both}")
    for name in MANIFESTS[1:]:
        speaks(course.project, name, "es")
    assert f"{' and '.join(MANIFESTS)} say es; " in refusal(course.project, None)


@pytest.mark.parametrize(
    ("video_language", "arguments", "exit_code"),
    [
        ("fr", [], 1),
        ("fr", ["--language-code", "es"], 1),
        ("fr", ["--dry-run"], 1),
        ("es", ["--language-code", "fr"], 1),
        ("es", ["--language-code", "es"], 0),
        ("es", [], 0),
    ],
)
def test_part_4_leaves_the_output_as_it_is_where_languages_differ(
    video_language, arguments, exit_code, course, lone_suite
):
    course.publish()
    course.video(6, data=b"\0\0\0\x18ftyp another")
    speaks(course.project, RESULTS, video_language)
    before = files_below(course.project.path)

    done = lone_suite.part(4, "--project-path", course.project.path, *arguments)

    assert done.returncode == exit_code, done.stderr
    assert (files_below(course.project.path) == before) == bool(exit_code)
    assert ("has files of" in done.stderr) == bool(exit_code)


def test_part_4_takes_the_other_code_of_the_same_language(course, lone_suite):
    speaks(course.project, MANIFESTS[0], "swa")

    done = lone_suite.part(4, "--project-path", course.project.path, "--language-code", "sw")

    assert done.returncode == 0, done.stderr


# A whole build


def test_a_build_notices_before_it_starts(suite, tmp_path):
    course = Course(tmp_path / "fr")
    course.manifest(TEN, SHORT)
    arguments = ("-l", "fr", "-f", tmp_path)

    checked = suite.build(*arguments, "--check", "--skip", "videos,slides")
    built = suite.build(*arguments, "-y", "--keep-going")

    assert_wrong(checked, rows_of(checked.stdout), "Project folder", "error", f"{MANIFESTS[0]} says es")
    assert built.returncode == 1
    assert f"has files of another one: {MANIFESTS[0]} says es" in built.stderr
    assert suite.sessions() == {}
    assert [path.name for path in (tmp_path / "fr" / "10").iterdir()] == ["manifest.json"]
