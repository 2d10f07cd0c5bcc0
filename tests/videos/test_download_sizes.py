"""What a download would fetch with each quality, and where that is shown before anything is fetched."""

from __future__ import annotations

import shutil

import pytest

from builds.download_sizes import download_sizes as sizes_of_build
from builds.session import BuildSession
from common.errors import BuilderError
from common.formats import file_size
from demo.vimeo_faults import ApiError, LacksFields, QuicktimeSource
from downloads import SPANISH
from quick_builds import BUILD, rows_of
from suite import NOWHERE
from videos.download_sizes import download_sizes

GIGABYTES = 6_400_000_000


@pytest.fixture
def sizes(client):
    """Returns what a download of the three Spanish videos would fetch."""

    def look(quality="best", *names, **course):
        supply = client.supply(client.sources(*(names or ("vimeo",)), **course), quality)
        return download_sizes(supply, quality, client.project)

    return look


def of_all(client, rendition):
    """Return the bytes of a rendition of all videos in the folder."""
    return sum(client.server.find_file(video, rendition).size for video in client.server.videos_in(SPANISH))


def test_each_choice_is_told_with_its_bytes_the_largest_first(client, sizes):
    client.server.announced_original = GIGABYTES
    found = sizes()

    heights = {name: of_all(client, name) for name in ("1080p", "720p", "540p", "360p")}
    assert found.by_quality == {"best": 3 * GIGABYTES, **heights}
    assert list(found.by_quality) == ["best", "1080p", "720p", "540p", "360p"]
    assert found.unknown == dict.fromkeys(found.by_quality, 0)
    assert found.in_words.startswith("best: 19.2 GB, 1080p: 0.5 MB, ")


def test_the_originals_are_a_choice_of_their_own_where_they_are_others_than_the_best(client, sizes):
    assert "source" not in sizes().by_quality
    client.server.faults.append(QuicktimeSource())
    found = sizes()

    assert found.by_quality["source"] == of_all(client, "source")
    assert found.by_quality["best"] == of_all(client, "1080p")


def test_the_choice_that_is_made_is_told_although_no_video_has_that_height(client, sizes):
    assert sizes("480p").by_quality["480p"] == of_all(client, "360p")


def test_what_is_there_and_would_stay_does_not_count_and_begun_files_count_by_their_rest(client, sizes):
    client.fetch("720p")
    assert sizes("720p").by_quality["720p"] == 0
    assert sizes("720p").by_quality["1080p"] == of_all(client, "1080p")

    file = client.project.videos / next(client.project.videos.glob("(06)*.mp4")).name
    size = file.stat().st_size
    file.unlink()
    assert sizes("720p").by_quality["720p"] == size
    assert sizes("720p").by_quality["best"] == of_all(client, "source")


def test_a_file_whose_size_nobody_tells_is_counted_apart(client, sizes):
    client.server.faults.append(LacksFields(fields=("size",), numbers={6}))
    found = sizes("720p")

    assert found.unknown["720p"] == 1
    assert found.by_quality["720p"] == of_all(client, "720p") - client.server.find_file(client.video(6), "720p").size
    assert found.in_words.endswith(" and 1 video of unknown size")


def test_the_mirror_has_no_choice(client, sizes):
    found = sizes("720p", "mirror")

    assert found.by_quality == {"mirror": sum(len(client.mirror_content(number)) for number in (1, 6, 9))}
    assert found.name_of("720p") == "mirror"
    assert found.in_words == file_size(found.by_quality["mirror"])


def test_what_the_mirror_adds_counts_with_every_choice(client, sizes):
    client.server.numbers = {1, 6}
    found = sizes("best", "vimeo", "mirror")

    lent = len(client.mirror_content(9))
    assert found.by_quality["360p"] == of_all(client, "360p") + lent
    assert found.by_quality["best"] == of_all(client, "source") + lent


@pytest.fixture
def build(client, monkeypatch, stand_in, tmp_path):
    """A build of Spanish that has not begun."""
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    monkeypatch.setenv("VIMEO_ACCESS_TOKEN", client.server.token)
    monkeypatch.setenv("ZUME_MIRROR_URL", "")
    return BuildSession("", "es", str(tmp_path), str(tmp_path / "es"), SPANISH)


def test_a_build_is_told_what_it_would_download(build, client):
    client.server.announced_original = GIGABYTES
    found = sizes_of_build(build)

    assert found.by_quality["best"] == 3 * GIGABYTES
    assert found.by_quality["1080p"] == of_all(client, "1080p")


def test_a_build_without_videos_downloads_none_and_asks_nobody(build, client):
    build.steps["videos"].status = "skipped"

    assert sizes_of_build(build) is None
    assert client.requests("api") == []


def test_a_source_that_does_not_answer_is_an_error(build, client, monkeypatch):
    client.server.faults.append(ApiError(status=503))
    with pytest.raises(BuilderError, match="503"):
        sizes_of_build(build)
    monkeypatch.setenv("VIMEO_API_URL", NOWHERE)
    with pytest.raises(BuilderError, match="cannot be reached"):
        sizes_of_build(build)


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, "unknown size"), (40_000, "0.0 MB"), (999_949_999, "999.9 MB"), (999_950_000, "1.0 GB"), (6.4e9, "6.4 GB")],
)
def test_sizes_have_one_format(size, words):
    assert file_size(size) == words


# Where it is shown


def test_the_list_says_what_the_quality_takes_of_each_video_and_what_all_of_them_take(suite, stand_in, tmp_path):
    stand_in.vimeo.announced_original = GIGABYTES
    stand_in.vimeo.numbers = {1, 6}
    done = suite.main(2, "--list-only", "--folder-id", SPANISH)

    assert done.returncode == 0, done.stderr
    assert "--quality best" in done.stdout.splitlines()[1]
    assert "source" in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Still to download: best: 12.8 GB, 1080p: 0.3 MB, 720p: "), done.stdout


def test_the_check_says_what_each_quality_takes_and_which_one_fits(suite, stand_in, monkeypatch, tmp_path):
    stand_in.vimeo.announced_original = GIGABYTES
    command = ("-l", "es", "-f", tmp_path, "--check", "--skip", "slides")
    result, text = rows_of(suite.main(BUILD, *command).stdout)["Videos"]
    assert result == "ok"
    assert text.startswith("3 videos from Vimeo; best: 19.2 GB, 1080p: 0.5 MB, 720p: ")

    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(free=1_000_000))
    result, text = rows_of(suite.main(BUILD, *command).stdout)["Videos"]
    assert result == "error"
    assert "The disk is too small: 19.2 GB are needed, 1.0 MB are free." in text
    assert "Free space, or take what fits: --quality 1080p" in text


def test_the_check_of_a_package_that_has_its_videos_proposes_no_other_download(suite, stand_in, tmp_path):
    (tmp_path / "es").mkdir()
    assert suite.main(2, "--project-path", tmp_path / "es", "--language-code", "es").returncode == 0
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "--check", "--skip", "slides")

    assert rows_of(done.stdout)["Videos"][1].startswith("3 videos from Vimeo; nothing to download; 0.0 MB needed, ")


def test_a_download_says_before_it_begins_how_much_it_fetches(client, capsys):
    client.fetch("720p")

    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"es3 videos to download: {file_size(of_all(client, '720p'))}"
    client.fetch("720p")
    assert "to download" not in capsys.readouterr().out
