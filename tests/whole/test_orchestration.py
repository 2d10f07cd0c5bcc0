"""What builds say and leave: sessions to be listed and pruned, output for people and for programs, signals."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timezone

import pytest

from demo.vimeo_faults import Drip
from quick_builds import BUILD, QUICK, build, patch, statuses, wait_until
from suite import PARTS, ROOT
from systems import signals_needed, terminals_needed
from terminal import Terminal
from traces import left_over, processes_of

# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_the_list_tells_who_is_alive_and_who_was_killed(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    place = ("-l", "es", "-f", tmp_path / "a", "-y", "--skip", "slides,rename")
    with suite.start(BUILD, *place, "--session-id", "killed") as process:
        wait_until(lambda: list((tmp_path / "a" / "es" / "videos").glob(".*.part")), process)
        process.kill()
    place = ("-l", "fr", "-f", tmp_path / "b", "-y", "--skip", "slides,rename")
    with suite.start(BUILD, *place, "--session-id", "alive") as process:
        wait_until(lambda: list((tmp_path / "b" / "fr" / "videos").glob(".*.part")), process)
        listed = suite.main(BUILD, "--list-sessions", "--verbose").stdout
        process.terminate()
        process.communicate(timeout=30)
    after = suite.main(BUILD, "--list-sessions").stdout

    def rows(text, session):
        return [line.strip() for line in text.splitlines() if line.strip().startswith(session)]

    row, steps, place = rows(listed, "alive")
    assert re.search(r"alive +fr +\d{4}-\d\d-\d\d \d\d:\d\d +running: videos", row)
    assert re.search(r"^alive: setup done \(.* s\), videos running, slides skipped, rename skipped$", steps)
    assert place == f"alive: {tmp_path / 'b' / 'fr'}, process running"
    row, steps, place = rows(listed, "killed")
    assert re.search(r"killed +es .* ended: videos", row)
    assert "videos killed" in steps
    assert place.endswith("process ended")
    [row] = rows(after, "alive")
    # Windows ends a process by force, so that it cannot say that it was interrupted.
    assert re.search(r" ended: videos" if sys.platform == "win32" else r" interrupted: videos", row)


def test_times_are_shown_in_the_local_zone(suite, tmp_path):
    assert suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename").returncode == 0
    (state,) = suite.sessions().values()
    created = datetime.fromisoformat(state["created_at"])
    shown = suite.build("--list-sessions", TZ="XYZ-5:30").stdout

    assert f"{datetime.fromtimestamp(created.timestamp() + 19800, timezone.utc):%Y-%m-%d %H:%M} " in shown


def test_old_sessions_are_pruned_and_no_other(suite, tmp_path):
    for session in ("old", "young"):
        arguments = ("-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename", "--session-id", session)
        assert suite.main(BUILD, *arguments).returncode == 0
    (suite.home / "temp" / "broken").mkdir()
    (suite.home / "temp" / "broken" / "build_config.json").write_text("{")
    for session in ("old", "broken"):
        os.utime(suite.home / "temp" / session / "build_config.json", (time.time() - 40 * 86400,) * 2)
    (suite.home / "temp" / "demo").mkdir()

    pruned = suite.main(BUILD, "--prune-sessions", "30")

    assert pruned.returncode == 0, pruned.stderr
    assert "old: removed" in pruned.stdout
    assert "2 build sessions removed." in pruned.stdout
    assert {path.name for path in (suite.home / "temp").iterdir()} == {"young", "demo"}
    assert (tmp_path / "es" / "10").is_dir()
    assert suite.main(BUILD, "--prune-sessions", "soon").returncode == 2


def test_a_session_that_is_alive_is_not_pruned(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    place = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename")
    with suite.start(BUILD, *place, "--session-id", "alive") as process:
        wait_until(lambda: list((tmp_path / "es" / "videos").glob(".*.part")), process)
        os.utime(suite.home / "temp" / "alive" / "build_config.json", (0, 0))
        pruned = suite.main(BUILD, "--prune-sessions", "0")
        process.terminate()
        process.communicate(timeout=30)

    assert "0 build sessions removed." in pruned.stdout
    assert (suite.home / "temp" / "alive").is_dir()


def test_the_list_for_programs_is_one_line_of_json(done, tmp_path):
    listed = done.main(BUILD, "--list-sessions", "--json")
    (session,) = json.loads(listed.stdout)

    assert listed.stdout.count("\n") == 1
    assert session["session_id"] == "first"
    assert session["project_path"] == str(tmp_path / "packages" / "es")
    assert session["alive"] is False
    assert session["steps"] == dict.fromkeys(("setup", "videos", "slides", "rename"), "done")
    assert session["seconds"] > 0


# --- What is said -----------------------------------------------------------------------------------------------------


def test_lines_are_marked_where_there_is_no_terminal_and_logs_are_not(done, tmp_path):
    again = build(done, tmp_path / "other", "--session-id", "second")
    logs = done.home / "temp" / "second" / "logs"

    marked = [line for line in again.stdout.splitlines() if line.startswith("es slides: ")]
    assert [line.removeprefix("es slides: ") for line in marked] == (logs / "slides.log").read_text().splitlines()
    assert {path.name for path in logs.iterdir()} == {"setup.log", "videos.log", "slides.log", "rename.log"}
    assert not any("\x1b" in path.read_text() for path in logs.iterdir())
    assert "es: [1/3]" not in again.stdout


def test_the_last_line_is_json_for_programs(done, tmp_path):
    again = done.main(BUILD, "--resume", "first", "--json")
    summary = json.loads(again.stdout.splitlines()[-1])

    assert again.returncode == summary["exit_code"] == 0
    assert summary["session_id"] == "first"
    assert summary["project_path"] == str(tmp_path / "packages" / "es")
    assert summary["error"] is None
    assert {name: step["status"] for name, step in summary["steps"].items()} == dict.fromkeys(
        ("setup", "videos", "slides", "rename"), "done"
    )
    counted = Counter(path.suffix for path in (tmp_path / "packages" / "es" / "output" / "10").iterdir())
    assert summary["package"]["output/10"] == {"pictures": counted[".png"], "videos": counted[".mp4"]}
    assert summary["videos"] == {"vimeo": summary["package"]["output/videos"]["videos"]}
    assert "from Vimeo" not in again.stdout


def test_a_resumed_build_makes_the_page_anew_when_a_video_is_known_to_come_from_the_mirror(done, tmp_path):
    project = tmp_path / "packages" / "es"
    path = project / "videos" / "download_results.json"
    results = [{**result, "source": "mirror"} for result in json.loads(path.read_text(encoding="utf-8"))]
    path.write_text(json.dumps(results), encoding="utf-8")
    again = done.main(BUILD, "--resume", "first", "--json")

    assert again.returncode == 0, again.stderr
    assert (
        "It runs because index.html in the package is not up to date about where the videos came from." in again.stdout
    )
    assert again.stdout.splitlines().count("Videos: 1 from the mirror") == 1
    assert json.loads(again.stdout.splitlines()[-1])["videos"] == {"mirror": 1}
    assert "Videos: 1 from the mirror" in (project / "output" / "index.html").read_text(encoding="utf-8")
    assert "It runs because" not in done.main(BUILD, "--resume", "first").stdout


@pytest.mark.parametrize(("arguments", "code"), [(("--width", "wide"), 2), (("--prune-sessions", "30"), 0)])
def test_the_last_line_is_json_also_without_a_build(arguments, code, suite):
    done = suite.main(BUILD, "--json", *arguments)

    assert done.returncode == json.loads(done.stdout.splitlines()[-1])["exit_code"] == code


@pytest.mark.parametrize(
    "failing",
    [
        pytest.param("build", marks=pytest.mark.browser),
        "before",
        pytest.param("interrupted", marks=signals_needed),
    ],
)
def test_the_last_line_is_json_however_it_ends(failing, suite, stand_in, tmp_path):
    if failing == "interrupted":
        stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
        arguments = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", "--json")
        process = suite.start(BUILD, *arguments)
        wait_until(lambda: list((tmp_path / "es" / "videos").glob(".*.part")), process)
        process.terminate()
        out, _ = process.communicate(timeout=30)
        code = process.returncode
    else:
        language = ("-l", "es") if failing == "build" else ()
        done = suite.main(BUILD, *language, "-f", tmp_path, "-y", "--json", VIMEO_ACCESS_TOKEN="a-wrong-token-31415926")
        out, code = done.stdout, done.returncode
    summary = json.loads(out.splitlines()[-1])

    assert code == summary["exit_code"] == {"build": 1, "before": 1, "interrupted": 143}[failing]
    assert summary["error"]
    if failing != "before":
        expected = {"build": "failed", "interrupted": "interrupted"}[failing]
        assert summary["steps"]["videos"]["status"] == expected


def test_a_demo_that_cannot_start_says_so_in_json_too(lone_suite, tmp_path):
    patch(lone_suite, tmp_path / "patches", "import sys\nsys.modules['flask'] = None\n")
    failed = lone_suite.build("--demo", "--json")

    assert failed.returncode == 1
    assert json.loads(failed.stdout.splitlines()[-1]) == {"exit_code": 1, "error": "The demo needs flask."}


def test_without_a_terminal_no_colour_can_be_forced_into_the_marked_lines(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", FORCE_COLOR="1")

    assert done.returncode == 0, done.stderr
    marked = [line for line in done.stdout.splitlines() if line.startswith("es videos: ")]
    assert marked
    assert not any("\x1b" in line for line in marked)
    alone = suite.main(2, "--project-path", tmp_path / "es", "--language-code", "es", FORCE_COLOR="1")
    # Bars would go up and down in what is no screen.
    assert not re.search(r"\x1b\[\?25l|\x1b\[\d*A", alone.stdout)


def test_quiet_says_one_line_and_verbose_the_commands(done, tmp_path):
    quiet = done.main(BUILD, "-l", "es", "-f", tmp_path / "packages", "-y", *done.quick(), "--quiet")
    verbose = done.main(BUILD, "-l", "es", "-f", tmp_path / "packages", "-y", *done.quick(), "--verbose")

    assert re.fullmatch(r"es: done in (under )?[\d.]+ s\.\n", quiet.stdout)
    assert quiet.stderr == ""
    assert "4-rename-files.py" in verbose.stdout
    assert len(verbose.stdout.splitlines()) > 20


@pytest.mark.parametrize("script", PARTS)
def test_every_part_can_be_quiet_and_not_both_at_once(script, suite, done, tmp_path):
    place = ("--project-path", tmp_path / "packages" / "es", "--language-code", "es")
    if script == 3:
        place += (*QUICK, "--missing-only")
    quiet = suite.main(script, *place, "--quiet")

    assert (quiet.returncode, quiet.stdout) == (0, "")
    assert suite.main(script, *place, "--quiet", "--verbose").returncode == 2


@pytest.mark.browser
def test_a_build_goes_on_though_nobody_reads_its_output_any_more(suite, tmp_path):
    command = suite.command(BUILD, "-l", "es", "-f", tmp_path, "-y", *suite.quick())
    pipe = 'set -o pipefail; "$@" | head -2; echo "${PIPESTATUS[0]}"'
    both = suite.call(["bash", "-c", pipe, "bash", *command])

    assert both.stdout.splitlines()[-1] == "0", both.stderr
    assert "Traceback" not in both.stderr
    assert "Broken" not in both.stderr
    assert (tmp_path / "es" / "output" / "index.html").is_file()


def test_what_a_terminal_cannot_show_becomes_a_question_mark(suite, tmp_path):
    folder = tmp_path / "пакеты"
    done = suite.build(
        "-l", "es", "-f", folder, "-y", "--skip", "slides,rename", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )

    assert done.returncode == 0, done.stderr
    assert "????" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("columns", [80, 140])
def test_each_build_takes_one_line_of_a_terminal(columns, suite, tmp_path):
    folder = tmp_path / ("a folder with a long name " * 4)
    steps = {"setup": "done", "videos": "failed", "slides": "failed", "rename": "failed"}
    session_of(suite, "0123abcd", folder, steps)
    command = suite.command(BUILD, "--list-sessions")
    with Terminal(command, suite.environment, tmp_path, rows=24, columns=columns) as terminal:
        assert terminal.wait(20) == 0
        lines = [line.rstrip() for line in terminal.screen.splitlines() if line.strip()]
    assert len(lines) == 3
    assert re.fullmatch(r" ?0123abcd +zh_tw +2026-11-28 \d\d:\d\d +failed: videos \+2 +3 min 03 s", lines[2])
    assert max(map(len, lines)) <= 80


def test_where_there_are_no_builds_the_list_says_how_to_start_one(suite):
    done = suite.main(BUILD, "--list-sessions")

    assert done.stdout == "There are no build sessions. Start a build, e.g.: python build.py --language es\n"
    assert suite.main(BUILD, "--list-sessions", "--json").stdout == "[]\n"


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 99}'])
def test_a_build_whose_state_cannot_be_read_is_named(content, lone_suite):
    folder = lone_suite.home / "temp" / "0123abcd"
    folder.mkdir(parents=True)
    (folder / "build_config.json").write_text(content, encoding="utf-8")
    done = lone_suite.main(BUILD, "--list-sessions")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Warning: 1 build session cannot be read: 0123abcd\n"
    assert lone_suite.main(BUILD, "--list-sessions", "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (("done", "skipped", "done", "done"), "done"),
        (("done", "done", "done", "pending"), "ended"),
        (("done", "failed", "done", "done"), "failed: videos"),
        (("done", "done", "running", "pending"), "ended: slides"),
        (("done", "done", "interrupted", "pending"), "interrupted: slides"),
    ],
)
def test_the_list_says_in_a_word_or_two_how_a_build_ended(statuses, word, suite, tmp_path):
    session_of(suite, "one", tmp_path, dict(zip(("setup", "videos", "slides", "rename"), statuses, strict=True)))

    assert re.search(
        rf" \d\d:\d\d +{re.escape(word)}( |$)", suite.main(BUILD, "--list-sessions").stdout.splitlines()[3]
    )


def session_of(suite, name, project, statuses):
    """Write the state of a build that nobody works on; each step has taken a minute and a second."""
    times = {"started_at": "2026-11-28T10:00:00+00:00", "finished_at": "2026-11-28T10:01:01+00:00"}
    steps = {
        step: {"status": status, **(times if status in ("done", "failed") and step != "setup" else {})}
        for step, status in statuses.items()
    }
    about = {"session_id": name, "language_code": "zh_tw", "created_at": "2026-11-28T10:00:00+00:00", "steps": steps}
    places = {"folder_location": str(project), "project_path": str(project / "zh_tw"), "vimeo_folder_id": None}
    folder = suite.home / "temp" / name
    folder.mkdir(parents=True)
    (folder / "build_config.json").write_text(json.dumps({**about, **places}), encoding="utf-8")


@terminals_needed
@pytest.mark.parametrize(("columns", "kind"), [(24, "xterm"), (200, "dumb")])
def test_narrow_and_dumb_terminals_show_everything(columns, kind, suite, tmp_path):
    folder = tmp_path / ("a folder with a long name " * 4)
    assert suite.main(BUILD, "-l", "es", "-f", folder, "-y", "--skip", "videos,slides,rename").returncode == 0
    command = suite.command(BUILD, "--list-sessions")
    with Terminal(command, suite.environment, tmp_path, columns=columns, kind=kind) as terminal:
        assert terminal.wait(20) == 0
        shown = terminal.raw
    for word in (*suite.sessions(), "Session", "Language", "es", "Outcome", "done"):
        assert word in shown
    assert ("\x1b[" in shown) == (kind != "dumb")


def test_a_build_in_the_background_of_a_shell_is_not_stopped_by_a_question(suite, tmp_path):
    script = 'set -m; "$@" & wait $!'
    command = ["/bin/bash", "-c", script, "bash", *suite.command(BUILD)]
    with Terminal(command, suite.environment, tmp_path) as terminal:
        assert terminal.wait(20) == 1
    assert "No language is given." in terminal.screen


@pytest.mark.browser
def test_what_is_wrong_for_one_step_stops_only_that_one_if_the_build_is_to_keep_going(suite, tmp_path):
    suite.environment["VIMEO_ACCESS_TOKEN"] = ""
    only_vimeo = ("--video-source", "vimeo")
    kept = build(suite, tmp_path / "kept", "--keep-going", "--session-id", "kept", *only_vimeo)
    stopped = build(suite, tmp_path / "stopped", "--session-id", "stopped", *only_vimeo)

    assert kept.returncode == stopped.returncode == 1
    assert statuses(suite, "kept")[:3] == ["done", "failed", "done"]
    assert "There is no Vimeo access token" in (suite.home / "temp" / "kept" / "logs" / "videos.log").read_text()
    assert re.search(r"Videos +failed: not ready", kept.stdout)
    assert list((tmp_path / "kept" / "es" / "output" / "10").glob("*.png"))
    assert "stopped" not in suite.sessions()
    assert not (tmp_path / "stopped").exists()


# --- Signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_part_whose_build_was_killed_ends_its_browsers_and_itself(suite, stand_in, own_tmp, tmp_path):
    stand_in.presenter.picture_delay = 0.4
    stand_in.presenter.short_course = 6
    suite.environment["TMPDIR"] = str(own_tmp)
    process = suite.start(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos", *QUICK)
    wait_until(lambda: list((tmp_path / "es" / "10").glob("*.png")), process)
    process.kill()
    process.wait()

    wait_until(lambda: not processes_of(own_tmp))
    # In order: no profile of a browser is left either.
    assert left_over(own_tmp) == ([], [])
    process.communicate()


@pytest.mark.browser
def test_a_part_that_is_killed_leaves_no_browsers(suite, stand_in, own_tmp, tmp_path):
    stand_in.presenter.picture_delay = 0.4
    suite.environment["TMPDIR"] = str(own_tmp)
    process = suite.start(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos", *QUICK, "--session-id", "one")
    wait_until(lambda: list((tmp_path / "es" / "10").glob("*.png")), process)
    (part,) = (pid for pid, line in processes_of(own_tmp).items() if f"{sys.executable} {PARTS[3]}" in line)
    os.kill(part, signal.SIGKILL)
    process.communicate(timeout=60)

    assert process.returncode == 1
    assert statuses(suite, "one")[2] == "failed"
    assert left_over(own_tmp) == ([], [])


@signals_needed
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_build_says_interrupted_and_ends_with_the_signals_code(number, suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    process = suite.start(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", "--session-id", "one")
    wait_until(lambda: list((tmp_path / "es" / "videos").glob(".*.part")), process)
    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == 128 + number
    assert statuses(suite, "one")[1] == "interrupted"


# --- One voice in all six scripts -------------------------------------------------------------------------------------


def failing(script, suite, folder):
    """Return the command of a script that fails because of its folder, whose name is Cyrillic."""
    place = folder / "пакеты"
    place.touch()
    flags = {1: ("-l", "es", "-f"), BUILD: ("-y", "-l", "es", "-f")}.get(
        script, ("--language-code", "es", "--project-path")
    )
    return suite.command(script, *flags, place)


@pytest.mark.parametrize("script", [*PARTS, BUILD], ids=str)
@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM", None])
def test_an_error_looks_the_same_in_every_script(script, variable, suite, tmp_path):
    setting = {variable: "dumb" if variable == "TERM" else "1"} if variable else {}
    kind = setting.pop("TERM", "xterm")
    with Terminal(failing(script, suite, tmp_path), {**suite.environment, **setting}, tmp_path, kind=kind) as terminal:
        assert terminal.wait(30) == 1
    assert re.search(r"^(Error: .*)\n  \S.*$", terminal.screen, re.MULTILINE)
    assert ("\x1b[1;31mError: " in terminal.raw) == (variable is None)


@pytest.mark.parametrize("script", [*PARTS, BUILD], ids=str)
def test_every_script_says_what_a_stream_cannot_take_in_other_letters(script, suite, tmp_path):
    command = failing(script, suite, tmp_path)
    environment = {**suite.environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    assert done.returncode == 1
    assert b"??????" in done.stderr
    assert b"Traceback" not in done.stderr


# --- Many languages ---------------------------------------------------------------------------------------------------


def readme_commands(program):
    """Return the lines of the README's shell blocks that begin with or pipe into a program."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if re.search(rf"^{program} |\| {program} ", line)]


@pytest.mark.parametrize("program", ["xargs", "parallel"])
def test_the_commands_of_the_readme_build_several_languages(program, suite, tmp_path):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    lines = readme_commands(program)
    assert lines
    for line in lines:
        quick = line.replace(".venv/bin/python build.py", f"{sys.executable} {BUILD} --skip videos,slides,rename")
        done = suite.call(["bash", "-c", quick.replace("~/packages", str(tmp_path / "packages"))], tmp_path)
        assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "packages").iterdir()} == {"es", "fr", "hi", "ar"}
    assert {state["language_code"] for state in suite.sessions().values()} == {"es", "fr", "hi", "ar"}
