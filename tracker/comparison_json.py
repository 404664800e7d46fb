"""The comparison as JSON, schema 1: what `compare --format json` prints and every stored change carries.

README, "The comparison, as JSON", describes each key.  Beyond what a reader of schema 1 may rely on, the object carries the reasons of the verdict and the warnings, so that nothing is lost on the way into the store and back.

Computes only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import NoReturn, TypeVar, get_args, overload

from tracker.errors import InputError
from tracker.models import (
    Capture,
    Comparison,
    Disclosure,
    Fact,
    Judgement,
    Kind,
    Label,
    OperationKind,
    SentenceChange,
    Side,
    Status,
    Verdict,
    WordOperation,
)

SCHEMA = 1

W = TypeVar("W", bound=str)
Json = dict[str, object]


# --- writing --------------------------------------------------------------------------------------


def comparison_to_json(comparison: Comparison, *, changes_only: bool = False) -> Json:
    """Write a comparison as values that `json.dumps` takes.

    Args:
        comparison: What to write.
        changes_only: Leave equal sentences out of the alignment.
    """
    judgement = comparison.judgement
    steps = (step for step in comparison.sentences if not (changes_only and step.operation == "equal"))
    return {
        "schema": SCHEMA,
        "verdict": judgement.verdict,
        "importance": judgement.importance,
        "disclosure": judgement.disclosure,
        "reasons": list(judgement.reasons),
        "capture": {
            "quality": comparison.capture.quality,
            "suspect": comparison.capture.suspect,
            "reasons": list(comparison.capture.reasons),
        },
        "old": _side_to_json(comparison.old),
        "new": _side_to_json(comparison.new),
        "facts": [_fact_to_json(fact) for fact in comparison.facts],
        "sentences": [_step_to_json(step) for step in steps],
        "warnings": list(comparison.warnings),
    }


def _side_to_json(side: Side) -> Json:
    return {
        "headline": side.headline,
        "byline": list(side.byline),
        "published_at": _moment_to_json(side.published_at),
        "updated_at": _moment_to_json(side.updated_at),
        "language": side.language,
        "sentences": list(side.sentences),
        "paragraph_of": list(side.paragraph_of),
        "notices": list(side.notices),
    }


def _fact_to_json(fact: Fact) -> Json:
    return {
        "kind": fact.kind,
        "status": fact.status,
        "old": fact.old,
        "new": fact.new,
        "old_sentence": fact.old_sentence,
        "new_sentence": fact.new_sentence,
        "importance": fact.importance,
        "about": fact.about,
        "counted": fact.counted,
        "source": fact.source,
        "confidence": fact.confidence,
        "reason": fact.reason,
        "standing_sentence": fact.standing_sentence,
    }


def _step_to_json(step: SentenceChange) -> Json:
    return {
        "old": step.old,
        "new": step.new,
        "operation": step.operation,
        "label": step.label,
        "words": [[operation, piece] for operation, piece in step.words],
    }


def _moment_to_json(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


# --- reading --------------------------------------------------------------------------------------


def comparison_from_json(data: object) -> Comparison:
    """Read a comparison back.

    Raises:
        InputError: This is not a comparison of schema 1; the message names the value that is wrong.
    """
    whole = _Object(data, "the comparison")
    if whole.value("schema") != SCHEMA:
        raise InputError(
            f"the comparison has schema {_shown(whole.value('schema'))}, but this tracker reads schema {SCHEMA}; compare the two versions again"
        )
    old, new = _side(whole.nested("old")), _side(whole.nested("new"))
    return Comparison(
        judgement=Judgement(
            verdict=whole.word("verdict", _VERDICTS, optional=True),
            importance=whole.integer("importance", range(4)),
            disclosure=whole.word("disclosure", _DISCLOSURES, optional=True),
            reasons=whole.texts("reasons", optional=True),
        ),
        capture=_capture(whole.nested("capture")),
        old=old,
        new=new,
        facts=tuple(_fact(item, old, new) for item in whole.nested_items("facts")),
        sentences=tuple(_step(item, old, new) for item in whole.nested_items("sentences")),
        warnings=whole.texts("warnings", optional=True),
    )


def _capture(data: _Object) -> Capture:
    return Capture(data.fraction("quality"), data.flag("suspect"), data.texts("reasons"))


def _side(data: _Object) -> Side:
    sentences = data.texts("sentences")
    paragraph_of = data.integers("paragraph_of")
    if len(sentences) != len(paragraph_of):
        data.refuse("paragraph_of", f"one paragraph for each of the {len(sentences)} sentences", paragraph_of)
    return Side(
        headline=data.text("headline", optional=True),
        byline=data.texts("byline"),
        published_at=data.moment("published_at"),
        updated_at=data.moment("updated_at"),
        language=data.text("language", optional=True),
        sentences=sentences,
        paragraph_of=paragraph_of,
        notices=data.texts("notices"),
    )


def _fact(data: _Object, old: Side, new: Side) -> Fact:
    old_positions, new_positions = range(len(old.sentences)), range(len(new.sentences))
    return Fact(
        kind=data.word("kind", _KINDS),
        status=data.word("status", _STATUSES),
        old=data.text("old", optional=True),
        new=data.text("new", optional=True),
        old_sentence=data.integer("old_sentence", old_positions, optional=True),
        new_sentence=data.integer("new_sentence", new_positions, optional=True),
        importance=data.integer("importance", range(1, 4)),
        about=data.text("about", optional=True),
        counted=data.text("counted", optional=True),
        source=data.text("source", optional=True),
        confidence=data.fraction("confidence"),
        reason=data.text("reason"),
        standing_sentence=data.integer("standing_sentence", new_positions, optional=True),
    )


def _step(data: _Object, old: Side, new: Side) -> SentenceChange:
    operation = data.word("operation", _OPERATIONS)
    step = SentenceChange(
        old=data.integer("old", range(len(old.sentences)), optional=True),
        new=data.integer("new", range(len(new.sentences)), optional=True),
        operation=operation,
        words=data.words("words"),
        label=data.word("label", _LABELS, optional=True),
    )
    for name, position, absent in (("old", step.old, "insert"), ("new", step.new, "delete")):
        if (position is None) != (operation == absent):
            data.refuse(
                name,
                "nothing" if operation == absent else f"the sentence that is the {name} side of a {operation}",
                position,
            )
    return step


_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_DISCLOSURES: tuple[Disclosure, ...] = get_args(Disclosure)
_KINDS: tuple[Kind, ...] = get_args(Kind)
_STATUSES: tuple[Status, ...] = get_args(Status)
_OPERATIONS: tuple[OperationKind, ...] = get_args(OperationKind)
_LABELS: tuple[Label, ...] = get_args(Label)
_WORD_OPERATIONS: tuple[WordOperation, ...] = get_args(WordOperation)


class _Object:
    """A JSON object that is read key by key; what is wrong with it is said with its name."""

    def __init__(self, data: object, name: str) -> None:
        if not isinstance(data, dict):
            raise InputError(f"{name} should be a JSON object, and is {_shown(data)}")
        self._data = data
        self._name = name

    def value(self, key: str) -> object:
        return self._data.get(key)

    def refuse(self, key: str, expected: str, value: object) -> NoReturn:
        found = _shown(value) if key in self._data else "missing"
        raise InputError(f"{key!r} of {self._name} should be {expected}, and is {found}")

    def nested(self, key: str) -> _Object:
        if not isinstance(self.value(key), dict):
            self.refuse(key, "a JSON object", self.value(key))
        return _Object(self.value(key), f"{key!r} of {self._name}")

    def nested_items(self, key: str) -> list[_Object]:
        return [_Object(item, f"item {n} of {key!r} of {self._name}") for n, item in enumerate(self.items(key))]

    def items(self, key: str) -> list[object]:
        value = self.value(key)
        return value if isinstance(value, list) else self.refuse(key, "a list", value)

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, *, optional: bool) -> str | None: ...
    def text(self, key: str, *, optional: bool = False) -> str | None:
        value = self.value(key)
        if isinstance(value, str) or (optional and value is None):
            return value
        return self.refuse(key, "a text", value)

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        if optional and key not in self._data:
            return ()
        return tuple(
            item if isinstance(item, str) else self.refuse(key, "a list of texts", item) for item in self.items(key)
        )

    @overload
    def integer(self, key: str, allowed: range) -> int: ...
    @overload
    def integer(self, key: str, allowed: range, *, optional: bool) -> int | None: ...
    def integer(self, key: str, allowed: range, *, optional: bool = False) -> int | None:
        value = self.value(key)
        if optional and value is None:
            return None
        if type(value) is not int or value not in allowed:
            self.refuse(key, f"a whole number from {allowed.start} to {allowed.stop - 1}" if allowed else "null", value)
        return value

    def integers(self, key: str) -> tuple[int, ...]:
        return tuple(
            n if type(n) is int and n >= 0 else self.refuse(key, "a list of whole numbers from 0", n)
            for n in self.items(key)
        )

    def fraction(self, key: str) -> float:
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.refuse(key, "a number from 0 to 1", value)
        return float(value)

    def flag(self, key: str) -> bool:
        value = self.value(key)
        return value if isinstance(value, bool) else self.refuse(key, "true or false", value)

    @overload
    def word(self, key: str, allowed: tuple[W, ...]) -> W: ...
    @overload
    def word(self, key: str, allowed: tuple[W, ...], *, optional: bool) -> W | None: ...
    def word(self, key: str, allowed: tuple[W, ...], *, optional: bool = False) -> W | None:
        value = self.value(key)
        for one in allowed:
            if one == value:
                return one
        return None if optional and value is None else self.refuse(key, f"one of {', '.join(allowed)}", value)

    def moment(self, key: str) -> datetime | None:
        value = self.text(key, optional=True)
        if value is None:
            return None
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo:
                return at.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        return self.refuse(key, "a time like 2018-04-09T10:41:00Z", value)

    def words(self, key: str) -> tuple[tuple[WordOperation, str], ...]:
        return tuple(self._word_piece(key, item) for item in self.items(key))

    def _word_piece(self, key: str, item: object) -> tuple[WordOperation, str]:
        match item:
            case [("equal" | "delete" | "insert") as operation, str(piece)]:
                return operation, piece
        return self.refuse(key, 'pairs like ["insert", "words"]', item)


def _shown(value: object) -> str:
    """Show a value in a message, however long it is."""
    shown = json.dumps(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
