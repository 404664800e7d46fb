"""An address becomes what the server sent, with everything about it that may be asked later."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest
from backports import zstd

from tests.servers import Site, drip
from tracker.config import FetchSettings
from tracker.errors import AddressError, BlockedError, ConfigError, FetchError, RateLimitedError
from tracker.fetch import ANYTHING, SITEMAPS, Fetcher
from tracker.fetch.fetcher import retry_after_s, user_agent
from tracker.models import NotModified, Snapshot, Validators

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
PAGE = "<!doctype html><title>Harbour</title><p>The harbour is closed.</p>"
SETTINGS = FetchSettings(allow_hosts=("127.0.0.1",), timeout_s=2, deadline_s=5)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as one:
        yield one


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    one = Fetcher(SETTINGS, clock=lambda: NOW)
    yield one
    one.close()


def fetched(fetcher: Fetcher, url: str, **more) -> Snapshot:
    response = fetcher.fetch(url, **more)
    assert isinstance(response, Snapshot)
    return response


def refused(fetcher: Fetcher, url: str, kind: type[FetchError] = FetchError, **more) -> FetchError:
    with pytest.raises(kind) as caught:
        fetcher.fetch(url, **more)
    assert url in str(caught.value)
    return caught.value


# --- what a snapshot says -------------------------------------------------------------------------


def test_a_page_comes_with_all_that_was_exchanged(site, fetcher):
    url = site.publishes("/a", PAGE, etag='"1"', headers={"X-Served-By": "one"})

    snapshot = fetched(fetcher, url)

    assert (snapshot.url, snapshot.address, snapshot.status, snapshot.reason) == (url, url, 200, "OK")
    assert snapshot.body == PAGE.encode()
    assert snapshot.fetched_at == NOW
    assert ("X-Served-By", "one") in snapshot.headers
    assert snapshot.validators == Validators('"1"', None)
    assert snapshot.server_address == "127.0.0.1"
    assert snapshot.certificate_sha256 is None
    assert 0 < snapshot.elapsed_s < 2


def test_request_headers_are_recorded_as_they_went_over_the_wire(site, fetcher):
    snapshot = fetched(fetcher, site.publishes("/a", PAGE))

    sent = {name.lower(): value for name, value in snapshot.request_headers}
    assert sent == dict(site.requests[-1].headers)
    assert sent["user-agent"].startswith("tracker/")
    assert sent["host"] == f"127.0.0.1:{site.port}"


def test_repeated_response_headers_stay_repeated_and_in_order(site, fetcher):
    head = b"HTTP/1.1 200 Fine\r\nB: 1\r\na: 2\r\nb: 3\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"

    snapshot = fetched(fetcher, site.answers_raw("/a", [head]))

    assert snapshot.headers[:3] == (("B", "1"), ("a", "2"), ("b", "3"))
    assert snapshot.reason == "Fine"


PACKERS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("coding", PACKERS)
def test_packed_pages_are_unpacked(site, fetcher, coding):
    url = site.publishes("/a", PACKERS[coding](PAGE.encode()), headers={"Content-Encoding": coding})

    assert fetched(fetcher, url).body == PAGE.encode()
    assert coding in site.requests[-1].headers["accept-encoding"]


def test_chunks_are_joined(site, fetcher):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    url = site.answers_raw("/a", [head, b"3;note=x\r\n<p>\r\n", b"2\r\nHi\r\n0\r\nTrailer: 1\r\n\r\n"])

    assert fetched(fetcher, url).body == b"<p>Hi"


def test_a_body_without_length_goes_on_to_the_end_of_the_connection(site, fetcher):
    url = site.answers_raw("/a", [b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hi"])

    assert fetched(fetcher, url).body == b"<p>Hi"


def test_a_page_without_media_type_is_taken_for_what_it_is(site, fetcher):
    assert fetched(fetcher, site.publishes("/a", PAGE, content_type=None)).body == PAGE.encode()
    error = refused(fetcher, site.publishes("/b", b"%PDF-1.7", content_type=None))
    assert "PDF" in str(error)


def test_the_fragment_is_not_sent(site, fetcher):
    url = site.publishes("/a", PAGE)

    assert fetched(fetcher, f"{url}#part").body == PAGE.encode()
    assert site.requests[-1].path == "/a"


# --- conditional requests -------------------------------------------------------------------------


@pytest.mark.parametrize("told", [{"etag": 'W/"1"'}, {"last_modified": "Mon, 09 Apr 2018 08:00:00 GMT"}])
def test_an_unchanged_page_is_not_sent_again(site, fetcher, told):
    url = site.publishes("/a", PAGE, **told)
    first = fetched(fetcher, url)

    second = fetcher.fetch(url, first.validators)

    assert isinstance(second, NotModified)
    assert (second.url, second.fetched_at) == (url, NOW)
    assert fetched(fetcher, url).body == PAGE.encode()
    assert len({request.connection for request in site.requests}) == 1


def test_a_changed_page_is_sent_again(site, fetcher):
    first = fetched(fetcher, site.publishes("/a", PAGE, etag='"1"'))
    url = site.publishes("/a", "<p>Open again.</p>", etag='"2"')

    second = fetcher.fetch(url, first.validators)

    assert isinstance(second, Snapshot)
    assert second.body == b"<p>Open again.</p>"


def test_not_modified_without_having_been_asked_is_no_answer(site, fetcher):
    error = refused(fetcher, site.answers_raw("/a", [b"HTTP/1.1 304 Not Modified\r\n\r\n"]))

    assert error.status == 304


@pytest.mark.parametrize("etag", ['"a\r\nX-Injected: 1"', '"\u2603"', '"\x00"', ""])
def test_validators_that_cannot_be_sent_are_left_out(site, fetcher, etag):
    url = site.publishes("/a", PAGE)

    fetched(fetcher, url, validators=Validators(etag, None))

    assert "if-none-match" not in site.requests[-1].headers
    assert "x-injected" not in site.requests[-1].headers


# --- redirects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_recorded(site, fetcher, status):
    start = site.redirects("/start", "/next?x=1#part", status, headers={"X-Hop": "1"})
    site.redirects("/next", "a", status)
    end = site.publishes("/a", PAGE)

    snapshot = fetched(fetcher, start)

    assert (snapshot.url, snapshot.final_url, snapshot.address) == (start, end, end)
    assert [(hop.url, hop.status, hop.location) for hop in snapshot.redirects] == [
        (start, status, site.url("/next?x=1")),
        (site.url("/next?x=1"), status, end),
    ]
    assert ("X-Hop", "1") in snapshot.redirects[0].headers


def test_redirects_use_the_same_connection(site, fetcher):
    site.publishes("/a", PAGE)

    fetched(fetcher, site.redirects("/start", "/a"))

    assert len({request.connection for request in site.requests}) == 1


def test_validators_go_with_every_hop(site, fetcher):
    site.publishes("/a", PAGE, etag='"1"')

    response = fetcher.fetch(site.redirects("/start", "/a"), Validators('"1"', None))

    assert isinstance(response, NotModified)


def test_a_date_is_no_validator_for_where_a_redirect_leads(site, fetcher):
    """An old home page must not answer for a removed article that it has not changed."""
    url = site.redirects("/removed", "/")
    site.publishes("/", PAGE, last_modified="Mon, 01 Jan 2018 08:00:00 GMT")

    response = fetcher.fetch(url, Validators(None, "Mon, 09 Apr 2018 08:00:00 GMT"))

    assert isinstance(response, Snapshot)
    assert response.final_url == site.url("/")


def test_a_location_in_bare_utf8_is_understood(site, fetcher):
    site.publishes("/h%C3%A4fen", PAGE)
    url = site.answers_raw("/a", ["HTTP/1.1 302 Found\r\nLocation: /häfen\r\nContent-Length: 0\r\n\r\n".encode()])

    assert fetched(fetcher, url).final_url == site.url("/h%C3%A4fen")


def test_ten_redirects_are_followed_and_no_more(site):
    fetcher = Fetcher(replace(SETTINGS, max_redirects=10))
    for number in range(12):
        site.redirects(f"/{number}", f"/{number + 1}")
    site.publishes("/12", PAGE)

    assert len(fetched(fetcher, site.url("/2")).redirects) == 10
    error = refused(fetcher, site.url("/1"))
    assert "more than 10 times" in str(error)


CIRCLES = {
    "to itself": {"/a": "/a"},
    "by way of another": {"/a": "/b", "/b": "/a"},
    "later on": {"/a": "/b", "/b": "/c", "/c": "/b"},
}


@pytest.mark.parametrize("hops", CIRCLES.values(), ids=CIRCLES)
def test_circles_are_seen_at_once(site, fetcher, hops):
    for path, target in hops.items():
        site.redirects(path, target)

    error = refused(fetcher, site.url("/a"))

    assert "circle" in str(error)
    assert len(site.requests) <= 4


def test_a_site_that_wants_its_cookie_back_gets_it(site, fetcher):
    url = site.wants_cookie("/a", "seen=1", PAGE)

    assert fetched(fetcher, url).body == PAGE.encode()


def test_no_cookie_outlives_a_fetch(site, fetcher):
    fetched(fetcher, site.publishes("/a", PAGE, headers={"Set-Cookie": "visits=1"}))

    fetched(fetcher, site.url("/a"))

    assert "cookie" not in site.requests[-1].headers


NOWHERE = (
    "file:///etc/passwd",
    "ftp://example.org/a",
    "javascript:alert(1)",
    "http://user:secret@127.0.0.1/",
    "//[broken/",
)


@pytest.mark.parametrize("target", NOWHERE)
def test_a_redirect_to_nowhere_is_named(site, fetcher, target):
    error = refused(fetcher, site.redirects("/a", target))

    assert "redirects to nowhere" in str(error)
    assert not error.transient


def test_a_redirect_that_may_not_be_followed_is_not(site, fetcher):
    site.publishes("/private", PAGE)
    url = site.redirects("/a", "/private")

    error = refused(fetcher, url, BlockedError, may_follow=lambda target: "private" not in target)

    assert site.url("/private") in str(error)
    assert [request.path for request in site.requests] == ["/a"]


def test_what_a_redirect_says_besides_need_not_be_whole(site, fetcher):
    site.publishes("/there", PAGE)
    url = site.answers_raw("/a", [b"HTTP/1.1 302 Found\r\nLocation: /there\r\nTransfer-Encoding: chunked\r\n\r\nxx"])

    assert fetched(fetcher, url).body == PAGE.encode()


def test_a_redirect_without_a_target_is_no_page(site, fetcher):
    error = refused(fetcher, site.answers_raw("/a", [b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"]))

    assert error.status == 302


# --- answers that are no page ---------------------------------------------------------------------

STATUSES = {
    401: False,
    403: False,
    404: False,
    408: True,
    410: False,
    418: False,
    451: False,
    500: True,
    502: True,
    504: True,
}


@pytest.mark.parametrize(("status", "transient"), STATUSES.items())
def test_an_error_carries_its_status_and_what_was_sent(site, fetcher, status, transient):
    url = site.publishes("/a", "<h1>Sorry</h1>", status=status)

    error = refused(fetcher, url)

    assert (error.status, error.transient, error.url) == (status, transient, url)
    assert f"status {status}" in str(error)
    assert error.snapshot is not None
    assert (error.snapshot.status, error.snapshot.body) == (status, b"<h1>Sorry</h1>")


def test_an_error_whose_body_cannot_be_read_is_still_that_error(site, fetcher):
    url = site.answers_raw("/a", [b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nSorr"])

    error = refused(fetcher, url)

    assert (error.status, error.snapshot) == (404, None)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 418 \x1b[2JTea" + b"pot" * 9999 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: video/\x1b[2J" + b"x" * 9999 + b"\r\n\r\n",
    ],
)
def test_what_a_server_says_is_repeated_in_short_and_without_control_characters(site, fetcher, answer):
    message = str(refused(fetcher, site.answers_raw("/a", [answer])))

    assert message.isprintable()
    assert len(message) < 300


def test_an_error_may_be_of_any_media_type_and_empty(site, fetcher):
    url = site.publishes("/a", b"\x89PNG", status=404, content_type="image/png")

    error = refused(fetcher, url)

    assert error.snapshot is not None
    assert refused(fetcher, site.publishes("/b", b"", status=410)).status == 410


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_patience_says_for_how_long(site, fetcher, status):
    url = site.publishes("/a", "Slow down", status=status, headers={"Retry-After": "120"})

    error = refused(fetcher, url, RateLimitedError)

    assert isinstance(error, RateLimitedError)
    assert (error.status, error.retry_after_s, error.transient) == (status, 120, True)
    assert error.snapshot is not None


def test_a_date_to_come_back_at_is_relative_to_the_server_s_own_clock(site, fetcher):
    """Our clock says 2018, the server's says what it says: only the difference counts."""
    later = datetime.now(UTC) + timedelta(seconds=90)
    url = site.publishes("/a", "", status=503, headers={"Retry-After": format_datetime(later, usegmt=True)})

    error = refused(fetcher, url, RateLimitedError)

    assert isinstance(error, RateLimitedError)
    assert error.retry_after_s == pytest.approx(90, abs=3)


