"""Command lines and folders that people have from the scripts before this suite."""

from __future__ import annotations

import importlib.util

import pytest

from cli import arguments
from course.curricula import CURRICULA
from course.languages import all_languages
from old_projects import OldProject, old_settings
from quick_builds import BUILD, rows_of
from suite import PARTS
from workspace.folders import projects_of

# As the scripts before documented them, from inside parts/. The folder is that of a test.
DOCUMENTED = {
    1: [
        "--language en --folder ./projects",
        "--show-config",
        "-l en -f ./projects -s",
        "-l en -f ./projects -i",
        "-l en -f ./projects -k vimeo,config",
    ],
    2: [
        "--folder-id 269501",
        "--folder-id 269501 --project-path ./projects/en --language-code en --list-only",
        "--folder-id 269501 --max-workers 5",
        "--list-languages",
    ],
    3: ["", "-c all -m", "-c ALL -r", "-m -r", "-w 3000 -ht 1680 -wt 5"],
    4: ["", "-p ./projects/en"],
}


def parser_of(number: int):
    specification = importlib.util.spec_from_file_location(f"part_{number}", PARTS[number])
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.parse


@pytest.mark.parametrize(("number", "line"), [(number, line) for number, lines in DOCUMENTED.items() for line in lines])
def test_a_documented_command_line_is_still_understood(number, line, capsys):
    arguments = parser_of(number)(line.split())

    assert capsys.readouterr().err == ""
    if "-c" in line.split():
        assert arguments.curriculum == "all"
    if "-l" in line.split():
        assert arguments.language_code == "en"
    if "-p" in line.split():
        assert arguments.project_path == "./projects/en"


@pytest.mark.parametrize("given", ["17", "20", " 1000 "])
def test_more_downloads_side_by_side_than_possible_are_fewer_and_said(given, capsys):
    assert arguments.workers(given) == 16
    assert f"Warning: --max-workers {given.strip()}: at most 16 downloads run side by side." in capsys.readouterr().err


def test_as_many_downloads_as_possible_are_nothing_to_warn_about(capsys):
    assert arguments.workers("16") == 16
    assert capsys.readouterr().err == ""


def test_build_warns_once_of_too_many_downloads_and_hands_on_how_many_run(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", "--max-workers", "20")

    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).count("--max-workers 20") == 1
    (state,) = suite.sessions().values()
    assert state["options"]["max_workers"] == 16


# --- A project's folder that has another of its language's names ------------------------------------------------------


def test_the_project_of_the_old_code_is_found_and_used_as_it_is(suite, stand_in, tmp_path):
    OldProject(tmp_path / "sw")
    done = suite.main(BUILD, "-l", "Kiswahili", "-f", tmp_path, "-y", "--skip", "slides,rename")

    assert done.returncode == 0, done.stderr
    assert f"The project is {tmp_path / 'sw'}." in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and path != suite.home] == ["sw"]
    assert len(list((tmp_path / "sw" / "videos").glob("*.mp4"))) == 3
    (state,) = suite.sessions().values()
    assert (state["language_code"], state["project_path"]) == ("swa", str(tmp_path / "sw"))


def test_setup_alone_uses_the_project_of_the_old_code(suite, tmp_path):
    project = OldProject(tmp_path / "packages" / "sw").path
    done = suite.main(1, "-l", "sw", "-f", project.parent)

    assert done.returncode == 0, done.stderr
    assert [path.name for path in project.parent.iterdir()] == ["sw"]


def test_the_settings_of_the_old_scripts_lead_to_their_project(suite, tmp_path):
    project = OldProject(tmp_path / "packages" / "sw").path
    old_settings(suite.home, project, "sw", "a-token-31415926")
    for number in (1, 2, 3, 4):
        done = suite.main(number, "--show-config", VIMEO_ACCESS_TOKEN="")

        assert done.returncode == 0, done.stderr
        assert str(project) in done.stdout
        assert "swa" in done.stdout
    assert suite.main(1, VIMEO_ACCESS_TOKEN="").returncode == 0
    assert [path.name for path in project.parent.iterdir()] == ["sw"]


