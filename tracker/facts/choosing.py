"""Which candidates are reported, and how important they are.

Every candidate gets a probability from what is known of it (`selection`) or from a rule; then the surest are taken, and what says the same in the same words is left out.

Computes only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.facts.candidates import Candidate, Side
from tracker.facts.languages import Language
from tracker.facts.selection.features import features_of, situation
from tracker.facts.selection.model import probabilities, weights
from tracker.facts.selection.rules import certain
from tracker.models import Fact, Kind, SentenceChange

REPEATED = 0.85  # by which a second candidate of a kind in one sentence counts less; measured with `reporting`
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


def score(
    candidates: Sequence[Candidate], before: Side, after: Side, steps: Sequence[SentenceChange], language: Language
) -> list[Scored]:
    """Give every candidate its probabilities."""
    features = features_of(candidates, situation(before, after, steps, language))
    scored = []
    for candidate, f, p, q in zip(
        candidates, features, probabilities("reported", features), probabilities("essential", features), strict=True
    ):
        rule = certain(candidate, f, before, after)
        scored.append(Scored(candidate, *rule, ruled=True) if rule else Scored(candidate, p, q))
    return scored


def choose(scored: Sequence[Scored], conflicts: Sequence[Fact]) -> list[Scored]:
    """Take the surest first, down to what is marginal.

    Left out is what overlaps with a surer one, and what a conflict says already.
    """
    marginal = float(weights()["marginal"])
    taken: list[Scored] = []
    kinds: Counter[tuple[int, str]] = Counter()
    for one in sorted(scored, key=lambda s: (not s.ruled, -s.reported, _TELLING.index(s.candidate.kind))):
        place = (one.candidate.step, one.candidate.kind)
        p = one.reported if one.ruled else one.reported * REPEATED ** kinds[place]
        if (
            p < marginal
            or any(_overlap(one.candidate, other.candidate) for other in taken)
            or any(_is_conflict(one.candidate, fact) for fact in conflicts)
        ):
            continue
        kinds[place] += 1
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


def _overlap(one: Candidate, other: Candidate) -> bool:
    pairs = ((one.old, other.old), (one.new, other.new))
    return any(a and b and a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a, b in pairs)


def _is_conflict(candidate: Candidate, fact: Fact) -> bool:
    return candidate.kind == fact.kind and candidate.new is not None and candidate.new[0] == fact.new_sentence
