"""The web pages over a desk's archive, served by a real server on loopback."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import uvicorn
from desk import FIRE, Desk, edited, page
from servers import Site

from tracker.cli.workspace import open_pipeline
from tracker.config import WebSettings, load_config
from tracker.web import Workspace, build_app
from tracker.web.security import Keys

TOKEN = "a token that nobody guesses"


@dataclass
class Web:
    """A client of the pages: keeps cookies as a browser does."""

    address: str
    workspace: Workspace
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(
            f"{self.address}{path}", allow_redirects=more.pop("allow_redirects", True), timeout=20, **more
        )

    def form_token(self, path: str = "/follow") -> str:
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', self.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, fields: Mapping[str, str], *, token: str | None = None, **more: Any) -> requests.Response:
        """Send a form, as a page of ours would."""
        data = {"form_token": self.form_token() if token is None else token, **fields}
        follow = more.pop("allow_redirects", False)
        return self.session.post(f"{self.address}{path}", data=data, allow_redirects=follow, timeout=20, **more)

    def send(self, method: str, path: str, body: Any = None, *, token: str | None = TOKEN) -> requests.Response:
        """Send JSON to the API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, f"{self.address}/api/v1{path}", json=body, headers=headers, timeout=20)


@contextlib.contextmanager
def serving(desk: Desk, settings: WebSettings | None = None) -> Iterator[Web]:
    """Serve a desk's archive on a free port."""
    config = load_config(desk.write_config(), {})
    with open_pipeline(config) as pipeline, socket.create_server(("127.0.0.1", 0)) as listener:
        workspace = Workspace(pipeline, Keys.new(settings or WebSettings()))
        server = uvicorn.Server(uvicorn.Config(build_app(workspace), log_level="error", server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield Web(f"http://127.0.0.1:{listener.getsockname()[1]}", workspace)
        finally:
            server.should_exit = True
            thread.join(10)


def with_fire(folder: Path, site: Site, *, desk: Desk | None = None) -> Desk:
    """A desk that has seen the story of a fire change twice: a number, and what is said of the cause."""
    desk = desk or Desk(folder)
    texts = [
        FIRE,
        edited("killed 12 people", "killed 14 people"),
        (
            *edited("killed 12 people", "killed 14 people"),
            "Correction: An earlier version of this article gave a lower number of deaths.",
        ),
    ]
    for number, text in enumerate(texts):
        site.publishes("/fire", page(*text))
        ended = desk.run("watch", site.url("/fire"), "--as", "article", "--tag", "ostmark") if not number else None
        assert ended is None or ended.code == 0, ended
        checked = desk.run("check", site.url("/fire"))
        assert checked.code == 0, checked.err
    return desk
