"""A build that keeps going: a step with nothing to work on is not run, and what a step lacks is told once."""

from __future__ import annotations

import json

import pytest

from builds import runner
from builds.runner import BuildRun
from builds.session import REQUIRED_STEPS, BuildSession, Step, claim_session_id, load_session
from common.errors import BuilderError
from course.curricula import CURRICULA
from courses import SHORT, TEN
from slides.current import left_changed


@pytest.fixture
def build(bare, home, monkeypatch, capsys):
    """Runs a build whose parts only print and end; returns what it said, its last sentence, and its session."""

    def run(ends, unready=None, said="Error: it is lost:\n  1 slide lacks tree.svg\n", **options):
        claim_session_id("5e55104a")
        steps = {name: Step() for name in (*REQUIRED_STEPS, "decks")}
        project = bare.project.path
        session = BuildSession(
            "5e55104a",
            "es",
            str(project.parent),
            str(project),
            None,
            steps=steps,
            options={"keep_going": True, **options},
        )
        session.save()

        def end(line, log, *_):
            name = log.stem
            log.write_text("much\n" * 30 + said, encoding="utf-8")
            code = ends.get(name, 0)
            return code() if callable(code) else code

        monkeypatch.setattr(runner, "run_logged", end)
        with pytest.raises(BuilderError) as caught:
            BuildRun(session, False, None, unready or {}).run()
        return capsys.readouterr().out, caught.value.message, load_session("5e55104a")

    return run


def rows(out):
    """Return the outcome of each step in the table."""
    lines = [line.split("  ") for line in out.splitlines() if line.startswith(" ")]
    words = [[word.strip() for word in line if word.strip()] for line in lines]
    titles = ("Setup", "Videos", "Slides", "Numbered sequences", "Decks")
    return {row[0]: row[1] for row in words if len(row) > 1 and row[0] in titles}


def test_steps_that_have_nothing_to_work_on_are_not_run_and_run_when_the_build_is_resumed(build):
    out, last, session = build({"slides": 1})

    assert rows(out) == {
        "Setup": "done",
        "Videos": "done",
        "Slides": "failed (exit code 1)",
        "Numbered sequences": "not run",
        "Decks": "not run",
    }
    assert "Decks: not run, because there is no package; not done before it: Numbered sequences." in out
    assert last == "es: These steps failed: Slides. Not run: Numbered sequences, Decks."
    assert [step.status for step in session.steps.values()] == ["done", "done", "failed", "pending", "pending"]


def test_a_step_whose_own_need_is_missing_is_not_ready_and_the_ones_after_it_are_not_run(build):
    out, _, session = build({}, unready={"slides": BuilderError("There is no browser.")})

    assert rows(out)["Slides"] == "failed: not ready"
    assert rows(out)["Numbered sequences"] == "not run"
    assert session.ahead == {"slides", "rename", "decks"}


def test_a_package_is_made_of_what_there_is_and_is_called_incomplete(build, bare):
    bare.curriculum(TEN, SHORT)
    bare.video(1)
    bare.video(6)

    def publish():
        bare.publish()
        return 1

    out, last, session = build({"slides": 1, "rename": publish})

    assert rows(out)["Numbered sequences"] == "incomplete"
    assert last == "es: These steps failed: Slides. Incomplete: Numbered sequences."
    # It is still to be done.
    assert session.steps["rename"].status == "failed"
    # Why the slides failed is said again, from the error on; what the package lacks for it is not.
    assert out.count("1 slide lacks tree.svg") == 1
    assert out.partition("The end of ")[2].splitlines()[1:3] == [
        "es:   Error: it is lost:",
        "es:     1 slide lacks tree.svg",
    ]


def test_a_part_4_that_fails_though_nothing_did_before_has_failed(build, bare):
    bare.curriculum(TEN, SHORT)

    out, last, _ = build({"rename": 1})

    assert rows(out)["Numbered sequences"] == "failed (exit code 1)"
    assert "These steps failed: Numbered sequences" in last


def test_what_stands_right_above_is_not_said_again(build):
    out, _, _ = build({"slides": 1}, keep_going=False)

    assert "The end of" not in out


@pytest.mark.parametrize("torn", [7, "x", {"a": 1}, [1, None, "nothing"]])
def test_a_torn_note_on_changed_slides_says_nothing(torn, bare):
    bare.curriculum(TEN, SHORT)
    path = bare.project.path / "10" / "manifest.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text(encoding="utf-8")), "left_changed": torn}), encoding="utf-8"
    )

    assert left_changed(bare.project, CURRICULA) == []


def test_slides_that_the_last_run_has_left_as_they_were_are_in_the_last_lines(build, bare, monkeypatch):
    bare.curriculum(TEN, SHORT)
    path = bare.project.path / "10" / "manifest.json"
    content = {**json.loads(path.read_text(encoding="utf-8")), "left_changed": [SHORT[2].name, SHORT[3].name]}
    path.write_text(json.dumps(content), encoding="utf-8")

    seen = []
    monkeypatch.setattr(runner, "warn", seen.append)
    build({"videos": 1})

    (told,) = [text for text in seen if "--only-changed" in text]
    assert told.startswith("es: 2 slides have changed on the site since their pictures were taken: ")
    assert f"{SHORT[2].key}" in told
