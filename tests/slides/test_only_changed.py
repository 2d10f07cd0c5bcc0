"""``--only-changed``: what is taken anew, what stands, and what is looked at when something global has changed."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from presenting import (  # noqa: F401 - fixtures
    INTENSIVE,
    TEN,
    edit_manifest,
    pictures_by_key,
    project,
    run,
    settings,
    site,
    started,
    taken,
)
from slide_files import manifest_of, statuses
from slides.about_pictures import about_left_changed
from slides.browser_pool import BrowserPool
from slides.current import left_changed
from slides.scope import Scope


@pytest.fixture
def built(site, run, taken):
    """A package of a short course whose pictures are all of today."""
    site.presenter.short_course = 3
    run(TEN, INTENSIVE)
    taken()
    return run


# ---- what is taken ----


def test_with_nothing_changed_nothing_is_taken_and_no_browser_is_started(built, site, project, taken, started, capsys):
    before, pages = pictures_by_key(project), len(site.presenter_log.page_loads)
    capsys.readouterr()
    started.clear()
    built(TEN, INTENSIVE, scope=Scope.CHANGED)

    assert (taken(), started, pictures_by_key(project)) == ([], [], before)
    assert len(site.presenter_log.page_loads) == pages + 1
    said = capsys.readouterr()
    assert "10: 6 slides, 0 to take\n" in said.out
    assert said.err == ""


def test_with_nothing_to_take_nobody_looks_for_a_browser_or_names_one(built, capsys):
    def find_tools():
        raise AssertionError("somebody looks for a browser")

    capsys.readouterr()
    built(TEN, INTENSIVE, scope=Scope.MISSING, find_tools=find_tools)

    assert "rowser" not in capsys.readouterr().out


def test_nothing_missing_means_no_browser_for_missing_only_as_well(built, taken, started):
    started.clear()
    built(TEN, INTENSIVE, scope=Scope.MISSING)
    assert (taken(), started) == ([], [])


def test_a_slide_whose_text_has_changed_is_taken_and_no_other(built, site, project, taken):
    before = pictures_by_key(project)
    site.presenter.changed_texts = {"s1_1_2": "This sentence is another one now."}
    built(TEN, INTENSIVE, scope=Scope.CHANGED)

    assert taken() == ["s1_1_2"]
    after = pictures_by_key(project)
    assert {key for key in before if before[key] != after[key]} == {"s1_1_2"}
    built(TEN, INTENSIVE, scope=Scope.CHANGED)
    assert taken() == []


def test_missing_only_leaves_what_has_changed_and_says_so(built, site, project, taken, capsys):
    before = pictures_by_key(project)
    site.presenter.changed_texts = {"s1_1_2": "Another sentence.", "s1_2_2": "One more."}
    capsys.readouterr()
    runs = built(TEN, INTENSIVE, scope=Scope.MISSING)

    assert (taken(), pictures_by_key(project)) == ([], before)
    left = [trouble for run in runs for trouble in run.left_as_they_were]
    assert re.fullmatch(
        r"2 slides have changed on the site since their pictures were taken: s1_1_2.*, s1_2_2.* \(10\)\. "
        r"--only-changed takes them again\.",
        about_left_changed(left),
    )
    assert left_changed(project, (TEN, INTENSIVE)) == left
    built(TEN, INTENSIVE, scope=Scope.CHANGED)
    assert taken() == ["s1_1_2", "s1_2_2"]
    (run,) = built(TEN, scope=Scope.MISSING)
    assert (run.left_as_they_were, left_changed(project, (TEN, INTENSIVE))) == ([], [])
    # How the course departs from the recorded one was told when it was news.
    assert "differs from" not in capsys.readouterr().out


@pytest.mark.parametrize("status", ["failed", "flawed", "unproven", "missing"])
def test_a_picture_that_is_not_proven_good_is_taken_even_if_flawed_ones_are_kept(built, project, taken, status):
    edit_manifest(project, lambda content: content["slides"][1].update(status=status, error="some fault"))
    built(TEN, scope=Scope.CHANGED, allow_flawed=True)
    assert taken() == ["s1_1_2"]


def test_a_picture_without_a_fingerprint_is_unknown_told_and_taken(built, project, taken, capsys):
    for number in (0, 1):
        edit_manifest(project, lambda content, number=number: content["slides"][number].pop("fingerprint"))
    capsys.readouterr()
    built(TEN, scope=Scope.MISSING)
    assert taken() == []
    assert (
        "10: 2 pictures are unknown: no record says what the site showed when they were taken. "
        "--only-changed takes them again.\n" in capsys.readouterr().out
    )
    built(TEN, scope=Scope.CHANGED)
    assert taken() == ["s1_1_1", "s1_1_2"]
    built(TEN, scope=Scope.CHANGED)
    assert taken() == []


def test_a_missing_picture_is_taken_and_so_is_a_new_slide(built, site, project, taken):
    (project.path / "10" / manifest_of(project.path)["slides"][0]["file"]).unlink()
    site.presenter.extra_slide = True
    built(TEN, scope=Scope.CHANGED)

    # The progress bars of its neighbours tell how many slides there are.
    assert {"s1_1_1", "extra_1"} <= set(taken())
    assert set(statuses(project.path).values()) == {"ok"}


def test_another_size_takes_all(built, taken, project):
    edit_manifest(project, lambda content: [slide.update(width=300, height=168) for slide in content["slides"]])
    for path in (project.path / "10").glob("*.png"):
        Image.new("RGB", (300, 168), "red").save(path)
    built(TEN, scope=Scope.CHANGED)
    assert len(taken()) == 6


# ---- how many browsers ----


@pytest.mark.parametrize(
    ("pictures", "browsers"), [(None, 4), (0, 0), (1, 1), (25, 1), (26, 2), (76, 4), (615, 4)], ids=str
)
def test_a_few_pictures_start_few_browsers(monkeypatch, pictures, browsers):
    started = []
    monkeypatch.setattr(BrowserPool, "_fill_slot", lambda pool, slot: started.append(slot))
    with BrowserPool(settings(), 4) as pool:
        pool.start(pictures)
        pool.start(pictures)
        assert pool.is_started is (browsers > 0)
    assert sorted(started) == list(range(browsers))


def test_more_browsers_are_started_when_there_is_more_to_take(monkeypatch):
    started = []
    monkeypatch.setattr(BrowserPool, "_fill_slot", lambda pool, slot: started.append(slot))
    with BrowserPool(settings(), 3) as pool:
        for pictures in (16, 615, 3):
            pool.start(pictures)
    assert sorted(started) == [0, 1, 2]


# ---- after a run that was interrupted ----


@pytest.fixture
def interrupted(site, run, taken, monkeypatch):
    """Half a package of a short course: the run was interrupted when it had taken three pictures."""
    site.presenter.short_course = 3
    take_all = BrowserPool.take_all

    def stops(pool, jobs):
        yield from take_all(pool, list(jobs)[:3])
        raise KeyboardInterrupt

    monkeypatch.setattr(BrowserPool, "take_all", stops)
    with pytest.raises(KeyboardInterrupt):
        run(TEN)
    monkeypatch.setattr(BrowserPool, "take_all", take_all)
    assert taken() == ["s1_1_1", "s1_1_2", "t1_b"]
    return run


def test_a_resumed_run_takes_what_has_changed_since_it_was_interrupted(interrupted, site, taken):
    site.presenter.changed_texts = {"s1_1_2": "Another sentence."}
    interrupted(TEN, scope=Scope.CHANGED, resume=True)
    assert taken() == ["s1_1_2", "s1_2_1", "s1_2_2", "s1_2_3"]


def test_a_resumed_run_does_not_keep_what_looks_otherwise_since_it_was_interrupted(interrupted, site, project, taken):
    # Their names tell only the second.
    before = {path.read_bytes() for path in (project.path / "10").glob("*.png")}
    site.presenter.other_look = True
    interrupted(TEN, scope=Scope.CHANGED, resume=True)

    assert len(before) == 3
    assert not before & set(pictures_by_key(project).values())
    taken()
    interrupted(TEN, scope=Scope.CHANGED)
    assert taken() == []


def test_what_an_interrupted_run_could_not_record_is_recorded_by_the_one_that_goes_on(
    interrupted, site, project, taken
):
    interrupted(TEN, scope=Scope.MISSING)
    assert manifest_of(project.path)["global_state"]["assets"]
    taken()
    site.presenter.replaced_pictures = {"logo.svg"}
    interrupted(TEN, scope=Scope.CHANGED)
    assert taken()
