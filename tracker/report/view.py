"""A change laid out for reading: which sentences stand beside which, and what belongs together.

The formats differ in how they draw; what they draw is decided here, once.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal

from tracker.models import Change, Comparison, Fact, SentenceChange, StoredVersion, WordOperation
from tracker.report import words
from tracker.statistics import NoteLater

RowKind = Literal["equal", "replace", "insert", "delete", "moved_here", "moved_away"]
BlockKind = Literal["equal", "changed", "added", "removed", "moved_here", "moved_away"]
LONGEST_TITLE = 300  # characters; a headline that is longer is not one, and stands whole among the texts
Pieces = tuple[tuple[WordOperation, str], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One change, or one comparison of two files, on its way into a report."""

    comparison: Comparison
    title: str
    address: str | None  # of the article; None when two files were compared
    when: str  # a sentence's worth of words
    evidence: tuple[tuple[str, tuple[str, ...]], ...]  # a heading ("Old"), and lines below it
    captions: tuple[str, str]  # above the old text and the new
    change: Change | None = None
    note: NoteLater | None = None  # that owned up to it later, where it was silent


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence, or one and what became of it.  A moved sentence has two rows: where it was, and where it is."""

    kind: RowKind
    old: int | None
    new: int | None
    step: SentenceChange


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph beside a paragraph."""

    rows: tuple[Row, ...]
    notice: bool = False  # the publisher's own note of what was changed

    @property
    def kind(self) -> BlockKind:
        """What happened to the paragraph as a whole."""
        kinds = {row.kind for row in self.rows}
        if kinds == {"insert"}:
            return "added"
        if kinds == {"delete"}:
            return "removed"
        return next((kind for kind in ("equal", "moved_here", "moved_away") if kinds == {kind}), "changed")


def item_of_change(change: Change, note: NoteLater | None = None) -> Item:
    """Lay out a change from the store, and the note that owned up to it later."""
    comparison = change.comparison
    when = f"{words.bounds(change)} (a window of {words.window(change)})"
    if change.reversal_of:
        when += f"; the text was reverted to that of version {change.reversal_of}"
    if change.alternating:
        when = f"not at all: the address serves versions {change.old.number} and {change.new.number} in turn, so this is no edit"
    for version in (change.old, change.new):
        if version.snapshot.origin:
            when += f"; version {version.number} was not captured here but {words.origin_words(version.snapshot)}"
    captions = (
        f"Version {change.old.number}, last seen at {words.moment(change.old.last_seen_at)}",
        f"Version {change.new.number}, first seen at {words.moment(change.new.snapshot.fetched_at)}",
    )
    title = _title(comparison, change.article_url)
    return Item(comparison, title, change.article_url, when, _evidence(change), captions, change, note)


def item_of_files(comparison: Comparison, old_name: str, new_name: str) -> Item:
    """Lay out a comparison of two files."""
    when = "not known: two files were compared, and no capture says when each was published"
    stamps = [
        f"the {which} page gives {words.moment(side.updated_at)} as its updated time"
        for which, side in (("old", comparison.old), ("new", comparison.new))
        if side.updated_at
    ]
    when = "; ".join([when, *stamps])
    evidence = (("Old", (f"file {old_name}",)), ("New", (f"file {new_name}",)))
    captions = (f"Old: {old_name}", f"New: {new_name}")
    return Item(comparison, _title(comparison, new_name), None, when, evidence, captions)


def _title(comparison: Comparison, otherwise: str) -> str:
    return words.shorten(words.title(comparison) or otherwise, LONGEST_TITLE)


def _evidence(change: Change) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("Old", _proof(change.old)), ("New", _proof(change.new)))


def _proof(version: StoredVersion) -> tuple[str, ...]:
    snapshot = version.snapshot
    return (
        words.version_words(version),
        f"last seen unchanged at {words.moment(version.last_seen_at, seconds=True)}",
        f"file {snapshot.file}, bytes {snapshot.offset:,} to {snapshot.offset + snapshot.length:,}",
        f"digest of the page {snapshot.digest}",
        f"digest of the text {version.digest}",
    )


# --- rows and blocks ------------------------------------------------------------------------------


def rows(steps: Sequence[SentenceChange]) -> list[Row]:
    """Put every sentence of both sides in one order: the new version's, with what left it where it stood."""
    away = sorted((step for step in steps if step.operation == "move"), key=lambda step: step.old or 0)
    found: list[Row] = []
    for step in steps:
        if step.operation == "move":
            found.append(Row("moved_here", None, step.new, step))
            continue
        while away and step.old is not None and (away[0].old or 0) < step.old:
            found.append(_moved_away(away.pop(0)))
        found.append(Row(step.operation, step.old, step.new, step))
    return found + [_moved_away(step) for step in away]


def _moved_away(step: SentenceChange) -> Row:
    return Row("moved_away", step.old, None, step)


