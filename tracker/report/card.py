"""A picture of one change, to be sent and shown: headline, outlet, facts old → new, the sentence with words struck and added, when.

1200 × 675 pixels, which is what news sites and messengers show uncut.
The same change gives the same bytes.  What the picture shows is also written in it, as `alt_text`, for those who cannot see it.

Computes only, but for the fonts, which are read once.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from tracker.errors import ConfigError
from tracker.models import Change, Fact, SentenceChange
from tracker.report import words
from tracker.report.lettering import NEEDED, Run, Style, clean, draw_line, is_leftwards, line_width, set_lines, was_cut
from tracker.url import host_of

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE: Final = (1200, 675)
MARGIN: Final = 56
WIDTH: Final = SIZE[0] - 2 * MARGIN
KIND_WIDTH: Final = 6.6  # of the column with the kinds of facts, in sizes of its letters
FACTS_SHOWN: Final = 3
CONTEXT: Final = 80  # characters of a sentence that are kept before its first changed word
LONGEST_ALT: Final = 1_000  # characters; a screen reader takes a minute over them
LONGEST_VALUE: Final = 110  # characters of a value that stands alone
LONGEST_OF_TWO: Final = 60  # of an old and a new one, so that both are seen
HEADLINE, BODY, SMALL = 40, 26, 22  # sizes of letters, in pixels
SCALES: Final = (1.45, 1.2, 1.0)  # of these: the largest at which nothing has to be cut
LEADING: Final = 1.36  # of a line, in sizes of its letters

Colors = dict[Style, str]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture; every pair of letters and ground has a contrast of 4.5 or more (WCAG 2.2, 1.4.3)."""

    ground: str
    panel: str
    accent: str
    letters: Colors


LIGHT: Final = Palette(
    "#ffffff", "#f3f4f6", "#1d4ed8",
    {"plain": "#111827", "strong": "#111827", "quiet": "#4b5563", "old": "#b42318", "new": "#05603a"},
)  # fmt: skip
DARK: Final = Palette(
    "#14171c", "#20252d", "#8ab4f8",
    {"plain": "#e8eaed", "strong": "#f5f6f7", "quiet": "#a9b1bc", "old": "#ff9d91", "new": "#7ee2a8"},
)  # fmt: skip


def card(change: Change, dark: bool = False) -> bytes:
    """Draw a change.

    Args:
        change: The change.
        dark: Light letters on a dark ground.

    Returns:
        A PNG file.

    Raises:
        ConfigError: Pillow or matplotlib is not installed.
    """
    try:
        from PIL import Image, ImageDraw, PngImagePlugin
    except ImportError as error:
        raise ConfigError(NEEDED) from error
    palette = DARK if dark else LIGHT
    image = Image.new("RGB", SIZE, palette.ground)
    scale = next((one for one in SCALES if _Sheet(None, palette, one).draw(change)), SCALES[-1])
    _Sheet(ImageDraw.Draw(image), palette, scale).draw(change)
    about = PngImagePlugin.PngInfo()
    about.add_text("Description", alt_text(change))
    file = io.BytesIO()
    image.save(file, "PNG", pnginfo=about, compress_level=6)
    return file.getvalue()


def alt_text(change: Change) -> str:
    """Say in words what the picture shows."""
    comparison = change.comparison
    sentence = _sentence(change)
    parts = [
        f"A change in “{_headline(change)}” ({_outlet(change)}).",
        *(f"{words.fact_line(fact)}." for fact in comparison.facts[:FACTS_SHOWN]),
        *([] if comparison.facts else [f"{words.first_line(comparison)}."]),
        f"{standing}." if (standing := words.contradiction(comparison)) else "",
        f"{_more(comparison.facts).capitalize()}." if len(comparison.facts) > FACTS_SHOWN else "",
        _sentence_in_words(sentence) if sentence else "",
        f"Changed {words.bounds(change)}.",
    ]
    text = " ".join(" ".join(clean(part).split()) for part in parts if part)
    return text if len(text) <= LONGEST_ALT else f"{text[: LONGEST_ALT - 1].rstrip()}…"


