"""Changes, and what readers think of them.

Joins the parts.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracker.catalog.listing import Reviewed, cursors_of
from tracker.comparison_json import comparison_to_json
from tracker.models import Disclosure, Kind, Verdict
from tracker.web.actions import evidence, record_opinion
from tracker.web.api.change_forms import (
    ChangeAnswer,
    ChangesAnswer,
    OpinionAnswer,
    OpinionRequest,
    OpinionsAnswer,
    TracedOpinionAnswer,
    WholeChangeAnswer,
)
from tracker.web.api.operations import WRITES, Limit, Number, answer, reads, writes, written
from tracker.web.errors import RefusedError
from tracker.web.exports import opinions_as_csv
from tracker.web.filters import read_cursor, read_filter, write_cursor
from tracker.web.workspace import workspace_of

router = APIRouter(prefix="/api/v1", tags=["changes"])


@router.get("/changes", response_model=ChangesAnswer, responses=reads())
def list_changes(
    request: Request,
    verdict: Annotated[list[Verdict] | None, Query(description="One of these.")] = None,
    kind: Annotated[list[Kind] | None, Query(description="With a fact of one of these kinds.")] = None,
    disclosure: Annotated[list[Disclosure] | None, Query()] = None,
    importance: Annotated[int | None, Query(ge=0, le=3, description="At least.")] = None,
    host: Annotated[str | None, Query(max_length=300, description="The outlet.")] = None,
    source: Annotated[int | None, Query(ge=0, le=2**53 - 1, description="The feed's number.")] = None,
    tag: Annotated[str | None, Query(max_length=300)] = None,
    entity: Annotated[
        str | None, Query(max_length=300, description="Words of a fact's value, source or subject.")
    ] = None,
    since: Annotated[str | None, Query(max_length=40, description="7d, 12h, or 2018-04-09.")] = None,
    until: Annotated[str | None, Query(max_length=40)] = None,
    article: Annotated[int | None, Query(ge=0, le=2**53 - 1)] = None,
    reviewed: Annotated[Reviewed | None, Query(description="Your verdict; `none`: not yet.")] = None,
    after: Annotated[str | None, Query(max_length=50, description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response:
    """List changes, the newest first."""
    workspace = workspace_of(request)
    asked = read_filter(request.query_params.multi_items(), workspace.now)
    found = workspace.catalog.list_changes(asked.wanted, limit=limit + 1, after=read_cursor(after))
    shown, following = cursors_of(found, limit)
    changes = [ChangeAnswer.of(change) for change in shown]
    return answer(request, ChangesAnswer(changes=changes, next=write_cursor(following) if following else None))


@router.get("/changes/{change}", response_model=WholeChangeAnswer, responses=reads(404))
def get_change(request: Request, change: Number) -> Response:
    """Give a change with both texts."""
    workspace = workspace_of(request)
    found = workspace.change(change)
    whole = WholeChangeAnswer(
        id=found.id,
        article=workspace.article_of(found).id,
        address=found.article_url,
        old_version=found.old.number,
        new_version=found.new.number,
        not_before=found.not_before,
        not_after=found.not_after,
        comparison=comparison_to_json(found.comparison),
    )
    return answer(request, whole)


@router.get(
    "/changes/{change}/evidence",
    response_class=Response,
    responses={
        200: {"description": "A zip with a script that checks it.", "content": {"application/zip": {}}},
        **reads(404),
    },
)
def get_evidence(request: Request, change: Number) -> Response:
    """Give the evidence of a change: both captures, texts, report, and a script that checks them."""
    workspace = workspace_of(request)
    return evidence(workspace, workspace.change(change))


@router.get("/changes/{change}/opinion", response_model=OpinionAnswer, responses=reads(404))
def get_opinion(request: Request, change: Number) -> Response:
    """Give what a reader thinks of a change."""
    opinion = workspace_of(request).catalog.opinion(change)
    if opinion is None:
        raise RefusedError(404, f"nothing was said of change {change} yet")
    return answer(request, OpinionAnswer.of(opinion))


@router.put("/changes/{change}/opinion", response_model=OpinionAnswer, responses=writes(404), dependencies=WRITES)
def put_opinion(request: Request, change: Number, said: OpinionRequest) -> Response:
    """Keep what you think of a change, in place of what was kept."""
    if not said.verdict and not said.note.strip():
        raise RefusedError(400, "there is neither a verdict nor a note; to take an opinion back, delete it")
    workspace = workspace_of(request)
    found = workspace.change(change)
    record_opinion(workspace, found, said.verdict or "", said.kind or "", said.note)
    opinion = workspace.catalog.opinion(found.id)
    if opinion is None:
        raise RefusedError(409, "the opinion was taken back at the same moment; try again")
    return written(OpinionAnswer.of(opinion))


@router.delete("/changes/{change}/opinion", status_code=204, responses=writes(404), dependencies=WRITES)
def delete_opinion(request: Request, change: Number) -> Response:
    """Take back what you think of a change."""
    workspace = workspace_of(request)
    record_opinion(workspace, workspace.change(change), "", "", "")
    return Response(status_code=204)


@router.get("/opinions", response_model=OpinionsAnswer, responses=reads())
def list_opinions(request: Request) -> Response:
    """Give all that readers think, the newest first."""
    opinions = [TracedOpinionAnswer.of_traced(one) for one in workspace_of(request).catalog.opinions()]
    return answer(request, OpinionsAnswer(opinions=opinions))


@router.get(
    "/opinions.csv",
    response_class=Response,
    responses={200: {"description": "A table.", "content": {"text/csv": {"schema": {"type": "string"}}}}, **reads()},
)
def export_opinions(request: Request) -> Response:
    """Give the same as a table."""
    return Response(opinions_as_csv(workspace_of(request).catalog.opinions()), media_type="text/csv")
