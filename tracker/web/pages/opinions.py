"""What readers keep: their verdicts, and filters by name.

Joins the parts.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.errors import InputError
from tracker.web.actions import keep_filter
from tracker.web.exports import opinions_as_csv
from tracker.web.forms import Form, back_to
from tracker.web.render import page
from tracker.web.workspace import number, workspace_of

router = APIRouter(include_in_schema=False)


@router.get("/opinions")
def show_opinions(request: Request) -> Response:
    """Show all verdicts and notes."""
    return page(request, "opinions.html.jinja", opinions=workspace_of(request).catalog.opinions())


@router.get("/opinions.csv")
def export_opinions(request: Request) -> Response:
    """Give all verdicts and notes as a table."""
    text = opinions_as_csv(workspace_of(request).catalog.opinions())
    headers = {"content-disposition": 'attachment; filename="verdicts.csv"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


@router.post("/filters")
def keep(request: Request, form: Form) -> Response:
    """Keep a filter under a name."""
    query = keep_filter(workspace_of(request), form.get("name", ""), form.get("query", "")).query
    return back_to(f"/?{query}")


@router.post("/filters/{filter_id}/delete")
def forget(request: Request, filter_id: str, form: Form) -> Response:  # noqa: ARG001  # the form proves that it is ours
    """Forget a filter."""
    if not workspace_of(request).catalog.delete_filter(number(filter_id, "a filter")):
        raise InputError("this filter was forgotten already")
    return back_to("/")
