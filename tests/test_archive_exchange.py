"""Captures go out as standard WARC and come back the same; other crawlers' files come in, broken and hostile ones without harm."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import time
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from archive_samples import FOLDER, GOOD, page, snapshot, version
from backports import zstd
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tracker.archive import Archive, Imported, Skipped, codings, export_warc, foreign, read_warc
from tracker.errors import ArchiveError, InputError
from tracker.models import Capture

OTHER = "northdesk.example/ferry-9f8e7d6c"
SUSPECT = Capture(0.2, True, ("It is a consent wall.",))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two articles: redirected captures, one without a version, two files."""
    archive = Archive(tmp_path / "snapshots")
    archive.append(FOLDER, snapshot(0, body=b"<h1>Not found</h1>", status=404), None, SUSPECT)
    for edition in range(1, 4):
        archive.append(FOLDER, snapshot(edition, body=page(edition, paragraphs=90)), version(edition), GOOD)
        archive.append(OTHER, snapshot(edition), version(edition), SUSPECT)
    return archive


def exported(archive: Archive, path: Path, **more: object) -> Path:
    with path.open("wb") as out:
        export_warc(archive.storage.folder, list(archive.folders()), out, **more)
    return path


def imported(path: Path, **more: object) -> list[Imported]:
    found = list(read_warc(path, **more))
    assert not [one for one in found if isinstance(one, Skipped)]
    return found


# --- export -------------------------------------------------------------------------------------------


