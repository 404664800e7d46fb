"""Train what `tracker.facts.significance` weighs, and say how well it does on articles it was not trained on.

    python benchmarks/train_significance.py [--write]

Reads ../shared/data or $TRACKER_DATA: the 1,236 single edits of edits-train and, as facts.py divides them, the seen part of edits and the sentence labels of the seen part of newsedits.
summedits-news is a test and stays out: all its pairs are made of eleven texts, and of texts that were held out nothing is judged better (AUC 0.66 with it, 0.70 without).
Seeded: the same data, library versions and features give the same file.  Without `--write` nothing is stored.

Models: "edit" (a sentence replaced) and "single" (inserted or deleted) give P(fact, context, style, noise); "edit_forest", "edit_sum" and "single_sum" have their own opinion on P(fact);
"edit_kinds" and "single_kinds" give P(a fact of that kind, importance 2 or 3).  Figures are from five folds by article (newsedits) and by edit.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from facts import Row, is_unseen, read_rows
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tracker.diff import diff_texts
from tracker.extract import version_from_sentences
from tracker.facts.significance import OPINIONS, describe_step, weigh
from tracker.facts.significance.features import Features
from tracker.facts.significance.model import FILE, FORMAT, Model, read_models
from tracker.facts.significance.surroundings import Surroundings
from tracker.models import SentenceChange, Text, Version
from tracker.text import text_of

TARGET = Path(__file__).parents[1] / "tracker/facts/significance" / FILE
SEED = 20180409
FOLDS = 5
RATE = 0.05
LABELS = ("fact", "context", "style", "noise")
KINDS = ("location", "attribution", "sourcing", "number", "time", "identity", "certainty", "quote", "event")
EDIT_WEIGHT = (
    0.5  # of a single edit against a sentence of an article: 1 costs 0.03 macro-F1 on articles, 0 gains nothing
)
ROUND = 4  # digits of what is stored: moves no probability by more than 0.001


@dataclass(frozen=True, slots=True)
class Example:
    """One changed sentence with what a person said of it."""

    group: str  # the article or edit it comes from
    model: str  # "edit" or "single"
    features: Features
    label: str
    kinds: frozenset[str]
    weight: float


def read_examples() -> list[Example]:
    return [*_single_edits(), *_article_sentences()]


def _single_edits() -> list[Example]:
    labels = {"substantive": "fact", "different_story": "fact", "minor": "context", "cosmetic": "style"}
    step = SentenceChange(0, 0, "replace")
    examples = []
    for row in (*read_rows("edits-train/edits.jsonl.gz"), *seen_edits()):
        if row["label"] in labels:
            old, new = (_as_text(row[side], headline=row["field"] == "title") for side in ("before", "after"))
            kinds = frozenset(
                [fact["kind"] for fact in row["facts"] if fact["importance"] >= 2] if "facts" in row else row["kinds"]
            )
            examples.append(
                Example(row["id"], "edit", _features(step, old, new, (step,)), labels[row["label"]], kinds, EDIT_WEIGHT)
            )
    return examples


def seen_edits() -> list[Row]:
    """The edits of the test that may be learned from."""
    return [row for row in read_rows("edits/edits.jsonl.gz") if not is_unseen(row["id"])]


def _as_text(text: str, *, headline: bool) -> Text:
    return text_of(Version(headline=text) if headline else version_from_sentences([text]))


def _features(step: SentenceChange, old: Text, new: Text, steps: Sequence[SentenceChange]) -> Features:
    return describe_step(step, Surroundings.of(old, new, steps))


def _article_sentences() -> list[Example]:
    examples = []
    for row in read_rows("newsedits/pairs.jsonl.gz"):
        if is_unseen(row["id"]):
            continue
        old, new = (text_of(version_from_sentences(row[side])) for side in ("old", "new"))
        steps = diff_texts(old, new)
        surroundings = Surroundings.of(old, new, steps)
        for step in steps:
            label = _label_of(step, row["sentences"])
            if step.operation not in ("equal", "move") and label in LABELS:
                kinds = frozenset(
                    fact["kind"]
                    for fact in row["facts"]
                    if fact["importance"] >= 2
                    and (
                        (step.old is not None and fact["old_sentence"] == step.old)
                        or (step.new is not None and fact["new_sentence"] == step.new)
                    )
                )
                model = "edit" if step.operation == "replace" else "single"
                examples.append(Example(row["id"], model, describe_step(step, surroundings), label, kinds, 1.0))
    return examples


def _label_of(step: SentenceChange, labelled: Sequence[dict[str, Any]]) -> str | None:
    """Find the label of an aligned sentence; a person's alignment may differ from ours."""
    by_new = [each for each in labelled if step.new is not None and each["new"] == step.new]
    both = [each for each in by_new if each["old"] == step.old]
    by_old = [each for each in labelled if step.old is not None and each["old"] == step.old]
    found = both or by_new or by_old
    return found[0]["label"] if found else None


