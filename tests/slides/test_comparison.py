"""When something global has changed: a few slides are taken anew and compared, and decide for all the others."""

from __future__ import annotations

from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from common.errors import RemoteError
from course.curricula import Curriculum
from demo.presenter import ALL_ICONS
from presenting import (  # noqa: F401 - fixtures
    INTENSIVE,
    TEN,
    edit_manifest,
    project,
    run,
    site,
    started,
    taken,
)
from slide_files import manifest_of, statuses
from slides import comparison, global_files
from slides.browser_pool import BrowserPool
from slides.chrome import Tools
from slides.scope import Scope

OTHER_CAPTURE = 99
TOOLS = Tools("/usr/bin/browser", "156.0.1", "/usr/bin/driver", "156.0.1", "a test")


@pytest.fixture
def built(site, run, taken):
    """A package of a short course whose pictures are all of today."""
    site.presenter.short_course = 3
    run = partial(run, tools=TOOLS)
    run(TEN, INTENSIVE)
    taken()
    return run


def pretend(project, *curricula: Curriculum, **changes) -> None:
    """Let manifests say that their pictures were taken in another global state."""
    for curriculum in curricula or (TEN, INTENSIVE):
        edit_manifest(project, lambda content: content["global_state"].update(changes), curriculum)


def state_of(project, curriculum: Curriculum = TEN) -> dict | None:
    return manifest_of(project.path, curriculum)["global_state"]


def types_of(project, *curricula: Curriculum) -> set[str]:
    return {slide["type"] for each in curricula for slide in manifest_of(project.path, each)["slides"]}


def repaint(project, key: str, pixels: int, by: int, curriculum: Curriculum = TEN) -> None:
    """Change some pixels of a slide's picture a little."""
    [slide] = [slide for slide in manifest_of(project.path, curriculum)["slides"] if slide["key"] == key]
    path = project.path / curriculum.folder / slide["file"]
    with Image.open(path) as image:
        changed = image.convert("RGB")
    for x in range(pixels):
        red, green, blue = changed.getpixel((x, 0))
        changed.putpixel((x, 0), (red - by if red >= by else red + by, green, blue))
    content = BytesIO()
    changed.save(content, "PNG")
    path.write_bytes(content.getvalue())


def sample_keys(project, *curricula: Curriculum) -> list[str]:
    """Return the keys of the first slide of each type, in alphabetical order."""
    first: dict[str, str] = {}
    for each in curricula:
        for slide in manifest_of(project.path, each)["slides"]:
            first.setdefault(slide["type"], slide["key"])
    return sorted(first.values())


# ---- the state ----


def test_a_first_run_records_the_global_state_of_its_pictures(built, project):
    assert state_of(project)["capture"] == 1
    assert state_of(project) == state_of(project, INTENSIVE)


