"""Whatever a server does, a fetch ends within its limits of time and memory, with a sentence."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import brotli
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers import Chunks, Site, drip
from tracker.config import FetchSettings
from tracker.errors import FetchError
from tracker.fetch import Fetcher
from tracker.models import Validators

TIMEOUT_S, DEADLINE_S, MARGIN_S = 0.2, 0.4, 1.0
PATIENT = FetchSettings(allow_hosts=("127.0.0.1",), timeout_s=10, deadline_s=20, max_bytes=1_000_000, max_redirects=5)
SETTINGS = replace(PATIENT, timeout_s=TIMEOUT_S, deadline_s=DEADLINE_S)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
TOO_LATE, SILENT, TOO_LARGE = "was not there after", "sent nothing for", "is larger than"
BREAKS_OFF, NO_HTTP = "breaks off", "not HTTP"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as one:
        yield one


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Fetcher]:
    one = Fetcher(SETTINGS)
    yield one
    one.close()


@pytest.fixture(scope="module")
def patient() -> Iterator[Fetcher]:
    one = Fetcher(PATIENT)
    yield one
    one.close()


def packed(coding: str, body: bytes) -> list[bytes]:
    return [HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode(), body]


def endless(piece: bytes, head: bytes = HEAD + b"\r\n") -> Iterator[bytes]:
    yield head
    while True:
        yield piece


def gigabyte() -> Iterator[bytes]:
    yield HEAD + b"Content-Length: 1073741824\r\n\r\n"
    for _ in range(16384):
        yield b"a" * 65536


@cache
def hundred_mb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1_000_000)
    return b"".join(packer.compress(piece) for _ in range(100)) + packer.flush()


ATTACKS: dict[str, tuple[Callable[[], Chunks], str]] = {
    # Time.
    "a body that drips": (lambda: drip(HEAD + b"\r\n" + b"<p>" * 9999, 0.05), TOO_LATE),
    "a status line that drips": (lambda: drip(b"HTTP/1.1 200 " + b"O" * 9999, 0.05), TOO_LATE),
    "headers that drip": (lambda: drip(HEAD + b"X: y\r\n" * 9999, 0.05), TOO_LATE),
    "chunks that drip": (lambda: drip(CHUNKED + b"1\r\na\r\n" * 9999, 0.05), TOO_LATE),
    "a chunk's length that drips": (lambda: drip(CHUNKED + b"0" * 9999, 0.05), TOO_LATE),
    "trailers that drip": (lambda: drip(CHUNKED + b"1\r\na\r\n0\r\n" + b"X: y\r\n" * 9999, 0.05, 6), TOO_LATE),
    "provisional answers without end": (lambda: drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 9999, 0.05, 25), TOO_LATE),
    "silence before the answer": (lambda: [9.0], SILENT),
    "silence within the headers": (lambda: [HEAD, 9.0], SILENT),
    "silence within the body": (lambda: [HEAD + b"Content-Length: 99\r\n\r\n<p>", 9.0], SILENT),
    "silence in place of the end": (lambda: [HEAD + b"\r\n<p>All of it.", 9.0], SILENT),
    "an error page that drips": (lambda: drip(b"HTTP/1.1 404 No\r\n\r\n" + b"<p>" * 9999, 0.05, 5), "status 404"),
    # Size.
    "a gigabyte": (gigabyte, TOO_LARGE),
    "a body without end": (lambda: endless(b"a" * 65536), TOO_LARGE),
    "chunks without end": (lambda: endless(b"10000\r\n" + b"a" * 65536 + b"\r\n", CHUNKED), TOO_LARGE),
    "one chunk of a terabyte": (lambda: endless(b"a" * 65536, CHUNKED + b"10000000000\r\n"), TOO_LARGE),
    "a gzip bomb": (lambda: packed("gzip", hundred_mb()), TOO_LARGE),
    "a deflate bomb": (lambda: packed("deflate", zlib.compress(bytes(20_000_000))), TOO_LARGE),
    "a brotli bomb": (lambda: packed("br", brotli.compress(bytes(20_000_000), quality=5)), TOO_LARGE),
    "a zstd bomb": (lambda: packed("zstd", zstd.compress(bytes(100_000_000))), TOO_LARGE),
    "a bomb within a bomb": (lambda: packed("gzip, gzip", gzip.compress(hundred_mb() * 30)), TOO_LARGE),
    "a bomb in members": (lambda: packed("gzip", gzip.compress(bytes(900_000)) * 100), TOO_LARGE),
    "a bomb of nothing": (lambda: packed("gzip, zstd", zstd.compress(gzip.compress(b"") * 200_000)), TOO_LARGE),
    "headers without end": (lambda: endless(b"X: y\r\n", HEAD), "not valid HTTP"),
    "a header without end": (lambda: endless(b"a" * 65536, HEAD + b"X: "), "not valid HTTP"),
    "a status line without end": (lambda: endless(b"a" * 65536, b"HTTP/1.1 200 "), "not valid HTTP"),
    "a chunk's note without end": (lambda: endless(b"a" * 65536, CHUNKED + b"1;"), BREAKS_OFF),
    # Lies and rubbish.
    "less than the length": (lambda: [HEAD + b"Content-Length: 99\r\n\r\n<p>Hi"], BREAKS_OFF),
    "two lengths": (lambda: [HEAD + b"Content-Length: 5\r\nContent-Length: 3\r\n\r\n<p>Hi"], "contradicts itself"),
    "chunks that are none": (lambda: [CHUNKED + b"<p>Hi"], "chunks are broken"),
    "a negative chunk": (lambda: [CHUNKED + b"-1\r\n<p>Hi"], BREAKS_OFF),
    "a chunk that breaks off": (lambda: [CHUNKED + b"ff\r\n<p>Hi"], BREAKS_OFF),
    "chunks that break off": (lambda: [CHUNKED + b"5\r\n<p>Hi\r\n"], BREAKS_OFF),
    "gzip that breaks off": (lambda: [HEAD + b"Content-Encoding: gzip\r\n\r\n", hundred_mb()[:500]], BREAKS_OFF),
    "gzip that is none": (lambda: packed("gzip", b"<p>Hi"), 'in the coding "gzip", and is not'),
    "a film that is called a page": (lambda: [HEAD + b"\r\n\0\0\0\x18ftypmp42"], "is a film"),
    "no answer": (list, "without an answer"),
    "another protocol": (lambda: [b"SSH-2.0-OpenSSH_9.2\r\n"], NO_HTTP),
    "an old protocol": (lambda: [b"<p>Hi"], NO_HTTP),
    "a status that is none": (lambda: [b"HTTP/1.1 abc Hi\r\n\r\n"], NO_HTTP),
    "a status of four digits": (lambda: [b"HTTP/1.1 2000 Hi\r\n\r\n"], NO_HTTP),
    "an answer that changes the protocol": (lambda: [b"HTTP/1.1 101 Switching\r\n\r\n"], "status 101"),
}


def attacked(site: Site, fetcher: Fetcher, name: str) -> float:
    """Give the seconds that an attack takes."""
    attack, sentence = ATTACKS[name]
    url = site.answers_raw("/attack", attack())  # made ready before the clock runs
    started = time.monotonic()

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)

    assert sentence in str(caught.value)
    assert url in str(caught.value)
    return time.monotonic() - started


SLOW = [name for name, (_, sentence) in ATTACKS.items() if sentence in (TOO_LATE, SILENT, "status 404")]


@pytest.mark.parametrize("name", SLOW)
def test_attacks_on_time_end_in_time_with_a_sentence(site, fetcher, name):
    assert attacked(site, fetcher, name) < DEADLINE_S + MARGIN_S


@pytest.mark.parametrize("name", [name for name in ATTACKS if name not in SLOW])
def test_attacks_on_size_and_sense_end_at_once_with_a_sentence(site, patient, name):
    assert attacked(site, patient, name) < 5


pieces = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 302 \xff\r\n", b"HTTP/1.1 404\r\n", b"HTTP/1.1 304 No\r\n", b"HTTP/1.1 503 \r\n",
        b"\r\n", b"\r\n\r\n", b"\n", b": ", b" ", b"\0", b"\xff\xfe", b"<p>Hi", b"0\r\n\r\n", b"3\r\nabc\r\n", b"ffffffffffffffffff\r\n",
        b"Content-Type: text/html\r\n", b"Content-Type: \xe9;;=\r\n", b"Content-Length: 3\r\n", b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Encoding: gzip\r\n", b"Content-Encoding: br,zstd\r\n", b"Location: /attack\r\n", b"Location: //\xff[\r\n",
        b"Set-Cookie: a=\"\xff; expires=x\r\n", b"Retry-After: Mon, 99\r\n", b"Date: -\r\n", b" folded\r\n", b"NoColon\r\n",
    ]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces | st.binary(max_size=20), max_size=14))
def test_any_answer_at_all_is_a_snapshot_or_an_error_of_ours(site, patient, answer):
    url = site.answers_raw("/attack", answer)

    with contextlib.suppress(FetchError):
        assert patient.fetch(url, Validators('"1"')).url == url


def test_the_next_fetch_is_none_the_worse_for_it(site, patient):
    """What follows a broken answer on the same connection is not taken for the next answer."""
    site.answers_raw("/a", [HEAD + b"Content-Length: 2\r\n\r\nhi" + HEAD + b"Content-Length: 5\r\n\r\nwrong"])
    url = site.publishes("/b", "right")

    patient.fetch(site.url("/a"))

    assert patient.fetch(url).body == b"right"


def test_redirects_share_one_deadline(site, fetcher):
    for number in range(5):
        hop = f"HTTP/1.1 302 Found\r\nLocation: /slow{number + 1}\r\nContent-Length: 0\r\n\r\n".encode()
        site.answers_raw(f"/slow{number}", lambda hop=hop: [TIMEOUT_S * 0.7, hop])
    started = time.monotonic()

    with pytest.raises(FetchError, match=TOO_LATE):
        fetcher.fetch(site.url("/slow0"))

    assert time.monotonic() - started < DEADLINE_S + MARGIN_S


def test_the_body_of_a_redirect_is_not_waited_for(site, patient):
    head = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 1073741824\r\n\r\n"
    site.answers_raw("/a", lambda: endless(b"a" * 65536, head))
    site.publishes("/there", "here")

    assert patient.fetch(site.url("/a")).body == b"here"


def test_a_name_that_takes_for_ever_to_resolve_is_given_up():
    released = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        released.wait(5)
        return ["127.0.0.1"]

    started = time.monotonic()

    with pytest.raises(FetchError):
        Fetcher(SETTINGS, resolve=resolve).fetch("http://slow.example.org/")

    released.set()
    assert time.monotonic() - started < DEADLINE_S + MARGIN_S


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_takes_connections_and_never_speaks_is_given_up(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        started = time.monotonic()

        with pytest.raises(FetchError, match=f"{SILENT}|{TOO_LATE}"):
            Fetcher(SETTINGS).fetch(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/")

    assert time.monotonic() - started < DEADLINE_S + MARGIN_S


def test_a_handshake_that_drips_is_given_up(site):
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip_handshake, args=(server,), daemon=True)
        thread.start()

        with pytest.raises(FetchError):
            Fetcher(SETTINGS).fetch(f"https://127.0.0.1:{server.getsockname()[1]}/")

    assert time.monotonic() - started < DEADLINE_S + MARGIN_S


def _drip_handshake(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        for byte in b"\x16\x03\x03\x40\x00\x02" + bytes(200):
            try:
                connection.send(bytes([byte]))
            except OSError:
                return
            time.sleep(0.05)


MEASURE = """
import resource, sys
from tracker.config import FetchSettings
from tracker.errors import FetchError
from tracker.fetch import Fetcher
fetcher = Fetcher(FetchSettings(allow_hosts=("127.0.0.1",), timeout_s=5, deadline_s=20))
fetcher.fetch(sys.argv[1])
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for url in sys.argv[2:]:
    try:
        fetcher.fetch(url)
    except FetchError:
        pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of the process's memory")
def test_no_attack_takes_much_memory(site):
    """With the default limit of 10 MB a page."""
    names = [name for name, (_, sentence) in ATTACKS.items() if sentence in (TOO_LARGE, "not valid HTTP", BREAKS_OFF)]
    for number, name in enumerate(names):
        site.answers_raw(f"/memory{number}", ATTACKS[name][0]())
    urls = [site.publishes("/idle", "hi"), *(site.url(f"/memory{number}") for number in range(len(names)))]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *urls], capture_output=True, text=True, check=True, env=environ, timeout=60
    )

    assert float(done.stdout) < 50  # MB; measured 5
