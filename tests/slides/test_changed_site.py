"""A site that changes over the years, played by the stand-in: what a run takes anew, with real pictures compared."""

from __future__ import annotations

import pytest

from presenting import (  # noqa: F401 - fixtures
    INTENSIVE,
    TEN,
    edit_manifest,
    pictures_by_key,
    project,
    run,
    site,
    taken,
)
from slide_files import manifest_of, statuses
from slides.scope import Scope


@pytest.fixture
def built(site, run, taken):
    """A package of a short course whose pictures are all of today."""
    site.presenter.short_course = 3
    run(TEN, INTENSIVE)
    taken()
    return run


def number_of_samples(project) -> int:
    return len({slide["type"] for each in (TEN, INTENSIVE) for slide in manifest_of(project.path, each)["slides"]})


def update(built) -> None:
    built(TEN, INTENSIVE, scope=Scope.CHANGED)


def as_taken_anew(built, project) -> dict[str, bytes]:
    """Return what the pictures look like when the site is photographed from the beginning."""
    built(TEN)
    return pictures_by_key(project)


def assert_up_to_date(built, project, taken) -> None:
    """Check that nothing is taken any more, and that all pictures are those of the site of today."""
    taken()
    update(built)
    assert taken() == []
    now = pictures_by_key(project)
    assert now == as_taken_anew(built, project)


# ---- the course ----


def test_changed_texts(built, site, project, taken):
    before = pictures_by_key(project)
    site.presenter.changed_texts = {"s1_1_2": "Another sentence.", "t1_b": "One that is in both curricula."}
    update(built)

    assert taken() == ["s1_1_2", "t1_b", "t1_b"]
    after = pictures_by_key(project)
    assert [key for key in before if before[key] != after[key]] == ["s1_1_2", "t1_b"]
    assert_up_to_date(built, project, taken)


def test_a_slide_that_is_new(built, site, project, taken):
    before = pictures_by_key(project)
    site.presenter.extra_slide = True
    built(TEN, scope=Scope.CHANGED)

    keys = taken()
    assert "extra_1" in keys
    after = pictures_by_key(project)
    assert set(after) - set(before) == {"extra_1"}
    # Whatever else was taken shows something else now: the place in the session, for example.
    assert {key for key in before if before[key] != after[key]} == set(keys) - {"extra_1"}
    update(built)
    assert_up_to_date(built, project, taken)


def test_a_slide_that_is_gone(built, site, project, taken):
    site.presenter.removed_slide = "s1_1_2"
    update(built)

    assert [slide["key"] for slide in manifest_of(project.path)["gone"]] == ["s1_1_2"]
    assert "s1_1_2" not in pictures_by_key(project)
    assert_up_to_date(built, project, taken)


def test_another_edition(built, site, project, taken):
    site.presenter.short_course, site.presenter.short_sessions = 12, 3
    site.presenter.edition = "classic"
    built(TEN)
    before = pictures_by_key(project)
    taken()
    site.presenter.edition = "three_circles"
    built(TEN, scope=Scope.CHANGED)

    assert len(taken()) < 40
    assert manifest_of(project.path)["edition"] == "three_circles"
    after = pictures_by_key(project)
    assert {"t10_c", "t10_d"} <= set(after) - set(before)
    assert set(statuses(project.path).values()) == {"ok"}
    built(TEN, scope=Scope.CHANGED)
    assert taken() == []


def test_a_text_that_changes_between_the_course_and_the_picture(built, site, project, taken):
    site.presenter.changed_texts = {"s1_1_1": "Another sentence.", "s1_2_2": "And one more."}
    (project.path / "10" / manifest_of(project.path)["slides"][0]["file"]).unlink()
    site.presenter.pages_before_change = 1
    update(built)

    # The course was read before the change, so only the slide that was missing is taken, with its new text.
    assert taken() == ["s1_1_1"]
    update(built)
    assert taken() == ["s1_2_2"]
    assert_up_to_date(built, project, taken)


