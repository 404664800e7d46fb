"""Outlets and feeds, and how each behaves.

Joins the parts.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.catalog.listing import ChangeFilter
from tracker.web import plots
from tracker.web.errors import RefusedError
from tracker.web.forms import Form, back_to
from tracker.web.render import DISCLOSURES, VERDICTS, page
from tracker.web.workspace import Workspace, number, workspace_of

router = APIRouter(include_in_schema=False)
LATEST = 10  # changes shown on a source's page


@router.get("/sources")
def show_sources(request: Request) -> Response:
    """Show the outlets and the feeds."""
    catalog = workspace_of(request).catalog
    return page(request, "sources.html.jinja", hosts=catalog.hosts(), sources=catalog.sources(active=None))


@router.get("/sources/hosts/{host}")
def show_host(request: Request, host: str) -> Response:
    """Show how an outlet behaves."""
    workspace = workspace_of(request)
    if not workspace.catalog.list_articles(limit=1, host=host):
        raise RefusedError(
            404, f"no article of “{host[:80]}” was ever followed; the list of sources shows those there are"
        )
    return _show(request, workspace, title=host, query=f"host={host}", host=host)


@router.get("/sources/feeds/{source_id}")
def show_feed(request: Request, source_id: str) -> Response:
    """Show how the articles of a feed behave."""
    workspace = workspace_of(request)
    wanted = number(source_id, "a feed")
    source = next((one for one in workspace.catalog.sources(active=None) if one.id == wanted), None)
    if source is None:
        raise RefusedError(404, f"no feed has the number {wanted}; the list of sources shows those there are")
    return _show(request, workspace, title=source.url, query=f"source={source.id}", source_id=source.id, source=source)


@router.post("/sources/feeds/{source_id}/followed")
def keep_followed(request: Request, source_id: str, form: Form) -> Response:
    """Read a feed again, or no longer."""
    workspace = workspace_of(request)
    wanted = number(source_id, "a feed")
    for source in workspace.catalog.sources(active=None):
        if source.id == wanted and form.get("followed") == "yes":
            workspace.catalog.add_source(source.url, source.kind, now=workspace.now)
        elif source.id == wanted:
            workspace.catalog.deactivate(source.url)
    return back_to(f"/sources/feeds/{wanted}")


def _show(
    request: Request,
    workspace: Workspace,
    *,
    title: str,
    query: str,
    host: str | None = None,
    source_id: int | None = None,
    source: object = None,
) -> Response:
    catalog = workspace.catalog
    activity = workspace.activity(host=host, source_id=source_id)
    statistics = workspace.statistics(host=host, source_id=source_id)
    verdicts = {key or "": count for key, count in activity.by_verdict.items()}
    return page(
        request,
        "source.html.jinja",
        title=title,
        query=query,
        source=source,
        statistics=statistics,
        verdicts=plots.shares(verdicts, {key or "": name for key, name in VERDICTS.items()}, "Changes by verdict"),
        hours=plots.by_hour(activity.by_hour_and_kind),
        disclosure=plots.shares(
            activity.by_disclosure, dict(reversed(DISCLOSURES.items())), "Substantive changes by disclosure"
        ),
        notes=plots.hours_to_note(statistics.hours_to_note),
        latest=catalog.list_changes(ChangeFilter(host=host, source_id=source_id), limit=LATEST),
    )
