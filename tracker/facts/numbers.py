"""Read the numbers of a sentence: how many, how much, of what.

Digits and words ("eleven", "twenty-five", "a dozen", "$1.5m", "2.5 per cent", "1,700"), ranges ("13 to 17"), scores ("2-1"), ordinals, and vague numbers
("several", "dozens") are read as values with a unit or the thing counted; what is said about the value ("at least", "nearly") is kept beside it.
Ours, because every library that was tried misread news copy (`dependencies`: "no one" as 1, "50 Hazara" as a currency).

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from tracker.facts.languages import Language, language_pack
from tracker.facts.mentions import Mention
from tracker.facts.words import Token, fold, is_content, stem

LARGEST = 1e15  # beyond it, words such as "hundred hundred hundred" are no number
_CURRENCIES = {
    "$": "USD",
    "us$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "usd": "USD",
    "eur": "EUR",
    "gbp": "GBP",
    "ps": "GBP",
    "a$": "AUD",
    "c$": "CAD",
    "hk$": "HKD",
}
_CURRENCY = r"(?:US\$|A\$|C\$|HK\$|[$€£¥]|\bUSD|\bEUR|\bGBP|\bPS(?=\d))"
_CASUALTIES = {
    "kill": "killed", "die": "killed", "murder": "killed", "casualty": "killed", "toll": "killed", "injure": "injured", "hospitalis": "injured", "hospitaliz": "injured",
    "miss": "missing", "arrest": "arrested", "detain": "arrested", "rescu": "rescued", "evacuat": "evacuated", "displac": "displaced", "infect": "infected",
    "tot": "killed", "tot getötet": "killed", "getötet": "killed", "verletzt": "injured", "tué": "killed", "tués": "killed", "mort": "killed", "morts": "killed", "blessé": "injured",
    "blessés": "injured", "muerto": "killed", "muertos": "killed", "herido": "injured", "heridos": "injured", "dood": "killed", "doden": "killed", "gewond": "injured", "gewonden": "injured",
    "tote": "killed", "verletzte": "injured",
}  # fmt: skip
_SPACED = r"[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]"  # a letter of a script that puts spaces between words: no number stands beside one
_CASUALTY_REACH = 6  # words between a number and the word that says what became of those counted
_MAGNITUDE = re.compile(r"\bmagnitude\b|\bRichter\b", re.IGNORECASE)


def find_numbers(
    sentence: str, tokens: Sequence[Token], language: Language, taken: Sequence[tuple[int, int]] = ()
) -> list[Mention]:
    """Find the numbers of a sentence, in order.

    Args:
        sentence: The sentence.
        tokens: Its words.
        language: Whose number words and bounds are read; digits are read in any.
        taken: Spans that are read as something else, dates and clock times above all.
    """
    found: list[Mention] = []
    for match in _pattern(language.code).finditer(sentence):
        start, end = match.span()
        if any(start < b and end > a for a, b in taken):
            continue
        mention = _number(sentence, match, tokens, language)
        if mention is not None:
            if found and _is_conversion(sentence, found[-1], mention):
                found[-1] = replace(found[-1], end=sentence.index(")", mention.start) + 1)
            else:
                found.append(mention)
    return found


def _is_conversion(sentence: str, first: Mention, second: Mention) -> bool:
    """Say whether a length is only told twice: "90ft (28m)"."""
    between = sentence[first.end : second.start].strip()
    return (
        between in ("(", "(about", "(some", "(around")
        and bool(re.match(r"[^()]{0,20}\)", sentence[second.end :]))
        and (first.role != second.role or not second.role)
    )


def _number(sentence: str, match: re.Match[str], tokens: Sequence[Token], language: Language) -> Mention | None:
    number, words, vague = match["number"], match["words"], match["vague"]
    low: float | None
    high: float | None = None
    if vague:
        low, base = None, fold(vague)
    elif words:
        low = _value_of_words(fold(words), language)
        base = "" if low is None else _plain(low)
    else:
        low = _value_of_digits(number, language)
        base = "" if low is None else _plain(low)
    if not base or (words and _is_pronoun(words, sentence, match)):
        return None
    scale = fold(match["scale"] or "")
    factor = language.scales.get(scale, 1.0)
    if low is not None:
        low *= factor
        base = _plain(low)
    if match["high"]:
        high = (_value_of_digits(match["high"], language) or 0.0) * factor
        base = f"{base}-{_plain(high)}"
    currency = _CURRENCIES.get(fold(match["currency"] or ""), "")
    unit = currency or language.units.get(fold(match["unit"] or match["unit2"] or ""), "")
    if not unit and match["ordinal"]:
        unit = "th"
    if not unit and _MAGNITUDE.search(sentence[max(0, match.start() - 20) : match.end() + 12]):
        unit = "magnitude"
    bound = language.bounds.get(re.sub(r"\s+", " ", fold(match["bound"] or "")).strip(), "")
    counted, last = _counted(match, tokens, language, unit)
    age = bool(re.match(r"[-–\s]years?[-–\s]old|(?<=aged.)", sentence[match.end() :])) or fold(
        sentence[: match.start()]
    ).endswith(("aged ", "age "))
    role = "age" if age else unit or (stem(counted, language) if counted else "")
    if age:
        unit, counted = "years old", "years old"
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    end = max(match.end(), last) if not (currency or unit) else match.end()
    features = {"vague"} if vague else set()
    if words and low == 1:
        features.add("one")
    if match["ordinal"]:
        features.add("ordinal")
    return Mention(
        kind="number", start=start, end=end, key=f"{base} {unit}".strip(), role=role, counted=unit if currency or age else counted or unit or None,
        value=low, bound=bound, features=frozenset(features),
    )  # fmt: skip


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _is_pronoun(words: str, sentence: str, match: re.Match[str]) -> bool:
    """Say whether "one" is no number, as mostly: "one of the key figures", "no one", "one another"."""
    if fold(words) not in (
        "one",
        "ein",
        "eine",
        "einer",
        "un",
        "une",
        "uno",
        "una",
        "een",
        "één",
        "half",
        "second",
        "seconds",
    ):
        return False
    after = fold(sentence[match.end() : match.end() + 12])
    before = fold(sentence[max(0, match.start() - 8) : match.start()])
    if fold(words) != "one":
        return True
    return bool(re.match(r"\s*(?:of|another|day|who|that|is|was|,|\.|$|time\b|side\b|way\b|thing)", after)) or bool(
        re.search(r"(?:\bno|any|every|some|the|this|that|which)\s+$", before)
    )


def _counted(match: re.Match[str], tokens: Sequence[Token], language: Language, unit: str) -> tuple[str | None, int]:
    """Say what is counted, and where its words end: first what became of those counted, then the noun."""
    after = [t for t in tokens if t.start >= match.end()]
    before = [t for t in tokens if t.end <= match.start()]
    noun, last = None, match.end()
    for token in after[:4]:
        if not is_content(token, language) or token.key[0].isdigit() or token.key in "$€£%?!":
            break
        if match.string[last : token.start].strip(" \u00a0-–'\""):
            break  # punctuation ends the noun phrase
        if stem(token.key, language) in _CASUALTIES:
            break
        noun, last = token.key, token.end
        if token.key.endswith(("s", "people", "men", "women", "children", "police")):
            break
    if unit:
        return unit, match.end()
    near = [*after[:_CASUALTY_REACH], *reversed(before[-_CASUALTY_REACH:])]
    for token in near:
        outcome = _CASUALTIES.get(stem(token.key, language)) or _CASUALTIES.get(token.key)
        between = (
            match.string[match.end() : token.start]
            if token.start >= match.end()
            else match.string[token.end : match.start()]
        )
        if outcome and not re.search(r"[;.:]| and | but |, (?!including)", between):
            if token.start >= match.end() and noun is None and token.start - match.end() <= 2:
                last = token.end
            return outcome, last
    return noun, last


def _value_of_digits(number: str, language: Language) -> float | None:
    text = number.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if language.decimal_comma:
        text = text.replace(".", "").replace(",", ".") if re.search(r"\.\d{3}(?!\d)|,", text) else text
    else:
        text = re.sub(r",(?=\d{3}(?!\d))", "", text).replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def _value_of_words(words: str, language: Language) -> float | None:
    total, current = 0.0, 0.0
    seen = False
    for word in re.split(r"[\s-]+", words):
        if word in language.numbers:
            value = language.numbers[word]
            current = current * value if word == "dozen" and current else current + value
            seen = True
        elif word in language.scales:
            scale = language.scales[word]
            if scale == 100:
                current = min((current or 1) * 100, LARGEST)
            else:
                total = min(total + (current or 1) * scale, LARGEST)
                current = 0.0
            seen = True
        elif word in language.number_joints:
            continue
        else:
            return None
    return total + current if seen else None


@lru_cache(maxsize=8)
def _pattern(code: str) -> re.Pattern[str]:
    pack = language_pack(code)
    digits = r"\d{1,3}(?:[,.\u202f\u00a0 ]\d{3})+(?:[.,]\d+)?(?![\d])|\d+(?:[.,]\d+)?"
    words = _alternatives([*pack.numbers, *(s for s in pack.scales if len(s) > 3)])
    joints = _alternatives(pack.number_joints) or r"(?!)"
    word_number = rf"(?:{words})(?:(?:[\s-]|\s(?:{joints})\s)(?:{words}))*" if words else r"(?!)"
    vague = _alternatives(pack.vague_numbers) or r"(?!)"
    bounds = _alternatives(pack.bounds) or r"(?!)"
    scales = _alternatives(pack.scales) or r"(?!)"
    units = _alternatives(pack.units) or r"(?!)"
    return re.compile(
        rf"(?:(?<![\w-])(?P<bound>{bounds})\s+(?:the\s+|a\s+)?)?"
        rf"(?:(?<!{_SPACED})(?<![.,#@/])(?P<currency>{_CURRENCY})?\s?(?P<number>{digits})(?P<ordinal>st|nd|rd|th\b)?(?:\s?(?:-|–|to|bis|à|a|tot)\s?(?:{_CURRENCY})?(?P<high>\d+(?:[.,]\d+)*)(?!\w*-))?"
        rf"(?:[\s-]?(?P<scale>{scales})(?![\w]))?(?:[\s-]?(?P<unit>{units})(?![\w]))?(?!{_SPACED})(?![@/])"
        rf"|(?<![\w-])(?P<vague>{vague})(?:\s+(?:hundred|thousand|million|billion|dozen))?(?![\w-])"
        rf"|(?<![\w-])(?P<words>{word_number})(?![\w])(?:[\s-](?P<unit2>{units})(?!\w))?)",
        re.IGNORECASE,
    )


def _alternatives(words: object) -> str:
    assert isinstance(words, (frozenset, list, dict)) or hasattr(words, "keys")
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]
