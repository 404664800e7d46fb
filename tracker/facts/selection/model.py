"""Which candidates are reported facts: a logistic model over the features, with its weights in a file.

`benchmarks/train_selection.py` makes the weights from labelled pairs (seeded; the same data gives the same file).  Reading it needs nothing but Python,
so the choice is the same with and without scikit-learn.

Computes only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=1)
def weights() -> Mapping[str, Any]:
    """The weights as shipped: for each question ("reported", "essential") an intercept and a weight for each feature."""
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def probabilities(question: str, features: Sequence[Mapping[str, float]]) -> list[float]:
    """Answer a question for every candidate.

    Args:
        question: "reported": is it a fact of importance 2 or 3; "essential": if so, is it of importance 3.
        features: As `features_of` gives them.  Every feature counts for itself and once more together with the kind of the candidate.
    """
    model = weights()[question]
    table: Mapping[str, float] = model["weights"]
    return [_sigmoid(model["intercept"] + _sum(table, f)) for f in features]


def crossed(features: Mapping[str, float]) -> dict[str, float]:
    """The features that the weights belong to: each by itself, and each with the kind."""
    kind = kind_in(features)
    return {**features, **{f"{kind}~{name}": value for name, value in features.items() if not name.startswith("is:")}}


def kind_in(features: Mapping[str, float]) -> str:
    """The kind of the candidate that the features describe."""
    return next(name[3:] for name in features if name.startswith("is:") and "|" not in name)


def _sum(table: Mapping[str, float], features: Mapping[str, float]) -> float:
    kind = kind_in(features)
    total = 0.0
    for name, value in features.items():
        if value:
            total += value * (table.get(name, 0.0) + table.get(f"{kind}~{name}", 0.0))
    return total


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
