"""From a chosen candidate to a fact in words.

Computes only.
"""

from __future__ import annotations

from tracker.facts.candidate import Candidate, Span
from tracker.facts.choosing import Scored, importance_of
from tracker.facts.clauses import statement_around
from tracker.facts.reading import Reading
from tracker.facts.side import Side
from tracker.facts.speakers import speaker
from tracker.facts.wording import reason
from tracker.models import Fact


def state(scored: Scored, before: Side, after: Side) -> Fact:
    """Write a candidate down as a fact."""
    c = scored.candidate
    reading = _reading(c, before, after)
    old, new = values_of(c, before, after)
    counted = c.mention.counted if c.mention and c.kind == "number" else None
    source = _source(reading, after if c.new else before) if c.kind != "sourcing" else None
    return Fact(
        kind=c.kind,
        status=c.status,
        old=old,
        new=new,
        old_sentence=c.old[0] if c.old else None,
        new_sentence=c.new[0] if c.new else None,
        importance=importance_of(scored),
        about=_about(c.new or c.old, reading),
        counted=counted,
        source=source,
        confidence=round(scored.reported, 3),
        reason=reason(c.kind, c.status, old, new, counted=counted, source=source),
    )


def _reading(c: Candidate, before: Side, after: Side) -> Reading:
    if c.new is not None:
        return after.reader.read(c.new[0])
    assert c.old is not None
    return before.reader.read(c.old[0])


def values_of(c: Candidate, before: Side, after: Side) -> tuple[str | None, str | None]:
    """What is shown as the old value and the new: of an event that came or went, the statement around its clause."""
    alone = c.kind == "event" and (c.old is None) != (c.new is None)
    return _text(c.old, before, alone), _text(c.new, after, alone)


def _text(span: Span | None, side: Side, whole: bool) -> str | None:
    if span is None:
        return None
    index, start, end = span
    sentence = side.reader.sentences[index]
    if whole:
        start, end = statement_around(sentence, side.reader.read(index).clauses, start, end)
    return sentence[start:end]


def _source(reading: Reading, side: Side) -> str | None:
    """Who says so: the source that the sentence names, a pronoun aside."""
    return next((speaker(m, reading, side) for m in reading.of("sourcing") if "pronoun" not in m.features), None)


def _about(span: Span | None, reading: Reading) -> str | None:
    """What it is a fact of: whom or what the sentence names beside it."""
    assert span is not None
    others = [
        m
        for m in reading.of("identity")
        if "source" not in m.features and m.role != "country" and not (m.start < span[2] and span[1] < m.end)
    ]
    return next((m.text(reading.sentence) for m in others), None)
