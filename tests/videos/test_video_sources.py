"""Which video comes from which source, what is absent everywhere, and that no file gives way to a poorer one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from common.errors import BuilderError, RemoteError
from demo.mirror_faults import Missing
from demo.vimeo_faults import ApiError, CdnError, Cut, LacksFields, ListOmits, NoDownload, SourceOnly
from downloads import SPANISH
from videos import held
from videos.files import course_files
from videos.results import read_results, recorded_numbers
from videos.vimeo import NotForAccount

BOTH = ("vimeo", "mirror")


def sources_in(results):
    return {number: result.source for number, result in results.items()}


def put(project, name, content):
    (project.videos / name).write_bytes(content)


def test_what_is_not_in_the_folder_comes_from_the_mirror(client):
    client.server.numbers = {1, 6}
    sources = client.sources(*BOTH)
    supply = client.supply(sources)
    results = client.download(sources, supply)

    assert {result.number: (result.id, result.source) for result in results if result.number == 9} == {
        9: ("mirror:9", "mirror")
    }
    assert [result.source for result in results].count("vimeo") == 2
    assert client.on_disk() == {1: client.content(1), 6: client.content(6), 9: client.mirror_content(9)}
    assert "From the mirror, because Vimeo does not list them: 09." in supply.remarks
    assert supply.warnings == ()


def test_the_mirror_is_not_asked_if_vimeo_gives_all(client):
    assert set(sources_in(client.fetch_from(*BOTH)).values()) == {"vimeo"}
    assert client.mirror.log.requests == []


@pytest.mark.parametrize("shape", ["missing", "null", "empty"])
def test_what_has_no_download_link_comes_from_the_mirror_under_its_title(client, shape):
    client.server.faults.append(NoDownload(shape=shape, numbers={6}))
    client.server.titles[6] = "(06) the title"
    sources = client.sources(*BOTH)
    supply = client.supply(sources)
    client.download(sources, supply)

    assert (client.project.videos / "(06) the title.mp4").read_bytes() == client.mirror_content(6)
    [warning] = supply.warnings
    assert warning.startswith("From the mirror, because Vimeo does not give them: 06. No download link. Vimeo gives")


def test_an_account_without_downloads_gets_everything_from_the_mirror(client):
    client.server.scope = "public private"
    supply = client.supply(client.sources(*BOTH))

    assert {video.source for video in supply.videos} == {"mirror"}
    [warning] = supply.warnings
    assert "01, 06, 09. No download link. The access token lacks the scope video_files." in warning


def test_a_video_that_is_no_mp4_comes_from_the_mirror_but_not_if_the_upload_is_wanted(client):
    client.server.faults.append(SourceOnly(numbers={6}))

    assert client.fetch_from(*BOTH, quality="source")[6].source == "vimeo"
    client.project.videos.joinpath("download_results.json").unlink()
    for path in client.project.videos.glob("*.mp4"):
        path.unlink()
    assert client.fetch_from(*BOTH, quality="720p")[6].source == "mirror"


def test_somebody_who_wants_the_upload_is_told_that_there_is_none_and_gets_nothing_else(client):
    client.server.faults.append(LacksFields(fields=("link",), renditions={"source"}, numbers={6}))

    result = client.fetch_from(*BOTH, quality="source")[6]

    assert (result.source, result.status) == ("vimeo", "failed")
    assert "does not offer the source file" in result.error
    assert client.mirror.log.requests == []


@pytest.mark.parametrize("trouble", ["unknown", "empty", "no scope", "forbidden", "not known to us"])
def test_a_folder_that_vimeo_does_not_have_for_the_account_is_told_and_the_mirror_stands_in(client, trouble):
    said = {
        "unknown": "Vimeo has no folder 4711 for this account. The videos come from the site's public mirror",
        "empty": f"The Vimeo folder {SPANISH} is empty. The videos come from",
        "no scope": "The access token lacks the scope private. The videos come from",
        "forbidden": "Vimeo does not allow this: ",
        "not known to us": "No Vimeo folder is known for the language es. The videos come from",
    }
    client.server.empty_folders = {SPANISH} if trouble == "empty" else set()
    client.server.scope = "public video_files" if trouble == "no scope" else "public private video_files"
    client.server.faults += [ApiError(status=403, path="/me")] if trouble == "forbidden" else []
    folder = {"unknown": "4711", "not known to us": None}.get(trouble, SPANISH)
    sources = client.sources(*BOTH, folder=folder)

    supply = client.supply(sources)

    assert {video.source for video in supply.videos} == {"mirror"}
    assert any(warning.startswith(said[trouble]) for warning in sources.warnings), sources.warnings
    with pytest.raises(NotForAccount):
        client.sources("vimeo", folder=folder).read_folder()


@pytest.mark.parametrize(
    "fault",
    [
        ApiError(status=401),
        ApiError(status=500),
        ApiError(status=429),
        ApiError(status=403, html=True),
        ApiError(status=404, html=True),
        ApiError(status=200, html=True),
    ],
    ids=lambda fault: f"{fault.status} {'page' if fault.html else ''}",
)
def test_an_outage_or_a_refused_token_is_a_failure_and_no_reason_for_the_mirror(client, pauses, fault):
    client.server.faults.append(fault)
    with pytest.raises(RemoteError):
        client.supply(client.sources(*BOTH))
    assert client.mirror.log.requests == []


def test_a_folder_that_lists_none_of_its_videos_is_not_an_empty_one(client):
    client.server.faults.append(ListOmits())
    with pytest.raises(BuilderError, match="has 3 videos, but listed none"):
        client.supply(client.sources(*BOTH))


@pytest.mark.parametrize(
    ("names", "where"),
    [
        (("vimeo",), "not in the Vimeo folder."),
        (("mirror",), "not on the mirror (http"),
        (BOTH, "neither on Vimeo nor on the mirror (http"),
    ],
)
def test_what_no_source_has_is_named(client, names, where):
    client.mirror.numbers = {1, 6, 9}
    supply = client.supply(client.sources(*names, needed=(1, 6, 9, 33)))

    assert supply.absent == (33,)
    assert supply.why_absent.startswith(f"The course's video 33 is {where}")


def test_a_course_of_which_the_mirror_has_nothing_is_one_sentence(client):
    client.mirror.faults.append(Missing())
    supply = client.supply(client.sources("mirror"))

    assert supply.videos == ()
    assert supply.why_absent.startswith("The course's 3 videos are not on the mirror (http://localhost:")


def test_a_mirror_that_does_not_answer_stops_nothing_that_vimeo_gives(client, pauses):
    client.server.numbers = {1, 6}
    client.mirror_address = "http://127.0.0.1:2/"

    results = client.fetch_from(*BOTH)

    assert client.on_disk() == {1: client.content(1), 6: client.content(6)}
    assert (results[9].id, results[9].status) == ("mirror:9", "failed")
    assert "cannot be reached" in results[9].error
    with pytest.raises(RemoteError, match="cannot be reached"):
        client.supply(client.sources("mirror"))


# Later runs


def test_a_video_of_the_mirror_gives_way_as_soon_as_vimeos_is_whole(client):
    client.fetch_from("mirror")
    of_mirror = client.mirror_content(6)
    client.server.faults.append(NoDownload(numbers={6}))

    assert client.fetch_from(*BOTH)[6].source == "mirror"
    assert client.on_disk() == {1: client.content(1), 6: of_mirror, 9: client.content(9)}
    client.server.faults.clear()
    assert client.fetch_from(*BOTH)[6].source == "vimeo"

    assert client.on_disk() == {number: client.content(number) for number in (1, 6, 9)}
    replaced = {path.name: path.read_bytes() for path in (client.project.videos / "replaced").iterdir()}
    assert of_mirror in replaced.values()
    assert len(replaced) == 3
    assert {result.source for result in read_results(client.project).values()} == {"vimeo"}


def test_as_long_as_vimeos_video_does_not_come_the_mirrors_stays(client, pauses):
    client.fetch_from("mirror")
    client.server.faults.append(CdnError(status=400, numbers={6}))

    assert client.fetch_from(*BOTH)[6].status == "failed"

    assert client.on_disk()[6] == client.mirror_content(6)
    assert read_results(client.project)["mirror:6"].status == "success"


@pytest.mark.parametrize("names", [("mirror",), BOTH])
def test_a_video_of_vimeo_never_gives_way_to_the_mirrors(client, names):
    client.fetch()
    before = client.recorded()
    client.server.faults.append(NoDownload())
    sources = client.sources(*names)
    supply = client.supply(sources)

    assert (supply.videos, supply.held, supply.absent) == ((), (1, 6, 9), ())
    assert client.download(sources, supply) == []
    assert client.on_disk() == {number: client.content(number) for number in (1, 6, 9)}
    assert client.recorded() == before
    assert client.mirror.log.requests == []


def test_a_video_of_vimeo_that_was_cut_off_later_is_none_that_is_kept(client):
    client.fetch()
    broken = next(path for path in client.project.videos.glob("*.mp4") if path.name.startswith("(06)"))
    broken.write_bytes(client.content(6)[:100_000])

    assert client.fetch_from("mirror")[6].status == "success"

    assert client.on_disk()[6] == client.mirror_content(6)
    assert [path.read_bytes() for path in (client.project.videos / "replaced").iterdir()] == [
        client.content(6)[:100_000]
    ]


def test_a_file_that_somebody_put_there_counts_if_it_is_whole(client):
    put(client.project, "06 from a friend.mp4", client.content(6, "360p"))
    put(client.project, "09 broke off.mp4", client.content(9, "360p")[:20_000])
    put(client.project, "(01) no video.mp4", b"<html>")

    sources = client.sources("mirror")
    supply = client.supply(sources)
    client.download(sources, supply)

    assert supply.held == (6,)
    assert sorted(video.id for video in supply.videos) == ["mirror:1", "mirror:9"]
    assert (client.project.videos / "06 from a friend.mp4").read_bytes() == client.content(6, "360p")
    assert not (client.project.videos / "(06).mp4").exists()


def test_videos_of_the_old_scripts_are_kept_without_an_account(client):
    name = "(06) old.mp4"
    put(client.project, name, client.content(6, "720p"))
    old = [{"id": "1", "title": "(06) old", "status": "success", "path": f"C:\\es\\videos\\{name}", "quality": "hd"}]
    client.record.write_text(json.dumps(old), encoding="utf-8")

    assert sorted(client.fetch_from("mirror")) == [1, 9]

    assert client.on_disk()[6] == client.content(6, "720p")
    assert read_results(client.project)["1"].path == f"videos/{name}"


@pytest.mark.parametrize("names", [("vimeo",), BOTH, ("mirror",)])
def test_entries_of_the_mirror_survive_later_runs(client, names):
    client.server.numbers = {1, 6}
    client.fetch_from(*BOTH)
    entry = read_results(client.project)["mirror:9"]

    sources = client.sources(*names)
    supply = client.supply(sources)
    client.download(sources, supply)

    after = read_results(client.project)["mirror:9"]
    assert (after.path, after.md5, after.downloaded_at) == (entry.path, entry.md5, entry.downloaded_at)
    assert client.on_disk()[9] == client.mirror_content(9)
    assert supply.absent == ()


def test_a_title_that_vimeo_tells_later_gives_the_mirrors_file_its_name(client):
    client.fetch_from("mirror")
    assert (client.project.videos / "(06).mp4").exists()
    client.server.faults.append(NoDownload())
    client.server.titles[6] = "(06) the title"

    assert client.fetch_from(*BOTH)[6].status == "skipped"

    assert (client.project.videos / "(06) the title.mp4").read_bytes() == client.mirror_content(6)
    assert not (client.project.videos / "(06).mp4").exists()


def test_a_video_that_no_slide_shows_is_left_out_if_vimeo_does_not_give_it(client):
    client.server.faults.append(NoDownload(numbers={6}))
    supply = client.supply(client.sources(*BOTH, needed=(1, 9)))

    assert sorted(supply.numbers.values()) == [1, 9]
    assert supply.remarks == (
        "Left out, because Vimeo does not give them and no slide shows them: “(06) Makers, Not Takers - Español”.",
    )


def test_two_videos_of_one_number_of_which_one_can_be_downloaded_need_no_mirror(client):
    client.server.second_titles[6] = "(06) second"
    sources = client.sources(*BOTH)
    listing = sources.read_folder()
    videos = [replace(one, renditions=()) if "second" in one.title else one for one in listing.videos]
    supply = sources.supply(replace(listing, videos=tuple(videos)), {}, "best", client.project)

    assert client.mirror.log.requests == []
    assert sorted(supply.numbers.values()) == [1, 6, 9]


@pytest.mark.parametrize("names", [("mirror",), BOTH])
def test_a_video_that_the_mirror_has_lost_stays(client, names):
    client.fetch_from("mirror")
    client.server.faults.append(NoDownload(numbers={6}))
    client.mirror.faults.append(Missing(numbers={6}))

    sources = client.sources(*names)
    supply = client.supply(sources)
    results = client.download(sources, supply)

    assert (supply.held, supply.absent, supply.troubles) == ((6,), (), {})
    assert {result.status for result in results} == {"skipped"} if names == ("mirror",) else {"success"}
    assert client.on_disk()[6] == client.mirror_content(6)
    assert read_results(client.project)["mirror:6"].status == "success"


# What must not be lost


def test_a_file_that_somebody_puts_over_one_of_the_mirror_stays(client):
    client.fetch_from("mirror")
    (client.project.videos / "(06).mp4").write_bytes(client.content(6))

    assert sorted(client.fetch_from("mirror")) == [1, 9]

    assert client.on_disk()[6] == client.content(6)


def test_the_sum_in_the_record_goes_before_what_a_file_looks_like(client, monkeypatch):
    client.fetch()
    monkeypatch.setattr(held, "ends_early", lambda _: True)

    assert client.supply(client.sources("mirror")).held == (1, 6, 9)


def test_a_number_that_its_video_has_lost_is_not_held(client):
    client.fetch()
    client.server.titles[6] = "(33) another title"

    results = client.fetch_from(*BOTH, needed=(1, 6, 9, 33))

    assert sources_in(results) == {1: "vimeo", 6: "mirror", 9: "vimeo", 33: "vimeo"}
    assert client.on_disk()[6] == client.mirror_content(6)


def test_a_number_counts_as_recorded_where_vimeo_has_another_title_but_no_link_any_more(client):
    client.fetch()
    client.server.titles[6] = "(33) another title"
    client.server.faults.append(NoDownload(numbers={6}))
    client.mirror.numbers = {1, 6, 9, 33}

    sources = client.sources(*BOTH, needed=(1, 6, 9, 33))
    supply = client.supply(sources)
    client.download(sources, supply)

    assert (supply.held, supply.absent) == ((6,), ())
    assert {number: len(paths) for number, paths in course_files(client.project).claims.items()} == {
        1: 1,
        6: 1,
        9: 1,
        33: 1,
    }
    assert client.on_disk()[6] == client.content(6)


def test_a_name_that_a_video_of_vimeo_has_is_not_given_to_another_one_of_the_mirror(client):
    client.server.titles[9] = "(06)"
    client.server.numbers = {1, 9}
    ninth = str(client.video(9).id)
    client.fetch_from("vimeo", settled={9: ninth})

    results = client.fetch_from("mirror")

    assert sorted(results) == [6]
    assert (client.project.videos / "(06).mp4").read_bytes() == client.content(9)
    assert (client.project.videos / "(06) [mirror-6].mp4").read_bytes() == client.mirror_content(6)
    assert read_results(client.project)[ninth].number == 9


def test_a_subfolder_that_vimeo_forbids_is_no_reason_for_the_mirror(client):
    client.server.subfolders = {SPANISH: ["9990001"]}
    client.server.folder_languages["9990001"] = "fr"
    client.server.faults += [
        ApiError(status=403, path=f"{path}/9990001") for path in ("/me/projects", "/me/folders", "/users")
    ]
    client.server.faults += [ApiError(status=403, path="/users/9100001/projects/9990001")]
    sources = client.sources(*BOTH, recursive=True)

    with pytest.raises(RemoteError, match="does not allow this"):
        client.supply(sources)
    assert client.mirror.log.requests == []


def test_a_video_that_neither_gives_is_absent_and_may_be(client):
    client.server.faults.append(NoDownload(numbers={6}))
    client.mirror.faults.append(Missing(numbers={6}))
    supply = client.supply(client.sources(*BOTH))

    assert (supply.absent, supply.troubles) == ((6,), {})
    assert supply.why_absent.startswith("The course's video 6 is neither on Vimeo nor on the mirror")
    assert any(warning.startswith("Vimeo does not give 06: No download link.") for warning in supply.warnings)


def test_a_mirror_that_is_down_is_said_of_a_video_that_vimeo_does_not_give(client, pauses):
    client.server.faults.append(NoDownload(numbers={6}))
    client.mirror_address = "http://127.0.0.1:2/"

    results = client.fetch_from(*BOTH)

    assert "The mirror cannot be reached" in results[6].error
    assert results[1].status == results[9].status == "success"


def test_what_takes_the_place_of_a_file_is_said_as_it_is(client, capsys):
    client.fetch_from("mirror")
    client.fetch()
    said = f"Vimeo has now what came from the mirror: 01, 06, 09. The old files: {client.project.videos / 'replaced'}"
    assert capsys.readouterr().out.count(said) == 1
    sixth = next(path for path in client.project.videos.glob("*.mp4") if path.name.startswith("(06)"))
    sixth.write_bytes(client.content(6)[:100_000])

    client.fetch_from("mirror")

    assert "Video 6 comes from the mirror now. The old file, “(06) " in capsys.readouterr().out


def test_a_title_that_was_known_once_stays(client):
    client.server.titles[6] = "(06) the title"
    client.server.faults.append(NoDownload(numbers={6}))
    client.fetch_from(*BOTH)

    assert client.fetch_from("mirror")[6].title == "(06) the title"

    assert (client.project.videos / "(06) the title.mp4").exists()


@pytest.mark.parametrize(
    ("title", "name"), [("(09) six", "(06) (09) six.mp4"), ("six", "(06) six.mp4"), (" ", "(06).mp4")]
)
def test_a_file_of_the_mirror_has_its_number_in_its_name(client, title, name):
    client.server.titles[6] = title
    client.server.faults.append(NoDownload(numbers={6}))

    client.fetch_from(*BOTH, settled={6: str(client.video(6).id), 9: str(client.video(9).id)})

    assert (client.project.videos / name).read_bytes() == client.mirror_content(6)


def test_what_was_begun_from_the_mirror_goes_when_vimeos_video_is_whole(client, pauses):
    client.mirror.faults += [Cut(after=20_000, times=1), CdnError(status=400, methods={"GET"})]
    client.fetch_from("mirror", needed=(6,))
    assert list(client.project.videos.glob(".mirror-6-*.part"))

    client.fetch_from(*BOTH)

    assert not list(client.project.videos.glob(".*.part"))


def test_an_account_whose_site_video_has_no_link_keeps_the_one_that_has(client):
    client.server.second_titles[6] = "(06) second"
    sources = client.sources(*BOTH, shown_by_site={6: str(client.video(6, copy=1).id)})
    listing = sources.read_folder()
    videos = [replace(one, renditions=()) if "second" in one.title else one for one in listing.videos]

    supply = sources.supply(replace(listing, videos=tuple(videos)), {}, "best", client.project)

    assert {video.source for video in supply.videos} == {"vimeo"}
    assert any("is there more than once" in warning for warning in supply.warnings)


def test_the_record_decides_no_number_that_two_videos_have(client):
    client.server.second_titles[6] = "(06) second"
    client.fetch()

    assert 6 not in recorded_numbers(client.project)
    assert set(recorded_numbers(client.project)) == {1, 9}
