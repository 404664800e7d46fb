"""Which articles ever said something.

Joins the parts.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tracker.catalog.folding import read_query
from tracker.catalog.search import Found
from tracker.errors import ArchiveError, InputError
from tracker.web.excerpts import Marked, excerpt
from tracker.web.render import page
from tracker.web.workspace import Workspace, number, workspace_of

router = APIRouter(include_in_schema=False)
ON_A_PAGE: Final = 20
LONGEST: Final = 300  # characters of a query


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that said it, with the place."""

    found: Found
    said: Marked  # empty where the text cannot be read


@router.get("/search")
def show_search(request: Request, q: str = "", before: str = "") -> Response:
    """Show the articles that ever said something."""
    workspace = workspace_of(request)
    if not q.strip():
        return page(request, "search.html.jinja", q="", hits=(), next=None, before=None)
    check_query(q)
    start = number(before, "a place in the list") if before else None
    result = workspace.catalog.search(q, limit=ON_A_PAGE, before=start)
    hits = [Hit(found, said(workspace, found, q)) for found in result.found]
    return page(request, "search.html.jinja", q=q, hits=hits, next=result.next, before=start)


def check_query(q: str) -> None:
    """Refuse a query that nobody typed.

    Raises:
        InputError: It is too long.
    """
    if len(q) > LONGEST:
        raise InputError(f"the search is longer than {LONGEST} characters; leave out some words")


def said(workspace: Workspace, found: Found, q: str) -> Marked:
    """Find the place in the last version that says it."""
    words = [
        word + ("*" if phrase.prefix and word == phrase.words[-1] else "")
        for phrase in read_query(q)
        for word in phrase.words
    ]
    with contextlib.suppress(ArchiveError):
        version = workspace.text(found.article, found.versions[-1])
        return excerpt([version.headline or "", *version.paragraphs], words)
    return ()
