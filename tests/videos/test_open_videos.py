"""Videos that a player has open: Windows lets nobody replace or remove them meanwhile."""

from __future__ import annotations

from pathlib import Path

from demo.vimeo_faults import WrongBytes
from open_files import FOREVER, on_windows, refuse  # noqa: F401  (fixtures)

QUALITY = "720p"


def test_a_video_that_plays_while_its_new_content_comes_stays_and_the_download_is_used_later(client, refuse):
    old = client.fetch("360p")[6]
    path = client.file_of(old)
    left = refuse("replace", lambda source, target: source.suffix == ".part" and Path(target) == path)

    failed = client.fetch(QUALITY)[6]

    assert failed.status == "failed"
    assert f"{path} cannot be written: Permission denied. Close the video in all players" in failed.error
    assert path.read_bytes() == client.content(6, "360p")
    left[0] = 0
    client.server.log.clear()
    assert client.fetch(QUALITY)[6].status == "success"
    assert client.requests("cdn", 6) == []
    assert path.read_bytes() == client.content(6, QUALITY)


def test_an_old_file_that_plays_stays_with_a_warning_when_its_video_has_come_under_a_new_name(client, refuse, capsys):
    old = client.file_of(client.fetch("360p")[6])
    client.server.titles[6] = "(06) A new name"
    left = refuse("unlink", lambda path: path == old)

    results = client.fetch(QUALITY)

    assert results[6].status == "success"
    assert client.file_of(results[6]).read_bytes() == client.content(6, QUALITY)
    assert f"{old} is no longer used, but cannot be moved away: Permission denied" in capsys.readouterr().err
    assert left[0] < FOREVER
    assert old.read_bytes() == client.content(6, "360p")


def test_a_wrong_download_that_a_virus_scanner_looks_at_for_a_moment_comes_again(client, refuse):
    client.server.faults.append(WrongBytes(times=1, numbers={6}))
    left = refuse("unlink", lambda path: path.suffix == ".part" and path.exists(), tries=2)

    assert client.fetch(QUALITY)[6].status == "success"
    assert left == [0]
    assert client.on_disk()[6] == client.content(6, QUALITY)


def test_a_video_that_a_virus_scanner_looks_at_for_a_moment_gets_its_new_content(client, refuse):
    old = client.file_of(client.fetch("360p")[6])
    left = refuse("replace", lambda source, target: source.suffix == ".part" and Path(target) == old, tries=2)

    assert client.fetch(QUALITY)[6].status == "success"
    assert left == [0]
    assert old.read_bytes() == client.content(6, QUALITY)


def test_what_is_left_of_another_download_goes_as_soon_as_nobody_looks_at_it(client, refuse):
    first = client.fetch("360p")[6]
    partial = client.file_of(first).with_name(f".{first.id}-0123456789abcdef.part")
    partial.write_bytes(b"half")
    left = refuse("unlink", lambda path: path == partial, tries=2)

    assert client.fetch(QUALITY)[6].status == "success"
    assert (left, partial.exists()) == ([0], False)


def test_a_video_that_plays_when_its_successor_has_come_is_moved_away_by_a_later_run(client, refuse, capsys):
    old = client.file_of(client.fetch(QUALITY)[6])
    client.server.remade_titles[6] = "(06) Anew"
    left = refuse("unlink", lambda path: path == old)

    assert client.fetch(QUALITY)[6].status == "success"
    assert f"{old} is no longer used, but cannot be moved away: Permission denied" in capsys.readouterr().err
    assert old.exists()
    left[0] = 2
    client.fetch(QUALITY)
    assert not old.exists()
    assert [path.read_bytes() for path in (client.project.videos / "replaced").iterdir()] == [
        client.content(6, QUALITY)
    ]
