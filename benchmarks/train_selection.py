"""Make the weights by which the facts engine selects what it reports, and say how well they do on articles they were not made from.

    python benchmarks/train_selection.py [--write]

Reads ../shared/data or $TRACKER_DATA: the seen part of newsedits (as facts.py divides it) and edits-train.  A candidate is right when a labelled fact of importance 2 or 3 fits it (fact_scores.py).
Logistic regression, no chance involved: the same data, features and `significance` give the same file.  Without `--write` nothing is stored.

Models: "reported" (is a candidate a fact of importance 2 or 3), "essential" (if so, of importance 3), "pair" (is the pair of versions substantive: from the candidates' probabilities and
those that train_significance.py gives the sentences, both while they were held out).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import train_significance as significance
from fact_scores import fits
from facts import FLAGGED, edited_version, is_unseen, read_rows
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from tracker.diff import diff_texts
from tracker.extract import version_from_sentences
from tracker.facts.candidate import Candidate
from tracker.facts.candidates import find_candidates
from tracker.facts.change import Change, read_change
from tracker.facts.choosing import in_sentence
from tracker.facts.selection.features import features_of, situation
from tracker.facts.selection.model import crossed
from tracker.facts.selection.rules import certain
from tracker.facts.significance import assess
from tracker.facts.significance.model import Model
from tracker.facts.stating import values_of
from tracker.facts.substance import describe
from tracker.models import Version
from tracker.text import text_of

TARGET = Path(__file__).parents[1] / "tracker/facts/selection/weights.json"
C_REPORTED, C_ESSENTIAL = 0.05, 0.05  # inverse strength of regularisation: F1 on held-out articles 0.01 lower at 0.2
EDIT_WEIGHT = 0.5  # of a candidate in a single edit: F1 on held-out articles 0.491, without them 0.487
CLOSE = 0.2  # how right a candidate is that a labelled fact fits in all but the kind: F1 as at 0, any kind 0.64 against 0.63, essential ones found 0.81 against 0.77
REPORTING, MARGINAL = (
    0.33,
    0.2,
)  # probabilities: F1 on held-out articles is flat from 0.31 to 0.34, and falls on either side
ESSENTIAL_FROM = 0.35  # three in ten labelled facts are of importance 3, and so are those that are found from there
PAIR_CUT = 0.77  # becomes 0.5: four in five labelled pairs are substantive; kappa on held-out pairs 0.74 to 0.76 from 0.74 to 0.80
C_PAIR = 0.3
FOLDS = 6
Row = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two versions with a person's labels, and the candidates that the engine finds."""

    row: Row
    versions: tuple[Version, Version]
    change: Change
    candidates: Sequence[Candidate]
    features: Sequence[Mapping[str, float]]
    rules: Sequence[float | None]  # the probability that a rule gives it
    right: np.ndarray  # importance of the labelled fact that fits it; 0 where none does
    close: np.ndarray  # a labelled fact fits it in all but the kind


def read_articles() -> list[Pair]:
    rows = [row for row in read_rows("newsedits/pairs.jsonl.gz") if not is_unseen(row["id"])]
    return [read_pair(row, *(version_from_sentences(row[side]) for side in ("old", "new"))) for row in rows]


def read_edits() -> list[Pair]:
    """Single edits; where one tells another story, nothing that was found in it is right."""
    pairs = []
    for row in read_rows("edits-train/edits.jsonl.gz"):
        if row["label"] != "borderline":
            sides = (edited_version(row[side], headline=row["field"] == "title") for side in ("before", "after"))
            facts = [] if row["label"] == "different_story" else row["facts"]
            pairs.append(read_pair({**row, "facts": facts, "verdict": row["label"]}, *sides))
    return pairs


def read_pair(row: Row, old: Version, new: Version) -> Pair:
    texts = text_of(old), text_of(new)
    change = read_change(*texts, diff_texts(*texts), old, new)
    before, after = change.before, change.after
    found = find_candidates(change.plain, before, after, change.skipped)
    candidates = [candidate for candidate in found if not candidate.swap]
    features = features_of(candidates, situation(change))
    facts = [
        dict(zip(("kind", "status", "old", "new"), (c.kind, c.status, *values_of(c, before, after)), strict=True))
        for c in candidates
    ]
    rules = [certain(c, f, before, after) for c, f in zip(candidates, features, strict=True)]
    labels = [label for label in row["facts"] if label["importance"] >= 2]
    right = [max((label["importance"] for label in labels if fits(label, fact)), default=0) for fact in facts]
    close = [any(fits(label, fact, any_kind=True) for label in labels) for fact in facts]
    return Pair(
        row, (old, new), change, candidates, features, [r[0] if r else None for r in rules], np.array(right, int), np.array(close, bool)
    )  # fmt: skip


# --- what is a fact -------------------------------------------------------------------------------


