"""`export` and `import`: what is given away, and what is taken in."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import FIRE, Desk, edited, page
from desk_samples import CHALLENGE
from servers import Site
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tracker.archive import Archive, export_warc, lock_archive
from tracker.extract import extract_version
from tracker.models import Capture, Snapshot

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)
ADDRESS = "https://ostmark.example/2024/fire"
HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A folder, and the address of the article in it."""
    desk = Desk(tmp_path_factory.mktemp("kept"))
    with Site() as site:
        url = site.publishes("/fire", page(*FIRE))
        desk.run("watch", url, "--as", "article")
        for story in (page(*FIRE), page(*MORE_DEAD), CHALLENGE, page(*MOVED)):
            site.publishes("/fire", story)
            assert desk.run("check", url).code == 0
        yield desk.folder, url


@pytest.fixture
def three(desk, kept) -> str:
    """An article of three versions, with a capture between them that is none."""
    folder, url = kept
    shutil.copytree(folder, desk.folder, dirs_exist_ok=True)
    return url


@pytest.fixture
def other(tmp_path: Path) -> Desk:
    """A second desk, with nothing in it."""
    (tmp_path / "other").mkdir()
    return Desk(tmp_path / "other")


def history(desk: Desk, url: str) -> dict:
    return desk.run("history", url, "--format", "json").json


def story(desk: Desk, url: str) -> object:
    """What a history says, but for where the captures are kept and for checks that found nothing new."""
    found = history(desk, url)
    versions = [(one["number"], one["digest"], one["snapshot"]["fetched_at"]) for one in found["versions"]]
    return versions, [one["comparison"] for one in found["changes"]]


