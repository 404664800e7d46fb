"""A later update that contradicts a paragraph that was left standing.

What was added is compared with what stayed: where both tell of the same event (the same thing happens to the same person, or they share most of their words) and give different values
for who did it, where, when or how many, the old value still stands in the new version, and both places are shown.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.facts.clauses import Clause
from tracker.facts.languages.en import THEMES
from tracker.facts.mentions import Mention
from tracker.facts.places import lies_in
from tracker.facts.reading import Reading
from tracker.facts.side import Side
from tracker.facts.speakers import speaker
from tracker.facts.spelling import is_only_spelling
from tracker.facts.wording import place, reason
from tracker.facts.words import stem
from tracker.models import Fact, Kind, SentenceChange, Text

_HARM = THEMES["death"] | THEMES["attack"] | THEMES["injury"]
_EVENTS = _HARM | THEMES["accident"]
_LEFT_AS_IT_WAS = 0.7  # share of the meaning words of both sentences
_LONGEST_ACCOUNT = 30  # words from the deed on that belong to the account of it


_CONTRADICTED: tuple[tuple[Kind, int], ...] = (("attribution", 3), ("location", 3), ("time", 2), ("number", 3))
"""What accounts of one event are compared in, and how important it is."""


@dataclass(frozen=True)
class _Account:
    """One sentence's account of an event that happens to somebody."""

    reading: Reading
    deed: str  # stem of the verb
    whom: frozenset[str]  # keys of the names that it happens to
    start: int
    end: int
    source: Mention | None

    def of(self, kind: Kind) -> list[Mention]:
        return [m for m in self.reading.of(kind) if self.start <= m.start and m.end <= self.end]


def find_conflicts(
    steps: Sequence[SentenceChange],
    old: Side,
    new: Side,
    old_text: Text,
    new_text: Text,
    skip: frozenset[int] = frozenset(),
) -> list[Fact]:
    """Find what was added that contradicts what still stands: at most one fact of a kind for one event, the most important first.

    Args:
        steps: The alignment.
        old: The earlier version, as it is read: misprints that were mended since are mended in it.
        new: The later version.
        old_text: The earlier version as published, misprints and all: what a value is quoted from.
        new_text: The later version: where a sentence stands.
        skip: Steps that are not read.
    """
    standing = {s.new: s for s in steps if s.new is not None and _stands(s, old, new)}
    added = [s.new for i, s in enumerate(steps) if s.operation == "insert" and s.new is not None and i not in skip]
    if not standing or not added:
        return []
    told = [a for index in added for a in _accounts(index, new)]
    if not told:
        return []
    whom = frozenset().union(*(a.whom for a in told))
    words = frozenset(w for key in whom for w in key.split())
    kept = [
        a
        for index in sorted(standing)
        if new.stems_of[index] & _EVENTS and _names_any(new, index, words)
        for a in _accounts(index, new)
    ]
    facts: dict[tuple[str, frozenset[str]], Fact] = {}
    for account in told:
        same = [k for k in kept if k.whom & account.whom and _same_deed(k.deed, account.deed)]
        for fact in _conflicts(account, same, standing, new):
            facts.setdefault((fact.kind, account.whom & whom), fact)
        for fact in _confirmations(account, standing, new, words):
            facts.setdefault((fact.kind, account.whom & whom), fact)
    proven = (fact if fact.old is None else _verbatim(fact, old_text.sentences) for fact in facts.values())
    return sorted((_explained(fact, new_text) for fact in proven if fact is not None), key=lambda f: -f.importance)


def _explained(fact: Fact, new: Text) -> Fact:
    """Say in words where the old value still stands."""
    if fact.standing_sentence is None:
        return fact
    where = place(new, fact.standing_sentence)
    return replace(
        fact,
        reason=reason(
            fact.kind, fact.status, fact.old, fact.new, counted=fact.counted, source=fact.source, standing=where
        ),
    )