RETRY_AFTER = {
    "seconds": ("120", 120),
    "no time": ("0", 0),
    "white space": (" 7 ", 7),
    "a date": ("Mon, 09 Apr 2018 08:16:00 GMT", 60),
    "a date in the past": ("Mon, 09 Apr 2018 08:00:00 GMT", 0),
    "the old form of a date": ("Monday, 09-Apr-18 08:16:00 GMT", 60),
    "a negative number": ("-5", None),
    "words": ("soon", None),
    "nothing": (None, None),
    "a date that is none": ("Mon, 99 Apr 2018 08:16:00 GMT", None),
    "more digits than sense": ("9" * 400, None),
}


@pytest.mark.parametrize(("value", "wait_s"), RETRY_AFTER.values(), ids=RETRY_AFTER)
def test_retry_after_is_seconds_or_a_date(value, wait_s):
    assert retry_after_s(value, NOW) == wait_s


NO_TEXT = {
    "a picture": (b"\x89PNG", "image/png", "image/png"),
    "a document": (b"%PDF-1.7", "application/pdf", "application/pdf"),
    "a picture that is called a page": (b"\x89PNG", "text/html", "a PNG image"),
    "a document that is called text": (b"%PDF-1.7", "text/plain", "a PDF document"),
    "a packed file that is called a page": (gzip.compress(b"text"), "text/html", "gzip data"),
}