def crawl(path: Path, *captures: tuple[str, str, str | bytes, str], status: str = "200 OK") -> Path:
    """Write what another crawler keeps: address, moment, body, type."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=path.suffix == ".gz")
    for address, at, body, kind in captures:
        data = body.encode() if isinstance(body, str) else body
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                address, "response", payload=io.BytesIO(data), http_headers=headers, warc_headers_dict={"WARC-Date": at}
            )
        )
    path.write_bytes(out.getvalue())
    return path


def day(number: int) -> str:
    return f"2024-03-{number:02}T12:00:00Z"


# --- export ---------------------------------------------------------------------------------------


def test_warc_for_any_tool(desk, three):
    file = desk.folder / "all.warc.gz"

    ended = desk.run("export", "-o", file)

    assert (ended.code, ended.out) == (0, f"4 captures of 1 article in {file}\n")
    with file.open("rb") as opened:
        kinds = [record.rec_type for record in ArchiveIterator(opened, check_digests="raise")]
    assert kinds.count("response") == 4
    assert [path.name for path in desk.folder.glob(".*")] == [], "nothing unfinished is left"


def test_jsonl_has_a_version_a_line_with_its_text_and_bounds(desk, three):
    first, second, third = desk.run("export", "--format", "jsonl").lines

    assert [one["version"] for one in (first, second, third)] == [1, 2, 3]
    assert first["paragraphs"] == list(FIRE)
    assert first["article"] == three
    assert first["appeared"] == {"not_before": None, "not_after": first["snapshot"]["fetched_at"]}
    assert first["disappeared"] == second["appeared"]
    assert second["appeared"] == {"not_before": first["last_seen_at"], "not_after": second["snapshot"]["fetched_at"]}
    assert third["disappeared"] is None
    assert third["snapshot"]["imported_from"] is None
    file = desk.folder / "versions.jsonl"
    assert desk.run("export", three, three, "--format", "jsonl", "-o", file).out == ""
    assert [json.loads(line) for line in file.read_text().splitlines()] == [first, second, third]


def test_csv_has_a_fact_a_line(desk, three):
    file = desk.folder / "facts.csv"

    text = desk.run("export", "--format", "csv").out
    desk.run("export", three, "--format", "csv", "-o", file)

    rows = list(csv.DictReader(io.StringIO(text)))
    assert (rows[0]["old_version"], rows[0]["kind"], rows[0]["new"]) == ("1", "number", "14 people")
    assert list(csv.DictReader(file.open(newline=""))) == rows


def test_evidence_can_be_checked_by_a_stranger(desk, three, tmp_path):
    """Nothing is needed but the zip file and Python."""
    file = desk.folder / "change.zip"

    ended = desk.run("export", three, "--evidence", "3", "-o", file)

    assert ended.code == 0
    assert ended.out == f"the evidence of version 2 → 3 of {three} is in {file}\n"
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    checked = subprocess.run(
        [sys.executable, "-I", str(folder / "check_evidence.py"), "Westmark"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.index("absent") < checked.stdout.index("present")
    assert "Ostmark" in (folder / "old.txt").read_text()
    assert "Westmark" in (folder / "new.txt").read_text()
    assert json.loads((folder / "comparison.json").read_text())[0]["comparison"]["verdict"] == "substantive"
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    told = (folder / "what-it-shows.txt").read_text()
    old, new = (one["snapshot"]["fetched_at"] for one in history(desk, three)["versions"][1:])
    assert f"after {_said(old)}, before {_said(new)}" in told
    assert "fetched by this tracker" in told


def _said(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S.%f} UTC"


def test_evidence_of_a_change_by_the_number_that_alerts_give(desk, three):
    number = desk.alerts[-1]["change"]["id"] if "change" in desk.alerts[-1] else desk.alerts[-1]["id"]

    ended = desk.run("export", "--evidence", str(number), "-o", desk.folder / "change.zip")

    assert (ended.code, ended.err) == (0, "")
    assert "version 2 → 3" in ended.out


def test_evidence_says_what_was_noted_without_a_capture(desk, site):
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url, "--as", "article")
    for body in (page(*FIRE), page(*FIRE, furniture="Another"), page(*MORE_DEAD)):
        site.publishes("/fire", body)
        desk.run("check", url)
    file = desk.folder / "change.zip"

    desk.run("export", url, "--evidence", "2", "-o", file)

    told = zipfile.ZipFile(file).read("what-it-shows.txt").decode()
    seen = history(desk, url)["versions"][0]["last_seen_at"]
    assert f"noted, without keeping another capture, that the old text still stood there at {_said(seen)}" in told


def test_the_last_capture_of_the_old_text_narrows_what_is_proven(desk):
    """Of three captures of the old text the first and the last are kept, and both are in the evidence."""
    texts = [page(*FIRE), page(*FIRE, furniture="One"), page(*FIRE, furniture="Two"), page(*MOVED)]
    file = crawl(
        desk.folder / "crawl.warc", *((ADDRESS, day(number), text, HTML) for number, text in enumerate(texts, 1))
    )
    desk.run("import", file)

    desk.run("export", ADDRESS, "--evidence", "2", "-o", desk.folder / "change.zip")

    with zipfile.ZipFile(desk.folder / "change.zip") as packed:
        told = packed.read("what-it-shows.txt").decode()
        pages = [name for name in packed.namelist() if name.startswith("pages/")]
    assert len(pages) == 3
    assert f"By the captures: after {_said(day(3))}, before {_said(day(4))}." in told
    assert "The tracker has no note of the old text between the two." in told


WRONG = {
    "warc without a file": (("export",), "-o archive.warc.gz"),
    "evidence without a file": (("export", "--evidence", "1"), "-o change.zip"),
    "no such change": (("export", "--evidence", "99", "-o", "x.zip"), "there is no change 99"),
    "no such version": (("export", "URL", "--evidence", "1", "-o", "x.zip"), "no change led to a version 1"),
    "two articles": (("export", "URL", "URL", "--evidence", "1", "-o", "x.zip"), "one address"),
    "two things": (("export", "--evidence", "1", "--format", "csv"), "either --format or --evidence"),
    "not followed": (("export", "https://ostmark.example/other"), "is not followed"),
    "a file that cannot be": (("export", "-o", "/nowhere/all.warc.gz"), "/nowhere/all.warc.gz cannot be written"),
    "a folder": (("export", "-o", "/tmp"), "/tmp cannot be written"),
    "import as two": (("import", "a.warc", "--article", ADDRESS, "--as-address", ADDRESS), "either --article"),
    "import as what": (("import", "a.warc", "--as-address", "ftp://ostmark.example"), "ftp://ostmark.example"),
}


@pytest.mark.parametrize(("arguments", "reason"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_code_2_and_says_why(arguments, reason, desk, site):
    url = site.url("/fire")
    desk.run("watch", url, "--as", "article")

    ended = desk.run(*(url if one == "URL" else one for one in arguments))

    assert (ended.code, ended.out) == (2, "")
    assert reason in ended.err
    assert ended.err.count("\n") == 1


def test_what_is_damaged_is_left_out_of_an_export_and_named(desk, three):
    file = next((desk.folder / "snapshots").rglob("*.warc.zst"))
    data = bytearray(file.read_bytes())
    data[-300] ^= 1
    file.write_bytes(data)

    as_warc = desk.run("export", "-o", desk.folder / "all.warc.gz")
    evidence = desk.run("export", three, "--evidence", "3", "-o", desk.folder / "change.zip")

    assert as_warc.code == 3
    assert f"{file} cannot be read from byte" in as_warc.err
    assert evidence.code == 3
    assert not (desk.folder / "change.zip").exists()


# --- our own captures come back -------------------------------------------------------------------


@pytest.mark.parametrize("form", ["export", "native"])
def test_what_was_exported_gives_the_same_history_elsewhere(form, desk, three, other):
    file = desk.folder / "all.warc.gz"
    desk.run("export", "-o", file)
    if form == "native":
        file = next((desk.folder / "snapshots").rglob("*.warc.zst"))

    ended = other.run("import", file)

    assert ended.code == 0, ended.err
    assert f"{three}: 4 captures, 3 new versions, 1 suspect\n" in ended.out
    assert story(other, three) == story(desk, three)
    assert other.alerts == []
    assert other.run("alerts", "list", "--format", "json").json == []
    assert other.run("verify").code == 0


def test_importing_twice_does_no_harm(desk, three, other):
    file = desk.folder / "all.warc.gz"
    desk.run("export", "-o", file)
    other.run("import", file)
    before = story(other, three), other.run("verify", "--format", "json").json

    again = other.run("import", file, "--format", "json")

    assert again.code == 0
    assert (again.json["versions"], again.json["known"]) == (0, 4)
    assert (story(other, three), other.run("verify", "--format", "json").json) == before


def test_imported_articles_are_rebuilt_and_stay_unfollowed(desk, three, other):
    file = desk.folder / "all.warc.gz"
    desk.run("export", "-o", file)
    other.run("import", file)
    before = story(other, three)
    for catalog in (other.folder / "snapshots").glob("catalog.sqlite*"):
        catalog.unlink()

    ended = other.run("rebuild")

    assert (ended.code, ended.out) == (0, "1 article with 3 versions\n")
    assert story(other, three) == before
    assert other.run("list", "--format", "json").json["articles"] == []


# --- captures of others ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_captures_of_a_crawler_become_versions_in_order_of_time(name, desk):
    """They are in no order in the file; one shows the text that was there before, beside other furniture."""
    file = crawl(
        desk.folder / name,
        (ADDRESS, day(9), page(*MOVED), HTML),
        (ADDRESS, day(1), page(*FIRE), HTML),
        (ADDRESS, day(5), page(*MORE_DEAD), HTML),
        (ADDRESS, day(3), page(*FIRE, furniture="Another"), HTML),
    )

    ended = desk.run("import", file)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"{ADDRESS}: 4 captures, 3 new versions, 1 unchanged\n")
    found = history(desk, ADDRESS)
    assert [one["snapshot"]["fetched_at"] for one in found["versions"]] == [day(1), day(5), day(9)]
    assert [(one["not_before"], one["not_after"]) for one in found["changes"]] == [(day(3), day(5)), (day(5), day(9))]
    assert {one["comparison"]["verdict"] for one in found["changes"]} == {"substantive"}
    assert desk.run("alerts", "list", "--format", "json").json == []
    assert desk.run("verify").code == 0


def test_imported_captures_can_be_told_from_our_own_everywhere(desk):
    file = crawl(
        desk.folder / "crawl.warc.gz", (ADDRESS, day(1), page(*FIRE), HTML), (ADDRESS, day(2), page(*MOVED), HTML)
    )
    desk.run("import", file)

    lines = desk.run("export", "--format", "jsonl").lines
    desk.run("export", ADDRESS, "--evidence", "2", "-o", desk.folder / "change.zip")
    desk.run("export", "-o", desk.folder / "all.warc.gz")

    assert [one["snapshot"]["imported_from"] for one in lines] == ["crawl.warc.gz"] * 2
    told = zipfile.ZipFile(desk.folder / "change.zip").read("what-it-shows.txt").decode()
    assert "New: not fetched by this tracker but imported, from crawl.warc.gz" in told
    assert gzip.decompress((desk.folder / "all.warc.gz").read_bytes()).count(b'"origin": "crawl.warc.gz"') == 2


def test_imported_articles_are_followed_only_when_asked_for(desk):
    file = crawl(desk.folder / "crawl.warc.gz", (ADDRESS, day(1), page(*FIRE), HTML))

    desk.run("import", file)
    quiet = desk.run("list", "--format", "json").json["articles"]
    desk.run("import", file, "--watch")
    watched = desk.run("list", "--format", "json").json["articles"]

    assert quiet == []
    assert [one["address"] for one in watched] == [ADDRESS]


def test_captures_fill_in_before_between_and_after_what_is_kept(desk, three):
    """What we saw ourselves stays as it was said; only the numbers are others, and nobody is told."""
    ours, said = story(desk, three)
    soon = datetime.now(UTC).isoformat()
    file = crawl(
        desk.folder / "crawl.warc.gz",
        (three, day(3), page(*MOVED), HTML),
        (three, day(1), page(*MORE_DEAD), HTML),
        (three, soon, page(*FIRE), HTML),
    )
    alerts = desk.run("alerts", "list", "--format", "json").json

    ended = desk.run("import", file)

    assert f"{three}: 3 captures, 3 new versions; what was version 1 to 3 is version 3 to 5 now\n" in ended.out
    versions, changes = story(desk, three)
    assert [number for number, _, _ in versions] == [1, 2, 3, 4, 5, 6]
    assert [one[1:] for one in versions[2:5]] == [one[1:] for one in ours]
    assert changes[2:4] == said
    assert changes[1]["verdict"] == "substantive", "from the last imported version to our first"
    assert desk.run("alerts", "list", "--format", "json").json == alerts
    assert [one["address"] for one in desk.run("list", "--format", "json").json["articles"]] == [three], (
        "still followed"
    )
    assert desk.run("verify").code == 0


def test_an_import_that_died_is_taken_in_without_alerts(desk, three):
    """The capture is in the archive, and the catalog has not heard of it."""
    alerts = desk.run("alerts", "list", "--format", "json").json
    with desk.opened() as pipeline:
        article = pipeline.catalog.article(three)
        body = page(*FIRE).encode()
        snapshot = Snapshot(three, datetime.now(UTC), 200, (("Content-Type", HTML),), body, origin="crawl.warc.gz")
        pipeline.archive.append(article.folder, snapshot, extract_version(snapshot), Capture())

    desk.run("check", three)

    told = desk.run("alerts", "list", "--format", "json").json
    assert len(history(desk, three)["versions"]) == 5, "the imported one, and the page as it is now"
    assert len(told) == len(alerts) + 1, "of the latter only"


def test_nobody_is_told_what_imported_captures_show_of_the_article_as_a_whole(desk):
    """Removed and restored, as our own captures of it say."""
    told = desk.folder / "told"
    archive = Archive(told)
    bodies = [
        (1, 200, page(*FIRE)),
        *[(number, 404, f"Gone {number}") for number in (3, 5, 7, 9)],
        (11, 200, page(*MOVED)),
    ]
    for number, status, body in bodies:
        at = datetime.fromisoformat(day(number))
        snapshot = Snapshot(ADDRESS, at, status, (("Content-Type", HTML),), body.encode(), reason="")
        archive.append("ostmark.example/fire", snapshot, None, Capture())
    with (desk.folder / "all.warc.gz").open("wb") as file:
        export_warc(told, ["ostmark.example/fire"], file)

    ended = desk.run("import", desk.folder / "all.warc.gz")

    assert ended.out.startswith(f"{ADDRESS}: 6 captures, 2 new versions, 4 suspect\n")
    assert desk.run("alerts", "list", "--format", "json").json == []


def test_only_pages_that_are_wanted_are_taken(desk):
    second = "https://ostmark.example/2024/other"
    file = crawl(
        desk.folder / "crawl.warc.gz",
        (ADDRESS, day(1), page(*FIRE), HTML),
        (second, day(1), page(*FIRE), HTML),
        ("https://ostmark.example/logo.png", day(1), b"\x89PNG", "image/png"),
        ("https://ostmark.example/robots.txt", day(1), "User-agent: *", "text/plain"),
        ("dns:ostmark.example", day(1), "192.0.2.1", HTML),
    )
    gone = crawl(desk.folder / "gone.warc", (ADDRESS, day(2), page(*MOVED), HTML), status="404 Not Found")

    ended = desk.run("import", file, gone, "--article", f"{ADDRESS}?utm_source=feed")

    assert ended.code == 0
    assert ended.out == (
        f"{ADDRESS}: 1 capture, 1 new version\n"
        "1 new version from 1 capture of 1 article; 5 passed over (pictures, redirects, errors, other pages)\n"
    )
    assert desk.run("import", file).out.startswith(f"{ADDRESS}: 1 capture, 0 new versions, 1 kept already")
    assert desk.run("history", second).code == 0


def test_pages_of_other_addresses_are_taken_for_one_article(desk):
    copy = f"https://archive.example/web/20240301/{ADDRESS}"
    file = crawl(
        desk.folder / "crawl.warc.gz", (copy, day(1), page(*FIRE), HTML), (ADDRESS, day(2), page(*MOVED), HTML)
    )

    ended = desk.run("import", file, "--as-address", ADDRESS)

    assert ended.out.startswith(f"{ADDRESS}: 2 captures, 2 new versions\n")
    first, second = desk.run("export", "--format", "jsonl").lines
    assert first["snapshot"]["imported_from"] == f"crawl.warc.gz, where it is {copy}"
    assert second["snapshot"]["imported_from"] == "crawl.warc.gz"
    for catalog in (desk.folder / "snapshots").glob("catalog.sqlite*"):
        catalog.unlink()
    assert desk.run("rebuild").code == 0
    assert len(history(desk, ADDRESS)["versions"]) == 2


# --- bad files ------------------------------------------------------------------------------------


def test_bad_files_are_named_and_the_rest_is_taken(desk):
    good = crawl(
        desk.folder / "good.warc.gz", (ADDRESS, day(1), page(*FIRE), HTML), (ADDRESS, day(2), page(*MOVED), HTML)
    )
    cut = desk.folder / "cut.warc.gz"
    cut.write_bytes(good.read_bytes()[:-40])
    text = desk.folder / "notes.txt"
    text.write_text("not a WARC file")

    ended = desk.run("import", text, desk.folder / "nowhere.warc", cut, good)

    assert ended.code == 3
    assert "notes.txt is no WARC file" in ended.err
    assert "nowhere.warc cannot be opened" in ended.err
    assert "cut.warc.gz, byte" in ended.err
    assert len(history(desk, ADDRESS)["versions"]) == 2


def test_a_capture_from_the_future_is_left_out(desk):
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    file = crawl(
        desk.folder / "crawl.warc.gz",
        (ADDRESS, day(1), page(*FIRE), HTML),
        (ADDRESS, later, page(*MOVED), HTML),
        (ADDRESS, "9999-12-31T23:59:59Z", page(*MOVED), HTML),
        ("https://ostmark.example/2", "0001-01-01T00:00:00Z", page(*MOVED), HTML),
    )

    ended = desk.run("import", file)

    assert ended.code == 3
    assert ended.err.count("is yet to come") == 2
    assert "bug" not in ended.err
    assert len(history(desk, ADDRESS)["versions"]) == 1


def test_a_file_with_endless_problems_is_summed_up(desk):
    file = crawl(desk.folder / "crawl.warc", *[(ADDRESS, "9999-12-31T23:59:59Z", page(*FIRE), HTML)] * 30)

    ended = desk.run("import", file)

    assert (ended.code, ended.err.count("\n")) == (3, 21)
    assert "10 more of the kind" in ended.err


def test_a_hostile_address_does_not_reach_the_terminal(desk):
    hostile = "https://ostmark.example/\x1b]0;owned\x07"
    file = crawl(desk.folder / "crawl.warc", (ADDRESS, day(1), page(*FIRE), HTML))
    file.write_bytes(
        file.read_bytes().replace(ADDRESS.encode(), hostile.encode()).replace(b"2024-03-01T", b"9999-03-01T")
    )

    ended = desk.run("import", file)

    assert ended.code == 3
    assert "is yet to come" in ended.err
    assert "\x1b" not in ended.err + ended.out


def test_a_bomb_is_left_out(desk):
    """Some kilobytes that unfold to more than a record may hold."""
    bomb = gzip.compress(b"<p>a</p>" * 8_000_000)
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders("200 OK", [("Content-Type", HTML), ("Content-Encoding", "gzip")], protocol="HTTP/1.1")
    more = {"WARC-Date": day(1)}
    record = writer.create_warc_record(
        ADDRESS, "response", payload=io.BytesIO(bomb), http_headers=headers, warc_headers_dict=more
    )
    writer.write_record(record)
    file = desk.folder / "bomb.warc.gz"
    file.write_bytes(out.getvalue())

    ended = desk.run("import", file)

    assert (ended.code, ended.out) == (3, "0 new versions from 0 captures of 0 articles\n")
    assert "unfolds to more than" in ended.err


def test_a_damaged_article_does_not_stop_the_others(desk):
    second = "https://ostmark.example/2024/other"
    desk.run("import", crawl(desk.folder / "first.warc", (ADDRESS, day(1), page(*FIRE), HTML)))
    kept = next((desk.folder / "snapshots").rglob("*.warc.zst"))
    kept.unlink()
    file = crawl(
        desk.folder / "crawl.warc", (ADDRESS, day(2), page(*MOVED), HTML), (second, day(2), page(*MOVED), HTML)
    )

    ended = desk.run("import", file)

    assert ended.code == 3
    assert ADDRESS in ended.err
    assert f"{second}: 1 capture, 1 new version\n" in ended.out


def test_import_needs_the_archive_for_itself(desk):
    file = crawl(desk.folder / "crawl.warc", (ADDRESS, day(1), page(*FIRE), HTML))
    with lock_archive(desk.folder / "snapshots", "tracker run"):
        ended = desk.run("import", file)

    assert (ended.code, ended.out) == (3, "")
    assert "in use by tracker run" in ended.err