@pytest.mark.parametrize("place", ["videos/(01) title.mp4", "10/20250301_090000_session_1_t1_a.png"])
def test_a_check_passes_over_a_link_that_leads_nowhere(place, suite, tmp_path):
    (OldProject(tmp_path / "es").path / place).symlink_to(tmp_path / "nowhere")
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "--check")

    assert rows_of(done.stdout)["Videos"][0] == "ok", done.stdout


def test_every_other_code_of_a_language_finds_its_project(tmp_path):
    others = [(language.code, other) for language in all_languages() for other in language.also_written]
    assert ("swa", "sw") in others
    for code, other in [*others, ("zhtw", "zh-TW"), ("pa_pk", "pa-PK")]:
        OldProject(tmp_path / code / other)
        assert [project.path.name for project in projects_of(tmp_path / code, code)] == [other]


def test_of_two_projects_of_a_language_the_one_with_the_sites_code_is_used_and_the_other_one_named(suite, tmp_path):
    for name in ("sw", "swa"):
        OldProject(tmp_path / "packages" / name)
    done = suite.main(BUILD, "-l", "sw", "-f", tmp_path / "packages", "-y", "--skip", "videos,slides,rename")

    assert done.returncode == 0, done.stderr
    (state,) = suite.sessions().values()
    assert state["project_path"] == str(tmp_path / "packages" / "swa")
    assert f"{tmp_path / 'packages' / 'sw'} is another project of the same language." in done.stderr


def test_of_two_projects_of_a_language_the_one_that_holds_files_is_used(tmp_path):
    for name in ("sw", "swa"):
        OldProject(tmp_path / name)
    (tmp_path / "sw" / "videos" / "(01) title.mp4").write_bytes(b"a video")

    assert [project.path.name for project in projects_of(tmp_path, "swa")] == ["sw", "swa"]


@pytest.mark.parametrize("make", ["nothing", "file", "empty folder", "videos only"])
def test_what_is_no_project_does_not_become_one_by_its_name(make, tmp_path):
    path = tmp_path / "sw"
    if make == "file":
        path.write_text("")
    elif make == "empty folder":
        path.mkdir()
    elif make == "videos only":
        (path / "videos").mkdir(parents=True)
    assert projects_of(tmp_path, "swa") == []


@pytest.mark.parametrize("script", [BUILD, 1])
@pytest.mark.parametrize("name", ["es", "sw"])
def test_a_project_that_is_named_as_the_folder_of_projects_is_not_made_again_inside_itself(
    name, script, suite, tmp_path
):
    OldProject(tmp_path / "packages" / name)
    arguments = ("-y", "--skip", "videos,slides,rename") if script == BUILD else ()
    done = suite.main(script, "-l", name, "-f", tmp_path / "packages" / name, *arguments)

    assert done.returncode == 0, done.stderr
    assert f"{tmp_path / 'packages' / name} is itself the project." in done.stdout
    assert {path.name for path in (tmp_path / "packages" / name).iterdir() if path.is_dir()} == {
        "videos",
        *(curriculum.folder for curriculum in CURRICULA),
    }
    if script == BUILD:
        (state,) = suite.sessions().values()
        assert state["folder_location"] == str(tmp_path / "packages")


def test_a_build_is_resumed_by_the_folder_that_was_given(suite, tmp_path):
    project = OldProject(tmp_path / "packages" / "sw").path
    suite.main(BUILD, "-l", "sw", "-f", project, "-y", "--skip", "videos,slides", "--session-id", "first")
    for folder in (project, project.parent):
        done = suite.main(BUILD, "--resume", "-l", "sw", "-f", folder, "--check", "--skip", "videos,slides")
        assert "There is no unfinished build" not in done.stderr
        assert str(project) in done.stdout


def test_the_package_of_another_language_named_as_the_folder_is_refused_and_nothing_is_made_in_it(lone_suite, tmp_path):
    (tmp_path / "es" / "10").mkdir(parents=True)
    for script, more in ((BUILD, ("--yes",)), (BUILD, ("--check",)), (PARTS[1], ())):
        done = lone_suite.main(script, "-l", "it", "-f", tmp_path / "es", *more)
        assert done.returncode == 1
        assert f"{tmp_path / 'es'} is itself a package." in done.stderr
        assert f"Give the folder above it: {tmp_path}" in done.stderr
    assert [path.name for path in (tmp_path / "es").iterdir()] == ["10"]
