"""Read the dates that pages declare about themselves as moments in UTC.

Computes only.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y%m%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y",
    "%Y%m%dT%H%M%S", "%a %b %d %H:%M:%S %Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y",
)  # fmt: skip
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]+(\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?(?![\d-])",
    re.IGNORECASE,
)
_EARLIEST = 1990  # no page is older


def parse_moment(text: str) -> datetime | None:
    """Read a date or time; without a zone it is taken as UTC, without a time as midnight.  None when it is not a date."""
    text = re.sub(r"\s+", " ", text).strip()
    moment = _iso(text) or _mail(text) or _other(text) or _unix(text)
    return moment if moment and _EARLIEST <= moment.year <= 2100 else None


def _iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if not match:
        return None
    day, minutes, seconds, zone = match.groups()
    zone = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}.get((zone or "Z").upper(), zone or "")
    try:
        moment = datetime.fromisoformat(f"{day}T{minutes or '00:00'}{seconds or ':00'}{zone}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _mail(text: str) -> datetime | None:
    if not re.match(r"[A-Za-z]{3},? \d", text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return _aware(moment)


def _other(text: str) -> datetime | None:
    for form in _FORMATS:
        try:
            return _aware(datetime.strptime(text, form))  # noqa: DTZ007 - made aware at once
        except ValueError:
            continue
    return None


def _unix(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{10}(?:\d{3})?", text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
