"""The forms of the API's answers and requests; from them the OpenAPI document is written.

Computes only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tracker.catalog.listing import ListedChange, OwnVerdict
from tracker.catalog.opinions import Opinion, SavedFilter, TracedOpinion
from tracker.catalog.search import Found
from tracker.models import (
    Article,
    Disclosure,
    Event,
    Fact,
    Kind,
    Source,
    Status,
    StoredVersion,
    Verdict,
    Version,
)
from tracker.timeline import Line

LARGEST = 2**53 - 1
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Id = Annotated[int, Field(ge=0, le=LARGEST)]


class Answer(BaseModel):
    """Anything that is given."""

    model_config = ConfigDict(extra="forbid")


class Request(BaseModel):
    """Anything that is taken."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Problem(Answer):
    """Why a request was not met (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="One sentence that says what is the matter, and what to do.")


# --- changes --------------------------------------------------------------------------------------


class FactAnswer(Answer):
    """A fact that changed; in lists long values are cut, with an ellipsis."""

    kind: Kind
    status: Status
    old: str | None
    new: str | None
    importance: int
    about: str | None
    counted: str | None
    source: str | None
    confidence: float

    @classmethod
    def of(cls, fact: Fact) -> FactAnswer:
        """Write it."""
        return cls(
            kind=fact.kind, status=fact.status, old=fact.old, new=fact.new, importance=fact.importance, about=fact.about,
            counted=fact.counted, source=fact.source, confidence=fact.confidence,
        )  # fmt: skip


class ChangeAnswer(Answer):
    """A change, in short."""

    id: int
    article: int
    address: str
    headline: str | None
    verdict: Verdict | None
    importance: int
    disclosure: Disclosure | None
    reversal_of: int | None
    detected_at: datetime
    not_before: datetime = Field(description="It was made after this moment: the last check that saw the old version.")
    not_after: datetime = Field(description="And before this one: the capture that shows the new version.")
    old_version: int
    new_version: int
    tags: list[str]
    facts: list[FactAnswer]
    own_verdict: OwnVerdict | None

    @classmethod
    def of(cls, change: ListedChange) -> ChangeAnswer:
        """Write it."""
        return cls(
            id=change.id, article=change.article_id, address=change.article_url, headline=change.headline,
            verdict=change.verdict, importance=change.importance, disclosure=change.disclosure,
            reversal_of=change.reversal_of, detected_at=change.detected_at, not_before=change.not_before,
            not_after=change.not_after, old_version=change.old_number, new_version=change.new_number,
            tags=list(change.tags), facts=[FactAnswer.of(fact) for fact in change.facts], own_verdict=change.own_verdict,
        )  # fmt: skip


class ChangesAnswer(Answer):
    """Some of the changes."""

    changes: list[ChangeAnswer]
    next: str | None = Field(description="The `after` of the next page; null on the last.")


class WholeChangeAnswer(Answer):
    """A change with both texts."""

    id: int
    article: int
    address: str
    old_version: int
    new_version: int
    not_before: datetime
    not_after: datetime
    comparison: dict[str, Any] = Field(description="Schema 1, as `tracker compare --format json` writes it.")


class OpinionAnswer(Answer):
    """What a reader thinks of a change."""

    change: int
    verdict: OwnVerdict | None
    kind: Kind | None
    note: str
    updated_at: datetime

    @classmethod
    def of(cls, opinion: Opinion) -> OpinionAnswer:
        """Write it."""
        return cls(
            change=opinion.change_id, verdict=opinion.verdict, kind=opinion.kind, note=opinion.note, updated_at=opinion.updated_at
        )  # fmt: skip


class TracedOpinionAnswer(OpinionAnswer):
    """The same, with what names the change in any catalog of the archive."""

    address: str
    old_snapshot: str
    new_snapshot: str
    engine_verdict: Verdict | None

    @classmethod
    def of_traced(cls, one: TracedOpinion) -> TracedOpinionAnswer:
        """Write it."""
        said = one.opinion
        return cls(
            change=said.change_id, verdict=said.verdict, kind=said.kind, note=said.note, updated_at=said.updated_at,
            address=one.article_url, old_snapshot=one.old_snapshot, new_snapshot=one.new_snapshot, engine_verdict=one.verdict,
        )  # fmt: skip


class OpinionsAnswer(Answer):
    """All that readers think."""

    opinions: list[TracedOpinionAnswer]


class OpinionRequest(Request):
    """What you think of a change."""

    verdict: OwnVerdict | None = None
    kind: Kind | None = Field(default=None, description="Of `other_kind`: which.")
    note: Annotated[str, StringConstraints(max_length=10_000)] = ""


# --- articles -------------------------------------------------------------------------------------


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
    tags: Annotated[list[Word], Field(max_length=50)] = []
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
            number=number, headline=version.headline, byline=list(version.byline), published_at=version.published_at,
            updated_at=version.updated_at, language=version.language, paragraphs=list(version.paragraphs),
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


# --- the rest -------------------------------------------------------------------------------------


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
