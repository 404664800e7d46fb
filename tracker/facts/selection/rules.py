"""Where no model is needed: a value swapped inside a sentence that otherwise stayed.

If two sentences are the same but for one number, day, country or "not", that is what was changed, and a model trained on whole articles has no say.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping

from tracker.facts.candidates import Candidate, Side

_SAME_SENTENCE = 0.5  # shared part of all meaning words of the two sentences
_SURE = 0.9
_LIKELY = 0.7
_CASUALTIES = ("kill", "injure", "miss", "magnitude")


def certain(candidate: Candidate, features: Mapping[str, float], old: Side, new: Side) -> tuple[float, float] | None:
    """Judge a swapped value.

    Returns:
        The probability that it is a reported fact, and that it is an essential one; None where the rules have nothing to say.
    """
    if (
        candidate.status != "replaced"
        or features["s:alike"] < _SAME_SENTENCE
        or candidate.old is None
        or candidate.new is None
    ):
        return None
    a, b = candidate.old_mention, candidate.new_mention
    if candidate.kind == "certainty":
        return _certainty(a.key if a else "", b.key if b else "")
    if a is None or b is None:
        return None
    lead = candidate.new[0] == 0
    if candidate.kind == "number":
        if features.get("v:number close"):
            return None
        return _SURE, 0.9 if a.role in _CASUALTIES or lead else 0.3
    if candidate.kind == "time" and a.role == b.role and a.role in ("day", "clock", "year", "span", "month"):
        return _SURE if a.role != "day" or _are_dates(a.key, b.key) else 0.3, 0.7 if lead else 0.2
    if candidate.kind in ("location", "identity", "attribution") and features["s:alike"] >= 0.6:
        return _SURE, 0.8 if lead or candidate.kind == "attribution" else 0.3
    if candidate.kind == "sourcing" and features["s:alike"] >= 0.6:
        return _LIKELY, 0.1
    return None


def _are_dates(a: str, b: str) -> bool:
    """Two different dates, rather than a day's name and a part of it."""
    return (
        a.split()[0] != b.split()[0]
        and (a[0].isdigit() == b[0].isdigit())
        and a.startswith("weekday") == b.startswith("weekday")
    )


def _certainty(a: str, b: str) -> tuple[float, float] | None:
    if a.startswith("law") and b.startswith("law") and a != b:
        return _SURE, 0.9
    if a.startswith("fate") and b.startswith("fate") and a != b:
        return _SURE, 0.9
    if {a, b} & {"negation:not"} and (not a or not b):
        return _LIKELY, 0.6
    return None
