"""Make the weights by which the facts engine selects what it reports, and say how well they do on articles they were not made from.

    python benchmarks/train_selection.py [--write]

Reads ../shared/data or $TRACKER_DATA: the seen part of newsedits (as facts.py divides it).  A candidate is right when a labelled fact of importance 2 or 3 fits it (fact_scores.py).
Logistic regression, no chance involved: the same data, features and `significance` give the same file.  Without `--write` nothing is stored.

Models: "reported" (is a candidate a fact of importance 2 or 3), "essential" (if so, of importance 3), "pair" (is the pair of versions substantive: from the candidates' probabilities and
those that train_significance.py gives the sentences, both while they were held out).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import train_significance as significance
from fact_scores import Tally, fits, kappa, match_facts
from facts import is_unseen, read_rows
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tracker.diff import diff_texts
from tracker.extract import version_from_sentences
from tracker.facts.candidate import Candidate
from tracker.facts.candidates import find_candidates
from tracker.facts.choosing import Scored, choose, in_sentence
from tracker.facts.finder import _sides, sentences_of
from tracker.facts.furniture import is_furniture
from tracker.facts.language_model import ask_about_names
from tracker.facts.languages import language_pack
from tracker.facts.selection.features import features_of, situation
from tracker.facts.selection.model import crossed
from tracker.facts.selection.rules import certain
from tracker.facts.significance import Surroundings, describe_step
from tracker.facts.spelling import is_only_spelling
from tracker.facts.substance import describe
from tracker.models import SentenceChange, Text
from tracker.text import text_of

TARGET = Path(__file__).parents[1] / "tracker/facts/selection/weights.json"
C_REPORTED, C_ESSENTIAL = 0.05, 0.05  # inverse strength of regularisation: F1 on held-out articles 0.01 lower at 0.2
REPORTING, MARGINAL = (
    0.3,
    0.18,
)  # probabilities: F1 on held-out articles is flat from 0.28 to 0.33, and falls on either side
ESSENTIAL_FROM = 0.35  # three in ten labelled facts are of importance 3, and so are those that are found from there
PAIR_CUT = (
    0.72  # becomes 0.5: five in six labelled pairs are substantive; kappa on held-out pairs is flat from 0.68 to 0.78
)
FOLDS = 6
Row = dict[str, Any]


def seen_pairs() -> list[Row]:
    return [row for row in read_rows("newsedits/pairs.jsonl.gz") if not is_unseen(row["id"])]


def texts_of(pair: Row) -> tuple[Text, Text, tuple[SentenceChange, ...]]:
    old, new = (text_of(version_from_sentences(pair[side])) for side in ("old", "new"))
    return old, new, diff_texts(old, new)


def candidates_of(pair: Row) -> tuple[list[Candidate], list[dict[str, float]], list[Row], list[float | None]]:
    """The candidates of a pair, their features, what they would be as facts, and what rules say of them."""
    english = language_pack("en")
    old, new, steps = texts_of(pair)
    versions = (version_from_sentences(pair["old"]), version_from_sentences(pair["new"]))
    before, after = _sides(old, new, *versions, english)
    skip = frozenset(i for i, s in enumerate(steps) if _is_quiet(s, old, new))
    read = [step.operation in ("replace", "insert", "delete") and i not in skip for i, step in enumerate(steps)]
    ask_about_names(sentences_of(steps, read, old, new), after.reader.names, english)
    candidates = [c for c in find_candidates(steps, before, after, skip) if not c.swap]
    features = features_of(candidates, situation(before, after, steps, english, skip))
    facts = [
        {"kind": c.kind, "status": c.status, "old": _value(c.old, old), "new": _value(c.new, new), "importance": 2}
        for c in candidates
    ]
    rules = [certain(c, f, before, after) for c, f in zip(candidates, features, strict=True)]
    return candidates, features, facts, [rule[0] if rule else None for rule in rules]


def _is_quiet(step: SentenceChange, old: Text, new: Text) -> bool:
    """What the engine does not read either."""
    sentences = [t.sentences[k] for t, k in ((old, step.old), (new, step.new)) if k is not None]
    return all(map(is_furniture, sentences)) or is_only_spelling(step, language_pack("en"))


def _value(span: tuple[int, int, int] | None, text: Text) -> str | None:
    return text.sentences[span[0]][span[1] : span[2]] if span else None


def train(features: Sequence[dict[str, float]], target: np.ndarray, strength: float) -> dict[str, Any]:
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([crossed(f) for f in features])
    model = LogisticRegression(C=strength, max_iter=5000).fit(matrix, target)
    weights = {
        name: round(float(w), 4)
        for name, w in zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
        if abs(w) >= 0.002
    }
    return {"intercept": round(float(model.intercept_[0]), 4), "weights": dict(sorted(weights.items()))}


def held_out(
    features: Sequence[dict[str, float]], target: np.ndarray, groups: np.ndarray, strength: float
) -> np.ndarray:
    """Probabilities for each candidate from the other articles alone."""
    matrix = DictVectorizer().fit_transform([crossed(f) for f in features]).tocsr()
    guesses = np.zeros(len(target))
    for seen, held in GroupKFold(FOLDS).split(matrix, target, groups):
        model = LogisticRegression(C=strength, max_iter=5000).fit(matrix[seen], target[seen])
        guesses[held] = model.predict_proba(matrix[held])[:, 1]
    return guesses


def held_out_sentences(pairs: Sequence[Row]) -> list[dict[int, float]]:
    """For each pair, the probability that `significance` gives its changed sentences by step, made from the other articles alone."""
    examples = significance.read_examples()
    fold_of = {e.group: int(f) for e, f in zip(examples, significance.folds_of(examples), strict=True)}
    figures: list[dict[int, float]] = [{} for _ in pairs]
    described = []
    for number, pair in enumerate(pairs):
        old, new, steps = texts_of(pair)
        surroundings = Surroundings.of(old, new, steps)
        for place, step in enumerate(steps):
            if step.operation in ("equal", "move"):
                continue
            if _is_quiet(step, old, new):
                continue
            name = "edit" if step.operation == "replace" else "single"
            described.append((number, place, name, fold_of.get(pair["id"], 0), describe_step(step, surroundings)))
    for name in ("edit", "single"):
        chosen = [e for e in examples if e.model == name]
        names = sorted(chosen[0].features)
        x, labels = significance.matrix(chosen), np.array([e.label for e in chosen])
        weight = np.array([e.weight for e in chosen])
        folds = np.array([fold_of[e.group] for e in chosen])
        for fold in range(significance.FOLDS):
            wanted = [(n, s, f) for n, s, model, at, f in described if model == name and at == fold]
            if not wanted:
                continue
            other = folds != fold
            model = significance.grow(name, x[other], labels[other], weight[other])
            column = list(model.classes_).index("fact")
            guesses = model.predict_proba(np.array([[f[n] for n in names] for _, _, f in wanted]))[:, column]
            for (number, place, _), guess in zip(wanted, guesses, strict=True):
                figures[number][place] = float(guess)
    return figures


def train_pair(pairs: Sequence[Row], candidates: Sequence[list[float]], sentences: Sequence[dict[int, float]]) -> Row:
    rows = [describe(c, list(s.values())) for c, s in zip(candidates, sentences, strict=True)]
    names = sorted(rows[0])
    x = np.array([[row[name] for name in names] for row in rows])
    y = np.array([pair["verdict"] in ("substantive", "different_story") for pair in pairs])
    guess = np.zeros(len(y))
    repeats = 10
    for seed in range(repeats):
        folds = np.random.RandomState(seed).permutation(len(y)) % FOLDS
        for fold in range(FOLDS):
            model = LogisticRegression(C=0.3).fit(x[folds != fold], y[folds != fold])
            guess[folds == fold] += model.predict_proba(x[folds == fold])[:, 1] / repeats
    for cut in (0.5, 0.6, 0.68, PAIR_CUT, 0.78, 0.84):
        print(f"pair, at {cut}: kappa {kappa(list(zip(y, guess >= cut, strict=True))):.3f}")
    final = LogisticRegression(C=0.3).fit(x, y)
    start = float(final.intercept_[0]) - math.log(PAIR_CUT / (1 - PAIR_CUT))
    weights = {name: round(float(w), 4) for name, w in zip(names, final.coef_[0], strict=True)}
    return {"intercept": round(start, 4), "weights": weights}


def report(
    pairs: Sequence[Row],
    groups: np.ndarray,
    candidates: Sequence[Candidate],
    facts: Sequence[Row],
    guesses: np.ndarray,
    essential: np.ndarray,
) -> None:
    """Score what would be reported of articles that were held out."""
    for cut in (0.22, 0.25, REPORTING, 0.31, 0.35):
        total, loose = Tally(), Tally()
        important = [0, 0, 0]
        for number, pair in enumerate(pairs):
            if pair["verdict"] == "different_story":
                continue
            at = np.flatnonzero(groups == number)
            where = {id(candidates[i]): i for i in at}
            taken = choose([Scored(candidates[i], float(guesses[i]), float(essential[i])) for i in at], [])
            found = [facts[where[id(one.candidate)]] for one in taken if one.reported >= cut]
            strict, free = match_facts(pair["facts"], found), match_facts(pair["facts"], found, any_kind=True)
            total, loose = total + strict.tally, loose + free.tally
            for i, label in enumerate(pair["facts"]):
                if label["importance"] == 3:
                    important[2] += 1
                    important[0] += i in strict.label_of.values()
                    important[1] += i in free.label_of.values()
        print(
            f"reporting from {cut}: F1 {total.f1:.3f} ({total.precision:.2f}/{total.recall:.2f})  any kind {loose.f1:.3f} ({loose.precision:.2f}/{loose.recall:.2f})  "
            f"importance 3: {important[0] / important[2]:.2f}, any kind {important[1] / important[2]:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"store the weights in {TARGET.name}")
    write = parser.parse_args().write
    pairs = seen_pairs()
    candidates, features, facts, rules, right, essential, groups = [], [], [], [], [], [], []
    for number, pair in enumerate(pairs):
        labels = [label for label in pair["facts"] if label["importance"] >= 2]
        for candidate, described, fact, rule in zip(*candidates_of(pair), strict=True):
            hits = [label["importance"] for label in labels if fits(label, fact)]
            candidates.append(candidate)
            features.append(described)
            facts.append(fact)
            rules.append(rule)
            right.append(bool(hits))
            essential.append(max(hits, default=0) == 3)
            groups.append(number)
    y, essentials, group = np.array(right), np.array(essential), np.array(groups)
    print(f"{len(y)} candidates of {len(pairs)} pairs, {y.sum()} right")
    guesses = held_out(features, y, group, C_REPORTED)
    sentences = held_out_sentences(pairs)
    guesses = np.array(
        [
            in_sentence(float(p), sentences[number].get(candidate.step, 0.0)) if rule is None else rule
            for p, number, candidate, rule in zip(guesses, groups, candidates, rules, strict=True)
        ]
    )
    report(pairs, group, candidates, facts, guesses, np.zeros(len(y)))
    by_pair = [[float(p) for p in guesses[group == number]] for number in range(len(pairs))]
    hits = np.flatnonzero(y)
    model = {
        "reported": train(features, y, C_REPORTED),
        "essential": train([features[i] for i in hits], essentials[hits], C_ESSENTIAL),
        "pair": train_pair(pairs, by_pair, sentences),
        "reporting": REPORTING,
        "marginal": MARGINAL,
        "essential_from": ESSENTIAL_FROM,
    }
    if write:
        TARGET.write_text(json.dumps(model, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"wrote {TARGET}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
