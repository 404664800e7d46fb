"""Tables and values of TOML, by the dataclass that says what is expected.

Computes only.
"""

from __future__ import annotations

import difflib
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tracker.config.settings import ChannelSettings, Size, TemplateSettings
from tracker.errors import ConfigError
from tracker.timetable import (
    QuietHours,
    Rate,
    Timetable,
    TimetableError,
    read_quiet,
    read_rate,
    read_timetable,
)

T = TypeVar("T")
Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file a value stands, for the sake of the message."""

    environ: Mapping[str, str]
    table: str = ""  # as it is written: "[fetch]", "[[watch]] #2"; empty at the top level
    key: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    secret: bool = False

    def __str__(self) -> str:
        return f"{self.table} {self.key}".strip()

    def error(self, value: object, expected: str) -> ConfigError:
        """Say what was found, unless it is secret, and what is expected instead."""
        shown = TOML_TYPES.get(type(value), "a date or time")
        if not self.secret and isinstance(value, str | bool | int | float):
            shown = f"{json.dumps(value, ensure_ascii=False)[:80]} ({shown})"
        return ConfigError(f"{self} is {shown}; expected {expected}")


TOML_TYPES: Final[Mapping[type, str]] = {
    str: "a string",
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def read_table(kind: type[T], table: object, place: Place, **given: object) -> T:
    """Build a settings dataclass from a table; `given` are fields that do not come from its keys."""
    if not isinstance(table, dict):
        raise replace(place, secret=True).error(
            table, f"a table, written {place.table} on a line of its own, with its keys below"
        )
    hints = get_type_hints(kind)
    keys = {spec.metadata.get("key", spec.name): spec for spec in _fields(kind) if spec.name not in given}
    _check_keys(table, keys, place)
    values = {
        spec.name: read_value(hints[spec.name], table[key], _place_of(spec, key, place))
        for key, spec in keys.items()
        if key in table
    }
    return kind(**given, **values)


def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _check_keys(table: Mapping[str, object], keys: Mapping[str, Field[Any]], place: Place) -> None:
    for key in table:
        if key not in keys:
            if not place.table:
                raise ConfigError(f"[{key}] is not a section{suggest(key, keys, '[{}]')}")
            raise ConfigError(f"{place.table} {key} is not a key{suggest(key, keys)}")
    for key, spec in keys.items():
        if key not in table and spec.default is MISSING and spec.default_factory is MISSING:
            raise ConfigError(f"{place.table} has no {key}, which every such table needs")


def _place_of(spec: Field[Any], key: str, place: Place) -> Place:
    if not place.table:
        return replace(place, table=f"[{key}]")
    return replace(place, key=key, limits=spec.metadata, secret=not spec.repr)


def read_tables(kind: type[T], tables: object, place: Place) -> tuple[T, ...]:
    """Read a list of tables, such as `[[watch]]`."""
    name = f"[{place.table}]"
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(
            f"{place.table} is {TOML_TYPES.get(type(tables), 'a date or time')}; write each one as {name}"
        )
    return tuple(
        read_table(kind, table, replace(place, table=f"{name} #{number}")) for number, table in enumerate(tables, 1)
    )


def read_channels(tables: object, place: Place) -> dict[str, ChannelSettings]:
    """Read the tables `[channels.NAME]`, by name."""
    if not isinstance(tables, dict):
        raise place.error(tables, "one table a channel, such as [channels.desk]")
    return {
        name: read_table(ChannelSettings, table, replace(place, table=f"[channels.{name}]"), name=name)
        for name, table in tables.items()
    }


# --- values ---------------------------------------------------------------------------------------


def read_value(hint: Any, value: object, place: Place) -> object:
    """Read one value as the type that a field's annotation asks for."""
    if get_origin(hint) in (Union, UnionType):  # "… | None": a key that is left out is None, one that is there is not
        hint = get_args(hint)[0]
    if get_origin(hint) is dict:
        return read_channels(value, place)
    if get_origin(hint) is tuple:
        return _read_list(get_args(hint)[0], value, place)
    if get_origin(hint) is Literal:
        return _read_choice(get_args(hint), value, place)
    reader = READERS.get(hint)
    return reader(value, place) if reader else read_table(hint, value, place)


