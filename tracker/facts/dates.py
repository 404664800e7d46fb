"""Read the days, clock times and durations of a sentence.

A day is resolved against the article's own date to the nearest day that fits, not the last one: an article of April 7 that speaks of April 9 means two days later
(the usual "the last one" would say a year earlier).  Without a date, "Thursday" stays a Thursday.  The key of a mention is the day, time or span it stands for.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from tracker.facts.languages import Language, language_pack
from tracker.facts.mentions import Mention
from tracker.facts.words import fold

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s?(?P<half>[ap]\.?\s?m\b\.?)|(?<![\d.,:])(?P<hour24>[01]?\d|2[0-3])[:h](?P<minute24>[0-5]\d)(?!\d)|(?P<uhr>\d{1,2})(?:[.:]\d{2})?\s?(?:Uhr|heures|uur|horas)\b"
    r"|(?<![\d.,:$€£])(?P<zulu>\d{4})(?=\s?(?:GMT|BST|UTC|CET|local time|hours))"
)


LONGEST_ABBREVIATION = 5  # letters of a day's or month's short form: "Thurs.", "Sept."


def find_times(sentence: str, language: Language, base: date | None) -> list[Mention]:
    """Find the days, times and durations of a sentence, in order.

    Args:
        sentence: The sentence.
        language: Whose month and day names are read; numeric dates and clock times are read in any.
        base: The article's own date.
    """
    found: list[Mention] = []
    for match in _pattern(language.code).finditer(sentence):
        key, role, features = _read(match, language, base)
        if key:
            end = match.end() - _ends_sentence(match[0])
            found.append(Mention("time", match.start(), end, key, role, features=frozenset(features)))
    return found


def _ends_sentence(text: str) -> bool:
    """Say whether a full stop ends the sentence ("Friday.") rather than an abbreviation ("Fri.", "Sept.", "a.m.")."""
    word = text.rstrip(".").rpartition(" ")[2]
    return text.endswith(".") and "." not in word and not word.isdigit() and len(word) > LONGEST_ABBREVIATION


def base_date(dated: Iterable[date | None], sentences: Iterable[str], language: Language) -> date | None:
    """The article's own date: as published, or else the latest full date that its text names."""
    given = [day for day in dated if day is not None]
    if given:
        return given[0]
    named: list[date] = []
    for sentence in sentences:
        for match in _pattern(language.code).finditer(sentence):
            day = _full_date(match, language)
            if day is not None:
                named.append(day)
    return max(named, default=None)


def _full_date(match: re.Match[str], language: Language) -> date | None:
    groups = match.groupdict()
    month = language.months.get(fold(groups.get("month") or groups.get("month2") or "").rstrip("."))
    day, year = groups.get("day") or groups.get("day2"), groups.get("year") or groups.get("year2")
    if groups.get("iso"):
        return _date(int(groups["iso"][:4]), int(groups["iso"][5:7]), int(groups["iso"][8:10]))
    return _date(int(year), month, int(day)) if month and day and year else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read(match: re.Match[str], language: Language, base: date | None) -> tuple[str, str, set[str]]:
    groups = match.groupdict()
    text = re.sub(r"\s+", " ", fold(match[0]))
    if groups["iso"]:
        return groups["iso"], "day", set()
    if groups["month"] or groups["month2"]:
        return _month(groups, language, base)
    if groups["weekday"]:
        return _weekday(language.weekdays[fold(groups["weekday"]).rstrip(".")], groups, base)
    if groups["relative"]:
        return _relative(text, language, base)
    year = groups["year3"] or groups["year4"]
    if year:
        return year, "year", {"past"} if base and int(year[:4]) < base.year else set()
    if groups["ago"] or groups["span"]:
        return _in_digits(text, language), "span", {"past"} if groups["ago"] else set()
    if groups["part"]:
        return text.split()[-1], "part", set()
    return _clock(groups), "clock", set()


def _in_digits(span: str, language: Language) -> str:
    """Write the number words of a span in digits: "ten years" and "ten-year" are "10 years" and "10 year"."""
    words = span.replace("-", " ").split()
    return " ".join(f"{language.numbers[word]:g}" if word in language.numbers else word for word in words)


