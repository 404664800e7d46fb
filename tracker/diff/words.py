"""What changed inside a sentence, word by word, so that a person can read it.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from tracker.diff.alike import FUNCTION_WORDS
from tracker.diff.sequences import Run, equal_runs
from tracker.diff.tokens import split_tokens
from tracker.models import WordOperation

Words = tuple[tuple[WordOperation, str], ...]


@dataclass(slots=True)
class _Block:
    """A change and the equal words after it."""

    delete: list[str] = field(default_factory=list)
    insert: list[str] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)


def diff_words(old: str, new: str) -> Words:
    """Say what became of the words of a sentence.

    Returns:
        Pieces in reading order, white space included: "equal" and "delete" joined are exactly `old`, "equal" and "insert" exactly `new`.
        A change is one "delete" and one "insert" at most, of whole words; words that say nothing by themselves ("the", a comma) are not kept between two changes.
    """
    a, b = split_tokens(old), split_tokens(new)
    blocks = _join(_blocks(a, b, equal_runs(a, b)))
    for before, block in pairwise(blocks):
        _settle(before, block)
    pieces: list[tuple[WordOperation, str]] = []
    for block in blocks:
        pieces += [
            ("delete", "".join(block.delete)),
            ("insert", "".join(block.insert)),
            ("equal", "".join(block.equal)),
        ]
    return tuple(piece for piece in pieces if piece[1])


def _blocks(a: list[str], b: list[str], runs: list[Run]) -> list[_Block]:
    blocks = [_Block()]
    i = j = 0
    for a1, b1, n in [*runs, (len(a), len(b), 0)]:
        if i < a1 or j < b1 or not n:
            blocks.append(_Block(a[i:a1], b[j:b1]))
        blocks[-1].equal += a[a1 : a1 + n]
        i, j = a1 + n, b1 + n
    return blocks


def _join(blocks: list[_Block]) -> list[_Block]:
    """Take equal words that only interrupt a change into it.  The first block is what is equal at the start."""
    joined: list[_Block] = []
    for block in blocks:
        whole = block
        while len(joined) > 1 and _interrupts(joined[-1], whole):
            last = joined.pop()
            whole = _Block(
                last.delete + last.equal + whole.delete, last.insert + last.equal + whole.insert, whole.equal
            )
        joined.append(whole)
    return joined


def _interrupts(before: _Block, after: _Block) -> bool:
    if not (after.delete or after.insert):
        return False
    said = [token for token in before.equal if token[0].isalnum() or token[-1].isalnum()]
    telling = sum(len(token) for token in said if token.lower() not in FUNCTION_WORDS)
    if not telling:
        return len(said) <= 3
    changed = min(_length(before), _length(after))
    return (
        len(said) < 3
        and not any(character.isdigit() for token in said for character in token)
        and changed > 4 * telling
    )


def _length(block: _Block) -> int:
    return max(sum(map(len, block.delete)), sum(map(len, block.insert)))


def _settle(before: _Block, block: _Block) -> None:
    """Move the edges of a change to where a reader would put them."""
    while block.delete and block.insert and block.delete[0] == block.insert[0]:
        before.equal.append(block.delete.pop(0))
        del block.insert[0]
    while block.delete and block.insert and block.delete[-1] == block.insert[-1]:
        block.equal.insert(0, block.delete.pop())
        del block.insert[-1]
    if bool(block.delete) == bool(block.insert) or not block.equal:
        return
    change = block.delete or block.insert
    if change[0].isspace() and change[0] == block.equal[0]:  # "a[ new] dog" → "a [new ]dog"
        before.equal.append(change[0])
        change.append(change.pop(0))
        del block.equal[0]
