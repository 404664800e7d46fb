"""Which candidates are reported, and how important they are.

Every candidate gets a probability from what is known of it (`selection`) or from a rule; then the surest are taken, and what says the same in the same words is left out.

Computes only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.facts.candidate import Candidate
from tracker.facts.selection.features import Situation, features_of
from tracker.facts.selection.model import probabilities, weights
from tracker.facts.selection.rules import certain
from tracker.facts.significance import Significance
from tracker.models import Fact, Kind

REPEATED = 0.85  # by which a second candidate of a kind in one sentence counts less; measured with `reporting`
REPEATED_EVENT = 0.3  # the same for events: of 166 sentences with a labelled event 158 have one; F1 on held-out articles 0.480 against 0.474
_RULED = 0.5  # probability from which a rule's word goes before any model's
_MEAN_OF_SENTENCES = 1.14  # of 0.5 + probability, over candidates of held-out articles
_TELLING: tuple[Kind, ...] = (
    "attribution", "location", "number", "certainty", "time", "sourcing", "quote", "identity", "event", "headline", "notice",
)  # fmt: skip
"""Of two kinds that a value could be of, the one that says more comes first."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with what was made of it."""

    candidate: Candidate
    reported: float  # probability that it is a fact of importance 2 or 3
    essential: float  # probability that it is of importance 3, if it is one
    ruled: bool = False  # by a rule: no model can take it back
    harmless: bool = False  # a rule knows that it is marginal


def score(
    candidates: Sequence[Candidate], change: Situation, weighed: Sequence[Significance | None] = ()
) -> list[Scored]:
    """Give every candidate its probabilities.

    Args:
        candidates: What may have changed.
        change: The two versions.
        weighed: For each step of the alignment what its sentence was weighed to be; None where it was not.
    """
    features = features_of(candidates, change)
    reported, essential = probabilities("reported", features), probabilities("essential", features)
    scored = []
    for candidate, f, p, q in zip(candidates, features, reported, essential, strict=True):
        rule = certain(candidate, f, change.old, change.new)
        if rule is None:
            significance = weighed[candidate.step] if weighed else None
            scored.append(Scored(candidate, p if significance is None else in_sentence(p, significance.substantive), q))
        else:
            sure = rule[0] >= _RULED
            scored.append(Scored(candidate, *rule, ruled=sure, harmless=not sure))
    return scored


def in_sentence(p: float, substantive: float) -> float:
    """A candidate's probability, knowing how probably its sentence holds a reported fact.

    Product of both, with half a sentence given to every one: on held-out articles F1 0.476 against 0.454 without (any kind 0.63 against 0.60); the divisor keeps the mean.
    """
    return min(1.0, p * (0.5 + substantive) / _MEAN_OF_SENTENCES)


def choose(scored: Sequence[Scored], conflicts: Sequence[Fact], new: Sequence[str] = ()) -> list[Scored]:
    """Take the surest first, down to what is marginal.

    Left out is what overlaps with a surer one, what another sentence says as well, and what a conflict says already.

    Args:
        scored: All candidates.
        conflicts: What contradicts a standing sentence.
        new: The sentences of the later version; needed where there are conflicts.
    """
    marginal = float(weights()["marginal"])
    taken: list[Scored] = []
    beside: defaultdict[int, list[Candidate]] = defaultdict(list)
    told: set[tuple[object, ...]] = set()
    kinds: Counter[tuple[int, str]] = Counter()
    for one in sorted(scored, key=lambda s: (not s.ruled, -s.reported, _TELLING.index(s.candidate.kind))):
        place = (one.candidate.step, one.candidate.kind)
        repeated = REPEATED_EVENT if one.candidate.kind == "event" else REPEATED
        p = one.reported if one.ruled else one.reported * repeated ** kinds[place]
        if (
            p < marginal
            or _statement(one.candidate) in told
            or any(_overlap(one.candidate, other) for other in beside[one.candidate.step])
            or any(_is_conflict(one.candidate, fact, new[fact.new_sentence or 0]) for fact in conflicts)
        ):
            continue
        kinds[place] += 1
        beside[one.candidate.step].append(one.candidate)
        if (statement := _statement(one.candidate)) is not None:
            told.add(statement)
        taken.append(replace(one, reported=p))
    return taken


def importance_of(one: Scored) -> int:
    """1 to 3, by the probabilities."""
    table = weights()
    if one.reported < table["reporting"]:
        return 1
    return 3 if one.essential >= table["essential_from"] else 2


def strength(scored: Sequence[Scored], steps: int) -> list[float]:
    """For each step, how surely it carries a reported fact: one half where facts begin to be reported."""
    reporting = float(weights()["reporting"])
    found = [0.0] * steps
    for one in scored:
        p = one.reported
        scaled = p / reporting / 2 if p < reporting else 0.5 + (p - reporting) / (1 - reporting) / 2
        found[one.candidate.step] = max(found[one.candidate.step], scaled)
    return found


def _statement(candidate: Candidate) -> tuple[object, ...] | None:
    """What a value states, wherever it stands: the same toll in the headline and in the text.

    None where the value alone does not tell: an event, or how sure something is.
    """
    if candidate.mention is None or candidate.kind in ("event", "certainty"):
        return None
    values = ((m.key, m.role) if m else None for m in (candidate.old_mention, candidate.new_mention))
    return (candidate.kind, *values)


def _overlap(one: Candidate, other: Candidate) -> bool:
    pairs = ((one.old, other.old), (one.new, other.new))
    return any(a and b and a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a, b in pairs)


def _is_conflict(candidate: Candidate, fact: Fact, sentence: str) -> bool:
    """A conflict says it already: a value of its kind in its sentence, or a clause or quotation that holds its value."""
    if candidate.new is None or candidate.new[0] != fact.new_sentence:
        return False
    if candidate.kind == fact.kind:
        return True
    return candidate.kind in ("event", "quote") and (fact.new or "") in sentence[candidate.new[1] : candidate.new[2]]
