#!/usr/bin/env python3
"""How fast part 2 is beside curl on the same files, how much memory it takes, and how little it asks.

All figures come from one run on one machine. nginx serves the files, as the CDN of Vimeo and as
the mirror, so that the server is not the limit; the API and the page of the site are a few lines
in this process. Part 2 runs as a process of its own, with all its checks: length, MD5, and whether
it is a video. What it needs to start, and to find that nothing is missing, is measured by a second
run on the same project and taken off.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.server
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNT, SIZE, WORKERS = 29, 20_000_000, 3
LINE = 20_000_000  # bytes a second for each connection
CURRICULA = ("zume10Sessions", "zume20Sessions", "zumeIntensiveSessions")
GROWING = (20_000_000, 200_000_000, 2_000_000_000)
CONFIGURATION = """
user {user};
worker_processes 2;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  sendfile on;
  default_type video/mp4;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port};
    root files;
    location /line/ {{ alias files/; limit_rate {line}; }}
    location ~ ^/mirror/en/ {{ rewrite .* /video.mp4 break; add_header x-goog-hash "md5={md5}"; }}
    location ~ ^/line/mirror/en/ {{
      rewrite .* /video.mp4 break; add_header x-goog-hash "md5={md5}"; limit_rate {line};
    }}
  }}
}}
"""


@dataclass
class Api:
    """The answers of a Vimeo that has one folder, and of a site whose course has its videos.

    Attributes:
        links: the link of each video.
        size: of each video, in bytes.
        md5: of each video, or None to announce none.
        asked: the paths that were asked for.
    """

    links: list[str] = field(default_factory=list)
    size: int = 0
    md5: str | None = None
    asked: list[str] = field(default_factory=list)

    def listing(self) -> dict[str, object]:
        """Return the folder's videos."""
        return {
            "total": len(self.links),
            "paging": {"next": None},
            "data": list(map(self._video, range(len(self.links)))),
        }

    def page(self) -> str:
        """Return the page of the presenter, as far as part 2 reads it."""
        slides = [
            {"key": f"v{number}", "type": "video", "alt_video_id": number + 1} for number in range(len(self.links))
        ]
        constants = {"jsObject": {"language": "en"}} | {name: [slides] for name in CURRICULA}
        return "".join(f"const {name} = [{json.dumps(value)}][0];" for name, value in constants.items())

    def _video(self, number: int) -> dict[str, object]:
        rendition = {"quality": "hd", "rendition": "1080p", "type": "video/mp4", "width": 1920, "height": 1080}
        download = {**rendition, "size": self.size, "md5": self.md5, "link": self.links[number]}
        return {
            "uri": f"/videos/{number + 1}",
            "name": f"({number + 1:02}) video",
            "duration": 60,
            "download": [download],
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything once and print it."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    print(f"{platform.platform()}, {os.cpu_count()} cores, {version('nginx', '-v')}, {version('curl', '--version')}")
    print(f"{COUNT} files of {SIZE / 1e6:.0f} MB, {WORKERS} at once\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files").mkdir()
        md5 = make_file(folder / "files" / "video.mp4", SIZE)
        with nginx(folder, md5) as address, vimeo() as (api, url):
            environment = {
                **{key: value for key, value in os.environ.items() if not key.startswith(("ZUME_", "VIMEO_"))},
                **{"VIMEO_API_URL": url, "VIMEO_ACCESS_TOKEN": "token", "ZUME_SITE_URL": url, "ZUME_HOME": str(folder)},
            }
            api.size, api.md5 = SIZE, md5
            for title, path in (
                (f"a line of {LINE / 1e6:.0f} MB/s for each connection", "line/"),
                ("the bare loopback", ""),
            ):
                api.links = [f"{address}/{path}video.mp4?{number}" for number in range(COUNT)]
                environment["ZUME_MIRROR_URL"] = f"{address}/{path}mirror/"
                for source in ("vimeo", "mirror"):
                    compare(f"{title}, {source}", folder, api, environment, source)
            grow(folder, api, environment, address)
    return 0


def version(program: str, flag: str) -> str:
    """Return what a program says its version is."""
    answer = subprocess.run([program, flag], capture_output=True, text=True, check=True)
    return " ".join((answer.stdout + answer.stderr).split()[:3])


@contextmanager
def nginx(folder: Path, md5: str) -> Iterator[str]:
    """Serve the folder ``files`` on 127.0.0.1; yield the address. The MD5 is that of the mirror's videos."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")
    in_base64 = base64.b64encode(bytes.fromhex(md5)).decode()
    content = CONFIGURATION.format(user=user, port=port, line=LINE, md5=in_base64)
    content = content.replace("files", str(folder / "files"))
    (folder / "nginx.conf").write_text(content, encoding="utf-8")
    process = subprocess.Popen(
        ["nginx", "-p", folder, "-c", "nginx.conf", "-g", "daemon off;"], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until something listens."""
    for _ in range(200):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("nginx does not start")


@contextmanager
def vimeo() -> Iterator[tuple[Api, str]]:
    """Serve the API; yield what it answers with, and its address."""
    api = Api()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            api.asked.append(path)
            empty = {"total": 0, "data": []}
            answer = json.dumps(api.listing() if path.endswith("/videos") else empty)
            content = (api.page() if path.endswith("/presenter") else answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield api, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def make_file(path: Path, size: int) -> str:
    """Make a file that begins as a video does, sparse, and return its MD5."""
    with path.open("wb") as file:
        file.write(b"\x00\x00\x00\x18ftypisom")
        file.truncate(size)
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def compare(title: str, folder: Path, api: Api, environment: dict[str, str], source: str) -> None:
    """Download all videos by curl and by part 2, and print how they compare."""
    by_curl = curl(folder / "curl", api.links)
    project = folder / "en"
    api.asked.clear()
    whole, memory = part_two(project, environment, source)
    asked = len(api.asked)
    api.asked.clear()
    again, _ = part_two(project, environment, source)
    by_curl = (by_curl + curl(folder / "curl", api.links)) / 2
    amount = COUNT * SIZE / 1e6
    print(f"On {title}:")
    print(f"  curl   {by_curl:6.2f} s, {amount / by_curl:5.0f} MB/s")
    print(f"  part 2 {whole - again:6.2f} s, {amount / (whole - again):5.0f} MB/s, and {again:.2f} s to start")
    print(f"  {by_curl / (whole - again):.2f} of curl's throughput; peak memory {memory} MB")
    print(f"  requests to the API and the site: {asked}, and {len(api.asked)} when everything is there\n", flush=True)
    shutil.rmtree(project)


def curl(folder: Path, links: Sequence[str]) -> float:
    """Download the links by curl, as many at once as part 2 does; return the seconds."""
    folder.mkdir()
    jobs = "".join(f"{folder / str(number)}\n{link}\n" for number, link in enumerate(links))
    start = time.perf_counter()
    command = ["xargs", "-P", str(WORKERS), "-n", "2", "curl", "--silent", "--fail", "--output"]
    subprocess.run(command, input=jobs, text=True, check=True)
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def part_two(project: Path, environment: dict[str, str], source: str) -> tuple[float, int]:
    """Run part 2; return the seconds and its peak memory in MB."""
    project.mkdir(exist_ok=True)
    command = [
        *(sys.executable, ROOT / "parts" / "2-video-download.py", "--project-path", project, "--language-code", "en"),
        *("--folder-id", "1", "--max-workers", str(WORKERS), "--video-source", source, "--allow-missing"),
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit("part 2 failed")
    return seconds, usage.ru_maxrss // 1024


def grow(folder: Path, api: Api, environment: dict[str, str], address: str) -> None:
    """Print how much memory part 2 takes as files grow."""
    for size in GROWING:
        path = folder / "files" / "growing.mp4"
        api.size, api.md5 = size, make_file(path, size)
        api.links = [f"{address}/growing.mp4"]
        seconds, memory = part_two(folder / "en", environment, "vimeo")
        print(f"one file of {size / 1e6:5.0f} MB: peak memory {memory} MB, {seconds:.1f} s")
        path.unlink()
        shutil.rmtree(folder / "en")


if __name__ == "__main__":
    raise SystemExit(main())