# --- growing trees --------------------------------------------------------------------------------


Learner = GradientBoostingClassifier | ExtraTreesClassifier | Pipeline
SHAPES = {"edit": (200, 3), "edit_kinds": (80, 2), "single_kinds": (60, 2)}  # trees, depth


def grow(name: str, x: np.ndarray, y: Sequence[Any], weight: np.ndarray) -> Learner:
    """Grow the trees of a model, or weigh its features.

    Of inserted and deleted sentences there are few, and boosted trees learn them by heart: held-out AUC of facts 0.77, extremely random trees 0.79, and 0.81 with the mean of these and a
    logistic regression.  For replaced sentences boosting is best (0.85), extremely random trees add 0.004 and a logistic regression 0.008.
    """
    if name.endswith("_sum"):
        logistic = LogisticRegression(C=0.01, max_iter=1000)
        return make_pipeline(StandardScaler(), logistic).fit(x, y, logisticregression__sample_weight=weight)
    learner: GradientBoostingClassifier | ExtraTreesClassifier
    if name == "single":
        learner = ExtraTreesClassifier(60, min_samples_leaf=2, max_features=0.3, random_state=SEED)
    elif name == "edit_forest":
        learner = ExtraTreesClassifier(60, min_samples_leaf=5, max_features=0.3, random_state=SEED)
    else:
        trees, depth = SHAPES[name]
        learner = GradientBoostingClassifier(
            n_estimators=trees, max_depth=depth, learning_rate=RATE, subsample=0.6, max_features=0.3, random_state=SEED
        )
    return learner.fit(x, y, sample_weight=weight)


def grow_labels(examples: Sequence[Example]) -> dict[str, Any]:
    """The models that give labels, as they are stored."""
    models: dict[str, Any] = {}
    for name in ("edit", "single"):
        chosen = [example for example in examples if example.model == name]
        x, weight, features = matrix(chosen), np.array([each.weight for each in chosen]), sorted(chosen[0].features)
        labels = np.array([each.label for each in chosen])
        first = grow(name, x, labels, weight)
        models[name] = export([first], features, list(first.classes_), exclusive=True)
        for opinion in OPINIONS[name]:
            learner = grow(opinion, x, labels == "fact", weight)
            models[opinion] = export([learner], features, ["other", "fact"], exclusive=True)
    return models


def matrix(examples: Sequence[Example]) -> np.ndarray:
    names = sorted(examples[0].features)
    return np.array([[example.features[name] for name in names] for example in examples], float)


def folds_of(examples: Sequence[Example]) -> np.ndarray:
    groups = sorted({example.group for example in examples})
    order = np.random.RandomState(SEED).permutation(len(groups))
    fold = {group: int(at) % FOLDS for group, at in zip(groups, order, strict=True)}
    return np.array([fold[example.group] for example in examples])


def export(
    models: Sequence[Learner], features: Sequence[str], classes: Sequence[str], *, exclusive: bool
) -> dict[str, Any]:
    """Write trees as plain numbers; one model of many classes, or several of two."""
    named: dict[str, Any] = {"features": list(features), "classes": list(classes)}
    if isinstance(models[0], Pipeline):
        return {**named, "classes": [classes[-1]], "kind": "linear", **_export_sum(models[0])}
    if isinstance(models[0], ExtraTreesClassifier):
        return {
            **named,
            "kind": "forest",
            "trees": [_export_tree(each.tree_, _shares) for each in models[0].estimators_],
        }
    start: list[float] = []
    trees: list[list[Any]] = []
    for model in models:
        prior = model._raw_predict_init(np.zeros((1, len(features))))[0]
        for column in range(model.estimators_.shape[1]):
            start.append(round(float(prior[column]), 6))
            trees.append([_export_tree(each.tree_, _step) for each in model.estimators_[:, column]])
    return {**named, "kind": "boosted", "start": start, "trees": trees, "exclusive": exclusive}


