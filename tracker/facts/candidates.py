"""What may have changed: every value that one version states and the other does not.

Generous on purpose: which of the candidates are reported facts is decided afterwards (`selection`), by what is known of each.
A value of the new version that stands nowhere in the old one is `added`; where the old sentence has another value of the same kind in the same place it is `replaced`;
a value of the old version that is nowhere any more is `removed`.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.facts import certainty_changes
from tracker.facts.candidate import Candidate, one_sided, two_sided
from tracker.facts.clauses import Clause
from tracker.facts.pairing import is_same, pair_up, unmatched
from tracker.facts.reading import Reading
from tracker.facts.side import Side
from tracker.facts.significance.thesaurus import part_of_speech
from tracker.facts.significance.words import relate
from tracker.facts.swaps import find_swaps
from tracker.facts.words import fold
from tracker.models import Kind, SentenceChange, Status

_COMPARED: tuple[Kind, ...] = ("number", "time", "location", "identity", "attribution", "sourcing", "quote")
_FEW_SWAPS = 2  # in a sentence that otherwise stayed
_OTHERWISE_SAME = 0.7  # share of all meaning words
# A claim about somebody that came or went with its sentence: of three such sentences in edits of news all three were logged.
_ALLEGES = re.compile(r"\b(?:alleg(?:e|es|ed)|claim(?:s|ed)?) that\b", re.IGNORECASE)
_ALLEGED = (0.7, 0.1)
_ENOUGH_IN_COMMON = 0.4  # of the shorter sentence's stems: two sentences tell the same


def find_candidates(
    steps: Sequence[SentenceChange], old: Side, new: Side, skip: frozenset[int] = frozenset()
) -> Iterator[Candidate]:
    """Compare what the changed sentences of two versions state.

    Args:
        steps: The alignment.
        old: The earlier version.
        new: The later version.
        skip: Steps that are not read: notices, furniture.
    """
    changed = [(i, s) for i, s in enumerate(steps) if s.operation in ("replace", "insert", "delete") and i not in skip]
    gone = frozenset(s.old for _, s in changed if s.old is not None)
    come = frozenset(s.new for _, s in changed if s.new is not None)
    for index, step in changed:
        if step.old is not None and step.new is not None:
            yield from _replaced(index, old.reader.read(step.old), new.reader.read(step.new), old, new)
            yield from _swapped(index, step, old, new)
        elif step.new is not None:
            partner = _counterpart(new.stems_of[step.new], gone, old)
            reading = new.reader.read(step.new)
            yield from _one_sided(index, reading, "added", old.reader.read(partner) if partner is not None else None)
        elif step.old is not None:
            partner = _counterpart(old.stems_of[step.old], come, new)
            reading = old.reader.read(step.old)
            yield from _one_sided(index, reading, "removed", new.reader.read(partner) if partner is not None else None)


def _counterpart(stems: frozenset[str], others: frozenset[int], side: Side) -> int | None:
    """The changed sentence of the other version that tells the same, where the alignment has none."""
    best, score = None, _ENOUGH_IN_COMMON
    for other, shared in sorted(side.overlaps(stems).items()):
        share = shared / max(1, min(len(stems), len(side.stems_of[other])))
        if other in others and share > score and shared >= 2:
            best, score = other, share
    return best


def _replaced(step: int, a: Reading, b: Reading, old: Side, new: Side) -> Iterator[Candidate]:
    for kind in _COMPARED:
        gone, come = unmatched(a.of(kind), b.of(kind), a, b)
        pairs, gone, come = pair_up(gone, come, a, b, old.language)
        for m, n in pairs:
            yield two_sided(kind, "replaced", step, a, b, m, n)
        yield from (two_sided(kind, "added", step, None, b, None, n) for n in come)
        yield from (two_sided(kind, "removed", step, a, None, m, None) for m in gone)
    yield from _scare_quotes(step, a, b)
    yield from certainty_changes.question_marks(step, a, b)
    yield from certainty_changes.bounds(step, a, b)
    yield from certainty_changes.markers(step, a, b, new.language)
    yield from certainty_changes.stages(step, a, b)
    yield from _events(step, a, b)


def _one_sided(step: int, reading: Reading, status: Status, partner: Reading | None) -> Iterator[Candidate]:
    theirs = partner.mentions if partner else ()
    for mention in reading.mentions:
        if any(is_same(mention, m, reading, partner) for m in theirs if partner is not None and m.kind == mention.kind):
            continue
        yield one_sided(mention.kind, status, step, reading, mention)
    alleged = _ALLEGES.search(reading.sentence)
    for clause in reading.clauses:
        candidate = one_sided("event", status, step, reading, None, clause)
        if alleged and alleged.end() <= clause.start:
            candidate, alleged = replace(candidate, rule=_ALLEGED), None
        yield candidate


def _scare_quotes(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """The same words, now in quotation marks or no longer: somebody's word for it, or the publisher's own."""
    for quoted, plain, added in ((b, a, True), (a, b, False)):
        for quote in quoted.of("quote"):
            words = quoted.sentence[quote.start : quote.end]
            at = plain.sentence.find(words)
            lower = words[:1].islower() and "scare" in quote.features
            if not lower or at < 0 or any(q.start <= at < q.end for q in plain.of("quote")):
                continue
            marked = (quoted.index, *_with_marks(quoted.sentence, quote.start, quote.end))
            bare = (plain.index, at, at + len(words))
            old, new = (bare, marked) if added else (marked, bare)
            yield Candidate(
                "quote",
                "replaced",
                old,
                new,
                step,
                None,
                quote if added else None,
                rule=(0.75, 0.1) if added else (0.4, 0.1),
            )


def _with_marks(sentence: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not sentence[start - 1].isalnum() and not sentence[start - 1].isspace():
        start -= 1
    while end < len(sentence) and sentence[end] in "\"'”’“»":
        end += 1
    return start, end


def _events(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """Clauses that tell what the other sentence does not."""
    gone = [c for c in a.clauses if _told(c, b.stems) < 0.5]
    come = [c for c in b.clauses if _told(c, a.stems) < 0.5]
    for clause in come:
        pair = max(gone, key=lambda c: len(c.stems & clause.stems), default=None)
        if pair is not None and pair.stems & clause.stems:
            gone.remove(pair)
            yield Candidate(
                "event",
                "replaced",
                (a.index, pair.start, pair.end),
                (b.index, clause.start, clause.end),
                step,
                None,
                None,
                clause,
            )
        else:
            yield one_sided("event", "added", step, b, None, clause)
    for clause in gone:
        yield one_sided("event", "removed", step, a, None, clause)


def _told(clause: Clause, stems: frozenset[str]) -> float:
    """How much of a clause some words already say."""
    return len(clause.stems & stems) / max(1, len(clause.stems))


def _swapped(index: int, step: SentenceChange, old: Side, new: Side) -> Iterator[Candidate]:
    """Words that took the place of others."""
    assert step.old is not None
    assert step.new is not None
    texts = old.reader.sentences[step.old], new.reader.sentences[step.new]
    swaps = list(find_swaps(step, new.language))
    a, b = old.stems_of[step.old], new.stems_of[step.new]
    same_otherwise = len(swaps) <= _FEW_SWAPS and len(a & b) >= _OTHERWISE_SAME * len(a | b)
    for kind, was, is_ in swaps:
        status: Status = "replaced" if was and is_ else "added" if is_ else "removed"
        rule = _rule_of_swap(texts[0][slice(*was)], texts[1][slice(*is_)]) if was and is_ and same_otherwise else None
        yield Candidate(
            kind,
            status,
            (step.old, *was) if was else None,
            (step.new, *is_) if is_ else None,
            index,
            swap=True,
            rule=rule,
        )


def _rule_of_swap(was: str, is_: str) -> tuple[float, float] | None:
    """One word for another in a sentence that otherwise stayed: its opposite, or a quality that is not the same.

    On single edits of news: an opposite is substantive in 11 of 11 cases, an unrelated adjective in 9 of 10, an unrelated noun only in 6 of 24.
    """
    before, after = fold(was), fold(is_)
    if not (before.isalpha() and after.isalpha()):
        return None
    relation = relate(before, after)
    if relation == "opposite":
        return 0.8, 0.4
    if relation == "" and part_of_speech(before) == part_of_speech(after) == "a":
        return 0.6, 0.2
    return None
