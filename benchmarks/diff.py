"""Measure the diff: how fast, how small, and how well its pairs agree with labelled ones.

    python benchmarks/diff.py [--quick]

Speed and size, on texts made here (the words follow Zipf's law, a third of them function words), beside two others on the same texts:

- difflib: sentences with SequenceMatcher, then the words of each replaced stretch, as many programs do.
- rapidfuzz: Indel.opcodes over all words at once: the smallest difference there is, without sentences, pairs or moves.

"changed" counts the characters that a reader sees struck out or added; a moved sentence counts for nothing in ours, and twice in theirs.

Agreement, on ../shared/data/newsedits or $TRACKER_DATA (skipped when not there): labelled pairs of sentences (old, new) against our `replace` steps.  Labels may pair one sentence with several, and a step cannot:
recall is of the most pairs that can be found with each sentence once.  Thresholds were chosen on the pairs called "seen" (three quarters, by a hash of the id).
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import hashlib
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from rapidfuzz.distance import Indel

from tracker.diff import diff_texts
from tracker.diff.alike import FUNCTION_WORDS
from tracker.diff.tokens import split_tokens
from tracker.models import Text

DATA = Path(os.environ.get("TRACKER_DATA", Path(__file__).parents[1] / "../shared/data"))
WORDS_PER_SENTENCE = 20

Sentences = list[str]


# --- texts ----------------------------------------------------------------------------------------


class Writer:
    """Makes sentences of made-up words."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        shared = random.Random(0)  # one language for all writers
        self.function_words = sorted(FUNCTION_WORDS)
        self.vocabulary = [self._word(shared) for _ in range(20_000)]

    @staticmethod
    def _word(source: random.Random) -> str:
        return "".join(source.choice("bdfgklmnprst") + source.choice("aeiou") for _ in range(source.randint(2, 4)))

    def word(self) -> str:
        if self.random.random() < 1 / 3:
            return self.random.choice(self.function_words)
        return self.vocabulary[int(20_000 ** self.random.random()) - 1]

    def sentence(self) -> str:
        return " ".join(self.word() for _ in range(WORDS_PER_SENTENCE)).capitalize() + "."

    def article(self, words: int) -> Sentences:
        return [self.sentence() for _ in range(words // WORDS_PER_SENTENCE)]

    def reworded(self, sentence: str, edits: int) -> str:
        words = sentence.split()
        for _ in range(edits):
            words[self.random.randrange(len(words))] = self.word()
        return " ".join(words)


def light(old: Sentences, writer: Writer) -> Sentences:
    """Ten sentences with one word changed, one inserted, one deleted, one moved."""
    new = list(old)
    for n in writer.random.sample(range(len(new)), min(10, len(new) // 4)):
        new[n] = writer.reworded(new[n], 1)
    new.insert(len(new) // 3, writer.sentence())
    del new[len(new) // 2]
    new.append(new.pop(2))
    return new


def heavy(old: Sentences, writer: Writer) -> Sentences:
    """15 % of the sentences replaced, 30 % with six words changed, 7 % dropped."""
    new = []
    for sentence in old:
        what = writer.random.random()
        if what < 0.15:
            new.append(writer.sentence())
        elif what < 0.45:
            new.append(writer.reworded(sentence, 6))
        elif what < 0.93:
            new.append(sentence)
    return new


def unrelated(old: Sentences, writer: Writer) -> Sentences:
    return [writer.sentence() for _ in old]


# --- who is measured ------------------------------------------------------------------------------


def ours(old: Sentences, new: Sentences) -> int:
    changed = 0
    for step in diff_texts(*(Text(tuple(side), tuple(range(len(side)))) for side in (old, new))):
        match step.operation:
            case "insert":
                changed += len(new[step.new])
            case "delete":
                changed += len(old[step.old])
            case "replace":
                changed += sum(len(piece) for kind, piece in step.words if kind != "equal")
    return changed


def with_difflib(old: Sentences, new: Sentences) -> int:
    changed = 0
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            a, b = split_tokens(" ".join(old[a1:a2])), split_tokens(" ".join(new[b1:b2]))
            changed += _changed(a, b, difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes())
    return changed


def with_rapidfuzz(old: Sentences, new: Sentences) -> int:
    a, b = split_tokens(" ".join(old)), split_tokens(" ".join(new))
    return _changed(a, b, ((o.tag, o.src_start, o.src_end, o.dest_start, o.dest_end) for o in Indel.opcodes(a, b)))


def _changed(a: list[str], b: list[str], opcodes: Iterable[tuple[str, int, int, int, int]]) -> int:
    return sum(sum(map(len, a[a1:a2])) + sum(map(len, b[b1:b2])) for kind, a1, a2, b1, b2 in opcodes if kind != "equal")


CONTENDERS: dict[str, Callable[[Sentences, Sentences], int]] = {
    "tracker": ours,
    "difflib": with_difflib,
    "rapidfuzz": with_rapidfuzz,
}


def measure_speed(sizes: list[int], difflib_limit: int) -> None:
    print(f"{'':24}" + "".join(f"{name:>22}" for name in CONTENDERS))
    for words in sizes:
        for change in (light, heavy, unrelated):
            writer = Writer(words)
            old = writer.article(words)
            new = change(old, writer)
            row, reference = f"{words:>7,} {change.__name__:16}", 0.0
            for name, contender in CONTENDERS.items():
                if name == "difflib" and change is not light and words > difflib_limit:
                    row += f"{'not tried':>22}"
                    continue
                taken, changed = _timed(contender, old, new)
                reference = reference or taken
                row += f"{taken * 1000:>8.0f} ms ×{taken / reference:<4.1f}{changed // 1000:>5}k"
            print(row)


def _timed(contender: Callable[[Sentences, Sentences], int], old: Sentences, new: Sentences) -> tuple[float, int]:
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        changed = contender(old, new)
        taken.append(time.perf_counter() - started)
        if taken[0] > 2:
            break
    return min(taken), changed


def measure_worst() -> None:
    writer = Writer(1)
    page = writer.article(20_000)
    edited = [writer.reworded(s, 2) if n % 25 == 0 else s for n, s in enumerate(page)]
    giant = [" ".join(writer.word() for _ in range(180_000)) for _ in range(2)]
    many = [writer.sentence() for _ in range(20_000)]
    shuffled = writer.random.sample(many, len(many))
    cases = {
        "20,000 words, 40 sentences edited": (page, edited),
        "20,000 identical sentences": (["It is so."] * 20_000, ["It is so."] * 19_999),
        "20,000 sentences shuffled": (many, shuffled),
        "20,000 sentences, one word each": (many, [writer.reworded(s, 1) for s in many]),
        "two unrelated sentences of 1 MB": ([giant[0]], [giant[1]]),
    }
    for name, (old, new) in cases.items():
        started = time.perf_counter()
        ours(old, new)
        print(f"{name:40}{(time.perf_counter() - started) * 1000:>8.0f} ms")


# --- agreement with labelled pairs ----------------------------------------------------------------

Pair = tuple[int, int]


def measure_agreement(path: Path) -> None:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            part = "unseen" if int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 4 == 0 else "seen"
            for n, count in enumerate(_agreement(row)):
                found[part][n] += count
    for part, (right, said, possible) in sorted(found.items()):
        precision, recall = right / said, right / possible
        f = 2 * precision * recall / (precision + recall)
        print(
            f"{part:8} {said:4} pairs said, {possible:4} possible: precision {precision:.3f}, recall {recall:.3f}, F {f:.3f}"
        )


def _agreement(row: dict) -> tuple[int, int, int]:
    labelled = {(s["old"], s["new"]) for s in row["sentences"] if s["old"] is not None and s["new"] is not None}
    steps = diff_texts(*(Text(tuple(row[side]), tuple(range(len(row[side])))) for side in ("old", "new")))
    same = [step for step in steps if step.operation in ("equal", "move")]
    same_old, same_new = {step.old for step in same}, {step.new for step in same}
    labelled = {(i, j) for i, j in labelled if i not in same_old and j not in same_new}
    said = {(step.old, step.new) for step in steps if step.operation == "replace"}
    return len(labelled & said), len(said), _most_pairs(labelled)


def _most_pairs(pairs: set[Pair]) -> int:
    """Count the pairs of a largest matching, by augmenting paths."""
    partners: dict[int, list[int]] = defaultdict(list)
    for i, j in sorted(pairs):
        partners[i].append(j)
    taken: dict[int, int] = {}

    def place(i: int, tried: set[int]) -> bool:
        for j in partners[i]:
            if j not in tried:
                tried.add(j)
                if j not in taken or place(taken[j], tried):
                    taken[j] = i
                    return True
        return False

    return sum(place(i, set()) for i in list(partners))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small texts only")
    quick = parser.parse_args().quick
    measure_speed([1_000] if quick else [1_000, 10_000, 50_000], difflib_limit=2_000)
    if not quick:
        print()
        measure_worst()
    print()
    labels = DATA / "newsedits/pairs.jsonl.gz"
    if labels.is_file():
        measure_agreement(labels)
    else:
        print(f"agreement skipped: {labels} is not there (TRACKER_DATA says where the data is)")