def _month(groups: dict[str, str | None], language: Language, base: date | None) -> tuple[str, str, set[str]]:
    name = fold(groups["month"] or groups["month2"] or "").rstrip(".")
    month = language.months.get(name)
    if month is None:
        return "", "", set()
    day = groups["day"] or groups["day2"]
    year = groups["year"] or groups["year2"]
    if name == "may" and not (day or year):
        return ("", "", set()) if (groups["month"] or groups["month2"]) == "may" else ("-05", "month", set())
    if not day:
        return f"{year or ''}-{month:02d}", "month", {"past"} if year and base and int(year) < base.year else set()
    if not year and base is None:
        return f"-{month:02d}-{int(day):02d}", "day", set()
    years = [int(year)] if year else [base.year - 1, base.year, base.year + 1] if base else []
    days = [d for d in (_date(y, month, int(day)) for y in years) if d is not None]
    if not days:
        return "", "", set()
    nearest = min(days, key=lambda d: abs((d - base).days)) if base else days[0]
    return nearest.isoformat(), "day", {"past"} if base and (base - nearest).days > 60 else set()


def _weekday(weekday: int, groups: dict[str, str | None], base: date | None) -> tuple[str, str, set[str]]:
    part = fold(groups["weekday_part"] or "").strip()
    if base is None:
        return f"weekday {weekday} {part}".strip(), "day", set()
    shift = (weekday - base.weekday()) % 7
    if shift > 3 or (shift and shift > 1):
        shift -= 7
    if fold(groups["which"] or "").strip() == "next":
        shift = shift % 7 or 7
    return f"{(base + timedelta(days=shift)).isoformat()} {part}".strip(), "day", set()


def _relative(text: str, language: Language, base: date | None) -> tuple[str, str, set[str]]:
    days = language.relative_days.get(text)
    if days is None:
        return (
            text,
            "relative",
            {"past"} if re.match(r"last (?!night)|previous|earlier|letzte|dernier|pasad|vorig", text) else set(),
        )
    return ((base + timedelta(days=days)).isoformat() if base else text), "day", set()


def _clock(groups: dict[str, str | None]) -> str:
    if groups["zulu"]:
        return f"{int(groups['zulu'][:2])}:{groups['zulu'][2:]}"
    if groups["hour"]:
        hour = int(groups["hour"]) % 12 + (12 if fold(groups["half"] or "a").startswith("p") else 0)
        return f"{hour}:{groups['minute'] or '00'}"
    if groups["hour24"]:
        return f"{int(groups['hour24'])}:{groups['minute24']}"
    return f"{int(groups['uhr'] or 0)}:00"


@lru_cache(maxsize=8)
def _pattern(code: str) -> re.Pattern[str]:
    pack = language_pack(code)

    def names(words: Iterable[str]) -> str:
        return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True)) or r"(?!)"

    months, weekdays, parts = names(pack.months), names(pack.weekdays), names(pack.day_parts)
    relative, spans = names(pack.relative_days), names(pack.durations)
    counts = names([*pack.numbers, "a", "an", "several", "few", "couple of", "ein", "einer", "un", "une", "una", "een"])
    year = r"(?:1[89]|20)\d{2}"
    return re.compile(
        rf"(?<![\w-])(?:(?P<iso>{year}-\d{{2}}-\d{{2}})"
        rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?(?P<month>{months})\b\.?(?:,?\s+(?:de\s+)?(?P<year>{year}))?"
        rf"|(?P<month2>{months})\b\.?(?:\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:\d|\.\d|,\d))?(?:,?\s+(?P<year2>{year}))?"
        rf"|(?P<which>(?:last|next|this)\s+)?(?P<weekday>{weekdays})\b\.?(?P<weekday_part>\s+(?:early\s+|late\s+)?(?:{parts}))?"
        rf"|(?P<relative>{relative}|(?:last|next|this|previous|earlier\s+this|later\s+this|the\s+previous)\s+(?:week|month|year|weekend|summer|winter|spring|autumn|fall|night|morning|afternoon|evening))"
        rf"|(?P<ago>(?:about\s+|around\s+|more\s+than\s+)?(?:\d+|{counts})\s+(?:{spans})\s+(?:ago|earlier|later|after|before)|(?:vor|hace|il\s+y\s+a)\s+(?:\d+|{counts})\s+(?:{spans}))"
        rf"|(?P<clock>{_CLOCK})(?:\s+(?:GMT|BST|UTC|CET|EST|EDT|ET|local\s+time))?"
        rf"|(?P<span>(?:\d+|{counts})(?:\s+to\s+\d+)?[\s-](?:{spans}))(?![\w-]|\s+old|-old)"
        rf"|(?:in|since|of|by|from|until|during|before|after)\s+(?:the\s+)?(?P<year3>(?:19|20)\d{{2}}s?)(?![\w,.]?\d|\s?(?:people|m\b|km|miles|metres|GMT))"
        rf"|(?P<year4>(?:19|20)\d{{2}})(?=\s*[,.;:)]|$)(?![\w,.]\d)"
        rf"|(?P<part>(?:early\s+|late\s+)?(?:in\s+the\s+|on\s+the\s+|at\s+)?(?:{parts})))(?!\w)",
        re.IGNORECASE,
    )
