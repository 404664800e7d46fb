"""The service is killed again and again, and told to stop, while pages change and channels fail: nothing is lost, and what comes twice has the same key."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from desk import FIRE, Desk, page
from servers import Site

KILLS = int(os.environ.get("TRACKER_KILLS", "300"))
ARTICLES = 60
CONFIG = """\
[service]
dispatch_every = "0.2s"
deliver_every = "0.2s"
[schedule]
shortest = "1s"
longest = "1s"
jitter = 0.0
[channels.sink]
webhook = "{sink}"
[[alert]]
name = "all"
channels = ["sink"]
verdict = ["substantive", "minor", "cosmetic"]
importance = 0
"""


class Sink(ThreadingHTTPServer):
    """A webhook that refuses three messages of ten, and remembers what it accepted."""

    daemon_threads = True

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str, int]] = []  # key, path of the article, its dead
        self.refused = 0
        self.fails = 0.3
        self.random = random.Random(7)
        super().__init__(("127.0.0.1", 0), _Taking)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def told(self) -> set[tuple[str, int]]:
        return {(path, dead) for _, path, dead in self.accepted}


class _Taking(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        time.sleep(0.05 * self.server.random.random())
        if self.server.random.random() < self.server.fails:
            self.server.refused += 1
            self.send_response(503)
        else:
            alert = json.loads(body)
            dead = int(alert["change"]["facts"][0]["new"].split()[0])  # "13 people"
            path = urlsplit(alert["article"]["url"]).path
            self.server.accepted.append((self.headers["Idempotency-Key"], path, dead))
            self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by http.server
        """Say nothing."""


class Editor:
    """Raises the number of the dead in one article after the other, each once its last change was told."""

    def __init__(self, site: Site, sink: Sink) -> None:
        self.site, self.sink = site, sink
        self.dead = dict.fromkeys((f"/fire/{number}" for number in range(ARTICLES)), 12)
        self.edits = 0
        for path in self.dead:
            self._publish(path)

    def edit(self) -> None:
        told = self.sink.told()
        free = [path for path, dead in self.dead.items() if dead == 12 or (path, dead) in told]
        for path in random.sample(free, min(3, len(free))):
            self.dead[path] += 1
            self.edits += 1
            self._publish(path)

    def _publish(self, path: str) -> None:
        story = [paragraph.replace("killed 12 people", f"killed {self.dead[path]} people") for paragraph in FIRE]
        body = page(*story, headline=f"Fire in hall {path.rpartition('/')[2]}")
        self.site.publishes(path, body, etag=f'"{self.dead[path]}"')


@pytest.fixture
def sink():
    with Sink() as found:
        yield found
        found.shutdown()


def follow(desk: Desk, site: Site, paths: list[str]) -> None:
    desk.run("watch", "--as", "article", *(site.url(path) for path in paths))
    ended = desk.run("check", "--all")
    assert ended.code == 0, ended.err


def start(desk: Desk, mark: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tracker", "--config", str(desk.folder / "config.toml"), "run"]
    with (desk.folder / "service.log").open("ab") as log:
        return subprocess.Popen(command, stderr=log, env={**os.environ, "TRACKER_TEST_MARK": mark})


def has_begun(desk: Desk, process: subprocess.Popen[bytes]) -> bool:
    """Say whether a service is at work: it takes the archive's lock in its own name just before."""
    with contextlib.suppress(OSError):
        return f"(process {process.pid} " in (desk.folder / "snapshots" / "tracker.lock").read_text()
    return False


