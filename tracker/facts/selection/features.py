"""What is known of a candidate, as numbers for the model that selects the reported facts.

Nothing here knows a name or a topic: only where a value stands, how new it is, what kind of value, and in what kind of sentence.

Computes only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracker.facts.candidate import Candidate
from tracker.facts.change import Change
from tracker.facts.clauses import Clause
from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.reading import Reading
from tracker.facts.side import Side
from tracker.facts.words import content, tokenize
from tracker.models import SentenceChange

_BACKGROUND = re.compile(
    r"\b(?:previously|since then|in recent (?:years|months|weeks)|last (?:year|month|decade|summer|winter)|for years|for decades|history|historic|founded|established in|known (?:for|as)|is one of|are among|"
    r"in the past|has long|have long|(?:often|usually|traditionally|typically|regularly)|so far this year|a year ago|years ago|months ago|(?:in|since) (?:19|20)\d\d|had been|home to|located|population|"
    r"such as|which is|comes? (?:amid|as|after|a day|at a time)|came (?:amid|as|after)|the latest)\b"
)
_FURNITURE = re.compile(
    r"^\W*(?:related|read more|more follows|share|media playback|image copyright|image caption|editing by|reporting by|additional reporting|--- information|follow|sign up|___|copyright)\b",
    re.IGNORECASE,
)
_REACTION = re.compile(
    r"\b(?:condemn|tribute|condolence|sympath|thought|prayer|apolog|thank|praise|appeal|urge|call|welcom|criticis|criticiz|declin\w+ to comment|no comment)",
    re.IGNORECASE,
)
_VERBAL = re.compile(r"(?:ed|ing)$|^(?:is|are|was|were|has|have|had|will)$")
_FIRST_PERSON = re.compile(r"\b(?:i|we|my|our|i'm|we're|i've)\b")
# How a statement is told: news in the perfect, background in the pluperfect, what may be in the conditional.
_TELLING = {
    "perfect": re.compile(r"\b(?:has|have) (?:(?:also|now|already|been|not|since|just|yet) )*\w+(?:ed|en|ne|wn|ght|ut|id|ld|ft|et)\b"),
    "pluperfect": re.compile(r"\bhad (?:(?:also|already|been|not|previously|earlier|never) )*\w+"),
    "modal": re.compile(r"\b(?:will|would|could|may|might|should|can)\b"),
    "present": re.compile(r"\b(?:is|are|has|have|says)\b"),
    "was": re.compile(r"\b(?:was|were)\b"),
    "passive": re.compile(r"\b(?:was|were|been|being|be) (?:\w+ly )?\w+(?:ed|en|wn|ght)\b"),
}  # fmt: skip
_BEGINNINGS = words(
    """but however meanwhile earlier later he she they it the a an in on at after police this that his her their there no some many one as while if for"""
)
_OPENING = re.compile(r"^\W*(?:[A-Z][A-Z .,'-]{3,40}(?:\([A-Z][\w ]*\))?\s*(?:--|—|-|–)\s)")


@dataclass
class Situation:
    """The change as a whole, seen from one candidate's side."""

    old: Side
    new: Side
    steps: Sequence[SentenceChange]
    language: Language
    inserted: int
    deleted: int
    replaced: int
    lead: frozenset[str]  # stems of the first sentences of the new version
    numbers_old: frozenset[str]
    numbers_new: frozenset[str]
    sentences: dict[tuple[bool, int], dict[str, float]] = field(
        default_factory=dict
    )  # features of sentences, computed once


def situation(change: Change) -> Situation:
    """Count what every candidate is measured against; steps that are not read do not count."""
    old, new = change.before, change.after
    operations = Counter(step.operation for step, read in zip(change.plain, change.read, strict=True) if read)
    lead = frozenset().union(*new.stems_of[:2]) if new.stems_of else frozenset()
    return Situation(
        old, new, change.plain, change.language, operations["insert"], operations["delete"], operations["replace"], lead,
        frozenset(k for k in old.keys if k[0].isdigit()), frozenset(k for k in new.keys if k[0].isdigit()),
    )  # fmt: skip


def features_of(candidates: Sequence[Candidate], change: Situation) -> list[dict[str, float]]:
    """The features of every candidate, in order."""
    ranks: Counter[tuple[int, str, str]] = Counter()
    per_step = Counter((c.step, c.kind) for c in candidates)
    found = []
    for candidate in candidates:
        place = (candidate.step, candidate.kind, candidate.status)
        found.append(_features(candidate, change, ranks[place], per_step[candidate.step, candidate.kind]))
        ranks[place] += 1
    return found