@pytest.mark.parametrize(("body", "content_type", "named"), NO_TEXT.values(), ids=NO_TEXT)
def test_what_is_no_text_is_named(site, fetcher, body, content_type, named):
    error = refused(fetcher, site.publishes("/a", body, content_type=content_type))

    assert f"is {named}" in str(error)
    assert not error.transient


def test_a_packed_sitemap_passes_where_sitemaps_are_wanted(site, fetcher):
    url = site.publishes("/a.xml.gz", gzip.compress(b"<urlset/>"), content_type="application/x-gzip")

    assert fetched(fetcher, url, accept=SITEMAPS).body == gzip.compress(b"<urlset/>")
    refused(fetcher, site.publishes("/b", b"\x89PNG", content_type="application/gzip"), accept=SITEMAPS)


@pytest.mark.parametrize("body", [b"", b"User-agent: *", b"\0\1\2"])
def test_anything_passes_where_anything_is_wanted(site, fetcher, body):
    url = site.publishes("/robots.txt", body, content_type="application/octet-stream")

    assert fetched(fetcher, url, accept=ANYTHING).body == body


@pytest.mark.parametrize("body", ["", " \r\n "])
def test_an_empty_page_is_an_error(site, fetcher, body):
    error = refused(fetcher, site.publishes("/a", body))

    assert "is empty" in str(error)
    assert error.transient


