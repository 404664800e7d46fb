"""Forms of search, sources, filters and the rest.

Computes only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from tracker.catalog.opinions import SavedFilter
from tracker.catalog.search import Found
from tracker.models import Source
from tracker.web.api.article_forms import ArticleAnswer, TextAnswer
from tracker.web.api.forms import Answer, Request


class FoundAnswer(Answer):
    """An article that said it."""

    article: ArticleAnswer
    versions: list[int]
    still: bool = Field(description="The latest version says it.")

    @classmethod
    def of(cls, found: Found) -> FoundAnswer:
        """Write it."""
        return cls(
            article=ArticleAnswer.of(found.article), versions=[one.number for one in found.versions], still=found.still
        )


class SearchAnswer(Answer):
    """Some of the articles that said it."""

    found: list[FoundAnswer]
    next: int | None = Field(description="The `before` of the next page; null on the last.")


class SourceAnswer(Answer):
    """A feed, sitemap or section page."""

    id: int
    address: str
    kind: str
    followed: bool
    tags: list[str]
    checked_at: datetime | None
    error: str | None

    @classmethod
    def of(cls, source: Source) -> SourceAnswer:
        """Write it."""
        return cls(
            id=source.id, address=source.url, kind=source.kind, followed=source.active, tags=list(source.tags),
            checked_at=source.checked_at, error=source.error,
        )  # fmt: skip


class HostAnswer(Answer):
    """An outlet, by the name of its server."""

    name: str
    articles: int
    followed: int


class SourcesAnswer(Answer):
    """Feeds and outlets."""

    sources: list[SourceAnswer]
    hosts: list[HostAnswer]


class FilterAnswer(Answer):
    """A filter under a name."""

    id: int
    name: str
    query: str

    @classmethod
    def of(cls, kept: SavedFilter) -> FilterAnswer:
        """Write it."""
        return cls(id=kept.id, name=kept.name, query=kept.query)


class FiltersAnswer(Answer):
    """The filters that are kept."""

    filters: list[FilterAnswer]


class FilterRequest(Request):
    """A filter to keep; it replaces the one of the same name."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    query: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] = Field(
        description="As it stands in the address of the list: verdict=substantive&kind=location"
    )


class PreviewRequest(Request):
    """What to look at."""

    address: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    links: Annotated[str, StringConstraints(max_length=300)] | None = None


class PreviewAnswer(Answer):
    """What would be read there."""

    address: str
    kind: str
    text: TextAnswer | None
    suspect: bool
    reasons: list[str]
    entries: list[str]
    total: int


class StatusAnswer(Answer):
    """How the tracker does."""

    articles: int
    sources: int
    versions: int
    changes: int
    due: int
    failing: int
    last_checked_at: datetime | None


class StatisticsAnswer(Answer):
    """What the changes amount to."""

    changes: int
    articles: int
    by_verdict: dict[str, int]
    by_kind: dict[str, int]
    by_disclosure: dict[str, int]
    reversals: int
    silent_share: float | None
    corrected: int
    median_hours_to_note: float | None
