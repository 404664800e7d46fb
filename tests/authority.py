"""A real time-stamp authority for tests: `openssl ts` behind HTTP on loopback, with its own root."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""
EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\n"


@dataclass(frozen=True)
class Authority:
    """One that answers; `answer` takes the place of what openssl says."""

    address: str
    root: Path
    answer: list[bytes]


def openssl(*arguments: str | Path, cwd: Path) -> str:
    return subprocess.run(["openssl", *map(str, arguments)], cwd=cwd, check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def time_stamp_authority(folder: Path) -> Iterator[Authority]:
    """Make certificates, and answer until the end."""
    (folder / "ts.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "tsa.ext").write_text(EXTENSIONS)
    (folder / "serial").write_text("01\n")
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    root = ("-x509", "-days", "9000", "-subj", "/CN=Root of a test", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *ec, *root, "-keyout", "root.key", "-out", "root.pem", cwd=folder)
    openssl("req", *ec, "-subj", "/CN=Clock of a test", "-keyout", "tsa.key", "-out", "tsa.csr", cwd=folder)
    signed = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "8000", "-extfile", "tsa.ext")
    openssl("x509", "-req", "-in", "tsa.csr", *signed, "-out", "tsa.pem", cwd=folder)
    other: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query.tsq").write_bytes(query)
            if not other:
                made = ("-config", "ts.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
                openssl("ts", "-reply", *made, cwd=folder)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(other[0] if other else (folder / "reply.tsr").read_bytes())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Authority(f"http://127.0.0.1:{server.server_port}/tsa?secret", folder / "root.pem", other)
        server.shutdown()
