"""A catalog for each test, once in an SQLite file and once in PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.catalog import Catalog

pytest_plugins = ["postgres"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a database with empty tables."""
    if request.param == "sqlite":
        file = request.getfixturevalue("tmp_path") / "catalog.sqlite"
        shutil.copy(request.getfixturevalue("_empty_file"), file)
        return f"sqlite:///{file}"
    address: str = request.getfixturevalue("postgres_database")
    return address


@pytest.fixture
def catalog(database: str) -> Iterator[Catalog]:
    """An empty catalog."""
    with Catalog.open(database) as opened:
        yield opened


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """Where an SQLite database may be put."""
    return tmp_path / "catalog.sqlite"


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("catalog") / "empty.sqlite"
    Catalog.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def _used_database(postgres) -> str:  # type: ignore[no-untyped-def]
    return str(postgres.new_catalog())


@pytest.fixture
def postgres_database(postgres, _used_database: str) -> str:  # type: ignore[no-untyped-def]
    """One database, emptied for each test: faster than a new one."""
    postgres.empty(_used_database)
    return _used_database
