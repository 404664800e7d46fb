"""Measure the facts engine on real pairs, beside what plain rules reach.

    python benchmarks/facts.py [--set newsedits] [--limit N] [--misses N] [--json] [--speed]

Reads ../shared/data or $TRACKER_DATA; says so and ends when that is not there.  A quarter of newsedits, edits and summedits-news (by a hash of the id) was not looked at while rules were
written and thresholds chosen: "unseen".  `--misses` shows texts of the seen part alone.
The weights of `significance` and `selection` come from edits-train and the seen part of newsedits, so the figures of these two flatter: go by the unseen part, and by
`fact_folds.py`, which makes the weights anew without what it compares.  How each set is scored:

- newsedits: verdict (substantive and different_story against the rest) by Cohen's kappa; facts and labels as fact_scores.py says.  Labels: the step that holds the labelled new (else old) sentence.
- edits, edits-train: one edit = two versions of one sentence, or of a headline for the field "title".  Substantive against cosmetic; borderline is left out.
- summedits-news: the same, by balanced accuracy.
- policy-history: pages in time order; a verdict of minor or more where the text did not change is a false alarm.
- redesigns: one text in two templates; a substantive verdict is a false alarm, but for 32271505, of which half was rewritten between the two captures.
- own: the project's own pairs, traps and noise among them (tests/evaluation).

Floors: "always" calls every pair substantive; "ratio" when the character ratio (rapidfuzz) is below 0.9; "surface" when numbers or capitalised words differ.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import sys
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fact_scores import FLAGGED, Labelled, Tally, balanced_accuracy, kappa, macro_f1, match_facts, tally
from rapidfuzz import fuzz

from tracker.comparison import compare_versions
from tracker.extract import extract_version, version_from_sentences
from tracker.models import Comparison, Snapshot, Version

DATA = Path(os.environ.get("TRACKER_DATA", Path(__file__).parents[1] / "../shared/data"))
EVALUATION = Path(__file__).parents[1] / "tests/evaluation"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PARTS = ("seen", "unseen")
Row = dict[str, Any]


def is_unseen(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 4 == 0


def read_rows(path: str) -> list[Row]:
    with gzip.open(DATA / path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# --- floors ---------------------------------------------------------------------------------------

_SURFACE = re.compile(r"\b(?:[A-ZÀ-Þ]\w*|\w*\d\w*(?:[.,]\d+)*)\b")


def always(old: str, new: str) -> bool:
    return old != new


def ratio(old: str, new: str) -> bool:
    return fuzz.ratio(old, new) < 90


def surface(old: str, new: str) -> bool:
    return Counter(_SURFACE.findall(old)) != Counter(_SURFACE.findall(new))


FLOORS: dict[str, Callable[[str, str], bool]] = {"always": always, "ratio": ratio, "surface": surface}


# --- what was found -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """One pair with a person's labels and what the engine says."""

    row: Row
    old: str
    new: str
    comparison: Comparison
    elapsed_s: float

    @property
    def verdict(self) -> str | None:
        return self.comparison.judgement.verdict

    @property
    def flagged(self) -> bool:
        return self.verdict in FLAGGED

    @property
    def wanted(self) -> bool:
        return self.row.get("verdict", self.row.get("label")) in FLAGGED

    @property
    def found(self) -> list[Labelled]:
        return [asdict(fact) for fact in self.comparison.facts]


@dataclass(slots=True)
class Score:
    """Figures of one set, by part, and what went wrong in the seen part."""

    name: str
    figures: dict[str, dict[str, float | str]] = field(default_factory=dict)  # row → part → figure
    misses: list[str] = field(default_factory=list)

    def put(self, row: str, part: str, figure: float | str) -> None:
        self.figures.setdefault(row, {})[part] = figure


def compare(row: Row, old: Version, new: Version, old_text: str, new_text: str) -> Case:
    started = time.perf_counter()
    comparison = compare_versions(old, new)
    return Case(row, old_text, new_text, comparison, time.perf_counter() - started)


def compare_lists(rows: Iterable[Row]) -> Iterator[Case]:
    for row in rows:
        old, new = version_from_sentences(row["old"]), version_from_sentences(row["new"])
        yield compare(row, old, new, " ".join(row["old"]), " ".join(row["new"]))


def edited_version(text: str, *, headline: bool) -> Version:
    return Version(headline=text, language="en", plain_text=True) if headline else version_from_sentences([text])