def _read_list(hint: Any, value: object, place: Place) -> tuple[object, ...]:
    if is_dataclass(hint):
        return read_tables(cast(type, hint), value, place)
    if not isinstance(value, list):
        raise place.error(value, 'a list, such as ["a", "b"]')
    return tuple(read_value(hint, item, place) for item in value)


def _read_choice(choices: tuple[str, ...], value: object, place: Place) -> str:
    text = _read_text(value, place)
    if text not in choices:
        raise ConfigError(f'{place} "{text}" is not one of {", ".join(choices)}{suggest(text, choices, short=True)}')
    return text


def _read_text(value: object, place: Place) -> str:
    if not isinstance(value, str):
        raise place.error(value, "a string in quotation marks")
    return re.sub(r"\$\{([^}]*)\}", lambda match: _look_up(match[1], place), value)


def _look_up(name: str, place: Place) -> str:
    if name not in place.environ:
        raise ConfigError(f"{place} needs the environment variable {name}, which is not set")
    return place.environ[name]


def _read_path(value: object, place: Place) -> Path:
    text = _read_text(value, place)
    if not text or "\0" in text:
        raise place.error(text, "a path")
    return Path(text)


def _read_bool(value: object, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.error(value, "true or false, without quotation marks")
    return value


def _read_int(value: object, place: Place) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.error(value, "a whole number")
    _check_limits(value, value, place)
    return value


def _read_float(value: object, place: Place) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise place.error(value, "a number")
    _check_limits(value, value, place)
    return float(value)


def _read_duration(value: object, place: Place) -> timedelta:
    seconds = duration_s(_read_text(value, place) if isinstance(value, str) else "")
    if seconds is None:
        raise place.error(value, 'a duration such as "90s", "15m", "6h", "7d"')
    if seconds > LONGEST_S:
        raise place.error(value, 'at most "36500d"')
    _check_limits(seconds, value, place)
    return timedelta(seconds=seconds)


def duration_s(text: str) -> float | None:
    """Read a duration such as "90s", "15m", "6h" or "7d"; None where it is none."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd])", text)
    return float(match[1]) * UNITS[match[2]] if match else None


def _read_size(value: object, place: Place) -> int:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kMGT]?B)", value) if isinstance(value, str) else None
    if match is None:
        raise place.error(value, 'a size such as "500 MB", "1 GB" or "0 B"')
    return int(float(match[1]) * SIZES[match[2]])


def _read_with(reader: Callable[[str], object]) -> Callable[[object, Place], object]:
    def read(value: object, place: Place) -> object:
        try:
            return reader(_read_text(value, place))
        except TimetableError as error:
            raise place.error(value, str(error)) from error

    return read


def _read_template(value: object, place: Place) -> TemplateSettings:
    """Read a template, or the name of its file: whatever has no braces and is one line is a name."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise place.error(value, "a template, or the name of its file")
    written = any(mark in value for mark in ("{", "\n"))  # not by `_read_text`: braces are the template's own
    return TemplateSettings(value) if written else TemplateSettings("", Path(_read_text(value, place)))


def _check_limits(number: float, value: object, place: Place) -> None:
    for limit, bound in place.limits.items():
        if limit in LIMITS and not LIMITS[limit](number, bound):
            raise place.error(value, f"{limit} {bound:g}")


LIMITS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "more than": operator.gt,
    "at least": operator.ge,
    "at most": operator.le,
}
SIZES: Final = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_S: Final = 36500 * 86400  # a century, so that adding it to any moment of ours stays a date
READERS: Final[Mapping[object, Callable[[object, Place], object]]] = {
    str: _read_text,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    Path: _read_path,
    timedelta: _read_duration,
    Size: _read_size,
    Timetable: _read_with(read_timetable),
    QuietHours: _read_with(read_quiet),
    Rate: _read_with(read_rate),
    TemplateSettings: _read_template,
}


# --- suggestions ----------------------------------------------------------------------------------


def suggest(word: str, known: Iterable[str], form: str = "{}", *, short: bool = False) -> str:
    """Offer the nearest of the words that would have been right, or all of them where none is near."""
    known = tuple(known)
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean {form.format(near[0])}?"
    return "" if short else listed([form.format(name) for name in known], "; there is {}")


def listed(words: Iterable[str], form: str) -> str:
    """Put words into a form, or nothing where there are none."""
    joined = ", ".join(words)
    return form.format(joined) if joined else ""