def _export_sum(model: Pipeline) -> dict[str, Any]:
    """Write a logistic regression over scaled features as one over plain ones."""
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    intercept = float(logistic.intercept_[0] - weights @ scaler.mean_)
    return {"intercept": round(intercept, 6), "weights": [round(float(each), 6) for each in weights]}


def _export_tree(tree: Any, leaf: Callable[[np.ndarray], Any]) -> list[list[Any]]:
    feature = [int(at) if left >= 0 else -1 for at, left in zip(tree.feature, tree.children_left, strict=True)]
    threshold = [round(float(each), 6) if at >= 0 else 0 for each, at in zip(tree.threshold, feature, strict=True)]
    value = [leaf(each) if at < 0 else 0 for each, at in zip(tree.value, feature, strict=True)]
    return [feature, threshold, [*map(int, tree.children_left)], [*map(int, tree.children_right)], value]


def _step(value: np.ndarray) -> float:
    return round(float(value[0, 0]) * RATE, ROUND)


def _shares(value: np.ndarray) -> list[float]:
    return [round(float(each), ROUND - 1) for each in value[0] / value[0].sum()]


# --- training and measuring -----------------------------------------------------------------------


def train(examples: Sequence[Example]) -> dict[str, Any]:
    return {"format": FORMAT, "seed": SEED, "models": {**grow_labels(examples), **grow_kinds(examples)}}


def held_out_models(examples: Sequence[Example]) -> list[dict[str, Model]]:
    """For each fold, models made of the others."""
    folds = folds_of(examples)
    chosen = ([e for e, at in zip(examples, folds, strict=True) if at != fold] for fold in range(FOLDS))
    return [read_models({"format": FORMAT, "models": grow_labels(others)}) for others in chosen]


def held_out_labels(examples: Sequence[Example]) -> dict[int, dict[str, float]]:
    """For each example, its labels by models that were made without its article."""
    models = held_out_models(examples)
    return {
        index: weigh(example.model, example.features, models[fold])
        for index, (example, fold) in enumerate(zip(examples, folds_of(examples), strict=True))
    }


def grow_kinds(examples: Sequence[Example]) -> dict[str, Any]:
    """The models that give kinds, as they are stored."""
    models = {}
    for name in ("edit", "single"):
        chosen = [example for example in examples if example.model == name]
        x, weight = matrix(chosen), np.array([each.weight for each in chosen])
        learners = [grow(f"{name}_kinds", x, [kind in each.kinds for each in chosen], weight) for kind in KINDS]
        models[f"{name}_kinds"] = export(learners, sorted(chosen[0].features), KINDS, exclusive=False)
    return models


def _report_labels(examples: Sequence[Example], guesses: dict[int, dict[str, float]]) -> None:
    for title, wanted in (
        ("single edits", lambda example: example.weight != 1.0),
        ("articles, replaced", lambda example: example.weight == 1.0 and example.model == "edit"),
        ("articles, inserted or deleted", lambda example: example.model == "single"),
        ("articles", lambda example: example.weight == 1.0),
    ):
        at = [index for index, example in enumerate(examples) if wanted(example)]
        labels = [examples[index].label for index in at]
        found = [max(guesses[index], key=guesses[index].__getitem__) for index in at]
        per_class = f1_score(labels, found, labels=list(LABELS), average=None, zero_division=0)
        fact = [guesses[index].get("fact", 0.0) for index in at]
        is_fact = [label == "fact" for label in labels]
        print(
            f"{title:32} n {len(at):5}  macro-F1 {np.mean(per_class[: 4 if 'articles' in title else 3]):.3f}  "
            + "  ".join(f"{label} {score:.2f}" for label, score in zip(LABELS, per_class, strict=True))
            + f"  AUC fact {roc_auc_score(is_fact, fact):.3f}"
        )
        if title == "single edits":
            plain = [(label, p) for label, p in zip(labels, fact, strict=True) if label != "context"]
            for cut in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
                flags = [p >= cut for _, p in plain]
                truth = [label == "fact" for label, _ in plain]
                alarms = np.mean([flag for flag, wanted_ in zip(flags, truth, strict=True) if not wanted_])
                print(
                    f"    fact at {cut:.2f} or more, context left out: F1 {f1_score(truth, flags):.3f}, false alarms {alarms:.3f}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"store the weights in {TARGET.name}")
    arguments = parser.parse_args()
    examples = read_examples()
    _report_labels(examples, held_out_labels(examples))
    if arguments.write:
        text = json.dumps(train(examples), separators=(",", ":"))
        TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))
        print(f"wrote {TARGET}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
