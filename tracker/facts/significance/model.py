"""Weigh features: small decision trees and sums read from `weights.json.gz`, without the library that made them.

The file is plain numbers (nothing in it can run), made by `benchmarks/train_significance.py`.  Per model: the names of its features, its classes, and trees.
A tree is five lists of one length, one entry a node: feature (-1 for a leaf), threshold, left, right, value.  "boosted" models add up the numbers at the leaves, each class from trees of its own;
a "forest" averages leaves that hold a share for every class; a "linear" model has one class, and no trees but a weight for every feature.

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
from typing import Any, Generic, Protocol, TypeVar

FORMAT = 5
FILE = "weights.json.gz"
Leaf = TypeVar("Leaf", float, tuple[float, ...])


class Model(Protocol):
    """Gives each class its probability."""

    def weigh(self, features: Mapping[str, float]) -> dict[str, float]:
        """Weigh the features of one changed sentence."""


@dataclass(frozen=True, slots=True)
class Tree(Generic[Leaf]):
    """Yes-or-no questions that end in a value."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[Leaf, ...]

    def follow(self, row: Sequence[float]) -> Leaf:
        """Answer the questions for a row of features."""
        node = 0
        while (at := self.feature[node]) >= 0:
            node = self.left[node] if row[at] <= self.threshold[node] else self.right[node]
        return self.value[node]


@dataclass(frozen=True, slots=True)
class Boosted:
    """Trees that correct one another."""

    features: tuple[str, ...]
    classes: tuple[str, ...]
    start: tuple[float, ...]  # per class, before any tree
    trees: tuple[tuple[Tree[float], ...], ...]  # per class
    exclusive: bool  # the classes' probabilities sum to 1; otherwise each stands alone

    def weigh(self, features: Mapping[str, float]) -> dict[str, float]:
        """Add up the trees of each class."""
        row = [features[name] for name in self.features]
        raw = [
            start + sum(tree.follow(row) for tree in trees) for start, trees in zip(self.start, self.trees, strict=True)
        ]
        if not self.exclusive:
            return {name: logistic(each) for name, each in zip(self.classes, raw, strict=True)}
        highest = max(raw)
        parts = [math.exp(each - highest) for each in raw]
        total = sum(parts)
        return {name: part / total for name, part in zip(self.classes, parts, strict=True)}


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees that vote."""

    features: tuple[str, ...]
    classes: tuple[str, ...]
    trees: tuple[Tree[tuple[float, ...]], ...]

    def weigh(self, features: Mapping[str, float]) -> dict[str, float]:
        """Average the leaves."""
        row = [features[name] for name in self.features]
        votes = [sum(shares) for shares in zip(*(tree.follow(row) for tree in self.trees), strict=True)]
        total = sum(votes)
        return {name: vote / total for name, vote in zip(self.classes, votes, strict=True)}


@dataclass(frozen=True, slots=True)
class Linear:
    """Every feature adds its part."""

    features: tuple[str, ...]
    classes: tuple[str, ...]  # the one that the probability is of
    intercept: float
    weights: tuple[float, ...]

    def weigh(self, features: Mapping[str, float]) -> dict[str, float]:
        """Add up the features."""
        raw = sum(weight * features[name] for name, weight in zip(self.features, self.weights, strict=True))
        return {self.classes[0]: logistic(self.intercept + raw)}


def logistic(raw: float) -> float:
    """Squeeze a sum of evidence into 0 to 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, raw))))


@cache
def load_models() -> Mapping[str, Model]:
    """Read the weights file, once."""
    return read_models(json.loads(gzip.decompress(resources.files(__package__).joinpath(FILE).read_bytes())))


def read_models(stored: Mapping[str, Any]) -> dict[str, Model]:
    """Take the models out of what a weights file holds."""
    if stored["format"] != FORMAT:
        raise ValueError(f"{FILE} is of format {stored['format']}, not {FORMAT}: run benchmarks/train_significance.py")
    return {name: _read_model(model) for name, model in stored["models"].items()}


def _read_model(stored: Mapping[str, Any]) -> Model:
    features, classes = tuple(stored["features"]), tuple(stored["classes"])
    if stored["kind"] == "linear":
        return Linear(features, classes, stored["intercept"], tuple(stored["weights"]))
    if stored["kind"] == "forest":
        trees = [[*tree[:4], [tuple(shares) if shares else () for shares in tree[4]]] for tree in stored["trees"]]
        return Forest(features, classes, tuple(Tree(*map(tuple, tree)) for tree in trees))
    boosted = tuple(tuple(Tree(*map(tuple, tree)) for tree in per_class) for per_class in stored["trees"])
    return Boosted(features, classes, tuple(stored["start"]), boosted, bool(stored["exclusive"]))