def _features(c: Candidate, change: Situation, rank: int, alternatives: int) -> dict[str, float]:
    mine, other = (change.new, change.old) if c.new else (change.old, change.new)
    span = c.new or c.old
    assert span is not None
    reading = mine.reader.read(span[0])
    step = change.steps[c.step]
    f: dict[str, float] = {f"is:{c.kind}": 1.0, f"is:{c.kind}|{c.status}": 1.0, f"op:{step.operation}": 1.0}
    place = (c.new is not None, span[0])
    if place not in change.sentences:
        change.sentences[place] = _of_sentence(reading, mine, other, change, step)
    f |= change.sentences[place]
    f["rank"] = min(rank, 4) / 4
    f["alternatives"] = min(alternatives, 8) / 8
    text = reading.sentence[span[1] : span[2]]
    stems = content(tokenize(text), change.language)
    f["novel"] = len(stems - other.stems) / max(1, len(stems))
    f["novel:all"] = float(bool(stems) and not stems & other.stems)
    f["words"] = min(len(text.split()), 14) / 14
    f["place"] = span[1] / max(1, len(reading.sentence))
    f["in lead"] = float(bool(stems) and stems <= change.lead)
    f["quoted"] = float(any(q.start <= span[1] and span[2] <= q.end for q in reading.of("quote")))
    f["in source"] = (
        float(any(s.start <= span[1] and span[2] <= s.end for s in reading.of("sourcing")))
        if c.kind != "sourcing"
        else 0.0
    )
    f |= _of_value(c, reading, change)
    return f


def _of_sentence(
    reading: Reading, mine: Side, other: Side, change: Situation, step: SentenceChange
) -> dict[str, float]:
    sentence = reading.sentence
    size = max(1, len(mine.reader.sentences))
    unknown = len(reading.stems - other.stems) / max(1, len(reading.stems))
    known_in = max(other.overlaps(reading.stems).values(), default=0) / max(1, len(reading.stems))
    quotes, sources = reading.of("quote"), reading.of("sourcing")
    themes = frozenset().union(*(c.themes for c in reading.clauses)) if reading.clauses else frozenset()
    pairwise = 0.0
    if step.old is not None and step.new is not None:
        theirs = other.stems_of[step.old if other is change.old else step.new]
        pairwise = len(reading.stems & theirs) / max(1, len(reading.stems | theirs))
    f = {
        "s:first": float(reading.index == 0), "s:second": float(reading.index == 1), "s:position": reading.index / size, "s:last": float(reading.index == size - 1),
        "s:unknown": unknown, "s:known in one": known_in, "s:length": min(len(reading.tokens), 50) / 50, "s:short": float(len(reading.tokens) < 8), "s:alike": pairwise,
        "s:quotes": min(len(quotes), 3) / 3, "s:all quote": sum(q.end - q.start for q in quotes) / max(1, len(sentence)),
        "s:source": float(bool(sources)), "s:pronoun source": float(any("pronoun" in s.features for s in sources)), "s:named source": float(any("named" in s.features for s in sources)),
        "s:background": float(bool(_BACKGROUND.search(reading.folded))), "s:past date": float(any("past" in m.features for m in reading.of("time"))),
        "s:furniture": float(bool(_FURNITURE.search(sentence))), "s:reaction": float(bool(_REACTION.search(sentence))), "s:first person": float(bool(_FIRST_PERSON.search(reading.folded))),
        "s:dateline": float(bool(_OPENING.search(sentence))), "s:clauses": min(len(reading.clauses), 6) / 6, "s:numbers": min(len(reading.of("number")), 4) / 4,
        "s:hedged": float(any(m.key.startswith("sure:") for m in reading.of("certainty"))), "s:future": float(any(m.key.startswith("stage:") for m in reading.of("certainty"))),
        "s:negated": float(any(m.key.startswith("negation") for m in reading.of("certainty"))),
        "t:inserted": min(change.inserted, 12) / 12, "t:deleted": min(change.deleted, 12) / 12, "t:replaced": min(change.replaced, 12) / 12,
        "s:day": float(any(m.role == "day" for m in reading.of("time"))), "s:names": min(len(reading.names), 5) / 5,
    }  # fmt: skip
    f |= {f"s:theme {theme}": 1.0 for theme in themes}
    f |= {f"s:holds {kind}": min(1.0, number / 3) for kind, number in Counter(m.kind for m in reading.mentions).items()}
    f |= {f"s:level {m.key}": 1.0 for m in reading.of("certainty")}
    f |= {f"s:told {name}": 1.0 for name in _told(reading.folded)}
    f["s:in lead"] = len(reading.stems & change.lead) / max(1, len(reading.stems))
    if reading.tokens and reading.tokens[0].key in _BEGINNINGS:
        f[f"s:begins {reading.tokens[0].key}"] = 1.0
    return f


def _told(text: str) -> Iterator[str]:
    return (name for name, pattern in _TELLING.items() if pattern.search(text))


