"""Each numbered script by itself: where it takes its configuration from, and where from it may be started."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from course.languages import language_tag
from quick_builds import BUILD, QUICK, SMALL
from suite import PARTS, ROOT, Suite
from workspace.folders import Project
from workspace.lock import exclusive_build

OWN = {1: (), 2: ("--quality", "360p"), 3: QUICK, 4: ("--allow-missing",), 5: ("--allow-missing",)}
TITLES = {"es": "Español", "fr": "Français", "en": "Welcome.mp4", "swa": "Kiswahili"}


@pytest.fixture(autouse=True)
def shortest_course(stand_in):
    stand_in.presenter.short_course = 2
    stand_in.vimeo.numbers = {1}


class Sources(NamedTuple):
    """What one field is given, by source; empty for a source that does not give it."""

    argument: str
    environment: str
    file: str


# In each row the first of the three that is given has to win.
PRECEDENCE = [
    pytest.param(Sources("a", "e", "f"), id="argument over environment over file"),
    pytest.param(Sources("", "e", "f"), id="environment over file"),
    pytest.param(Sources("", "", "f"), id="file alone"),
    pytest.param(Sources("a", "", "f"), id="argument over file"),
    pytest.param(Sources("a", "e", ""), id="argument over environment"),
]
LANGUAGES = {"a": "es", "e": "fr", "f": "sw"}


def winner(sources: Sources) -> str:
    return next(source for source in sources if source)


class Config:
    """A configuration whose fields come from several sources at once.

    Args:
        project: the sources that name a project; each names one of its own, ``<root>/<source>``.
        language: the sources that name a language; each names one of its own.
    """

    def __init__(self, root: Path, suite: Suite, project: Sources, language: Sources) -> None:
        self.root = root
        self.arguments: list[str] = []
        self.environment: dict[str, str] = {}
        stored: dict[str, str] = {}
        for field, sources, value_of in (
            ("project_path", project, self.project),
            ("language_code", language, LANGUAGES.get),
        ):
            if sources.argument:
                self.arguments += [f"--{field.replace('_', '-')}", str(value_of(sources.argument))]
            if sources.environment:
                self.environment[f"ZUME_{field.upper()}"] = str(value_of(sources.environment))
            if sources.file:
                stored[field] = str(value_of(sources.file))
        if stored:
            (suite.home / ".config.json").write_text(json.dumps(stored), encoding="utf-8")
        for source in project:
            if source:
                self.project(source).mkdir(exist_ok=True)

    def project(self, source: str) -> Path:
        return self.root / f"project-{source}"

    def assert_only(self, source: str) -> Path:
        """Check that nothing was put into any project but that of one source, and return it."""
        used = [path.name for path in self.root.glob("project-*") if [*path.iterdir()]]
        assert used == [f"project-{source}"]
        return self.project(source)


def site_code(source: str) -> str:
    """Return the language of a source as the site writes it."""
    return {"sw": "swa"}.get(LANGUAGES[source], LANGUAGES[source])


def assert_done(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


# --- Argument, environment, file --------------------------------------------------------------------------------------


# Each field is resolved by itself: every row for the project, each time with another one for the language.
MIXED = [
    pytest.param(project.values[0], language.values[0], id=f"project {project.id}, language {language.id}")
    for project, language in zip(PRECEDENCE, [*PRECEDENCE[2:], *PRECEDENCE[:2]], strict=True)
]


@pytest.mark.parametrize(("project", "language"), MIXED)
def test_the_videos_go_where_the_strongest_source_says_in_the_language_it_says(project, language, suite, tmp_path):
    config = Config(tmp_path, suite, project, language)

    assert_done(suite.main(2, *config.arguments, *OWN[2], **config.environment))

    used = config.assert_only(winner(project))
    (video,) = (used / "videos").glob("*.mp4")
    assert TITLES[site_code(winner(language))] in video.name


@pytest.mark.parametrize(
    ("project", "language"),
    [
        pytest.param(Sources("a", "e", "f"), Sources("", "e", "f"), id="project by argument"),
        pytest.param(Sources("", "e", "f"), Sources("a", "e", "f"), id="language by argument"),
    ],
)
def test_the_slides_go_where_the_strongest_source_says_in_the_language_it_says(
    project, language, suite, take_slides, tmp_path
):
    config = Config(tmp_path, suite, project, language)

    assert_done(take_slides(*config.arguments, *OWN[3], **config.environment))

    used = config.assert_only(winner(project))
    manifest = json.loads((used / "10" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["language_code"] == site_code(winner(language))
    assert len(list((used / "10").glob("*.png"))) == 4


@pytest.mark.parametrize(("project", "language"), MIXED)
def test_the_package_is_made_where_the_strongest_source_says_in_the_language_it_says(
    project, language, suite, tmp_path
):
    config = Config(tmp_path, suite, project, language)
    make_picture(config.project(winner(project)), site_code(winner(language)))

    assert_done(suite.main(4, *config.arguments, *OWN[4], **config.environment))

    used = config.assert_only(winner(project))
    assert (used / "output" / "10" / "1.png").is_file()
    page = (used / "output" / "index.html").read_text(encoding="utf-8")
    assert f'lang="{language_tag(site_code(winner(language)))}"' in page


@pytest.mark.parametrize("language", PRECEDENCE)
def test_the_setup_makes_the_project_of_the_language_that_the_strongest_source_says(language, suite, tmp_path):
    config = Config(tmp_path, suite, Sources("", "", ""), language)

    assert_done(suite.main(1, *config.arguments, "--folder", tmp_path / "packages", **config.environment))

    assert [path.name for path in (tmp_path / "packages").iterdir()] == [site_code(winner(language))]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("sources", PRECEDENCE)
def test_show_config_names_each_value_and_where_it_came_from(part, sources, suite, tmp_path):
    config = Config(tmp_path, suite, sources, sources)

    done = suite.main(
        part, *config.arguments, "--show-config", ZUME_SESSION_ID="from-environment", **config.environment
    )

    assert_done(done)
    source = winner(sources)
    origin = {"a": "argument --{}", "e": "environment ZUME_{}", "f": str(suite.home / ".config.json")}[source]
    path_origin, code_origin = (
        origin.format(field.upper() if source == "e" else field.lower().replace("_", "-"))
        for field in ("PROJECT_PATH", "LANGUAGE_CODE")
    )
    assert f"project_path = {config.project(source)}  ({path_origin})" in done.stdout
    assert f"language_code = {site_code(source)}  ({code_origin})" in done.stdout
    assert "session_id = from-environment  (environment ZUME_SESSION_ID)" in done.stdout


def test_a_blank_value_is_no_value(suite, tmp_path):
    config = Config(tmp_path, suite, Sources("", "", "f"), Sources("", "e", ""))

    done = suite.main(2, "--project-path", "", "--language-code", " ", ZUME_PROJECT_PATH=" ", **config.environment)

    assert_done(done)
    assert config.assert_only("f")


@pytest.mark.parametrize("part", [2, 4, 5])
@pytest.mark.parametrize(
    ("argument", "environment", "passes"),
    [("held", "", True), ("", "held", True), ("held", "other", True), ("other", "held", False), ("", "", False)],
)
def test_a_part_passes_the_lock_of_its_own_build_session_only(part, argument, environment, passes, suite, tmp_path):
    make_picture(tmp_path, "es")
    make_output(suite, part, tmp_path)
    given = ("--session-id", argument) if argument else ()
    variables = {"ZUME_SESSION_ID": environment} if environment else {}
    place = ("--project-path", tmp_path, "--language-code", "es")

    with exclusive_build(Project(tmp_path), "held"):
        done = suite.main(part, *place, *OWN[part], *given, **variables)

    assert done.returncode == (0 if passes else 1), done.stderr
    assert ("in use by build.py (session held, process" in done.stderr) is not passes


def test_a_project_named_after_another_language_is_warned_about(suite, tmp_path):
    (tmp_path / "es").mkdir()

    done = suite.main(2, "--project-path", tmp_path / "es", "--language-code", "fr")

    assert_done(done)
    assert "looks like the folder of Spanish, but the language is fr" in done.stderr


# --- .config.json alone -----------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_parts_need_nothing_but_the_config_file_that_the_setup_saved(suite, tmp_path):
    assert_done(suite.part(1, "--language", "es", "--folder", tmp_path / "packages", "--save-config"))
    project = tmp_path / "packages" / "es"
    stored = json.loads((suite.home / ".config.json").read_text(encoding="utf-8"))
    assert set(stored) == {"language_code", "folder_location", "project_path", "created_at"}
    assert stored["language_code"] == "es"
    assert stored["folder_location"] == str(tmp_path / "packages")
    assert stored["project_path"] == str(project)
    saved = (suite.home / ".config.json").read_bytes()

    for part in PARTS:
        done = suite.call(suite.command(part, *OWN[part]), tmp_path)
        assert_done(done)

    assert {path.name for path in (project / "output" / "10").iterdir()} >= {"1.png", "2.mp4"}
    assert (suite.home / ".config.json").read_bytes() == saved
    assert not (tmp_path / ".config.json").exists()


def test_the_setup_saves_no_config_file_unless_it_is_told_to(suite, tmp_path):
    assert_done(suite.main(1, "--language", "es", "--folder", tmp_path))
    assert_done(suite.main(1, "--language", "es", "--folder", tmp_path, "--save-config", "--skip", "config"))

    assert not (suite.home / ".config.json").exists()


# --- Each part alone, from anywhere -----------------------------------------------------------------------------------


@pytest.mark.browser
def test_each_part_works_alone_as_the_readme_shows_it(suite, tmp_path):
    lines = [
        f"python parts/1-setup.py --language es --folder {tmp_path}",
        f"python parts/2-video-download.py --project-path {tmp_path}/es --language-code es --quality 720p",
        f"python parts/3-slides-download.py --project-path {tmp_path}/es --language-code es --curriculum "
        f"intensive_session {' '.join(SMALL)}",
        f"python parts/4-rename-files.py --project-path {tmp_path}/es",
        f"python parts/5-decks.py --project-path {tmp_path}/es --language-code es",
    ]
    outputs = []
    for line in lines:
        words = [sys.executable, *line.split()[1:]]
        done = suite.call(words, ROOT)
        assert_done(done)
        outputs.append(done.stdout)

    assert "Folders made: videos, 10, 20, intensive" in outputs[0]
    assert "1 downloaded, 0 already there, 0 failed" in outputs[1]
    assert "intensive: 4 good, 0 flawed, 0 failed" in outputs[2]
    assert "intensive: 3 pictures, 1 video\n" in outputs[3]
    assert "intensive: 4 slides" in outputs[4]
    assert "As before: intensive_session" in outputs[3]
    assert "10: " not in outputs[3]


def test_the_environment_alone_is_enough_for_every_part(suite, take_slides, tmp_path):
    (tmp_path / "es").mkdir()
    suite.environment.update(ZUME_PROJECT_PATH=str(tmp_path / "es"), ZUME_LANGUAGE_CODE="es")

    for part in PARTS:
        assert_done(take_slides(*OWN[part]) if part == 3 else suite.main(part, *OWN[part]))

    assert {path.suffix for path in (tmp_path / "es" / "output" / "10").iterdir()} == {".png", ".mp4"}
    assert {path.name for path in tmp_path.iterdir() if path != suite.home} == {"es"}


@pytest.mark.parametrize("part", [1, 2, 4, 5])
def test_a_part_starts_from_any_directory_and_reads_relative_paths_from_there(part, suite, tmp_path):
    make_picture(tmp_path / "packages" / "es", "es")
    make_output(suite, part, tmp_path / "packages" / "es")
    place = ("--folder", "packages") if part == 1 else ("--project-path", "packages/es")
    home_files = {path.name for path in suite.home.iterdir()}

    done = suite.call(suite.command(part, *place, "--language-code", "es", *OWN[part]), tmp_path)

    assert_done(done)
    made = {1: "20", 2: "videos/download_results.json", 4: "output/index.html", 5: "output/zume-es-ten_session.pptx"}[
        part
    ]
    assert (tmp_path / "packages" / "es" / made).exists()
    assert {path.name for path in tmp_path.iterdir()} == {"packages", "home"}
    assert {path.name for path in suite.home.iterdir()} == home_files


def test_the_config_file_of_the_working_directory_is_nobodys(suite, tmp_path):
    (tmp_path / ".config.json").write_text('{"project_path": "/nowhere", "language_code": "fr"}', encoding="utf-8")

    done = suite.call(suite.command(4, "--show-config"), tmp_path)

    assert_done(done)
    assert "project_path is not set" in done.stdout


@pytest.mark.parametrize("script", [BUILD, *PARTS.values()], ids=lambda path: path.name)
def test_help_comes_without_the_heavy_imports(script, lone_suite):
    done = lone_suite.call([sys.executable, "-X", "importtime", str(script), "-h"])

    assert done.returncode == 0
    assert "usage:" in done.stdout
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in imported, "the list of imports is not one"
    assert imported & {"selenium", "requests", "PIL", "webdriver_manager", "flask", "rich", "dotenv"} == set()
    assert imported & {"pptx", "av", "lxml"} == set()


def make_output(suite: Suite, part: int, project: Path) -> None:
    """Give a project the package that part 5 is made from."""
    if part == 5:
        assert_done(suite.part(4, "--project-path", project, *OWN[4]))


def make_picture(project: Path, language_code: str) -> None:
    """Give a project one picture with its manifest."""
    from PIL import Image

    (project / "10").mkdir(parents=True)
    name = "20260101_120000_session_1_one.png"
    Image.effect_noise((60, 34), 50).save(project / "10" / name)
    slide = {"position": 1, "session": 1, "key": "one", "type": "title", "video": None}
    entry = {**slide, "file": name, "status": "ok", "error": None}
    manifest = {"language_code": language_code, "site": "a test", "curriculum": "ten_session", "slides": [entry]}
    (project / "10" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


OLD_PYTHON = """
import runpy, sys
sys.version_info = (3, 9, 6, "final", 0)
sys.argv = sys.argv[1:]
sys.path.insert(0, str(__import__("pathlib").Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("script", [BUILD, *PARTS.values()], ids=lambda path: path.name)
def test_an_older_python_is_told_in_one_sentence(script, lone_suite):
    """Apple's own is 3.9; nothing of ours can be imported there."""
    done = lone_suite.call([sys.executable, "-c", OLD_PYTHON, str(script)])

    assert done.returncode == 1
    assert done.stderr.startswith("Error: Python 3.9 is too old.\n  Use Python 3.10 or newer")
    assert "Traceback" not in done.stderr
