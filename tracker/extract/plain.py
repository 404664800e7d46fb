"""Read plain texts and ready-made sentence lists as versions.

Nothing is left out of a text: whoever gives one has already said what the article is.

Computes only.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from tracker.errors import ExtractError
from tracker.extract.language import guess_language
from tracker.extract.notices import is_label, is_notice
from tracker.models import Version

EXTRACTOR = "text/1"
LONGEST_HEADLINE = 200  # characters; the longest of the 25,424 in bbc-headlines has 140
LONGEST_WRAPPED_LINE = 120  # columns; beyond it nobody wraps by hand

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SENTENCE_END = re.compile(r"[.。।:;,…][\"'”’»›)\]]*$")


def version_from_text(text: str) -> Version:
    """Read a plain text: one paragraph a line, the headline first when the first line looks like one.

    Raises:
        ExtractError: There is no word in it.
    """
    lines = list(_paragraphs(text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")))
    if not lines:
        raise ExtractError("the text is empty: there is nothing to compare")
    headline = lines.pop(0) if len(lines) > 1 and _looks_like_headline(lines[0]) else None
    language = guess_language(" ".join(lines))
    return Version(
        headline=headline,
        language=language,
        paragraphs=tuple(lines),
        notices=find_notices(lines, language),
        extractor=EXTRACTOR,
        plain_text=True,
    )


def version_from_sentences(sentences: Sequence[str]) -> Version:
    """Take a list of sentences as it is: one sentence an item, positions kept."""
    language = guess_language(" ".join(sentences))
    return Version(
        language=language,
        paragraphs=tuple(sentences),
        notices=find_notices(sentences, language),
        extractor=EXTRACTOR,
        sentences=tuple(sentences),
        plain_text=True,
    )


def find_notices(paragraphs: Sequence[str], language: str | None) -> tuple[str, ...]:
    """Pick the notices out of paragraphs, in order; the paragraph after a bare "Correction" heading is one too."""
    found = []
    after_label = False
    for paragraph in paragraphs:
        if after_label or is_notice(paragraph, language):
            found.append(paragraph)
        after_label = is_label(paragraph)
    return tuple(found)


def _looks_like_headline(line: str) -> bool:
    return len(line) <= LONGEST_HEADLINE and not _SENTENCE_END.search(line) and not is_notice(line)


def _paragraphs(text: str) -> Iterator[str]:
    blocks = [[line.strip() for line in block.split("\n") if line.strip()] for block in _BLANK_LINE.split(text)]
    blocks = [block for block in blocks if block]
    if _is_wrapped(blocks):
        blocks = [[" ".join(block)] for block in blocks]
    for block in blocks:
        for line in block:
            yield re.sub(r"\s+", " ", line)


def _is_wrapped(blocks: list[list[str]]) -> bool:
    """Say whether lines were broken by hand at a column: no line of a block could have taken the next line's first word."""
    pairs = [pair for block in blocks for pair in itertools.pairwise(block)]
    if len(blocks) < 2 or len(pairs) < 3:
        return False
    width = max(len(line) for line, _ in pairs)
    filled = all(len(line) + 1 + len(after.split()[0]) > width for line, after in pairs)
    unfinished = sum(not _SENTENCE_END.search(line) for line, _ in pairs)
    return width <= LONGEST_WRAPPED_LINE and filled and unfinished * 2 > len(pairs)
