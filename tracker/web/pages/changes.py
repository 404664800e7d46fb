"""Changes as they come.

Joins the parts.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.catalog.listing import cursors_of
from tracker.web.filters import read_cursor, read_filter, write_cursor
from tracker.web.render import page
from tracker.web.workspace import workspace_of

router = APIRouter(include_in_schema=False)
ON_A_PAGE: Final = 30
MOST_OFFERED: Final = 200  # outlets and tags that a field completes


@router.get("/")
def show_changes(request: Request) -> Response:
    """Show the newest changes that a filter lets through."""
    workspace = workspace_of(request)
    catalog = workspace.catalog
    asked = read_filter(request.query_params.multi_items(), workspace.now)
    after = read_cursor(request.query_params.get("after"))
    found, following = cursors_of(catalog.list_changes(asked.wanted, limit=ON_A_PAGE + 1, after=after), ON_A_PAGE)
    hosts, tags = workspace.names()
    return page(
        request,
        "changes.html.jinja",
        asked=asked,
        after=after,
        changes=found,
        next=write_cursor(following) if following else None,
        open="filter" in request.query_params,
        saved=catalog.saved_filters(),
        hosts=hosts[:MOST_OFFERED],
        all_tags=tags[:MOST_OFFERED],
        feeds=[(str(source.id), source.url[:80]) for source in catalog.sources(active=None)[:MOST_OFFERED]],
        followed=0 if found else catalog.count_articles(),
    )
