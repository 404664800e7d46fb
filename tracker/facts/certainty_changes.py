"""What became surer, less sure, or further on, between two versions of a sentence.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tracker.facts.candidate import Candidate, two_sided
from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.reading import Reading
from tracker.facts.words import is_content, stem

_ASKS = words("how what why who where when which whose quiz")


def question_marks(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """A question mark put to a statement, or taken away; "How do …" asks with and without one."""
    before, after = a.sentence.rstrip(), b.sentence.rstrip()
    if _ASKS & {t.key for r in (a, b) for t in r.tokens[:3]}:
        return
    if (
        before.endswith("?") == after.endswith("?")
        or not a.tokens
        or not b.tokens
        or len(a.stems & b.stems) < 0.6 * len(a.stems | b.stems)
    ):
        return
    spans = []
    for reading, text in ((a, before), (b, after)):
        words = [t for t in reading.tokens if t.text not in "?!"]
        spans.append((reading.index, words[-1].start if words else 0, len(text)))
    yield Candidate("certainty", "replaced", spans[0], spans[1], step, rule=(0.85, 0.7))


def bounds(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """The same number, but "at least": a change of certainty."""
    for m in a.of("number"):
        for n in b.of("number"):
            if m.key == n.key and m.bound != n.bound and {"least", "most", "over", "under"} & {m.bound, n.bound}:
                yield two_sided(
                    "certainty",
                    "replaced",
                    step,
                    a,
                    b,
                    replace(m, key=f"bound:{m.bound}"),
                    replace(n, key=f"bound:{n.bound}"),
                )
                break


def markers(step: int, a: Reading, b: Reading, language: Language) -> Iterator[Candidate]:
    """Markers that went or came, each with the words that stand in their place in the other sentence."""
    mine, theirs = a.of("certainty"), b.of("certainty")
    gone = _less(mine, theirs)
    come = _less(theirs, mine)
    for m in list(gone):
        level = m.key.split(":")[0]
        n = next((t for t in come if t.key.split(":")[0] == level), None) or next(
            (t for t in come if t.role and t.role == m.role), None
        )
        if n is not None:
            come.remove(n)
            gone.remove(m)
            yield two_sided("certainty", "replaced", step, a, b, m, n)
    for m in gone:
        place = _place_of(m, a, b, language)
        if place:
            yield Candidate("certainty", "replaced", (a.index, m.start, m.end), (b.index, *place), step, m, None)
        else:
            yield two_sided("certainty", "removed", step, a, None, m, None)
    for n in come:
        place = _place_of(n, b, a, language)
        if place:
            yield Candidate("certainty", "replaced", (a.index, *place), (b.index, n.start, n.end), step, None, n)
        else:
            yield two_sided("certainty", "added", step, None, b, None, n)


def stages(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """The same verb, further on or put back: planned and done, going on and over."""
    for m in a.stages:
        n = next((n for n in b.stages if n.role == m.role), None)
        if n is None or n.key == m.key or any(k.role == m.role and k.key == n.key for k in a.stages):
            continue
        if any(k.role == m.role and k.key == m.key for k in b.stages):
            continue
        yield two_sided("certainty", "replaced", step, a, b, m, n)


def _less(mine: list[Mention], theirs: list[Mention]) -> list[Mention]:
    keys = [t.key for t in theirs]
    left = []
    for mention in mine:
        if mention.key in keys:
            keys.remove(mention.key)
        else:
            left.append(mention)
    return left


def _place_of(mention: Mention, reading: Reading, other: Reading, language: Language) -> tuple[int, int] | None:
    """Where the other sentence says what is marked here: the words from the first to the last that both share, near each other."""
    marked = {
        stem(t.key, language)
        for t in reading.tokens
        if t.start >= mention.start and t.end <= mention.end and is_content(t, language)
    }
    hits = [k for k, t in enumerate(other.tokens) if is_content(t, language) and stem(t.key, language) in marked]
    if not hits:
        return None
    first = last = hits[0]
    for k in hits[1:]:
        if k - last <= 3:
            last = k
    while first > 0 and other.tokens[first - 1].key in language.function_words and hits[0] - first < 2:
        first -= 1
    return other.tokens[first].start, other.tokens[last].end
