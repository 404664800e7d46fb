"""Names within one article: who and what is meant, however it is written.

Both versions' names are gathered once into a directory, in which the short form ("Hekmat"), the full one ("Qari Hekmat") and another spelling ("Hikmatullah")
are one entry, and a country is one with its people and its forces ("U.S.", "American").  Capital letters find the names; a language model, where there is one,
says which are persons, places and organisations (`language_model`), but a rare place that it takes for a person stays a place by the words beside it.

Computes only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import JaroWinkler

from tracker.facts.languages import Language
from tracker.facts.languages.en import COUNTRIES
from tracker.facts.languages.tables import words as word_list
from tracker.facts.words import Token, fold, stem, tokenize

_ORGANISATION = word_list(
    """agency army association authority bank bbc board brigade bureau cabinet club college commission committee company congress corp council court
        department dept division federation fire force forces foundation fund government group guard hospital house inc institute ltd media ministry
        nato network news observatory office organisation organization parliament party police press reuters senate service society syndicate taliban
        team television tribunal tv un union united university"""
)
_MOST_FORMS = 50  # names, longest first, that one is held against: keeps the cost linear on a page of names
_ALIKE = 0.86  # Jaro-Winkler; "Hekmatullah"/"Hikmatullah" 0.88, "Iran"/"Iraq" 0.88 is kept apart by length, "Austria"/"Australia" 0.93 by being countries
_SHORTEST_ALIKE = 6  # letters; shorter names that look alike are often different ones
_VOWELS = re.compile(r"[aeiouyäöüéèáíóúàâêîôû'\-]")


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised stretch of a sentence."""

    start: int
    end: int
    words: tuple[str, ...]  # keys, without titles
    titled: bool  # a title stands before it: a person


@dataclass(slots=True)
class Names:
    """The directory of an article's names, both versions together."""

    language: Language
    lower: frozenset[str] = frozenset()  # words that also occur without a capital: no names
    inner: frozenset[str] = frozenset()  # words seen with a capital in the middle of a sentence
    entries: dict[tuple[str, ...], str] = field(default_factory=dict)  # words of a name -> key of its entry
    kinds: dict[tuple[str, ...], str] = field(
        default_factory=dict
    )  # words of a name -> person, place, organisation, country or nothing

    def find(self, sentence: str, tokens: Sequence[Token]) -> list[Name]:
        """Find the names of a sentence, in order."""
        return _find(sentence, tokens, self.language, self.lower, self.inner)

    def key(self, words: tuple[str, ...]) -> str:
        """The entry that a name belongs to."""
        return self.entries.get(words) or _plain_key(words, self.language)


def gather_names(sentences: Iterable[str], language: Language) -> Names:
    """Make the directory of the names in some sentences (of both versions)."""
    tokenized = [(s, tokenize(s)) for s in sentences]
    lower: set[str] = set()
    inner: set[str] = set()
    for sentence, tokens in tokenized:
        if _is_title_case(sentence, tokens):
            continue
        for index, token in enumerate(tokens):
            if token.text[:1].islower():
                lower.add(token.key)
            elif index and token.text[:1].isupper() and not _starts_sentence(sentence, token.start):
                inner.add(token.key)
    names = Names(language, frozenset(lower), frozenset(inner))
    counts: Counter[tuple[str, ...]] = Counter()
    kinds: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for sentence, tokens in tokenized:
        for name in names.find(sentence, tokens):
            counts[name.words] += 1
            kinds[name.words][kind_of_name(sentence, name, language)] += 1
    names.kinds = {words: _vote(votes) for words, votes in kinds.items()}
    names.entries = _entries(counts, names.kinds, language)
    return names


def _vote(votes: Counter[str]) -> str:
    """The kind that most of a name's occurrences speak for; a single clear sign of a person outweighs prepositions."""
    for kind in ("country", "person"):
        if votes[kind]:
            return kind
    return (
        max(("place", "organisation"), key=lambda kind: votes[kind]) if votes["place"] or votes["organisation"] else ""
    )


