"""The forms that tables are written in: each takes rows one at a time and holds a bounded number of them.

Touches the disk.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any, Final, Literal, Protocol

from tracker.errors import ConfigError
from tracker.exports.tables import Column, Row, Table
from tracker.report.csv import cell
from tracker.report.json import moment

Form = Literal["csv", "jsonl", "parquet"]
BATCH: Final = 1000  # rows of a group in a Parquet file; with texts of 10 kB some 10 MB


class Writer(Protocol):
    """Writes a table."""

    def write(self, row: Row) -> None:
        """Add a row."""

    def close(self) -> None:
        """Write what is left."""


class CsvWriter:
    """Comma-separated values (RFC 4180) for spreadsheets: lists with a line an item, formulas made harmless."""

    def __init__(self, table: Table, out: IO[bytes]) -> None:
        self.names = [column.name for column in table.columns]
        self.out = out
        self._write(self.names)

    def write(self, row: Row) -> None:
        """Add a row."""
        self._write([self._value(row.get(name)) for name in self.names])

    def close(self) -> None:
        """There is nothing left."""

    def _write(self, values: list[Any]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(values)
        self.out.write(text.getvalue().encode("utf-8", "replace"))

    def _value(self, value: Any) -> object:
        if isinstance(value, datetime):
            return moment(value)
        if isinstance(value, bool):
            return str(value).lower()
        return "\n".join(str(cell(one)) for one in value) if isinstance(value, list) else cell(value)


class JsonLinesWriter:
    """A JSON object a line."""

    def __init__(self, table: Table, out: IO[bytes]) -> None:
        self.names = [column.name for column in table.columns]
        self.out = out

    def write(self, row: Row) -> None:
        """Add a row."""
        told = {name: self._value(row.get(name)) for name in self.names}
        self.out.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """There is nothing left."""

    def _value(self, value: Any) -> object:
        return moment(value) if isinstance(value, datetime) else value


class ParquetWriter:
    """Apache Parquet, typed: moments to the microsecond in UTC, lists as lists."""

    def __init__(self, table: Table, out: IO[bytes]) -> None:
        self.arrow = _arrow()
        self.schema = self.arrow.schema([(column.name, self._type(column)) for column in table.columns])
        self.rows: list[Row] = []
        from pyarrow import parquet

        self.writer = parquet.ParquetWriter(out, self.schema, compression="zstd")

    def write(self, row: Row) -> None:
        """Add a row."""
        self.rows.append({name: _whole(value) for name, value in row.items()})
        if len(self.rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is left, and the directory of the file."""
        self._flush()
        self.writer.close()

    def _flush(self) -> None:
        if self.rows:
            self.writer.write_batch(self.arrow.RecordBatch.from_pylist(self.rows, schema=self.schema))
            self.rows = []

    def _type(self, column: Column) -> Any:
        arrow = self.arrow
        types = {
            "text": arrow.string(),
            "texts": arrow.list_(arrow.string()),
            "number": arrow.int64(),
            "fraction": arrow.float64(),
            "flag": arrow.bool_(),
            "moment": arrow.timestamp("us", tz="UTC"),
        }
        return types[column.kind]


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise ConfigError(
            "Parquet needs the library `pyarrow`; install it with: pip install 'tracker[parquet]'"
        ) from error
    return pyarrow


def _whole(value: Any) -> Any:
    """Replace half a surrogate pair, which a page can hold and UTF-8 cannot."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return [_whole(one) for one in value] if isinstance(value, list) else value


FORMS: Final[dict[Form, Callable[[Table, IO[bytes]], Writer]]] = {
    "csv": CsvWriter,
    "jsonl": JsonLinesWriter,
    "parquet": ParquetWriter,
}


def open_writer(form: Form, table: Table, out: IO[bytes]) -> Writer:
    """Begin to write a table.

    Raises:
        ConfigError: What writes this form is not installed.
    """
    return FORMS[form](table, out)