def compare_edits(rows: Iterable[Row]) -> Iterator[Case]:
    for row in rows:
        if row["label"] != "borderline":
            old, new = (edited_version(row[side], headline=row.get("field") == "title") for side in ("before", "after"))
            yield compare(row, old, new, row["before"], row["after"])


def by_part(cases: Sequence[Case]) -> dict[str, list[Case]]:
    return {
        "seen": [case for case in cases if not is_unseen(case.row["id"])],
        "unseen": [case for case in cases if is_unseen(case.row["id"])],
    }


# --- the sets -------------------------------------------------------------------------------------


def measure_newsedits(limit: int) -> Score:
    score = Score("newsedits")
    cases = list(compare_lists(read_rows("newsedits/pairs.jsonl.gz")[:limit]))
    for part, chosen in by_part(cases).items():
        score.put("verdict: kappa", part, kappa([(case.wanted, case.flagged) for case in chosen]))
        score.put("verdict: kappa of five words", part, kappa([(case.row["verdict"], case.verdict) for case in chosen]))
        for name, floor in FLOORS.items():
            score.put(f"  floor {name}", part, kappa([(case.wanted, floor(case.old, case.new)) for case in chosen]))
        put_facts(score, part, chosen)
        put_labels(score, part, chosen)
        score.put("pairs/s, one process", part, len(chosen) / max(sum(case.elapsed_s for case in chosen), 1e-9))
    score.misses = [line for case in by_part(cases)["seen"] for line in _explain_pair(case)]
    return score


def put_facts(score: Score, part: str, cases: Sequence[Case]) -> None:
    kinds: dict[str, Tally] = defaultdict(Tally)
    both: dict[bool, Tally] = {False: Tally(), True: Tally()}
    headline_found: dict[bool, list[bool]] = {False: [], True: []}
    for case in cases:
        labels, found = case.row["facts"], case.found
        for any_kind in (False, True):
            matched = match_facts(labels, found, any_kind=any_kind)
            both[any_kind] += matched.tally
            hits = set(matched.label_of.values())
            headline_found[any_kind] += [at in hits for at, label in enumerate(labels) if label["importance"] == 3]
            if not any_kind:
                for at in hits:
                    kinds[labels[at]["kind"]] += Tally(hits=1)
                for at in matched.missed:
                    kinds[labels[at]["kind"]] += Tally(missed=1)
                for at in matched.false:
                    kinds[found[at]["kind"]] += Tally(false=1)
    score.put("facts: F1", part, both[False].f1)
    score.put("  precision / recall", part, _pair(both[False]))
    score.put("facts, any kind: F1", part, both[True].f1)
    score.put("  precision / recall, any kind", part, _pair(both[True]))
    score.put("importance 3: recall", part, _mean(headline_found[True]))
    score.put("  same kind", part, _mean(headline_found[False]))
    for kind in sorted(kinds):
        score.put(f"  {kind}: F1 (n)", part, f"{kinds[kind].f1:.2f} ({kinds[kind].hits + kinds[kind].missed})")


def label_pairs(case: Case) -> list[tuple[str, str | None]]:
    """Pair each labelled sentence with the label of the step that holds it."""
    by_new = {step.new: step.label for step in case.comparison.sentences if step.new is not None}
    by_old = {step.old: step.label for step in case.comparison.sentences if step.old is not None}
    return [
        (each["label"], by_new.get(each["new"]) if each["new"] is not None else by_old.get(each["old"]))
        for each in case.row["sentences"]
    ]


def put_labels(score: Score, part: str, cases: Sequence[Case]) -> None:
    pairs = [pair for case in cases for pair in label_pairs(case)]
    overall, classes = macro_f1(pairs)
    score.put("labels: macro-F1", part, overall)
    for name, each in classes.items():
        score.put(f"  label {name}: F1 (n)", part, f"{each.f1:.2f} ({each.hits + each.missed})")


def _explain_pair(case: Case) -> Iterator[str]:
    labels, found, old, new = case.row["facts"], case.found, case.row["old"], case.row["new"]
    if case.wanted != case.flagged:
        yield f"{case.row['id']}: VERDICT {case.verdict}, should be {case.row['verdict']}; {'; '.join(case.comparison.judgement.reasons)}"
    for at in match_facts(labels, found).missed:
        yield f"{case.row['id']}: missed {_describe(labels[at], old, new)}"
    for at in match_facts(labels, found).false:
        yield f"{case.row['id']}: false {_describe(found[at], old, new)}"


