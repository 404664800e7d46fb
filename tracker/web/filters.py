"""Which changes are wanted: from the query of an address, and back.

The same words filter the page, the API and the feed, so that a filter once found can be read, subscribed to and fetched.

Computes only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Final, get_args
from urllib.parse import urlencode

from tracker.catalog.listing import ChangeFilter, Cursor, Reviewed
from tracker.errors import InputError
from tracker.models import Disclosure, Kind, Verdict

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SPAN: Final = re.compile(r"(\d{1,6})([mhdw])")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST: Final = 300  # characters of a value
LARGEST: Final = 2**53  # a number that every program reads the same
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "verdict": get_args(Verdict),
    "kind": get_args(Kind),
    "disclosure": get_args(Disclosure),
    "reviewed": get_args(Reviewed),
}
KEYS: Final = (
    "verdict", "kind", "disclosure", "importance", "host", "source", "tag", "entity", "since", "until", "article", "reviewed",
)  # fmt: skip
NAMES: Final = {"reviewed": "your verdict", "source": "feed", "entity": "about"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as it was asked for: cleaned pairs of key and value, in a fixed order."""

    pairs: tuple[tuple[str, str], ...]
    wanted: ChangeFilter

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode(self.pairs)

    def without(self, pair: tuple[str, str]) -> str:
        """The query with one condition less."""
        return urlencode([one for one in self.pairs if one != pair])

    def values(self, key: str) -> list[str]:
        """What was asked for under a key."""
        return [value for name, value in self.pairs if name == key]

    def value(self, key: str) -> str:
        """The one value of a key; empty where there is none."""
        return next(iter(self.values(key)), "")


def read_filter(query: Sequence[tuple[str, str]], now: datetime) -> Asked:
    """Read a filter.

    Args:
        query: Pairs of an address's query; keys that are none of ours are left to others, empty values are none.
        now: What "7d" is counted back from.

    Raises:
        InputError: A value is none of those expected; names the key, and the nearest word that would do.
    """
    pairs = tuple(
        dict.fromkeys(
            (key, value.strip()) for wanted in KEYS for key, value in query if key == wanted and value.strip()
        )
    )
    given: dict[str, list[str]] = {}
    for key, value in pairs:
        if len(value) > LONGEST:
            raise InputError(f"{key} is longer than {LONGEST} characters; ask for less")
        if key in CHOICES and value not in CHOICES[key]:
            near = get_close_matches(value, CHOICES[key], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InputError(f"{key} “{value}” is none of {', '.join(CHOICES[key])}{hint}")
        given.setdefault(key, []).append(value)
    one = {key: values[-1] for key, values in given.items()}
    wanted = ChangeFilter(
        verdicts=tuple(given.get("verdict", ())),  # type: ignore[arg-type]  # checked above, as the other choices
        kinds=tuple(given.get("kind", ())),  # type: ignore[arg-type]
        disclosures=tuple(given.get("disclosure", ())),  # type: ignore[arg-type]
        importance=_number(one, "importance", 3) or 0,
        host=one["host"].lower() if "host" in one else None,
        source_id=_number(one, "source", LARGEST),
        tag=one.get("tag"),
        entity=one.get("entity"),
        since=_moment(one, "since", now),
        until=_moment(one, "until", now),
        article_id=_number(one, "article", LARGEST),
        reviewed=one.get("reviewed"),  # type: ignore[arg-type]
    )
    return Asked(pairs, wanted)


def _number(given: Mapping[str, str], key: str, largest: int) -> int | None:
    if key not in given:
        return None
    text = given[key]
    if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) > largest:
        up_to = f" from 0 to {largest}" if largest < 100 else ""
        raise InputError(f"{key} “{text}” is not a whole number{up_to}")
    return int(text)


def _moment(given: Mapping[str, str], key: str, now: datetime) -> datetime | None:
    """Read "7d" (so long ago) or a date."""
    if key not in given:
        return None
    text = given[key]
    try:
        if match := SPAN.fullmatch(text.lower()):
            return max(now - timedelta(**{UNITS[match[2]]: int(match[1])}), EPOCH)
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{key} “{text}” is neither a span such as 12h, 7d, 2w nor a date such as 2018-04-09"
        ) from error


def describe(pair: tuple[str, str]) -> str:
    """Say a condition in a few words: "kind: location"."""
    key, value = pair
    return f"{NAMES.get(key, key)}: {value.replace('_', ' ')}"


# --- places in the list ---------------------------------------------------------------------------


def write_cursor(cursor: Cursor) -> str:
    """Write a place in the list for an address."""
    return f"{(cursor.detected_at - EPOCH) // timedelta(microseconds=1)}-{cursor.id}"


def read_cursor(text: str | None) -> Cursor | None:
    """Read it back.

    Raises:
        InputError: It was not written by `write_cursor`.
    """
    if not text:
        return None
    match = re.fullmatch(r"(-?[0-9]{1,17})-([0-9]{1,18})", text)
    try:
        if match:
            return Cursor(EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))
    except OverflowError:
        pass
    raise InputError("after is not a place in the list; take it from the answer before, as it is")
