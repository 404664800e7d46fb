"""Follow something: see what would be read in it first.

Joins the parts.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.errors import AddressError, FetchError, InputError
from tracker.models import Article
from tracker.web.actions import read_tags
from tracker.web.forms import Form, back_to
from tracker.web.preview import look
from tracker.web.render import page
from tracker.web.workspace import workspace_of

router = APIRouter(include_in_schema=False)
KINDS = ("article", "feed", "sitemap", "section")


@router.get("/follow")
def show_follow(request: Request) -> Response:
    """Ask for an address."""
    return page(request, "follow.html.jinja", preview=None, given={}, problem=None)


@router.post("/follow/preview")
def show_preview(request: Request, form: Form) -> Response:
    """Fetch a page once, and show what would be read in it."""
    workspace = workspace_of(request)
    try:
        preview = look(workspace.pipeline, form.get("address", ""), form.get("links", "").strip() or None)
    except (AddressError, FetchError, InputError) as error:
        return page(request, "follow.html.jinja", status=400, preview=None, given=form, problem=str(error))
    return page(request, "follow.html.jinja", preview=preview, given=form, problem=None)


@router.post("/follow")
def start_following(request: Request, form: Form) -> Response:
    """Follow it from now on."""
    workspace = workspace_of(request)
    kind = form.get("kind", "")
    if kind not in KINDS:
        raise InputError(f"kind “{kind[:40]}” is none of {', '.join(KINDS)}")
    links = form.get("links", "").strip() or None
    tags = tuple(read_tags(form.get("tags", "")))
    followed = workspace.pipeline.follow(
        form.get("address", ""), kind, tags, links=links if kind != "article" else None
    )
    if isinstance(followed, Article):
        return back_to(f"/articles/{followed.id}")
    return back_to(f"/sources/feeds/{followed.id}")
