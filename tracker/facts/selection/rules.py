"""Where no model is needed: a value swapped inside a sentence that otherwise stayed.

If two sentences are the same but for one number, day, country or "not", that is what was changed, and a model trained on whole articles has no say.

Computes only.
"""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz.distance import OSA

from tracker.facts.candidate import Candidate
from tracker.facts.languages import Language
from tracker.facts.languages.en import COUNTRIES
from tracker.facts.mentions import Mention
from tracker.facts.places import lies_in
from tracker.facts.side import Side
from tracker.facts.words import content, tokenize

_SAME_SENTENCE = 0.4  # share of all meaning words; a short sentence with two words swapped has 0.43
_ONLY_THAT = 0.6  # the same, of a sentence with nothing else changed
_MARGINAL = 0.2
_SURE = 0.9
_LIKELY = 0.7
_BESIDE = 12  # characters
_GRAVE = ("kill", "injure", "miss", "magnitude", "arrest")  # roles of numbers that a story is about

_BYSTANDERS = ("witness", "eyewitness", "resident", "neighbo", "survivor", "relative", "activist")  # how they begin

Judged = tuple[float, float]  # probability that it is a reported fact, and that it is an essential one


def certain(candidate: Candidate, features: Mapping[str, float], old: Side, new: Side) -> Judged | None:
    """Judge a swapped value, or one that came or went in a sentence that stayed; None where the rules have nothing to say."""
    if candidate.rule:
        return candidate.rule
    alike = features["s:alike"]
    if _is_other_speaker(candidate, old, new):
        return _LIKELY, 0.1
    mention = candidate.mention
    if mention is not None and candidate.status != "replaced" and "said" in mention.features:
        return _MARGINAL, 0.0  # the day of a statement
    if alike < _SAME_SENTENCE and not _is_other_stage(candidate, old, new):
        return None
    if candidate.kind == "quote" and alike >= _ONLY_THAT and features["novel"] == 1.0 and not _is_nickname(candidate):
        return _LIKELY, 0.1  # words in quotation marks that the other version has not at all
    if (
        candidate.kind == "quote"
        and candidate.status == "replaced"
        and alike >= _ONLY_THAT
        and _says_otherwise(candidate, old, new)
    ):
        return _LIKELY, 0.1
    if candidate.status == "replaced":
        return _replaced(candidate, features, old, new)
    return _alone(candidate, features, new if candidate.new else old) if alike >= _ONLY_THAT else None


def _replaced(candidate: Candidate, features: Mapping[str, float], old: Side, new: Side) -> Judged | None:
    a, b = candidate.old_mention, candidate.new_mention
    if candidate.kind == "certainty":
        return _certainty(a.key if a else "", b.key if b else "", features["s:alike"])
    if a is None or b is None or candidate.old is None or candidate.new is None:
        return None
    opening = candidate.new[0] == 0
    if candidate.kind == "number":
        if features.get("v:number close"):
            return _MARGINAL if a.bound != b.bound else _SURE, 0.2  # rounded, or counted again
        both_vague = "vague" in a.features and "vague" in b.features
        return None if both_vague else (_SURE, 0.9 if a.role in _GRAVE or opening else 0.3)
    if candidate.kind == "time" and a.role == b.role and a.role in ("day", "clock", "year", "span", "month"):
        relative = (
            not (a.key[0].isdigit() and b.key[0].isdigit()) and a.role == "day" and not a.key.startswith("weekday")
        )
        return (
            (_SURE, 0.7 if opening else 0.2) if a.role != "day" or (_are_dates(a.key, b.key) and not relative) else None
        )
    if candidate.kind == "location" and _is_more_exact(a, b, old, new):
        return _MARGINAL, 0.0
    if (
        candidate.kind in ("location", "identity", "attribution")
        and _are_strangers(candidate, old, new)
        and _are_alike(a, b, new.language)
    ):
        return _SURE, 0.8 if opening or candidate.kind == "attribution" else 0.3
    if candidate.kind == "sourcing" and _are_other_sources(a, b, old, new):
        return _LIKELY, 0.1
    return None


def _are_other_sources(a: Mention, b: Mention, old: Side, new: Side) -> bool:
    """Sources that are told apart by more than a word, or one of which only saw it: "the government" and "the authorities" may be the same people, witnesses are not."""
    x, y = set(a.key.split()), set(b.key.split())
    if _saw_it(x) != _saw_it(y):
        return True
    return min(len(x), len(y)) > 1 and not x & new.stems and not y & old.stems


def _is_other_speaker(candidate: Candidate, old: Side, new: Side) -> bool:
    """The same statement under another name: two countries, or two names that share no word and that the other version has not."""
    a, b = candidate.old_mention, candidate.new_mention
    if candidate.kind != "sourcing" or a is None or b is None or candidate.old is None or candidate.new is None:
        return False
    x, y = frozenset(a.key.split()), frozenset(b.key.split())
    rest = old.stems_of[candidate.old[0]] - x, new.stems_of[candidate.new[0]] - y
    if len(rest[0] & rest[1]) < _ONLY_THAT * len(rest[0] | rest[1]):
        return False
    if x | y <= COUNTRIES:
        return x != y
    named = "named" in a.features and "named" in b.features
    return named and not x & y and not x & new.stems and not y & old.stems


