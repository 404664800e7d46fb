"""The whole chain on the sample story: `demo`."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tracker.cli.app import app
from tracker.cli.workspace import color, show
from tracker.errors import ConfigError, InputError

if TYPE_CHECKING:
    from tracker.models import Snapshot

PLACES: Final = (
    Path(__file__).parents[2] / "snapshots",
    Path(__file__).parents[1] / "sample",
)  # of a checkout, of a wheel
SAMPLE_HOST: Final = "northdesk.example"
CONFIG: Final = """\
# Written by `tracker demo`: the sample story is served on this machine, and its alerts come to this terminal.
[archive]
folder = "snapshots"

[fetch]
allow_hosts = ["{host}"]

[channels.screen]
file = "-"

[channels.newsroom]
webhook = "http://{host}/hook"
secret = "{secret}"

[[alert]]
name = "a fact changed"
channels = ["screen", "newsroom"]
"""


@app.command(epilog="Example: tracker demo --folder /tmp/tracker-demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where to leave the archive and the report; made anew.")] = Path(
        "tracker-demo"
    ),
) -> None:
    """Follow the sample story from its first version to the alert about its update, on this machine alone.

    A story of April 7, 2018 says where an air strike killed a man, and whose it was; on April 9 a paragraph is put in that says otherwise.
    """
    captures = sample_captures()
    _make_folder(folder)
    with _site(secrets.token_hex(16)) as site:
        config = folder / "config.toml"
        config.write_text(CONFIG.format(host=site.host, secret=site.secret), encoding="utf-8")
        path = captures[0].url.removeprefix(f"https://{SAMPLE_HOST}")
        address = f"http://{site.host}{path}"
        _say(f"An outlet publishes a story, here at {address}")
        site.page = captures[0].body, path
        _run(config, "watch", address, "--tag", "demo")
        _run(config, "check", address)
        _say("Two days later the outlet puts three paragraphs and a note into the story; all others stay as they are.")
        site.page = captures[-1].body, path
        _run(config, "check", address)
        for told in site.alerts:
            _say(f"The webhook got the alert too, with a signature that is {told}.")
        report = folder / "report.html"
        _run(config, "report", address, "--format", "html", "--output", str(report))
    _next_steps(config, address, report)


def _next_steps(config: Path, address: str, report: Path) -> None:
    # In a checkout the command is .venv/bin/tracker, which no shell finds by its name.
    program = "tracker" if shutil.which("tracker") else os.path.relpath(sys.argv[0])
    _say("What to try next:")
    show(
        f"  open {report} in a browser: facts first, both texts side by side\n"
        f"  {program} --config {config} report {address}\n"
        f"  {program} --config {config} history {address}\n"
        f"  {program} --config {config} diff {address}\n"
        f"  {program} --config {config} serve   the same in a browser\n"
        f"  {program} watch ADDRESS   an article, a feed or a sitemap of your own; then: {program} run\n"
    )


# --- the sample -----------------------------------------------------------------------------------


def sample_captures() -> list[Snapshot]:
    """Read the sample story from its archive, oldest first.

    Raises:
        InputError: It is not there.
    """
    from tracker.archive import Archive

    for place in PLACES:
        for article in sorted((place / SAMPLE_HOST).glob("*/")):
            archive, name = Archive(place), f"{SAMPLE_HOST}/{article.name}"
            found = [archive.read_snapshot(name, stored) for stored in archive.captures(name)]
            if len(found) > 1:
                return found
    raise InputError(f"the sample story is not in {PLACES[0]}; it comes with the project's repository")


def _make_folder(folder: Path) -> None:
    """Make the folder anew, but never remove one that is not of an earlier demo."""
    marker = folder / "config.toml"
    if folder.exists():
        if not (marker.is_file() and marker.read_text(encoding="utf-8", errors="replace").startswith(CONFIG[:30])):
            raise ConfigError(f"{folder} is there already and was not made by a demo; name another with --folder")
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror or error}") from error


# --- the site that publishes it, and takes the alert ----------------------------------------------


class _Site(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, secret: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.page: tuple[bytes, str] = b"", ""  # the body, and its path
        self.alerts: list[str] = []  # "right" or "wrong": the signature of each alert that came

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Site

    def do_GET(self) -> None:  # the name that http.server calls
        body, path = self.server.page
        self._answer(200 if self.path == path else 404, body if self.path == path else b"")

    def do_POST(self) -> None:  # the name that http.server calls
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wanted = "sha256=" + hmac.new(self.server.secret.encode(), body, hashlib.sha256).hexdigest()
        right = hmac.compare_digest(self.headers.get("X-Tracker-Signature") or "", wanted) and "change" in json.loads(
            body
        )
        self.server.alerts.append("right" if right else "wrong")
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # named so by http.server
        """Keep the terminal for the story."""


@contextmanager
def _site(secret: str) -> Iterator[_Site]:
    with _Site(secret) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


# --- the terminal ---------------------------------------------------------------------------------


def _say(text: str) -> None:
    show(f"\n\x1b[1m{text}\x1b[0m\n" if color() else f"\n{text}\n")


def _run(config: Path, *arguments: str) -> None:
    """Run a command as it would be typed."""
    show(f"\n$ tracker {' '.join(arguments)}\n")
    app(["--config", str(config), *arguments], standalone_mode=False)