def left_over(mark: str) -> list[str]:
    """List the processes that were started for a service with this mark."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in place.read_bytes():
                found.append(place.parent.name)
        except OSError:
            continue
    return found


def until(met, within_s: float) -> None:
    end = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def deliver_all(desk: Desk, editor: Editor) -> None:
    """Check and deliver, hours later, until the outbox is empty."""
    editor.sink.fails = 0.0
    for hours in range(1, 8):
        with desk.opened(timedelta(hours=hours)) as pipeline:
            for article in pipeline.catalog.articles():
                pipeline.check(article)
            while any(
                pipeline.deliver(one)
                for channel in pipeline.catalog.due_channels(pipeline.clock())
                for one in pipeline.claim_deliveries(channel, 100)
            ):
                pass
            if not pipeline.catalog.count_deliveries()["waiting"]:
                return


def assert_nothing_is_lost(desk: Desk, site: Site, editor: Editor) -> None:
    expected = {(path, n) for path, dead in editor.dead.items() for n in range(13, dead + 1)}
    accepted = editor.sink.accepted
    keys = {(path, dead): {key for key, *rest in accepted if tuple(rest) == (path, dead)} for path, dead in expected}

    assert editor.sink.told() == expected
    assert {len(found) for found in keys.values()} <= {1}
    assert len({key for found in keys.values() for key in found}) == len(expected)
    with desk.opened() as pipeline:
        for path, dead in editor.dead.items():
            article = pipeline.catalog.article(site.url(path))
            captures = pipeline.archive.captures(article.folder)
            texts = [pipeline.archive.read_version(article.folder, one)[0] for one in captures]
            said = [re.search(r"killed (\d+) people", " ".join(text.paragraphs))[1] for text in texts]
            assert sorted(set(map(int, said))) == list(range(12, dead + 1))
            assert len(pipeline.catalog.versions(article.id)) == dead - 11


@pytest.mark.slow
def test_300_kills_lose_no_edit_and_no_alert(tmp_path, sink):
    desk, mark = Desk(tmp_path, config=CONFIG.format(sink=sink.url)), uuid.uuid4().hex
    lengths = random.Random(11)
    with Site() as site:
        editor = Editor(site, sink)
        follow(desk, site, list(editor.dead))
        for kill in range(KILLS):
            process = start(desk, mark)
            if kill % 10:  # one of ten is killed while it starts
                until(partial(has_begun, desk, process), 60)
            end = time.monotonic() + lengths.uniform(0.0, 4.0)
            while time.monotonic() < end:
                editor.edit()
                time.sleep(0.3)
            process.send_signal(signal.SIGKILL)
            process.wait()
        until(lambda: not left_over(mark), 20)
        deliver_all(desk, editor)

        assert_nothing_is_lost(desk, site, editor)
    twice = Counter(key for key, *_ in sink.accepted)
    log = (tmp_path / "service.log").read_text()
    sys.stdout.write(
        f"{KILLS} kills, {editor.edits} edits, {sink.refused} refused, {sum(n > 1 for n in twice.values())} told twice"
    )
    assert "because of a bug" not in log


@pytest.mark.slow
def test_sigterm_under_load_ends_within_ten_seconds_and_loses_nothing(tmp_path, sink):
    desk, mark = Desk(tmp_path, config=CONFIG.format(sink=sink.url)), uuid.uuid4().hex
    with Site() as site:
        editor = Editor(site, sink)
        follow(desk, site, list(editor.dead))
        for seconds in (1.0, 2.5, 4.0, 6.0):
            process, end = start(desk, mark), time.monotonic() + seconds
            while time.monotonic() < end:
                editor.edit()
                time.sleep(0.1)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            assert time.monotonic() - began < 10
            assert process.returncode in (0, -signal.SIGTERM)  # the latter before it had begun
        until(lambda: not left_over(mark), 10)
        deliver_all(desk, editor)

        assert_nothing_is_lost(desk, site, editor)


@pytest.mark.slow
def test_sigterm_ends_within_ten_seconds_while_another_program_holds_the_database(tmp_path, sink):
    desk, mark = Desk(tmp_path, config=CONFIG.format(sink=sink.url)), uuid.uuid4().hex
    with Site() as site:
        editor = Editor(site, sink)
        follow(desk, site, list(editor.dead))
        process = start(desk, mark)
        until(partial(has_begun, desk, process), 60)
        edit_for(editor, 3)
        with contextlib.closing(
            sqlite3.connect(tmp_path / "snapshots" / "catalog.sqlite", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            edit_for(editor, 2)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(40)
            took = time.monotonic() - began
            other.execute("ROLLBACK")
        until(lambda: not left_over(mark), 10)
        deliver_all(desk, editor)

        assert_nothing_is_lost(desk, site, editor)
    assert took < 10
    assert process.returncode == 0


def long_story(seed: int) -> list[str]:
    """1,500 paragraphs, so that comparing two of these takes a process some ten seconds."""
    words, chance = " ".join(FIRE).replace(".", "").split(), random.Random(seed)
    return [" ".join(chance.choices(words, k=40)) + f", and {chance.randint(2, 900)} were hurt." for _ in range(1500)]


@pytest.mark.slow
def test_sigterm_ends_within_ten_seconds_though_servers_channels_and_comparisons_take_longer(tmp_path):
    """Four servers and a channel that say nothing for 30 s, and three comparisons for one process."""
    with Site() as site:
        hook, quick = site.hangs("/hook"), site.publishes("/fire", page(*FIRE))
        settings = CONFIG.format(sink=hook).replace("[service]\n", "[service]\nprocesses = 1\n")
        desk, mark = Desk(tmp_path, config=settings, timeout_s=30.0), uuid.uuid4().hex
        stories = [site.publishes(f"/long/{number}", page(*long_story(number))) for number in range(3)]
        follow(desk, site, ["/fire", "/long/0", "/long/1", "/long/2"])
        desk.run("watch", "--as", "article", *(site.hangs(f"/hang/{number}") for number in range(4)))
        site.publishes("/fire", page(*(line.replace("killed 12", "killed 13") for line in FIRE)))
        site.requests.clear()
        process = start(desk, mark)
        until(lambda: "/hook" in [request.path for request in site.requests], 60)
        for number in range(3):
            site.publishes(f"/long/{number}", page(*long_story(number + 3)), etag='"2"')
        site.requests.clear()
        until(lambda: {f"/long/{number}" for number in range(3)} <= {one.path for one in site.requests}, 60)
        time.sleep(1.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        took = time.monotonic() - began
        until(lambda: not left_over(mark), 10)
        site.publishes("/hook", "")
        desk.run("unwatch", *(site.url(f"/hang/{number}") for number in range(4)))
        desk.run("check", "--all")
        with desk.opened() as pipeline:
            found = [pipeline.catalog.article(url).version.number for url in (quick, *stories)]

    assert took < 10
    assert process.returncode == 0
    assert "Traceback" not in log_of(desk)
    assert found == [2, 2, 2, 2]


# --- troubles -------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 24 MB for the archive."""
    folder = tmp_path / "snapshots"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path, leaving: int) -> Path:
    """Write another program's file until so many bytes are free."""
    ballast = folder / "another-program.log"
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while (free := shutil.disk_usage(folder).free) > leaving:
            file.write(b"x" * min(free - leaving, 65536))
    return ballast


