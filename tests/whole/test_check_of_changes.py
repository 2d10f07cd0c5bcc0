"""What ``--check`` says of pictures that are there: whether the site still shows what they show."""

from __future__ import annotations

import json

import pytest

from check_rows import assert_wrong
from quick_builds import BUILD, QUICK, rows_of
from suite import NOWHERE


@pytest.fixture
def check(suite, take_slides, stand_in, tmp_path):
    """Checks a package whose pictures were just taken; returns how that ended, and the rows."""
    stand_in.presenter.short_course = 3
    (tmp_path / "es").mkdir()
    place = ("--project-path", tmp_path / "es", "--language-code", "es")
    assert take_slides(*place, *QUICK[:4], *QUICK[6:]).returncode == 0

    def run(*arguments, **environment):
        command = ("-l", "es", "-f", tmp_path, "--check", "--skip", "videos", *arguments)
        done = suite.main(BUILD, *command, **environment)
        return done, rows_of(done.stdout)

    return run


def manifest(tmp_path):
    return tmp_path / "es" / "10" / "manifest.json"


def test_pictures_that_show_what_the_site_shows_are_well(check, stand_in, tmp_path):
    before = manifest(tmp_path).read_bytes()
    done, rows = check()

    assert done.returncode == 0, done.stdout
    assert rows["Changes"] == ("ok", "the site shows what the pictures show")
    assert manifest(tmp_path).read_bytes() == before


def test_slides_that_have_changed_are_named_and_so_is_what_takes_them_again(check, stand_in):
    stand_in.presenter.changed_texts = {"s1_1_1": "Otra frase.", "s1_2_2": "Y otra."}
    done, rows = check()

    assert_wrong(
        done,
        rows,
        "Changes",
        "warning",
        "10: 2 slides have changed since their pictures were taken (s1_1_1, s1_2_2): --only-changed takes them again.",
    )


def test_a_style_sheet_that_has_changed_is_told_though_no_slide_has(check, stand_in):
    stand_in.presenter.same_look_deployment = True
    done, rows = check()

    assert_wrong(
        done,
        rows,
        "Changes",
        "warning",
        "This has changed for all slides: a style sheet and a script. --only-changed finds out whether it shows.",
    )


def test_a_style_sheet_that_does_not_come_hides_no_slide_that_has_changed(check, stand_in):
    stand_in.presenter.changed_texts = {"s1_1_1": "Otra frase."}
    stand_in.presenter.file_faults = {"presenter.css": 500}
    done, rows = check()

    assert (done.returncode, rows["Changes"][0]) == (0, "warning")
    assert "10: 1 slide has changed since its picture was taken (s1_1_1)" in rows["Changes"][1]
    assert "Whether the site's style sheets and scripts have changed cannot be found out. " in rows["Changes"][1]
    assert "/static/presenter.css" in rows["Changes"][1]


def test_new_slides_are_named(check, stand_in):
    stand_in.presenter.extra_slide = True
    done, rows = check()

    assert_wrong(done, rows, "Changes", "warning", "10: 1 slide is new on the site: extra_1.")


def test_gone_slides_are_named(check, stand_in):
    stand_in.presenter.short_course = 2
    done, rows = check()

    assert_wrong(done, rows, "Changes", "warning", "10: 2 slides are gone from the site: ")


def test_pictures_of_an_older_version_are_unknown(check, tmp_path):
    content = json.loads(manifest(tmp_path).read_text(encoding="utf-8"))
    for slide in content["slides"]:
        del slide["fingerprint"]
    manifest(tmp_path).write_text(json.dumps(content), encoding="utf-8")
    done, rows = check()

    assert_wrong(done, rows, "Changes", "warning", "10: 6 pictures are unknown: no record says what the site showed")


def test_a_site_that_is_down_leaves_the_pictures_uncompared(check):
    done, rows = check(ZUME_SITE_URL=NOWHERE)

    assert rows["Changes"][0] == "warning"
    assert rows["Changes"][1].startswith("The pictures cannot be compared with the site. http://127.0.0.1:")
    assert rows["Site"][0] == "error"
    assert done.returncode == 1


def test_a_manifest_that_cannot_be_read_is_told_and_ends_nothing(check, tmp_path):
    manifest(tmp_path).write_text("{", encoding="utf-8")
    done, rows = check()

    assert_wrong(done, rows, "Changes", "warning", "manifest.json cannot be read")


def test_without_pictures_there_is_nothing_to_compare(suite, tmp_path, stand_in):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "--check", "--skip", "videos")
    assert "Changes" not in rows_of(done.stdout)
