"""Measure the facts engine on articles and edits that its weights were not made from: the figures to choose by.

    python benchmarks/fact_folds.py [--folds 5] [--seed 1] [--save FILE]

The seen parts of newsedits and edits and all of edits-train are divided by article and by edit; for each fold all weights are made from the others, as train_significance.py and
train_selection.py make them, and the whole engine compares what was held out.  Nothing is stored.  Rules and word lists were written with the seen part open, so these figures still flatter a little.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import train_selection as selection
import train_significance as significance
from fact_scores import kappa, tally
from facts import Case, Score, compare, compare_edits, print_score, put_facts, put_labels

from tracker.facts.significance.model import FORMAT, read_models


@contextmanager
def other_weights(models: dict[str, Any], weights: dict[str, Any]) -> Iterator[None]:
    """Let the engine weigh by other weights than it ships with."""
    loaded = read_models({"format": FORMAT, "models": models})
    with ExitStack() as stack:
        for module in ("significance", "significance.model"):
            stack.enter_context(patch(f"tracker.facts.{module}.load_models", lambda: loaded))
        for module in ("selection.model", "choosing", "finder", "substance"):
            stack.enter_context(patch(f"tracker.facts.{module}.weights", lambda: weights))
        yield


def held_out_cases(folds: int, seed: int) -> tuple[list[Case], list[Case], list[Case]]:
    """Compare every article, every edit of edits-train and every edit of edits with weights made without it."""
    articles, edits, examples = selection.read_articles(), selection.read_edits(), significance.read_examples()
    rows = significance.seen_edits()
    names = [*(pair.row["id"] for pair in (*articles, *edits)), *(row["id"] for row in rows)]
    fold_of = dict(zip(names, (np.random.RandomState(seed).permutation(len(names)) % folds).tolist(), strict=True))
    found: tuple[list[Case], list[Case], list[Case]] = ([], [], [])
    for fold in range(folds):
        kept = [e for e in examples if fold_of.get(e.group) != fold]
        sides = [[p for p in pairs if fold_of[p.row["id"]] != fold] for pairs in (articles, edits)]
        models = {**significance.grow_labels(kept), **significance.grow_kinds(kept)}
        with other_weights(models, selection.train(*sides, kept)):
            for pairs, cases in zip((articles, edits), found[:2], strict=True):
                cases += [_compared(pair) for pair in pairs if fold_of[pair.row["id"]] == fold]
            found[2].extend(compare_edits(row for row in rows if fold_of[row["id"]] == fold))
    return found


def _compared(pair: selection.Pair) -> Case:
    old, new = pair.versions
    return compare(pair.row, old, new, old.headline or "", new.headline or "")


def score(articles: Sequence[Case], *edits: Sequence[Case]) -> list[Score]:
    first = Score("newsedits, held out")
    first.put("verdict: kappa", "seen", kappa([(case.wanted, case.flagged) for case in articles]))
    put_facts(first, "seen", articles)
    put_labels(first, "seen", articles)
    return [first, *map(_score_edits, ("edits-train, held out", "edits, held out"), edits)]


def _score_edits(name: str, cases: Sequence[Case]) -> Score:
    found = Score(name)
    clear = [(case.wanted, case.flagged) for case in cases if case.row["label"] != "minor"]
    found.put("substantive: F1", "seen", tally(clear).f1)
    found.put("false-alarm rate", "seen", float(np.mean([flagged for wanted, flagged in clear if not wanted])))
    found.put("substantive: F1, minor ones as well", "seen", tally([(c.wanted, c.flagged) for c in cases]).f1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="store all comparisons there, to look into")
    arguments = parser.parse_args()
    cases = held_out_cases(arguments.folds, arguments.seed)
    for each in score(*cases):
        print_score(each, 0)
    if arguments.save:
        arguments.save.write_bytes(pickle.dumps(cases))


if __name__ == "__main__":
    main()
