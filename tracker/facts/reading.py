"""What one sentence states, put together from all readers.

A `Reader` knows the article (its language, its date, its names) and reads sentence by sentence; every sentence is read at most once, and only those that changed, or that may contradict
a change, are read at all.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from tracker.facts.agents import find_agents
from tracker.facts.certainty import find_certainty
from tracker.facts.clauses import Clause, find_clauses
from tracker.facts.dates import find_times
from tracker.facts.furniture import length_of_dateline, length_of_label, start_of_credit
from tracker.facts.languages import Language
from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.names import Name, Names, kind_of_name
from tracker.facts.numbers import find_numbers
from tracker.facts.sources import find_sources
from tracker.facts.verbs import find_stages
from tracker.facts.words import Token, content, fold, tokenize

_OCCASIONS = words("said says in a an the statement interview to reporters told late on news conference email tweet")
LONGEST_SENTENCE = 4000  # characters that are read of one sentence; the longest in 161 news pairs has 1,900


@dataclass(frozen=True)
class Reading:
    """A sentence, its words, and what it states."""

    sentence: str
    index: int  # of the sentence in its text
    tokens: tuple[Token, ...]
    stems: frozenset[str]  # that carry meaning
    mentions: tuple[Mention, ...]  # in order of their start
    clauses: tuple[Clause, ...]
    names: tuple[Name, ...]
    stages: tuple[Mention, ...] = ()  # of verbs: only compared between two versions of a sentence

    def of(self, kind: str) -> list[Mention]:
        """The mentions of one kind."""
        return [m for m in self.mentions if m.kind == kind]

    @cached_property
    def folded(self) -> str:
        """The sentence without case and typography."""
        return fold(self.sentence)


@dataclass
class Reader:
    """Reads the sentences of one text."""

    sentences: Sequence[str]
    quotes: Sequence[Sequence[Mention]]  # of every sentence, see quotes.py
    language: Language
    names: Names
    base: date | None  # the article's own date
    _read: dict[int, Reading] = field(default_factory=dict)

    def read(self, index: int) -> Reading:
        """Read a sentence, once."""
        reading = self._read.get(index)
        if reading is None:
            reading = self._read[index] = self._read_sentence(index)
        return reading

    def _read_sentence(self, index: int) -> Reading:
        sentence = self.sentences[index][:LONGEST_SENTENCE]
        tokens = tokenize(sentence)
        times = [self._timed(m, tokens) for m in find_times(sentence, self.language, self.base)]
        taken = [(m.start, m.end) for m in times]
        names = [n for n in self.names.find(sentence, tokens) if not any(n.start < b and n.end > a for a, b in taken)]
        names = [n for n in names if not self._counts(n)]
        numbers = find_numbers(sentence, tokens, self.language, taken)
        names = [n for n in names if not any(m.start < n.start < m.end for m in numbers)]  # "1,5 Millionen Euro"
        numbers = [m for m in numbers if not any(n.start <= m.start < n.end for n in names)]  # "Boeing 777"
        sources = find_sources(sentence, tokens, self.language, self.names, names)
        agents = find_agents(sentence, tokens, self.language, self.names, names)
        certainty = find_certainty(sentence, tokens, self.language, taken)
        named = [self._named(sentence, name, sources) for name in names]
        quotes = [q for q in self.quotes[index] if q.end <= len(sentence)]
        begin = max(length_of_dateline(sentence), length_of_label(sentence))
        end = start_of_credit(sentence)
        mentions = sorted(
            (
                m
                for m in (*times, *numbers, *sources, *agents, *certainty, *named, *quotes)
                if m.end > begin and m.start < end
            ),
            key=lambda m: (m.start, m.end),
        )
        return Reading(
            sentence,
            index,
            tokens,
            content(tokens, self.language),
            tuple(mentions),
            tuple(
                clause
                for clause in find_clauses(sentence, tokens, self.language)
                if clause.end > begin and not _only_says(clause, sources)
            ),
            tuple(names),
            tuple(find_stages(sentence, tokens, self.language)),
        )

    def _counts(self, name: Name) -> bool:
        """Say whether what looks like a name begins a sentence with a number: "Drei Kinder"; in English nouns have no capital."""
        return name.start == 0 and self.language.code != "en" and name.words[0] in self.language.numbers

    def _timed(self, time: Mention, tokens: Sequence[Token]) -> Mention:
        """Mark the day on which something was said: it is no day of the story."""
        before = [t.key for t in tokens if t.end <= time.start][-3:]
        said = any(word in self.language.saying or word == "statement" for word in before)
        return replace(time, features=time.features | {"said"}) if said else time

    def _named(self, sentence: str, name: Name, sources: Sequence[Mention]) -> Mention:
        kind = kind_of_name(sentence, name, self.language) or self.names.kinds.get(name.words, "")
        place = kind == "place" or (kind == "country" and _stands_for_place(sentence, name, self.language))
        features = {kind or "unknown"}
        if any(s.start <= name.start and name.end <= s.end for s in sources):
            features.add("source")
        return Mention(
            "location" if place else "identity",
            name.start,
            name.end,
            self.names.key(name.words),
            kind or "name",
            features=frozenset(features),
        )


def _only_says(clause: Clause, sources: Sequence[Mention]) -> bool:
    """Say whether a clause tells nothing but who speaks and where: "the command said in a statement"."""
    source = next((s for s in sources if s.start == clause.start and s.end <= clause.end), None)
    return source is not None and all(t.key in _OCCASIONS for t in clause.tokens if t.start >= source.end)


def _stands_for_place(sentence: str, name: Name, language: Language) -> bool:
    before = fold(sentence[max(0, name.start - 16) : name.start]).split()
    return bool(before) and before[-1] in language.place_prepositions