def _describe(fact: Labelled, old: Sequence[str], new: Sequence[str]) -> str:
    lines = [
        f"{fact['kind']} {fact['status']} {fact['old']!r} → {fact['new']!r} ({fact['importance']}) {fact.get('reason', fact.get('note', ''))}"
    ]
    for sign, side, sentences in (("-", "old_sentence", old), ("+", "new_sentence", new)):
        if fact[side] is not None and fact[side] < len(sentences):
            lines.append(f"    {sign} [{fact[side]}] {sentences[fact[side]]}")
    return "\n".join(lines)


def measure_edits(limit: int) -> Score:
    return _measure_single("edits", read_rows("edits/edits.jsonl.gz")[:limit])


def measure_edits_train(limit: int) -> Score:
    return _measure_single("edits-train", read_rows("edits-train/edits.jsonl.gz")[:limit])


def measure_summedits(limit: int) -> Score:
    return _measure_single("summedits-news", read_rows("summedits-news/pairs.jsonl.gz")[:limit])


def _measure_single(name: str, rows: Sequence[Row]) -> Score:
    score = Score(name)
    cases = list(compare_edits(rows))
    for part, chosen in by_part(cases).items():
        pairs = [(case.wanted, case.flagged) for case in chosen]
        score.put("substantive: F1", part, tally(pairs).f1)
        score.put("  precision / recall", part, _pair(tally(pairs)))
        score.put("false-alarm rate", part, _mean([found for wanted, found in pairs if not wanted]))
        score.put("balanced accuracy", part, balanced_accuracy(pairs))
        for floor, rule in FLOORS.items():
            plain = [(case.wanted, rule(case.old, case.new)) for case in chosen]
            score.put(
                f"  floor {floor}: F1 / balanced accuracy",
                part,
                f"{tally(plain).f1:.2f} / {balanced_accuracy(plain):.2f}",
            )
        kinds: dict[str, list[bool]] = defaultdict(list)
        for case in chosen:
            names = (
                case.row.get("kinds")
                or case.row.get("edit_types")
                or sorted({fact["kind"] for fact in case.row.get("facts", ())})
            )
            for kind in names if case.wanted else ():
                kinds[kind].append(case.flagged)
        for kind, flags in sorted(kinds.items()):
            score.put(f"  {kind}: recall (n)", part, f"{_mean(flags):.2f} ({len(flags)})")
    score.misses = [
        line for case in by_part(cases)["seen"] if case.wanted != case.flagged for line in _explain_edit(case)
    ]
    return score


def _explain_edit(case: Case) -> Iterator[str]:
    kinds = case.row.get("kinds") or case.row.get("edit_types") or [fact["kind"] for fact in case.row.get("facts", ())]
    found = "; ".join(f"{f['kind']} {f['status']} {f['old']!r} → {f['new']!r} ({f['importance']})" for f in case.found)
    word = "missed" if case.wanted else "false alarm"
    yield (
        f"{case.row['id']}: {word}, {case.verdict}; labelled {case.row['label']} {' '.join(kinds)}; found: {found}\n"
        f"    - {case.old}\n    + {case.new}"
    )


def measure_policy_history(limit: int) -> Score:
    score = Score("policy-history")
    alarms: list[bool] = []
    byte_alarms: list[bool] = []
    seen_changes: list[bool] = []
    for row, same_bytes, old, new in _policy_pairs(limit):
        case = compare(row, old, new, "", "")
        if row["text_change"] == "no_text_change":
            alarms.append(case.verdict not in ("unchanged", "cosmetic"))
            byte_alarms.append(not same_bytes)
            if alarms[-1]:
                score.misses.append(f"{row['file']}: {case.verdict}; {case.found[:3]}")
        else:
            seen_changes.append(case.verdict != "unchanged")
            if not seen_changes[-1]:
                score.misses.append(f"{row['file']}: change not seen")
    score.put("false alarms at minor or more", "seen", f"{sum(alarms)} of {len(alarms)}")
    score.put("  floor bytes", "seen", f"{sum(byte_alarms)} of {len(byte_alarms)}")
    score.put("real changes seen", "seen", f"{sum(seen_changes)} of {len(seen_changes)}")
    return score


def _policy_pairs(limit: int) -> Iterator[tuple[Row, bool, Version, Version]]:
    manifest = {row["file"]: row for row in json.loads((DATA / "policy-history/manifest.json").read_text())}
    earlier: dict[str, tuple[bytes, Version]] = {}
    with tarfile.open(DATA / "policy-history/snapshots.tar.xz") as archive:
        pages = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]
    for name in sorted(pages)[:limit]:
        row = manifest[name]
        version = _page_version(pages[name], f"https://example.org/{row['doc']}")
        if row["doc"] in earlier:
            body, old = earlier[row["doc"]]
            yield row, body == pages[name], old, version
        earlier[row["doc"]] = (pages[name], version)


