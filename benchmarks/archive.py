"""Measure the archive: bytes for each kept version beside other ways to keep it, and how long writing, reading and verifying take.

    python benchmarks/archive.py [--versions 50] [--no-peers]

The page is made up here: 110 kB, of which a fifth is text; each version differs from the one before in three words of the text, or in a whole sentence, and in the time of the update, eight tokens and which teasers are shown.
The text is never changed back, so the last of 50 versions is far from the first: 50 times three words, or a third of all sentences.
What the archive keeps is the page, the headers of request and response, the metadata, and the text that was read; what the others keep is the page alone.
Times are medians of the processor's time (but for the fsync and for replay on two cores), each beside what a plain `zstd` of the same page takes on the same machine, since machines differ and this may be a busy one.

Where ../shared/data (or $TRACKER_DATA) holds the raw pages of five policy documents over three years, which drift apart slowly, they are measured as well.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backports import zstd

from tracker.archive import Archive, Disk, Pruning, export_warc, verify_archive
from tracker.batch import in_order
from tracker.models import Article, Capture, Snapshot, Version
from tracker.replay import ToReplay, replay_article

START = datetime(2024, 3, 2, 6, 30, tzinfo=UTC)
FOLDER = "northdesk.example/bridge"
TEASERS = 310  # so that the page compresses as far as real ones of its size: to 19 kB with gzip
SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]


class Fast(Disk):
    """A disk that does not wait, to measure what is ours."""

    def fsync(self, descriptor: int) -> None:
        pass


def say(name: str, measured: str, wanted: str = "") -> None:
    print(f"{name:<58} {measured:>24}  {wanted}", flush=True)


# --- what is kept ---------------------------------------------------------------------------------


def words_of(chance: random.Random) -> list[str]:
    """Make a vocabulary in which some words are far more common than others."""
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(4000)]
    return chance.choices(words, weights=[1 / rank for rank in range(1, 4001)], k=60_000)


def sentence(stream: Iterator[str]) -> str:
    return " ".join(next(stream) for _ in range(22)).capitalize() + "."


def teaser(stream: Iterator[str], chance: random.Random) -> str:
    """Write a piece of furniture."""
    words = [next(stream) for _ in range(5)]
    return (
        f'<div class="teaser teaser--{chance.choice("abc")}" data-module="teaser" data-position="river">'
        f'<a class="teaser__link" href="/news/{"-".join(words[:3])}-{chance.randrange(10**5)}">'
        f'<h3 class="teaser__headline">{" ".join(words)}</h3>'
        f'<img class="teaser__image" src="/img/{chance.randrange(10**5)}.jpg" width="320" height="180" loading="lazy"></a></div>'
    )


Edit = Callable[[str, Iterator[str], random.Random], str]
"""Gives a sentence as it reads in the next version."""


def some_words(old: str, stream: Iterator[str], chance: random.Random) -> str:
    """Change three words running: a number, a place, a name."""
    words = old.split()
    at = chance.randrange(1, len(words) - 3)
    return " ".join([*words[:at], *(next(stream) for _ in range(3)), *words[at + 3 :]])


def a_sentence(_: str, stream: Iterator[str], chance: random.Random) -> str:  # noqa: ARG001
    """Write another sentence."""
    return sentence(stream)


def versions(count: int, edit: Edit = some_words) -> Iterable[tuple[bytes, list[str]]]:
    """Make the page, version after version: its bytes and its paragraphs."""
    chance = random.Random(7)
    stream = iter(words_of(chance))
    paragraphs = [[sentence(stream) for _ in range(4)] for _ in range(40)]
    furniture = [teaser(stream, chance) for _ in range(TEASERS)]
    for number in range(count):
        paragraph, at = chance.choice(paragraphs), chance.randrange(4)
        paragraph[at] = edit(paragraph[at], stream, chance)
        shown = [*furniture[:50], *chance.sample(furniture[50:60], 5), *furniture[60:]]
        nonces = "".join(f'<i data-ad="{chance.getrandbits(128):032x}"></i>' for _ in range(8))
        text = "\n".join(f'<p class="article__paragraph">{" ".join(one)}</p>' for one in paragraphs)
        page = (
            f'<!doctype html><html lang="en"><head><title>Bridge closed</title>{nonces}'
            f'<meta property="article:modified_time" content="{START + timedelta(minutes=7 * number)}"></head><body>\n'
            f"<article>\n{text}\n</article>\n" + "\n".join(shown) + "</body></html>"
        )
        yield page.encode(), [" ".join(one) for one in paragraphs]


def snapshot(number: int, body: bytes) -> Snapshot:
    at = START + timedelta(minutes=7 * number)
    return Snapshot(
        url="https://northdesk.example/bridge",
        fetched_at=at,
        status=200,
        reason="OK",
        headers=(
            ("Date", f"{at:%a, %d %b %Y %H:%M:%S GMT}"),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Cache-Control", "public, max-age=60"),
            ("ETag", f'W/"{number:08x}"'),
            ("Vary", "Accept-Encoding"),
            ("Server", "nginx"),
            ("X-Request-Id", f"{random.Random(number).getrandbits(128):032x}"),
            ("Strict-Transport-Security", "max-age=31536000"),
        ),
        body=body,
        request_headers=(("User-Agent", "tracker (mail@example.org)"), ("Accept-Encoding", "gzip, br, zstd")),
        elapsed_s=0.2 + number / 1000,
        server_address="192.0.2.7",
        certificate_sha256="ab" * 32,
    )


def version(paragraphs: list[str]) -> Version:
    return Version(headline="Bridge closed", paragraphs=tuple(paragraphs), language="en", extractor="general/1")


# --- the other ways -------------------------------------------------------------------------------


def patched(folder: Path, bodies: list[bytes]) -> int | None:
    """Keep each version as a patch of the one before, with the zstd command."""
    if not shutil.which("zstd"):
        return None
    total = len(zstd.compress(bodies[0], 19))
    for number, body in enumerate(bodies):
        (folder / str(number)).write_bytes(body)
        if number:
            command = ["zstd", "-19", "-q", "-c", f"--patch-from={folder / str(number - 1)}", folder / str(number)]
            total += len(subprocess.run(command, check=True, capture_output=True).stdout)
    return total


def in_git(folder: Path, bodies: list[bytes]) -> int | None:
    """Keep each version as a commit, repacked as hard as git can."""
    if not shutil.which("git"):
        return None

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q", ".")
    for body in bodies:
        (folder / "page.html").write_bytes(body)
        git("add", "page.html")
        git("commit", "-qm", "x")
    git("repack", "-adfq", "--depth=50", "--window=50")
    return sum(path.stat().st_size for path in (folder / ".git/objects").rglob("*") if path.is_file())


def say_peers(bodies: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        ways = {
            "  raw": sum(map(len, bodies)),
            "  gzip, each by itself": sum(len(gzip.compress(body)) for body in bodies),
            "  zstd -10, each by itself": sum(len(zstd.compress(body, 10)) for body in bodies),
            "  git repack": in_git(Path(first), bodies),
            "  zstd -19 --patch-from the one before": patched(Path(second), bodies),
        }
    for name, total in ways.items():
        say(name, "not installed" if total is None else f"{total / len(bodies):,.0f} B")


# --- the archive ----------------------------------------------------------------------------------


def median_ms(work: Callable[[int], object], count: int, clock: Callable[[], float] = time.process_time) -> float:
    found = []
    for number in range(count):
        begun = clock()
        work(number)
        found.append(clock() - begun)
    return statistics.median(found) * 1000


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.warc.zst"))


def say_bytes(what: str, bodies: list[bytes], texts: list[list[str]]) -> None:
    say(f"bytes a version, {len(bodies)} versions of {len(bodies[0]):,} B, {what}", "")
    with tempfile.TemporaryDirectory() as name:
        archive = Archive(Path(name), disk=Fast())
        for number, body in enumerate(bodies):
            archive.append(FOLDER, snapshot(number, body), version(texts[number]), Capture())
        everything = size_of(Path(name)) / len(bodies)
        out = io.BytesIO()
        export_warc(Path(name), [FOLDER], out)
        pages = Archive(Path(name) / "pages", disk=Fast())
        for number, body in enumerate(bodies):
            pages.append(FOLDER, snapshot(number, body), None, Capture())
        alone = size_of(Path(name) / "pages") / len(bodies)
    say("  the archive: page, headers, metadata, text", f"{everything:,.0f} B", "wanted: at most 2,000")
    say("  the archive without the text", f"{alone:,.0f} B")
    say("  the archive, exported as .warc.gz", f"{len(out.getvalue()) / len(bodies):,.0f} B")


def say_times(bodies: list[bytes], texts: list[list[str]]) -> None:
    plain = median_ms(lambda number: zstd.compress(bodies[number], 10), len(bodies))
    unpacked = [zstd.compress(body, 10) for body in bodies]
    read_plain = median_ms(lambda number: zstd.decompress(unpacked[number]), len(bodies))
    say("times, each beside a plain zstd of the same page", "")
    with tempfile.TemporaryDirectory() as name:
        archive = Archive(Path(name), disk=Fast())
        write = median_ms(
            lambda number: archive.append(FOLDER, snapshot(number, bodies[number]), version(texts[number]), Capture()),
            len(bodies),
        )
        stored = archive.captures(FOLDER)
        read = median_ms(lambda number: archive.read_snapshot(FOLDER, stored[number]), len(bodies))
        text = median_ms(lambda number: archive.read_version(FOLDER, stored[number]), len(bodies))
        listing = median_ms(lambda _: Archive(Path(name)).captures(FOLDER), 5)
        begun = time.process_time()
        findings = list(verify_archive(Path(name)))
        verify = time.process_time() - begun
        durable = Archive(Path(name) / "durable")
        waited = median_ms(
            lambda number: durable.append(FOLDER, snapshot(number, bodies[number]), version(texts[number]), Capture()),
            len(bodies),
            time.perf_counter,
        )
    assert not findings
    raw = sum(map(len, bodies)) / 1e6
    say("  write a version, without the fsync", f"{write:.2f} ms ({write / plain:.1f} x zstd)", "wanted: at most 5 ms")
    say("  write a version, with the fsync", f"{waited:.2f} ms")
    say("  read a page", f"{read:.2f} ms ({read / read_plain:.1f} x zstd -d)", "wanted: at most 5 ms")
    say("  read a text", f"{text:.2f} ms")
    say(f"  open an article of {len(bodies)} versions for the first time", f"{listing:.1f} ms")
    say("  verify", f"{raw / verify:,.0f} MB of pages/s", "wanted: at least 100 a core")


def say_keeping(bodies: list[bytes], texts: list[list[str]]) -> None:
    """Measure what is done to what is kept: pruning, reading again, time-stamps' heads."""
    say(f"what is done to {len(bodies)} kept versions", "")
    with tempfile.TemporaryDirectory() as name:
        archive = Archive(Path(name), disk=Fast())
        for number, body in enumerate(bodies):
            archive.append(FOLDER, snapshot(number, body), version(texts[number]), Capture())
        captures, size = archive.captures(FOLDER), size_of(Path(name))
        again = [(one, (version(texts[number]), Capture())) for number, one in enumerate(captures)]
        begun = time.process_time()
        archive.add_readings(FOLDER, again, START)
        took = time.process_time() - begun
        say(
            "  keep a re-extraction of each",
            f"{(size_of(Path(name)) - size) / len(bodies):,.0f} B, {took * 1000:.0f} ms",
        )
        middle = {one.id for one in captures[1::2]}
        for what, going in (
            ("every second", middle),
            ("the first, so that the rest is compressed anew", {captures[0].id}),
        ):
            begun = time.process_time()
            freed = archive.prune(FOLDER, going, Pruning(START, "it is not needed"))
            took = time.process_time() - begun
            say(f"  prune {what}", f"{took * 1000:.0f} ms, {freed / len(going):,.0f} B each")
        assert not list(verify_archive(Path(name)))


