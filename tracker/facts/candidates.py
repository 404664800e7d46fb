"""What may have changed: every value that one version states and the other does not.

Generous on purpose: which of the candidates are reported facts is decided afterwards (`selection`), by what is known of each.
A value of the new version that stands nowhere in the old one is `added`; where the old sentence has another value of the same kind in the same place it is `replaced`;
a value of the old version that is nowhere any more is `removed`.

Computes only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rapidfuzz.distance import OSA

from tracker.facts.clauses import Clause
from tracker.facts.languages import Language
from tracker.facts.mentions import Mention
from tracker.facts.places import containments
from tracker.facts.reading import Reader, Reading
from tracker.facts.significance.thesaurus import part_of_speech
from tracker.facts.significance.words import relate
from tracker.facts.swaps import find_swaps
from tracker.facts.words import content, fold, is_content, stem, tokenize
from tracker.models import Kind, SentenceChange, Status

Span = tuple[int, int, int]  # sentence, first character, end
_CONTEXT = 4  # words on either side of a value that tell what it is the value of
_FEW_SWAPS = 2  # in a sentence that otherwise stayed
_OTHERWISE_SAME = 0.7  # share of all meaning words
_SHORT = 4  # letters; a longer word that differs in two or fewer is misspelled
_MISSPELLED = 2
_COMMONEST = 200  # sentences of one stem that are looked at; keeps the cost linear on the longest pages
_ENOUGH_IN_COMMON = 0.4  # of the shorter sentence's stems: two sentences tell the same


@dataclass(frozen=True)
class Candidate:
    """A change that may be a fact."""

    kind: Kind
    status: Status
    old: Span | None
    new: Span | None
    step: int  # the alignment step that it was found in
    old_mention: Mention | None = None
    new_mention: Mention | None = None
    clause: Clause | None = None  # of an event
    swap: bool = False  # found by the words that changed, not by a reader
    rule: tuple[float, float] | None = (
        None  # certain by how it was found: probabilities as `selection.rules` gives them
    )
    features: dict[str, float] = field(default_factory=dict)

    @property
    def mention(self) -> Mention | None:
        """What the new version states, or the old one where that is gone."""
        return self.new_mention or self.old_mention


class Side:
    """One version: its reader, and an index of its words."""

    def __init__(self, reader: Reader, language: Language) -> None:
        self.reader = reader
        self.language = language

    @cached_property
    def stems_of(self) -> list[frozenset[str]]:
        """The meaning words of every sentence."""
        return [content(tokenize(s[:4000]), self.language) for s in self.reader.sentences]

    @cached_property
    def stems(self) -> frozenset[str]:
        """The meaning words of the whole text."""
        return frozenset().union(*self.stems_of) if self.stems_of else frozenset()

    @cached_property
    def _postings(self) -> dict[str, list[int]]:
        postings: dict[str, list[int]] = {}
        for index, stems in enumerate(self.stems_of):
            for stem_ in stems:
                postings.setdefault(stem_, []).append(index)
        return postings

    def overlaps(self, stems: frozenset[str]) -> Counter[int]:
        """For every sentence, how many of some stems it has; a stem of very many sentences tells nothing and is not counted."""
        return Counter(i for s in stems for i in self._postings.get(s, ())[:_COMMONEST])

    @cached_property
    def folded(self) -> str:
        """The whole text, words only, for finding a quotation again."""
        return " ".join(" ".join(t.key for t in tokenize(s[:4000])) for s in self.reader.sentences)

    def says_lies_in(self, inner: str, outer: str) -> bool:
        """Say whether the text tells that one place, by key, lies in another; only sentences that name both are read."""
        a, b = set(inner.split()), set(outer.split())
        both = [i for i, stems in enumerate(self.stems_of) if a & stems and b & stems]
        readings = map(self.reader.read, both[:_COMMONEST])
        return any((inner, outer) in containments(r.sentence, r.of("location")) for r in readings)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every word of the whole text, function words included."""
        return frozenset(self.folded.split())


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


# --- two sentences -------------------------------------------------------------------------------