def _stands(step: SentenceChange, old: Side, new: Side) -> bool:
    """A sentence was left as it was, but for a word or two."""
    if step.operation != "replace":
        return step.operation in ("equal", "move")
    assert step.old is not None
    assert step.new is not None
    a, b = old.stems_of[step.old], new.stems_of[step.new]
    return len(a & b) >= _LEFT_AS_IT_WAS * len(a | b) or is_only_spelling(step, new.language)


def _as_it_was(step: SentenceChange, value: str, start: int) -> str:
    """Give a value of a standing sentence as the old version spelled it."""
    if step.operation != "replace":
        return value
    first, last = start, start + len(value)
    a = b = 0  # positions in the old sentence and in the new
    gone: tuple[int, int] | None = None  # what was deleted just before
    found: list[tuple[int, int]] = []
    old = "".join(text for operation, text in step.words if operation != "insert")
    for operation, text in step.words:
        if operation == "delete":
            gone, a = (a, a + len(text)), a + len(text)
            continue
        here = max(first, b), min(last, b + len(text))
        if here[0] < here[1]:
            if operation == "equal":
                found.append((a + here[0] - b, a + here[1] - b))
            elif gone is not None:
                found.append(_same_words(text, here[0] - b, here[1] - b, old, *gone))
        gone = None if operation == "equal" else gone
        a, b = a + len(text) * (operation == "equal"), b + len(text)
    return old[found[0][0] : found[-1][1]].strip() if found else value


def _verbatim(fact: Fact, as_published: Sequence[str]) -> Fact | None:
    """Shorten the old value to what the old sentence says word for word, where a misprint in it was mended since."""
    assert fact.old is not None
    assert fact.old_sentence is not None
    sentence = as_published[fact.old_sentence]
    words = fact.old.split()
    for length in range(len(words), 0, -1):
        for value in (" ".join(words[:length]), " ".join(words[-length:])):
            if value in sentence:
                return replace(fact, old=value)
    return None


def _same_words(text: str, start: int, end: int, old: str, a1: int, a2: int) -> tuple[int, int]:
    """Find in what was replaced the words at the place of some of those that replaced it: the second to the third, say."""
    first, last = len(text[:start].split()), len(text[:end].split())
    words = [m.span() for m in re.finditer(r"\w[^\s]*\w|\w", old[a1:a2])][first:last]
    return (a1 + words[0][0], a1 + words[-1][1]) if words else (a1, a2)


def _names_any(side: Side, index: int, words: frozenset[str]) -> bool:
    names = side.reader.read(index).names
    return any(words & set(side.reader.names.key(n.words).split()) for n in names)


def _same_deed(one: str, other: str) -> bool:
    """Say whether two words may tell of one event that befell the same people: "struck" and "killed" do."""
    return one == other or (one in _HARM and other in _HARM) or any(one in v and other in v for v in THEMES.values())


def _accounts(index: int, side: Side) -> Iterator[_Account]:
    """Find the accounts that a sentence gives; a quotation may give several, of which one says to whom it all happened."""
    reading = side.reader.read(index)
    people = [m for m in reading.of("identity") if m.role in ("person", "name") and "source" not in m.features]
    found = [_account(reading, clause, people, side, index) for clause in reading.clauses]
    accounts = [account for account in found if account is not None]
    victims = frozenset().union(*(account.whom for account in accounts))
    for account in accounts:
        if account.whom or victims:
            yield account if account.whom else replace(account, whom=victims)


def _account(reading: Reading, clause: Clause, people: Sequence[Mention], side: Side, index: int) -> _Account | None:
    stems = [stem(t.key, side.language) for t in clause.tokens if t.text[:1].islower()]
    deed = next(
        (word for theme in ("death", "injury", "attack", "accident") for word in stems if word in THEMES[theme]), None
    )
    if deed is None:
        return None
    start = _start_of_account(reading, clause.start)
    end = _end_of_account(reading, clause.start)
    whom = frozenset(m.key for m in people if clause.start <= m.start and m.end <= clause.end)
    whom = whom or frozenset(m.key for m in people if start <= m.start and m.end <= end)
    return _Account(reading, deed, whom, start, end, _source(index, side))