@pytest.mark.parametrize("status", [206, 300])
def test_other_answers_are_no_page(site, fetcher, status):
    error = refused(fetcher, site.publishes("/a", PAGE, status=status))

    assert error.status == status


def test_no_content_is_an_empty_page(site, fetcher):
    assert "is empty" in str(refused(fetcher, site.answers_raw("/a", [b"HTTP/1.1 204 No Content\r\n\r\n"])))


# --- hosts ----------------------------------------------------------------------------------------


def test_a_host_that_does_not_exist_is_named(fetcher):
    error = refused(fetcher, "http://no-such-host.invalid/a")

    assert "no host named no-such-host.invalid" in str(error) or "cannot be looked up" in str(error)


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_a_name_that_cannot_be_looked_up_is_an_error_of_ours(number):
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(number, "told so")

    error = refused(Fetcher(SETTINGS, resolve=resolve), "http://news.example.org/a")

    assert "news.example.org" in str(error)
    assert error.transient


def test_a_name_without_address_is_an_error_of_ours():
    refused(Fetcher(SETTINGS, resolve=lambda host, port: []), "http://news.example.org/a")


def test_a_host_that_refuses_is_named(site, fetcher):
    site.goes_down()

    error = refused(fetcher, site.url("/a"))

    assert "refuses the connection" in str(error)
    assert error.transient


