"""Guess a text's language from its commonest words.

Only the languages whose notices we know are told apart; anything else is None, which every user of a language accepts.

Computes only.
"""

from __future__ import annotations

import re

_STOP_WORDS = {
    "en": "the of and to in that is was for on with he said it as by at from are be has have not they which were his will this",
    "de": "der die das und ist nicht mit auf ein eine den dem des sich auch von zu für wird wurde bei nach sind im als aus dass er sie",
    "fr": "le la les des et est dans que qui une un du pour pas sur au avec ce il plus par sont cette ont été aux mais elle se",
    "es": "el la los las de que y en un una por con para del se no su al es lo como más pero ha este sus han fue son",
    "nl": "de het een en van is dat niet op te voor met zijn in er aan ook door om maar bij naar hij wordt werd uit nog heeft zij",
}
_SETS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 400  # words; the guess does not change after about 100


def guess_language(text: str) -> str | None:
    """Name the language that most of the stop-words belong to: ISO 639-1, or None when that is not clear.

    One word in ten must be a stop-word and the winner must lead by a tenth; "la" and "de" are words of several languages.
    """
    words = [match.group().lower() for match, _ in zip(_WORD.finditer(text), range(_SAMPLE), strict=False)]
    counts = sorted(((sum(word in stop for word in words), language) for language, stop in _SETS.items()), reverse=True)
    (best, language), (second, _) = counts[:2]
    if best < 0.1 * len(words) or best <= 1.1 * second or best < 2:
        return None
    return language


def normalize_language(tag: str | None) -> str | None:
    """Reduce a language tag ("en-GB", "de_DE") to its ISO 639-1 code, None when it is not one."""
    match = re.match(r"\s*([A-Za-z]{2})(?:$|[-_\s])", tag or "")
    return match.group(1).lower() if match else None