def _sentence_in_words(runs: Sequence[Run]) -> str:
    texts = {style: " … ".join(text.strip() for one, text in runs if one == style) for style in ("old", "new")}
    said = [f"{name}: {_quoted(words.shorten(texts[style], 200))}" for style, name in (("old", "Struck"), ("new", "Added")) if texts[style]]  # fmt: skip
    return f"{'; '.join(said)}." if said else ""


def _quoted(text: str) -> str:
    """Put a text in quotation marks, but for one that has them."""
    return text if text.startswith(("“", '"')) else f"“{text}”"


# --- what is shown --------------------------------------------------------------------------------


def _headline(change: Change) -> str:
    return _short(change.new.headline or change.comparison.new.headline or change.article_url, 240)


def _outlet(change: Change) -> str:
    return _short(host_of(change.article_url).removeprefix("www.") or change.article_url, 60)


def _short(text: str, longest: int) -> str:
    return words.shorten(clean(text), longest)


def _fact_runs(fact: Fact) -> list[Run]:
    """Write a fact: what is gone is struck, what came is underlined; of a conflict nothing is gone."""
    old_style: Style = "plain" if fact.status == "conflicts" else "old"
    longest = LONGEST_OF_TWO if fact.old and fact.new else LONGEST_VALUE
    styled: tuple[tuple[Style, str | None], ...] = ((old_style, fact.old), ("new", fact.new))
    values: list[Run] = [(style, _short(value, longest)) for style, value in styled if value]
    if len(values) == 2:
        values.insert(1, ("quiet", " ← " if is_leftwards(text for _, text in values) else " → "))
    notes = [
        _short(fact.counted or "", 40),
        "" if fact.status == "replaced" else fact.status,
        f"source: {_short(fact.source, 60)}" if fact.source else "",
    ]
    remark = "; ".join(note for note in notes if note)
    runs: list[Run] = values or [("plain", fact.reason)]
    return [*runs, ("quiet", f" ({remark})")] if remark else runs


def _more(facts: Sequence[Fact]) -> str:
    return f"and {words.count(len(facts) - FACTS_SHOWN, 'more fact')}"


def _sentence(change: Change) -> list[Run]:
    """Choose the sentence that shows the most, and write it with its words struck and added."""
    comparison = change.comparison
    changed = [step for step in comparison.sentences if step.operation in ("replace", "insert", "delete")]
    if not changed:
        return []
    facts = [fact for fact in comparison.facts if fact.kind not in ("headline", "notice")] or comparison.facts
    wanted = [step for fact in facts for step in changed if _is_of(step, fact)]
    titled = comparison.new.headline is not None
    body = [step for step in changed if not (titled and 0 in (step.old, step.new))]
    step = (wanted or body or changed)[0]
    return _in_context(step.words or _whole(step, change))


def _is_of(step: SentenceChange, fact: Fact) -> bool:
    if fact.new_sentence is not None:
        return step.new == fact.new_sentence
    return fact.old_sentence is not None and step.old == fact.old_sentence


def _whole(step: SentenceChange, change: Change) -> tuple[tuple[str, str], ...]:
    old = () if step.old is None else (("delete", change.comparison.old.sentences[step.old]),)
    new = () if step.new is None else (("insert", change.comparison.new.sentences[step.new]),)
    return old + new


def _in_context(pieces: Sequence[tuple[str, str]]) -> list[Run]:
    """Leave out what stands far before the first changed word, and cut what is endless."""
    styles: dict[str, Style] = {"equal": "plain", "delete": "old", "insert": "new"}
    runs: list[Run] = [(styles[operation], text) for operation, text in pieces if text]
    if runs and runs[0][0] == "plain" and len(runs[0][1]) > CONTEXT and len(runs) > 1:
        tail = runs[0][1][-CONTEXT:]
        runs[0] = ("plain", f"… {tail.partition(' ')[2] or tail}")
    return [(style, "".join(text for _, text in run)) for style, run in groupby(runs, key=itemgetter(0))]


# --- drawing --------------------------------------------------------------------------------------


