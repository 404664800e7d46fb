"""Serves /health to monitors and /metrics to Prometheus, while the service runs.

Neither holds an address of an article, of a channel, or anything else that the configuration keeps to itself.

Touches the network.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6

from tracker.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Health:
    """How the service does."""

    status: str  # "ok", "paused" (for want of room) or "failing"
    reasons: tuple[str, ...]  # plain sentences; none when it is well
    started_at: str
    articles: int = 0
    due: int = 0
    late_s: float = 0.0  # that the article has waited which is due the longest
    queue: int = 0  # claimed: waiting for their host, or being checked
    in_hand: int = 0  # being checked
    outbox: Mapping[str, int] = field(default_factory=dict)  # messages by state
    held: Mapping[str, str] = field(default_factory=dict)  # channels that are left alone: name → until when
    free_bytes: int = 0


@contextmanager
def serving(listen: str, health: Callable[[], Health], metrics: Callable[[], bytes]) -> Iterator[int]:
    """Answer until the end of the block; gives the port.

    Raises:
        ConfigError: The address cannot be listened on.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")

    class Handler(_Handler):
        answers = {  # noqa: RUF012  # made once for each server
            "/health": lambda: _health(health()),
            "/metrics": lambda: (200, "text/plain; version=0.0.4; charset=utf-8", metrics()),
        }

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in host else AF_INET
        daemon_threads = True

    try:
        server = Server((host, int(port)), Handler)
    except OSError as error:
        raise ConfigError(f'[service] listen = "{listen}" cannot be listened on: {error.strerror or error}') from error
    threading.Thread(target=server.serve_forever, args=(0.2,), name="health", daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _health(found: Health) -> tuple[int, str, bytes]:
    body = json.dumps(asdict(found), ensure_ascii=False).encode()
    return (200 if found.status == "ok" else 503), "application/json", body


class _Handler(BaseHTTPRequestHandler):
    answers: dict[str, Callable[[], tuple[int, str, bytes]]]
    timeout = 10  # seconds that a client may take to ask
    server_version = "tracker"
    sys_version = ""

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer."""
        answer = self.answers.get(self.path.partition("?")[0])
        status, kind, body = answer() if answer else (404, "text/plain", b"There are /health and /metrics.\n")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by http.server
        """Say nothing: a monitor asks every few seconds."""