_BEFORE = re.compile(
    r"(?<![A-Z])(?<!Apr)(?<!Mr)[.!?;]\s+[\"“”'(]?(?=[A-Z])|[”\"“:;]\s*| (?:that|but|because|while|after|when) "
)


def _start_of_account(reading: Reading, start: int) -> int:
    """From the beginning of the sentence, of the quotation, or from where somebody has spoken: who and where often come first."""
    stops = [m.end() for m in _BEFORE.finditer(reading.sentence, 0, start)]
    return stops[-1] if stops else 0


def _end_of_account(reading: Reading, start: int) -> int:
    """To the end of the sentence, of the quotation, or to where somebody speaks."""
    tokens = [t for t in reading.tokens if t.start >= start][:_LONGEST_ACCOUNT]
    end = tokens[-1].end if tokens else len(reading.sentence)
    stop = re.search(r"(?<![A-Z])[.!?;](?=\s+[\"“”'A-Z])(?<!Apr\.)(?<!Mr\.)|[”\"]| but ", reading.sentence[start:end])
    return start + stop.start() if stop else end


def _source(index: int, side: Side) -> Mention | None:
    """Who gives the account: the sentence's own source, or that of the sentence before a quotation."""
    for at in (index, index - 1):
        if at < 0:
            return None
        reading = side.reader.read(at)
        found = [m for m in reading.of("sourcing") if "pronoun" not in m.features]
        if found:
            return found[0] if at == index or reading.sentence.rstrip().endswith(":") else None
    return None


def _conflicts(
    account: _Account, same: Sequence[_Account], standing: Mapping[int, SentenceChange], new: Side
) -> Iterator[Fact]:
    for kind, importance in _CONTRADICTED:
        mine = _values(account, kind)
        if not mine:
            continue
        theirs = [(other, m) for other in same for m in _values(other, kind)]
        differing = [(other, m) for other, m in theirs if not any(_agree(m, n, kind) for n in mine)]
        if not differing or (kind in ("location", "number") and len(differing) < len(theirs)):
            continue
        other, value = differing[0]
        start, end = _span(mine, account, kind)
        old_text = _as_it_was(standing[other.reading.index], _phrase(other, value, kind), value.start)
        new_text = account.reading.sentence[start:end]
        source = _source_text(account, new)
        yield Fact(
            kind, "conflicts", old_text, new_text, standing[other.reading.index].old, account.reading.index, importance, about=_about(account), source=source, confidence=0.9,
            counted=mine[0].counted, standing_sentence=other.reading.index,
        )  # fmt: skip


def _values(account: _Account, kind: Kind) -> list[Mention]:
    found = account.of(kind)
    if kind == "time":
        return [m for m in found if m.role == "day" and "said" not in m.features]
    if kind == "location":
        return [m for m in found if m.role != "country"]
    if kind == "number":
        return [m for m in found if m.role in ("kill", "injure") and "vague" not in m.features]
    return found


def _agree(one: Mention, other: Mention, kind: Kind) -> bool:
    if kind == "number":
        return one.role != other.role or one.value == other.value
    if kind == "time":
        return one.key.split()[0] == other.key.split()[0] or one.key.startswith("weekday") != other.key.startswith(
            "weekday"
        )
    a, b = set(one.key.split()), set(other.key.split())
    if kind == "attribution":
        return bool(a & b)
    return a <= b or b <= a or lies_in(one.key, other.key) or lies_in(other.key, one.key)


def _span(mentions: Sequence[Mention], account: _Account, kind: Kind) -> tuple[int, int]:
    """The value with what it lies in: "Bal Chiragh district, Faryab province"."""
    first = mentions[0]
    start, end = first.start, first.end
    if kind == "location":
        for mention in mentions[1:]:
            if mention.start - end < 14 and re.fullmatch(
                r"(?: \w+)?,? ?(?:in )?", account.reading.sentence[end : mention.start]
            ):
                end = mention.end
        end = _with_kind_of_place(account.reading.sentence, end)
    return start, end


