"""Let changes be listed, filtered and read in short, texts be searched, and readers keep what they think."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from tracker.catalog.digest import fact_words, facts_digest
from tracker.comparison_json import comparison_from_json
from tracker.errors import InputError

revision = "0008"
down_revision = "0007"

BATCH = 500  # changes in hand at once: some 10 MB
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns and tables, and read once what the changes that are there hold."""
    op.add_column("changes", sa.Column("facts", sa.Text(), nullable=True))
    op.create_index(
        "ix_changes_list", "changes", ["detected_at", "id", "verdict", "importance", "disclosure", "article_id"]
    )
    op.create_index("ix_articles_host", "articles", ["host"])
    op.create_table(
        "opinions",
        sa.Column("change_id", Id, nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_opinions_change_id")),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_opinions")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_filters_name")),
    )
    # The texts of versions are in the archive and never change, so their index keeps no copy; that of changes can be corrected.
    _create_words("version_words", "versions", "content='', ")
    _create_words("change_words", "changes", "")
    bind = op.get_bind()
    for change_id, facts, words in _read_facts(bind):
        bind.execute(sa.text("UPDATE changes SET facts = :facts WHERE id = :id"), {"facts": facts, "id": change_id})
        bind.execute(sa.text(_insert_words(bind)), {"id": change_id, "words": words})


def _create_words(table: str, of: str, option: str) -> None:
    """Make an index of words: FTS5 in SQLite, a tsvector in PostgreSQL."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE VIRTUAL TABLE {table} USING fts5(words, {option}tokenize='unicode61 remove_diacritics 0')")
        return
    op.execute(
        f"CREATE TABLE {table} (id BIGINT PRIMARY KEY REFERENCES {of}(id) ON DELETE CASCADE, words tsvector NOT NULL)"
    )
    op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")


def _insert_words(bind: sa.Connection) -> str:
    if bind.dialect.name == "sqlite":
        return "INSERT INTO change_words (rowid, words) VALUES (:id, :words)"
    return "INSERT INTO change_words (id, words) VALUES (:id, to_tsvector('simple', :words))"


def _read_facts(bind: sa.Connection) -> Iterator[tuple[int, str, str]]:
    last = 0
    query = sa.text("SELECT id, comparison FROM changes WHERE id > :last ORDER BY id LIMIT :batch")
    while rows := bind.execute(query, {"last": last, "batch": BATCH}).all():
        for row in rows:
            facts = _facts_of(row.comparison)
            yield row.id, facts_digest(facts), fact_words(facts)
        last = rows[-1].id


def _facts_of(packed: bytes) -> Any:
    """Unpack the facts of a change; one that is damaged has none here, and its page says what is the matter."""
    try:
        return comparison_from_json(json.loads(zlib.decompress(packed))).facts
    except (zlib.error, ValueError, InputError):
        return ()
