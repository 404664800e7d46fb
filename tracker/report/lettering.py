"""Lays words out in lines, for pictures: wrapping, cutting, styles, and both directions of writing.

Words are measured one by one and set by us, because a line may hold words kept, struck and added.
Within a word Pillow shapes the letters (Arabic joins only where it was built with Raqm); the order of the words is ours, by a small part of the bidirectional algorithm (Unicode Annex 9) that is right for words and not for every mixture within one.

The fonts are the DejaVu Sans that comes with matplotlib: Latin, Greek, Cyrillic, Arabic, Armenian, Georgian.  A letter that it lacks is an empty box.

Computes only, but for the fonts, which are read once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tracker.errors import ConfigError
from tracker.report.words import printable_on_terminal

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Style = Literal["plain", "strong", "quiet", "old", "new"]
Run = tuple[Style, str]

NEEDED: Final = "pictures need Pillow and matplotlib; install them with: pip install 'tracker[pictures]'"
ELLIPSIS: Final = "…"
READ_AT_MOST: Final = 4_000  # characters of a run: more never fits on a picture
MARKS_KEPT: Final = re.compile(r"((?:[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]){3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")  # fmt: skip  # a tower of accents would reach into other lines


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters without a space, and how it is set."""

    text: str
    style: Style
    width: float
    space: Style | None = None  # of the space before it; None: it goes on from the word before


Line = tuple[Word, ...]


def set_lines(runs: Iterable[Run], size: int, width: float, most: int) -> list[Line]:
    """Set runs of words in lines.

    Args:
        runs: Styles and texts, in reading order.
        size: Of the letters, in pixels.
        width: That a line may have, in pixels.
        most: Lines; what does not fit in is cut, with an ellipsis.
    """
    lines: list[list[Word]] = [[]]
    used = 0.0
    for word in _fitting(_words(runs, size), size, width):
        gap = _gap(lines[-1][-1], word, size) if lines[-1] else 0.0
        hangs = word.space is None and word.width < size / 2  # a full stop may stand beyond the edge
        if lines[-1] and used + gap + word.width > width and not hangs:
            if len(lines) == most:
                return [*map(tuple, lines[:-1]), _cut(lines[-1], size, width)]
            lines.append([])
            used = gap = 0.0
        lines[-1].append(word)
        used += gap + word.width
    return [tuple(line) for line in lines if line]


def _gap(before: Word, word: Word, size: int) -> float:
    """Measure what stands between two words; where a new one follows the old without a space, a little air."""
    if word.space:
        return space_width(size)
    return size / 6 if {before.style, word.style} == {"old", "new"} else 0.0


def _words(runs: Iterable[Run], size: int) -> Iterator[Word]:
    spaced: Style | None = None
    for style, text in runs:
        for piece in re.split(r"(\s+)", clean(text)):
            if not piece:
                continue
            if piece.isspace():
                spaced = style
            else:
                yield Word(piece, style, _width(piece, style, size), spaced)
                spaced = None


def _fitting(words: Iterable[Word], size: int, width: float) -> Iterator[Word]:
    """Break a word that is wider than a line."""
    for word in words:
        text, space = word.text, word.space
        while _width(text, word.style, size) > width:
            end = _fits(text, word.style, size, width)
            yield Word(text[:end], word.style, _width(text[:end], word.style, size), space)
            text, space = text[end:], None
        if text:
            yield Word(text, word.style, _width(text, word.style, size), space)


