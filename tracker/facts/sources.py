"""Read who is said to say a sentence: "… , the defence ministry said", "according to two officials", "Police say …".

The source is the noun phrase beside the verb of saying, found by punctuation and word class alone, so that it works in any language with a pack;
what it says is the rest of the sentence.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.facts.languages import Language
from tracker.facts.languages.en import COUNTRIES
from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.names import Name, Names
from tracker.facts.words import Token, content, fold, is_content, stem

_STOPS = re.compile(
    r"''|[\"“”„«»;:()]|--|[–—](?=\s)|(?<=\s)-(?=\s)|(?<![A-Z])(?<!Mr)(?<!Mrs)(?<!Ms)(?<!Dr)(?<!Lt)(?<!Gen)(?<!Col)(?<!Sgt)[.!?]\s(?=[\W]*[A-Z])"
)
_QUOTE = re.compile(r"''|[\"“”„«»]")
_PRONOUNS = words(
    """he she they it we i you who which that this there one er sie es il elle ils elles él ella ellos hij zij ze wie"""
)
_AUXILIARY = words(
    """has have had also later earlier previously is was been has previously who hat haben a ont ha han heeft hebben"""
)
_STATES = words(
    "was were is are am be been wasn't weren't isn't aren't"
)  # what is said to be so is no name of a source
_BESIDE_SAYING = words(
    """then now still first again once not did does do would will could can cannot may might initially reportedly immediately repeatedly publicly
        angrily simply finally subsequently separately privately formally officially directly clearly quickly reluctantly recently only never"""
)  # adverbs and auxiliaries before the verb: how it is said, not who says it
_LEADING = words("on in at by late early last this next for of from with to since until")
_LONGEST = 14  # words of a source; longer is a sentence of its own
_CLAUSE = frozenset(
    [
        "that",
        "but",
        "and",
        "when",
        "while",
        "after",
        "before",
        "because",
        "as",
        "if",
        "which",
        "who",
        "where",
        "although",
        "though",
        "since",
        "until",
    ]
)


def find_sources(
    sentence: str, tokens: Sequence[Token], language: Language, names: Names, found: Sequence[Name]
) -> list[Mention]:
    """Find the sources that a sentence names, in order, each with the cue beside it."""
    sources: list[Mention] = []
    stops = [0, *(m.end() for m in _STOPS.finditer(sentence)), len(sentence)]
    for index, token in enumerate(tokens):
        if token.key not in language.saying or not token.text[:1].islower():
            continue
        span = _before(tokens, index, stops, sentence) or _after(tokens, index, stops, sentence)
        span = _trimmed(tokens, *span, sentence, language) if span is not None else None
        if span is not None and (
            span[0] < span[1] or tokens[span[0]].key in _PRONOUNS or is_content(tokens[span[0]], language)
        ):
            sources.append(_mention(sentence, tokens, *span, token, language, names, found))
    folded = fold(sentence)
    for phrase in language.according:
        for match in re.finditer(rf"(?<!\w){re.escape(phrase)}\s+", folded):
            if len(folded) != len(sentence):
                break
            first = next((i for i, t in enumerate(tokens) if t.start >= match.end()), None)
            if first is None:
                continue
            last = _walk_right(tokens, first, stops, sentence)
            cue = next(t for t in tokens if t.start <= match.start() < t.end or t.start >= match.start())
            sources.append(_mention(sentence, tokens, first, last, cue, language, names, found))
    sources.sort(key=lambda m: m.start)
    return [m for i, m in enumerate(sources) if i == 0 or m.start >= sources[i - 1].end]


def _trimmed(
    tokens: Sequence[Token], first: int, last: int, sentence: str, language: Language
) -> tuple[int, int] | None:
    """Cut off what is not the source's name: how and when it is said, and a statement before an apposition.

    None where a statement is all that there is: "… the road was full".
    """
    while last > first and tokens[last].text[:1].islower() and tokens[last].key in _BESIDE_SAYING:
        last -= 1
    end = last
    while end > first and tokens[end].key in language.weekdays | language.relative_days.keys() | language.day_parts:
        end -= 1
    if end < last:
        while end > first and tokens[end].key in _LEADING:
            end -= 1
        last = end
    states = [i for i in range(first, last + 1) if tokens[i].key in _STATES]
    if states:
        commas = [i for i in range(states[-1], last) if "," in sentence[tokens[i].end : tokens[i + 1].start]]
        if not commas:
            return None if states[0] < last else (first, last)
        first = commas[0] + 1
    return None if tokens[first].key in _LEADING and first < last else (first, last)


def _before(tokens: Sequence[Token], verb: int, stops: Sequence[int], sentence: str) -> tuple[int, int] | None:
    """The noun phrase that ends right before the verb: back to a stop, a comma (but over an apposition), or a clause word."""
    last = verb - 1
    while last >= 0 and tokens[last].key in _AUXILIARY:
        last -= 1
    if last < 0:
        return None
    if _QUOTE.search(sentence, tokens[last].end, tokens[verb].start):
        return None  # the words before are what is said
    floor = max(s for s in stops if s <= tokens[last].start + 1)
    if sentence[tokens[last].end : tokens[verb].start].strip(" ,") and last == verb - 1:
        return None
    first = last
    commas = 0
    while first > 0 and tokens[first - 1].start >= floor and last - first < _LONGEST:
        gap = sentence[tokens[first - 1].end : tokens[first].start]
        if "," in gap:
            commas += 1
            if commas > 2 or sentence[tokens[last].end : tokens[last].end + 1] != ",":
                break
        elif commas and first > 1 and tokens[first - 1].key in ("who", "which"):
            first = last = first - 2  # "John Smith, who was there, said"
            continue
        elif tokens[first - 1].key in _CLAUSE or (
            tokens[first - 1].text.endswith("ed")
            and tokens[first - 1].text[0].islower()
            and len(tokens[first - 1].key) > 5
        ):
            break
        first -= 1
    if sentence[tokens[last].end : tokens[verb].start].startswith(",") and not commas:
        return None
    return first, last


def _after(tokens: Sequence[Token], verb: int, stops: Sequence[int], sentence: str) -> tuple[int, int] | None:
    """The noun phrase right after the verb, where the verb itself follows a comma or a quotation: "…," said Christa Stedman, a spokeswoman."""
    if verb + 1 >= len(tokens) or verb == 0:
        return None
    before = sentence[tokens[verb - 1].end : tokens[verb].start]
    if not re.search(r"[,\"”“'»]|''", before):
        return None
    return verb + 1, _walk_right(tokens, verb + 1, stops, sentence)


def _walk_right(tokens: Sequence[Token], first: int, stops: Sequence[int], sentence: str) -> int:
    ceiling = min((s for s in stops if s > tokens[first].start), default=len(sentence))
    last = first
    while last + 1 < len(tokens) and tokens[last + 1].start < ceiling and last - first < _LONGEST:
        gap = sentence[tokens[last].end : tokens[last + 1].start]
        following = tokens[last + 1]
        if "," in gap or following.key in _CLAUSE or following.key in ("on", "in", "at", "during", "told", "said"):
            break
        last += 1
    return last


def _mention(
    sentence: str,
    tokens: Sequence[Token],
    first: int,
    last: int,
    cue: Token,
    language: Language,
    names: Names,
    found: Sequence[Name],
) -> Mention:
    start, end = tokens[first].start, tokens[last].end
    comma = sentence.find(",", start, end)
    named = [
        n
        for n in found
        if n.start < (comma if comma > 0 else end)
        and n.end > start
        and not (len(n.words) == 1 and stem(n.words[0], language) in COUNTRIES)
    ]
    words = content(tuple(tokens[first : last + 1]), language)
    pronoun = tokens[first].key in _PRONOUNS and last == first
    key = names.key(named[-1].words) if named else " ".join(sorted(words)) or tokens[last].key
    features = {"pronoun"} if pronoun else set[str]()
    if named:
        features.add("named")
    return Mention("sourcing", start, end, key, "source", speaker=cue.key, features=frozenset(features))
