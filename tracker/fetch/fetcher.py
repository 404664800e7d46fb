"""Follow one address to what it holds.

Redirects are followed by hand, because each hop is checked and recorded.  Cookies live as long as one fetch: some sites set one, redirect to themselves
and want to see it; but what a page looks like must not depend on what was read before.

Touches the network.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn
from urllib.parse import urldefrag

import certifi
import requests
import urllib3

from tracker.config import FetchSettings
from tracker.errors import AddressError, BlockedError, ConfigError, FetchError, RateLimitedError
from tracker.fetch.connection import Guard, GuardedSession, Resolve, resolve
from tracker.fetch.content import (
    ACCEPT_ENCODING,
    ANYTHING,
    GZIP,
    PIECE,
    SITEMAPS,
    TEXT,
    Accept,
    CodingError,
    TooLargeError,
    decode,
    is_accepted,
    media_type,
    name_binary,
)
from tracker.fetch.failures import explain, is_timeout, went_stale
from tracker.models import Headers, NotModified, Redirect, Snapshot, Validators
from tracker.url import check_url, join_url

ACCEPT: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,application/feed+json;q=0.9,*/*;q=0.5"
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PASSING: Final = frozenset({408, 421, 425})  # of the 4xx, those that say nothing about the page (RFC 9110, RFC 8470)
MEANINGS: Final = {
    401: "the server asks for a login",
    403: "the server refuses us",
    404: "there is no such page",
    410: "the page is gone",
    429: "the server asks us to come less often",
    451: "the page is withheld for legal reasons",
    503: "the server is overloaded or under maintenance",
}
UNCONDITIONAL: Final = Validators()
SENDABLE: Final = re.compile(
    r"[\x21-\x7e\xa0-\xff](?:[\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?"
)  # RFC 9110, section 5.5
DRAINED: Final = 65536  # bytes of a redirect's body that are read so that its connection can be used again


class Fetcher:
    """Fetches pages, feeds and whatever else is text; any thread may use it at any time.

    Args:
        settings: The `[fetch]` section.
        clock: Where `fetched_at` comes from.
        monotonic: What the deadline is measured by.
        resolve: Host and port → IP addresses, which are then checked.
        ca_file: Certificates to trust in place of those that Mozilla trusts.

    Raises:
        ConfigError: The user agent cannot be sent.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        resolve: Resolve = resolve,
        ca_file: str | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.monotonic = monotonic
        self._resolve = resolve
        self._ca_file = ca_file or certifi.where()
        self.fields = {"User-Agent": user_agent(settings), "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
        self._local = threading.local()
        self._sessions: weakref.WeakSet[GuardedSession] = weakref.WeakSet()  # those of threads that still live
        self._lock = threading.Lock()

    def fetch(
        self,
        url: str,
        validators: Validators = UNCONDITIONAL,
        *,
        accept: Accept = TEXT,
        may_follow: Callable[[str], bool] = lambda _url: True,
    ) -> Snapshot | NotModified:
        """Get what is behind an address.

        Args:
            url: An http(s) address.
            validators: ETag and Last-Modified of the previous snapshot; empty the first time.
            accept: Media types that are wanted: TEXT, SITEMAPS or ANYTHING.
            may_follow: Asked before each redirect is followed, for the sake of robots.txt.

        Returns:
            What the server sent, or `NotModified` when it answers 304 (RFC 9110, section 15.4.5).

        Raises:
            BlockedError: The host's address is private and not allowed, or `may_follow` said no.
            RateLimitedError: Too many requests (429, 503); `retry_after_s` says how long to wait, if known.
            FetchError: Anything else on the way; `transient` says whether to retry.  Where there was an answer, `status` and `snapshot` hold it.
            AddressError: This is no http(s) address.
        """
        address = urldefrag(check_url(url)).url
        session = self._session()
        guard = session.guard
        guard.url = address
        started = self.monotonic()
        guard.ends_at = started + self.settings.deadline_s
        session.cookies.clear()
        fetch = _Fetch(self, session, url, validators, accept, may_follow, started)
        try:
            return fetch.run(address)
        except TimeoutError as error:
            raise fetch.timed_out() from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise (fetch.timed_out() if is_timeout(error) else explain(error, fetch.name, url)) from error

    def close(self) -> None:
        """Close the connections that are kept open; to be called when no thread fetches any more."""
        with self._lock:
            for session in tuple(self._sessions):
                session.close()

    def _session(self) -> GuardedSession:
        session: GuardedSession | None = getattr(self._local, "session", None)
        if session is None:
            settings = self.settings
            guard = Guard(settings.timeout_s, settings.allow_hosts, self._resolve, self.monotonic)
            session = self._local.session = GuardedSession(guard, self._ca_file)
            with self._lock:
                self._sessions.add(session)
        return session


@dataclass(slots=True)
class _Fetch:
    """One fetch, from the first request to the last byte."""

    fetcher: Fetcher
    session: GuardedSession
    url: str
    validators: Validators
    accept: Accept
    may_follow: Callable[[str], bool]
    started: float
    address: str = ""  # of the hop in hand
    redirects: tuple[Redirect, ...] = ()

    @property
    def name(self) -> str:
        """The address as it is named in messages."""
        return f"{self.url} (redirected to {self.address})" if self.redirects else self.url

    def run(self, address: str) -> Snapshot | NotModified:
        self.address = address
        seen = {self._state()}
        while True:
            response = self._send()
            with contextlib.closing(response):
                if response.status_code not in REDIRECTS or "Location" not in response.headers:
                    return self._read(response)
                self._follow(response)
                _drain(response)
            if self._state() in seen:
                raise FetchError(f"{self.url} redirects in a circle, by way of {self.address}", url=self.url)
            seen.add(self._state())

    def _state(self) -> tuple[str, str]:
        """Give what the next answer depends on: the address, and the cookies that were set on the way."""
        return self.address, repr(sorted(self.session.cookies.get_dict().items()))

    # --- requests ---------------------------------------------------------------------------------

    def _send(self) -> requests.Response:
        """Send the request of one hop; once more where a connection that was kept open turns out to be closed."""
        headers = {**self.fetcher.fields, **self._conditions()}
        request = requests.PreparedRequest()
        request.prepare(method="GET", url=self.address, headers=headers, cookies=self.session.cookies)
        guard = self.session.guard
        guard.connections = 0
        guard.next_timeout()
        try:
            return self._send_once(request)
        except requests.ConnectionError as error:
            if guard.connections or not went_stale(error):
                raise
        return self._send_once(request)

    def _conditions(self) -> dict[str, str]:
        """Give the fields that make a request conditional.

        A date says nothing once the way leads elsewhere: the home page that a removed article is redirected to may well be older than our copy.
        """
        date = None if self.redirects else self.validators.last_modified
        fields = {"If-None-Match": self.validators.etag, "If-Modified-Since": date}
        return {name: value for name, value in fields.items() if value and SENDABLE.fullmatch(value)}

    def _send_once(self, request: requests.PreparedRequest) -> requests.Response:
        return self.session.send(
            request, stream=True, allow_redirects=False, timeout=self.session.guard.next_timeout(), proxies={}
        )

    def _follow(self, response: requests.Response) -> None:
        location = _location(response)
        try:
            target = urldefrag(join_url(self.address, location)).url
        except AddressError as error:
            raise FetchError(f"{self.name} redirects to nowhere: {error}", url=self.url, transient=False) from error
        hop = Redirect(self.address, response.status_code, target, _headers(response))
        if len(self.redirects) >= self.fetcher.settings.max_redirects:
            most = f"more than {self.fetcher.settings.max_redirects} times"
            raise FetchError(f"{self.url} is redirected {most} ([fetch] max_redirects)", url=self.url)
        if not self.may_follow(target):
            message = f"{self.url} redirects to {target}, which the site's robots.txt does not allow"
            raise BlockedError(message, url=self.url, transient=False)
        self.redirects += (hop,)
        self.address = target

    # --- answers ----------------------------------------------------------------------------------

    def _read(self, response: requests.Response) -> Snapshot | NotModified:
        status = response.status_code
        if status == 304 and self._conditions():
            _drain(response)
            return NotModified(self.url, self.fetcher.clock(), _headers(response))
        if status >= 400:
            self._refuse(response)
        if status not in range(200, 300) or status == 206:
            raise FetchError(
                f"{self.name}: the server answers with status {status}, not with a page", url=self.url, status=status
            )
        kind = response.headers.get("Content-Type")
        if not is_accepted(kind, self.accept):
            raise self._not_text(_shown(media_type(kind)), status)
        body = self._body(response)
        binary = name_binary(body)
        if binary and self.accept != ANYTHING and not (binary == GZIP and self.accept == SITEMAPS):
            claimed = f", though the server calls it {_shown(media_type(kind))}" if kind else ""
            raise self._not_text(f"{binary}{claimed}", status)
        if not body.strip() and self.accept != ANYTHING:
            raise FetchError(f"{self.name}: the page is empty", url=self.url, status=status)
        return self._snapshot(response, body)

    def _body(self, response: requests.Response) -> bytes:
        limit = self.fetcher.settings.max_bytes
        raw: Iterator[bytes] = response.raw.stream(PIECE, decode_content=False)
        try:
            return decode(raw, response.headers.get("Content-Encoding"), limit)
        except TooLargeError as error:
            message = f"{self.name} is larger than {limit:,} bytes and was given up ([fetch] max_bytes)"
            raise FetchError(message, url=self.url, status=response.status_code, transient=False) from error
        except CodingError as error:
            raise FetchError(f"{self.name}: the answer {error}", url=self.url, status=response.status_code) from error

    def _snapshot(self, response: requests.Response, body: bytes) -> Snapshot:
        guard = self.session.guard
        return Snapshot(
            url=self.url,
            fetched_at=self.fetcher.clock(),
            status=response.status_code,
            headers=_headers(response),
            body=body,
            reason=response.reason or "",
            final_url=self.address if self.redirects else "",
            request_headers=tuple(guard.sent),
            redirects=self.redirects,
            elapsed_s=self.fetcher.monotonic() - self.started,
            server_address=guard.server_address,
            certificate_sha256=guard.certificate_sha256,
        )

    def _refuse(self, response: requests.Response) -> NoReturn:
        """Raise what an answer of 400 or more amounts to, with what was sent along."""
        status = response.status_code
        try:
            snapshot = self._snapshot(response, self._body(response))
        except (FetchError, requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            snapshot = None  # the status says enough
        meaning = MEANINGS.get(status) or _shown(response.reason or "") or "an error"
        message = f"{self.name}: {meaning} (status {status})"
        if status in (429, 503):
            wait = retry_after_s(response.headers.get("Retry-After"), _date(response) or self.fetcher.clock())
            raise RateLimitedError(message, url=self.url, status=status, retry_after_s=wait, snapshot=snapshot)
        transient = status >= 500 or status in PASSING
        raise FetchError(message, url=self.url, status=status, transient=transient, snapshot=snapshot)

    def _not_text(self, what: str, status: int) -> FetchError:
        return FetchError(
            f"{self.name} is {what}, not a page, a feed or text", url=self.url, status=status, transient=False
        )

    def timed_out(self) -> FetchError:
        """Say which of the two limits was passed."""
        settings = self.fetcher.settings
        if self.fetcher.monotonic() - self.started >= settings.deadline_s:
            message = f"{self.name} was not there after {settings.deadline_s:g} s and was given up ([fetch] deadline_s)"
        else:
            message = f"{self.name}: the server sent nothing for {settings.timeout_s:g} s ([fetch] timeout_s)"
        return FetchError(message, url=self.url)


# --- header fields --------------------------------------------------------------------------------


def user_agent(settings: FetchSettings) -> str:
    """Say who we are, with the contact.

    Raises:
        ConfigError: It holds what cannot stand in a header field.
    """
    agent = f"{settings.user_agent} (+{settings.contact})" if settings.contact else settings.user_agent
    if not SENDABLE.fullmatch(agent):
        raise ConfigError(
            f"[fetch] user_agent and contact make {agent!r}, which cannot be sent; use plain letters, digits and signs"
        )
    return agent


def _shown(text: str) -> str:
    """Make what a server says fit for a message: servers may send anything, and terminals obey."""
    return "".join(letter for letter in text[:80] if letter.isprintable()).strip()


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, section 10.2.3): seconds, or a date; None where it says nothing that can be read."""
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", text):
        return float(text)
    moment = _moment(text)
    return max((moment - now).total_seconds(), 0.0) if moment else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _date(response: requests.Response) -> datetime | None:
    return _moment(response.headers.get("Date", ""))


def _headers(response: requests.Response) -> Headers:
    original: Any = response.raw._original_response  # urllib3's own header dict sorts repeated fields together
    return tuple((str(name), str(value)) for name, value in original.headers.items())


def _location(response: requests.Response) -> str:
    """Read the target of a redirect; servers put bare UTF-8 into it, which http.client reads as Latin-1."""
    location = response.headers["Location"]
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _drain(response: requests.Response) -> None:
    """Read the little that a redirect says besides, so that the connection can be used again; what goes wrong there does not matter."""
    with contextlib.suppress(requests.RequestException, urllib3.exceptions.HTTPError, OSError):
        for total, piece in enumerate(response.raw.stream(PIECE, decode_content=False), start=1):
            if total * PIECE > DRAINED or not piece:
                return
