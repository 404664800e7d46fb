"""What is given away: other programs read it, and an empty archive that takes it in tells the same history."""

from __future__ import annotations

import builtins
import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archive_samples import FOLDER, GOOD, START, snapshot, version
from desk import FIRE, Desk, edited, page
from pyarrow import parquet
from servers import Site

from tracker.archive import Archive, export_wacz
from tracker.archive.wacz import search_key

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)
BACK = edited("in the port of Westmark", "in the port of Ostmark", MOVED)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A folder, and the address of the article with three versions in it."""
    desk = Desk(tmp_path_factory.mktemp("kept"))
    odd = ("=1+1 is what the mayor wrote on the wall of the town hall on Monday, the police said.", *FIRE[1:])
    with Site() as site:
        other = site.publishes("/odd", page(*odd))
        url = site.publishes("/fire", page(*FIRE))
        desk.run("watch", url, other, "--as", "article")
        desk.run("check", other)
        for text in (page(*FIRE), page(*FIRE, furniture="Another"), page(*MORE_DEAD), page(*MOVED)):
            site.publishes("/fire", text)
            assert desk.run("check", url).code == 0
        yield desk.folder, url


@pytest.fixture
def three(desk, kept) -> str:
    """An article of three versions, the first of which was seen twice; and one whose first paragraph a spreadsheet would take for a formula."""
    folder, url = kept
    shutil.copytree(folder, desk.folder, dirs_exist_ok=True)
    return url


@pytest.fixture
def other(tmp_path: Path) -> Desk:
    """A second desk, with nothing in it."""
    (tmp_path / "other").mkdir()
    return Desk(tmp_path / "other")


def story(desk: Desk, url: str, *, bounds: bool) -> object:
    """What a history says, but for where the captures are kept."""
    found = desk.run("history", url, "--format", "json").json
    versions = [
        (one["number"], one["digest"], one["snapshot"]["fetched_at"], one["headline"], bounds and one["last_seen_at"])
        for one in found["versions"]
    ]
    changes = [(one["reversal_of"], bounds and one["not_before"], one["not_after"]) for one in found["changes"]]
    said = [[one["comparison"][name] for name in ("verdict", "old", "new")] for one in found["changes"]]
    return versions, changes, said


# --- there and back -------------------------------------------------------------------------------

FORMS = {
    "warc": (("--format", "warc"), "all.warc.gz", False),
    "wacz": (("--format", "wacz"), "all.wacz", False),
    "jsonl": (("--format", "jsonl"), "all.jsonl", True),
    "jsonl table": (("--format", "jsonl", "--table", "versions"), "all.jsonl", True),
    "csv": (("--format", "csv", "--table", "versions"), "all.csv", True),
    "parquet": (("--format", "parquet", "--table", "versions"), "all.parquet", True),
    "parquet folder": (("--format", "parquet"), "tables", True),
}


@pytest.mark.parametrize(("options", "name", "bounds"), FORMS.values(), ids=FORMS)
def test_what_is_exported_tells_the_same_history_elsewhere(options, name, bounds, desk, three, other):
    """Captures carry no notes of checks that found nothing new; tables do."""
    file = desk.folder / name
    given = desk.run("export", *options, "-o", file)

    taken = other.run("import", file)

    assert (given.code, taken.code) == (0, 0), given.err + taken.err
    for url in (three, three.replace("/fire", "/odd")):
        assert story(other, url, bounds=bounds) == story(desk, url, bounds=bounds)
    assert other.run("alerts", "list", "--format", "json").json == []
    assert other.run("verify").code == 0


# --- WACZ -----------------------------------------------------------------------------------------


@pytest.fixture
def wacz(tmp_path: Path) -> Path:
    """An archive of three captures that were redirected."""
    archive = Archive(tmp_path / "snapshots")
    for edition in range(3):
        archive.append(FOLDER, snapshot(edition), version(edition), GOOD)
    path = tmp_path / "bridge.wacz"
    with path.open("wb") as out:
        done = export_wacz(
            archive.storage.folder, archive.folders(), out, created=START, software="tracker", title="Bridge"
        )
    assert (done.captures, done.left_out) == (3, ())
    return path


def test_public_validator_accepts_a_wacz(wacz: Path):
    validate = [sys.executable, "-c", "from wacz.main import main; main()", "validate", "-f", str(wacz)]

    checked = subprocess.run(validate, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "the passed WACZ is valid" in checked.stdout


def test_index_finds_every_response_in_the_warc(wacz: Path):
    """Read as a browser does: from the middle of the zip file, by offset and length."""
    with zipfile.ZipFile(wacz) as packed:
        import gzip

        lines = gzip.decompress(packed.read("indexes/index.cdx.gz")).decode().splitlines()
        warc = packed.read("archive/data.warc.gz")
        pages = [json.loads(line) for line in packed.read("pages/pages.jsonl").splitlines()]
        assert packed.getinfo("archive/data.warc.gz").compress_type == zipfile.ZIP_STORED

    assert lines == sorted(lines)
    assert len(lines) == 6
    for line in lines:
        key, stamp, told = line.split(" ", 2)
        found = json.loads(told)
        start = int(found["offset"])
        record = gzip.decompress(warc[start : start + int(found["length"])])
        assert f"WARC-Target-URI: {found['url']}\r\n".encode() in record
        assert key == search_key(found["url"])
        assert stamp.startswith("202403020")
    assert [one["title"] for one in pages] == ["Bridge"] + ["Bridge closed"] * 3


SURT = (
    "https://www.Example.org/A/b/?b=2&a=1", "http://127.0.0.1:8080/x", "https://example.org", "https://example.org/a//b/",
    "https://example.org:8443/a?x=Y#f", "https://news.example.co.uk/2018/04/strike.html",
)  # fmt: skip


@pytest.mark.parametrize("address", SURT)
def test_index_sorts_addresses_as_other_archives_do(address: str):
    surt = pytest.importorskip("surt")

    assert search_key(address) == surt.surt(address)


# --- tables ---------------------------------------------------------------------------------------


def test_parquet_has_typed_tables(desk, three):
    folder = desk.folder / "tables"

    ended = desk.run("export", "--format", "parquet", "-o", folder)

    assert ended.out == f"articles, versions, changes, facts, events of 2 articles in {folder}\n"
    articles, versions, changes, facts, events = (
        parquet.read_table(folder / f"{name}.parquet")
        for name in ("articles", "versions", "changes", "facts", "events")
    )
    assert (articles.num_rows, versions.num_rows, changes.num_rows, events.num_rows) == (2, 4, 2, 0)
    assert str(versions.schema.field("fetched_at").type) == "timestamp[us, tz=UTC]"
    assert str(versions.schema.field("paragraphs").type) == "list<element: string>"
    rows = facts.to_pylist()
    assert {(one["kind"], one["old"], one["new"]) for one in rows} >= {("number", "12 people", "14 people")}
    assert all(one["new"] in one["new_sentence"] for one in rows if one["new"])
    (row,) = [one for one in articles.to_pylist() if one["article"] == three]
    assert (row["versions"], row["imported_versions"], row["followed"]) == (3, 0, True)
    assert row["last_captured_at"].astimezone(UTC) <= datetime.now(UTC)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_tables_for_spreadsheets_and_scripts(form, desk, three):
    text = desk.run("export", three, "--format", form, "--table", "changes").out

    rows = (
        list(csv.DictReader(io.StringIO(text))) if form == "csv" else [json.loads(line) for line in text.splitlines()]
    )
    assert [str(one["new_version"]) for one in rows] == ["2", "3"]
    assert {one["verdict"] for one in rows} == {"substantive"}
    assert str(rows[0]["alternating"]).lower() == "false"
    assert desk.run("export", "--evidence", str(rows[0]["change"]), "-o", desk.folder / "c.zip").code == 0


def test_a_formula_in_a_text_is_made_harmless(desk, three):
    text = desk.run("export", three.replace("/fire", "/odd"), "--format", "csv", "--table", "versions").out

    (row,) = csv.DictReader(io.StringIO(text))
    assert row["paragraphs"].startswith("'=1+1 is what the mayor")


def test_imported_versions_say_from_where_in_every_table(desk, three, other):
    desk.run("export", "--format", "wacz", "-o", desk.folder / "all.wacz")
    other.run("import", desk.folder / "all.wacz")
    folder = other.folder / "tables"

    other.run("export", "--format", "parquet", "-o", folder)

    versions = parquet.read_table(folder / "versions.parquet").to_pylist()
    changes = parquet.read_table(folder / "changes.parquet").to_pylist()
    articles = parquet.read_table(folder / "articles.parquet").to_pylist()
    assert {one["imported_from"] for one in versions} == {"all.wacz"}
    assert {one["old_imported_from"] for one in changes} | {one["new_imported_from"] for one in changes} == {"all.wacz"}
    assert sorted(one["imported_versions"] for one in articles) == [1, 3]


def test_a_damaged_article_is_named_and_the_others_are_there(desk, three):
    file = max((desk.folder / "snapshots").rglob("*.warc.zst"), key=lambda path: path.stat().st_size)
    file.unlink()

    ended = desk.run("export", "--format", "parquet", "--table", "versions", "-o", desk.folder / "v.parquet")

    assert ended.code == 3
    assert file.name in ended.err
    assert parquet.read_table(desk.folder / "v.parquet").num_rows == 1


WRONG = {
    "table of captures": (("--format", "wacz", "--table", "facts", "-o", "x"), "--table chooses one of the tables"),
    "wacz without a file": (("--format", "wacz"), "-o archive.wacz"),
    "parquet without a folder": (("--format", "parquet"), "-o tables/"),
    "table to the terminal": (("--format", "parquet", "--table", "facts"), "-o facts.parquet"),
    "a folder that cannot be": (("--format", "parquet", "-o", "/proc/x/y"), "/proc/x/y cannot be made a folder"),
}


@pytest.mark.parametrize(("arguments", "reason"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_code_2_and_says_why(arguments, reason, desk):
    ended = desk.run("export", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert reason in ended.err


def test_without_the_library_the_extra_is_named(desk, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **more):
        if name == "pyarrow":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    given = desk.run("export", "--format", "parquet", "--table", "facts", "-o", desk.folder / "f.parquet")
    (desk.folder / "a.parquet").write_bytes(b"PAR1")
    taken = desk.run("import", desk.folder / "a.parquet")

    for ended in (given, taken):
        assert (ended.code, ended.out) == (2, "")
        assert "pip install 'tracker[parquet]'" in ended.err
    assert not (desk.folder / "f.parquet").exists()
