"""The service under load: 100,000 articles in the catalog, 55 checks a second, an edit a second, every alert to a webhook.

    python benchmarks/service.py                      ten minutes under load
    python benchmarks/service.py --minutes 2 --articles 20000
    python benchmarks/service.py --claim              only what needs no load: claiming, size, start

A hot part of the articles is due every 20 seconds and is served from loopback with validators; the rest lies in the catalog as a quiet archive does.
Half of the answers are 304; the other half has other bytes and the same text, as most pages of the web do.
Prints one figure a line with what is wanted behind it, and a curve of the memory; writes the memory of the process tree, second by second, to
service-memory.csv and .png in --out, and what the service logged to service.log.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from tracker.catalog import Catalog
from tracker.catalog.schema import articles, versions
from tracker.config import load_config

HOT, EVERY_S, HOSTS = 1100, 20, 55
STARTED: list[subprocess.Popen[bytes]] = []
WARM_EACH_S = 0.1  # between two edits of the warm-up
REST_S = 15  # by then the first round of every job is over
CONFIG = """\
[archive]
folder = "snapshots"
min_free = "100 MB"
[fetch]
allow_hosts = [{hosts}]
[schedule]
shortest = "{every}s"
longest = "{every}s"
[service]
workers = 16
listen = "127.0.0.1:{health}"
[channels.sink]
webhook = "http://127.0.0.1:{port}/sink"
[[alert]]
name = "all"
channels = ["sink"]
"""
PAGE_GB = os.sysconf("SC_PAGE_SIZE") / 1e9
STORY = (
    "A landslide above the village of Tarnfeld killed {dead} people on Monday night, the district office said.",
    "The slope gave way shortly after ten in the evening, when heavy rain had fallen for two days without a break.",
    "Some forty houses stand below the place. Most of their residents had left on the advice of the fire brigade.",
    "Rescuers with dogs searched the mud until dawn. A helicopter brought the injured to hospitals in the valley.",
    "The mayor, Ilse Kronen, said that the street to the upper hamlets would stay closed for at least a week.",
    "Geologists had warned of the slope in a report for the district that was made public in the spring.",
    "Schools in the valley stay closed until Thursday, and the railway runs buses in place of its trains.",
)


def page(number: int, edits: int, moment: int) -> bytes:
    """Write a page of some 40 kB; its text depends on the edits, its bytes on the moment too."""
    story = [paragraph.format(dead=3 + edits) for paragraph in STORY]
    story.append(
        f"This is report number {number} of our correspondents in the valley, who have been there since Monday."
    )
    noise = hashlib.sha256(f"{number}/{moment}".encode()).hexdigest()
    links = "".join(f'<li class="card"><a href="/more/{n}?t={noise[:8]}">Other story {n}</a></li>' for n in range(150))
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in story)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Landslide in Tarnfeld, report {number}</title>'
        f'<script nonce="{noise}">window.t="{noise}";{"var a=1;" * 1500}</script></head><body><nav>{links}</nav><main><article>'
        f"<h1>Landslide in Tarnfeld, report {number}</h1>{paragraphs}</article></main>"
        f'<aside class="related"><ul>{links}</ul></aside></body></html>'
    ).encode()


class Web(ThreadingHTTPServer):
    """The sites and the sink, with what they have seen."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        self.edits: dict[int, int] = {}
        self.requests = self.unmodified = 0
        self.served: dict[tuple[int, int], float] = {}  # article and edits → when a page with them was first sent
        self.told: dict[tuple[int, int], float] = {}
        super().__init__(("0.0.0.0", 0), Handler)  # all loopback addresses

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    server: Web
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        found = re.fullmatch(r"/a/(\d+)", self.path)
        if found is None:
            return self._answer(404, b"", {})
        number, web = int(found[1]), self.server
        web.requests += 1
        edits = web.edits.get(number, 0)
        body = page(number, edits, int(time.time() + number) // (2 * EVERY_S))
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            web.unmodified += 1
            return self._answer(304, b"", {"ETag": etag})
        self._answer(200, body, {"ETag": etag, "Content-Type": "text/html; charset=utf-8"})
        web.served.setdefault((number, edits), time.time())
        return None

    def do_POST(self) -> None:
        alert = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = int(alert["article"]["url"].rpartition("/")[2])
        dead = int(alert["change"]["facts"][0]["new"].split()[0])  # "4 people"
        self.server.told.setdefault((number, dead - 3), time.time())
        self._answer(204, b"", {})

    def _answer(self, status: int, body: bytes, fields: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def url_of(number: int, port: int) -> str:
    return f"http://127.0.1.{1 + number % HOSTS}:{port}/a/{number}"


def fill(catalog: Catalog, count: int, now: datetime) -> None:
    """Put a quiet archive's rows into the catalog: read once, due in days, over 500 hosts."""
    database = catalog._database
    for start in range(HOT, count, 5000):
        rows, texts = [], []
        for number in range(start, min(start + 5000, count)):
            host = f"news{number % 500}.example"
            folder = f"{host}/report-{number}-{number:08x}"
            digest = "sha256:" + hashlib.sha256(str(number).encode()).hexdigest()
            fetched, file = now - timedelta(days=5), f"{folder}/0001.warc.zst"
            due = now + timedelta(seconds=86400 + random.random() * 5 * 86400)
            rows.append(
                {
                    "id": number + 1, "url": f"https://{host}/2026/11/report-{number}", "host": host, "folder": folder, "added_at": fetched,
                    "active": True, "due_at": due, "checked_at": now, "unchanged_checks": 20, "failures": 0, "etag": f'"{digest[7:39]}"',
                    "snapshot_digest": digest, "archived_file": file, "archived_end": 19000, "latest": 1, "fingerprint": digest[7:47],
                }
            )  # fmt: skip
            texts.append(
                {
                    "article_id": number + 1, "number": 1, "snapshot_id": f"{fetched:%Y%m%d%H%M%S}", "fetched_at": fetched, "status": 200,
                    "snapshot_digest": digest, "file": file, "offset": 10000, "length": 9000, "size": 80000, "digest": digest,
                    "headline": f"Report number {number} of our correspondents in the valley", "last_seen_at": now, "updated_at": None,
                }
            )  # fmt: skip
        with database.write() as connection:
            connection.execute(insert(articles), rows)
            connection.execute(insert(versions), texts)


def time_claims(catalog: Catalog, now: datetime) -> list[float]:
    """Claim batches out of a catalog in which everything is due, as after a week of sleep."""
    later, taken = now + timedelta(days=30), []
    for _ in range(100):
        began = time.perf_counter()
        found = catalog.claim_due_articles(later, 100, timedelta(minutes=30), per_host=16)
        taken.append((time.perf_counter() - began) * 1000)
        assert len(found) == 100
    catalog.release_all()
    return taken


def tree_bytes(pid: int) -> tuple[int, int]:
    """Count the resident bytes of a process and of all below it: shared pages once for each process, and divided among them."""
    rss = pss = 0
    todo = [pid]
    while todo:
        one = todo.pop()
        try:
            fields = Path(f"/proc/{one}/smaps_rollup").read_text()
            rss += int(re.search(r"Rss: +(\d+)", fields)[1]) * 1024  # type: ignore[index]
            pss += int(re.search(r"Pss: +(\d+)", fields)[1]) * 1024  # type: ignore[index]
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
        except (OSError, TypeError):
            continue
    return rss, pss


def start(config: Path, health: int, log: Path) -> tuple[subprocess.Popen[bytes], float]:
    """Start the service; gives it with the seconds until it was well."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tracker", "--config", str(config), "run"]
    process = subprocess.Popen(command, stderr=log.open("ab"))
    STARTED.append(process)
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{health}/health", timeout=30) as answer:
                if answer.status == 200:
                    return process, time.perf_counter() - began
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)


def edit(web: Web, stop: threading.Event, each_s: float) -> None:
    """Change a casualty figure of one hot article after the other, in random order."""
    order: list[int] = []
    while not stop.wait(each_s):
        order = order or random.sample(range(HOT), HOT)
        number = order.pop()
        web.edits[number] = web.edits.get(number, 0) + 1


def sample(web: Web, pid: int, minutes: float) -> Iterator[tuple[float, float, float, int]]:
    began = time.monotonic()
    while (passed := time.monotonic() - began) < minutes * 60:
        rss, pss = tree_bytes(pid)
        yield passed, rss / 1e6, pss / 1e6, web.requests
        time.sleep(1)


def draw(rows: list[tuple[float, float, float, int]], file: Path) -> None:
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 4))
    minutes = [row[0] / 60 for row in rows]
    axes.plot(minutes, [row[1] for row in rows], label="resident, summed over processes")
    axes.plot(minutes, [row[2] for row in rows], label="shared pages divided")
    axes.set(xlabel="minutes under load", ylabel="MB", title="Memory of the service's process tree", ylim=(0, None))
    axes.legend()
    figure.savefig(file, dpi=110, bbox_inches="tight")


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def figure(name: str, value: Any, wanted: str = "") -> None:
    print(f"{name:52} {value!s:24} {wanted}".rstrip(), flush=True)


def curve(values: list[float], columns: int = 60) -> str:
    """Draw numbers from 0 up as one line of text, each column the mean of its share."""
    step = max(len(values) / columns, 1)
    parts = [
        values[int(n * step) : max(int((n + 1) * step), int(n * step) + 1)] for n in range(int(len(values) / step))
    ]
    means, most = [statistics.mean(part) for part in parts if part], max(values)
    return "".join("▁▂▃▄▅▆▇█"[min(int(mean / most * 8), 7)] for mean in means)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--articles", type=int, default=100_000, help="at least 12,000: as many are claimed at the start"
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--claim", action="store_true", help="no load")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    random.seed(6)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            return measure(Path(folder), options)
        finally:
            for process in STARTED:
                process.kill()
                process.wait()


def measure(folder: Path, options: argparse.Namespace) -> int:
    web, health = Web(), free_port()
    threading.Thread(target=web.serve_forever, daemon=True).start()
    hosts = ", ".join(f'"127.0.1.{1 + n}"' for n in range(HOSTS))
    config, log = folder / "config.toml", folder / "service.log"
    config.write_text(CONFIG.format(hosts=f'"127.0.0.1", {hosts}', every=EVERY_S, port=web.port, health=health))
    settings = load_config(config, os.environ)
    settings.archive_folder.mkdir()
    now = datetime.now(UTC)
    with Catalog.open(settings.database) as catalog:
        fill(catalog, options.articles, now)
        claims = time_claims(catalog, now)
    size = sum(file.stat().st_size for file in settings.archive_folder.glob("catalog.sqlite*"))
    figure("catalog, bytes an article at rest", f"{size / (options.articles - HOT):,.0f}", "at most 1,500")
    claimed = f"{statistics.median(claims):.1f} / {max(claims):.1f}"
    figure("claiming 100 of all due: median / worst ms", claimed, "median at most 20")
    code = at_rest(config, health, log)
    if options.claim or code:
        return code
    from tracker.cli.workspace import open_pipeline

    with open_pipeline(settings) as pipeline:
        for number in range(HOT):
            pipeline.follow(url_of(number, web.port), "article")
    return under_load(web, start(config, health, log)[0], options, log)


def at_rest(config: Path, health: int, log: Path) -> int:
    """Start the service when nothing is due, look at its memory, and stop it."""
    process, seconds = start(config, health, log)
    figure("start until it is well, s", f"{seconds:.2f}", "at most 5")
    time.sleep(REST_S)
    rss, pss = (count / 1e6 for count in tree_bytes(process.pid))
    figure("at rest, MB (shared pages divided)", f"{rss:.0f} ({pss:.0f})", "at most 200")
    process.terminate()
    return process.wait()


def warm_up(web: Web) -> None:
    """Edit every hot article once, so that what is remembered of edited articles (8 MB of dictionaries) is there before memory is looked at."""
    stop = threading.Event()
    editor = threading.Thread(target=edit, args=(web, stop, WARM_EACH_S), daemon=True)
    editor.start()
    time.sleep(HOT * WARM_EACH_S)
    stop.set()
    editor.join()
    began = time.monotonic()
    while len(web.told) < sum(web.edits.values()) and time.monotonic() - began < 300:
        time.sleep(1)
    figure(
        "warm-up: edits / told, s after the last",
        f"{sum(web.edits.values())} / {len(web.told)}, {time.monotonic() - began:.0f}",
    )


def under_load(web: Web, process: subprocess.Popen[bytes], options: argparse.Namespace, log: Path) -> int:
    warm = time.monotonic()
    while len(web.served) < HOT and time.monotonic() - warm < 600:
        time.sleep(1)
    figure("first versions of the hot articles, s", f"{time.monotonic() - warm:.0f}")
    warm_up(web)
    known = set(web.served)
    stop = threading.Event()
    threading.Thread(target=edit, args=(web, stop, 1.0), daemon=True).start()
    web.requests = web.unmodified = 0
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = list(sample(web, process.pid, options.minutes))
    stop.set()
    seen = web.requests
    figure(
        "checks a second, of which 304", f"{seen / rows[-1][0]:.1f}, {web.unmodified / max(seen, 1):.0%}", "55, half"
    )
    time.sleep(2 * EVERY_S)
    edits = {key: at for key, at in web.served.items() if key not in known}
    waited = sorted(web.told[key] - at for key, at in edits.items() if key in web.told)
    figure("edits served / told", f"{len(edits)} / {len(waited)}", "the same")
    told = (
        f"{waited[len(waited) // 2]:.2f} / {waited[int(len(waited) * 0.99)]:.2f} / {waited[-1]:.2f}"
        if waited
        else "none"
    )
    figure("response to alert in the sink: median / p99 / worst s", told, "p99 at most 5")
    rss = [row[1] for row in rows]
    thirds = [statistics.mean(part) for part in (rss[len(rss) // 3 : 2 * len(rss) // 3], rss[2 * len(rss) // 3 :])]
    middle, last = thirds
    figure("memory, MB: middle third / last third / peak", f"{middle:.0f} / {last:.0f} / {max(rss):.0f}", "no growth")
    late = rows[len(rows) // 3 :]
    slope = statistics.linear_regression([row[0] / 60 for row in late], [row[1] for row in late]).slope
    figure("memory, growth after the first third, MB a minute", f"{slope:+.2f}", "about 0")
    print(f"memory, 0 to {max(rss):.0f} MB  {curve(rss)}")
    with (options.out / "service-memory.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("seconds", "rss_mb", "pss_mb", "requests"), *rows])
    draw(rows, options.out / "service-memory.png")
    before = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    code = process.wait(30)
    figure("SIGTERM under load: exit code, s", f"{code}, {time.perf_counter() - before:.1f}", "0, at most 10")
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    figure("CPU seconds of the service", f"{ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime:.0f}")
    (options.out / "service.log").write_bytes(log.read_bytes())
    return code


if __name__ == "__main__":
    sys.exit(main())