def test_a_host_that_comes_back_is_read_again(site, fetcher):
    url = site.publishes("/a", PAGE)
    fetched(fetcher, url)
    site.goes_down()
    refused(fetcher, url)

    site.comes_back()

    assert fetched(fetcher, url).body == PAGE.encode()


def test_private_addresses_are_not_read_unless_allowed(site):
    fetcher = Fetcher(FetchSettings())

    error = refused(fetcher, site.url("/a"), BlockedError)

    assert f'add "127.0.0.1:{site.port}" to allow_hosts' in str(error)
    assert site.requests == []
    assert not error.transient


def test_one_port_may_be_allowed_and_another_not(site):
    fetcher = Fetcher(FetchSettings(allow_hosts=(f"127.0.0.1:{site.port}",)))
    with Site() as other:
        site.redirects("/out", other.publishes("/a", PAGE))
        url = site.publishes("/a", PAGE)

        assert fetched(fetcher, url).body == PAGE.encode()
        error = refused(fetcher, site.url("/out"), BlockedError)
        assert other.url("/a") in str(error) or str(other.port) in str(error)
        assert other.requests == []


DISGUISES = ("http://[::ffff:127.0.0.1]:{port}/", "http://[::1]:{port}/", "http://localhost:{port}/")


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_redirect_to_a_private_address_is_not_followed(site, disguise):
    fetcher = Fetcher(FetchSettings(allow_hosts=(f"127.0.0.1:{site.port}",)))

    refused(fetcher, site.redirects("/a", disguise.format(port=site.port)), BlockedError)

    assert len(site.requests) == 1


