"""Texts that an address serves in turn: headline tests, and whatever else changes from look to look without anybody editing it.

A single check cannot tell an edit from a variant: either way the text is not what it was.  Two things make a second look worth its request: the change is
one that tests are made of (the headline, and next to nothing else), or the text is one that the address has shown lately.  Then the page is fetched a few times more.
Texts alternate if one comes back after another was seen in between; an edit does not do that within seconds.

What is known to alternate is counted from then on and not told again.  Everything else that changes in the meantime is an edit, and is told as ever:
a text counts as a variant only if it is word for word one of them, or differs from the latest in nothing but the sentences that alternate.

Computes only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tracker.models import StoredVersion, Variant, Version
from tracker.text import normalize, same_links, text_of

SECOND_LOOKS: Final = 4  # of a text that may be a variant: even variants (50 %) hide from all of them once in 16 times
LOOKS_TO_MEASURE: Final = 10  # of texts that do alternate, the first included: shares good to some 15 points
LATELY: Final = timedelta(days=7)  # a headline test lasts hours; who goes back to a text of last month has edited it
SMALL: Final = 1  # sentences beside the headline (a standfirst) that a headline test may exchange too
SURE: Final = 0.001  # the chance of a false end; even texts (50 %) then settle after 18 looks in a row, later 12
FEWEST_TO_SETTLE: Final = 5  # looks in a row, however rare the others were
MOST_TO_SETTLE: Final = 40  # looks in a row, however rare the others were
LONGEST_SHOWN: Final = 90  # characters of a headline in an event


def may_alternate(old: Version, new: Version, earlier: StoredVersion | None, at: datetime) -> bool:
    """Say whether a change is worth a second look.

    Args:
        old: The text before.
        new: The text now.
        earlier: The newest version that had the same text, where there is one.
        at: The present.
    """
    if earlier is not None and at - earlier.last_seen_at <= LATELY:
        return True
    if not old.headline or not new.headline or _headlines(old) == _headlines(new):
        return False
    gone, came = Counter(_body(old)), Counter(_body(new))
    return (gone - came).total() <= SMALL and (came - gone).total() <= SMALL


def do_alternate(looks: Sequence[str]) -> bool:
    """Say whether a text came back after another one was seen; `looks` are the digests of texts, in the order in which they were seen."""
    steps = [digest for n, digest in enumerate(looks) if n == 0 or looks[n - 1] != digest]
    return len(set(steps)) < len(steps)


def variant_of(new: Version, latest: Version, variants: Sequence[Variant]) -> Variant | None:
    """Find the variant that a text is, carried over to what the article says by now.

    Args:
        new: A text that was not seen before.
        latest: The latest version of the article.
        variants: The texts that alternate.

    Returns:
        The variant; None where more than the sentences that alternate is different from `latest`.
    """
    if not same_links(new, latest):
        return None
    alternating = {mark for variant in variants for mark in variant.marks}
    if _without(new, alternating) != _without(latest, alternating):
        return None
    chosen = tuple(sentence for sentence in _sentences(new) if sentence in alternating)
    return next((variant for variant in variants if variant.marks == chosen), None)


def marks_of(texts: Sequence[Version]) -> list[tuple[str, ...]]:
    """Give for each of the texts that alternate the sentences that are not in all of them."""
    shared = frozenset.intersection(*(frozenset(_sentences(text)) for text in texts))
    return [tuple(sentence for sentence in _sentences(text) if sentence not in shared) for text in texts]


def nearest(new: Version, texts: Sequence[Version]) -> int:
    """Find the text that has the most sentences in common with a new one; of equals the last."""
    wanted = Counter(_sentences(new))
    common = [(wanted & Counter(_sentences(text))).total() for text in texts]
    return len(common) - 1 - common[::-1].index(max(common))


def settled(variants: Sequence[Variant]) -> Variant | None:
    """Find the variant that is the only one left: were the others still served as often as before, they would have been seen again by now."""
    looks = sum(variant.looks for variant in variants)
    for variant in variants:
        run = variant.in_a_row
        if run >= MOST_TO_SETTLE or (
            run >= FEWEST_TO_SETTLE and _chance(variant.looks - run, looks - run, run) <= SURE
        ):
            return variant
    return None


def _chance(shown: int, looks: int, run: int) -> float:
    """Say how likely a text that was shown in so many of the looks before is to be shown so many times in a row now.

    The share is known from a few looks only, so every share is taken into account with its likelihood (the rule of succession, applied `run` times).
    """
    return math.prod((shown + 1 + n) / (looks + 2 + n) for n in range(run))


def counted(variants: Sequence[Variant], digest: str) -> list[Variant]:
    """Count one more look, which showed the text of this digest."""
    return [
        replace(
            one,
            looks=one.looks + (one.version.digest == digest),
            in_a_row=one.in_a_row + 1 if one.version.digest == digest else 0,
        )
        for one in variants
    ]


def shares(texts: Sequence[tuple[int, str | None, int]]) -> str:
    """Say how often each text was seen: "headline variants: “Fire in the port” 60 %, “Fire kills 12” 40 % of 10 looks".

    Args:
        texts: For each its number among the versions, its headline, and the looks that showed it.
    """
    total = sum(looks for _, _, looks in texts)
    headlines = [headline and normalize(headline) for _, headline, _ in texts]
    told_by_headline = None not in headlines and len(set(headlines)) == len(headlines)
    names = [name_of(number, headline if told_by_headline else None) for number, headline, _ in texts]
    parts = [
        f"{name} {round(100 * looks / total)}\N{NO-BREAK SPACE}%"
        for name, (_, _, looks) in zip(names, texts, strict=True)
    ]
    return f"{'headline' if told_by_headline else 'text'} variants: {', '.join(parts)} of {total:,} looks"


def name_of(number: int, headline: str | None) -> str:
    """Name a variant by its headline; by the number of its version where that says nothing."""
    if not headline:
        return f"version {number}"
    line = " ".join(headline.split())
    return f"“{line}”" if len(line) <= LONGEST_SHOWN else f"“{line[: LONGEST_SHOWN - 1].rstrip()}…”"


def _without(version: Version, sentences: Collection[str]) -> list[str]:
    return [sentence for sentence in _sentences(version) if sentence not in sentences]


def _sentences(version: Version) -> list[str]:
    text = text_of(version)
    return [
        ("headline: " if number == 0 and text.headline else "") + normalize(sentence)
        for number, sentence in enumerate(text.sentences)
    ]


def _headlines(version: Version) -> list[str]:
    return [normalize(headline) for headline in (version.headline, version.shown_headline) if headline]


def _body(version: Version) -> list[str]:
    text = text_of(version)
    return [normalize(sentence) for sentence in text.sentences[len(_headlines(version)) if text.headline else 0 :]]
