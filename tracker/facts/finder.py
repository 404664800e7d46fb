"""From two aligned texts to the facts that changed.

The changed sentences are read, everything that either side states and the other does not becomes a candidate, and what is known of the candidates decides which are reported.
Sentences that stayed are only read where they may contradict what was added.  Nothing is reported without its evidence (`evidence`).

Computes only; the clock is only read to stop in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker.facts.candidates import Candidate, Side, find_candidates
from tracker.facts.conflicts import find_conflicts
from tracker.facts.dates import base_date
from tracker.facts.evidence import with_evidence
from tracker.facts.findings import Findings
from tracker.facts.furniture import is_furniture
from tracker.facts.labels import label_of
from tracker.facts.languages import Language, guess_language, language_pack
from tracker.facts.names import gather_names
from tracker.facts.notices import notice_facts, notice_sentences, speaks_of, tells_news
from tracker.facts.quotes import find_quotes
from tracker.facts.reading import Reader
from tracker.facts.selection.features import features_of, situation
from tracker.facts.selection.model import probabilities, weights
from tracker.facts.selection.rules import certain
from tracker.facts.story import is_same_story
from tracker.facts.wording import reason
from tracker.models import Fact, SentenceChange, Text, Version

Clock = Callable[[], float]
_CHANGED = ("replace", "insert", "delete")


@dataclass(frozen=True)
class _Scored:
    """A candidate with what was made of it."""

    candidate: Candidate
    reported: float  # probability that it is a fact of importance 2 or 3
    essential: float  # probability that it is of importance 3, if it is one


def find_facts(
    old: Text,
    new: Text,
    steps: Sequence[SentenceChange],
    old_version: Version,
    new_version: Version,
    *,
    clock: Clock | None = None,
    limit_s: float = 10.0,
) -> Findings:
    """Find the facts that changed between two versions of an article.

    Args:
        old: The earlier version as sentences.
        new: The later version as sentences.
        steps: Their alignment.
        old_version: The earlier version: its dates, language and notices.
        new_version: The later version.
        clock: Seconds from any start; the machine's own by default.
        limit_s: After so many seconds, what is not read yet is left out, and a warning says so.

    Returns:
        The facts with importance 1 to 3, a label for each step, and what to judge by.
    """
    clock = clock or time.monotonic
    stop_at = clock() + limit_s
    changed = [step for step in steps if step.operation in _CHANGED]
    if not changed:
        return Findings(labels=tuple("style" if step.operation == "move" else None for step in steps))
    language = _language(old, new, old_version, new_version)
    before, after = _sides(old, new, old_version, new_version, language)
    in_old, in_new = notice_sentences(old, old_version, language), notice_sentences(new, new_version, language)
    notices = [step.old in in_old or step.new in in_new for step in steps]
    furniture = [_is_furniture(step, old, new) for step in steps]
    skip = frozenset(
        i
        for i, step in enumerate(steps)
        if furniture[i] or (notices[i] and not (step.new is not None and tells_news(new.sentences[step.new])))
    )
    if not is_same_story(before, after, steps):
        labels = tuple(
            "fact"
            if step.operation in _CHANGED and not furniture[i]
            else label_of(step, 0.0, before, after, notice=notices[i], furniture=furniture[i])
            for i, step in enumerate(steps)
        )
        return Findings(labels=labels, substance=1.0, same_story=False)
    candidates, left_out = _within(find_candidates(steps, before, after, skip), clock, stop_at, steps)
    scored = _score(candidates, before, after, steps, language)
    conflicts = find_conflicts(steps, before, after, skip) if clock() < stop_at else []
    chosen = _choose(scored, conflicts)
    facts = [
        *conflicts,
        *(_fact(s, old, new, before, after) for s in chosen),
        *notice_facts(steps, old, new, in_old, in_new),
    ]
    strength = _strength(scored, conflicts, steps)
    labels = tuple(
        label_of(step, strength[i], before, after, notice=notices[i], furniture=furniture[i])
        for i, step in enumerate(steps)
    )
    kept = with_evidence(facts, old, new)
    added = [
        new.sentences[step.new]
        for i, step in enumerate(steps)
        if step.operation in ("insert", "replace") and step.new in in_new and step.new is not None
    ]
    return Findings(
        facts=kept, labels=labels, substance=_substance(scored, conflicts), warnings=left_out,
        disclosed=bool(added) and speaks_of(added, kept, _texts_of(steps, old, new, in_new), language),
    )  # fmt: skip


def _language(old: Text, new: Text, old_version: Version, new_version: Version) -> Language:
    given = language_pack(new_version.language or old_version.language)
    return given if given.code else guess_language([*new.sentences[:20], *old.sentences[:20]])


def _sides(old: Text, new: Text, old_version: Version, new_version: Version, language: Language) -> tuple[Side, Side]:
    names = gather_names(dict.fromkeys(s[:4000] for s in (*new.sentences, *old.sentences)), language)
    published = [v.published_at.date() for v in (new_version, old_version) if v.published_at]
    base = base_date(published, (s[:4000] for s in dict.fromkeys((*old.sentences, *new.sentences))), language)
    sides = [
        Side(Reader(t.sentences, find_quotes(t.sentences, t.paragraph_of), language, names, base), language)
        for t in (old, new)
    ]
    return sides[0], sides[1]


def _is_furniture(step: SentenceChange, old: Text, new: Text) -> bool:
    sentences = [text.sentences[i] for text, i in ((old, step.old), (new, step.new)) if i is not None]
    return all(map(is_furniture, sentences))


def _within(
    candidates: Iterator[Candidate], clock: Clock, stop_at: float, steps: Sequence[SentenceChange]
) -> tuple[list[Candidate], tuple[str, ...]]:
    """Take candidates until the time is up."""
    found: list[Candidate] = []
    for candidate in candidates:
        found.append(candidate)
        if clock() > stop_at:
            total = sum(step.operation in _CHANGED for step in steps)
            read = len({c.step for c in found})
            return found, (f"The comparison took too long: {total - read} of {total} changed sentences were not read.",)
    return found, ()


def _score(
    candidates: list[Candidate], before: Side, after: Side, steps: Sequence[SentenceChange], language: Language
) -> list[_Scored]:
    features = features_of(candidates, situation(before, after, steps, language))
    reported, essential = probabilities("reported", features), probabilities("essential", features)
    scored = []
    for candidate, f, p, q in zip(candidates, features, reported, essential, strict=True):
        rule = certain(candidate, f, before, after)
        scored.append(_Scored(candidate, max(p, rule[0]), max(q, rule[1])) if rule else _Scored(candidate, p, q))
    return scored


def _choose(scored: list[_Scored], conflicts: Sequence[Fact]) -> list[_Scored]:
    """Take the surest first; what says the same in the same words as a surer one is left out."""
    marginal = float(weights()["marginal"])
    taken: list[_Scored] = []
    for one in sorted(scored, key=lambda s: -s.reported):
        if one.reported < marginal:
            break
        if not any(_overlap(one.candidate, other.candidate) for other in taken) and not any(
            _is_conflict(one.candidate, fact) for fact in conflicts
        ):
            taken.append(one)
    return taken


def _overlap(one: Candidate, other: Candidate) -> bool:
    pairs = ((one.old, other.old), (one.new, other.new))
    return any(a and b and a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a, b in pairs)


def _is_conflict(candidate: Candidate, fact: Fact) -> bool:
    return candidate.kind == fact.kind and candidate.new is not None and candidate.new[0] == fact.new_sentence


def _fact(scored: _Scored, old: Text, new: Text, before: Side, after: Side) -> Fact:
    c = scored.candidate
    table = weights()
    importance = 1 if scored.reported < table["reporting"] else 3 if scored.essential >= table["essential_from"] else 2
    a = old.sentences[c.old[0]][c.old[1] : c.old[2]] if c.old else None
    b = new.sentences[c.new[0]][c.new[1] : c.new[2]] if c.new else None
    mention = c.mention
    counted = mention.counted if mention and c.kind == "number" else None
    source = _source(c, before, after)
    return Fact(
        kind=c.kind, status=c.status, old=a, new=b, old_sentence=c.old[0] if c.old else None, new_sentence=c.new[0] if c.new else None, importance=importance,
        about=_about(c, before, after), counted=counted, source=source if c.kind != "sourcing" else None, confidence=round(scored.reported, 3),
        reason=reason(c.kind, c.status, a, b, counted=counted, source=source if c.kind != "sourcing" else None),
    )  # fmt: skip


def _source(c: Candidate, before: Side, after: Side) -> str | None:
    """Who says so: the source that the sentence names, a pronoun aside."""
    side, span = (after, c.new) if c.new else (before, c.old)
    if span is None:
        return None
    reading = side.reader.read(span[0])
    sources = [m for m in reading.of("sourcing") if "pronoun" not in m.features]
    return sources[0].text(reading.sentence) if sources else None


def _about(c: Candidate, before: Side, after: Side) -> str | None:
    """What it is a fact of: whom or what the sentence names."""
    side, span = (after, c.new) if c.new else (before, c.old)
    if span is None:
        return None
    reading = side.reader.read(span[0])
    names = [
        m for m in reading.of("identity") if "source" not in m.features and not (m.start < span[2] and span[1] < m.end)
    ]
    return names[0].text(reading.sentence) if names else None


def _strength(scored: list[_Scored], conflicts: Sequence[Fact], steps: Sequence[SentenceChange]) -> list[float]:
    """For each step, the probability that it carries a reported fact: half at the point where facts are reported."""
    reporting = float(weights()["reporting"])
    strength = [0.0] * len(steps)
    for one in scored:
        p = one.reported
        scaled = p / reporting / 2 if p < reporting else 0.5 + (p - reporting) / (1 - reporting) / 2
        strength[one.candidate.step] = max(strength[one.candidate.step], scaled)
    sentences = {fact.new_sentence for fact in conflicts}
    return [1.0 if step.new is not None and step.new in sentences else strength[i] for i, step in enumerate(steps)]


def _substance(scored: list[_Scored], conflicts: Sequence[Fact]) -> float:
    """Probability that a reported fact changed: that not all of the surest five candidates are wrong."""
    if conflicts:
        return 1.0
    miss = 1.0
    for one in sorted(scored, key=lambda s: -s.reported)[:5]:
        miss *= 1 - one.reported
    return 1 - miss


def _texts_of(steps: Sequence[SentenceChange], old: Text, new: Text, notices: frozenset[int]) -> list[str]:
    changed = [step for step in steps if step.operation in _CHANGED and step.new not in notices]
    return [text.sentences[i] for step in changed for text, i in ((old, step.old), (new, step.new)) if i is not None]
