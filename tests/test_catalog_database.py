"""A database is made, brought up to date after a backup, and whatever is the matter with it is one clear sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from catalog_samples import HOUR, NOW, SEEN, add, changed, message, record
from sqlalchemy import Engine, event, inspect

from tracker.catalog import Catalog, migration
from tracker.catalog.migration import MIGRATIONS
from tracker.catalog.schema import HEAD, metadata
from tracker.errors import CatalogError

pytest_plugins = ["catalog_fixtures"]


def address(file: Path, options: str = "") -> str:
    return f"sqlite:///{file}{options}"


# --- opening --------------------------------------------------------------------------------------


def test_database_is_made_with_the_folders_above_it(tmp_path):
    file = tmp_path / "new" / "folder" / "catalog.sqlite"

    with Catalog.open(address(file)) as catalog:
        add(catalog)

    with Catalog.open(address(file)) as catalog:
        assert catalog.count_articles() == 1
    assert [path.name for path in file.parent.iterdir()] == ["catalog.sqlite"]  # no backup, and the log is put away


def test_tables_are_those_that_the_program_means(database):
    with Catalog.open(database) as catalog, catalog._database.read() as connection:
        ours = {"compare_type": False, "include_name": lambda name, kind, _: kind != "table" or "_words" not in name}
        context = MigrationContext.configure(connection, opts=ours)
        found = inspect(connection)

        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            made = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
            assert made == {column.name: bool(column.nullable) for column in table.c}


def test_sqlite_is_set_up_to_survive(sqlite_file):
    with Catalog.open(address(sqlite_file)) as catalog, catalog._database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


LASTING = {
    "article": add,
    "version": lambda catalog: record(catalog, catalog.articles()[0], "text"),
    "delivered": lambda catalog: catalog.record_delivered(1, NOW),
    "unwatched": lambda catalog: catalog.deactivate("https://example.org/a"),
}
LIGHT = {
    "claim": lambda catalog: catalog.claim_due_articles(NOW, 1, HOUR),
    "unchanged": lambda catalog: catalog.record_unchanged(1, at=NOW, due_at=NOW, validators=SEEN),
    "failure": lambda catalog: catalog.record_failure(1, at=NOW, due_at=NOW, error="no route"),
}


@pytest.mark.parametrize("write", LASTING.values(), ids=LASTING.keys())
def test_what_may_not_be_lost_waits_for_the_disk(database, write):
    assert waits_for_the_disk(database, write)


@pytest.mark.parametrize("write", LIGHT.values(), ids=LIGHT.keys())
def test_what_can_be_done_again_does_not_wait_for_the_disk(database, write):
    assert not waits_for_the_disk(database, write)


def waits_for_the_disk(database: str, write: Callable[[Catalog], object]) -> bool:
    """Ask the database itself, at the end of the transaction."""
    asks = "PRAGMA synchronous" if database.startswith("sqlite") else "SHOW synchronous_commit"
    answers = []
    with Catalog.open(database) as catalog:
        add(catalog)

        def ask(connection):
            answers.append(connection.connection.cursor().execute(asks).fetchone()[0])

        event.listen(Engine, "commit", ask)
        try:
            write(catalog)
        finally:
            event.remove(Engine, "commit", ask)
    return answers[-1] in (2, "on")


def test_current_database_is_opened_without_alembic(sqlite_file):
    """Alembic takes longer to import than all else that opening does."""
    Catalog.open(address(sqlite_file)).close()
    program = f"import sys; from tracker.catalog import Catalog; Catalog.open({address(sqlite_file)!r}).close(); print('alembic' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_reading_does_not_wait_for_writing(sqlite_file):
    with Catalog.open(address(sqlite_file)) as catalog:
        article = add(catalog)
        with catalog._database.write() as connection:
            connection.exec_driver_sql("UPDATE articles SET failures = 7")

            assert catalog.articles() == [article]


def test_many_processes_may_make_one_database(sqlite_file):
    program = f"from tracker.catalog import Catalog; Catalog.open({address(sqlite_file)!r}).close()"
    makers = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]

    assert [maker.communicate()[1] for maker in makers] == [b""] * 4
    with Catalog.open(address(sqlite_file)) as catalog:
        assert catalog.count_articles() == 0


# --- migrating ------------------------------------------------------------------------------------

LATER_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.add_column("articles", sa.Column("pinned", sa.Boolean()))
    {then}
"""


@pytest.fixture
def later_tracker(tmp_path, monkeypatch):
    """A tracker that has one more migration."""

    def become(then="pass"):
        folder = tmp_path / "migrations"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(MIGRATIONS, folder)
        (folder / "versions" / "revision_9999.py").write_text(LATER_REVISION.format(head=HEAD, then=then))
        monkeypatch.setattr(migration, "MIGRATIONS", folder)
        monkeypatch.setattr(migration, "HEAD", "9999")

    return become


