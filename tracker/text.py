"""Helpers for strings: sentences, and what typography alone can change.

`normalize` decides what "unchanged" means (README, "What counts as a change"): two texts that it makes equal say the same to a reader, however their quote marks, dashes and spaces are set.
It may only remove what carries no fact: scare quotes, signs, digits, accents and letter case stay.

Sentences come from sentencex, which knows abbreviations by language and keeps a quotation of several sentences whole; we keep it whole too, because the words of a quotation belong to one speaker.
It reads a copy of the text in which straight quote marks have a direction, for it takes the closing mark of one quotation and the opening mark of the next for a pair otherwise, and in which there are no lone surrogates, for it takes UTF-8 only.

Contains no business logic.  Computes only.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from sentencex import segment

from tracker.models import Text, Version

DIGEST_FORMAT = 1  # part of what is hashed; raise it when `normalize` or the layout changes
# sentencex takes quadratic time on quote marks that stand alone: 2,000 in 1 MB take 0.7 s.  A line with more is read in parts, in which a quotation may be cut.
MOST_QUOTES = 2_000
SHORT_LINE = 5_000  # characters
REMEMBERED = 1_000  # characters of a paragraph; 8,192 of them take some 5 MB

_DOUBLE_QUOTES = "“”„‟«»″〝〞＂"
_SINGLE_QUOTES = "‘’‚‛‹›′`´ʼ＇"
_HYPHENS = "‐‑‒–−﹣－"  # hyphens, figure and en dash, minus sign
_LONG_DASHES = "—―⸺⸻﹘"
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_LONG_DASHES, "—"),
        **dict.fromkeys(_SPACES, " "),
    }
)
_WITHOUT_INVISIBLE = str.maketrans(dict.fromkeys(_INVISIBLE))
_SPLITTING = str.maketrans({**dict.fromkeys("‘’", "'"), **dict.fromkeys(_SPACES, " ")})
_OPENING_QUOTE = re.compile(r'(?<![^\s(\[—–-])"(?=\S)')
_OPENING_DOUBLED = re.compile(r"(?<![^\s(\[—–-])''(?=\S)")
_STRAY_QUOTE = re.compile(
    r"(?<=\s)“$"
)  # sentencex leaves an opening mark that is never closed with the sentence before
_PADDED_GUILLEMET = re.compile("(?<=«) | (?=»)")
_LONG_DASH = re.compile(" ?(?:—|-{2,}) ?")
_ELLIPSIS = re.compile(r"\.(?: ?\.){2,}")
_SPACE_BEFORE_STOP = re.compile(" (?=[,.;:!?)](?: |$))")
_SPACE = re.compile(r"\s+")
_QUOTE = re.compile("[\"'“”‘’„«»]")
_LAST_STOP = re.compile(r""".*[.!?]["”’')\]]*\s""", re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CLOCK = re.compile(r"\b[ap]\.m\.$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|[A-Z]{2,4}T\b|(?:GMT|UTC|BST)\b)"
)


# --- typography -----------------------------------------------------------------------------------


def normalize(text: str) -> str:
    """Write a text in plain typography: two texts that differ in nothing else become equal.

    Quote marks, dashes, spaces, ellipses and invisible characters are unified, Unicode is composed (NFC), white space is collapsed and stripped.
    Most of what is asked for was asked for a moment ago, of the version before: short texts are remembered.
    """
    return _remembered(text) if len(text) <= REMEMBERED else _plainly(text)


def _plainly(text: str) -> str:
    text = unicodedata.normalize("NFC", text.translate(_WITHOUT_INVISIBLE))
    text = _SPACE.sub(" ", text).strip()  # first, for the patterns below take long on long runs of spaces
    text = _PADDED_GUILLEMET.sub("", text).translate(_PLAIN).replace("…", "...").replace("''", '"')
    text = _SPACE.sub(" ", _LONG_DASH.sub(" - ", text)).strip()
    return _SPACE_BEFORE_STOP.sub("", _ELLIPSIS.sub("...", text))


_remembered = lru_cache(maxsize=8_192)(_plainly)


def digest_of_text(version: Version) -> str:
    """Name the text of a version: equal digests mean that nothing a reader reads has changed.

    Returns:
        "sha256:" and 64 hexadecimal digits, over the headline and the paragraphs in plain typography, and over what else there is:
        a headline that is shown in place of it, and where the links lead.
    """
    paragraphs = version.paragraphs if version.sentences is None else version.sentences
    read: list[object] = [normalize(version.headline or ""), *filter(None, map(normalize, paragraphs))]
    if version.shown_headline:
        read.append({"shown headline": normalize(version.shown_headline)})
    if version.links:
        read.append({"links": version.links})
    data = json.dumps(["tracker text", DIGEST_FORMAT, *read]).encode()
    return "sha256:" + hashlib.sha256(data).hexdigest()


def same_text(old: Version, new: Version) -> bool:
    """Say whether two versions read the same, wherever their links lead."""
    return digest_of_text(replace(old, links=None)) == digest_of_text(replace(new, links=None))


def same_links(old: Version, new: Version) -> bool:
    """Say whether the links of two versions lead to the same places; nothing is known of that where they were not read."""
    return old.links is None or new.links is None or old.links == new.links


def says_the_same(old: Version, new: Version) -> bool:
    """Say whether a reader of either version is given the same: text and links."""
    return same_links(old, new) and same_text(old, new)


# --- sentences ------------------------------------------------------------------------------------


def text_of(version: Version) -> Text:
    """Split a version into sentences.

    Returns:
        The headline, where there is one, as sentence 0 in paragraph 0; the paragraphs count on from there, the first of them a headline that is shown in place of it.
        Each sentence stands literally in its paragraph.  A version that was given as sentences keeps them: one a paragraph, every position as given.
    """
    if version.sentences is not None:
        return Text(version.sentences, tuple(range(len(version.sentences))))
    headline = (version.headline or "").strip()
    sentences = list(filter(None, (headline, version.shown_headline)))
    paragraph_of = list(range(len(sentences)))
    for number, paragraph in enumerate(version.paragraphs, start=len(sentences)):
        found = split_sentences(paragraph, version.language)
        sentences += found
        paragraph_of += [number] * len(found)
    return Text(tuple(sentences), tuple(paragraph_of), headline=bool(headline))


def split_sentences(paragraph: str, language: str | None = None) -> list[str]:
    """Split a paragraph into its sentences, each a literal part of it without white space around it; a line break always ends one."""
    pieces = (piece for line in paragraph.splitlines() for piece in _pieces(line) if piece.strip())
    return [sentence for piece in pieces for sentence in _sentences_of(piece, language or "en")]


def _pieces(line: str) -> Iterator[str]:
    """Cut a line with very many quote marks, at the ends of sentences if there are any."""
    start = 0
    if len(_QUOTE.findall(line)) > MOST_QUOTES:
        while len(line) - start > SHORT_LINE:
            end = start + SHORT_LINE
            stop = _LAST_STOP.match(line, start, end)
            cut = stop.end() if stop else line.rfind(" ", start, end) + 1 or end
            yield line[start:cut]
            start = cut
    yield line[start:]


def _sentences_of(line: str, language: str) -> Iterator[str]:
    start = 0
    for end in _boundaries(_for_splitting(line), language):
        sentence = line[start:end].strip()
        if sentence:
            yield sentence
        start = end


def _for_splitting(line: str) -> str:
    """Write a line, character for character, so that curly, straight and doubled single quote marks have the same boundaries."""
    line = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", line.translate(_SPLITTING))
    line = _OPENING_DOUBLED.sub("“\N{WORD JOINER}", line).replace("''", "” ")
    return _OPENING_QUOTE.sub("“", line).replace('"', "”")


def _boundaries(plain: str, language: str) -> Iterator[int]:
    """Give the ends of the sentences of a line, without the ends that an abbreviation only seems to make."""
    end = 0
    pieces = segment(language, plain)
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
        end += len(piece)
        if not after or not _goes_on(piece.rstrip(), after.lstrip()):
            stray = _STRAY_QUOTE.search(piece) if after else None
            yield end - len(stray.group()) if stray else end


def _goes_on(before: str, after: str) -> bool:
    if after[:1].islower():
        return True
    return bool(_CLOCK.search(before) and _AFTER_CLOCK.match(after))