def kind_of_name(sentence: str, name: Name, language: Language, places: frozenset[str] = frozenset()) -> str:
    """Say by the words beside it whether a name is a "person", "place" or "organisation"; "" when they do not tell."""
    if len(name.words) == 1 and stem(name.words[0], language) in COUNTRIES:
        return "country"
    after = fold(sentence[name.end : name.end + 24])
    before = fold(sentence[max(0, name.start - 24) : name.start]).split()
    following = re.match(r"[\s,]*([^\W\d_]+)", after)
    if any(word in language.places for word in name.words) or (following and following[1] in language.places):
        return "place"
    if name.titled:
        return "person"
    if any(word in _ORGANISATION for word in name.words) or (
        len(name.words) == 1 and sentence[name.start : name.end].isupper() and len(name.words[0]) > 2
    ):
        return "organisation"
    if any(word in places for word in name.words):
        return "place"
    if re.match(r",? (?:aged )?\d\d\b|,? who\b", after) and len(name.words) > 1:
        return "person"
    if before and before[-1].strip(",") in language.place_prepositions and len(name.words) <= 3:
        return "place"
    if following and following[1] in language.saying and len(name.words) > 1:
        return "person"
    return ""


def _find(
    sentence: str, tokens: Sequence[Token], language: Language, lower: frozenset[str], inner: frozenset[str]
) -> list[Name]:
    title_case = _is_title_case(sentence, tokens)
    found: list[Name] = []
    run: list[Token] = []

    def close() -> None:
        nonlocal run
        for part in _at_titles(run, language):
            name = _name(sentence, part, language, lower, inner, title_case)
            if name:
                found.append(name)
        run = []

    for token in tokens:
        if run and not _joined(sentence[run[-1].end : token.start], run[-1]):
            close()
        capital = token.text[:1].isupper() and (token.text not in ("I", "A") or run)
        if (capital and not (title_case and token.key not in inner)) or (
            run and (token.key in language.name_joints or (token.text.isdigit() and len(token.text) <= 4))
        ):
            run.append(token)
        else:
            close()
    close()
    return found


def _at_titles(run: list[Token], language: Language) -> list[list[Token]]:
    """Cut before a title in the middle: "Israeli Prime Minister Netanyahu" is a country and a person."""
    parts: list[list[Token]] = [[]]
    for index, token in enumerate(run):
        title = token.key.rstrip(".") in language.titles and token.key != "general"
        if (
            title
            and index
            and parts[-1]
            and run[index - 1].key.rstrip(".") not in language.titles
            and index < len(run) - 1
        ):
            parts.append([])
        parts[-1].append(token)
    for part in parts:
        while part and not part[-1].text[:1].isupper() and not part[-1].text.isdigit():
            part.pop()
    return parts


def _joined(gap: str, previous: Token) -> bool:
    return gap in (" ", "-", "–", "\u00a0", "") or (gap in (". ", ".") and len(previous.text) <= 4)


def _name(
    sentence: str, run: list[Token], language: Language, lower: frozenset[str], inner: frozenset[str], title_case: bool
) -> Name | None:
    run = list(run)
    if run and _starts_sentence(sentence, run[0].start) and not title_case:
        while (
            run
            and run[0].key not in inner
            and stem(run[0].key, language) not in COUNTRIES
            and (
                run[0].key in language.function_words
                or run[0].key in lower
                or len(run) == 1
                or not run[0].text[:1].isupper()
            )
        ):
            run.pop(0)
    while (run and (run[0].key in language.function_words and run[0].key != "us.")) or (
        run and not run[0].text[:1].isupper()
    ):
        run.pop(0)
    titled = False
    while len(run) > 1 and run[0].key.rstrip(".") in language.titles:
        titled = True
        run.pop(0)
    if not run or all(
        t.key in language.weekdays or t.key in language.months or t.key in language.day_parts for t in run
    ):
        return None
    if len(run) == 1 and (
        run[0].key.rstrip(".") in language.titles or run[0].key in language.function_words or len(run[0].key) < 2
    ):
        return None
    if language.code == "de" and len(run) == 1 and not titled and not run[0].text.isupper():
        return None  # every noun has a capital
    return Name(run[0].start, run[-1].end, tuple(t.key for t in run), titled)


