"""Articles: what is followed, their versions and texts, what they said when.

Joins the parts.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tracker.catalog.listing import ChangeFilter
from tracker.comparison_json import comparison_to_json
from tracker.models import Article
from tracker.timeline import fact_timeline
from tracker.web.actions import check_tags, compare
from tracker.web.api.article_forms import (
    ArticleAnswer,
    ArticleRequest,
    ArticlesAnswer,
    ComparisonAnswer,
    EventAnswer,
    FollowedAnswer,
    FollowRequest,
    HistoryAnswer,
    LineAnswer,
    TextAnswer,
    TimelineAnswer,
    VersionAnswer,
)
from tracker.web.api.forms import LARGEST
from tracker.web.api.operations import WRITES, Limit, Number, answer, reads, writes, written
from tracker.web.biography import MOST, step_of
from tracker.web.workspace import workspace_of

router = APIRouter(prefix="/api/v1", tags=["articles"])


@router.get("/articles", response_model=ArticlesAnswer, responses=reads())
def list_articles(
    request: Request,
    host: Annotated[str | None, Query(max_length=300, description="Of this outlet.")] = None,
    tag: Annotated[str | None, Query(max_length=300)] = None,
    after: Annotated[int | None, Query(ge=0, le=LARGEST, description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> Response:
    """List articles, the latest added first."""
    found = workspace_of(request).catalog.list_articles(limit=limit + 1, after=after, host=host, tag=tag)
    shown = found[:limit]
    following = shown[-1].id if len(found) > limit else None
    return answer(request, ArticlesAnswer(articles=[ArticleAnswer.of(one) for one in shown], next=following))


@router.post("/articles", response_model=FollowedAnswer, status_code=201, responses=writes(502), dependencies=WRITES)
def follow(request: Request, wanted: FollowRequest) -> Response:
    """Follow an article, or a list of articles, from now on; one that is followed gets the tags."""
    workspace = workspace_of(request)
    links = wanted.links if wanted.kind != "article" else None
    tags = tuple(check_tags(wanted.tags))
    followed = workspace.pipeline.follow(wanted.address, wanted.kind, tags, links=links)
    is_article = isinstance(followed, Article)
    value = FollowedAnswer(
        article=followed.id if is_article else None, source=None if is_article else followed.id, address=followed.url
    )
    return written(value, 201)


@router.get("/articles/{article}", response_model=ArticleAnswer, responses=reads(404))
def get_article(request: Request, article: Number) -> Response:
    """Give an article."""
    return answer(request, ArticleAnswer.of(workspace_of(request).article(article)))


@router.patch("/articles/{article}", response_model=ArticleAnswer, responses=writes(404), dependencies=WRITES)
def change_article(request: Request, article: Number, wanted: ArticleRequest) -> Response:
    """Follow an article again or no longer, or give it other tags."""
    workspace = workspace_of(request)
    found = workspace.article(article)
    if wanted.tags is not None:
        workspace.catalog.set_tags(found.id, check_tags(wanted.tags))
    if wanted.followed is True:
        workspace.catalog.add_article(found.url, found.folder, now=workspace.now)
    elif wanted.followed is False:
        workspace.catalog.deactivate(found.url)
    return written(ArticleAnswer.of(workspace.article(article)))


@router.get("/articles/{article}/versions", response_model=HistoryAnswer, responses=reads(404))
def list_versions(request: Request, article: Number) -> Response:
    """Give the versions and events of an article, oldest first."""
    workspace = workspace_of(request)
    found = workspace.article(article)
    versions = [VersionAnswer.of(one) for one in workspace.catalog.versions(found.id)]
    events = workspace.catalog.events(article_id=found.id, newest_first=False)
    return answer(request, HistoryAnswer(versions=versions, events=[EventAnswer.of(one) for one in events]))


@router.get("/articles/{article}/versions/{version}", response_model=TextAnswer, responses=reads(404))
def get_version(request: Request, article: Number, version: Number) -> Response:
    """Give what a version says."""
    workspace = workspace_of(request)
    found = workspace.article(article)
    stored = workspace.version(found, version)
    return answer(request, TextAnswer.of(stored.number, workspace.text(found, stored)))


@router.get("/articles/{article}/timeline", response_model=TimelineAnswer, responses=reads(404))
def get_timeline(request: Request, article: Number) -> Response:
    """Give what an article said of each thing, from when to when, with the source."""
    workspace = workspace_of(request)
    wanted = ChangeFilter(article_id=workspace.article(article).id)
    changes = workspace.catalog.list_changes(wanted, limit=MOST, oldest_first=True)
    lines = fact_timeline([step_of(change) for change in changes])
    return answer(request, TimelineAnswer(lines=[LineAnswer.of(line) for line in lines]))


@router.get("/articles/{article}/compare", response_model=ComparisonAnswer, responses=reads(404))
def compare_versions(
    request: Request,
    article: Number,
    old: Annotated[int, Query(ge=0, le=LARGEST, description="A version's number.")],
    new: Annotated[int, Query(ge=0, le=LARGEST, description="Another's.")],
) -> Response:
    """Compare any two versions of an article."""
    workspace = workspace_of(request)
    change = compare(workspace, workspace.article(article), old, new)
    value = ComparisonAnswer(
        old_version=change.old.number,
        new_version=change.new.number,
        change=change.id or None,
        comparison=comparison_to_json(change.comparison),
    )
    return answer(request, value)
