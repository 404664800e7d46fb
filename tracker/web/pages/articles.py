"""Articles: what is followed, the history of one, its versions and captures.

Joins the parts.
"""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.catalog.folding import fold
from tracker.errors import InputError
from tracker.models import Snapshot, StoredSnapshot
from tracker.web.actions import read_tags
from tracker.web.biography import biography
from tracker.web.errors import RefusedError
from tracker.web.excerpts import marked
from tracker.web.forms import Form, back_to
from tracker.web.plots import lifeline
from tracker.web.render import page
from tracker.web.security import CAPTURE_POLICY
from tracker.web.workspace import Workspace, number, workspace_of

router = APIRouter(include_in_schema=False)
ON_A_PAGE: Final = 50
MOST_LINES: Final = 30  # of the fact timeline
MOST_VALUES: Final = 12  # of a line, the latest
CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


@router.get("/articles")
def show_articles(request: Request, after: str = "", host: str = "", tag: str = "") -> Response:
    """Show what is followed."""
    catalog = workspace_of(request).catalog
    start = number(after, "an article") if after else None
    found = catalog.list_articles(limit=ON_A_PAGE + 1, after=start, host=host or None, tag=tag or None)
    shown = found[:ON_A_PAGE]
    following = shown[-1].id if len(found) > ON_A_PAGE else None
    return page(request, "articles.html.jinja", articles=shown, next=following, after=start, host=host, tag=tag)


@router.get("/articles/{article_id}")
def show_article(request: Request, article_id: str, before: str = "") -> Response:
    """Show the history of an article."""
    workspace = workspace_of(request)
    start = number(before, "a version") if before else None
    told = biography(workspace, workspace.article(number(article_id, "an article")), start)
    return page(
        request,
        "article.html.jinja",
        article=told.article,
        told=told,
        before=start,
        lifelines=[
            lifeline(line, told.begins_at, told.ends_at, most=MOST_VALUES) for line in told.timeline[:MOST_LINES]
        ],
        most=(MOST_LINES, MOST_VALUES),
    )


@router.post("/articles/{article_id}/tags")
def keep_tags(request: Request, article_id: str, form: Form) -> Response:
    """Keep an article's tags."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    workspace.catalog.set_tags(article.id, read_tags(form.get("tags", "")))
    return back_to(f"/articles/{article.id}")


@router.post("/articles/{article_id}/followed")
def keep_followed(request: Request, article_id: str, form: Form) -> Response:
    """Follow an article again, or no longer."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    follow(workspace, article.url, article.folder, wanted=form.get("followed") == "yes")
    return back_to(f"/articles/{article.id}")


def follow(workspace: Workspace, url: str, folder: str, *, wanted: bool) -> None:
    """Follow an article that is known, or no longer."""
    if wanted:
        workspace.catalog.add_article(url, folder, now=workspace.now)
    else:
        workspace.catalog.deactivate(url)


@router.get("/articles/{article_id}/versions/{version}")
def show_version(request: Request, article_id: str, version: str, q: str = "") -> Response:
    """Show what a version says, with the words of a search marked."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    stored = workspace.version(article, number(version, "a version"))
    text = workspace.text(article, stored)
    words = fold(q).split()
    return page(
        request,
        "version.html.jinja",
        article=article,
        stored=stored,
        text=text,
        q=q,
        headline=marked(text.headline or "", words),
        paragraphs=[(marked(one, words), one in text.notices) for one in text.paragraphs],
    )


# --- the page as it was sent ----------------------------------------------------------------------


@router.get("/articles/{article_id}/captures/{capture_id}")
def show_capture(request: Request, article_id: str, capture_id: str) -> Response:
    """Show a capture in a frame that can do nothing."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    stored = _capture(workspace, article.folder, capture_id)
    read = workspace.pipeline.archive.read_version(article.folder, stored)
    return page(request, "capture.html.jinja", article=article, stored=stored, capture=read[1] if read else None)


@router.get("/articles/{article_id}/captures/{capture_id}/page")
def send_capture(request: Request, article_id: str, capture_id: str) -> Response:
    """Send a captured page as it was sent to us, without any power."""
    workspace = workspace_of(request)
    article = workspace.article(number(article_id, "an article"))
    snapshot = workspace.pipeline.archive.read_snapshot(article.folder, _capture(workspace, article.folder, capture_id))
    headers = {
        "content-security-policy": CAPTURE_POLICY,
        "content-type": _type_of(snapshot),
        "referrer-policy": "no-referrer",
    }
    return Response(snapshot.body, headers=headers)


def _capture(workspace: Workspace, folder: str, capture_id: str) -> StoredSnapshot:
    if not re.fullmatch(r"[0-9]{14}[0-9A-Za-z.-]{0,20}", capture_id):
        raise InputError(f"“{capture_id[:40]}” is not the number of a capture, such as 20180409165705")
    found = next((one for one in workspace.pipeline.archive.captures(folder) if one.id == capture_id), None)
    if found is None:
        raise RefusedError(404, f"this article has no capture {capture_id}; its page lists those there are")
    return found


def _type_of(snapshot: Snapshot) -> str:
    """Name the type of a page so that a browser shows it and never takes it for anything that runs."""
    said = snapshot.header("Content-Type") or "text/html"
    charset = CHARSET.search(said) or CHARSET.search(snapshot.body[:2048].decode("latin-1"))
    kind = said.split(";")[0].strip().lower()
    shown = "text/html" if kind in ("text/html", "application/xhtml+xml", "") else "text/plain"
    return f"{shown}; charset={charset[1] if charset else 'utf-8'}"