def _phrase(account: _Account, mention: Mention, kind: Kind) -> str:
    end = _with_kind_of_place(account.reading.sentence, mention.end) if kind == "location" else mention.end
    return account.reading.sentence[mention.start : end]


def _with_kind_of_place(sentence: str, end: int) -> int:
    match = re.match(
        r" (?:district|province|village|town|city|county|region|state|island|governorate|valley)\b", sentence[end:]
    )
    return end + match.end() if match else end


def _confirmations(
    account: _Account, standing: Mapping[int, SentenceChange], new: Side, words: frozenset[str]
) -> Iterator[Fact]:
    """A source that could not confirm, and now says so; and a source that now stands behind what others said before."""
    source = account.source
    if source is None:
        return
    text = _source_text(account, new)
    mine = set(source.key.split())
    doubted = None
    for index in sorted(standing):
        reading_stems = new.stems_of[index]
        if not reading_stems & {"confirm", "deny", "denial"} or not words & _name_words(new, index):
            continue
        reading = new.reader.read(index)
        doubt = next((m for m in reading.of("certainty") if m.key in ("sure:unconfirmed", "sure:denied")), None)
        if doubt is not None and any(
            mine & set(m.key.split()) or _names_source(new, reading, mine) for m in reading.of("sourcing")
        ):
            doubted = (reading, doubt)
            break
    deed = account.reading.sentence[account.start : account.end]
    if doubted is not None:
        reading, doubt = doubted
        value = _deed_value(account)
        old_text = _as_it_was(standing[reading.index], doubt.text(reading.sentence), doubt.start)
        yield Fact(
            "certainty", "conflicts", old_text, value, standing[reading.index].old, account.reading.index, 3, about=_about(account), source=text, confidence=0.85,
            standing_sentence=reading.index,
        )  # fmt: skip
    at = (
        account.reading.index if any(m is source for m in account.reading.of("sourcing")) else account.reading.index - 1
    )
    holder = new.reader.read(at)
    if deed and at not in standing:
        value = source.text(holder.sentence)
        yield Fact(
            "sourcing", "added", None, value, None, at, 2, about=_about(account), confidence=0.8, reason=f"{value} now stands behind what the article says of {_about(account) or 'it'}."
        )  # fmt: skip


def _names_source(side: Side, reading: Reading, source: set[str]) -> bool:
    """The sentence names the organisation that speaks, beside the person who speaks for it."""
    return any(len(source & set(side.reader.names.key(n.words).split())) >= 2 for n in reading.names)


def _name_words(side: Side, index: int) -> frozenset[str]:
    return frozenset(w for n in side.reader.read(index).names for w in side.reader.names.key(n.words).split())


def _deed_value(account: _Account) -> str:
    tokens = [t for t in account.reading.tokens if t.start >= account.start and t.end <= account.end][:8]
    return (
        account.reading.sentence[account.start : tokens[-1].end]
        if tokens
        else account.reading.sentence[account.start : account.end]
    )


def _source_text(account: _Account, new: Side) -> str | None:
    if account.source is None:
        return None
    own = any(m is account.source for m in account.reading.of("sourcing"))
    holder = account.reading if own else new.reader.read(account.reading.index - 1)
    return speaker(account.source, holder, new)


_NOUNS = {"kill": "killing", "die": "death", "murder": "murder", "shoot": "shooting", "injure": "injury"}


def _about(account: _Account) -> str | None:
    """Name the event: "killing of Qari Hekmat"; whatever else was done, death is what it is about."""
    people = [m for m in account.of("identity") if m.key in account.whom]
    if not people:
        return None
    noun = _NOUNS.get(account.deed) or next((_NOUNS[word] for word in _NOUNS if word in account.reading.stems), None)
    name = people[0].text(account.reading.sentence)
    return f"{noun} of {name}" if noun else f"event with {name}"