@pytest.mark.parametrize(("how", "is_another_script"), [("trailing_comma", 0), ("javascript", 0), ("absent", 1)])
def test_data_that_only_a_browser_can_read(built, site, project, taken, how, is_another_script, capsys):
    site.presenter.changed_texts = {"s1_1_2": "Another sentence."}
    site.presenter.garbled_data = how
    before = pictures_by_key(project)
    update(built)

    # Where the data stand in a script file, the page has one more script than before, which is a global change.
    assert len(taken()) == 1 + is_another_script * number_of_samples(project)
    after = pictures_by_key(project)
    assert [key for key in before if before[key] != after[key]] == ["s1_1_2"]
    assert "A browser is asked instead." in capsys.readouterr().out
    assert_up_to_date(built, project, taken)


# ---- what is global ----


def test_a_deployment_with_the_same_contents_is_not_even_looked_at(built, site, project, taken, capsys):
    site.presenter.deployment += 1
    capsys.readouterr()
    update(built)

    assert taken() == []
    assert "is compared" not in capsys.readouterr().out


def test_a_deployment_with_the_same_look_is_compared_once(built, site, project, taken, capsys):
    before = pictures_by_key(project)
    site.presenter.same_look_deployment = True
    update(built)

    assert len(taken()) == number_of_samples(project)
    assert "a style sheet and a script" in capsys.readouterr().out
    assert pictures_by_key(project) == before
    assert_up_to_date(built, project, taken)


def test_a_deployment_with_another_look_has_all_taken_again(built, site, project, taken):
    before = pictures_by_key(project)
    site.presenter.other_look = True
    update(built)

    assert len(taken()) == number_of_samples(project) + 12
    after = pictures_by_key(project)
    assert all(before[key] != after[key] for key in before)
    assert_up_to_date(built, project, taken)


@pytest.mark.parametrize("name", ["logo.svg", "video.svg", "98.png"])
def test_a_picture_that_is_replaced_under_its_address(site, run, project, taken, name, capsys):
    site.presenter.short_course, site.presenter.short_sessions = 7, 1
    run(TEN)
    before = pictures_by_key(project)
    taken()
    site.presenter.replaced_pictures = {name}
    capsys.readouterr()
    run(TEN, scope=Scope.CHANGED)

    keys = taken()
    assert f"This has changed since the pictures were taken: the picture {name}." in capsys.readouterr().out
    after = pictures_by_key(project)
    assert [key for key in before if before[key] != after[key]], "no slide shows this picture"
    # The one that looks different is taken twice before it decides.
    assert len(keys) == len(before) + len({slide["type"] for slide in manifest_of(project.path)["slides"]}) + 1
    run(TEN, scope=Scope.CHANGED)
    assert taken() == []


def test_a_tracker_that_is_another_script_each_time_is_no_change(site, run, project, taken):
    site.presenter.short_course = 3
    site.presenter.tracker = True
    run(TEN, INTENSIVE)
    taken()
    for _ in range(2):
        update(run)
        assert taken() == []
    site.presenter.same_look_deployment = True
    update(run)
    assert len(taken()) == number_of_samples(project)


@pytest.mark.parametrize("fault", [404, 500])
def test_a_shared_file_that_fails(built, site, project, taken, fault, capsys):
    """One that is gone for good is a change like another; one that fails for now leaves everything open."""
    site.presenter.tracker = True
    update(built)
    taken()
    before = manifest_of(project.path)["global_state"]
    site.presenter.file_faults = {"tracker.js": fault}
    capsys.readouterr()
    update(built)

    said = capsys.readouterr()
    if fault == 404:
        assert (len(taken()), said.err) == (number_of_samples(project), "")
        update(built)
        assert taken() == []
    else:
        assert taken() == []
        assert "tracker.js" in said.err
        assert manifest_of(project.path)["global_state"] == before


def test_the_fonts_of_the_machine(built, project, taken):
    edit_manifest(project, lambda content: content["global_state"].update(fonts="0" * 64))
    built(TEN, scope=Scope.CHANGED)
    assert len(taken()) == len({slide["type"] for slide in manifest_of(project.path)["slides"]})
    assert manifest_of(project.path)["global_state"]["fonts"] != "0" * 64
