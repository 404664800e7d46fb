"""Notice that a database was written to, by whatever program, without asking it anything.

Touches the database.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Self


class Watch:
    """An eye on one SQLite file, for one thread at a time.

    Args:
        file: The database; of None, which is one on a server, nothing is ever noticed.
    """

    def __init__(self, file: Path | None) -> None:
        self._connection: sqlite3.Connection | None = None
        if file:
            self._connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=0, check_same_thread=False
            )
        self._seen = self._version()

    def changed(self) -> bool:
        """Say whether something was written since the last time; it takes some microseconds."""
        before, self._seen = self._seen, self._version()
        return self._seen != before

    def close(self) -> None:
        """Let go of the file."""
        if self._connection:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _version(self) -> int | None:
        with contextlib.suppress(sqlite3.Error):  # a disk in trouble: whoever reads from it says so
            if self._connection:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        return None