@pytest.fixture(params=["sqlite", "postgresql"])
def own_database(request, tmp_path):
    """The address of a database that no other test uses."""
    if request.param == "sqlite":
        return address(tmp_path / "catalog.sqlite")
    return request.getfixturevalue("postgres").new_database()


def columns(catalog: Catalog) -> list[str]:
    with catalog._database.read() as connection:
        return [column["name"] for column in inspect(connection).get_columns("articles")]


def test_older_database_is_changed_and_keeps_everything(own_database, later_tracker):
    with Catalog.open(own_database) as catalog:
        change = changed(catalog, tags=["asia"])
    later_tracker()

    with Catalog.open(own_database) as catalog:
        assert "pinned" in columns(catalog)
        assert catalog.changes() == [change]


def test_sqlite_is_copied_before_it_is_changed(sqlite_file, later_tracker):
    with Catalog.open(address(sqlite_file)) as catalog:
        change = changed(catalog)
    later_tracker()
    Catalog.open(address(sqlite_file)).close()

    backup = sqlite_file.with_name(f"catalog.sqlite.backup-{HEAD}")
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        assert copy.execute("SELECT id, detected_at FROM changes").fetchall() == [
            (change.id, round(change.detected_at.timestamp() * 10**6))
        ]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not list(sqlite_file.parent.glob("*.new"))


def test_database_is_as_before_when_a_migration_fails(own_database, later_tracker):
    with Catalog.open(own_database) as catalog:
        change = changed(catalog)
    later_tracker(then='op.execute("INSERT INTO nowhere VALUES (1)")')

    with pytest.raises(CatalogError, match="the database refused"):
        Catalog.open(own_database)

    later_tracker()
    with Catalog.open(own_database) as catalog:
        assert catalog.changes() == [change]


def test_nothing_is_changed_when_the_backup_cannot_be_written(sqlite_file, later_tracker):
    Catalog.open(address(sqlite_file)).close()
    sqlite_file.with_name(f"catalog.sqlite.backup-{HEAD}").mkdir()
    later_tracker()

    with pytest.raises(CatalogError, match=rf"catalog.sqlite.backup-{HEAD}: the backup .* nothing was changed"):
        Catalog.open(address(sqlite_file))

    with closing(sqlite3.connect(sqlite_file)) as found:
        assert found.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


def test_database_of_a_newer_tracker_is_left_alone(own_database, later_tracker, monkeypatch):
    with monkeypatch.context():
        later_tracker()
        Catalog.open(own_database).close()
    monkeypatch.undo()

    with pytest.raises(CatalogError, match=r"that of a newer tracker \(revision 9999\); install that version"):
        Catalog.open(own_database)


# --- what may be the matter -----------------------------------------------------------------------


def is_text(file: Path) -> None:
    file.write_text("Dear diary, " * 1000)


def is_a_folder(file: Path) -> None:
    file.mkdir()


