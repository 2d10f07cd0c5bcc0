"""What is global on the stand-in's page: deployments, replaced pictures, trackers and files that do not come."""

from __future__ import annotations

from collections import Counter

import pytest

from common.errors import RemoteError
from course.page import read_page
from demo.shared_files import FIXED_PICTURES
from slides.global_files import GlobalFiles
from slides.global_state import GlobalState, differences

pytestmark = pytest.mark.usefixtures("home", "quick_retries")


@pytest.fixture
def site(stand_in, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    return stand_in


def fixed(site) -> list[str]:
    """Return the addresses of the fixed pictures."""
    return [f"{site.site_url}/fixed/{'en/' if name.endswith('.png') else ''}{name}" for name in FIXED_PICTURES]


def state(site, known: GlobalState | None = None) -> GlobalState:
    page = read_page("en", [].append)
    site.presenter_log.clear()
    return GlobalFiles("156.0.1").state(page, fixed(site), "156.0.1", "", known)


def test_the_page_has_its_style_sheets_and_script_under_addresses_with_their_file_time(site):
    page = read_page("en", [].append)
    assert [file.address.rpartition("/")[2] for file in page.style_sheets] == [
        "poppins.css",
        "presenter.css?ver=1758758400",
    ]
    assert [file.address for file in page.scripts] == [f"{site.site_url}/static/presenter.js?ver=1758758400"]


def test_an_unchanged_site_costs_one_request_for_each_file(site):
    before = state(site)
    assert len(before.assets) == len(FIXED_PICTURES)
    assert differences(before, state(site, before)) == ()
    asked = Counter(path for path, _ in site.presenter_log.requests)
    assert set(asked.values()) == {1}
    assert len(asked) == 3 + len(FIXED_PICTURES)


def test_a_new_deployment_of_the_same_files_is_no_difference(site):
    before = state(site)
    site.presenter.deployment = 7
    assert differences(before, state(site, before)) == ()
    assert ("/static/presenter.css", "ver=1758758820") in site.presenter_log.requests


def test_another_look_is_a_difference(site):
    before = state(site)
    site.presenter.other_look = True
    assert differences(before, state(site, before)) == ("a style sheet",)


def test_other_files_with_the_same_look_are_a_difference(site):
    before = state(site)
    site.presenter.same_look_deployment = True
    assert differences(before, state(site, before)) == ("a style sheet", "a script")


@pytest.mark.parametrize("name", FIXED_PICTURES)
def test_a_picture_that_is_replaced_under_its_address_is_a_difference(name, site):
    before = state(site)
    site.presenter.replaced_pictures = {name}
    assert differences(before, state(site, before)) == (f"the picture {name}",)


def test_a_tracker_is_no_difference_and_costs_one_more_request(site):
    site.presenter.tracker = True
    before = state(site)
    assert differences(before, state(site, before)) == ()
    asked = Counter(path for path, _ in site.presenter_log.requests)
    assert asked.pop("/tracker.js") == 2
    assert set(asked.values()) == {1}
    site.presenter.other_look = True
    assert differences(before, state(site, before)) == ("a style sheet",)


def test_the_fonts_style_sheet_is_that_of_the_browser(site):
    import requests

    page = read_page("en", [].append)
    other = requests.get(page.style_sheets[0].address, timeout=5).text
    browser = requests.get(
        page.style_sheets[0].address,
        headers={"User-Agent": "HeadlessChrome/156.0.0.0", "Accept": "text/css,*/*;q=0.1"},
        timeout=5,
    ).content
    import hashlib

    assert state(site).styles[0] == hashlib.sha256(browser).hexdigest()
    assert other.encode() != browser


def test_a_shared_file_that_is_gone_is_a_difference(site):
    before = state(site)
    site.presenter.file_faults = {"presenter.css": 404, "logo.svg": 404}
    assert differences(before, state(site, before)) == ("a style sheet", "the picture logo.svg")


@pytest.mark.parametrize("fault", [500, "never"])
def test_a_shared_file_that_does_not_come_makes_the_state_unknown(fault, site, monkeypatch):
    from course import file_fetch

    monkeypatch.setattr(file_fetch, "_SECONDS", 0.3)
    before = state(site)
    site.presenter.file_faults = {"presenter.css": fault}
    with pytest.raises(RemoteError) as caught:
        state(site, before)
    assert "/static/presenter.css" in caught.value.message
    assert "ver=" not in caught.value.message
