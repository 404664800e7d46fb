"""Read how sure a sentence is, and how far a thing has come.

Each marker ("may", "is expected to", "not", "arrested", "missing", "suspended") belongs to a class and stands for a level of it; the span is the marker with the words that it marks,
so that a reader finds it.  A change of level is a change of certainty: alleged → confirmed, planned → done, arrested → charged, missing → dead.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from tracker.facts.languages import Language, language_pack
from tracker.facts.mentions import Mention
from tracker.facts.words import PARTICLES, Token, fold, is_content, stem

_REACH = 5  # words after a marker that belong to it


def find_certainty(
    sentence: str, tokens: Sequence[Token], language: Language, taken: Sequence[tuple[int, int]] = ()
) -> list[Mention]:
    """Find the markers of certainty and state in a sentence, in order, each with the words that it marks.

    Args:
        sentence: The sentence.
        tokens: Its words.
        language: Whose markers are read.
        taken: Spans that cannot hold a marker: quotations of somebody else's words stay in, dates ("May") do not.
    """
    folded = fold(sentence)
    if len(folded) != len(sentence) or not language.markers:
        return []
    found: list[Mention] = []
    for match in _pattern(language.code).finditer(folded):
        start, end = match.span()
        phrase = re.sub(r"\s+", " ", match[0])
        if any(start < b and end > a for a, b in taken) or (
            phrase == "may" and sentence[start].isupper() and start > 0
        ):
            continue
        level = language.markers[phrase]
        following = [t for t in tokens if t.start >= end]
        marked = _marked(sentence, following, end, language)
        head = next((stem(t.key, language) for t in marked if is_content(t, language)), "")
        stop = marked[-1].end if marked else end
        found.append(Mention("certainty", start, stop, f"{level[0]}:{level[1]}", head, features=frozenset([phrase])))
    return found


def _marked(sentence: str, following: Sequence[Token], end: int, language: Language) -> list[Token]:
    marked: list[Token] = []
    at = end
    for token in following[:_REACH]:
        if re.search(r"[,;:()\"“”]|''|[.!?]\s|--", sentence[at : token.start]):
            break
        marked.append(token)
        at = token.end
    while marked and marked[-1].key in language.function_words and marked[-1].key not in PARTICLES:
        marked.pop()
    return marked


@lru_cache(maxsize=8)
def _pattern(code: str) -> re.Pattern[str]:
    markers = sorted(language_pack(code).markers, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(m).replace(r"\ ", r"\s+") for m in markers) + r")(?![\w-])")
