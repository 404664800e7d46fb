"""A capture comes back as it was, whatever the server sent, and others can read it too."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from archive_samples import ADDRESS, FOLDER, GOOD, START, page, snapshot, version
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from tracker.archive import Archive
from tracker.archive.capture_records import Chain, add_capture, add_version, snapshot_of, version_of
from tracker.archive.frames import (
    compress,
    decompress,
    dictionary_frame,
    make_dictionary,
    read_dictionary,
    split_frames,
)
from tracker.archive.index import README
from tracker.archive.warc import DamageError, digest_of, make_record, parse_record
from tracker.models import Capture, Redirect, Snapshot, Version

anything = st.text(max_size=30) | st.text(st.characters(), max_size=30)  # lone surrogates included
headers = st.lists(
    st.tuples(
        anything | st.sampled_from(["Content-Length", "transfer-encoding", "X-Archive-Orig-Content-Length"]), anything
    ),
    max_size=5,
).map(tuple)
zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(START.replace(1990, tzinfo=None), START.replace(2090, tzinfo=None), timezones=zones)
bodies = st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: text.encode("utf-8", "replace"))
addresses = anything.map("https://northdesk.example/{}".format)
hops = st.builds(Redirect, addresses, st.integers(100, 599), anything, headers)
snapshots = st.builds(
    Snapshot,
    url=addresses,
    fetched_at=moments,
    status=st.integers(100, 599),
    headers=headers,
    body=bodies,
    reason=anything,
    final_url=st.just("") | addresses,
    request_headers=headers,
    redirects=st.lists(hops, max_size=3).map(tuple),
    elapsed_s=st.floats(0, 1e6),
    server_address=st.none() | st.ip_addresses().map(str) | anything,
    certificate_sha256=st.none() | anything,
)
texts = st.lists(anything, max_size=4).map(tuple)
versions = st.builds(
    Version,
    headline=st.none() | anything,
    byline=texts,
    published_at=st.none() | moments,
    updated_at=st.none() | moments,
    section=st.none() | anything,
    language=st.none() | anything,
    paragraphs=texts,
    captions=texts,
    notices=texts,
    extractor=anything,
    canonical_url=st.none() | anything,
    sentences=st.none() | texts,
    plain_text=st.booleans(),
)
judged = st.builds(Capture, st.floats(0, 1), st.booleans(), texts)

NOTHING_READ = Version()


def chain_of(given_snapshot: Snapshot, given_version: Version = NOTHING_READ, capture: Capture = GOOD) -> Chain:
    chain = Chain(None)
    response = add_capture(chain, given_snapshot, "20240302063000", "tracker/1", capture)
    add_version(chain, response, given_version, capture, given_snapshot.fetched_at)
    return chain


@given(snapshots, versions, judged)
def test_what_was_written_is_what_is_read(one: Snapshot, read: Version, capture: Capture):
    records = [parse_record(data) for data in chain_of(one, read, capture).records]

    assert snapshot_of(records[:-1]) == one
    assert version_of(records[-1]) == (read, capture)


@given(snapshots)
def test_every_record_is_one_that_another_reader_takes(one: Snapshot):
    """Even with line breaks and other nonsense in the headers."""
    records = chain_of(one).records

    found = list(ArchiveIterator(io.BytesIO(b"".join(records)), check_digests="raise"))

    assert len(found) == len(records)


@given(st.lists(st.binary(min_size=8, max_size=2000), min_size=1, max_size=4))
def test_frames_give_back_what_was_compressed(records: list[bytes]):
    dictionary = make_dictionary(records)

    again = read_dictionary(dictionary_frame(dictionary))

    frames = [compress(record, dictionary) for record in records]
    assert [decompress(frame, again) for frame in split_frames(b"".join(frames))] == records


@given(snapshots, st.data())
def test_flipped_bit_in_a_record_is_found(one: Snapshot, data: st.DataObject):
    """By the record's own digest, or by the digest that the next record names."""
    record = chain_of(one).records[-2]
    at = data.draw(st.integers(0, len(record) - 1))
    flipped = bytearray(record)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))

    assert digest_of(bytes(flipped)) != digest_of(record)


# --- pinned -------------------------------------------------------------------------------------------


def test_record_is_written_as_ever():
    """Digests of what was archived years ago must still come out: change this only with a new format."""
    record = make_record("metadata", b"{}", at=START, content_type="application/json", previous=digest_of(b"before"))

    assert record.to_bytes() == (
        b"WARC/1.1\r\n"
        b"WARC-Type: metadata\r\n"
        b"WARC-Record-ID: <urn:uuid:a4e67a5f-dc91-5e9d-8eb7-3ba175ec27de>\r\n"
        b"WARC-Date: 2024-03-02T06:30:00.000000Z\r\n"
        b"Content-Type: application/json\r\n"
        b"WARC-Block-Digest: sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\r\n"
        b"X-Archive-Previous-Record: sha256:6db7d803e74f1ffa7d8f5adc0bf95b3e15bf4c8373fffadf546227cc6c6742cb\r\n"
        b"Content-Length: 2\r\n"
        b"\r\n"
        b"{}\r\n\r\n"
    )


def test_capture_is_written_as_ever():
    chain = chain_of(snapshot(body=b"<p>Hello.</p>"), version())

    assert chain.previous == "sha256:94556ad3a99213d18ff47d131ff0fbaf0128f93d6489aedf3d0968ae3ada9be5"


def test_digest_is_named_as_ever():
    assert digest_of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# --- other readers ------------------------------------------------------------------------------------