def _is_other_stage(candidate: Candidate, old: Side, new: Side) -> bool:
    """A short statement in which nothing but the stage is another: "The road remains closed." → "The road has reopened."."""
    if candidate.kind != "certainty" or candidate.old is None or candidate.new is None:
        return False
    if candidate.old_mention is None or candidate.new_mention is None:
        return False
    before, after = (
        side.stems_of[span[0]] - content(tokenize(side.reader.sentences[span[0]][span[1] : span[2]]), side.language)
        for side, span in ((old, candidate.old), (new, candidate.new))
    )
    return bool(before) and before == after


def _saw_it(words: set[str]) -> bool:
    return any(word.startswith(_BYSTANDERS) for word in words)


def _is_nickname(candidate: Candidate) -> bool:
    """A word or two in quotation marks that are gone: what somebody or something is called."""
    return candidate.status == "removed" and candidate.mention is not None and len(candidate.mention.key.split()) <= 2


def _says_otherwise(candidate: Candidate, old: Side, new: Side) -> bool:
    """Words of meaning in the quotation are others: not only cut, put in brackets or spelled another way."""
    if candidate.old is None or candidate.new is None:
        return False
    texts = [
        side.reader.sentences[span[0]][span[1] : span[2]] for span, side in ((candidate.old, old), (candidate.new, new))
    ]
    if any(mark in text for text in texts for mark in ("[", "...", "…")):
        return False
    before, after = (content(tokenize(text), new.language) for text in texts)
    gone, come = before - after, after - before
    return bool(gone or come) and not any(_are_spellings(x, y) for x in gone for y in come)


def _are_alike(a: Mention, b: Mention, language: Language) -> bool:
    """Two names of one kind: a person for a person, a country for a country.

    A name for a title, an office or a nationality is mostly another word for the same: of 27 such edits of news 7 were logged.
    Outside English it is often not known what a name is, and no model decides in the rule's place.
    """
    if a.kind == "attribution" or language.code != "en":
        return True
    return a.role == b.role and a.role in ("person", "place", "country", "organisation")


def _alone(candidate: Candidate, features: Mapping[str, float], side: Side) -> Judged | None:
    """Judge what is the only thing that came or went.

    On single edits of news a source that came or went was logged in 39 of 53 cases; a name in 5 of 21 and a place in 5 of 19,
    so of these the model decides, unless the text itself calls it a place.
    """
    mention = candidate.mention
    if candidate.kind == "event":
        return (
            (_MARGINAL, 0.0) if features.get("c:verb") == 0.0 else None
        )  # "the city's chief engineer": says who it is
    if mention is None or features["novel"] < 1.0:
        return None
    if candidate.kind == "sourcing" and "pronoun" not in mention.features:
        return _LIKELY, 0.1
    if candidate.kind == "certainty" and mention.key.startswith(("sure:", "law:")):
        return _LIKELY, 0.3
    if candidate.kind == "identity" and side.language.code != "en" and len(mention.key.split()) > 1:
        return _LIKELY, 0.3  # the models know English alone
    if candidate.kind == "location" and _is_called_a_place(mention, candidate, side):
        return _LIKELY, 0.2
    return None


def _is_called_a_place(mention: Mention, candidate: Candidate, side: Side) -> bool:
    """The text itself says that the name is a place: "Kessarra district", "the village of Ollen"."""
    span = candidate.new or candidate.old
    assert span is not None
    sentence = side.reader.sentences[span[0]]
    beside = tokenize(sentence[max(0, mention.start - _BESIDE) : mention.end + _BESIDE])
    return any(token.key in side.language.places for token in beside)


def _are_strangers(candidate: Candidate, old: Side, new: Side) -> bool:
    """Neither value stands anywhere in the other version: not a longer form of a name, nor one of several that are named."""
    assert candidate.old is not None
    assert candidate.new is not None
    before, after = (
        content(tokenize(side.reader.sentences[span[0]][span[1] : span[2]]), side.language)
        for span, side in ((candidate.old, old), (candidate.new, new))
    )
    if not before or not after or before & new.stems or after & old.stems:
        return False
    return not any(_are_spellings(x, y) for x in before for y in after)


def _are_spellings(one: str, other: str) -> bool:
    """Say whether two words may be one: "Tex." and "Texas", "U.N." and "UN", "CPFB" and "CFPB"; Iran and Iraq are none."""
    a, b = sorted((one.replace(".", ""), other.replace(".", "")), key=len)
    return b.startswith(a) or (sorted(a) == sorted(b) and OSA.distance(a, b) == 1)


def _is_more_exact(a: Mention, b: Mention, old: Side, new: Side) -> bool:
    """One of two places lies in the other."""
    return any(
        old.says_lies_in(x, y) or new.says_lies_in(x, y) or lies_in(x, y) for x, y in ((a.key, b.key), (b.key, a.key))
    )


def _are_dates(a: str, b: str) -> bool:
    """Two different days, rather than a day and a part of it."""
    return (
        a.split()[0] != b.split()[0]
        and a[0].isdigit() == b[0].isdigit()
        and a.startswith("weekday") == b.startswith("weekday")
    )


def _certainty(a: str, b: str, alike: float) -> Judged | None:
    for level in ("law", "fate", "running", "health", "share"):
        if a.startswith(level) and b.startswith(level) and a != b:
            return _SURE if level in ("law", "fate") else _LIKELY, 0.9 if level in ("law", "fate") else 0.4
    if alike >= _ONLY_THAT and a != b and (a.startswith("sure:") or b.startswith("sure:")):
        return _LIKELY, 0.4  # a word of hedging
    if alike >= _ONLY_THAT and "negation:not" in (a, b) and (not a or not b):
        return _LIKELY, 0.6
    return None