class Selection:
    """The features of many pairs' candidates as one matrix."""

    def __init__(self, articles: Sequence[Pair], edits: Sequence[Pair]) -> None:
        pairs = [*articles, *edits]
        self.articles = articles
        self.features = DictVectorizer()
        self.matrix = self.features.fit_transform([crossed(f) for pair in pairs for f in pair.features]).tocsr()
        self.right = np.concatenate([pair.right for pair in pairs])
        self.share = np.where(self.right > 0, 1.0, CLOSE * np.concatenate([pair.close for pair in pairs]))
        self.group = np.concatenate([np.full(len(pair.right), number) for number, pair in enumerate(pairs)])
        self.weight = np.where(self.group < len(articles), 1.0, EDIT_WEIGHT)

    def fit(self, chosen: np.ndarray) -> LogisticRegression:
        """Weigh the features; a candidate that is partly right is both an example and a counterexample, each for its share."""
        positive, negative = np.flatnonzero(chosen & (self.share > 0)), np.flatnonzero(chosen & (self.share < 1))
        shares = np.concatenate([self.share[positive], 1 - self.share[negative]])
        at = np.concatenate([positive, negative])
        model = LogisticRegression(C=C_REPORTED, max_iter=5000)
        return model.fit(self.matrix[at], np.arange(len(at)) < len(positive), sample_weight=self.weight[at] * shares)

    def held_out(self) -> list[np.ndarray]:
        """For each article, the probabilities of its candidates by a model made of other articles."""
        guesses = np.zeros(len(self.right))
        article = self.group < len(self.articles)
        at = np.flatnonzero(article)
        for _, held in GroupKFold(FOLDS).split(at, groups=self.group[at]):
            chosen = np.ones(len(self.right), bool)
            chosen[at[held]] = False
            guesses[at[held]] = self.fit(chosen).predict_proba(self.matrix[at[held]])[:, 1]
        return [guesses[self.group == number] for number in range(len(self.articles))]

    def reported(self) -> Row:
        return self._store(self.fit(np.ones(len(self.right), bool)))

    def essential(self) -> Row:
        hits = np.flatnonzero((self.right > 0) & (self.group < len(self.articles)))
        model = LogisticRegression(C=C_ESSENTIAL, max_iter=5000)
        return self._store(model.fit(self.matrix[hits], self.right[hits] == 3))

    def _store(self, model: LogisticRegression) -> Row:
        weights = {
            name: round(float(w), 4)
            for name, w in zip(self.features.get_feature_names_out(), model.coef_[0], strict=True)
            if abs(w) >= 0.002
        }
        return {"intercept": round(float(model.intercept_[0]), 4), "weights": dict(sorted(weights.items()))}


# --- what its sentence says -----------------------------------------------------------------------


def weigh_sentences(pair: Pair, models: Mapping[str, Model] | None) -> list[float | None]:
    """For each step, the probability of a fact; None where it is not read."""
    steps = zip(pair.change.plain, pair.change.read, strict=True)
    return [assess(step, pair.change.surroundings, models).substantive if read else None for step, read in steps]


def held_out_sentences(pairs: Sequence[Pair], examples: Sequence[significance.Example]) -> list[list[float | None]]:
    """For each pair, what its sentences are weighed to be by models made of other articles."""
    models = significance.held_out_models(examples)
    fold_of = {e.group: int(f) for e, f in zip(examples, significance.folds_of(examples), strict=True)}
    return [weigh_sentences(pair, models[fold_of.get(pair.row["id"], 0)]) for pair in pairs]


def in_sentences(pair: Pair, guesses: Sequence[float], sentences: Sequence[float | None]) -> list[float]:
    """The probabilities of a pair's candidates, knowing their sentences; a rule's word stands."""
    return [
        rule if rule is not None else in_sentence(float(guess), sentences[candidate.step] or 0.0)
        for guess, rule, candidate in zip(guesses, pair.rules, pair.candidates, strict=True)
    ]


# --- what the pair is -----------------------------------------------------------------------------


def train_pair(
    pairs: Sequence[Pair], candidates: Sequence[Sequence[float]], sentences: Sequence[Sequence[float | None]]
) -> Row:
    rows = [describe(c, [p for p in s if p is not None]) for c, s in zip(candidates, sentences, strict=True)]
    names = sorted(rows[0])
    x = np.array([[row[name] for name in names] for row in rows])
    y = np.array([pair.row["verdict"] in FLAGGED for pair in pairs])
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=C_PAIR).fit(scaler.transform(x), y)
    plain = model.coef_[0] / scaler.scale_
    start = float(model.intercept_[0] - plain @ scaler.mean_) - math.log(PAIR_CUT / (1 - PAIR_CUT))
    return {"intercept": round(start, 4), "weights": dict(zip(names, plain.round(4).tolist(), strict=True))}


def train(articles: Sequence[Pair], edits: Sequence[Pair], examples: Sequence[significance.Example]) -> Row:
    """Make all weights.

    Args:
        articles: Pairs of articles.
        edits: Single edits.
        examples: The sentences of both, as train_significance.py reads them.
    """
    selection = Selection(articles, edits)
    sentences = held_out_sentences(articles, examples)
    guesses = [in_sentences(*each) for each in zip(articles, selection.held_out(), sentences, strict=True)]
    return {
        "reported": selection.reported(),
        "essential": selection.essential(),
        "pair": train_pair(articles, guesses, sentences),
        "reporting": REPORTING,
        "marginal": MARGINAL,
        "essential_from": ESSENTIAL_FROM,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"store the weights in {TARGET.name}")
    write = parser.parse_args().write
    articles, edits = read_articles(), read_edits()
    weights = train(articles, edits, significance.read_examples())
    print(
        f"{sum(len(p.right) for p in articles)} candidates of {len(articles)} articles, of {len(edits)} edits {sum(len(p.right) for p in edits)}"
    )
    if write:
        TARGET.write_text(json.dumps(weights, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"wrote {TARGET}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
