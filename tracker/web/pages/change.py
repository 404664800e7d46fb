"""A change: what, how sure, when, both texts, disclosure, evidence; and any two versions, compared.

Joins the parts.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.catalog.listing import ChangeFilter
from tracker.models import Article, Change
from tracker.report import html, view
from tracker.statistics import NoteLater, notes_later
from tracker.web import texts
from tracker.web.actions import compare, evidence, record_opinion
from tracker.web.biography import MOST
from tracker.web.forms import Form, back_to
from tracker.web.render import page
from tracker.web.workspace import Workspace, number, workspace_of

router = APIRouter(include_in_schema=False)


@router.get("/changes/{change_id}")
def show_change(request: Request, change_id: str) -> Response:
    """Show a change."""
    workspace = workspace_of(request)
    change = workspace.change(number(change_id, "a change"))
    return _show(request, workspace, workspace.article_of(change), change, f"/changes/{change.id}")


@router.get("/articles/{article_id}/compare")
def show_comparison(request: Request, article_id: str, old: str = "", new: str = "") -> Response:
    """Compare any two versions of an article."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    change = compare(workspace, article, number(old, "a version"), number(new, "a version"))
    if change.id:
        return back_to(f"/changes/{change.id}")
    return _show(
        request, workspace, article, change, f"{request.url.path}?old={change.old.number}&new={change.new.number}"
    )


def _show(request: Request, workspace: Workspace, article: Article, change: Change, here: str) -> Response:
    item = view.item_of_change(change, _note_later(workspace, article, change))
    laid_out = html.lay_out(item, texts.ANCHOR)
    inline = request.query_params.get("view") == "inline"
    pairs = [pair for run in laid_out.runs for pair in run.pairs]
    return page(
        request,
        "change.html.jinja",
        change=change,
        article=article,
        item=item,
        comparison=change.comparison,
        laid_out=laid_out,
        view="inline" if inline else "side",
        groups=texts.folded(texts.inline(change.comparison, pairs)) if inline else [],
        opinion=workspace.catalog.opinion(change.id) if change.id else None,
        here=here,
    )


def _note_later(workspace: Workspace, article: Article, change: Change) -> NoteLater | None:
    """Find the note that owned up to a silent edit."""
    if not change.id or change.comparison.judgement.disclosure != "undisclosed":
        return None
    listed = workspace.catalog.list_changes(ChangeFilter(article_id=article.id), limit=MOST, oldest_first=True)
    return notes_later(listed).get(change.id)


@router.post("/changes/{change_id}/opinion")
def keep_opinion(request: Request, change_id: str, form: Form) -> Response:
    """Keep what a reader thinks of a change."""
    workspace = workspace_of(request)
    change = workspace.change(number(change_id, "a change"))
    record_opinion(workspace, change, form.get("verdict", ""), form.get("kind", ""), form.get("note", ""))
    return back_to(f"/changes/{change.id}#opinion")


@router.get("/changes/{change_id}/evidence.zip")
def download_evidence(request: Request, change_id: str) -> Response:
    """Pack the evidence."""
    workspace = workspace_of(request)
    return evidence(workspace, workspace.change(number(change_id, "a change")))


@router.get("/changes/{change_id}/card.png")
def show_card(request: Request, change_id: str, dark: str = "") -> Response:
    """Draw a change."""
    from tracker.report.card import card

    change = workspace_of(request).change(number(change_id, "a change"))
    return Response(card(change, dark=bool(dark)), media_type="image/png")