def _page_version(body: bytes, url: str) -> Version:
    return extract_version(
        Snapshot(url=url, fetched_at=NOW, status=200, headers=(("Content-Type", "text/html"),), body=body)
    )


def measure_redesigns(limit: int) -> Score:
    score = Score("redesigns")
    alarms = []
    for folder in sorted((DATA / "redesigns").iterdir())[:limit]:
        old, new = (
            _page_version(gzip.decompress((folder / f"{side}.html.gz").read_bytes()), "https://example.org/a")
            for side in ("old", "new")
        )
        case = compare({"id": folder.name}, old, new, "", "")
        alarms.append(case.flagged)
        if case.flagged:
            score.misses.append(f"{folder.name}: {case.verdict}\n    {case.found[:4]}")
    score.put("substantive on the same text", "seen", f"{sum(alarms)} of {len(alarms)}")
    return score


def measure_own(limit: int) -> Score:
    sys.path.insert(0, str(EVALUATION))
    from labelled_pairs import read_pairs  # the project's own, beside their test

    score = Score("own")
    pairs = read_pairs()[:limit]
    cases = [compare(pair.row, pair.old, pair.new, pair.old_text, pair.new_text) for pair in pairs]
    groups: dict[str, list[bool]] = defaultdict(list)
    facts: dict[bool, Tally] = {False: Tally(), True: Tally()}
    for case in cases:
        groups[case.row["group"]].append(case.verdict == case.row["verdict"])
        for any_kind in (False, True):
            facts[any_kind] += match_facts(case.row["facts"], case.found, any_kind=any_kind).tally
        if case.verdict != case.row["verdict"]:
            score.misses += list(
                _explain_edit(Case({**case.row, "label": case.row["verdict"]}, case.old, case.new, case.comparison, 0))
            )
    score.put("verdicts right", "seen", f"{sum(map(sum, groups.values()))} of {len(cases)}")
    for group, right in sorted(groups.items()):
        score.put(f"  {group}", "seen", f"{sum(right)} of {len(right)}")
    score.put("facts: F1", "seen", facts[False].f1)
    score.put("facts, any kind: F1", "seen", facts[True].f1)
    return score


SETS: dict[str, Callable[[int], Score]] = {
    "newsedits": measure_newsedits,
    "edits": measure_edits,
    "edits-train": measure_edits_train,
    "summedits-news": measure_summedits,
    "policy-history": measure_policy_history,
    "redesigns": measure_redesigns,
    "own": measure_own,
}


# --- printing -------------------------------------------------------------------------------------


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _pair(counts: Tally) -> str:
    return f"{counts.precision:.2f} / {counts.recall:.2f}"


def _show(figure: float | str | None) -> str:
    return f"{figure:.3f}" if isinstance(figure, float) else figure or ""


def print_score(score: Score, misses: int) -> None:
    print(f"\n{score.name:48}{'seen':>16}{'unseen':>16}")
    for row, parts in score.figures.items():
        print(f"{row:48}" + "".join(f"{_show(parts.get(part)):>16}" for part in PARTS))
    for line in score.misses[:misses]:
        print(f"  {line}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--set", choices=[*SETS], action="append", help="one set alone; may be repeated (default: all but edits-train)"
    )
    parser.add_argument("--limit", type=int, default=10**9, help="the first N pairs of each set")
    parser.add_argument(
        "--misses", type=int, default=0, metavar="N", help="print the first N misses of each set's seen part"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object for all figures")
    parser.add_argument("--speed", action="store_true", help="measure time and memory instead, on made-up texts")
    arguments = parser.parse_args(argv)
    if arguments.speed:
        from fact_speed import measure_speed

        scores = [Score("speed", {row: {"seen": figure} for row, figure in measure_speed().items()})]
    else:
        if not DATA.is_dir():
            print(f"skipped: no data in {DATA}; set TRACKER_DATA to the folder that holds newsedits/", file=sys.stderr)
            return 0
        chosen = arguments.set or [name for name in SETS if name != "edits-train"]
        scores = [SETS[name](arguments.limit) for name in chosen]
    if arguments.json:
        print(json.dumps({score.name: score.figures for score in scores}, ensure_ascii=False, indent=1))
    else:
        for score in scores:
            print_score(score, arguments.misses)
    return 0


if __name__ == "__main__":
    sys.exit(main())