def _of_value(c: Candidate, reading: Reading, change: Situation) -> dict[str, float]:
    mention = c.new_mention or c.old_mention
    f: dict[str, float] = {}
    if c.clause is not None:
        return _of_clause(c.clause, reading, change)
    if mention is None:
        return f
    f |= _of_clause_around(mention, reading)
    f[f"v:{mention.kind} {_role(mention.role, mention.kind)}"] = 1.0
    for feature in mention.features if mention.kind != "certainty" else ():
        f[f"v:{mention.kind} {feature}"] = 1.0
    if mention.kind == "certainty":
        f |= _of_certainty(c)
    if mention.kind == "number":
        digits = mention.key.split()[0]
        other = change.numbers_old if c.new else change.numbers_new
        f["v:number elsewhere"] = float(digits in other)
        f["v:number big"] = float((mention.value or 0) >= 100)
        f["v:number bound"] = float(bool(mention.bound))
    if mention.kind == "quote":
        side = change.old if c.new else change.new
        f["v:quote elsewhere"] = float(mention.key in side.folded)
        f["v:quote words"] = min(len(mention.key.split()), 30) / 30
    if mention.kind in ("identity", "location"):
        f["v:name words"] = min(len(mention.key.split()), 4) / 4
        f["v:name in lead"] = float(set(mention.key.split()) <= change.lead)
    if mention.speaker and mention.kind in ("attribution", "sourcing"):
        f[f"v:{mention.kind} cue {mention.speaker}"] = 1.0
    if c.old_mention is not None and c.new_mention is not None:
        f[f"v:{mention.kind} same role"] = float(c.old_mention.role == c.new_mention.role)
        a, b = c.old_mention.value, c.new_mention.value
        if a and b:
            f["v:number close"] = float(abs(a - b) / max(abs(a), abs(b)) < 0.03)
    return f


def _of_clause(clause: Clause, reading: Reading, change: Situation) -> dict[str, float]:
    """What a clause tells, and how."""
    within = [m for m in reading.mentions if clause.start <= m.start < clause.end]
    f = {f"c:theme {theme}": 1.0 for theme in clause.themes}
    f["c:themes"] = float(bool(clause.themes))
    f["c:source"] = float(
        any(t.key in change.language.saying for t in clause.tokens[:3])
        or any(s.start >= clause.start and s.end <= clause.end for s in reading.of("sourcing"))
    )
    f["c:number"] = float(any(m.kind == "number" for m in within))
    f["c:first"] = float(bool(reading.clauses) and reading.clauses[0].start == clause.start)
    f["c:certainty"] = float(any(m.kind == "certainty" for m in within))
    f["c:verb"] = float(any(_VERBAL.search(t.key) for t in clause.tokens))
    f |= {f"c:holds {m.kind}": 1.0 for m in within}
    f |= {f"c:level {m.key}": 1.0 for m in within if m.kind == "certainty"}
    f |= {f"c:told {name}": 1.0 for name in _told(reading.folded[clause.start : clause.end])}
    first = clause.tokens[0].key
    f["c:begins with verb"] = float(bool(_VERBAL.search(first)))
    if first in _BEGINNINGS:
        f[f"c:begins {first}"] = 1.0
    return f


def _of_clause_around(mention: Mention, reading: Reading) -> dict[str, float]:
    """What is told where the value stands: a day of something that lies ahead, a number of people killed."""
    f: dict[str, float] = {}
    kind = mention.kind
    for number, clause in enumerate(reading.clauses):
        if clause.start <= mention.start < clause.end:
            f |= {f"w:{kind} theme {theme}": 1.0 for theme in clause.themes}
            f |= {f"w:told {name}": 1.0 for name in _told(reading.folded[clause.start : clause.end])}
            f[f"w:{kind} plain"] = float(not clause.themes)
            f[f"w:{kind} first"] = float(number == 0)
            levels = {
                m.key for m in reading.of("certainty") if clause.start <= m.start < clause.end and m is not mention
            }
            f |= {f"w:{kind} {level}": 1.0 for level in levels}
            f[f"w:{kind} alone"] = float(sum(clause.start <= m.start < clause.end for m in reading.of(kind)) == 1)
            break
    return f


def _of_certainty(c: Candidate) -> dict[str, float]:
    before = c.old_mention.key if c.old_mention else ""
    after = c.new_mention.key if c.new_mention else ""
    f = {f"v:from {before}": 1.0, f"v:to {after}": 1.0, f"v:class {(after or before).split(':')[0]}": 1.0}
    if before and after:
        f["v:same class"] = float(before.split(":")[0] == after.split(":")[0])
    mention = c.new_mention or c.old_mention
    if mention is not None:
        f["v:marked"] = float(bool(mention.role))
        for phrase in mention.features:
            f[f"v:marker {phrase}"] = 1.0
    return f


def _role(role: str, kind: str) -> str:
    if kind == "number":
        known = (
            "kill",
            "injure",
            "age",
            "USD",
            "GBP",
            "EUR",
            "%",
            "points",
            "km",
            "mi",
            "m",
            "ft",
            "miss",
            "arrest",
            "th",
            "seats",
            "votes",
            "magnitude",
            "person",
            "police",
        )
        return role if role in known else "other" if role else "none"
    if kind in ("time", "location", "identity"):
        return role or "none"
    return "any"