@pytest.fixture
def native_file(tmp_path: Path) -> Path:
    """A file with three captures, each of which was redirected."""
    archive = Archive(tmp_path)
    for edition in range(3):
        archive.append(FOLDER, snapshot(edition), version(edition), GOOD)
    return tmp_path / FOLDER / "0001.warc.zst"


def uncompressed(path: Path) -> bytes:
    """Follow the README's commands."""
    commands = "".join(re.findall(r"^  ((?:N=|head|tail).*\n)", README, re.MULTILINE))
    subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=path.parent, check=True, capture_output=True)
    return (path.parent / "0001.warc").read_bytes()


def test_readme_tells_how_to_read_a_file_with_the_zstd_command(native_file: Path):
    pages = [
        record.content_stream().read()
        for record in ArchiveIterator(io.BytesIO(uncompressed(native_file)), check_digests="raise")
        if record.rec_type == "response" and record.http_headers.get_statuscode() == "200"
    ]

    assert pages == [page(edition) for edition in range(3)]


def test_warcio_reads_headers_as_the_server_sent_them(native_file: Path):
    records = ArchiveIterator(io.BytesIO(uncompressed(native_file)))
    response = next(record for record in records if record.rec_headers.get_header("WARC-Target-URI") == ADDRESS)

    assert response.http_headers.get_statuscode() == "200"
    assert response.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert [value for name, value in response.http_headers.headers if name == "Set-Cookie"] == ["a=1", "b=2"]


def test_fastwarc_reads_the_native_file(native_file: Path):
    """Dictionary and all: the form is a convention that others know."""
    with native_file.open("rb") as opened:
        records = list(FastIterator(opened, parse_http=False))

    kinds = [record.headers["WARC-Type"] for record in records]
    assert kinds == ["warcinfo", *["response", "response", "request", "metadata", "conversion"] * 3]


def test_records_form_one_chain(native_file: Path):
    previous = None
    for raw in re.findall(rb"WARC/1\.1\r\n(?:.(?!WARC/1\.1\r\n))*.", uncompressed(native_file), re.DOTALL):
        assert parse_record(raw).field("X-Archive-Previous-Record") == previous
        previous = digest_of(raw)


# --- damage and bombs ---------------------------------------------------------------------------------


def test_bomb_is_stopped():
    frame = compress(bytes(1_000_001), None)

    with pytest.raises(DamageError, match="larger than 1000000 bytes"):
        decompress(frame, None, limit=1_000_000)


def test_record_that_fills_the_limit_is_read():
    assert decompress(compress(bytes(1000), None), None, limit=1000) == bytes(1000)


DAMAGED_FRAMES = {
    "cut short": lambda frame: frame[:-3],
    "empty": lambda frame: b"",
    "followed by another": lambda frame: frame + frame,
    "with a flipped bit": lambda frame: frame[:-6] + bytes([frame[-6] ^ 1]) + frame[-5:],
}


@pytest.mark.parametrize("damage", DAMAGED_FRAMES.values(), ids=DAMAGED_FRAMES.keys())
def test_damaged_frame_is_refused(damage):
    frame = compress(b"some words and some more words", None)

    with pytest.raises(DamageError):
        decompress(damage(frame), None)


DAMAGED_RECORDS = {
    "no header": (b"WARC/1.1\r\nWARC-Type: response", "no WARC header"),
    "not WARC": (b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n", "no WARC header"),
    "wrong length": (b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 3\r\n\r\n{}\r\n\r\n", "not as long"),
    "no digest": (b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\n{}\r\n\r\n", "digest"),
}


@pytest.mark.parametrize(("data", "message"), DAMAGED_RECORDS.values(), ids=DAMAGED_RECORDS.keys())
def test_damaged_record_is_refused(data: bytes, message: str):
    with pytest.raises(DamageError, match=message):
        parse_record(data)


def record_of(kind: str, block: bytes):
    return make_record(kind, block, at=START, content_type="text/plain", previous=None)


NOT_CAPTURES = {
    "no response": [record_of("request", b"GET / HTTP/1.1\r\n\r\n"), record_of("metadata", b"{}")],
    "no metadata": [record_of("response", b"HTTP/1.1 200 OK\r\n\r\n"), record_of("request", b"GET / HTTP/1.1\r\n\r\n")],
    "metadata of another kind": [
        record_of("response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        record_of("request", b"GET / HTTP/1.1\r\n\r\n"),
        record_of("metadata", b"{}"),
    ],
    "metadata that is no JSON": [
        record_of("response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        record_of("request", b"GET / HTTP/1.1\r\n\r\n"),
        record_of("metadata", b"key: value"),
    ],
    "metadata that is a list": [
        record_of("response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        record_of("request", b"GET / HTTP/1.1\r\n\r\n"),
        record_of("metadata", b"[]"),
    ],
}


@pytest.mark.parametrize("records", NOT_CAPTURES.values(), ids=NOT_CAPTURES.keys())
def test_records_that_are_no_capture_are_refused(records):
    with pytest.raises(DamageError):
        snapshot_of(records)


def test_version_that_cannot_be_understood_is_refused():
    with pytest.raises(DamageError, match="version cannot be understood"):
        version_of(record_of("conversion", b'{"version": {}}'))


def test_date_is_the_moment_in_utc():
    at = datetime(2024, 3, 2, 8, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))

    record = make_record("metadata", b"", at=at, content_type="x", previous=None)

    assert record.field("WARC-Date") == "2024-03-02T06:30:00.000005Z"
    assert at.astimezone(UTC) == START + timedelta(microseconds=5)