def _starts_sentence(sentence: str, start: int) -> bool:
    before = sentence[:start].rstrip(" \"'“”‘’«»„(*•–—-")
    return not before or (
        before[-1] in ".!?:;"
        and not re.search(
            r"\b[A-Z]\.$|\b(?:Mr|Mrs|Ms|Dr|St|Gen|Col|Lt|Sgt|Sen|Rep|Gov|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec)\.$",
            before,
        )
    )


def _is_title_case(sentence: str, tokens: Sequence[Token]) -> bool:
    """A headline in capitals: they tell nothing of names."""
    if sentence.rstrip().endswith((".", ",", ":", ";")):
        return False
    words = [t for t in tokens if t.text.isalpha() and len(t.text) > 3]
    return len(words) >= 4 and sum(t.text[0].isupper() for t in words) > 0.75 * len(words)


def _plain_key(words: tuple[str, ...], language: Language) -> str:
    return " ".join(stem(word, language) for word in words)


def _entries(
    counts: Mapping[tuple[str, ...], int], kinds: Mapping[tuple[str, ...], str], language: Language
) -> dict[tuple[str, ...], str]:
    """Give every form of a name the key of the longest form that it can be short for."""
    entries: dict[tuple[str, ...], str] = {}
    by_word: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    by_skeleton: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    initials: dict[str, tuple[str, ...]] = {}
    for words in sorted(counts, key=lambda w: (-len(w), -counts[w], w)):
        others = [
            *by_word[words[-1]][:_MOST_FORMS],
            *by_word[words[0]][:_MOST_FORMS],
            *([initials[words[0]]] if words[0] in initials else []),
            *by_skeleton[_skeleton(words[-1])[:3]][:_MOST_FORMS],
        ]
        longer = next((o for o in others if _is_form_of(words, o, kinds, language)), None)
        entries[words] = entries[longer] if longer else _plain_key(words, language)
        for word in {words[0], words[-1]}:
            by_word[word].append(words)
        by_skeleton[_skeleton(words[-1])[:3]].append(words)
        if len(words) > 1:
            initials.setdefault("".join(w[0] for w in words if w not in language.name_joints), words)
    return entries


def _is_form_of(
    words: tuple[str, ...], longer: tuple[str, ...], kinds: Mapping[tuple[str, ...], str], language: Language
) -> bool:
    """Say whether a name is a short form or another spelling of a longer one."""
    if kinds.get(words) == "country" or kinds.get(longer) == "country":
        return False
    place, long_place = kinds.get(words) == "place", kinds.get(longer) == "place"
    last = words[-1]
    if longer[-1] == last and len(words) < len(longer):
        return len(words) == 1 or words[0] == longer[0] or longer[-len(words) :] == words
    if len(words) == 1 and longer[0] == last and len(longer) > 1:
        return kinds.get(longer) != "organisation" and not (place and not long_place)
    if len(words) == 1 and len(longer) > 1 and last == "".join(w[0] for w in longer if w not in language.name_joints):
        return True
    if place != long_place or last in language.canonical or longer[-1] in language.canonical:
        return False
    return _same_spelling(last, longer[-1]) and (len(words) == 1 or len(longer) == 1 or words[0][0] == longer[0][0])


def _same_spelling(one: str, other: str) -> bool:
    """Two ways to write one name: nearly equal letters, or the consonants of one begin those of the other."""
    if min(len(one), len(other)) < _SHORTEST_ALIKE:
        return False
    a, b = _skeleton(one), _skeleton(other)
    if len(a) > len(b):
        a, b = b, a
    return JaroWinkler.similarity(one, other) >= _ALIKE and (a == b or (len(a) >= 4 and b.startswith(a)))


def _skeleton(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", word)) or word
