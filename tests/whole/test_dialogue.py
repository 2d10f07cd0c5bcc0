"""build.py and the setup at a terminal: what they ask, what they make of the answers, and what stands on the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.vimeo_faults import Drip
from quick_builds import BUILD
from suite import NOWHERE, Suite, clean_environment
from terminal import CTRL_C, CTRL_D, Terminal

CURRICULA = "Which (numbers or words, with commas between) [all]:"
DECKS = "Also make PowerPoint files (decks)? (y/N):"
QUALITY = "Which (number or word) [best]:"
START = "Start the build? (Y/n)"


@pytest.fixture
def without_token(suite: Suite) -> Suite:
    """The scripts, led to the stand-ins, with no credentials yet."""
    suite.environment.pop("VIMEO_ACCESS_TOKEN")
    return suite


@pytest.fixture
def ready(suite: Suite, stand_in, tmp_path: Path) -> Suite:
    """The scripts with a token, so that nobody is asked for one."""
    stand_in.presenter.short_course = 2
    (tmp_path / "packages").mkdir()
    return suite


def at_terminal(suite: Suite, folder: Path, script: int | Path, *arguments: object) -> Terminal:
    """Start a script at a terminal."""
    return Terminal(suite.command(script, *arguments), suite.environment, folder)


def statuses(suite: Suite) -> dict[str, str]:
    """Return the status of each step of the only build."""
    (state,) = suite.sessions().values()
    return {name: step["status"] for name, step in state["steps"].items()}


def answer_first_questions(terminal: Terminal, folder: Path) -> None:
    """Answer what comes before the first step."""
    terminal.answer("Language (", "es")
    terminal.answer("Folder for the packages [", str(folder))
    terminal.answer("in Vimeo folder 269525. Use it? (Y/n)", "")
    answer_how_the_package_is_to_be(terminal)


def answer_how_the_package_is_to_be(terminal: Terminal) -> None:
    """Take what is offered as the curricula, the decks and the quality."""
    for question in (CURRICULA, DECKS, QUALITY):
        terminal.answer(question, "")


# --- build.py without a flag ------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_dialogue_leads_from_the_language_to_the_package(without_token, stand_in, tmp_path):
    stand_in.presenter.short_course = 2
    stand_in.vimeo.faults = [Drip(piece=65536, pause=0.1)]
    token = stand_in.vimeo.token
    packages = tmp_path / "new" / "packages"
    with at_terminal(without_token, tmp_path, BUILD) as terminal:
        for wrong in ("../x", "e"):
            terminal.answer("Language (code or name; ? lists them):", wrong)
            terminal.expect("is not a language code")
        terminal.answer("Language (", "?")
        terminal.expect("Swahili")
        terminal.answer("Language (", "zz")
        terminal.expect("zz is not a language of the course.")
        terminal.answer("Language (", "español")
        terminal.answer(f"Folder for the packages [{tmp_path}]:", str(packages))
        terminal.answer(f"{packages} does not exist. Create it? (Y/n)", "n")
        assert not packages.exists()
        terminal.answer("Folder for the packages [", str(packages))
        terminal.answer("Create it? (Y/n)", "perhaps")
        terminal.answer("Please answer y or n.", "y")
        terminal.answer("VIMEO_ACCESS_TOKEN (", token)
        terminal.answer("The videos in Spanish are in Vimeo folder 269525. Use it? (Y/n)", "y")
        answer_how_the_package_is_to_be(terminal)
        for step, answer in (("Setup", "y"), ("Videos", ""), ("Slides", "x"), ("Numbered sequences", "continue")):
            terminal.answer(f"{step}: [y] continue, [s] skip, [q] quit [y]:", answer)
            if answer == "x":
                terminal.answer("Please answer y or s or q.", "y")
        code = terminal.wait()

    assert code == 0, terminal.screen
    assert {path.name for path in (packages / "es" / "output" / "10").iterdir()} >= {"1.png", "2.mp4", "3.png"}
    assert_pictures_have_the_default_size(packages / "es" / "output" / "10")
    assert token not in terminal.raw
    assert sum(token in text for text in texts(without_token.home).values()) == 1
    assert (without_token.home / ".env").stat().st_mode & 0o777 == 0o600
    assert statuses(without_token) == dict.fromkeys(("setup", "videos", "slides", "rename"), "done")
    assert re.search(r"Slides +done", terminal.screen)
    assert not (without_token.home / ".config.json").exists()
    assert_bars_are_on_the_screen_only(terminal, without_token)


def texts(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def assert_pictures_have_the_default_size(folder: Path) -> None:
    from PIL import Image

    sizes = set()
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            sizes.add(picture.size)
    assert sizes == {(3000, 1680)}


def assert_bars_are_on_the_screen_only(terminal: Terminal, suite: Suite) -> None:
    """Check that the parts drew progress bars at the terminal, and that their logs are plain text all the same."""
    assert "\x1b[2K" in terminal.raw or "\x1b[1A" in terminal.raw
    for bar in (r"\(01\) Welcome - Español +━", "Slides ━"):
        assert re.search(bar, terminal.screen)
    logs = {path.name: text for path, text in texts(suite.home / "temp").items() if path.suffix == ".log"}
    assert set(logs) == {"setup.log", "videos.log", "slides.log", "rename.log"}
    for text in logs.values():
        assert "\x1b" not in text
        assert "\r" not in text
        assert "━" not in text
    assert re.search(r"^\[1/3\] received \(\d\d\).*Español", logs["videos.log"], re.MULTILINE)
    assert re.search("^3 downloaded, 0 already there, 0 failed: ", logs["videos.log"], re.MULTILINE)
    assert re.search("^10: 4 good, 0 flawed, 0 failed: ", logs["slides.log"], re.MULTILINE)


@pytest.mark.browser
def test_quitting_before_a_step_leaves_the_rest_to_be_resumed(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        answer_first_questions(terminal, tmp_path / "packages")
        terminal.answer("Setup: [y]", "y")
        terminal.answer("Videos: [y]", "q")

        assert terminal.wait() == 1

    assert statuses(ready) == {"setup": "done", "videos": "pending", "slides": "pending", "rename": "pending"}
    (name,) = ready.sessions()
    last = f"es: The build is not finished. Continue with: python build.py --resume {name}"
    assert terminal.screen.splitlines()[-1] == last
    assert "Error" not in terminal.screen
    assert list((tmp_path / "packages" / "es" / "videos").iterdir()) == []


@pytest.mark.browser
def test_a_step_that_is_skipped_does_not_run(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        answer_first_questions(terminal, tmp_path / "packages")
        for step, answer in (("Setup", "y"), ("Videos", "s"), ("Slides", "skip"), ("Numbered sequences", "S")):
            terminal.answer(f"{step}: [y]", answer)

        assert terminal.wait() == 0

    assert statuses(ready) == {"setup": "done", "videos": "skipped", "slides": "skipped", "rename": "skipped"}
    assert [path.name for path in (tmp_path / "packages" / "es").rglob("*") if path.suffix in (".mp4", ".png")] == []


@pytest.mark.browser
def test_the_answers_of_earlier_versions_mean_what_they_meant(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        answer_first_questions(terminal, tmp_path / "packages")
        terminal.answer("Setup: [y]", "yes")
        terminal.answer("Videos: [y]", "n")
        terminal.answer("Slides: [y]", "no")
        terminal.answer("Numbered sequences: [y]", "q")

        assert terminal.wait() == 1

    assert statuses(ready) == {"setup": "done", "videos": "skipped", "slides": "skipped", "rename": "pending"}


@pytest.mark.browser
def test_the_answer_that_once_meant_cancel_is_asked_about(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        answer_first_questions(terminal, tmp_path / "packages")
        terminal.answer("Setup: [y]", "c")
        terminal.answer("In earlier versions c meant cancel. Do you want to continue? (y/N)", "y")
        terminal.answer("Videos: [y]", "c")
        terminal.answer("In earlier versions c meant cancel. Do you want to continue? (y/N)", "")
        terminal.expect("Please answer y or s or q.")
        terminal.answer("Videos: [y]", "q")

        assert terminal.wait() == 1

    assert statuses(ready) == {"setup": "done", "videos": "pending", "slides": "pending", "rename": "pending"}


CREDENTIALS = {"VIMEO_ACCESS_TOKEN (": "a-token-that-is-typed"}


def prompts(folder: Path) -> dict[str, dict[str, str]]:
    """Return dialogues: every question, and an answer that leads to the next one."""
    package = {CURRICULA: "", DECKS: ""}
    new = {"Folder for the packages [": str(folder / "new"), "Create it? (Y/n)": "y"}
    last = {"Videos: [y]": "s", "Slides: [y]": "s", "Numbered sequences: [y]": "s"}
    unknown = {"Language (": "zz", "Use it anyway?": "y"}
    return {
        "build": {
            **unknown,
            **new,
            **CREDENTIALS,
            "Number of the Vimeo folder": "",
            **package,
            "Setup: [y]": "y",
            **last,
        },
        "build from a known folder": {
            "Language (": "es",
            "Folder for the packages [": "",
            **CREDENTIALS,
            "in Vimeo folder 269525. Use it? (Y/n)": "y",
            **package,
            QUALITY: "",
            "Setup: [y]": "s",
            **last,
        },
        "setup": {**unknown, **new, **CREDENTIALS},
    }


# Some questions are the same in several dialogues; leaving them is tried in one.
QUESTIONS = [
    *(("build", question) for question in prompts(Path())["build"]),
    ("build from a known folder", "in Vimeo folder 269525. Use it? (Y/n)"),
    ("build from a known folder", QUALITY),
    *(("setup", question) for question in prompts(Path())["setup"]),
]


@pytest.mark.browser
@pytest.mark.parametrize("way", ["Ctrl-C", "Ctrl-D"])
@pytest.mark.parametrize(("dialogue", "at"), QUESTIONS)
def test_every_question_can_be_left(dialogue, at, way, without_token, tmp_path):
    # Only where the site cannot be asked, an unknown language is a question.
    without_token.environment["ZUME_SITE_URL"] = NOWHERE
    with at_terminal(without_token, tmp_path, 1 if dialogue == "setup" else BUILD) as terminal:
        for question, answer in prompts(tmp_path)[dialogue].items():
            terminal.expect(question)
            if question == at:
                break
            terminal.type(answer)
        if way == "Ctrl-C":
            terminal.interrupt()
        else:
            terminal.type(CTRL_D, end="")

        assert terminal.wait() == (130 if way == "Ctrl-C" else 1)
        # What a hidden answer has switched off works again.
        assert terminal.echoes

    assert ("Interrupted" if way == "Ctrl-C" else "The input ended at the question") in terminal.screen
    assert "Traceback" not in terminal.screen
    done = [state for state in without_token.sessions().values() if state["steps"]["setup"]["status"] == "done"]
    assert bool(done) == (at in ("Videos: [y]", "Slides: [y]", "Numbered sequences: [y]"))
    if way == "Ctrl-C" and "[y]" in at:
        stopped = {"Setup: [y]": "setup", "Videos: [y]": "videos", "Slides: [y]": "slides"}.get(at, "rename")
        assert statuses(without_token)[stopped] == "interrupted"
        (session,) = without_token.sessions()
        assert f"Continue with: python build.py --resume {session}" in terminal.screen
    elif way == "Ctrl-C" and dialogue != "setup":
        assert "No build was started." in terminal.screen
        assert without_token.sessions() == {}


@pytest.mark.browser
def test_every_wrong_answer_is_told_and_asked_again(without_token, tmp_path):
    wrong = {
        "Use it anyway?": "perhaps",
        "Create it? (Y/n)": "perhaps",
        "Number of the Vimeo folder": "a folder",
        "Setup: [y]": "x",
        "Videos: [y]": "5",
        "Slides: [y]": "perhaps",
        "Numbered sequences: [y]": "4",
    }
    right = prompts(tmp_path)["build"]
    without_token.environment["ZUME_SITE_URL"] = NOWHERE
    with at_terminal(without_token, tmp_path, BUILD) as terminal:
        for question, answer in right.items():
            if question in wrong:
                terminal.answer(question, wrong[question])
                terminal.expect("Please answer" if "[y]" in question or "?" in question else "is not the number")
            terminal.answer(question, answer)

        assert terminal.wait() == 0
    assert statuses(without_token) == {"setup": "done", "videos": "skipped", "slides": "skipped", "rename": "skipped"}


@pytest.mark.browser
def test_the_vimeo_folder_can_be_corrected(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        terminal.answer("Language (", "es")
        terminal.answer("Folder for the packages [", str(tmp_path / "packages"))
        terminal.answer("in Vimeo folder 269525. Use it? (Y/n)", "n")
        terminal.answer("Number of the Vimeo folder for Spanish", "12x")
        terminal.expect("is not the number of a Vimeo folder")
        terminal.answer("Number of the Vimeo folder for Spanish", "709009")
        answer_how_the_package_is_to_be(terminal)
        terminal.answer("Setup: [y]", "q")
        terminal.wait()

    (state,) = ready.sessions().values()
    assert state["vimeo_folder_id"] == "709009"


@pytest.mark.browser
def test_a_language_without_a_vimeo_folder_can_be_built_without_videos(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        terminal.answer("Language (", "ar_jo")
        terminal.answer("Folder for the packages [", str(tmp_path / "packages"))
        terminal.answer("Number of the Vimeo folder for Arabic (Jordanian)", "")
        terminal.answer(CURRICULA, "")
        terminal.answer(DECKS, "")
        terminal.answer("Setup: [y]", "y")
        terminal.answer("Videos: [y]", "s")
        terminal.answer("Slides: [y]", "q")

        assert terminal.wait() == 1

    assert statuses(ready)["videos"] == "skipped"


def test_with_flags_only_what_is_missing_is_asked(ready, tmp_path):
    arguments = ("-l", "es", "--skip", "videos,slides,rename")
    with at_terminal(ready, tmp_path, BUILD, *arguments) as terminal:
        terminal.answer("Folder for the packages [", str(tmp_path / "packages"))
        terminal.answer(START, "")

        assert terminal.wait() == 0

    assert "[y] continue" not in terminal.screen
    assert "Language (" not in terminal.screen
    assert statuses(ready)["setup"] == "done"


def test_with_yes_nothing_is_asked(without_token, tmp_path):
    with at_terminal(without_token, tmp_path, BUILD, "-l", "es", "--yes") as terminal:
        assert terminal.wait() == 1

    assert "Error: No folder is given." in terminal.screen
    assert "--folder" in terminal.screen


@pytest.mark.browser
def test_ctrl_c_in_the_middle_of_a_step_ends_the_build(ready, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        answer_first_questions(terminal, tmp_path / "packages")
        terminal.answer("Setup: [y]", "y")
        terminal.answer("Videos: [y]", "y")
        terminal.expect("Welcome")
        terminal.type(CTRL_C, end="")

        assert terminal.wait() == 130

    assert "Interrupted" in terminal.screen
    assert "Traceback" not in terminal.screen
    # The cursor that the bars hid is shown again.
    assert terminal.raw.rfind("\x1b[?25h") > terminal.raw.rfind("\x1b[?25l") > 0
    assert statuses(ready) == {"setup": "done", "videos": "interrupted", "slides": "pending", "rename": "pending"}


def test_bars_fit_a_terminal_that_has_become_narrower(ready, stand_in, tmp_path):
    def bars() -> list[str]:
        return [line for line in re.split(r"[\r\n]", terminal.screen) if "━" in line]

    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    place = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename")
    with at_terminal(ready, tmp_path, BUILD, *place) as terminal:
        terminal.expect(" left")
        assert max(map(len, bars())) > 60
        terminal.resize(rows=50, columns=60)
        # The last one may not have come in whole yet.
        while len(bars()) < 2 or len(bars()[-2]) > 60:
            terminal.expect("━ ")
        before = len(bars())
        while len(bars()) < before + 3:
            terminal.expect("━ ")

        assert max(map(len, bars()[before:])) <= 60


def test_a_lost_terminal_ends_the_build_and_its_part_and_the_build_can_be_resumed(ready, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    with at_terminal(ready, tmp_path, BUILD, "-l", "es", "-f", "packages", "--skip", "slides,rename") as terminal:
        terminal.answer("in Vimeo folder 269525. Use it? (Y/n)", "y")
        terminal.answer(QUALITY, "")
        terminal.answer(START, "")
        terminal.expect("Welcome")
        terminal.hang_up()

        assert terminal.process.wait(timeout=30) == 129
        assert statuses(ready)["videos"] == "interrupted"
    stand_in.vimeo.faults = []
    # Were the part still running, it would hold the project.
    again = ready.main(BUILD, "--resume")
    assert again.returncode == 0, again.stderr
    assert len(list((tmp_path / "packages" / "es" / "videos").glob("*.mp4"))) == 3


@pytest.mark.browser
def test_a_build_that_waits_for_an_answer_cannot_be_resumed_by_another_process(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD) as terminal:
        answer_first_questions(terminal, tmp_path / "packages")
        terminal.expect("Setup: [y]")
        (name,) = ready.sessions()
        before = ready.sessions()

        second = ready.main(BUILD, "--resume", name, "--skip", "videos,slides,rename")

        assert second.returncode == 1, second.stdout
        assert "is in use by build.py (session" in second.stderr
        assert "1/4 Setup" not in second.stdout
        assert ready.sessions() == before


# --- 1-setup.py -------------------------------------------------------------------------------------------------------


def test_the_setup_asks_for_what_it_does_not_know(without_token, stand_in, tmp_path):
    env = without_token.home / ".env"
    env.write_text("# my own notes\nOTHER=kept\nVIMEO_CLIENT_ID='known-before-1234'\n", encoding="utf-8")
    env.chmod(0o644)
    with at_terminal(without_token, tmp_path, 1) as terminal:
        terminal.answer("Language (", "Swahili")
        terminal.answer(f"Folder for the packages [{tmp_path}]:", "")
        terminal.answer("VIMEO_ACCESS_TOKEN (needed", stand_in.vimeo.token)

        assert terminal.wait() == 0

    assert sorted(path.name for path in (tmp_path / "swa").iterdir() if path.is_dir()) == [
        "10",
        "20",
        "intensive",
        "videos",
    ]
    assert stand_in.vimeo.token not in terminal.raw
    assert "known-before" not in terminal.raw
    lines = env.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["# my own notes", "OTHER=kept", "VIMEO_CLIENT_ID='known-before-1234'"]
    assert lines[3:] == [f"VIMEO_ACCESS_TOKEN='{stand_in.vimeo.token}'"]
    assert env.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in without_token.home.iterdir() if path.suffix == ".part"] == []
    # What was typed is what the videos are fetched with.
    done = without_token.part(2, "--project-path", tmp_path / "swa", "--language-code", "swa")
    assert done.returncode == 0, done.stderr


def test_the_setup_at_a_terminal_asks_nothing_that_it_is_told(lone_suite, tmp_path):
    with at_terminal(lone_suite, tmp_path, 1, "-l", "es", "-f", tmp_path, "--skip", "vimeo") as terminal:
        assert terminal.wait() == 0

    assert "?" not in terminal.screen
    assert (tmp_path / "es" / "videos").is_dir()
    assert not (lone_suite.home / ".env").exists()


def test_the_setup_can_be_made_to_ask_for_what_it_knows_too(lone_suite, tmp_path):
    arguments = ("-l", "es", "-f", tmp_path / "one", "--skip", "vimeo", "--force-interactive")
    with at_terminal(lone_suite, tmp_path, 1, *arguments) as terminal:
        terminal.answer("? lists them) [es]:", "fr")
        terminal.answer(f"Folder for the packages [{tmp_path / 'one'}]:", str(tmp_path))

        assert terminal.wait() == 0

    assert (tmp_path / "fr" / "videos").is_dir()
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize("variable", ["NO_COLOR", ""])
def test_colours_are_for_a_terminal_that_wants_them(variable, home, tmp_path):
    suite = Suite(home, clean_environment(**({variable: "1"} if variable else {})))
    with at_terminal(suite, tmp_path, 4, "--project-path", tmp_path / "none") as terminal:
        assert terminal.wait() == 1

    coloured = re.search(r"\x1b\[[0-9;]*3\dm", terminal.raw)
    assert bool(coloured) is not bool(variable)
    assert "does not exist" in terminal.screen


def test_also_a_quiet_build_says_what_an_answer_should_be(ready, tmp_path):
    with at_terminal(ready, tmp_path, BUILD, "--quiet", "--skip", "videos,slides,rename") as terminal:
        terminal.answer("Language (", "?")
        terminal.expect("Spanish")
        terminal.answer("Language (", "no such language")
        terminal.expect("is not a language code")
        terminal.answer("Language (", "es")
        terminal.answer("Folder for the packages [", "~nobody-at-all/x")
        terminal.expect("cannot be a folder")
        (tmp_path / "file").touch()
        terminal.answer("Folder for the packages [", str(tmp_path / "file"))
        terminal.expect("is a file, not a folder")
        terminal.answer("Folder for the packages [", str(tmp_path / "new"))
        terminal.answer("Create it? (Y/n)", "perhaps")
        terminal.expect("Please answer y or n.")
        terminal.answer("Create it? (Y/n)", "y")
        terminal.answer(START, "")

        assert terminal.wait() == 0


# --- The project named as the folder of projects ----------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "project"), [("", "packages/es"), ("n", "packages/es/es")])
def test_the_project_itself_named_as_the_folder_is_asked_about(answer, project, ready, tmp_path):
    (tmp_path / "packages" / "es").mkdir(parents=True)
    arguments = ("-l", "Spanish", "-f", tmp_path / "packages" / "es", "--skip", "videos,slides,rename")
    with at_terminal(ready, tmp_path, BUILD, *map(str, arguments)) as terminal:
        terminal.answer(f"Is {tmp_path / 'packages' / 'es'} itself the project?", answer)

        assert terminal.wait() == 0

    (state,) = ready.sessions().values()
    assert state["project_path"] == str(tmp_path / project)


@pytest.mark.parametrize("script", [BUILD, 1])
def test_the_project_itself_named_as_the_folder_is_warned_about_where_nobody_can_be_asked(script, ready, tmp_path):
    arguments = ("-y", "--skip", "videos,slides,rename") if script == BUILD else ()
    done = ready.main(script, "-l", "sw", "-f", tmp_path / "swa", *arguments)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Warning: The project becomes") == 1
    assert f"If {tmp_path / 'swa'} itself is meant, give --folder {tmp_path}." in done.stderr
    assert (tmp_path / "swa" / "swa").is_dir()


def test_another_languages_code_is_a_name_like_any_other(ready, tmp_path):
    assert ready.main(1, "-l", "es", "-f", tmp_path / "my").stderr == ""
