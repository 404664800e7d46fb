"""The tables, and how our values are kept in their columns.

    sources ─< articles ─< versions ─< changes ─< deliveries
                     └────< events        ├────< change_kinds
                                                  └───── opinions

Beside these stand two full-text indexes, `version_words` and `change_words`, which each database has in its own form (`words`).

Moments are whole microseconds since 1970 UTC: exact, eight bytes, and in the right order in every database.
What pages and servers say goes through `Words`, because a text may hold what a database refuses.
Indexes that end in a condition hold only the rows that are ever looked for, so that they stay small.
It stands in their `info`: as an argument of one database's it would have that database's driver imported, whichever is used.

The tables are made by the migrations; a test holds that these make what is written here.

Computes only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

HEAD: Final = "0016"  # the newest revision among the migrations
REVISION_TABLE: Final = "alembic_version"

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A timezone-aware moment, exact to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Count from the epoch; a naive moment is a bug and raises TypeError."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Count back."""
        return None if value is None else EPOCH + value * MICROSECOND


class Span(TypeDecorator[timedelta]):
    """A span of time in whole seconds, at least one."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Count the seconds."""
        return None if value is None else max(round(value.total_seconds()), 1)

    def process_result_value(self, value: Any, dialect: Any) -> timedelta | None:  # noqa: ARG002
        """Count back."""
        return None if value is None else timedelta(seconds=value)


