"""Tell a mended misprint from a change: nothing but spelling, hyphens, articles and other words without weight.

What passes here is never read further, so that tidying up a page costs next to nothing and cannot look like news.
Names, numbers and words that turn a meaning round ("not", "may", "all") never pass.

Computes only.
"""

from __future__ import annotations

import re
from itertools import groupby

from rapidfuzz.distance import OSA

from tracker.facts.furniture import length_of_dateline
from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.significance.thesaurus import lemmas, load_thesaurus
from tracker.facts.words import Token, fold, tokenize
from tracker.models import SentenceChange

_WEIGHTLESS = words("""a an the of that which who whom and also its it their his her this these those there in on at into within by with from has have had is was are were been being said says so then as
    der die das den dem des ein eine einen einem einer und dass im in am an auf le la les un une des du de et el los las una y del en het een van""")
_SHORTEST = 4  # letters of a word that may be misprinted; among shorter ones "not" and "now" are neighbours
_NUMBER = re.compile(r"\d[\d.,]*")
_LETTERS = re.compile(r"[^\W_]+")


def is_only_spelling(step: SentenceChange, language: Language) -> bool:
    """Say whether an edited sentence says the same, misspelled before or now.

    Args:
        step: An edited sentence with its words compared.
        language: Only for English it is known which words exist; elsewhere only hyphens, case and weightless words pass.
    """
    if not step.words:
        return False
    old, new = (_side(step, side) for side in ("delete", "insert"))
    if old[length_of_dateline(old) :] == new[length_of_dateline(new) :]:
        return True
    if _numbers(old, language) != _numbers(new, language):
        return False
    for changed, pieces in groupby(step.words, key=lambda piece: piece[0] != "equal"):
        if not changed:
            continue
        gone = come = ""
        for operation, text in pieces:
            gone += text if operation == "delete" else ""
            come += text if operation == "insert" else ""
        if not _same(gone, come, language):
            return False
    return True


def _side(step: SentenceChange, side: str) -> str:
    return "".join(text for operation, text in step.words if operation in ("equal", side))


def _numbers(text: str, language: Language) -> list[str]:
    """The numbers of a text in order, all in digits."""
    words = (_in_digits(t, language) or t.key for t in tokenize(text.replace("-", " ")))
    return [number for word in words for number in _NUMBER.findall(word)]


def _in_digits(token: Token, language: Language) -> str:
    """What a number word counts; nothing for other words and for what may be an article."""
    value = language.numbers.get(token.key)
    return "" if value is None or value == 1 else f"{value:g}"


def _same(gone: str, come: str, language: Language) -> bool:
    if any(mark in gone + come for mark in '"“”„«»?%$€£') or "''" in gone + come:
        return False
    if "".join(_LETTERS.findall(fold(gone))) == "".join(_LETTERS.findall(fold(come))):
        return not any(c.isdigit() for c in gone + come)
    before = [t for t in tokenize(gone) if t.key not in _WEIGHTLESS]
    after = [t for t in tokenize(come) if t.key not in _WEIGHTLESS]
    return len(before) == len(after) and all(_is_misprint(a, b, language) for a, b in zip(before, after, strict=True))


def _is_misprint(a: Token, b: Token, language: Language) -> bool:
    if a.key == b.key or (_in_digits(a, language) or a.key) == (_in_digits(b, language) or b.key):
        return True
    if not (a.key.isalpha() and b.key.isalpha()) or a.text[:1].isupper() or b.text[:1].isupper():
        return False
    if min(len(a.key), len(b.key)) < _SHORTEST or language.code != "en":
        return False
    distance = OSA.distance(a.key, b.key)
    if distance > (1 if min(len(a.key), len(b.key)) < 6 else 2):
        return False
    if _is_british(a.key, b.key) or _is_british(b.key, a.key):
        return True
    return not (_exists(a.key) and _exists(b.key))


def _is_british(one: str, other: str) -> bool:
    return one.replace("isation", "ization").replace("ise", "ize").replace("our", "or").replace("tre", "ter") == other


def _exists(word: str) -> bool:
    """A word of the language, in any of its forms."""
    thesaurus = load_thesaurus()
    return any(form in thesaurus for form in lemmas(word))
