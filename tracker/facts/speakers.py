"""Name who speaks: "the command said" is said by the command that was named just before.

Computes only.
"""

from __future__ import annotations

from tracker.facts.languages.tables import words
from tracker.facts.mentions import Mention
from tracker.facts.reading import Reading
from tracker.facts.side import Side

_BODIES = words(
    """command coalition alliance mission agency ministry department company firm airline club union bank party force organisation organization
        authority council manufacturer operator regulator retailer charity watchdog"""
)  # what takes up a name: "the airline"
_BEFORE = 2  # sentences before in which the name is looked for


def speaker(source: Mention, reading: Reading, side: Side) -> str:
    """The source in the text's own words; in place of "the command" the name of it, where one stands just before."""
    text = source.text(reading.sentence)
    article, _, body = text.lower().partition(" ")
    if article != "the" or body not in _BODIES:
        return text
    for index in range(reading.index, max(-1, reading.index - _BEFORE - 1), -1):
        earlier = side.reader.read(index)
        named = [
            m
            for m in earlier.of("sourcing")
            if _is_named_body(m, earlier) and (index, m.start) < (reading.index, source.start)
        ]
        if named:
            return named[-1].text(earlier.sentence)
    return text


def _is_named_body(source: Mention, reading: Reading) -> bool:
    """A name and nothing else, and not a person's."""
    names = [m for m in reading.of("identity") if source.start <= m.start and m.end <= source.end]
    alone = len(names) == 1 and names[0].end - names[0].start >= source.end - source.start - len("the ")
    return alone and names[0].role != "person"