class _Sheet:
    """The picture while it is drawn, from top to bottom.

    Args:
        draw: Where to; None to see only whether all has room.
        palette: The colours.
        scale: Of the letters.
    """

    def __init__(self, draw: ImageDraw | None, palette: Palette, scale: float) -> None:
        self._draw = draw
        self._palette = palette
        self._headline, self._body, self._small = (round(size * scale) for size in (HEADLINE, BODY, SMALL))
        self._y = 42.0
        self._whole = True

    def draw(self, change: Change) -> bool:
        """Draw it; says whether all had room."""
        comparison = change.comparison
        self._box((0, 0, SIZE[0], 10), self._palette.accent)
        verdict = words.verdict_words(comparison)
        if disclosure := words.disclosure_short(comparison):
            verdict += f" · {disclosure}"
        self._ends([("strong", _outlet(change))], [("quiet", verdict)])
        self._y += 12
        self._text([("strong", _headline(change))], self._headline, most=2)
        self._y += 18
        for fact in comparison.facts[:FACTS_SHOWN]:
            self._fact(fact)
        if len(comparison.facts) > FACTS_SHOWN:
            self._text([("quiet", _more(comparison.facts))], self._small, most=1, left=KIND_WIDTH * self._small)
        if not comparison.facts:
            self._text([("plain", words.first_line(comparison))], self._body, most=2)
        self._panel(_sentence(change), bottom=SIZE[1] - 84)
        self._y = SIZE[1] - 64
        versions = f"version {change.old.number} → {change.new.number}"
        self._ends([("quiet", f"Changed {words.bounds(change)}")], [("quiet", versions)])
        return self._whole

    def _fact(self, fact: Fact) -> None:
        runs, column, top = _fact_runs(fact), KIND_WIDTH * self._small, self._y
        leftwards = is_leftwards(text for _, text in runs)
        self._y += self._body - self._small
        self._set([("quiet", words.KIND_NAMES[fact.kind])], self._small, 1, (0, WIDTH), leftwards=leftwards)
        self._y = top
        self._set(runs, self._body, 2, (0 if leftwards else column, WIDTH - column), leftwards=leftwards)
        self._y += 6

    def _panel(self, runs: list[Run], bottom: float) -> None:
        """Draw the sentence, in as many lines as there is room for."""
        self._y += 12
        padding, line, width = 16, self._body * LEADING, WIDTH - 44
        most = int((bottom - self._y - 2 * padding) // line)
        self._whole = self._whole and (most > 0 or not runs)
        if not runs or most < 1:
            return
        lines = set_lines(runs, self._body, width, most)
        height = len(lines) * line + 2 * padding
        leftwards = is_leftwards(text for _, text in runs)
        bar = MARGIN + WIDTH - 6 if leftwards else MARGIN
        self._box((MARGIN, self._y, MARGIN + WIDTH, self._y + height), self._palette.panel)
        self._box((bar, self._y, bar + 6, self._y + height), self._palette.accent)
        self._y += padding
        self._set(runs, self._body, most, (22, width), leftwards=leftwards)

    def _ends(self, left: list[Run], right: list[Run]) -> None:
        """Write at both ends of a line, in small letters of one size."""
        top = self._y
        lines = set_lines(right, SMALL, WIDTH / 2, 1)
        self._set(right, SMALL, 1, (0, WIDTH), leftwards=True)
        self._y = top
        used = sum(line_width(line, SMALL) for line in lines)
        self._set(left, SMALL, 1, (0, WIDTH - used - 2 * SMALL), leftwards=False)

    def _text(self, runs: list[Run], size: int, *, most: int, left: float = 0) -> None:
        self._set(runs, size, most, (left, WIDTH - left), leftwards=is_leftwards(text for _, text in runs))

    def _set(self, runs: list[Run], size: int, most: int, place: tuple[float, float], *, leftwards: bool) -> None:
        """Set runs in lines, of a width and at a distance from the left margin."""
        left, width = place
        lines = set_lines(runs, size, width, most)
        self._whole = self._whole and not was_cut(lines, runs)
        for line in lines:
            if self._draw:
                at = (MARGIN + left, self._y)
                draw_line(
                    self._draw, line, at, size=size, width=width, colors=self._palette.letters, leftwards=leftwards
                )
            self._y += size * LEADING

    def _box(self, corners: tuple[float, float, float, float], color: str) -> None:
        if self._draw:
            self._draw.rectangle(corners, fill=color)