@pytest.mark.parametrize("number", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
def test_a_name_that_resolves_to_a_private_address_is_not_read(site, number):
    """However an address is spelled: what the system's resolver makes of it is what is checked."""
    fetcher = Fetcher(FetchSettings(), resolve=lambda host, port: [socket.gethostbyname(number)])

    refused(fetcher, f"http://inside.example.org:{site.port}/a", BlockedError)

    assert site.requests == []


def test_of_several_addresses_only_public_ones_are_tried(site):
    tried = []

    def resolve(host: str, port: int) -> Sequence[str]:
        tried.append(host)
        return ["127.0.0.1", "10.0.0.1", "169.254.169.254"]

    refused(Fetcher(FetchSettings(), resolve=resolve), f"http://inside.example.org:{site.port}/a", BlockedError)

    assert tried == ["inside.example.org"]
    assert site.requests == []


def test_a_name_is_resolved_once_for_a_connection_and_the_answer_is_what_is_connected_to():
    """A name that answers differently the second time finds nobody who asks (DNS rebinding)."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]])
    with Site("127.0.0.1") as first, Site("127.0.0.2", port=first.port) as second:
        settings = replace(SETTINGS, allow_hosts=("news.example.org",))
        fetcher = Fetcher(settings, resolve=lambda host, port: next(answers))
        url = f"http://news.example.org:{first.port}/a"
        first.publishes("/a", "<p>first</p>")
        second.publishes("/a", "<p>second</p>")

        served = [fetched(fetcher, url) for _ in range(3)]
        first.cuts_connections()
        served.append(fetched(fetcher, url))

    assert [snapshot.server_address for snapshot in served] == ["127.0.0.1"] * 3 + ["127.0.0.2"]
    assert served[-1].body == b"<p>second</p>"
    assert second.requests[-1].headers["host"] == f"news.example.org:{first.port}"


def test_a_dead_address_is_passed_over_for_one_that_answers(site):
    settings = replace(SETTINGS, allow_hosts=("news.example.org",))
    fetcher = Fetcher(settings, resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    site.publishes("/a", PAGE)

    assert fetched(fetcher, f"http://news.example.org:{site.port}/a").server_address == "127.0.0.1"


def test_proxies_of_the_environment_are_ignored(site, fetcher, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert fetched(fetcher, site.publishes("/a", PAGE)).body == PAGE.encode()


def test_passwords_of_the_home_folder_are_not_sent(site, fetcher, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login desk password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))

    fetched(fetcher, site.publishes("/a", PAGE))

    assert "authorization" not in site.requests[-1].headers


@pytest.mark.parametrize("address", ["ftp://example.org/a", "file:///etc/passwd", "not an address", ""])
def test_only_web_addresses_are_fetched(fetcher, address):
    with pytest.raises(AddressError):
        fetcher.fetch(address)


# --- connections ----------------------------------------------------------------------------------


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(site, fetcher):
    url = site.publishes("/a", PAGE)
    for _ in range(5):
        assert fetched(fetcher, url).body == PAGE.encode()
        site.cuts_connections()

    assert len({request.connection for request in site.requests}) == 5


def test_each_thread_has_its_own_connection(site, fetcher):
    url = site.publishes("/a", PAGE)
    gate, bodies = threading.Barrier(6), []

    def work() -> None:
        gate.wait()
        for _ in range(10):
            bodies.append(fetched(fetcher, url).body)  # noqa: PERF401  # one at a time

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bodies == [PAGE.encode()] * 60
    assert len({request.connection for request in site.requests}) == 6


# --- who we are -----------------------------------------------------------------------------------


def test_the_user_agent_names_the_contact():
    settings = FetchSettings(user_agent="desk/1.0", contact="desk@example.org")

    assert user_agent(settings) == "desk/1.0 (+desk@example.org)"


@pytest.mark.parametrize("agent", ["", " ", "desk\r\nX-Injected: 1", "désk ☃"])
def test_a_user_agent_that_cannot_be_sent_is_refused(agent):
    with pytest.raises(ConfigError, match="user_agent"):
        Fetcher(FetchSettings(user_agent=agent))


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate for localhost that signs itself, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run(
        [*made, *names, "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True
    )
    both = folder / "both.pem"
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return both


@pytest.fixture
def safe_site(certificate) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Site(tls=context) as one:
        yield one


SAFE = replace(SETTINGS, allow_hosts=("localhost", "127.0.0.1"))


def test_the_certificate_is_verified_and_its_digest_recorded(safe_site, certificate):
    fetcher = Fetcher(SAFE, ca_file=str(certificate))
    safe_site.publishes("/a", PAGE)
    url = safe_site.url("/a", host="localhost")

    first, again = fetched(fetcher, url), fetched(fetcher, url)

    expected = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text().split("-----BEGIN P")[0])).hexdigest()
    assert (first.certificate_sha256, again.certificate_sha256) == (expected, expected)
    assert first.body == PAGE.encode()
    assert len({request.connection for request in safe_site.requests}) == 1


def test_the_deadline_holds_behind_tls(safe_site, certificate):
    fetcher = Fetcher(replace(SAFE, deadline_s=0.4), ca_file=str(certificate))
    safe_site.answers_raw("/a", lambda: drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + b"<p>" * 99, 0.05))
    started = time.monotonic()

    error = refused(fetcher, safe_site.url("/a", host="localhost"))

    assert "was not there after 0.4 s" in str(error)
    assert time.monotonic() - started < 2


def test_a_certificate_that_nobody_vouches_for_is_refused(safe_site):
    safe_site.publishes("/a", PAGE)

    error = refused(Fetcher(SAFE), safe_site.url("/a", host="localhost"))

    assert "certificate is not valid" in str(error)
    assert safe_site.requests == []


def test_a_certificate_for_another_name_is_refused(safe_site, certificate):
    fetcher = Fetcher(SAFE, ca_file=str(certificate))

    error = refused(fetcher, safe_site.url("/a"))

    assert "certificate is not valid" in str(error)


def test_a_server_that_does_not_speak_tls_is_named(site):
    error = refused(Fetcher(SAFE), f"https://127.0.0.1:{site.port}/a")

    assert "secure connection" in str(error)


def test_a_server_that_speaks_nothing_but_tls_is_named(safe_site):
    refused(Fetcher(SAFE), f"http://127.0.0.1:{safe_site.port}/a")
