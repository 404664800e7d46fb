"""Sockets that connect only where they may, and that no server can hold longer than agreed.

The name is resolved here, the addresses are checked here, and one of exactly these addresses is connected to: a name that answers differently
the second time (DNS rebinding) gains nothing, because there is no second time.
Before every read the socket's timeout is set to what is left of the deadline, so that a server that sends one byte a second is cut off as well.

Touches the network.
"""

from __future__ import annotations

import functools
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from tracker.errors import BlockedError, FetchError
from tracker.fetch.addresses import is_public
from tracker.url import is_listed_host

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port → IP addresses, best first."""

HOSTS_KEPT: Final = 20  # connections that a thread keeps open for the next fetch, one a host


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(slots=True)
class Guard:
    """What the connections of one thread keep to, and what they noted, during the fetch in hand."""

    timeout_s: float
    allow_hosts: Collection[str]
    resolve: Resolve
    monotonic: Callable[[], float]
    url: str = ""
    ends_at: float = 0.0  # by `monotonic`
    connections: int = 0  # opened for the request in hand
    server_address: str | None = None
    certificate_sha256: str | None = None
    sent: list[tuple[str, str]] = field(default_factory=list)  # header fields of the request in hand

    def next_timeout(self) -> float:
        """Say how long the next wait may be.

        Raises:
            TimeoutError: The deadline has passed.
        """
        left = self.ends_at - self.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        return min(self.timeout_s, left)

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to a host, once one of its addresses is found to be allowed.

        Raises:
            BlockedError: It has none that may be connected to.
            FetchError: There is no such host, or it refuses.
            TimeoutError: It does not answer in time.
        """
        addresses = self._allowed_addresses(host, port)
        for place, address in enumerate(addresses):
            try:
                # Together the addresses get no more than one timeout, so that a dead one does not use up the deadline.
                return _connect(address, port, self.next_timeout() / (len(addresses) - place), self)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise failure
        refused = isinstance(failure, ConnectionRefusedError)
        what = "refuses the connection" if refused else f"cannot be connected to ({failure.strerror or failure})"
        raise FetchError(f"{self.url}: {host} {what}", url=self.url) from failure

    def _allowed_addresses(self, host: str, port: int) -> Sequence[str]:
        addresses = self._resolved(host, port)
        if is_listed_host(host, port, self.allow_hosts):
            return addresses
        public = [address for address in addresses if is_public(address)]
        if not public:
            what = "is" if host in addresses else f"stands for {addresses[0]},"
            raise BlockedError(
                f"{self.url}: {host} {what} a private address, which is not read; "
                f'if it should be, add "{_named(host, port)}" to allow_hosts in the section [fetch]',
                url=self.url,
                transient=False,
            )
        return public

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = _within(self.next_timeout(), lambda: self.resolve(host, port))
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                message = f"{self.url}: the name {host} cannot be looked up at the moment; is this machine online?"
            else:
                message = f"{self.url}: there is no host named {host}; is it spelled right?"
            raise FetchError(message, url=self.url) from error
        except UnicodeError as error:  # the codec of Python's resolver is stricter than ours
            raise FetchError(f"{self.url}: {host} is not a valid name", url=self.url, transient=False) from error
        if not addresses:
            raise FetchError(f"{self.url}: the name {host} has no address", url=self.url)
        return addresses


def _named(host: str, port: int) -> str:
    return f"{f'[{host}]' if ':' in host else host}:{port}"