def blocks(comparison: Comparison) -> list[Block]:
    """Group the rows by paragraph."""
    groups: list[list[Row]] = []
    left: int | None = None
    right: int | None = None
    for row in rows(comparison.sentences):
        old = None if row.old is None else comparison.old.paragraph_of[row.old]
        new = None if row.new is None else comparison.new.paragraph_of[row.new]
        if not groups or _starts(left, old) or _starts(right, new) or _leaves(groups[-1], row):
            groups.append([])
            left = right = None
        groups[-1].append(row)
        left, right = (left if old is None else old), (right if new is None else new)
    return [Block(part, _is_notice(part, comparison)) for group in groups for part in _parts(group)]


def _parts(group: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Part a paragraph that went from one that came in its place, where the diff saw nothing in common."""
    if {row.kind for row in group} != {"insert", "delete"}:
        return [tuple(group)]
    return [tuple(row for row in group if row.kind == kind) for kind in ("delete", "insert")]


def _starts(current: int | None, paragraph: int | None) -> bool:
    return paragraph is not None and current is not None and paragraph != current


def _leaves(group: Sequence[Row], row: Row) -> bool:
    """Keep a moved sentence apart from its neighbours, for it is labelled as a whole."""
    moves = ("moved_here", "moved_away")
    return row.kind != group[-1].kind and (row.kind in moves or group[-1].kind in moves)


def _is_notice(group: Sequence[Row], comparison: Comparison) -> bool:
    return any(
        row.step.label == "notice"
        or (row.new is not None and _within(comparison.new.sentences[row.new], comparison.new.notices))
        or (row.old is not None and _within(comparison.old.sentences[row.old], comparison.old.notices))
        for row in group
    )


def _within(sentence: str, notices: Sequence[str]) -> bool:
    return any(sentence in note for note in notices)


# --- words ----------------------------------------------------------------------------------------


def pieces(row: Row, comparison: Comparison) -> Pieces:
    """Give a row's sentence as words kept, struck and added."""
    if row.kind == "equal" and row.new is not None:
        return (("equal", comparison.new.sentences[row.new]),)
    if row.kind == "moved_away" and row.old is not None:
        return (("equal", comparison.old.sentences[row.old]),)
    if row.step.words:
        return row.step.words
    return _whole(row, comparison)


def _whole(row: Row, comparison: Comparison) -> Pieces:
    found: list[tuple[WordOperation, str]] = []
    if row.old is not None:
        found.append(("delete", comparison.old.sentences[row.old]))
    if row.new is not None:
        found.append(("equal" if row.kind == "moved_here" else "insert", comparison.new.sentences[row.new]))
    return tuple(found)


def side_of(row_pieces: Pieces, side: Literal["old", "new"]) -> Pieces:
    """Keep what stands on one side."""
    other = "insert" if side == "old" else "delete"
    return tuple(piece for piece in row_pieces if piece[0] != other)


def where(block: Block, comparison: Comparison) -> str:
    """Say which paragraph a block is: "Paragraph 17, added", "Paragraph 3, moved to paragraph 9"."""
    old, new, step = _first(block, "old"), _first(block, "new"), block.rows[0].step
    here = words.place(comparison.new, new) if new is not None else words.place(comparison.old, old or 0)
    here = here.removeprefix("the ").capitalize()
    match block.kind:
        case "added":
            return f"{here}, added"
        case "removed":
            return f"{here} of the old version, removed"
        case "moved_here":
            return f"{here}, moved from {words.place(comparison.old, step.old or 0)}"
        case "moved_away":
            return f"{here} of the old version, moved to {words.place(comparison.new, step.new or 0)}"
    return here


def _first(block: Block, side: Literal["old", "new"]) -> int | None:
    return next((index for row in block.rows if (index := getattr(row, side)) is not None), None)


def changed(comparison: Comparison) -> Iterator[Block]:
    """Give the blocks worth reading in a short report: all but the untouched, a move once."""
    return (block for block in blocks(comparison) if block.kind not in ("equal", "moved_away"))


def in_context(block: Block, comparison: Comparison) -> Pieces:
    """Write a block as one run of words, with one unchanged sentence kept beside each changed one."""
    found: list[tuple[WordOperation, str]] = []
    for n, row in enumerate(block.rows):
        near = block.rows[max(0, n - 1) : n + 2]
        far = block.kind == "changed" and all(other.kind == "equal" for other in near)
        following: Pieces = (("equal", "…"),) if far else pieces(row, comparison)
        if far and found and found[-1] == following[0]:
            continue
        if found:
            found.append((found[-1][0] if found[-1][0] == following[0][0] else "equal", " "))
        found.extend(following)
    return tuple((operation, "".join(text for _, text in run)) for operation, run in groupby(found, key=itemgetter(0)))


def standing(comparison: Comparison) -> list[tuple[int, tuple[Fact, ...]]]:
    """List the sentences of the new version that were left standing and that a conflict contradicts, with the conflicts."""
    found: dict[int, list[Fact]] = {}
    for fact in comparison.facts:
        if fact.status == "conflicts" and fact.standing_sentence is not None:
            found.setdefault(fact.standing_sentence, []).append(fact)
    return [(sentence, tuple(facts)) for sentence, facts in sorted(found.items())]