def is_of_another_program(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE bookmarks (url)")


def is_damaged(file: Path) -> None:
    with Catalog.open(address(file)) as catalog:
        for number in range(50):
            add(catalog, str(number))
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(os.urandom(size - 4096))


def lies_beneath_a_file(file: Path) -> None:
    file.parent.rmdir()
    file.parent.write_text("")


FILES = {
    "text": (is_text, "catalog.sqlite: this is not a database; name another file"),
    "folder": (is_a_folder, "catalog.sqlite: the database cannot be opened; check that it is a file"),
    "another program's": (is_of_another_program, "catalog.sqlite: this is a database, but not a tracker's catalog"),
    "damaged": (is_damaged, "catalog.sqlite: the database is damaged; put a backup in its place"),
    "beneath a file": (lies_beneath_a_file, "catalog.sqlite: its folder cannot be made: "),
}


@pytest.mark.parametrize(("spoil", "sentence"), FILES.values(), ids=FILES.keys())
def test_unusable_file_is_named_with_what_to_do(tmp_path, spoil, sentence):
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "catalog.sqlite"
    spoil(file)
    content = file.read_bytes() if file.is_file() else None

    with pytest.raises(CatalogError, match=sentence) as caught:
        Catalog.open(address(file)).articles()

    assert str(file) in str(caught.value)
    assert content is None or file.read_bytes() == content or spoil is is_of_another_program


ADDRESSES = {
    "no address": ("catalog.sqlite", "the address of the database cannot be read"),
    "in memory": ("sqlite:///:memory:", "sqlite:///:memory:: the catalog has to outlast the program"),
    "no path": ("sqlite://", "the catalog has to outlast the program"),
    "unknown kind": ("mysql://u:secret@h/d", r"mysql://u:\*\*\*@h/d: the catalog cannot be kept in mysql"),
    "unknown driver": ("sqlite+nothing:////tmp/x", r"there is no driver sqlite\+nothing"),
    "driver not installed": ("postgresql+pg8000://u:secret@h/d", "the driver for this database is not installed"),
    "nobody listens": (
        "postgresql://u:secret@127.0.0.1:1/d",
        r"postgresql\+psycopg://u:\*\*\*@127.0.0.1:1/d: the server cannot be reached",
    ),
}


@pytest.mark.parametrize(("given", "sentence"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_unusable_address_is_explained_without_its_password(given, sentence):
    if given.startswith("postgresql://"):
        pytest.importorskip("psycopg")

    with pytest.raises(CatalogError, match=sentence) as caught:
        Catalog.open(given)

    assert "secret" not in str(caught.value)


UNKNOWN = {
    "database": (lambda server: server.address("nothing"), "the server has no such database"),
    "user": (lambda server: server.address("postgres", user="nobody"), "the server has no such user"),
}


@pytest.mark.parametrize(("wrong", "sentence"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_unknown_name_on_a_server_is_told(postgres, wrong, sentence):
    with pytest.raises(CatalogError, match=sentence):
        Catalog.open(wrong(postgres))


def test_lock_held_too_long_is_told_and_nothing_is_lost(sqlite_file):
    with Catalog.open(address(sqlite_file, "?timeout=0.1")) as catalog:
        article = add(catalog)
        with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            assert catalog.articles() == [article]
            with pytest.raises(CatalogError, match="another program holds the database"):
                add(catalog, "b")

        assert add(catalog, "b").id == 2


def test_lock_held_for_a_moment_is_waited_for(sqlite_file):
    with (
        Catalog.open(address(sqlite_file)) as catalog,
        closing(sqlite3.connect(sqlite_file, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, other.execute, ["COMMIT"])
        timer.start()

        assert add(catalog).id == 1
        timer.join()


def test_full_disk_is_told_and_nothing_is_half_written(sqlite_file):
    """SQLite says the same of a file that may not grow as of a disk that is full."""
    with Catalog.open(address(sqlite_file)) as catalog:
        article = add(catalog)
        record(catalog, article, "before")
        before = catalog.article_by_id(article.id)
        with catalog._database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(CatalogError, match="the disk is full and nothing was written; make room"):
            catalog.add_delivery("desk", message("1", text="long" * 10_000), NOW)

        with catalog._database.write() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        assert catalog.deliveries() == []
        assert catalog.article_by_id(article.id) == before


def test_file_that_may_only_be_read_is_told(sqlite_file):
    with Catalog.open(address(sqlite_file)) as catalog:
        article = add(catalog)
    read_only = f"sqlite:///file:{sqlite_file}?mode=ro&uri=true"

    with Catalog.open(read_only) as catalog:
        assert catalog.articles() == [article]
        with pytest.raises(CatalogError, match="cannot be written; check the permissions"):
            add(catalog, "b")


def test_server_that_was_restarted_is_used_again(postgres, postgres_database):
    with Catalog.open(postgres_database) as catalog:
        add(catalog)
        postgres.stop()
        with pytest.raises(CatalogError, match="the server cannot be reached"):
            catalog.articles()
        postgres.start()

        assert len(catalog.articles()) == 1


def test_lock_of_a_server_held_too_long_is_told(postgres_database, monkeypatch):
    monkeypatch.setattr("tracker.catalog.database.LOCK_WAIT_S", 1)
    with Catalog.open(postgres_database) as catalog, Catalog.open(postgres_database) as other:
        article = add(catalog)
        with other._database.write() as connection:
            connection.exec_driver_sql("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE")

            with pytest.raises(CatalogError, match="another program holds the database"):
                catalog.release(article.id)


def test_errors_keep_their_cause(sqlite_file):
    is_text(sqlite_file)

    with pytest.raises(CatalogError) as caught:
        Catalog.open(address(sqlite_file))

    assert "file is not a database" in str(caught.value.__cause__)


QUEUES = {
    "articles": lambda catalog: catalog.claim_due_articles(NOW, 5, HOUR, per_host=2),
    "sources": lambda catalog: catalog.claim_due_sources(NOW, 5, HOUR),
    "deliveries": lambda catalog: catalog.due_channels(NOW),
}


@pytest.mark.parametrize(("table", "walk"), QUEUES.items(), ids=QUEUES.keys())
def test_queue_is_walked_in_its_index_alone(sqlite_file, table, walk):
    """At 100,000 articles all else is too slow; SQLite says how it means to find the rows."""
    sent = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    with Catalog.open(address(sqlite_file)) as catalog:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            walk(catalog)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        with catalog._database.read() as connection:
            statement, parameters = sent[0]
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()

    assert f"USING COVERING INDEX ix_{table}_queue" in plan[0].detail
    assert not any("ORDER BY" in step.detail for step in plan)