def say_replay(processes: int, articles: int, count: int) -> None:
    """Measure how many kept versions are read and judged again in a second; a page that can be read as an article."""
    with tempfile.TemporaryDirectory() as name:
        archive = Archive(Path(name), disk=Fast())
        tasks = []
        for one in range(articles):
            folder = f"northdesk.example/story-{one}"
            for number, (body, paragraphs) in enumerate(versions(count)):
                archive.append(folder, snapshot(number, body), version(paragraphs), Capture())
            tasks.append(ToReplay(Path(name), Article(one, f"https://northdesk.example/{one}", folder, START), ()))
        replay_article(tasks[0])  # what is read once is read
        begun = time.process_time()
        alone = replay_article(tasks[0]).replayed.captures / (time.process_time() - begun)
        say("  replay, one core", f"{alone:,.0f} versions/s of its time")
        begun = time.perf_counter()
        found = list(in_order(replay_article, tasks, processes))
        took = time.perf_counter() - begun
    read = sum(one.replayed.captures for one in found)
    say(f"  replay, {processes} processes started anew", f"{read / took:,.0f} versions/s", "wanted: at least 20")


def say_policies(data: Path) -> None:
    packed = data / "policy-history" / "snapshots.tar.xz"
    if not packed.exists():
        print(f"skipped: the real pages, since {packed} is not there")
        return
    documents = defaultdict(list)
    with tarfile.open(packed) as opened:
        for member in sorted((one for one in opened if one.isfile()), key=lambda one: one.name):
            documents[member.name.split("/")[-2]].append(opened.extractfile(member).read())
    say("real pages that drift apart, bytes a version: archive", "", "zstd -10 each")
    for name, bodies in documents.items():
        with tempfile.TemporaryDirectory() as folder:
            archive = Archive(Path(folder), disk=Fast())
            for number, body in enumerate(bodies):
                archive.append(FOLDER, snapshot(number, body), None, Capture())
            kept = size_of(Path(folder)) / len(bodies)
        alone = statistics.mean(len(zstd.compress(body, 10)) for body in bodies)
        say(
            f"  {name}, {len(bodies)} of {statistics.mean(map(len, bodies)):,.0f} B",
            f"{kept:,.0f} B",
            f"{alone:,.0f} B",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", type=int, default=50, help="how many versions of the page (default: 50)")
    parser.add_argument("--no-peers", action="store_true", help="leave out the other ways to keep versions")
    arguments = parser.parse_args()
    for edit in (a_sentence, some_words):
        made = list(versions(arguments.versions, edit))
        bodies, texts = [body for body, _ in made], [paragraphs for _, paragraphs in made]
        say_bytes(f"each with {edit.__name__.replace('_', ' ')} changed", bodies, texts)
        if not arguments.no_peers:
            say_peers(bodies)
    say_times(bodies, texts)
    say_keeping(bodies, texts)
    say_replay(2, 6, arguments.versions)
    say_policies(Path(os.environ.get("TRACKER_DATA", Path(__file__).parents[2] / "shared" / "data")))


if __name__ == "__main__":
    sys.exit(main())