def test_export_passes_warcio_check(archive: Archive, tmp_path: Path):
    path = exported(archive, tmp_path / "out.warc.gz")

    program = "from warcio.cli import main; import sys; main(sys.argv[1:])"
    checked = subprocess.run(
        [sys.executable, "-c", program, "check", "-v", str(path)], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout
    assert "digest pass" in checked.stdout
    assert "fail" not in checked.stdout


def test_fastwarc_reads_every_record_of_the_export(archive: Archive, tmp_path: Path):
    with exported(archive, tmp_path / "out.warc.gz").open("rb") as opened:
        records = [(record.headers["WARC-Type"], record.http_headers) for record in FastIterator(opened)]

    assert len(records) == (2 + 4 + 5 * 3) + (1 + 5 * 3)
    assert {kind for kind, _ in records} == {"warcinfo", "response", "request", "metadata", "conversion"}


def test_export_says_how_much_was_written(archive: Archive):
    done = export_warc(archive.storage.folder, [OTHER], io.BytesIO())

    assert (done.records, done.captures, done.left_out) == (1 + 5 * 3, 3, ())


def test_chosen_captures_are_exported_with_their_versions(archive: Archive, tmp_path: Path):
    chosen = archive.captures(FOLDER)[1:3]

    path = exported(archive, tmp_path / "out.warc.gz", only={stored.id for stored in chosen})

    found = [one for one in imported(path) if one.capture == GOOD]
    assert [one.snapshot for one in found] == [archive.read_snapshot(FOLDER, stored) for stored in chosen]


def test_what_cannot_be_read_is_left_out_and_said(archive: Archive):
    stored = archive.captures(FOLDER)
    path = archive.storage.folder / stored[1].file
    data = bytearray(path.read_bytes())
    data[stored[2].offset + stored[2].length // 2] ^= 1
    path.write_bytes(data)
    first = archive.storage.folder / stored[0].file
    first.write_bytes(b"nothing")

    done = export_warc(archive.storage.folder, [FOLDER], io.BytesIO())

    assert done.records > 5
    assert any("cannot be read from byte" in one for one in done.left_out)


def test_output_that_cannot_be_written_is_an_error(archive: Archive):
    with Path("/dev/full").open("wb", buffering=0) as out, pytest.raises(ArchiveError, match="cannot be written"):
        export_warc(archive.storage.folder, [FOLDER], out)


# --- there and back -----------------------------------------------------------------------------------


def test_export_comes_back_with_all_that_we_knew(archive: Archive, tmp_path: Path):
    path = exported(archive, tmp_path / "out.warc.gz")

    again = Archive(tmp_path / "again")
    for one in imported(path):
        assert one.is_ours
        folder = OTHER if one.capture == SUSPECT else FOLDER
        again.append(folder, one.snapshot, one.version, one.capture or SUSPECT)

    for folder in (FOLDER, OTHER):
        old, new = archive.captures(folder), again.captures(folder)
        assert [archive.read_snapshot(folder, one) for one in old] == [again.read_snapshot(folder, one) for one in new]
        assert [archive.read_version(folder, one) for one in old] == [again.read_version(folder, one) for one in new]
        assert [one.id for one in old] == [one.id for one in new]


def test_native_file_is_read_like_any_other(archive: Archive):
    path = archive.storage.folder / FOLDER / "0002.warc.zst"

    found = imported(path)

    assert [one.snapshot for one in found] == [
        archive.read_snapshot(FOLDER, stored)
        for stored in archive.captures(FOLDER)
        if stored.file.endswith("0002.warc.zst")
    ]


# --- other crawlers -----------------------------------------------------------------------------------

HTML = "<p>Zażółć gęślą jaźń.</p>".encode()


def crawl(*responses: tuple[list[tuple[str, str]], bytes], gzipped: bool = True, request: bool = True) -> bytes:
    """Write what a crawler keeps, with warcio."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzipped)
    writer.write_record(writer.create_warcinfo_record("crawl.warc.gz", {"software": "a crawler"}))
    for headers, body in responses:
        response = writer.create_warc_record(
            "https://northdesk.example/a",
            "response",
            payload=io.BytesIO(body),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2020-02-29T12:00:00Z", "WARC-IP-Address": "192.0.2.9"},
        )
        asked = writer.create_warc_record(
            "https://northdesk.example/a",
            "request",
            http_headers=StatusAndHeaders("GET /a HTTP/1.1", [("User-Agent", "crawler")], is_http_request=True),
        )
        if request:
            writer.write_request_response_pair(asked, response)
        else:
            writer.write_record(response)
    return out.getvalue()


def written(tmp_path: Path, data: bytes, name: str = "crawl.warc.gz") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_capture_of_another_crawler_is_read(tmp_path: Path):
    path = written(tmp_path, crawl(([("Content-Type", "text/html"), ("ETag", '"x"')], HTML)))

    (found,) = imported(path)

    one = found.snapshot
    assert not found.is_ours
    assert found.version is None
    assert (one.url, one.status, one.reason, one.body) == ("https://northdesk.example/a", 200, "OK", HTML)
    assert one.fetched_at == datetime(2020, 2, 29, 12, tzinfo=UTC)
    assert one.headers == (("Content-Type", "text/html"), ("ETag", '"x"'))
    assert one.server_address == "192.0.2.9"
    assert one.request_headers == (("User-Agent", "crawler"),)


def chunked(body: bytes) -> bytes:
    return b"%x;a=b\r\n%b\r\n" % (len(body[:7]), body[:7]) + b"%X\r\n%b\r\n0\r\n\r\n" % (len(body[7:]), body[7:])


BARE = zlib.compressobj(wbits=-15)
CODED = {
    "plain": ({}, HTML),
    "chunked": ({"Transfer-Encoding": "chunked"}, chunked(HTML)),
    "chunked, cut short": ({"Transfer-Encoding": "chunked"}, chunked(HTML)[:-5]),
    "chunks undone by the crawler": ({"Transfer-Encoding": "chunked"}, HTML),
    "gzip": ({"Content-Encoding": "gzip"}, gzip.compress(HTML)),
    "gzip in chunks": (
        {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
        chunked(gzip.compress(HTML)),
    ),
    "gzip undone by the crawler": ({"Content-Encoding": "gzip"}, HTML),
    "deflate": ({"content-encoding": "deflate"}, zlib.compress(HTML)),
    "bare deflate": ({"Content-Encoding": "deflate"}, BARE.compress(HTML) + BARE.flush()),
    "br": ({"Content-Encoding": "br"}, brotli.compress(HTML)),
    "zstd": ({"Content-Encoding": "zstd"}, zstd.compress(HTML)),
    "two codings": ({"Content-Encoding": "br, gzip"}, gzip.compress(brotli.compress(HTML))),
    "a coding that is none": ({"Content-Encoding": "utf-8"}, HTML),
}


@pytest.mark.parametrize(("headers", "body"), CODED.values(), ids=CODED.keys())
def test_codings_are_undone(tmp_path: Path, headers: dict[str, str], body: bytes):
    path = written(tmp_path, crawl((list(headers.items()), body)))

    (found,) = imported(path)

    assert found.snapshot.body == HTML


def with_dictionary(data: bytes) -> bytes:
    """Compress a WARC file after the convention, with a dictionary that is not compressed itself."""
    dictionary = zstd.train_dict([data[at : at + 300] + bytes([at % 256]) for at in range(0, len(data) - 300, 3)], 2000)
    head = dictionary.dict_content
    return (
        (0x184D2A5D).to_bytes(4, "little")
        + len(head).to_bytes(4, "little")
        + head
        + zstd.compress(data, zstd_dict=dictionary)
    )


FORMS = {
    "crawl.warc": lambda data: data,
    "crawl.warc.gz": gzip.compress,
    "crawl.warc.zst": zstd.compress,
    "dictionary.warc.zst": with_dictionary,
}


@pytest.mark.parametrize(("name", "form"), FORMS.items(), ids=FORMS.keys())
@pytest.mark.parametrize("request_first", [True, False])
def test_every_form_of_file_is_read(tmp_path: Path, name: str, form, request_first: bool):
    data = crawl(*[([("Content-Type", "text/html")], HTML)] * 5, gzipped=False, request=request_first)

    found = imported(written(tmp_path, form(data), name))

    assert [one.snapshot.body for one in found] == [HTML] * 5


def record(kind: str, block: bytes, length: int | str | None = None, **fields: str) -> bytes:
    told = len(block) if length is None else length
    lines = {
        "WARC-Type": kind,
        "WARC-Date": "2020-02-29T12:00:00Z",
        "WARC-Target-URI": "<https://northdesk.example/a>",
        **{name.replace("_", "-"): value for name, value in fields.items()},
        "Content-Length": str(told),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hello.</p>"


def test_only_wanted_addresses_are_unpacked(tmp_path: Path):
    other = record("response", RESPONSE.replace(b"Hello", b"Other"), WARC_Target_URI="https://elsewhere.example/")
    path = written(tmp_path, other + record("response", RESPONSE) + other, "crawl.warc")

    found = imported(path, wanted=lambda address: "northdesk" in address)

    assert [one.snapshot.body for one in found] == [b"<p>Hello.</p>"]


def test_folded_headers_line_feeds_and_angle_brackets_are_understood(tmp_path: Path):
    """As old crawlers and wget wrote them."""
    block = b"HTTP/1.0 200 OK\nX-Long: one\n two\nContent-Type: text/html\n\n<p>Hello.</p>"
    path = written(tmp_path, record("response", block), "crawl.warc")

    (found,) = imported(path)

    assert found.snapshot.url == "https://northdesk.example/a"
    assert found.snapshot.headers == (("X-Long", "one two"), ("Content-Type", "text/html"))
    assert found.snapshot.body == b"<p>Hello.</p>"


def test_other_records_are_passed_over(tmp_path: Path):
    data = record("resource", b"x") + record("metadata", b"via: x") + record("response", RESPONSE)

    assert len(imported(written(tmp_path, data, "crawl.warc"))) == 1


# --- revisits -----------------------------------------------------------------------------------------

FIRST_ID = "<urn:uuid:12345678-0000-4000-8000-000000000001>"
FIRST = record("response", RESPONSE, WARC_Record_ID=FIRST_ID, WARC_Payload_Digest="sha1:ABC")
LATER = {"WARC_Date": "2020-03-05T12:00:00Z"}
HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Served: again\r\n\r\n"
REVISITS = {
    "by identifier": record("revisit", HEADER, **LATER, WARC_Refers_To=FIRST_ID),
    "by address and date": record(
        "revisit",
        HEADER,
        **LATER,
        WARC_Refers_To_Target_URI="https://northdesk.example/a",
        WARC_Refers_To_Date="2020-02-29T12:00:00Z",
    ),
    "by digest": record("revisit", HEADER, **LATER, WARC_Payload_Digest="sha1:ABC"),
    "not modified": record("revisit", b"HTTP/1.1 304 Not Modified\r\n\r\n", **LATER, WARC_Refers_To=FIRST_ID),
    "without a header": record("revisit", b"", **LATER, WARC_Refers_To=FIRST_ID),
}


@pytest.mark.parametrize("revisit", REVISITS.values(), ids=REVISITS)
def test_revisit_has_the_page_that_it_refers_to(tmp_path: Path, revisit: bytes):
    path = written(tmp_path, FIRST + record("request", b"GET /a HTTP/1.1\r\n\r\n") + revisit, "crawl.warc")

    first, again = imported(path)

    assert (again.snapshot.body, again.snapshot.status) == (first.snapshot.body, 200)
    assert again.snapshot.fetched_at == datetime(2020, 3, 5, 12, tzinfo=UTC)
    assert again.snapshot.header("Content-Type") == "text/html"
    assert again.snapshot.url == "https://northdesk.example/a"


def test_revisit_as_warcio_writes_it(tmp_path: Path):
    path = tmp_path / "crawl.warc.gz"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        page_ = writer.create_warc_record(
            "https://northdesk.example/a", "response", payload=io.BytesIO(b"<p>Hello.</p>"), http_headers=headers,
            warc_headers_dict={"WARC-Date": "2020-02-29T12:00:00Z"},
        )  # fmt: skip
        writer.write_record(page_)
        again = writer.create_revisit_record(
            "https://northdesk.example/b",
            page_.rec_headers.get_header("WARC-Payload-Digest"),
            "https://northdesk.example/a",
            "2020-02-29T12:00:00Z",
            http_headers=headers,
            warc_headers_dict={"WARC-Date": "2020-03-05T12:00:00Z"},
        )
        writer.write_record(again)

    found = imported(path)

    assert [(one.snapshot.url, one.snapshot.body) for one in found] == [
        ("https://northdesk.example/a", b"<p>Hello.</p>"),
        ("https://northdesk.example/b", b"<p>Hello.</p>"),
    ]


def test_revisit_of_what_is_not_in_the_file_is_said(tmp_path: Path):
    path = written(tmp_path, REVISITS["by identifier"] + FIRST, "crawl.warc")

    missing, found = read_warc(path)

    assert isinstance(missing, Skipped)
    assert "refers to is not before it in this file" in missing.reason
    assert isinstance(found, Imported)


# --- broken and hostile files -------------------------------------------------------------------------

GOOD_RECORD = record("response", RESPONSE)
BROKEN_FILES = {
    "cut short in a block": (GOOD_RECORD[:-20], "ends in the middle of a record"),
    "cut short in a record that is not wanted": (record("resource", b"x" * 99)[:-50], "ends in the middle of a record"),
    "length too small": (record("response", RESPONSE, length=20), "longer than it says"),
    "length too large": (record("response", RESPONSE, length=10**6), "ends in the middle of a record"),
    "length beyond all bounds": (record("resource", b"", length=10**17), "would have to be unpacked"),
    "length that is no number": (record("response", RESPONSE, length="-5"), "says that it is '-5' bytes long"),
    "length that is missing": (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", "says that it is '' bytes long"),
    "garbage": (b"\x00" * 1000, "no record begins where one should"),
    "header without end": (b"WARC/1.0\r\n" + b"X: y\r\n" * 300_000, "header has no end"),
    "nothing but blank lines": (b"\r\n" * 5000, "no record begins where one should"),
}


@pytest.mark.parametrize(("broken", "reason"), BROKEN_FILES.values(), ids=BROKEN_FILES.keys())
@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
def test_what_stands_before_the_damage_is_read(tmp_path: Path, broken: bytes, reason: str, pack):
    path = written(tmp_path, pack(GOOD_RECORD + broken), "crawl.warc")

    first, *_, last = read_warc(path)

    assert isinstance(first, Imported)
    assert first.snapshot.body == b"<p>Hello.</p>"
    assert isinstance(last, Skipped)
    assert reason in last.reason


SKIPPED_RECORDS = {
    "no date": (record("response", RESPONSE, WARC_Date="yesterday"), "does not say when it was taken"),
    "no HTTP": (record("response", b"just text"), "holds no HTTP response"),
    "empty header": (record("response", b"\r\n\r\nbody"), "holds no HTTP response"),
    "too long": (record("response", RESPONSE + bytes(6000)), "bytes long, more than 5000"),
    "bomb of gzip": (
        record("response", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10**6))),
        "unfolds to more than 5000 bytes",
    ),
    "bomb of br": (
        record("response", b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + brotli.compress(bytes(10**6))),
        "unfolds to more than 5000 bytes",
    ),
    "bomb of zstd": (
        record("response", b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n" + zstd.compress(bytes(10**6))),
        "unfolds to more than 5000 bytes",
    ),
}


@pytest.mark.parametrize(("bad", "reason"), SKIPPED_RECORDS.values(), ids=SKIPPED_RECORDS.keys())
def test_bad_capture_is_skipped_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bytes, reason: str
):
    for module in (codings, foreign):
        monkeypatch.setattr(module, "LARGEST", 5000)

    first, second, third = read_warc(written(tmp_path, GOOD_RECORD + bad + GOOD_RECORD, "crawl.warc"))

    assert isinstance(first, Imported)
    assert isinstance(second, Skipped)
    assert reason in second.reason
    assert isinstance(third, Imported)


def test_bomb_of_a_file_takes_neither_time_nor_memory(tmp_path: Path):
    """A record of half a gigabyte of zeros in some kilobytes."""
    head = record("response", b"", length=1 << 29)[:-4]
    compressor = zstd.ZstdCompressor()
    data = compressor.compress(head) + b"".join(compressor.compress(bytes(1 << 24)) for _ in range(32))
    path = written(tmp_path, data + compressor.flush(), "bomb.warc.zst")

    tracemalloc.start()
    begun = time.monotonic()
    found = list(read_warc(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert all(isinstance(one, Skipped) for one in found)
    assert peak < 50_000_000
    assert time.monotonic() - begun < 30


READ_ALONE = """
import resource, sys
from pathlib import Path
from tracker.archive import read_warc
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = sum(1 for _ in read_warc(Path(sys.argv[1])))
print(found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def read_alone(path: Path) -> tuple[int, int]:
    """Read a file in a process of its own: how many captures, and how many kB of memory more than before."""
    done = subprocess.run([sys.executable, "-c", READ_ALONE, path], capture_output=True, text=True, check=True)
    found, grown = map(int, done.stdout.split())
    return found, grown


@pytest.mark.parametrize("records", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_multitude_of_tiny_records_is_read_one_by_one(tmp_path: Path, records: int):
    tiny = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    path = written(tmp_path, zstd.compress(tiny * records + GOOD_RECORD), "tiny.warc.zst")

    found, grown_kb = read_alone(path)

    assert (found, grown_kb < 30_000) == (1, True), f"{grown_kb:,} kB"


@pytest.mark.parametrize("records", [3_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_multitude_of_tiny_captures_is_read_one_by_one(tmp_path: Path, records: int):
    """Each of them could be referred to by a revisit: what is remembered for that is bounded."""
    path = tmp_path / "tiny.warc.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        for number in range(records):
            names = {"WARC_Record_ID": f"<urn:{number}>", "WARC_Payload_Digest": f"sha1:{number}"}
            out.write(record("response", RESPONSE, **names))

    found, grown_kb = read_alone(path)

    assert (found, grown_kb < 300_000) == (records, True), f"{grown_kb:,} kB"


def test_changed_capture_of_ours_is_skipped(archive: Archive, tmp_path: Path):
    data = gzip.decompress(exported(archive, tmp_path / "out.warc.gz").read_bytes())
    path = written(tmp_path, data.replace(b"for the 2th time", b"for the 9th time"), "changed.warc")

    skipped = [one for one in read_warc(path) if isinstance(one, Skipped)]

    assert skipped
    assert all("does not have the digest that it names" in one.reason for one in skipped)


NOT_WARC = {
    "text": b"hello",
    "empty": b"",
    "zip": b"PK\x03\x04",
    "dictionary that cannot be read": (0x184D2A5D).to_bytes(4, "little") + b"\x04\0\0\0abcd",
    "dictionary beyond all bounds": (0x184D2A5D).to_bytes(4, "little") + b"\xff\xff\xff\xff",
}


@pytest.mark.parametrize("data", NOT_WARC.values(), ids=NOT_WARC.keys())
def test_file_that_is_no_warc_is_refused(tmp_path: Path, data: bytes):
    with pytest.raises(InputError, match=r"other\.file"):
        list(read_warc(written(tmp_path, data, "other.file")))


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.warc cannot be opened \(No such file or directory\)"):
        list(read_warc(tmp_path / "none.warc"))


@given(
    st.lists(
        st.sampled_from([GOOD_RECORD, *(one for one, _ in BROKEN_FILES.values() if len(one) < 2000)])
        | st.binary(max_size=60),
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_brings_the_reader_down(tmp_path: Path, parts: list[bytes]):
    path = written(tmp_path, GOOD_RECORD + b"".join(parts), "any.warc")

    assert isinstance(next(read_warc(path)), Imported)
    assert all(isinstance(one, (Imported, Skipped)) for one in read_warc(path))