def test_a_run_that_is_killed_has_recorded_the_state_in_which_it_began(site, run, project, monkeypatch):
    site.presenter.short_course = 3

    def interrupted(pool, jobs):
        raise KeyboardInterrupt

    monkeypatch.setattr(BrowserPool, "take_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(TEN)
    assert state_of(project)["capture"] == 1


def test_a_few_pictures_that_are_taken_later_do_not_change_the_state_that_is_recorded_for_all(built, project, taken):
    pretend(project, capture=OTHER_CAPTURE)
    (project.path / "10" / manifest_of(project.path)["slides"][0]["file"]).unlink()
    built(TEN, scope=Scope.MISSING)

    assert taken() == ["s1_1_1"]
    assert state_of(project)["capture"] == OTHER_CAPTURE


def test_a_run_that_takes_every_picture_records_the_state_of_today(built, project):
    pretend(project, capture=OTHER_CAPTURE)
    built(TEN)
    assert (state_of(project)["capture"], state_of(project, INTENSIVE)["capture"]) == (1, OTHER_CAPTURE)


def test_a_slide_that_fails_in_a_run_over_all_does_not_keep_the_state_from_being_recorded(built, site, project):
    pretend(project, capture=OTHER_CAPTURE)
    site.presenter.blank = {"s1_1_1"}
    built(TEN, wait=1.0)
    assert statuses(project.path)["session_1_s1_1_1"] == "failed"
    assert state_of(project)["capture"] == 1


# ---- what is compared ----


def test_one_slide_of_each_type_decides_for_all_curricula_together(built, project, taken, capsys):
    samples = sample_keys(project, TEN, INTENSIVE)
    before = {path: path.read_bytes() for path in project.path.rglob("*.png")}
    pretend(project, capture=OTHER_CAPTURE)
    capsys.readouterr()
    built(TEN, INTENSIVE, scope=Scope.CHANGED)

    keys = taken()
    assert len(keys) == len(types_of(project, TEN, INTENSIVE)) < 12
    assert keys == samples
    said = capsys.readouterr().out
    assert (
        f"This has changed since the pictures were taken: the way pictures are taken. "
        f"One slide of each type is compared: {len(keys)} pictures.\n" in said
    )
    assert "No picture looks different, so the rest stands.\n" in said
    assert {path: path.read_bytes() for path in project.path.rglob("*.png")} == before
    assert state_of(project)["capture"] == state_of(project, INTENSIVE)["capture"] == 1
    built(TEN, INTENSIVE, scope=Scope.CHANGED)
    assert taken() == []


def test_curricula_of_two_states_are_compared_each_on_its_own(built, project, taken):
    pretend(project, TEN, capture=OTHER_CAPTURE)
    pretend(project, INTENSIVE, capture=OTHER_CAPTURE + 1)
    built(TEN, INTENSIVE, scope=Scope.CHANGED)

    assert taken() == sorted(sample_keys(project, TEN) + sample_keys(project, INTENSIVE))
    assert state_of(project)["capture"] == state_of(project, INTENSIVE)["capture"] == 1


def test_pictures_without_any_recorded_state_are_compared_too(built, project, taken, capsys):
    edit_manifest(project, lambda content: content.pop("global_state"))
    built(TEN, scope=Scope.CHANGED)

    assert taken() == sample_keys(project, TEN)
    assert "No record says what the site looked like when the pictures were taken." in capsys.readouterr().out
    assert state_of(project)["capture"] == 1


def test_the_oldest_picture_of_each_type_is_compared(built, project, taken):
    """Newer ones may have been taken since the state was recorded, and say nothing of the others."""
    pretend(project, capture=OTHER_CAPTURE)

    def age(content: dict) -> None:
        for slide in content["slides"]:
            slide["taken_at"] = f"2025-01-{20 - slide['position']:02}T00:00:00+00:00"

    edit_manifest(project, age)
    newest_first = {slide["type"]: slide["key"] for slide in manifest_of(project.path)["slides"]}
    built(TEN, scope=Scope.CHANGED)
    assert taken() == sorted(newest_first.values())


def test_what_is_taken_anyway_is_not_compared(built, site, project, taken):
    pretend(project, capture=OTHER_CAPTURE)
    site.presenter.changed_texts = {"s1_1_1": "Another sentence."}
    built(TEN, scope=Scope.CHANGED)
    assert taken().count("s1_1_1") == 1
    assert state_of(project)["capture"] == 1


# ---- what it decides ----


def test_a_picture_that_looks_different_for_a_moment_decides_nothing(built, project, taken, monkeypatch):
    """A second try that is equal proves that the slide looks as it did."""
    samples = sample_keys(project, TEN)
    pretend(project, capture=OTHER_CAPTURE)
    answers = iter([False])
    real = comparison.looks_the_same
    monkeypatch.setattr(comparison, "looks_the_same", lambda *given: next(answers, None) is None and real(*given))
    built(TEN, scope=Scope.CHANGED)

    assert len(taken()) == len(samples) + 1
    assert state_of(project)["capture"] == 1


def test_one_picture_that_looks_otherwise_has_all_taken_again(built, project, taken, capsys):
    samples = sample_keys(project, TEN)
    pretend(project, capture=OTHER_CAPTURE)
    repaint(project, samples[0], pixels=1, by=1)
    capsys.readouterr()
    built(TEN, scope=Scope.CHANGED)

    assert len(taken()) == len(samples) + 1 + 6
    said = capsys.readouterr().out
    assert f"{samples[0]} looks different now: all 6 slides are taken again.\n" in said
    assert "10: 6 slides, 6 to take\n" in said
    assert state_of(project)["capture"] == 1
    built(TEN, scope=Scope.CHANGED)
    assert taken() == []


@pytest.mark.parametrize(("pixels", "by", "stands"), [(32, 4, True), (33, 4, False), (1, 5, False)])
def test_another_version_of_the_browser_may_draw_a_few_pixels_a_little_otherwise(
    built, project, taken, pixels, by, stands
):
    samples = sample_keys(project, TEN)
    pretend(project, browser="155.0.1")
    repaint(project, samples[0], pixels, by)
    built(TEN, scope=Scope.CHANGED)
    # The one that looks different is taken twice before it decides.
    assert len(taken()) == len(samples) + (0 if stands else 1 + 6)


@pytest.mark.parametrize("allow_flawed", [True, False])
def test_a_sample_that_cannot_be_taken_decides_nothing_and_spoils_no_picture(
    built, site, project, taken, capsys, allow_flawed
):
    pretend(project, capture=OTHER_CAPTURE)
    before = manifest_of(project.path)["slides"]
    samples = sample_keys(project, TEN)
    site.presenter.icon_missing = set(ALL_ICONS)
    capsys.readouterr()
    [run] = built(TEN, scope=Scope.CHANGED, wait=1.0, allow_flawed=allow_flawed)

    assert run.count("ok") == 6
    assert manifest_of(project.path)["slides"] == before
    assert state_of(project)["capture"] == OTHER_CAPTURE
    said = capsys.readouterr().err
    assert said.count("cannot be compared with its picture: icon ") == len(samples)
    assert "The next run with --only-changed tries again.\n" in said
    taken()
    site.presenter.icon_missing = frozenset()
    built(TEN, scope=Scope.CHANGED)
    assert taken() == samples
    assert state_of(project)["capture"] == 1


def test_a_text_that_changes_between_the_course_and_the_sample_is_saved_and_decides_nothing(
    built, site, project, taken
):
    pretend(project, capture=OTHER_CAPTURE)
    key = sample_keys(project, TEN)[0]
    site.presenter.changed_texts = {key: "Another sentence."}
    site.presenter.pages_before_change = 1
    [run] = built(TEN, scope=Scope.CHANGED)

    assert len(taken()) == len(sample_keys(project, TEN))
    assert set(statuses(project.path).values()) == {"ok"}
    assert state_of(project)["capture"] == OTHER_CAPTURE
    assert run.count("ok") == 6
    built(TEN, scope=Scope.CHANGED)
    assert taken()
    assert state_of(project)["capture"] == 1
    built(TEN, scope=Scope.CHANGED)
    assert taken() == []


def test_a_retake_that_is_interrupted_is_not_believed_the_next_time(built, project, taken, monkeypatch):
    samples = sample_keys(project, TEN)
    pretend(project, capture=OTHER_CAPTURE)
    # Every picture looks otherwise now.
    for slide in manifest_of(project.path)["slides"]:
        repaint(project, slide["key"], pixels=3, by=9)
    take_all = BrowserPool.take_all
    calls = []

    def stops_in_the_second(pool, jobs):
        calls.append(jobs)
        for number, result in enumerate(take_all(pool, jobs)):
            if len(calls) == 2 and number == 2:
                raise KeyboardInterrupt
            yield result

    monkeypatch.setattr(BrowserPool, "take_all", stops_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        built(TEN, scope=Scope.CHANGED)
    assert state_of(project)["capture"] == OTHER_CAPTURE
    monkeypatch.setattr(BrowserPool, "take_all", take_all)
    taken()
    built(TEN, scope=Scope.CHANGED)
    assert len(taken()) >= len(samples) + 6


def test_where_the_files_of_the_site_cannot_be_read_nothing_is_compared_and_what_changed_is_taken(
    built, site, project, taken, started, monkeypatch, capsys
):
    pretend(project, capture=OTHER_CAPTURE)

    def fails(*_, **__):
        raise RemoteError("http://a.test/main.css cannot be reached (ConnectionError).")

    with monkeypatch.context() as patch:
        patch.setattr(global_files.GlobalFiles, "state", fails)
        capsys.readouterr()
        started.clear()
        built(TEN, INTENSIVE, scope=Scope.CHANGED)
        said = capsys.readouterr()
        assert (taken(), started) == ([], [])
        assert said.err == (
            "Warning: Whether the style sheets and scripts of the site have changed cannot be found out. "
            "http://a.test/main.css cannot be reached (ConnectionError). "
            "The next run with --only-changed tries again.\n"
        )
        site.presenter.changed_texts = {"s1_1_2": "Another sentence."}
        built(TEN, scope=Scope.CHANGED)
        assert taken() == ["s1_1_2"]
        assert state_of(project)["capture"] == OTHER_CAPTURE
    built(TEN, scope=Scope.CHANGED)
    assert len(taken()) == len(types_of(project, TEN))


def test_a_run_over_all_records_what_it_finds_even_if_a_file_is_gone_for_now(built, site, project, taken):
    site.presenter.tracker = True
    built(TEN, scope=Scope.CHANGED)
    site.presenter.file_faults = {"tracker.js": 500}
    built(TEN)
    assert "unreached" in state_of(project)["scripts"]
    taken()
    built(TEN, scope=Scope.CHANGED)
    assert taken() == []


def test_a_slide_that_comes_back_is_not_believed_to_look_as_it_did(built, site, project, taken):
    site.presenter.removed_slide = "s1_1_2"
    built(TEN, scope=Scope.CHANGED)
    assert [slide["key"] for slide in manifest_of(project.path)["gone"]] == ["s1_1_2"]
    pretend(project, TEN, capture=OTHER_CAPTURE)
    built(TEN)
    taken()
    site.presenter.removed_slide = None
    built(TEN, scope=Scope.CHANGED)
    assert "s1_1_2" in taken()
