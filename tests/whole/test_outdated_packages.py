"""``build.py --outdated``: what a coordinator sees of all packages."""

from __future__ import annotations

import json
import re
import shutil
import sys

import pytest

from courses import files_below
from frozen_packages import FROZEN, PACKAGES, as_it_was, unpack
from made_packages import MadePackage
from quick_builds import BUILD
from suite import NOWHERE
from workspace.folders import Project
from workspace.lock import exclusive_build


@pytest.fixture
def packages(tmp_path, stand_in, suite, monkeypatch):
    """A folder with three packages that were just built, and this process led to the stand-ins."""
    for name, value in {**stand_in.environment(), "NO_PROXY": "127.0.0.1,localhost"}.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "packages"
    folder.mkdir()
    for code in ("ar", "es", "fr"):
        MadePackage(folder, code)
    return folder


def outdated(suite, folder, *arguments, **environment):
    return suite.main(BUILD, "--outdated", "-f", folder, *arguments, **environment)


def change(stand_in, packages, code="es"):
    """Take a picture of one package away, and let the text of another slide change for all."""
    slides = json.loads((packages / code / "10" / "manifest.json").read_text(encoding="utf-8"))["slides"]
    (packages / code / "10" / slides[0]["file"]).unlink()


def test_a_package_that_a_build_has_really_made_is_current(done, tmp_path, stand_in):
    said = outdated(done, tmp_path / "packages")

    assert (said.returncode, said.stderr) == (0, "")
    assert re.search(r"^ es +current +20\d\d-\d\d-\d\d $", said.stdout, re.MULTILINE), said.stdout
    assert said.stdout.endswith("1 package: 1 current.\n")

    slides = json.loads((tmp_path / "packages" / "es" / "10" / "manifest.json").read_text(encoding="utf-8"))["slides"]
    stand_in.presenter.changed_texts = {slides[0]["key"]: "Something else."}
    assert "1 changed" in outdated(done, tmp_path / "packages").stdout


def test_the_table_has_one_line_a_language_and_fits_eighty_columns(packages, suite, stand_in):
    change(stand_in, packages)
    stand_in.presenter.edition = "classic"
    stand_in.presenter.extra_slide = True
    stand_in.vimeo.remade_titles = {1: "(01) Anew", 6: "(06) Anew", 9: "(09) Anew"}
    settings = json.loads((packages / "es" / "package.json").read_text(encoding="utf-8"))
    (packages / "es" / "package.json").write_text(json.dumps({**settings, "decks": True}), encoding="utf-8")
    said = outdated(suite, packages)

    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[:2] for line in lines if re.match(r" (ar|es|fr) ", line)] == [
        ["ar", "outdated"],
        ["es", "incomplete"],
        ["fr", "outdated"],
    ]
    assert "…" in said.stdout


def test_details_stand_below_the_table(packages, suite, stand_in):
    change(stand_in, packages)
    stand_in.presenter.extra_slide = True
    said = outdated(suite, packages, "--verbose")

    assert re.search(r"^es: 10 sessions: missing \w+$", said.stdout, re.MULTILINE)
    assert "fr: 10 sessions: new extra_1" in said.stdout


def test_quiet_says_only_the_codes_that_a_build_can_make_better(packages, suite, stand_in):
    assert outdated(suite, packages, "--quiet").stdout == ""

    change(stand_in, packages)
    (packages / "fr" / "package.json").write_text("{", encoding="utf-8")
    said = outdated(suite, packages, "--quiet")
    assert (said.returncode, said.stdout) == (1, "es\n")
    assert said.stderr.startswith("Error: 1 package could not be looked at.\n  fr: ")


def test_json_is_one_line(packages, suite, stand_in):
    change(stand_in, packages)
    said = outdated(suite, packages, "--json", "-l", "es,ar")

    assert (said.returncode, said.stderr, said.stdout.count("\n")) == (0, "", 1)
    languages = json.loads(said.stdout)["languages"]
    assert [(each["language_code"], each["state"]) for each in languages] == [("ar", "current"), ("es", "incomplete")]
    assert languages[1]["curricula"]["ten_session"]["pictures"] == 3
    assert languages[1]["project_path"] == str(packages / "es")


def test_json_stays_one_line_with_a_site_that_is_down(packages, suite):
    said = outdated(suite, packages, "--json", "--verbose", ZUME_SITE_URL=NOWHERE)

    assert (said.returncode, said.stdout.count("\n")) == (1, 1)
    languages = json.loads(said.stdout)["languages"]
    assert {each["state"] for each in languages} == {"unknown"}
    assert all(NOWHERE in each["error"] for each in languages)
    assert all(each["curricula"]["ten_session"]["pictures"] == 4 for each in languages)


def test_with_a_site_that_is_down_no_package_is_named_for_a_build(packages, suite, stand_in):
    change(stand_in, packages)
    said = outdated(suite, packages, "--quiet", ZUME_SITE_URL=NOWHERE)

    assert (said.returncode, said.stdout) == (1, "")
    assert "3 packages could not be looked at.\n  ar, es, fr: The presenter at " in said.stderr
    assert said.stderr.count(NOWHERE) == 1