class Words(TypeDecorator[str]):
    """Text from outside: half a surrogate pair (no UTF-8) and NUL (refused by PostgreSQL) become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002
        """Replace what cannot be kept."""
        return None if value is None else clean_words(value)


def clean_words(value: str) -> str:
    """Replace the characters that a database refuses."""
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where the type is INTEGER


def _queue(table: str) -> Index:
    # All that a claim asks for is in it, so that the queue is walked without a look at the rows.
    # SQLite uses such an index only where a query has the condition word for word.
    columns = ("due_at", "id", "host", "leased_until", "active")
    return Index(f"ix_{table}_queue", *columns, info={"where": "active"})


sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Words, nullable=False, unique=True),
    Column("host", Words, nullable=False),
    Column("kind", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("due_at", Moment),
    Column("leased_until", Moment),
    Column("checked_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("links", Words),
    Column("limit", Integer),
    Column("every_s", Span),
    Column("most_per_hour", Integer),
    _queue("sources"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Words, nullable=False, unique=True),
    Column("host", Words, nullable=False),
    Column("folder", Words, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("source_id", ForeignKey("sources.id"), index=True),
    Column("active", Boolean, nullable=False),
    Column("due_at", Moment),
    Column("leased_until", Moment),
    Column("checked_at", Moment),
    Column("changed_at", Moment),
    Column("unchanged_checks", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("snapshot_digest", Text),
    Column("archived_file", Words),
    Column("archived_end", BigInteger),
    Column("latest", Integer, nullable=False),  # number of the latest version, 0 before the first
    Column("same_as", Words),
    Column("canonical", Words, index=True),  # the address that its page declares, where that is another one
    Column("gone_checks", Integer, nullable=False, server_default="0"),
    Column("gone_since", Moment),
    Column("gone_until", Moment),
    Column("removed_at", Moment),
    Column("every_s", Span),
    Column("fingerprint", Text),  # of the last page in which the latest text was read in full
    Column("noted", Boolean, nullable=False, server_default=false()),  # beside its captures, as it is known now
    Index(None, "host"),
    Index("ix_articles_unnoted", "id", info={"where": "NOT noted"}),
    _queue("articles"),
)

article_tags = Table(
    "article_tags",
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("tag", Words, primary_key=True),
    Index(None, "tag"),
    sqlite_with_rowid=False,
)

source_tags = Table(
    "source_tags",
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True),
    Column("tag", Words, primary_key=True),
    sqlite_with_rowid=False,
)

versions = Table(
    "versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("articles.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("snapshot_id", Text, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("status", Integer, nullable=False),
    Column("snapshot_digest", Text, nullable=False),
    Column("file", Words, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("origin", Words),  # of an imported capture: from where
    Column("reading_file", Words),  # of a re-extraction: where the archive keeps it
    Column("reading_offset", BigInteger),
    Column("reading_at", Moment),
    Column("digest", Text, nullable=False),
    Column("headline", Words),
    Column("last_seen_at", Moment, nullable=False),
    Column("updated_at", Moment),
    UniqueConstraint("article_id", "number"),
    UniqueConstraint("article_id", "snapshot_id"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("articles.id"), nullable=False),
    Column("old_version_id", ForeignKey("versions.id"), nullable=False),
    Column("new_version_id", ForeignKey("versions.id"), nullable=False, unique=True),
    Column("detected_at", Moment, nullable=False),
    Column("verdict", Text),  # these three stand in the comparison too; here they can be filtered by
    Column("importance", Integer, nullable=False),
    Column("disclosure", Text),
    Column("reversal_of", Integer),  # number of the earlier version with the same text as the new one
    Column("alternating", Boolean, nullable=False, server_default=false()),  # both texts are served in turn
    Column("comparison", LargeBinary, nullable=False),  # schema 1 as JSON, by zlib: it holds both texts in full
    Column("facts", Text),  # its facts in short, for lists (`digest`)
    Index(None, "detected_at"),
    Index(None, "article_id", "detected_at"),
    Index(None, "verdict", "detected_at"),
    # A list is walked newest first, and nearly all conditions are in it, so that rows are looked at only once they are wanted.
    Index("ix_changes_list", "detected_at", "id", "verdict", "importance", "disclosure", "article_id"),
)

change_kinds = Table(
    "change_kinds",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("change_id", ForeignKey("changes.id"), primary_key=True),
    sqlite_with_rowid=False,
)

opinions = Table(
    "opinions",
    metadata,
    Column("change_id", ForeignKey("changes.id"), primary_key=True, autoincrement=False),
    Column("verdict", Text),  # "agree", "not_substantive" or "other_kind"; None: only a note
    Column("kind", Text),  # of "other_kind": which
    Column("note", Words, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("query", Words, nullable=False),  # as it stands in an address: "verdict=substantive&kind=location"
    Column("created_at", Moment, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", ForeignKey("articles.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Words, nullable=False),
    Column("headline", Words),
    Column("not_before", Moment, nullable=False),
    Column("not_after", Moment, nullable=False),
    Column("detected_at", Moment, nullable=False),
    Index(None, "detected_at"),
    Index(None, "article_id", "detected_at"),
)

variants = Table(
    "variants",
    metadata,
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("article_id", ForeignKey("articles.id"), nullable=False, index=True),
    Column("place", Integer, nullable=False),  # 1: what stood there before they began to alternate, or an edit of it
    Column("looks", Integer, nullable=False),
    Column("in_a_row", Integer, nullable=False),
    Column("marks", Words, nullable=False),  # JSON: the sentences that it does not share with the others
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("channel", Words, nullable=False),
    Column("change_id", ForeignKey("changes.id")),
    Column("message", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),
    Column("leased_until", Moment),
    Column("delivered_at", Moment),
    Column("error", Words),
    Column("importance", Integer, nullable=False, server_default="0"),  # 3 may be told in quiet hours
    Column("timetable", Text),  # of the digest that it waits for; none: it is sent by itself
    Column("sent_as", Text),  # key of the digest that it was put into: tried again, it is in the same one
    Index("ix_deliveries_queue", "state", "channel", "due_at", "id", "leased_until"),
    Index(None, "change_id"),
    Index(None, "channel", "delivered_at"),
)

channels = Table(
    "channels",
    metadata,
    Column("name", Words, primary_key=True),
    Column("failures", Integer, nullable=False),  # in a row
    Column("failing_since", Moment),
    Column("resume_at", Moment),  # it is left alone until then, because it failed or has had its share
    Column("leased_until", Moment),  # one process at a time sends to it, in order
)

robots = Table(
    "robots",
    metadata,
    Column("url", Words, primary_key=True),  # of the robots.txt
    Column("text", Words),  # None: there is none
    Column("read_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    Column("name", Words, primary_key=True),
    Column("closed_until", Moment),
    Column("why", Words),
    Column("state", Text),  # JSON
)
