"""A package is built again as it was built before, whoever builds it: build.py, or a part alone."""

from __future__ import annotations

import json

import pytest

from courses import INTENSIVE, SHORT, TEN, files_below
from quick_builds import BUILD, SMALL
from slide_files import files_in

# A build that does no more than its setup: enough to see with which settings it would work.
NOTHING = ("--skip", "videos,slides,rename,decks")


@pytest.fixture
def prepare(lone_suite, tmp_path):
    """Runs a build that makes only the folders, and returns what it said and the state of its session."""

    def run(*arguments, code="es", folder=tmp_path):
        done = lone_suite.main(BUILD, "-l", code, "-f", folder, "-y", *NOTHING, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout, next(state for key, state in lone_suite.sessions().items() if key in done.stdout)

    return run


def package_of(project):
    return json.loads((project / "package.json").read_text(encoding="utf-8"))


def test_a_build_remembers_what_it_was_told_and_the_defaults_for_the_rest(prepare, tmp_path):
    out, _ = prepare("-c", "intensive_session", "--quality", "720p", "--decks")

    assert "As before" not in out
    package = package_of(tmp_path / "es")
    assert package.pop("version")
    assert package == {
        "schema": 1,
        "language_code": "es",
        "video_source": "auto",
        "curricula": ["intensive_session"],
        "width": 3000,
        "height": 1680,
        "quality": "720p",
        "recursive": False,
        "link": "auto",
        "allow_flawed": False,
        "decks": True,
    }


def test_a_later_build_uses_it_for_what_no_argument_says_and_says_so_in_one_line(prepare):
    prepare("-c", "intensive_session", "--quality", "720p", "--decks", "--folder-id", "77")
    out, state = prepare()

    assert out.count("As before: intensive_session, 720p, Vimeo folder 77, decks\n") == 1
    assert state["options"]["curriculum"] == "intensive_session"
    assert state["options"]["quality"] == "720p"
    assert state["vimeo_folder_id"] == "77"
    assert "decks" in state["steps"]


def test_the_own_folder_of_a_language_is_not_remembered_and_giving_it_takes_another_one_back(prepare, tmp_path):
    prepare()
    assert "folder_id" not in package_of(tmp_path / "es")
    prepare("--folder-id", "77")
    assert package_of(tmp_path / "es")["folder_id"] == "77"
    prepare("--folder-id", "269525")
    assert "folder_id" not in package_of(tmp_path / "es")


def test_a_build_with_videos_does_not_remember_the_own_folder_either(done, tmp_path):
    assert "folder_id" not in package_of(tmp_path / "packages" / "es")


def test_a_list_of_one_language_takes_nothing_from_the_package_of_another(suite, tmp_path):
    project = tmp_path / "es"
    project.mkdir()
    (project / "package.json").write_text('{"schema": 1, "language_code": "es", "folder_id": "77"}', encoding="utf-8")
    done = suite.main(2, "--project-path", project, "--language-code", "fr", "--list-only")

    assert done.returncode == 0, done.stderr
    assert "As before" not in done.stdout


@pytest.mark.parametrize("script", ["build", "check", 2, 3, 4, 5])
def test_a_torn_file_ends_every_script_before_anything_is_changed(script, lone_suite, published):
    project = published.project.path
    (project / "package.json").write_text("{", encoding="utf-8")
    before = files_below(project)
    if script in ("build", "check"):
        words = ("-l", "es", "-f", project.parent, "-y", *(["--check"] if script == "check" else []))
        done = lone_suite.main(BUILD, *words)
    else:
        done = lone_suite.main(script, "-p", project, "-l", "es", VIMEO_ACCESS_TOKEN="token-7c9e6679")

    assert done.returncode == 1
    assert f"{project / 'package.json'} cannot be read" in done.stderr
    assert {name: state for name, state in files_below(project).items() if ".lock" not in name} == before


def test_a_run_that_fails_before_its_work_begins_changes_nothing_that_is_remembered(
    lone_suite, tmp_path, quick_retries
):
    project = tmp_path / "es"
    project.mkdir()
    (project / "package.json").write_text('{"schema": 1, "width": 640, "quality": "720p"}', encoding="utf-8")
    for part, *words in ((3, "--width", "1000"), (2, "--quality", "best")):
        done = lone_suite.main(part, "-p", project, "-l", "es", *words, VIMEO_ACCESS_TOKEN="token-7c9e6679")
        assert done.returncode == 1

    assert package_of(project) == {"schema": 1, "width": 640, "quality": "720p"}


def test_an_argument_wins_and_is_remembered(prepare, tmp_path):
    prepare("-c", "intensive_session", "--quality", "720p", "--decks", "--recursive")
    out, state = prepare("-c", "ten_session,twenty_session", "--no-decks", "--no-recursive", "--link", "copy")

    assert "As before: 720p\n" in out
    assert state["options"]["curriculum"] == "ten_session,twenty_session"
    assert "decks" not in state["steps"]
    out, state = prepare()
    assert "As before: ten_session and twenty_session, 720p, --link copy\n" in out
    assert state["options"]["recursive"] is False
    assert package_of(tmp_path / "es")["curricula"] == ["ten_session", "twenty_session"]


def test_a_build_that_leaves_the_decks_out_once_remembers_them_all_the_same(prepare, tmp_path):
    prepare("--decks")
    out, state = prepare()

    assert state["steps"]["decks"]["status"] == "skipped"
    assert "As before: decks\n" in out
    assert package_of(tmp_path / "es")["decks"] is True


def test_packages_of_different_languages_share_nothing(prepare, tmp_path):
    prepare("--quality", "720p")
    out, _ = prepare(code="fr")

    assert "As before" not in out
    assert package_of(tmp_path / "es")["quality"] == "720p"
    assert package_of(tmp_path / "fr")["quality"] == "best"


def test_a_check_says_it_and_writes_nothing(prepare, lone_suite, tmp_path):
    prepare("--quality", "720p")
    before = (tmp_path / "es" / "package.json").read_bytes()
    checked = lone_suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--check", "--link", "copy")

    assert "As before: 720p\n" in checked.stdout
    assert (tmp_path / "es" / "package.json").read_bytes() == before


def test_a_resumed_build_goes_on_as_it_was_and_the_package_remembers_that(prepare, lone_suite, tmp_path):
    _, first = prepare("--quality", "720p", "--decks")
    prepare("--quality", "360p", "--no-decks")
    resumed = lone_suite.main(BUILD, "--resume", first["session_id"], "--link", "copy")

    assert resumed.returncode == 0, resumed.stderr
    package = package_of(tmp_path / "es")
    assert (package["quality"], package["link"]) == ("720p", "copy")
    # Nothing was said of decks, neither now nor to this build alone.
    assert package["decks"] is False


def test_a_build_waits_for_the_lock_before_it_writes_what_it_remembers(prepare, lone_suite, tmp_path):
    from workspace.folders import Project
    from workspace.lock import exclusive

    prepare("--quality", "720p")
    with exclusive(Project(tmp_path / "es"), None, "3-slides-download.py"):
        refused = lone_suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", *NOTHING, "--quality", "360p")

    assert refused.returncode == 1
    assert "is in use by" in refused.stderr
    assert package_of(tmp_path / "es")["quality"] == "720p"


# --- Parts alone ------------------------------------------------------------------------------------------------------


def part(suite, number, project, *arguments):
    return suite.main(number, "--project-path", project, "--language-code", "es", *arguments)


def test_part_2_alone_takes_the_same_quality_again_and_remembers_another(suite, tmp_path):
    project = tmp_path / "es"
    project.mkdir()
    assert part(suite, 2, project, "--quality", "360p").returncode == 0
    again = part(suite, 2, project)

    assert "As before: 360p\n" in again.stdout
    assert "0 downloaded, 3 already there" in again.stdout
    assert "As before: 360p\n" in part(suite, 2, project, "--list-only").stdout
    assert part(suite, 2, project, "--quality", "best").returncode == 0
    assert package_of(project)["quality"] == "best"


def test_part_3_alone_takes_pictures_of_the_same_size_and_adds_its_curriculum(take_slides, tmp_path):
    project = tmp_path / "es"
    project.mkdir()
    place = ("--project-path", project, "--language-code", "es")
    assert take_slides(*place, *SMALL, "-c", "ten_session").returncode == 0
    before = files_in(project)
    again = take_slides(*place, "--missing-only")

    assert "As before: ten_session, 600 x 336\n" in again.stdout
    assert files_in(project) == before
    assert package_of(project)["curricula"] == ["ten_session"]
    assert take_slides(*place, "-c", "intensive_session").returncode == 0
    assert package_of(project)["curricula"] == ["ten_session", "intensive_session"]


def test_part_3_alone_takes_no_curriculum_away_from_a_package_that_has_no_settings_yet(take_slides, bare):
    bare.curriculum(TEN, SHORT)
    bare.curriculum(INTENSIVE, SHORT, manifest=False)
    place = ("--project-path", bare.project.path, "--language-code", "es")
    done = take_slides(*place, *SMALL, "-c", "twenty_session")

    assert done.returncode == 0, done.stderr
    assert package_of(bare.project.path)["curricula"] == ["ten_session", "twenty_session", "intensive_session"]


def test_part_4_alone_publishes_what_the_package_has_and_in_its_way(lone_suite, course):
    course.curriculum(INTENSIVE, SHORT)
    package = {"schema": 1, "curricula": ["ten_session"], "link": "copy"}
    (course.project.path / "package.json").write_text(json.dumps(package), encoding="utf-8")
    planned = lone_suite.main(4, "-p", course.project.path, "--dry-run")
    assert "As before: ten_session, --link copy\n" in planned.stdout
    assert package_of(course.project.path) == package
    done = lone_suite.main(4, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    assert "As before: ten_session, --link copy\n" in done.stdout
    assert not (course.project.output / "intensive").exists()
    assert (course.project.output / "10" / "1.png").stat().st_nlink == 1
    assert lone_suite.main(4, "-p", course.project.path, "--link", "hard", "-c", "all").returncode == 0
    assert (course.project.output / "intensive").exists()
    remembered = package_of(course.project.path)
    assert (remembered["link"], remembered["curricula"]) == ("hard", ["ten_session"])


def test_part_5_alone_makes_decks_of_the_curricula_of_the_package_and_remembers_that_it_has_decks(
    lone_suite, published, tmp_path
):
    package = {"schema": 1, "curricula": ["ten_session"]}
    (published.project.path / "package.json").write_text(json.dumps(package), encoding="utf-8")
    elsewhere = lone_suite.main(5, "-p", published.project.path, "--output-dir", tmp_path / "decks")
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert package_of(published.project.path) == package
    done = lone_suite.main(5, "-p", published.project.path)

    assert done.returncode == 0, done.stderr
    assert "As before: ten_session\n" in done.stdout
    assert "20: no deck" not in done.stdout
    assert package_of(published.project.path)["decks"] is True