def test_the_error_of_a_site_that_gives_no_page_is_said_once(packages, suite, stand_in):
    stand_in.presenter.status = 503
    stand_in.presenter_log.clear()
    said = outdated(suite, packages, "--verbose", "-y")

    assert said.returncode == 1
    assert (said.stdout + said.stderr).count("(503)") == 1
    assert "could not be looked at:" not in said.stdout
    assert f"ar, es, fr: The site at {stand_in.site_url} gives no page." in said.stderr


def test_without_a_package_to_compare_nothing_is_said_of_comparing(tmp_path, suite):
    said = outdated(suite, tmp_path, "-l", "es")

    assert "to compare" not in said.stdout
    assert "es" in said.stderr


def test_a_package_that_is_being_built_is_marked_and_proposed_for_no_other_build(packages, suite, stand_in):
    change(stand_in, packages)
    with exclusive_build(Project(packages / "es"), "5e55104a"):
        said = outdated(suite, packages)
        quiet = outdated(suite, packages, "--quiet")

    assert re.search(r"^ ?es +incomplete +being built now; 1 picture missing", said.stdout, re.MULTILINE)
    assert "es" not in quiet.stdout.split()
    assert "es" in outdated(suite, packages, "--quiet").stdout.split()


def test_nothing_is_written_but_the_page_and_no_browser_is_looked_for(packages, suite, tmp_path):
    before = files_below(packages)
    page = tmp_path / "all.html"
    said = outdated(suite, packages, "--html", page, ZUME_CHROME="/no/browser", ZUME_CHROMEDRIVER="/no/driver")

    assert (said.returncode, said.stderr) == (0, "")
    assert f"The page: {page}" in said.stdout
    assert files_below(packages) == before
    assert "Zúme packages" in page.read_text(encoding="utf-8")
    assert list(suite.home.iterdir()) == []


@pytest.mark.parametrize("name", sorted(path.name.removesuffix(".tar.gz") for path in FROZEN.glob("*.tar.gz")))
def test_packages_of_older_versions_are_looked_at(name, tmp_path, stand_in, suite):
    unpack(name, tmp_path / "old")
    as_it_was(stand_in)
    if sys.platform == "win32":  # where no lock file stays when its lock is let go
        for lock in (tmp_path / "old").rglob("*.lock"):
            lock.unlink()
    before = files_below(tmp_path / "old")
    said = outdated(suite, tmp_path / "old" / PACKAGES, "--json")

    assert (said.returncode, said.stderr) == (0, "")
    (language,) = json.loads(said.stdout)["languages"]
    assert (language["state"], language["curricula"]["ten_session"]["unknown"]) == ("outdated", 2)
    assert language["built_at"].startswith("20")
    assert language["size"] > 100_000
    assert language["videos"] == {"expected": 1, "there": 1, "missing": [], "replaced": [], "mirror": []}
    assert files_below(tmp_path / "old") == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-f", "{folder}/none"], 1, "none does not exist."),
        (["-f", "{folder}/empty"], 1, "There is no package in "),
        (["-f", "{folder}/packages/es"], 1, "es is itself a package."),
        ([], 2, "No folder is given."),
        (["-f", "{folder}/packages", "-l", "../es"], 2, "is not a language code."),
        (["-f", "{folder}/packages", "-l", ","], 2, "No language is given."),
        (["-f", "{folder}/packages", "--html", "{folder}"], 2, "is a folder."),
        (["-f", "{folder}/packages", "--html", "{folder}/none/all.html"], 2, "There is no folder"),
        (["-f", "{folder}/packages", "--html", "{folder}/packages/es/10/all.html"], 2, "would lie in the package "),
        (["-f", "{folder}/packages", "--video-source", "vimeo"], 1, "There is no Vimeo access token"),
    ],
)
def test_what_cannot_be_is_told_in_a_plain_sentence(arguments, code, message, tmp_path, lone_suite):
    for folder in ("empty", "packages/es/10"):
        (tmp_path / folder).mkdir(parents=True)
    said = lone_suite.main(BUILD, "--outdated", *(each.format(folder=tmp_path) for each in arguments))

    assert (said.returncode, message in said.stderr) == (code, True), said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--html", "all.html"],
        *(
            ["--outdated", *more]
            for more in (["--check"], ["--resume"], ["--demo"], ["--decks"], ["-c", "ten_session"])
        ),
        ["--outdated", "--skip", "videos"],
        ["--outdated", "--quality", "720p"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_beside_each_other_are_refused(arguments, lone_suite):
    said = lone_suite.main(BUILD, *arguments)
    assert said.returncode == 2
    assert "is only for --outdated." in said.stderr or "cannot be given together with" in said.stderr

    said = lone_suite.main(BUILD, *arguments, "--json")
    assert json.loads(said.stdout) == {"exit_code": 2, "error": "The command line is wrong."}


def test_a_folder_that_is_only_half_built_is_looked_at(packages, suite):
    shutil.rmtree(packages / "ar" / "output")
    for path in (packages / "ar" / "20").iterdir():
        path.unlink()
    (packages / "fr" / "videos" / "download_results.json").unlink()
    said = outdated(suite, packages, "--json")

    found = {each["language_code"]: each for each in json.loads(said.stdout)["languages"]}
    assert (said.returncode, found["ar"]["state"]) == (0, "incomplete")
    assert len(found["ar"]["curricula"]["twenty_session"]["missing"]) > 0
