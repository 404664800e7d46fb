"""A web site on loopback that tests can direct: real sockets, real HTTP, and every way to misbehave.

    with Site() as site:
        site.publishes("/a", "<p>Hello.</p>", etag='"1"')
        fetcher.fetch(site.url("/a"))
        assert site.requests[-1].path == "/a"

A path is looked up with its query first, then without.  All verbs may be called while the site runs, from any thread.
The address keeps its port when the site goes down and comes back.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Chunks = Iterable[bytes | float]
"""What goes over the wire as it is: bytes are sent, a number is a pause in seconds."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the site has got."""

    method: str
    path: str  # with the query
    headers: Mapping[str, str]  # names in lower case
    at: datetime
    monotonic_s: float
    connection: int  # requests on one connection share the number
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    raw: Callable[[], Chunks] | None = None
    hangs: bool = False
    cookie: str | None = None


class Site:
    """A site on 127.0.0.1 (or another loopback address) that says what it is told to say."""

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.host = host
        self.port = port  # 0 until the site is up
        self.requests: list[Request] = []
        self._tls = tls
        self._pages: dict[str, _Page] = {}
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._released = threading.Event()

    def __enter__(self) -> Self:
        self.comes_back()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.goes_down()

    def url(self, path: str = "/", host: str | None = None) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    # --- what the site does -----------------------------------------------------------------------

    def publishes(
        self,
        path: str,
        body: str | bytes,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
        status: int = 200,
        content_type: str | None = "text/html; charset=utf-8",
    ) -> str:
        """Answer with this body (304 where the request's validators match); returns the address."""
        fields = {"Content-Type": content_type} if content_type is not None else {}
        data = body.encode() if isinstance(body, str) else body
        return self._set(path, _Page(data, status, {**fields, **(headers or {})}, etag, last_modified))

    def redirects(self, path: str, to: str, status: int = 302, *, headers: Mapping[str, str] | None = None) -> str:
        return self._set(path, _Page(b"", status, {"Location": to, **(headers or {})}))

    def wants_cookie(self, path: str, cookie: str, body: str) -> str:
        """Set a cookie and redirect to the same address until the client brings it."""
        return self._set(path, _Page(body.encode(), headers={"Content-Type": "text/html"}, cookie=cookie))

    def hangs(self, path: str) -> str:
        """Take the request and never answer, until the site goes down."""
        return self._set(path, _Page(hangs=True))

    def answers_raw(self, path: str, chunks: Chunks | Callable[[], Chunks]) -> str:
        """Send exactly these bytes in place of an answer, then close the connection."""
        return self._set(path, _Page(raw=chunks if callable(chunks) else lambda: chunks))

    def removes(self, path: str, status: int = 404) -> str:
        return self.publishes(path, "<h1>Not here</h1>", status=status)

    def goes_down(self) -> None:
        """Refuse connections from now on, and cut those that are open."""
        server, self._server = self._server, None
        self._released.set()
        if server is not None:
            server.shutdown()
            server.server_close()
            server.cut_connections()

    def comes_back(self) -> None:
        self._released = threading.Event()
        self._server = _Server((self.host, self.port), _Handler, self, self._tls)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def cuts_connections(self) -> None:
        """Close the connections that wait for another request."""
        if self._server is not None:
            self._server.cut_connections()

    # --- for the handler --------------------------------------------------------------------------

    def _set(self, path: str, page: _Page) -> str:
        with self._lock:
            self._pages[path] = page
        return self.url(path)

    def _take(self, request: Request) -> _Page:
        with self._lock:
            self.requests.append(request)
            bare = request.path.partition("?")[0]
            missing = _Page(b"<h1>Not found</h1>", 404, {"Content-Type": "text/html"})
            return self._pages.get(request.path) or self._pages.get(bare) or missing


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], handler: type[_Handler], site: Site, tls: ssl.SSLContext | None
    ) -> None:
        self.site = site
        self.tls = tls
        self.released = site._released
        self.open: set[socket.socket] = set()
        self.connections = 0
        super().__init__(address, handler)

    def finish_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]  # wider there
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        self.open.add(request)
        self.connections += 1
        try:
            super().finish_request(request, client_address)
        finally:
            self.open.discard(request)
            if self.tls is not None:
                request.close()

    def cut_connections(self) -> None:
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up early are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.number = self.server.connections

    def do_GET(self) -> None:  # the name that http.server calls
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        moment = datetime.now(UTC)
        page = self.server.site._take(
            Request(self.command, self.path, headers, moment, time.monotonic(), self.number, body)
        )
        self._answer(page, headers)

    do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815  # the names that http.server calls

    def _answer(self, page: _Page, headers: Mapping[str, str]) -> None:
        if page.hangs:
            self.server.released.wait()
            self.close_connection = True
        elif page.raw is not None:
            self._send_raw(page.raw())
        elif page.cookie is not None and page.cookie not in headers.get("cookie", ""):
            self._send_head(302, {"Location": self.path, "Set-Cookie": page.cookie, "Content-Length": "0"})
        elif _is_current(page, headers):
            self._send_head(304, _validators(page))
        else:
            fields = {"Content-Length": str(len(page.body)), **page.headers, **_validators(page)}
            self._send_head(page.status, fields)
            if self.command != "HEAD":
                self.wfile.write(page.body)

    def _send_head(self, status: int, fields: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_raw(self, chunks: Chunks) -> None:
        self.close_connection = True
        for chunk in chunks:
            if isinstance(chunk, bytes):
                self.wfile.write(chunk)
            elif self.server.released.wait(chunk):
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by http.server
        """Say nothing: pytest shows what matters."""


def _validators(page: _Page) -> Mapping[str, str]:
    fields = {"ETag": page.etag, "Last-Modified": page.last_modified}
    return {name: value for name, value in fields.items() if value is not None}


def _is_current(page: _Page, headers: Mapping[str, str]) -> bool:
    """Say whether the client's copy is as good as ours (RFC 9110, 13.2.2: If-None-Match goes before If-Modified-Since)."""
    if page.status != 200:
        return False
    if "if-none-match" in headers:
        return page.etag is not None and page.etag in [tag.strip() for tag in headers["if-none-match"].split(",")]
    if "if-modified-since" in headers and page.last_modified is not None:
        return parsedate_to_datetime(page.last_modified) <= parsedate_to_datetime(headers["if-modified-since"])
    return False


def drip(data: bytes, every_s: float, size: int = 1) -> Iterator[bytes | float]:
    """Cut bytes into pieces with a pause after each."""
    for start in range(0, len(data), size):
        yield data[start : start + size]
        yield every_s