def _within(timeout_s: float, work: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Do what cannot be told to hurry (getaddrinfo) in a thread that is left behind when it takes too long."""
    results: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(work())
        except Exception as error:  # noqa: BLE001  # raised again by whoever waits
            results.put(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        result = results.get(timeout=timeout_s)
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(result, Exception):
        raise result
    return result


# --- sockets --------------------------------------------------------------------------------------


class _TimedSocket(socket.socket):
    guard: Guard

    def recv_into(self, *args: Any, **more: Any) -> int:
        self.settimeout(self.guard.next_timeout())
        return super().recv_into(*args, **more)


class _TimedSSLSocket(ssl.SSLSocket):
    guard: Guard | None = None  # during the handshake, which keeps to its timeout as a whole

    def recv_into(self, *args: Any, **more: Any) -> int:
        if self.guard is not None:
            self.settimeout(self.guard.next_timeout())
        return super().recv_into(*args, **more)


def _connect(address: str, port: int, timeout_s: float, guard: Guard) -> _TimedSocket:
    opened = _TimedSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.guard = guard
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(timeout_s)
        opened.connect((address, port))
        opened.settimeout(guard.next_timeout())
    except BaseException:
        opened.close()
        raise
    return opened


_loading = threading.Lock()


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Give the context that verifies certificates and names, and whose sockets keep to the deadline."""
    with _loading:
        return _load_context(ca_file)


@functools.cache  # reading the list takes 40 ms
def _load_context(ca_file: str) -> ssl.SSLContext:
    context = create_urllib3_context()
    context.load_verify_locations(ca_file)
    context.sslsocket_class = _TimedSSLSocket
    return context


# --- connections ----------------------------------------------------------------------------------


class _Noted:
    """Connects by the guard and tells it what was exchanged."""

    guard: Guard
    host: str
    port: int
    sock: socket.socket | None
    _server_address: str | None = None
    _certificate_sha256: str | None = None

    def _new_conn(self) -> socket.socket:
        self.guard.connections += 1
        opened = self.guard.connect(self.host, self.port)
        self._server_address = opened.getpeername()[0]
        return opened

    def putrequest(self, *args: Any, **more: Any) -> None:
        self.guard.sent.clear()
        super().putrequest(*args, **more)  # type: ignore[misc]  # of the connection that this is mixed into

    def putheader(self, header: Any, *values: Any) -> None:
        if isinstance(values[0], str | bytes):  # and not the mark by which urllib3 leaves a field out
            self.guard.sent.append((_text(header), ", ".join(_text(value) for value in values)))
        super().putheader(header, *values)  # type: ignore[misc]

    def getresponse(self) -> Any:
        self.guard.server_address = self._server_address
        self.guard.certificate_sha256 = self._certificate_sha256
        return super().getresponse()  # type: ignore[misc]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


class _HTTPConnection(_Noted, HTTPConnection):
    def __init__(self, *args: Any, guard: Guard, **more: Any) -> None:
        self.guard = guard
        super().__init__(*args, **more)


class _HTTPSConnection(_Noted, HTTPSConnection):
    def __init__(self, *args: Any, guard: Guard, **more: Any) -> None:
        self.guard = guard
        super().__init__(*args, **more)

    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, _TimedSSLSocket)
        self.sock.guard = self.guard
        certificate = self.sock.getpeercert(binary_form=True)
        self._certificate_sha256 = sha256(certificate).hexdigest() if certificate else None


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """Gives requests our connections."""

    def __init__(self, guard: Guard, context: ssl.SSLContext | None) -> None:
        self._guard = guard
        self._context = context
        super().__init__(pool_connections=HOSTS_KEPT, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **more)
        pools = {"http": _HTTPPool, "https": _HTTPSPool}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: functools.partial(pool, guard=self._guard) for scheme, pool in pools.items()
        }

    def cert_verify(self, *args: Any, **more: Any) -> None:
        """Leave it to the context, which has the certificates already."""


class GuardedSession(requests.Session):
    """A session that knows no proxies, no `.netrc` and no redirects: each hop is a request of its own, checked like the first."""

    def __init__(self, guard: Guard, ca_file: str) -> None:
        super().__init__()
        self.guard = guard
        self.trust_env = False
        self.headers.clear()
        self.adapters.clear()
        self._ca_file = ca_file

    def get_adapter(self, url: str) -> BaseAdapter:
        """Give the connections of a scheme, made when the first is asked for."""
        scheme = url.partition("//")[0].lower()
        if scheme not in self.adapters:
            context = tls_context(self._ca_file) if scheme == "https:" else None
            self.adapters[scheme] = _Adapter(self.guard, context)
        return self.adapters[scheme]

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Keep requests from preparing the next hop, for which it would read the whole body of this one."""
