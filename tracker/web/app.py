"""The application: parts, pages, API and feeds, put together.

Joins the parts.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from tracker import __version__
from tracker.errors import TrackerError
from tracker.web import feeds
from tracker.web.api import routes as api_routes
from tracker.web.errors import TITLES, problem, status_of
from tracker.web.pages import routes as page_routes
from tracker.web.render import page
from tracker.web.security import Guard
from tracker.web.workspace import Workspace

log = logging.getLogger(__name__)

STATIC: Final = Path(__file__).parent / "static"
PROBLEM: Final = "application/problem+json"
ABOUT: Final = """\
What the pages show, for programs.

Lists are given a page at a time: `next` of an answer is the `after` of the next request, and is missing on the last page.
Answers carry an `ETag`; a request with `If-None-Match` is answered 304 while nothing is different.
What writes needs the token of the configuration as `Authorization: Bearer`; where the server is reached from other machines, everything does.
Errors are `application/problem+json` (RFC 9457); `detail` says in a sentence what is the matter.
"""


def build_app(workspace: Workspace) -> FastAPI:
    """Put the application together."""
    app = FastAPI(
        title="tracker",
        version=__version__,
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # loads scripts from elsewhere; /api says the same
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.workspace = workspace
    app.add_middleware(Guard, keys=workspace.keys)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in (*page_routes, feeds.router, *api_routes):
        app.include_router(router)
    app.add_exception_handler(TrackerError, _told)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _bug)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make older texts searchable in the background, until the end."""
    stop = threading.Event()
    worker = threading.Thread(target=app.state.workspace.index_older_versions, args=(stop,), name="index", daemon=True)
    worker.start()
    yield
    stop.set()
    worker.join(timeout=5)


# --- errors ---------------------------------------------------------------------------------------


def _answer(request: Request, status: int, detail: str, headers: Any = None) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse(problem(status, detail), status, headers, PROBLEM)
    title = TITLES.get(status, "That did not work")
    return page(request, "error.html.jinja", status=status, headers=headers, title=title, detail=detail)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, TrackerError)
    status = status_of(error)
    if status == 500:
        log.error("%s: %s", request.url.path, error)
    return _answer(request, status, str(error))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {
        404: "this address is none of ours; the menu shows what there is",
        405: f"{request.method} is not for this address",
    }
    return _answer(request, error.status_code, details.get(error.status_code, str(error.detail)), error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    parts = [f"{'.'.join(map(str, one['loc'][1:])) or one['loc'][0]}: {one['msg']}" for one in error.errors()[:5]]
    return _answer(request, 422, "; ".join(parts))


def _bug(request: Request, error: Exception) -> Response:
    log.error("%s %s was not answered, because of a bug", request.method, request.url.path, exc_info=error)
    return _answer(request, 500, f"this is a bug in tracker ({type(error).__name__}); please report it")
