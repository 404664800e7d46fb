"""A comparison on the screen: its facts, and both texts beside each other or in one.

What stands beside what, and which words carry a fact, is decided in `tracker.report.html`; here the same is written as one text.

Computes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.models import Comparison
from tracker.report import html, view

ANCHOR = "c1"  # there is one change on a page


@dataclass(frozen=True, slots=True)
class Inline:
    """A sentence in the one text: what went is struck, what came is added."""

    anchor: str
    other: str | None  # the anchor of the sentence's old side, where both are here
    segments: tuple[html.Segment, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the one text."""

    kind: view.BlockKind
    where: str
    sentences: tuple[Inline, ...]
    notice: bool
    stands: tuple[int, ...]  # facts that contradict this paragraph, which was left as it was
    headline: bool

    @property
    def foldable(self) -> bool:
        """Is there nothing in it that a reader must see?"""
        marked = any(segment.marked for sentence in self.sentences for segment in sentence.segments)
        return self.kind == "equal" and not self.notice and not marked


def inline(comparison: Comparison, pairs: Sequence[html.Pair]) -> list[Paragraph]:
    """Write both texts as one.

    Args:
        comparison: The two versions.
        pairs: The same, beside each other: a paragraph here for each of them.
    """
    blocks = view.blocks(comparison)
    return [
        Paragraph(
            block.kind,
            pair.where,
            tuple(_sentence(row, comparison) for row in block.rows),
            pair.notice,
            pair.stands,
            pair.headline,
        )
        for block, pair in zip(blocks, pairs, strict=True)
    ]


def _sentence(row: view.Row, comparison: Comparison) -> Inline:
    anchors = [f"{ANCHOR}-{side}{index}" for side, index in (("n", row.new), ("o", row.old)) if index is not None]
    pieces = view.pieces(row, comparison)
    return Inline(anchors[0], anchors[1] if len(anchors) > 1 else None, html.segments(pieces, _values(row, comparison)))


def _values(row: view.Row, comparison: Comparison) -> list[tuple[int, str]]:
    found = []
    for number, fact in enumerate(comparison.facts, 1):
        if fact.new and row.new is not None and row.new == fact.new_sentence:
            found.append((number, fact.new))
        stands = row.new is not None and row.new == fact.standing_sentence
        if fact.old and (stands or (row.old is not None and row.old == fact.old_sentence)):
            found.append((number, fact.old))
    return found


def folded(paragraphs: Sequence[Paragraph]) -> list[tuple[bool, list[Paragraph]]]:
    """Group paragraphs into those to show and those to fold away: unchanged, and far from any change."""
    shown = [not one.foldable for one in paragraphs]
    near = [any(shown[max(0, n - 1) : n + 2]) for n in range(len(paragraphs))]
    groups: list[tuple[bool, list[Paragraph]]] = []
    for paragraph, keep in zip(paragraphs, near, strict=True):
        if not groups or groups[-1][0] == keep:
            groups.append((not keep, []))
        groups[-1][1].append(paragraph)
    return [(fold and len(group) > 1, group) for fold, group in groups]