def _replaced(step: int, a: Reading, b: Reading, old: Side, new: Side) -> Iterator[Candidate]:
    for kind in ("number", "time", "location", "identity", "attribution", "sourcing", "quote"):
        gone, come = _unmatched(a.of(kind), b.of(kind), a, b)
        pairs, gone, come = _pair(gone, come, a, b, old.language)
        for m, n in pairs:
            yield _candidate(kind, "replaced", step, a, b, m, n)
        yield from (_candidate(kind, "added", step, None, b, None, n) for n in come)
        yield from (_candidate(kind, "removed", step, a, None, m, None) for m in gone)
    yield from _scare_quotes(step, a, b)
    yield from _question(step, a, b)
    yield from _bounds(step, a, b)
    yield from _certainty(step, a, b, old, new)
    yield from _stages(step, a, b)
    yield from _events(step, a, b)


def _one_sided(step: int, reading: Reading, status: Status, partner: Reading | None) -> Iterator[Candidate]:
    theirs = partner.mentions if partner else ()
    for mention in reading.mentions:
        if any(_same(mention, m, reading, partner) for m in theirs if partner is not None and m.kind == mention.kind):
            continue
        yield _one(mention.kind, status, step, reading, mention)
    for clause in reading.clauses:
        yield _one("event", status, step, reading, None, clause)


def _one(
    kind: Kind, status: Status, step: int, reading: Reading, mention: Mention | None, clause: Clause | None = None
) -> Candidate:
    part = mention or clause
    assert part is not None
    span = (reading.index, part.start, part.end)
    if status == "added":
        return Candidate(kind, status, None, span, step, None, mention, clause)
    return Candidate(kind, status, span, None, step, mention, None, clause)


def _candidate(
    kind: str, status: Status, step: int, a: Reading | None, b: Reading | None, m: Mention | None, n: Mention | None
) -> Candidate:
    old = (a.index, m.start, m.end) if a and m else None
    new = (b.index, n.start, n.end) if b and n else None
    return Candidate(kind, status, old, new, step, m, n)  # type: ignore[arg-type]


def _unmatched(
    mine: list[Mention], theirs: list[Mention], a: Reading, b: Reading
) -> tuple[list[Mention], list[Mention]]:
    """The mentions of either sentence that have no equal in the other."""
    left = list(theirs)
    gone = []
    for mention in mine:
        equal = next((t for t in left if _same(mention, t, a, b)), None)
        if equal is None:
            gone.append(mention)
        else:
            left.remove(equal)
    mine_keys = {m.key for m in mine}
    gone = [m for m in gone if not (m.kind != "number" and m.key in {t.key for t in theirs})]
    come = [t for t in left if not (t.kind != "number" and t.key in mine_keys)]
    return gone, come


def _same(one: Mention, other: Mention, a: Reading | None, b: Reading | None) -> bool:
    """Two mentions state the same value."""
    if one.key == other.key:
        return True
    if one.kind == "number":
        return (
            one.value is not None
            and one.value == other.value
            and (one.role == other.role or not one.role or not other.role)
        )
    if one.kind == "time":
        return _same_time(one, other)
    if one.kind == "quote":
        return one.key in other.key or other.key in one.key or _same_words(one.key, other.key)
    if one.kind in ("identity", "location") and a and b:
        return set(one.key.split()) <= set(other.key.split()) or set(other.key.split()) <= set(one.key.split())
    if one.kind == "sourcing":
        x, y = set(one.key.split()), set(other.key.split())
        return (bool(x) and (x <= y or y <= x)) or "pronoun" in one.features or "pronoun" in other.features
    return False


def _same_words(one: str, other: str) -> bool:
    """Two quotations differ in nothing but how words are spelled."""
    a, b = one.split(), other.split()
    return len(a) == len(b) and all(
        x == y or (min(len(x), len(y)) > _SHORT and x[0] == y[0] and x.isalpha() and OSA.distance(x, y) <= _MISSPELLED)
        for x, y in zip(a, b, strict=True)
    )


def _same_time(one: Mention, other: Mention) -> bool:
    """Say whether one time is only more exact than the other, or does not tell: "Thursday" and "today", "April" and "April 5"."""
    x, y = one.key, other.key
    if x.split(" ")[0] == y.split(" ")[0] and (" " not in x or " " not in y):
        return True
    relative = ("today", "yesterday", "tomorrow", "tonight", "last night")
    if (
        one.role == other.role == "day"
        and (x in relative or y in relative)
        and (x.startswith("weekday") or y.startswith("weekday"))
    ):
        return True
    return x.startswith(y) or y.startswith(x)


