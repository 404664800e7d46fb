"""A PostgreSQL server of our own, in a temporary folder, for tests and benchmarks.

    with Postgres() as server:
        catalog = Catalog.open(server.new_database())

It listens on a socket in that folder and on no port, so that any number of them fit on a machine.
PostgreSQL refuses to run as root: then it runs as the user `postgres`, whom Debian's package brings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tracker.catalog import Catalog
from tracker.catalog.schema import REVISION_TABLE

try:
    import psycopg
except ImportError:
    psycopg = None

USER = "postgres"
PROGRAMS = ("initdb", "pg_ctl", "postgres")
EMPTY = f"""
SET session_replication_role = replica;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '{REVISION_TABLE}' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
        WHERE relnamespace = 'public'::regnamespace;
END $$
"""


def find_binaries() -> Path | None:
    """Find the server's programs: where Debian keeps them, or in PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places += [Path(found).resolve().parent] if found else []
    return next((place for place in places if all((place / name).exists() for name in PROGRAMS)), None)


def reason_to_skip() -> str | None:
    """Say what is missing, None if nothing is."""
    if find_binaries() is None:
        return "PostgreSQL's server is neither in /usr/lib/postgresql nor in PATH"
    if psycopg is None:
        return "psycopg is not installed (extra postgres)"
    return None


class Postgres:
    """A running server; its databases are gone with it.

    Args:
        durable: Wait for the disk, as a server in earnest does.
        folder: Where its folder is made; None is where temporary files go.
    """

    def __init__(self, *, durable: bool = False, folder: Path | None = None) -> None:
        self._fsync = "on" if durable else "off"
        self._place = folder
        binaries = find_binaries()
        assert binaries is not None
        self._binaries = binaries
        self._databases = 0
        self._model: str | None = None  # a database with the tables of a catalog

    def __enter__(self) -> Self:
        # Not in pytest's folder, which is closed to other users, and short: a socket's path has at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir=self._place))
        if os.getuid() == 0:
            shutil.chown(self.folder, USER)
        self._run("initdb", "-D", "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-c listen_addresses='' -k {self.folder} -c fsync={self._fsync} -c max_connections=200"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop the server as a power cut would stop its clients: connections are closed at once."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "fast", "stop")

    def new_database(self) -> str:
        """Make an empty database; gives its address."""
        return self.address(self._create(""))

    def new_catalog(self) -> str:
        """Make a database with the tables of a catalog, by a copy: the migrations take three times as long."""
        if self._model is None:
            self._model = self._create("")
            Catalog.open(self.address(self._model)).close()
        return self.address(self._create(f"TEMPLATE {self._model} STRATEGY file_copy"))

    def empty(self, address: str) -> None:
        """Empty the tables of a catalog and number from 1 again; TRUNCATE makes new files, which takes forty times as long."""
        with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(EMPTY)

    def address(self, name: str, user: str = USER) -> str:
        """Say where a database is."""
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def _create(self, how: str) -> str:
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(host=str(self.folder), user=USER, dbname=USER, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {how}")
        return name

    def _run(self, program: str, *arguments: str) -> None:
        who = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
        command = [str(self._binaries / program), *arguments]
        log = self.folder / "commands"
        with log.open("a") as output:  # not a pipe: the server would keep it open
            done = subprocess.run(command, cwd=self.folder, stdout=output, stderr=output, check=False, **who)
        assert done.returncode == 0, log.read_text()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a session: it starts in a second."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)
    with Postgres() as server:
        yield server
