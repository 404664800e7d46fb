"""What there is to know: the keyboard, the API, the feeds.

Joins the parts.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from tracker.web.render import page
from tracker.web.workspace import workspace_of

router = APIRouter(include_in_schema=False)


@router.get("/help")
def show_help(request: Request) -> Response:
    """Show the keys and what the words mean."""
    return page(request, "help.html.jinja")


@router.get("/feeds")
def show_feeds(request: Request) -> Response:
    """Show which feeds there are."""
    workspace = workspace_of(request)
    return page(request, "feeds.html.jinja", saved=workspace.catalog.saved_filters(), base=workspace.base(request))


@router.get("/api")
def show_api(request: Request) -> Response:
    """Show the operations of the API."""
    app = request.app
    assert isinstance(app, FastAPI)
    document = app.openapi()
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    workspace = workspace_of(request)
    writable = workspace.keys.settings.token is not None
    return page(request, "api.html.jinja", operations=operations, base=workspace.base(request), writable=writable)


@router.get("/favicon.ico")
def no_icon() -> Response:
    """Say that the icon is elsewhere; browsers ask all the same."""
    return Response(status_code=204)