def _pair(
    gone: list[Mention], come: list[Mention], a: Reading, b: Reading, language: Language
) -> tuple[list[tuple[Mention, Mention]], list[Mention], list[Mention]]:
    """Pair the values that take each other's place: same role, same neighbours."""
    scored = sorted(
        ((_likeness(m, n, a, b, language), i, j) for i, m in enumerate(gone) for j, n in enumerate(come)),
        key=lambda s: (-s[0], s[1], s[2]),
    )  # fmt: skip
    used_old: set[int] = set()
    used_new: set[int] = set()
    pairs = []
    for score, i, j in scored:
        if score >= 1.0 and i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            pairs.append((gone[i], come[j]))
    return (
        pairs,
        [m for i, m in enumerate(gone) if i not in used_old],
        [n for j, n in enumerate(come) if j not in used_new],
    )


def _likeness(m: Mention, n: Mention, a: Reading, b: Reading, language: Language) -> float:
    near_old, near_new = _neighbours(m, a, language), _neighbours(n, b, language)
    shared = len(near_old & near_new)
    score = 0.5 * shared
    if m.role and m.role == n.role:
        score += 1.0 if m.kind in ("number", "time", "sourcing", "attribution") else 0.5
    elif m.kind in ("number", "time"):
        score -= 1.0 if m.role and n.role else 0.0
    if m.kind == "quote":
        x, y = set(m.key.split()), set(n.key.split())
        score += 2.0 * len(x & y) / max(1, min(len(x), len(y))) - 1.0
    return score


def _neighbours(mention: Mention, reading: Reading, language: Language) -> frozenset[str]:
    before = [t for t in reading.tokens if t.end <= mention.start and is_content(t, language)][-_CONTEXT:]
    after = [t for t in reading.tokens if t.start >= mention.end and is_content(t, language)][:_CONTEXT]
    return frozenset(stem(t.key, language) for t in (*before, *after))


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


def _question(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """A question mark put to a statement, or taken away."""
    before, after = a.sentence.rstrip(), b.sentence.rstrip()
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


def _bounds(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """The same number, but "at least": a change of certainty."""
    for m in a.of("number"):
        for n in b.of("number"):
            if m.key == n.key and m.bound != n.bound and {"least", "most", "over", "under"} & {m.bound, n.bound}:
                yield _candidate(
                    "certainty",
                    "replaced",
                    step,
                    a,
                    b,
                    replace(m, key=f"bound:{m.bound}"),
                    replace(n, key=f"bound:{n.bound}"),
                )
                break


# --- certainty and events ------------------------------------------------------------------------


def _certainty(step: int, a: Reading, b: Reading, old: Side, new: Side) -> Iterator[Candidate]:
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
            yield _candidate("certainty", "replaced", step, a, b, m, n)
    for m in gone:
        place = _place_of(m, a, b, old.language)
        if place:
            yield Candidate("certainty", "replaced", (a.index, m.start, m.end), (b.index, *place), step, m, None)
        else:
            yield _candidate("certainty", "removed", step, a, None, m, None)
    for n in come:
        place = _place_of(n, b, a, new.language)
        if place:
            yield Candidate("certainty", "replaced", (a.index, *place), (b.index, n.start, n.end), step, None, n)
        else:
            yield _candidate("certainty", "added", step, None, b, None, n)


def _stages(step: int, a: Reading, b: Reading) -> Iterator[Candidate]:
    """The same verb, further on or put back: planned and done, going on and over."""
    for m in a.stages:
        n = next((n for n in b.stages if n.role == m.role), None)
        if n is None or n.key == m.key or any(k.role == m.role and k.key == n.key for k in a.stages):
            continue
        if any(k.role == m.role and k.key == m.key for k in b.stages):
            continue
        yield _candidate("certainty", "replaced", step, a, b, m, n)


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
            yield _one("event", "added", step, b, None, clause)
    for clause in gone:
        yield _one("event", "removed", step, a, None, clause)


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
