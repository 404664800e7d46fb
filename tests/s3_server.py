"""S3-compatible storage on loopback, in this process: moto's server, which answers one request at a time.

    with S3() as server:
        bucket = server.new_bucket()

One at a time, since moto looks at a condition (If-Match) and writes in two steps, between which another request would get through; a real storage does both at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pytest

from tracker.config import Bucket

KEY = "tests"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the storage has got."""

    method: str
    path: str
    if_match: str | None = None
    if_none_match: str | None = None


class S3:
    """A running server; its buckets are gone with it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.pause_s = 0.0  # before a PUT is answered, and after it was done
        self.fails: Callable[[Request], bytes | None] = lambda _: (
            None
        )  # the status line of an answer in place of the storage's
        self.ignores_conditions = False
        self._buckets = 0

    def __enter__(self) -> Self:
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Silent(WSGIRequestHandler):
            def log(self, *_: Any) -> None:
                """Say nothing: pytest shows what matters."""

        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, request_handler=Silent)
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def new_bucket(self, prefix: str = "archive") -> Bucket:
        """Make an empty bucket, and say where an archive in it would be."""
        from tracker.archive.bucket import BucketStorage

        self._buckets += 1
        bucket = Bucket(f"tests-{self._buckets}", prefix, self.endpoint, KEY, KEY)
        BucketStorage(bucket)._ask("create_bucket")
        return bucket

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if self.ignores_conditions:
            environ.pop("HTTP_IF_MATCH", None)
            environ.pop("HTTP_IF_NONE_MATCH", None)
        request = Request(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ.get("HTTP_IF_MATCH"),
            environ.get("HTTP_IF_NONE_MATCH"),
        )
        self.requests.append(request)
        status = self.fails(request)
        if status is not None:
            start_response(status.decode(), [("Content-Length", "0")])
            return [b""]
        pause_s = self.pause_s if request.method == "PUT" else 0.0
        time.sleep(pause_s)
        answer = self._moto(environ, start_response)
        time.sleep(pause_s)
        return answer


def reason_to_skip() -> str | None:
    """Say what is missing, None if nothing is."""
    from importlib.util import find_spec

    missing = [name for name in ("s3fs", "moto", "flask", "flask_cors") if find_spec(name) is None]
    return f"{', '.join(missing)} not installed" if missing else None


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """One server for all tests of a session."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    with S3() as server:
        yield server


@pytest.fixture
def s3(s3_server: S3) -> Iterator[S3]:
    """The server, with nothing in its log and nothing wrong with it."""
    s3_server.requests.clear()
    yield s3_server
    s3_server.pause_s = 0.0
    s3_server.fails = lambda _: None
    s3_server.ignores_conditions = False
