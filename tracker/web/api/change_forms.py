"""Forms of changes, and of what readers think of them.

Computes only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from tracker.catalog.listing import ListedChange, OwnVerdict
from tracker.catalog.opinions import Opinion, TracedOpinion
from tracker.models import Disclosure, Fact, Kind, Status, Verdict
from tracker.web.api.forms import Answer, Request


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
