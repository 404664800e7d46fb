"""Forms of articles, their versions and what they said.

Computes only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from tracker.models import Article, Event, Kind, StoredVersion, Version
from tracker.timeline import Line
from tracker.web.api.forms import Answer, Request, Word


class ArticleAnswer(Answer):
    """An article."""

    id: int
    address: str
    headline: str | None
    followed: bool
    tags: list[str]
    versions: int
    added_at: datetime
    checked_at: datetime | None
    changed_at: datetime | None
    due_at: datetime | None
    error: str | None
    removed_at: datetime | None
    same_as: str | None

    @classmethod
    def of(cls, article: Article) -> ArticleAnswer:
        """Write it."""
        return cls(
            id=article.id, address=article.url, headline=article.headline, followed=article.active, tags=list(article.tags),
            versions=article.version.number if article.version else 0, added_at=article.added_at,
            checked_at=article.checked_at, changed_at=article.changed_at, due_at=article.due_at, error=article.error,
            removed_at=article.removed_at, same_as=article.same_as,
        )  # fmt: skip


class ArticlesAnswer(Answer):
    """Some of the articles."""

    articles: list[ArticleAnswer]
    next: int | None = Field(description="The `after` of the next page; null on the last.")


class FollowRequest(Request):
    """What to follow."""

    address: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    kind: Literal["article", "feed", "sitemap", "section"] = "article"
    tags: Annotated[list[Word], Field(max_length=50)] = Field(default_factory=list)
    links: Annotated[str, StringConstraints(max_length=300)] | None = Field(
        default=None, description="Of a list: only addresses of this pattern."
    )


class FollowedAnswer(Answer):
    """What is followed now: an article, or a source of them."""

    article: int | None
    source: int | None
    address: str


class ArticleRequest(Request):
    """What to change of an article; what is left out stays as it is."""

    followed: bool | None = None
    tags: Annotated[list[Word], Field(max_length=50)] | None = None


class VersionAnswer(Answer):
    """A version, without its text."""

    number: int
    headline: str | None
    fetched_at: datetime
    last_seen_at: datetime
    updated_at: datetime | None
    status: int
    snapshot: str
    page_digest: str
    text_digest: str
    imported_from: str | None

    @classmethod
    def of(cls, version: StoredVersion) -> VersionAnswer:
        """Write it."""
        snapshot = version.snapshot
        return cls(
            number=version.number, headline=version.headline, fetched_at=snapshot.fetched_at, last_seen_at=version.last_seen_at,
            updated_at=version.updated_at, status=snapshot.status, snapshot=snapshot.id, page_digest=snapshot.digest,
            text_digest=version.digest, imported_from=snapshot.origin,
        )  # fmt: skip


class EventAnswer(Answer):
    """What became of an article as a whole."""

    kind: str
    detail: str
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, event: Event) -> EventAnswer:
        """Write it."""
        return cls(kind=event.kind, detail=event.detail, not_before=event.not_before, not_after=event.not_after)


class HistoryAnswer(Answer):
    """An article's versions and events, oldest first."""

    versions: list[VersionAnswer]
    events: list[EventAnswer]


class TextAnswer(Answer):
    """What a version says."""

    number: int
    headline: str | None
    shown_headline: str | None
    byline: list[str]
    published_at: datetime | None
    updated_at: datetime | None
    language: str | None
    paragraphs: list[str]
    captions: list[str]
    notices: list[str]
    extractor: str

    @classmethod
    def of(cls, number: int, version: Version) -> TextAnswer:
        """Write it."""
        return cls(
            number=number, headline=version.headline, shown_headline=version.shown_headline, byline=list(version.byline),
            published_at=version.published_at, updated_at=version.updated_at, language=version.language, paragraphs=list(version.paragraphs),
            captions=list(version.captions), notices=list(version.notices), extractor=version.extractor,
        )  # fmt: skip


class SpanAnswer(Answer):
    """A value, and how long it was said."""

    value: str
    source: str | None
    first_version: int
    last_version: int | None = Field(description="null: it still stands.")
    since_not_before: datetime | None = Field(description="null: it was there as far back as is known.")
    since_not_after: datetime | None
    until_not_before: datetime | None
    until_not_after: datetime | None
    disputed: bool


class LineAnswer(Answer):
    """One thing, and all that was said of it."""

    kind: Kind
    subject: str | None
    values: list[SpanAnswer]

    @classmethod
    def of(cls, line: Line) -> LineAnswer:
        """Write it."""
        values = [
            SpanAnswer(
                value=span.value, source=span.source, first_version=span.first_version, last_version=span.last_version,
                since_not_before=span.since.not_before if span.since else None,
                since_not_after=span.since.not_after if span.since else None,
                until_not_before=span.until.not_before if span.until else None,
                until_not_after=span.until.not_after if span.until else None,
                disputed=span.disputed,
            )
            for span in line.spans
        ]  # fmt: skip
        return cls(kind=line.kind, subject=line.subject, values=values)


class TimelineAnswer(Answer):
    """What an article said of each thing, from when to when."""

    lines: list[LineAnswer]


class ComparisonAnswer(Answer):
    """Two versions, compared."""

    old_version: int
    new_version: int
    change: int | None = Field(description="The change that it is, where the versions follow each other.")
    comparison: dict[str, Any]