@contextlib.contextmanager
def at_work(desk: Desk, mark: str):
    """A service that runs until the end of the block, and is stopped then."""
    process = start(desk, mark)
    try:
        until(partial(has_begun, desk, process), 60)
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def edit_for(editor: Editor, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        editor.edit()
        time.sleep(0.2)


def log_of(desk: Desk) -> str:
    return (desk.folder / "service.log").read_text()


def told_all(editor: Editor) -> bool:
    return editor.sink.told() == {(path, n) for path, dead in editor.dead.items() for n in range(13, dead + 1)}


def assert_each_came_once(sink: Sink) -> None:
    assert all(n == 1 for n in Counter(key for key, *_ in sink.accepted).values())


@pytest.mark.slow
def test_disk_that_fills_up_stops_the_fetching_before_the_writing_and_loses_nothing(tmp_path, small_disk, sink):
    desk = Desk(tmp_path, config='[archive]\nmin_free = "4 MB"\n' + CONFIG.format(sink=sink.url))
    sink.fails = 0.0
    with Site() as site:
        editor = Editor(site, sink)
        follow(desk, site, list(editor.dead))
        with at_work(desk, uuid.uuid4().hex):
            edit_for(editor, 4)
            ballast = fill(small_disk, leaving=3_000_000)
            edit_for(editor, 3)
            asked = len(site.requests)
            edit_for(editor, 3)
            asked_later = len(site.requests)
            ballast.unlink()
            until(partial(told_all, editor), 90)
        deliver_all(desk, editor)

        assert_nothing_is_lost(desk, site, editor)
    log = log_of(desk)
    assert asked_later - asked <= 8, "what was in hand"
    assert log.count("nothing is fetched, because the disk") == log.count("there is room on the disk again") == 1
    assert not re.search("cannot be written|disk is full|Traceback", log)
    assert_each_came_once(sink)


@pytest.mark.slow
def test_disk_that_is_full_all_at_once_is_waited_for_and_nothing_is_lost_or_told_twice(tmp_path, small_disk, sink):
    desk = Desk(tmp_path, config='[archive]\nmin_free = "1 kB"\n' + CONFIG.format(sink=sink.url))
    sink.fails = 0.0
    with Site() as site:
        editor = Editor(site, sink)
        follow(desk, site, list(editor.dead))
        with at_work(desk, uuid.uuid4().hex):
            edit_for(editor, 4)
            ballast = fill(small_disk, leaving=4096)
            edit_for(editor, 8)
            ballast.unlink()
            until(partial(told_all, editor), 90)
        deliver_all(desk, editor)

        assert_nothing_is_lost(desk, site, editor)
    log = log_of(desk)
    assert "disk is full" in log
    assert "Traceback" not in log
    assert_each_came_once(sink)


@pytest.mark.slow
@pytest.mark.parametrize(("wait", "locked_s"), [("?timeout=1", 8), ("", 30)], ids=["too long", "as long as we wait"])
def test_locked_database_is_waited_for_and_nothing_is_lost_or_told_twice(wait, locked_s, tmp_path, sink):
    database = tmp_path / "snapshots" / "catalog.sqlite"
    catalog = f'[catalog]\ndatabase = "sqlite:///{database}{wait}"\n'
    desk = Desk(tmp_path, config=catalog + CONFIG.format(sink=sink.url))
    sink.fails = 0.0
    with Site() as site:
        editor = Editor(site, sink)
        follow(desk, site, list(editor.dead))
        with at_work(desk, uuid.uuid4().hex):
            edit_for(editor, 4)
            with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=20)) as other:
                other.execute("BEGIN IMMEDIATE")
                edit_for(editor, locked_s)
                other.execute("ROLLBACK")
            until(partial(told_all, editor), 90)
        deliver_all(desk, editor)

        assert_nothing_is_lost(desk, site, editor)
    assert ("another program holds the database" in log_of(desk)) is bool(wait)
    assert "Traceback" not in log_of(desk)
    assert_each_came_once(sink)
