"""Weigh features: small gradient-boosted trees read from `weights.json.gz`, without the library that grew them.

The file is plain numbers (nothing in it can run), made by `benchmarks/train_significance.py`.  Per model: the names of its features, its classes, and per class a first guess and trees.
A tree is five lists of one length, one entry a node: feature (-1 for a leaf), threshold, left, right, value.

Computes only: the file is part of the program.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

FORMAT = 1
FILE = "weights.json.gz"


@dataclass(frozen=True, slots=True)
class Tree:
    """Yes-or-no questions that end in a number."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def follow(self, row: Sequence[float]) -> float:
        """Answer the questions for a row of features."""
        node = 0
        while (at := self.feature[node]) >= 0:
            node = self.left[node] if row[at] <= self.threshold[node] else self.right[node]
        return self.value[node]


@dataclass(frozen=True, slots=True)
class Model:
    """Trees for each class."""

    features: tuple[str, ...]
    classes: tuple[str, ...]
    start: tuple[float, ...]  # per class, before any tree
    trees: tuple[tuple[Tree, ...], ...]  # per class
    exclusive: bool  # the classes' probabilities sum to 1; otherwise each stands alone

    def weigh(self, features: Mapping[str, float]) -> dict[str, float]:
        """Give each class its probability."""
        row = [features[name] for name in self.features]
        raw = [
            start + sum(tree.follow(row) for tree in trees) for start, trees in zip(self.start, self.trees, strict=True)
        ]
        if self.exclusive:
            highest = max(raw)
            parts = [math.exp(each - highest) for each in raw]
            total = sum(parts)
            return {name: part / total for name, part in zip(self.classes, parts, strict=True)}
        return {name: logistic(each) for name, each in zip(self.classes, raw, strict=True)}


@dataclass(frozen=True, slots=True)
class Weights:
    """What the file holds."""

    models: dict[str, Model]
    pair_start: float
    pair: dict[str, float]  # by feature: a plain logistic regression

    def weigh_pair(self, features: Mapping[str, float]) -> float:
        """Give the probability that a pair of versions is substantive."""
        return logistic(self.pair_start + sum(weight * features[name] for name, weight in self.pair.items()))


def logistic(raw: float) -> float:
    """Squeeze a sum of evidence into 0 to 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, raw))))


@cache
def load_weights() -> Weights:
    """Read the weights file, once."""
    stored = json.loads(gzip.decompress(resources.files(__package__).joinpath(FILE).read_bytes()))
    if stored["format"] != FORMAT:
        raise ValueError(f"{FILE} is of format {stored['format']}, not {FORMAT}: run benchmarks/train_significance.py")
    models = {name: _read_model(model) for name, model in stored["models"].items()}
    return Weights(models, stored["pair"]["start"], stored["pair"]["weights"])


def _read_model(stored: Mapping[str, object]) -> Model:
    trees = tuple(tuple(Tree(*map(tuple, tree)) for tree in per_class) for per_class in stored["trees"])  # type: ignore[attr-defined]
    return Model(
        tuple(stored["features"]),  # type: ignore[arg-type]
        tuple(stored["classes"]),  # type: ignore[arg-type]
        tuple(stored["start"]),  # type: ignore[arg-type]
        trees,
        bool(stored["exclusive"]),
    )
