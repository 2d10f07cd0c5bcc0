"""``python parts/demo``: the stand-ins by themselves, as somebody starts them who tries a script by hand."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

from common.errors import BuilderError
from course.languages import find_language
from demo import __main__ as command
from suite import ROOT, Suite, clean_environment
from systems import signals_needed

FOLDER = ROOT / "parts" / "demo"


@pytest.fixture
def two_ports():
    """Two free ports in a row, each held by a socket that may be closed."""
    while True:
        first = socket.create_server(("127.0.0.1", 0))
        try:
            second = socket.create_server(("127.0.0.1", first.getsockname()[1] + 1))
            break
        except (OSError, OverflowError):
            first.close()
    yield first, second
    first.close()
    second.close()


def with_faults(*arguments):
    """Return stand-ins that are started in this process."""
    return command.stand_in(command.parse(arguments))


@signals_needed
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_they_run_at_the_given_ports_until_they_are_stopped(number, home, two_ports):
    port = two_ports[0].getsockname()[1]
    for held in two_ports:
        held.close()
    process = subprocess.Popen(
        [sys.executable, str(FOLDER), "--port", str(port), "--language", "sw"],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, process.communicate()
        said += line
    variables = dict(re.findall(r"^export (\w+)=(\S+)$", said, re.MULTILINE))
    authorization = {"Authorization": f"bearer {variables['VIMEO_ACCESS_TOKEN']}"}
    answered = [
        requests.get(f"{variables['VIMEO_API_URL']}/me", headers=authorization, timeout=10),
        requests.get(re.search(r"^Presenter: (\S+)$", said, re.MULTILINE)[1], timeout=10),
        requests.get(re.search(r"^Mirror: +(\S+)$", said, re.MULTILINE)[1], timeout=10),
    ]
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)

    assert variables["VIMEO_API_URL"] == f"http://127.0.0.1:{port}"
    assert variables["ZUME_SITE_URL"] == f"http://127.0.0.1:{port + 1}"
    assert f"{variables['ZUME_SITE_URL']}/swa/presenter" in said
    assert f"http://localhost:{port + 1}/zume-file-mirror/swa/1.mp4" in said
    assert "folder 269526 (Swahili)" in said
    assert [answer.status_code for answer in answered] == [200, 200, 200]
    assert (process.returncode, errors) == (128 + number, "")


def test_the_help_starts_nothing(monkeypatch, capsys):
    monkeypatch.setattr(command, "stand_in", lambda _: pytest.fail("the stand-ins were made"))
    with pytest.raises(SystemExit) as end:
        command.main(["--help"])

    assert end.value.code == 0
    assert "--missing-picture" in capsys.readouterr().out


@pytest.mark.parametrize("taken", [0, 1], ids=["first", "second"])
def test_a_port_that_is_taken_is_said_and_the_other_one_is_let_go(taken, two_ports, capfd):
    port = two_ports[0].getsockname()[1]
    two_ports[1 - taken].close()

    # Windows says it in one of several ways.
    why = ".+" if sys.platform == "win32" else "Address already in use"
    with pytest.raises(BuilderError, match=f"^Port {port + taken} cannot be used: {why}.$"):
        command.main(["--port", str(port)])

    assert capfd.readouterr() == ("", "")
    socket.create_server(("127.0.0.1", port + 1 - taken)).close()


def test_an_unknown_language_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["--language", "xx"])

    assert end.value.code == 2
    assert "'xx' is not a language of the course" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        (("--fail-videos", "2"), ["(01) Welcome - Español", "(02)"]),
        (("--no-downloads",), ["(01) Welcome - Español", "(02)", "(03)"]),
    ],
)
def test_videos_fail_as_asked(fault, failed, home, tmp_path):
    (tmp_path / "es").mkdir()
    with with_faults(*fault, "-l", "es") as running:
        running.vimeo.numbers = {1, 2, 3}
        suite = Suite(home, clean_environment(**running.environment()))
        arguments = ("--project-path", tmp_path / "es", "--language-code", "es", "--video-source", "vimeo")
        done = suite.part(2, *arguments, "--allow-missing")

    assert done.returncode == 1
    assert done.stderr.count("“") == len(failed)
    for title in failed:
        assert f"“{title}" in done.stderr


def test_the_api_refuses_what_is_beyond_the_rate_limit():
    with with_faults("--rate-limit", "2") as running:
        header = {"Authorization": f"bearer {running.vimeo.token}"}
        answers = [requests.get(f"{running.vimeo_url}/me", headers=header, timeout=10) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize(("arguments", "status"), [((), 200), (("--no-mirror",), 404)])
def test_the_mirror_has_no_videos_as_asked(arguments, status):
    with with_faults(*arguments) as running:
        assert requests.head(f"{running.mirror_url}es/1.mp4", timeout=10).status_code == status


@pytest.mark.parametrize(("arguments", "statuses"), [((), {200}), (("--missing-picture",), {200, 404})])
def test_a_picture_is_missing_as_asked(arguments, statuses):
    from demo.course import PICTURES

    with with_faults(*arguments) as running:
        found = [requests.get(f"{running.site_url}/pictures/{name}", timeout=10).status_code for name in PICTURES]

    assert set(found) == statuses
    assert found.count(404) == len(statuses) - 1


def test_all_that_a_slide_is_made_of_comes_late_as_asked():
    with with_faults("--slow", "0.2") as running:
        header = {"Authorization": f"bearer {running.vimeo.token}"}
        answers = [
            requests.get(f"{running.vimeo_url}/me", headers=header, timeout=10),
            *(
                requests.get(f"{running.site_url}/{path}", timeout=10)
                for path in ("pictures/tree.svg", "fonts/poppins-400.ttf")
            ),
        ]

    assert all(answer.ok and answer.elapsed.total_seconds() >= 0.2 for answer in answers)


@pytest.mark.parametrize(
    ("platform", "line"), [("linux", "export {}={}"), ("darwin", "export {}={}"), ("win32", "$env:{} = '{}'")]
)
def test_the_variables_are_printed_for_the_shell_of_the_system(platform, line, stand_in, capsys, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    command.introduce(stand_in, find_language("es"))

    said = capsys.readouterr().out.splitlines()
    assert {line.format(name, value) for name, value in stand_in.environment().items()} <= set(said)
