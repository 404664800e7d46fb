"""Connections, transactions, and errors in one sentence: what SQLite and PostgreSQL do differently.

SQLite is set up for a service that may be killed at any instant: a write-ahead log, so that reading never waits for writing;
what must last on the disk before it is acknowledged; foreign keys held; a writer takes its lock at the start, so that it can wait for it.
Within the process writers queue for a lock of our own, which wakes the next one at once; SQLite's own waiting sleeps and asks again.

Touches the database.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, exc, make_url

from tracker.errors import CatalogError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

LOCK_WAIT_S: Final = 30.0  # a backup by another program takes seconds; `?timeout=` in the address says otherwise
CONNECT_WAIT_S: Final = 10  # `?connect_timeout=`
CONNECTIONS: Final = 8  # kept open
CONNECTIONS_MORE: Final = 56  # at times: one for each thread of a service with many workers
MEMORY: Final = (None, "", ":memory:")
DIALECTS: Final = ("sqlite", "postgresql")


class Database:
    """A pool of connections to one database."""

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self.name = describe(url)
        # SQLite shows one state by itself.
        self._reader = engine if self.is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = engine.execution_options(writes="lasting")
        self._light_writer = engine.execution_options(writes="light")
        self._turn: contextlib.AbstractContextManager[Any] = (
            threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        )

    @classmethod
    def connect(cls, address: str) -> Self:
        """Prepare the pool; a connection is made at its first use.

        Raises:
            CatalogError: The address is not one of a database that we know.
        """
        url = read_address(address)
        try:
            return cls(url, _make_engine(url))
        except ImportError as error:
            raise CatalogError(
                f"{describe(url)}: the driver for this database is not installed; install it with: pip install 'tracker[postgres]'"
            ) from error
        except exc.NoSuchModuleError as error:
            raise CatalogError(f"{describe(url)}: there is no driver {url.drivername}; {EXPECTED}") from error

    @property
    def is_sqlite(self) -> bool:
        """Is it a file, or a server?"""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None where it is given as a `file:` address, which may mean anything."""
        path = self.url.database or ""
        return Path(path) if self.is_sqlite and not path.startswith("file:") else None

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """See one state of the database throughout."""
        with self._explain(), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[Connection]:
        """Write all of what follows, or nothing.

        Args:
            lasting: Wait until it is on the disk, so that not even a power cut takes it back.
                False is for what costs nothing to do again, such as the check of an article that had not changed:
                it survives the death of the program all the same, and is on the disk with the next lasting write.
        """
        writer = self._writer if lasting else self._light_writer
        with self._explain(), self._turn, writer.begin() as connection:
            yield connection

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Begin an INSERT that knows ON CONFLICT."""
        if self.is_sqlite:
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # the other has the same methods
        return insert(table)

    def close(self) -> None:
        """Let go of every connection."""
        self._reader.dispose()

    @contextlib.contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise CatalogError(f"{self.name}: {explain(error)}") from error
        except exc.TimeoutError as error:
            raise CatalogError(
                f"{self.name}: too many threads use the catalog at once; run with fewer workers"
            ) from error


# --- addresses ------------------------------------------------------------------------------------

EXPECTED: Final = "expected [catalog] database to be sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"


def read_address(address: str) -> URL:
    """Take an address apart.

    Raises:
        CatalogError: It is none, or one of a database that we do not know.
    """
    try:
        url = make_url(address)
    except exc.ArgumentError as error:
        raise CatalogError(f"the address of the database cannot be read; {EXPECTED}") from error  # it may be a secret
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in DIALECTS:
        raise CatalogError(f"{describe(url)}: the catalog cannot be kept in {url.get_backend_name()}; {EXPECTED}")
    if url.get_backend_name() == "sqlite" and url.database in MEMORY:
        raise CatalogError(f"{address}: the catalog has to outlast the program; {EXPECTED}")
    return url


def describe(url: URL) -> str:
    """Name a database for a message, without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


# --- set-up ---------------------------------------------------------------------------------------


def _make_engine(url: URL) -> Engine:
    defaults: dict[str, Any]
    if url.get_backend_name() == "sqlite":
        defaults = {"timeout": LOCK_WAIT_S, "isolation_level": None}  # None: the driver leaves BEGIN to us
    else:
        defaults = {"connect_timeout": CONNECT_WAIT_S}
    given = {key: value for key, value in defaults.items() if key not in url.query}
    # A server may have been restarted since: the connection is tried before it is used.
    engine = create_engine(
        url, pool_size=CONNECTIONS, max_overflow=CONNECTIONS_MORE, pool_pre_ping=True, connect_args=given
    )
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgres)
        event.listen(engine, "begin", _begin_postgres)
    return engine


def _set_up_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "journal_size_limit=67108864"):
        connection.execute(f"PRAGMA {pragma}")


def _set_up_postgres(connection: Any, record: Any) -> None:  # noqa: ARG001
    connection.execute(f"SET lock_timeout = '{LOCK_WAIT_S:.0f}s'")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    if writes is None:
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if writes == 'lasting' else 'NORMAL'}")
    # A transaction that begins with reading and then writes fails at once when another has written in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get("writes") == "light":
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


# --- errors ---------------------------------------------------------------------------------------

SENTENCES: Final = {
    r"database is locked|lock timeout": "another program holds the database for longer than we wait; end it and try again",
    r"readonly database": "the database cannot be written; check the permissions of the file and its folder",
    r"read-only transaction": "the database cannot be written; the server is a read-only copy",
    r"unable to open database file": "the database cannot be opened; check that it is a file, and that its folder can be written",
    r"database or disk is full|could not extend": "the disk is full and nothing was written; make room and try again",
    r"disk i/o error": "the disk does not read or write; check the disk and its file system",
    r"not a database": "this is not a database; name another file, or move this one away",
    r"malformed": "the database is damaged; put a backup in its place",
    r"authentication failed|no password supplied": "the server does not accept the user or the password",
    r"role .* does not exist": "the server has no such user; create it, or name another one",
    r"database .* does not exist": "the server has no such database; create it, or name another one",
    r"connection failed|connection timeout|connection is bad|server closed": "the server cannot be reached; check the address, and that it runs",
}


def explain(error: exc.DBAPIError) -> str:
    """Say what is the matter, and what to do, in one sentence."""
    said = " ".join(str(error.orig).split())
    for pattern, sentence in SENTENCES.items():
        if re.search(pattern, said, re.IGNORECASE):
            return sentence
    return f"the database refused: {said}"
