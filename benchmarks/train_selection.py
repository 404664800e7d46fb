"""Make the weights by which the facts engine selects what it reports: `python -m benchmarks.train_selection [--write]`.

Labelled pairs of versions (`newsedits`, without the quarter that is kept unseen) give candidates; a candidate is right when a labelled fact of importance 2 or 3 has its kind and shares
a word of meaning with it.  Logistic regression, no chance involved: the same data gives the same file.  Prints what cross-validation by article says.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from tracker.diff import diff_texts
from tracker.facts.candidates import Candidate, find_candidates
from tracker.facts.finder import _sides
from tracker.facts.furniture import is_furniture
from tracker.facts.languages import language_pack
from tracker.facts.selection.features import features_of, situation
from tracker.facts.selection.model import crossed
from tracker.models import Text, Version
from tracker.text import text_of

DATA = Path(os.environ.get("TRACKER_DATA", Path(__file__).parents[2] / "shared/data"))
WEIGHTS = Path(__file__).parents[1] / "tracker/facts/selection/weights.json"
C_REPORTED, C_ESSENTIAL = (
    0.1,
    0.05,
)  # inverse strength of regularisation, the best of 0.03, 0.1, 0.3 by cross-validation
FOLDS = 6
STOP_WORDS = frozenset(
    ["a", "about", "after", "again", "all", "also", "although", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how", "if", "in", "into", "is", "it", "its", "may", "might", "more", "most", "no", "nor", "not", "of", "off", "on", "or", "other", "our", "out", "over", "own", "said", "same", "say", "says", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "would", "you", "your"]
)


def is_unseen(name: str) -> bool:
    """The quarter of a set that nothing is learnt from."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 4 == 0


def words(text: str | None) -> set[str]:
    return {w for w in re.findall(r"[^\W_]+", (text or "").lower()) if w not in STOP_WORDS}


def matches(label: dict[str, Any], kind: str, old: str | None, new: str | None, any_kind: bool = False) -> bool:
    if label["kind"] != kind and not any_kind:
        return False
    sides = [(label["old"], old), (label["new"], new)]
    hits = [bool(words(a) & words(b)) for a, b in sides if a is not None]
    return any(hits) if label["status"] in ("replaced", "conflicts") else all(hits)


def candidates_of(pair: dict[str, Any]) -> tuple[list[Candidate], list[dict[str, float]], Text, Text]:
    versions = (
        Version(sentences=tuple(pair["old"]), language="en"),
        Version(sentences=tuple(pair["new"]), language="en"),
    )
    old, new = map(text_of, versions)
    steps = diff_texts(old, new)
    before, after = _sides(old, new, *versions, language_pack("en"))
    skip = frozenset(
        i
        for i, s in enumerate(steps)
        if all(is_furniture(t.sentences[k]) for t, k in ((old, s.old), (new, s.new)) if k is not None)
    )
    candidates = list(find_candidates(steps, before, after, skip))
    return candidates, features_of(candidates, situation(before, after, steps, language_pack("en"))), old, new


def value(span: tuple[int, int, int] | None, text: Text) -> str | None:
    return text.sentences[span[0]][span[1] : span[2]] if span else None


def collect(pairs: list[dict[str, Any]]) -> tuple[list[dict[str, float]], np.ndarray, np.ndarray, np.ndarray]:
    features, right, essential, groups = [], [], [], []
    for number, pair in enumerate(pairs):
        candidates, described, old, new = candidates_of(pair)
        labels = [label for label in pair["facts"] if label["importance"] >= 2]
        for candidate, f in zip(candidates, described, strict=True):
            hit = [
                label["importance"]
                for label in labels
                if matches(label, candidate.kind, value(candidate.old, old), value(candidate.new, new))
            ]
            features.append(crossed(f))
            right.append(bool(hit))
            essential.append(max(hit, default=0) == 3)
            groups.append(number)
    return features, np.array(right), np.array(essential), np.array(groups)


def train(features: list[dict[str, float]], target: np.ndarray, strength: float) -> dict[str, Any]:
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(features)
    model = LogisticRegression(C=strength, max_iter=5000).fit(matrix, target)
    weights = {
        name: round(float(w), 4)
        for name, w in zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
        if abs(w) >= 0.002
    }
    return {"intercept": round(float(model.intercept_[0]), 4), "weights": dict(sorted(weights.items()))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the weights file")
    write = parser.parse_args().write
    with gzip.open(DATA / "newsedits/pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    pairs = [p for p in pairs if not is_unseen(p["id"])]
    features, right, essential, groups = collect(pairs)
    matrix = DictVectorizer().fit_transform(features).tocsr()
    guesses = np.zeros(len(right))
    for seen, held in GroupKFold(FOLDS).split(matrix, right, groups):
        guesses[held] = (
            LogisticRegression(C=C_REPORTED, max_iter=5000)
            .fit(matrix[seen], right[seen])
            .predict_proba(matrix[held])[:, 1]
        )
    order = np.argsort(-guesses)
    print(
        f"{len(right)} candidates of {len(pairs)} pairs, {right.sum()} right; cross-validated: precision of the surest 500: {right[order[:500]].mean():.3f}"
    )
    hits = np.flatnonzero(right)
    model = {
        "reported": train(features, right, C_REPORTED),
        "essential": train([features[i] for i in hits], essential[hits], C_ESSENTIAL),
        "reporting": 0.3,
        "marginal": 0.2,
        "essential_from": 0.3,
    }
    if write:
        WEIGHTS.write_text(json.dumps(model, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{WEIGHTS}: {WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
