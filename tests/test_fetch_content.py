"""What was packed comes out again, and what unfolds without end is stopped on the way."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from tracker.fetch.content import (
    ANYTHING,
    SITEMAPS,
    TEXT,
    CodingError,
    TooLargeError,
    decode,
    is_accepted,
    name_binary,
)

LIMIT = 1_000_000


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
PACKED = [*PACKERS.items(), ("deflate", bare_deflate), ("GZIP", gzip.compress), ("identity", bytes), ("", bytes)]
NAMES = [f"{coding}, {pack.__name__}" for coding, pack in PACKED]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize(("coding", "pack"), PACKED, ids=NAMES)
@given(st.binary(max_size=3000), st.integers(1, 4), st.integers(1, 700))
def test_what_was_packed_comes_out_again_however_it_was_cut(coding, pack, data, times, size):
    body = data * times * 40

    assert decode(cut(pack(body), size), coding, 10 * LIMIT) == body


@given(st.binary(min_size=1, max_size=500), st.lists(st.sampled_from(sorted(PACKERS)), min_size=2, max_size=3))
def test_codings_inside_one_another_are_undone_in_turn(body, codings):
    packed = body
    for coding in codings:
        packed = PACKERS[coding](packed)

    assert decode([packed], ", ".join(codings), LIMIT) == body


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_members_in_a_row_are_one_body(coding, pack, size):
    assert decode(cut(pack(b"one ") + pack(b"") + pack(b"two"), size), coding, LIMIT) == b"one two"


@pytest.mark.parametrize("rest", [b"\0" * 8, b"<!-- served in 3 ms -->"])
@pytest.mark.parametrize("size", [1, 10_000])
def test_what_follows_a_whole_gzip_member_and_is_none_is_passed_over(rest, size):
    assert decode(cut(gzip.compress(b"text") + rest, size), "gzip", LIMIT) == b"text"


@pytest.mark.parametrize("coding", ["utf-8", "none", "text/html", "compress"])
def test_codings_that_nobody_knows_are_passed_over(coding):
    assert decode([b"text"], coding, LIMIT) == b"text"


@pytest.mark.parametrize(("coding", "pack"), PACKED[:6], ids=NAMES[:6])
def test_a_body_that_breaks_off_is_seen(coding, pack):
    packed = pack(bytes(range(256)) * 50)
    for cut_at in (1, len(packed) // 2, len(packed) - 1):
        with pytest.raises(CodingError):
            decode([packed[:cut_at]], coding, LIMIT)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_in_its_coding_is_seen(coding):
    with pytest.raises(CodingError):
        decode([b"<!doctype html><p>The harbour is closed.</p>"], coding, LIMIT)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_nothing_is_nothing_in_every_coding(coding):
    assert decode([], coding, LIMIT) == b""


def test_too_many_codings_are_refused():
    with pytest.raises(CodingError, match="4 codings"):
        decode([b""], "gzip, gzip, gzip, gzip", LIMIT)


@pytest.mark.parametrize(("coding", "pack"), PACKED, ids=NAMES)
def test_the_limit_is_the_last_byte_that_passes(coding, pack):
    assert len(decode([pack(b"a" * 5000)], coding, 5000)) == 5000
    with pytest.raises(TooLargeError):
        decode([pack(b"a" * 5001)], coding, 5000)


TEN_MB = bytes(10_000_000)
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {  # packed only where the test runs
    "gzip": ("gzip", lambda: gzip.compress(TEN_MB * 3)),
    "deflate": ("deflate", lambda: zlib.compress(TEN_MB * 3)),
    "br": ("br", lambda: brotli.compress(TEN_MB * 3, quality=5)),
    "zstd": ("zstd", lambda: zstd.compress(TEN_MB * 3)),
    "gzip in many members": ("gzip", lambda: gzip.compress(TEN_MB) * 1000),
    "ten gigabytes in two codings": ("gzip, gzip", lambda: gzip.compress(gzip.compress(TEN_MB) * 1000)),
    "gzip in brotli": ("gzip, br", lambda: brotli.compress(gzip.compress(TEN_MB) * 1000, quality=5)),
    "brotli in zstd": ("br, zstd", lambda: zstd.compress(brotli.compress(TEN_MB * 3, quality=5))),
    "much in the middle and nothing at the end": ("gzip, zstd", lambda: zstd.compress(gzip.compress(b"") * 1_000_000)),
}  # fmt: skip


@pytest.mark.parametrize(("coding", "pack"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_stopped_while_it_unfolds(coding, pack):
    bomb = pack()
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decode(cut(bomb, 65536), coding, LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < len(bomb) * 2.5 + 3 * LIMIT


def test_a_zstd_frame_that_wants_a_window_of_hundreds_of_megabytes_is_refused():
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.enable_long_distance_matching: 1}
    packer = zstd.ZstdCompressor(options=options)
    packed = packer.compress(bytes(20_000_000)) + packer.flush()

    with pytest.raises(CodingError):
        decode([packed], "zstd", 100_000_000)


ACCEPTED = {
    "text/html; charset=utf-8": True,
    "TEXT/HTML": True,
    "application/xhtml+xml": True,
    "text/plain": True,
    "application/rss+xml": True,
    "application/atom+xml;type=feed": True,
    "application/xml": True,
    "application/json": True,
    "application/feed+json": True,
    "text/html, text/html": True,
    "": True,
    "application/pdf": False,
    "image/svg+xml": False,
    "video/mp4": False,
    "application/gzip": False,
    "application/octet-stream": False,
}


@pytest.mark.parametrize(("content_type", "accepted"), ACCEPTED.items())
def test_pages_feeds_and_text_are_accepted(content_type, accepted):
    assert is_accepted(content_type, TEXT) is accepted


def test_sitemaps_may_be_packed_and_robots_may_be_anything():
    assert is_accepted("application/gzip", SITEMAPS)
    assert not is_accepted("image/png", SITEMAPS)
    assert is_accepted("image/png", ANYTHING)


BODIES = {
    b"%PDF-1.7 ...": "PDF",
    b"\x89PNG\r\n": "PNG",
    b"PK\x03\x04": "ZIP",
    b"\0\0\0\x18ftypmp42": "film",
    b"\x01\x02\0\x03": "binary",
    b"<p>Text</p>": None,
    "<p>Text</p>".encode("utf-16"): None,
    "<p>Text</p>".encode("utf-16-be"): None,
    b"": None,
}


@pytest.mark.parametrize(("body", "name"), BODIES.items())
def test_what_is_no_text_is_named(body, name):
    found = name_binary(body)

    assert found is None if name is None else name in (found or "")
