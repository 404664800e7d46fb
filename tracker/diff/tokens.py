"""Words of a sentence: what the word comparison never cuts through.

Numbers with their separators and units, abbreviations with their stops and words with their apostrophes are one token each; every punctuation mark is one of its own, and so is every run of white space.

Computes only.
"""

from __future__ import annotations

import re
import unicodedata


def _combining_marks() -> str:
    marks = (chr(point) for point in (*range(0x0300, 0x1D00), *range(0x1DC0, 0x2100), *range(0xA000, 0xAC00)))
    return "".join(mark for mark in marks if unicodedata.category(mark).startswith("M")) + "\u200c\u200d"


_MARK = f"[{_combining_marks()}]"  # `\w` leaves these out, and a vowel sign in Hindi is one
_TOKEN = re.compile(
    rf"""
    \s+
  | (?:(?:US|A|C)?[$€£¥₹])?\d+(?:[.,:/]\d+)*(?:[^\W\d_]+|%)?      # 1,200  2.5  $1.5m  03:10  25%  5th
  | (?:[^\W\d_]\.){{2,}}                                          # U.S.  a.m.
  | (?:Jan|Feb|Mar|Apr|Aug|Sept|Sep|Oct|Nov|Dec|Mr|Mrs|Ms|Dr|Gov|Sen|Rep|Gen|Col|Lt|Capt|Sgt|Maj|Rev|St|No)\.
  | [\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{_MARK}*  # written without spaces between words
  | [^\W_](?:\w|{_MARK}|['’‐‑-](?=\w))*                           # word, don't, well-known
  | .                                                             # a punctuation mark, an emoji, half a surrogate pair
    """,
    re.VERBOSE | re.DOTALL,
)


def split_tokens(text: str) -> list[str]:
    """Split a text into words, numbers, punctuation marks and white space; joined, they are the text."""
    return _TOKEN.findall(text)
