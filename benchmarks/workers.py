"""Many workers beside one process: the same articles, the same server, the same PostgreSQL.

    python benchmarks/workers.py                            600 articles of 50 hosts; a server that takes 20 and 200 ms; 1, 2 and 4 workers
    python benchmarks/workers.py --articles 200 --delays 200 --workers 4
    nice -n 10 python benchmarks/workers.py --rounds 1

Each round makes every article due, and lasts from then until the server has answered the last of them.  `quiet`: not modified (304); `noise`: other bytes, the same text.
One process is `tracker run`; workers are `tracker worker`, with a `tracker run` that hands out their checks.  Each has the same `[service] workers`: that many checks at a time.
What real sites cost is waiting (some 200 ms), which workers share out; reading pages costs a core, of which there are not more than the machine has.

Prints a line a round, and at last the median of each kind beside that of one process.  PostgreSQL is started for it, in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from desk import FIRE, page
from postgres import Postgres, reason_to_skip
from sqlalchemy import create_engine, update

from tracker.catalog import Catalog
from tracker.catalog.schema import articles
from tracker.url import article_folder

HOSTS = 50
CONFIG = """\
[archive]
folder = "snapshots"
min_free = "100 MB"
[catalog]
database = "{database}"
[fetch]
allow_hosts = [{hosts}]
[schedule]
shortest = "1h"
longest = "1h"
[service]
checks = "{checks}"
workers = {threads}
[log]
format = "text"
"""
TRACKER = (sys.executable, "-m", "tracker")
PAGE_TEXT = page(*FIRE * 3, furniture="\0" * 9)


class Server(ThreadingHTTPServer):
    """A site that takes its time, on every address of loopback; counts what it answered."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self) -> None:
        super().__init__(("", 0), Handler)
        self.delay_s, self.kind = 0.0, "noise"
        self.lock, self.answered, self.last_at = threading.Lock(), 0, 0.0

    def count(self) -> int:
        with self.lock:
            self.answered += 1
            self.last_at = time.monotonic()
            return self.answered


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self.answer(404, b"")
            return
        time.sleep(self.server.delay_s)
        body = PAGE_TEXT.replace("\0" * 9, f"{self.server.answered:09}").replace(
            "a warehouse", f"warehouse {self.path[1:]}"
        )
        is_same = self.server.kind == "quiet" and "If-None-Match" in self.headers
        self.answer(304 if is_same else 200, b"" if is_same else body.encode())
        self.server.count()

    def answer(self, status: int, body: bytes) -> None:
        head = f'HTTP/1.1 {status} Answer\r\nContent-Type: text/html\r\nETag: "{self.path}"\r\nContent-Length: {len(body)}\r\n\r\n'
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def tracking(folder: Path, database: str, workers: int, threads: int) -> Iterator[list[int]]:
    """Run one process (0 workers), or workers and who hands out their checks; gives their numbers."""
    hosts = ", ".join(f'"{host(number)}"' for number in range(HOSTS))
    checks = "workers" if workers else "here"
    path = folder / "config.toml"
    path.write_text(CONFIG.format(database=database, hosts=hosts, checks=checks, threads=threads))
    with (folder / f"log-{workers}").open("w") as log:
        commands = ["run", *["worker"] * workers]
        started = [subprocess.Popen([*TRACKER, "--config", path, one], stdout=log, stderr=log) for one in commands]
        try:
            yield [process.pid for process in started]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)


def cpu_s(pids: list[int]) -> float:
    """Say how long cores have worked for processes and those below them."""
    rows = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            values = path.read_text().rpartition(")")[2].split()
            rows[int(path.parent.name)] = int(values[1]), sum(map(int, values[11:15]))
    wanted, ticks = set(pids), 0
    for pid in sorted(rows):  # children have higher numbers, but for those that came around
        if pid in wanted or rows[pid][0] in wanted:
            wanted.add(pid)
            ticks += rows[pid][1]
    return ticks / os.sysconf("SC_CLK_TCK")


def host(number: int) -> str:
    return f"127.0.1.{number + 1}"


def one_round(server: Server, catalog: Catalog, database: str, count: int) -> float:
    """Make all due, and say how many were checked a second."""
    server.answered, began = 0, time.monotonic()
    now = datetime.now(UTC)
    with create_engine(database).begin() as connection:
        connection.execute(update(articles).values(due_at=now))
    while server.answered < count:
        time.sleep(0.05)
        if time.monotonic() > began + 600:
            sys.exit(f"only {server.answered} of {count} were checked in ten minutes")
    taken = server.last_at - began
    while any(article.checked_at is None or article.checked_at < now for article in catalog.articles()):
        time.sleep(0.1)
    return count / taken


def measure(server: Server, postgres: Postgres, args: argparse.Namespace, workers: int) -> dict[tuple[str, int], float]:
    database, found = postgres.new_database(), {}
    with tempfile.TemporaryDirectory() as name, Catalog.open(database) as catalog:
        for number in range(args.articles):
            url = f"http://{host(number % HOSTS)}:{server.server_port}/{number}"
            catalog.add_article(url, article_folder(url), now=datetime.now(UTC))
        server.delay_s, server.kind = 0.0, "noise"
        with tracking(Path(name), database, workers, args.threads) as pids:
            server_pid = int((postgres.folder / "data" / "postmaster.pid").read_text().split()[0])
            one_round(server, catalog, database, args.articles)  # first versions, and everything warm
            for delay in args.delays:
                for kind in ("quiet", "noise"):
                    server.delay_s, server.kind = delay / 1000, kind
                    before = cpu_s(pids), cpu_s([server_pid])
                    rates = [one_round(server, catalog, database, args.articles) for _ in range(args.rounds)]
                    found[kind, delay] = statistics.median(rates)
                    shown = "  ".join(f"{rate:6.1f}" for rate in rates)
                    each = 1000 / args.rounds / args.articles
                    ours, theirs = (cpu_s(pids) - before[0]) * each, (cpu_s([server_pid]) - before[1]) * each
                    cost = f"a check takes {ours:.1f} ms of a core, and {theirs:.1f} of PostgreSQL's"
                    print(f"{name_of(workers):>12}  {kind:5}  {delay:4} ms  {shown} checks/s; {cost}", flush=True)
    return found


def name_of(workers: int) -> str:
    return f"{workers} workers" if workers else "one process"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--delays", type=int, nargs="+", default=[20, 200], help="milliseconds that an answer takes")
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--threads", type=int, default=8, help="[service] workers of each process")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if reason := reason_to_skip():
        sys.exit(reason)
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(durable=True))
        server = Server()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(
            f"{args.articles} articles, {HOSTS} hosts, {args.threads} checks at a time in each process, {len(os.sched_getaffinity(0))} cores"
        )
        one = measure(server, postgres, args, 0)
        for workers in filter(None, args.workers):
            several = measure(server, postgres, args, workers)
            for (kind, delay), rate in several.items():
                print(
                    f"{name_of(workers)} beside one process, {kind} at {delay} ms: {rate:.1f} / {one[kind, delay]:.1f} = {rate / one[kind, delay]:.2f}"
                )


if __name__ == "__main__":
    main()
