"""What a list shows of a change's facts, kept beside the comparison: it holds both texts in full, and takes a millisecond to unpack.

Computes only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Final

from tracker.catalog.folding import fold
from tracker.models import Fact

LONGEST: Final = 300  # characters of a value; whole quotations may be values
DIGESTED: Final = tuple(field.name for field in fields(Fact) if field.name != "reason")
DEFAULTS: Final[dict[str, Any]] = {"confidence": 1.0, "reason": "", **dict.fromkeys(DIGESTED)}


def facts_digest(facts: Sequence[Fact]) -> str:
    """Write facts in short: values cut, reasons and what is empty left out."""
    rows = ({key: _cut(value) for key, value in asdict(fact).items() if key in DIGESTED} for fact in facts)
    short = [{key: value for key, value in row.items() if value is not None} for row in rows]
    return json.dumps(short, ensure_ascii=True, separators=(",", ":"))


def facts_from_digest(digest: str | None) -> tuple[Fact, ...]:
    """Read them back; `old` and `new` may end in an ellipsis."""
    return tuple(Fact(**{**DEFAULTS, **row}) for row in json.loads(digest or "[]"))


def fact_words(facts: Sequence[Fact]) -> str:
    """Give the words by which a change is found: values, sources, and what the facts are about."""
    parts = dict.fromkeys(part for fact in facts for part in (fact.old, fact.new, fact.source, fact.about) if part)
    return " ".join(map(fold, parts))


def _cut(value: Any) -> Any:
    return value[: LONGEST - 1] + "…" if isinstance(value, str) and len(value) > LONGEST else value
