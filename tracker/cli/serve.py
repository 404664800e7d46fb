"""The pages and the API: `serve`."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.app import app
from tracker.cli.workspace import configuration, open_pipeline, show
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from tracker.config import WebSettings


@app.command(epilog="Examples: tracker serve · TRACKER_TOKEN=… tracker serve --host 0.0.0.0 --port 8080")
def serve(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="The address of this machine to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.", show_default="8374")
    ] = None,
) -> None:
    """Show changes, articles and sources in a browser, and as JSON and feeds to programs.

    It works beside `tracker run`.  Beyond this machine it is reached only with a token: [web] in config.toml.  Ctrl-C stops it.
    """
    config = configuration(context)
    given = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    settings = replace(config.web, **given)  # type: ignore[arg-type]  # typer has checked them
    try:
        import uvicorn

        from tracker.web import Workspace, build_app
        from tracker.web.security import Keys, check_settings
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in ("fastapi", "uvicorn", "multipart", "starlette", "pydantic"):
            raise ConfigError(
                "tracker serve needs more packages; install them with: pip install 'tracker[web]'"
            ) from error
        raise

    class Server(uvicorn.Server):
        """Ends on a signal as on any other end."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Stop on Ctrl-C and SIGTERM, and do not raise them again."""
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self.handle_exit)
            yield

    check_settings(settings)
    with _listening(settings) as listener, open_pipeline(config) as pipeline:
        application = build_app(Workspace(pipeline, Keys.new(settings)))
        name, number = listener.getsockname()[:2]
        shown = f"[{name}]" if ":" in name else name
        server = Server(
            uvicorn.Config(
                application,
                log_level="warning",
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=5,
                h11_max_incomplete_event_size=32_768,
            )
        )
        show(f"tracker: the pages are at http://{shown}:{number}/ (Ctrl-C stops)\n")
        _flush()
        server.run(sockets=[listener])
    show("tracker: stopped\n")


def _flush() -> None:
    import sys

    sys.stdout.flush()


@contextlib.contextmanager
def _listening(settings: WebSettings) -> Iterator[socket.socket]:
    """Take the port before anything else is done.

    Raises:
        ConfigError: It cannot be had.
    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}; choose another with --host and --port"
        ) from error
    with listener:
        yield listener
