"""Read what stands in quotation marks, across the sentences of a text.

A quotation may open in one sentence and close three sentences later, or never; it ends with its paragraph.  Every style of marks is read ("…", “…”, ''…'', «…», „…“),
single marks only where they cannot be an apostrophe.  The key of a quotation is its words: marks, commas and case do not count.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.facts.mentions import Mention
from tracker.facts.words import fold

_MARK = re.compile(r"''|``|[\"“”„«»″]|(?<!\w)[‘'](?=\w)|(?<=[\w.,!?])[’'](?!\w)")
_OPENING = set("“„«‘") | {"``"}
_CLOSING = set("”»")
_WORD = re.compile(r"[^\W_]+")
LONGEST_SCARE_QUOTE = 3  # words; a longer quotation is a statement


def find_quotes(sentences: Sequence[str], paragraph_of: Sequence[int]) -> list[list[Mention]]:
    """Find the quotations of a text: for each sentence, the stretches of it that stand in quotation marks."""
    found: list[list[Mention]] = []
    opened: str | None = None
    paragraphs_known = len(set(paragraph_of)) < len(paragraph_of)  # a list of sentences comes without
    for index, sentence in enumerate(sentences):
        if paragraphs_known and index and paragraph_of[index] != paragraph_of[index - 1]:
            opened = None
        quotes, opened = _quotes_of(sentence, opened)
        found.append(quotes)
    return found


def _quotes_of(sentence: str, opened: str | None) -> tuple[list[Mention], str | None]:
    quotes: list[Mention] = []
    marks = list(_MARK.finditer(sentence))
    if opened and marks and _looks_opening(sentence, marks[0]):
        opened = None  # a new quotation begins: the one before was never closed
    if not opened and marks and _looks_closing(sentence, marks[0]) and marks[0].start() > 0:
        opened = marks[0][0]  # it began in a sentence before
    start = 0 if opened else -1
    for match in marks:
        mark = match[0]
        single = mark in "‘'’"
        if opened is None:
            if mark in _CLOSING and mark != "»":
                continue  # closes what an earlier paragraph opened
            if mark == "’" or (mark == "'" and not re.match(r"\w", sentence[match.end() :])):
                continue  # a plural's apostrophe
            opened, start = mark, match.end()
        elif _closes(opened, mark, single):
            _add(quotes, sentence, start, match.start())
            opened, start = None, -1
    if opened is not None and start >= 0:
        if opened in ("'", "‘"):
            return quotes, None  # an apostrophe after all
        _add(quotes, sentence, start, len(sentence))
    return quotes, opened


def _looks_opening(sentence: str, match: re.Match[str]) -> bool:
    return match[0] in _OPENING or (
        (match.start() == 0 or sentence[match.start() - 1] in " (—–-\u00a0")
        and sentence[match.end() : match.end() + 1].isalnum()
    )


def _looks_closing(sentence: str, match: re.Match[str]) -> bool:
    if match[0] in "‘'’«»„“":
        return False
    return match[0] in _CLOSING or (
        sentence[: match.start()][-1:] not in ("", " ", "(")
        and sentence[match.end() : match.end() + 1] in ("", " ", ",", ".", ";", ")")
    )


def _closes(opened: str, mark: str, single: bool) -> bool:
    if opened in ("'", "‘"):
        return mark in "'’"
    return (not single and mark not in ("“", "„", "``")) or (opened == "„" and mark == "“")


def _add(quotes: list[Mention], sentence: str, start: int, end: int) -> None:
    while start < end and not sentence[start].isalnum():
        start += 1
    while end > start and not (sentence[end - 1].isalnum() or sentence[end - 1] in "?!."):
        end -= 1
    words = _WORD.findall(fold(sentence[start:end]))
    if words:
        features = {"scare"} if len(words) <= LONGEST_SCARE_QUOTE else set[str]()
        quotes.append(Mention("quote", start, end, " ".join(words), "quote", features=frozenset(features)))
