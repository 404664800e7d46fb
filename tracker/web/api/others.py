"""Search, sources, statistics, filters, and a look before following.

Joins the parts.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracker.web.actions import keep_filter
from tracker.web.api.article_forms import TextAnswer
from tracker.web.api.forms import LARGEST
from tracker.web.api.operations import WRITES, Limit, Number, answer, reads, writes, written
from tracker.web.api.other_forms import (
    FilterAnswer,
    FilterRequest,
    FiltersAnswer,
    FoundAnswer,
    HostAnswer,
    PreviewAnswer,
    PreviewRequest,
    SearchAnswer,
    SourceAnswer,
    SourcesAnswer,
    StatisticsAnswer,
    StatusAnswer,
)
from tracker.web.errors import RefusedError
from tracker.web.filters import read_filter
from tracker.web.preview import look
from tracker.web.workspace import workspace_of

router = APIRouter(prefix="/api/v1", tags=["the rest"])


@router.get("/search", response_model=SearchAnswer, responses=reads())
def search(
    request: Request,
    q: Annotated[str, Query(max_length=300, description='Words, "a phrase", beginn*.')],
    before: Annotated[int | None, Query(ge=0, le=LARGEST, description="`next` of the page before.")] = None,
    limit: Limit = 20,
) -> Response:
    """Find articles of which a version ever said something."""
    result = workspace_of(request).catalog.search(q, limit=limit, before=before)
    return answer(request, SearchAnswer(found=[FoundAnswer.of(one) for one in result.found], next=result.next))


@router.get("/sources", response_model=SourcesAnswer, responses=reads())
def list_sources(request: Request) -> Response:
    """List the feeds and the outlets."""
    catalog = workspace_of(request).catalog
    sources = [SourceAnswer.of(one) for one in catalog.sources(active=None)]
    hosts = [HostAnswer(name=one.name, articles=one.articles, followed=one.followed) for one in catalog.hosts()]
    return answer(request, SourcesAnswer(sources=sources, hosts=hosts))


@router.get("/statistics", response_model=StatisticsAnswer, responses=reads())
def get_statistics(
    request: Request,
    since: Annotated[str | None, Query(max_length=40, description="7d, 12h, or 2018-04-09.")] = None,
    until: Annotated[str | None, Query(max_length=40)] = None,
    tag: Annotated[str | None, Query(max_length=300)] = None,
    host: Annotated[str | None, Query(max_length=300)] = None,
    source: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
) -> Response:
    """Count the changes."""
    workspace = workspace_of(request)
    wanted = read_filter([("since", since or ""), ("until", until or "")], workspace.now).wanted
    found = workspace.statistics(since=wanted.since, until=wanted.until, tag=tag, host=host, source_id=source)
    value = StatisticsAnswer(
        changes=found.changes,
        articles=found.articles,
        by_verdict={key or "suspect": count for key, count in found.by_verdict.items()},
        by_kind={str(kind): count for kind, count in found.by_kind.items()},
        by_disclosure={str(word): count for word, count in found.by_disclosure.items()},
        reversals=found.reversals,
        silent_share=found.silent_share,
        corrected=found.corrected,
        median_hours_to_note=found.median_hours_to_note,
    )
    return answer(request, value)


@router.get("/status", response_model=StatusAnswer, responses=reads())
def get_status(request: Request) -> Response:
    """Say how the tracker does."""
    workspace = workspace_of(request)
    known = workspace.catalog.status(workspace.now)
    value = StatusAnswer(
        articles=known.articles,
        sources=known.sources,
        versions=known.versions,
        changes=known.changes,
        due=known.due,
        failing=known.failing_count,
        last_checked_at=known.last_checked_at,
    )
    return answer(request, value)


@router.get("/filters", response_model=FiltersAnswer, responses=reads())
def list_filters(request: Request) -> Response:
    """List the filters that are kept."""
    kept = workspace_of(request).catalog.saved_filters()
    return answer(request, FiltersAnswer(filters=[FilterAnswer.of(one) for one in kept]))


@router.post("/filters", response_model=FilterAnswer, status_code=201, responses=writes(409), dependencies=WRITES)
def save_filter(request: Request, wanted: FilterRequest) -> Response:
    """Keep a filter under a name."""
    return written(FilterAnswer.of(keep_filter(workspace_of(request), wanted.name, wanted.query)), 201)


@router.delete("/filters/{filter}", status_code=204, responses=writes(404), dependencies=WRITES)
def delete_filter(request: Request, filter: Number) -> Response:  # noqa: A002  # as it stands in the address
    """Forget a filter."""
    if not workspace_of(request).catalog.delete_filter(filter):
        raise RefusedError(404, f"no filter has the number {filter}")
    return Response(status_code=204)


@router.post("/preview", response_model=PreviewAnswer, responses=writes(502), dependencies=WRITES)
def preview(request: Request, wanted: PreviewRequest) -> Response:
    """Fetch a page once, and give what would be read in it."""
    found = look(workspace_of(request).pipeline, wanted.address, wanted.links)
    value = PreviewAnswer(
        address=found.url,
        kind=found.kind,
        text=TextAnswer.of(0, found.version) if found.version else None,
        suspect=found.capture.suspect if found.capture else False,
        reasons=list(found.capture.reasons) if found.capture else [],
        entries=list(found.entries),
        total=found.total,
    )
    return written(value)