def _fits(text: str, style: Style, size: int, width: float) -> int:
    """Say how many letters of a text fit in; at least one, and no accent is parted from its letter."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(text[:middle], style, size) <= width else (low, middle - 1)
    while low > 1 and low < len(text) and unicodedata.combining(text[low]):
        low -= 1
    return low


def _cut(line: Sequence[Word], size: int, width: float) -> Line:
    """End a line with an ellipsis."""
    kept = list(line)
    room = width - _width(ELLIPSIS, "plain", size)
    while len(kept) > 1 and line_width(kept, size) > room:
        kept.pop()
    last = kept.pop()
    before = line_width([*kept, replace(last, width=0.0)], size)
    if before + last.width > room:
        text = last.text[: _fits(last.text, last.style, size, max(room - before, 1))]
        last = replace(last, text=text, width=_width(text, last.style, size))
    text = last.text.rstrip(",;:.") + ELLIPSIS
    return (*kept, replace(last, text=text, width=_width(text, last.style, size)))


def was_cut(lines: Sequence[Line], runs: Iterable[Run]) -> bool:
    """Say whether lines hold less than the runs that they were set from."""
    wanted = sum(len("".join(clean(text).split())) for _, text in runs)
    return sum(len(word.text) for line in lines for word in line) < wanted


def line_width(line: Sequence[Word], size: int) -> float:
    """Measure a line, in pixels."""
    return sum(word.width for word in line) + sum(_gap(before, word, size) for before, word in pairwise(line))


# --- drawing --------------------------------------------------------------------------------------


def draw_line(
    draw: ImageDraw,
    line: Line,
    at: tuple[float, float],
    *,
    size: int,
    width: float,
    colors: dict[Style, str],
    leftwards: bool,
) -> None:
    """Draw a line: old words struck through, new ones underlined, so that they are told apart without colour.

    Args:
        draw: Where to.
        line: Of `set_lines`.
        at: The left end of the line, and the top of its letters.
        size: As it was set in.
        width: Of the line, in pixels: one that is written leftwards begins at its right end.
        colors: Of each style.
        leftwards: The text that it belongs to is written from right to left.
    """
    left, top = at
    x = left + width - line_width(line, size) if leftwards else left
    ordered = _in_order(line, size, leftwards)
    for word, gap, rule in ordered:
        draw_rule(draw, rule, (x, x + gap), top, size, colors)
        x += gap
        draw.text((x, top), word.text, font=font(word.style, size), fill=colors[word.style], anchor="la")
        draw_rule(draw, word.style, (x, x + word.width), top, size, colors)
        x += word.width


def draw_rule(
    draw: ImageDraw, style: Style, ends: tuple[float, float], top: float, size: int, colors: dict[Style, str]
) -> None:
    """Strike or underline a stretch of a line, as its style asks."""
    if style in ("old", "new"):
        y = top + size * (0.62 if style == "old" else 1.12)
        draw.line((ends[0], y, ends[1], y), fill=colors[style], width=max(size // 12, 2))


def _in_order(line: Line, size: int, leftwards: bool) -> Iterator[tuple[Word, float, Style]]:
    """Give the words as they stand from left to right, each with the gap to its left, and the style of that gap."""
    groups: list[tuple[bool, list[int]]] = []
    for n, word in enumerate(line):
        direction = _direction(word.text)
        back = direction if direction is not None else (groups[-1][0] if groups else leftwards)
        if groups and groups[-1][0] == back:
            groups[-1][1].append(n)
        else:
            groups.append((back, [n]))
    ordered = [
        n
        for back, places in (reversed(groups) if leftwards else groups)
        for n in (reversed(places) if back else places)
    ]
    yield line[ordered[0]], 0.0, "plain"
    for left, right in pairwise(ordered):
        later = max(left, right)  # in the text: the gap before it is theirs
        yield line[right], _gap(line[later - 1], line[later], size), line[later].space or "plain"


def is_leftwards(texts: Iterable[str]) -> bool:
    """Say whether a text is written from right to left, as its first letter with a direction has it."""
    for text in texts:
        direction = _direction(text[:READ_AT_MOST])
        if direction is not None:
            return direction
    return False


def _direction(text: str) -> bool | None:
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return None


# --- letters --------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Make a stranger's text fit to be drawn."""
    return MARKS_KEPT.sub(r"\1", printable_on_terminal(text[:READ_AT_MOST]))


@cache
def font(style: Style, size: int) -> FreeTypeFont:
    """Load a font.

    Raises:
        ConfigError: Pillow or matplotlib is not installed.
    """
    try:
        from PIL import ImageFont
    except ImportError as error:
        raise ConfigError(NEEDED) from error
    name = "DejaVuSans-Bold.ttf" if style == "strong" else "DejaVuSans.ttf"
    return ImageFont.truetype(str(_fonts() / name), size)


@cache
def _fonts() -> Path:
    found = find_spec("matplotlib")  # not imported: that takes longer than the drawing
    if found is None or found.origin is None:
        raise ConfigError(NEEDED)
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def space_width(size: int) -> float:
    """Measure the space between two words."""
    return float(font("plain", size).getlength(" "))


def _width(text: str, style: Style, size: int) -> float:
    return float(font(style, size).getlength(text))
