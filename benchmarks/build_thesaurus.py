"""Write the thesaurus that `tracker.facts.significance` reads, from WordNet 3.0 (Debian: apt-get install wordnet-base).

    python benchmarks/build_thesaurus.py [/usr/share/wordnet]

Words of WordNet's tagged texts alone (22,271 of 147,306), single and in lower case: what is rarer is not swapped for a synonym in the news.
Each line begins with its relation: "=" words of one meaning; ">" a word, then words for the same with a wider meaning; "~" a word, then words built from it
(killing, killer); "!" a word, then its opposites; "n", "v", "a", "r" a word that is mostly a noun, a verb, an adjective, an adverb.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).parents[1] / "tracker/facts/significance/thesaurus.txt.gz"
PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
SENSES = 2  # of a word, the most frequent, that have a wider meaning: further ones join words by chance
WIDER, SIMILAR, DERIVED, OPPOSITE = ("@", "@i"), ("&",), ("+", "\\"), ("!",)
_WORD = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Synset:
    words: tuple[str, ...]
    pointers: tuple[tuple[str, str, int, int], ...]  # relation, target, word of this synset, word of the target


def read_synsets(folder: Path) -> dict[str, Synset]:
    synsets = {}
    for part, letter in PARTS.items():
        for line in (folder / f"data.{part}").read_text(encoding="utf-8").splitlines():
            if not line.startswith("  "):
                fields = line.split(" | ")[0].split()
                count = int(fields[3], 16)
                words = tuple(fields[4 + 2 * at].split("(")[0] for at in range(count))
                start = 5 + 2 * count
                pointers = [fields[at : at + 4] for at in range(start, start + 4 * int(fields[start - 1]), 4)]
                synsets[fields[0] + letter] = Synset(
                    words,
                    tuple(
                        (p[0], p[1] + p[2].replace("s", "a"), int(p[3][:2], 16), int(p[3][-2:], 16)) for p in pointers
                    ),
                )
    return synsets


def read_counts(folder: Path) -> tuple[Counter[str], dict[str, str]]:
    """Read how often each word was tagged, and as which part of speech most often."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in (folder / "cntlist.rev").read_text(encoding="utf-8").splitlines():
        key, _, count = line.split()
        word, sense = key.split("%")
        counts[word]["?nvara"[int(sense[0])]] += int(count)
    mostly = {word: parts.most_common(1)[0][0] for word, parts in counts.items()}
    return Counter({word: parts.total() for word, parts in counts.items()}), mostly


def read_senses(folder: Path) -> dict[str, list[str]]:
    """Read each word's synsets per part of speech, the most frequent sense first."""
    senses: dict[str, list[str]] = defaultdict(list)
    for part, letter in PARTS.items():
        for line in (folder / f"index.{part}").read_text(encoding="utf-8").splitlines():
            if not line.startswith("  "):
                fields = line.split()
                senses[fields[0]] += [offset + letter for offset in fields[-int(fields[2]) :][:SENSES]]
    return senses


def relations(
    synsets: dict[str, Synset], counts: Counter[str], senses: dict[str, list[str]]
) -> Iterator[tuple[str, str, str]]:
    """Yield (relation, word, other word)."""

    def common(words: tuple[str, ...]) -> list[str]:
        return [word for word in words if counts[word] and _WORD.fullmatch(word)]

    for name, synset in synsets.items():
        for relation, target, source_word, target_word in synset.pointers:
            other = synsets[target]
            sources = common(synset.words if not source_word else (synset.words[source_word - 1],))
            targets = common(other.words if not target_word else (other.words[target_word - 1],))
            sign = (
                ">"
                if relation in WIDER + SIMILAR
                else "~"
                if relation in DERIVED
                else "!"
                if relation in OPPOSITE
                else ""
            )
            if sign == ">":
                sources = [word for word in sources if name in senses[word]]
            yield from ((sign, a, b) for a in sources for b in targets if sign and a != b)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/wordnet")
    synsets, (counts, mostly) = read_synsets(folder), read_counts(folder)
    lines = {f"{part} {word}" for word, part in mostly.items() if _WORD.fullmatch(word)}
    for synset in synsets.values():
        words = [word for word in synset.words if counts[word] and _WORD.fullmatch(word)]
        if len(words) > 1:
            lines.add("= " + " ".join(words))
    related: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sign, word, other in relations(synsets, counts, read_senses(folder)):
        related[sign, word].add(other)
    lines |= {f"{sign} {word} {' '.join(sorted(others))}" for (sign, word), others in related.items()}
    text = "\n".join(sorted(lines)) + "\n"
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(lines)} lines, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
