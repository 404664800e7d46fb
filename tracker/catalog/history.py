"""Record versions: the version, the change and the alerts about it are there together, or not at all.

Touches the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tracker.catalog.changes import insert_change, read_changes, select_changes
from tracker.catalog.checks import AFRESH, UNCHANGED, archived_columns, record_outcome, record_seen, validator_columns
from tracker.catalog.database import Database
from tracker.catalog.events import Told, insert_events
from tracker.catalog.outbox import insert_deliveries
from tracker.catalog.schema import articles, changes, versions
from tracker.catalog.variants import InTurn, record_in_turn
from tracker.catalog.versions import read_versions, select_versions, snapshot_columns
from tracker.catalog.words import insert_words
from tracker.errors import CatalogError
from tracker.models import Change, Comparison, Message, StoredSnapshot, StoredVersion, Validators

Deliveries = Callable[[Change], Sequence[tuple[str, Message]]]
"""Which channels get which message about a change; runs inside the transaction, so it computes only."""


class History:
    """The part of the catalog that records what changed."""

    _database: Database

    def record_version(
        self,
        article_id: int,
        *,
        at: datetime,
        due_at: datetime,
        stored: StoredSnapshot,
        digest: str,
        headline: str | None,
        updated_at: datetime | None,
        validators: Validators,
        comparison: Comparison | None,
        deliveries: Deliveries,
        same_as: str | None = None,
        happened: Sequence[Told] = (),
        old: StoredVersion | None = None,
        in_turn: InTurn | None = None,
        canonical: str | None = None,
        fingerprint: str | None = None,
        words: str | None = None,
    ) -> tuple[StoredVersion, Change | None]:
        """Note that an article says something new, or something at all, how it compares, and whom to tell.

        It may be called again after a crash, and by two who checked the same article at once: what is there already, as this
        snapshot or as the same text in the latest version, is given back, and nothing is written twice.

        Args:
            article_id: Whose version.
            at: When the check ended.
            due_at: When to check next.
            stored: Where the archive has the capture.
            digest: Of the text.
            headline: Of the version.
            updated_at: As the page says.
            validators: For the next request.
            comparison: With the latest version; None where there is none, or nothing is to be said.
            deliveries: Gives channels and messages for the change, once it has its number.
            same_as: The address that the article is followed at already, so that this one is set aside.
            happened: What else the check showed, and whom to tell.
            old: What the comparison is with; None for the latest version.
            fingerprint: Of the page, taken with its text.
            in_turn: The text is one of several that are served in turn, or the last of them.
            canonical: The address that the page declares as its own, where that is another one.
            words: What the version says, as `text_to_index` writes it; None: it is indexed later, from the archive.
        """
        arrived = {**validator_columns(validators), **archived_columns(stored)}
        with self._database.write() as connection:
            latest = _lock_latest(connection, article_id)
            if known := _find_version(connection, article_id, stored.id):
                record_outcome(connection, article_id, at, due_at)
                return known, _find_change(connection, known)
            insert_events(self._database, connection, article_id, happened, at)
            if latest and latest.digest == digest and in_turn is None:
                record_outcome(connection, article_id, at, due_at, **arrived, **UNCHANGED)
                record_seen(connection, article_id, stored.fetched_at)
                return _lock_latest(connection, article_id) or latest, _find_change(connection, latest)
            texts = {"digest": digest, "headline": headline, "updated_at": updated_at}
            version = insert_version(connection, article_id, latest, stored, texts)
            if words is not None:
                insert_words(self._database, connection, "version_words", [(version.id, words)])
            changed = {
                "latest": version.number,
                "changed_at": stored.fetched_at if latest else None,
                "fingerprint": fingerprint,
            }
            if latest is None and canonical:  # here, so that of two that are checked at once only one is followed
                same_as = same_as or _declaring(connection, canonical, article_id)
            aside: dict[str, Any] = {"same_as": same_as, "active": False} if same_as else {}
            aside["canonical"] = canonical
            record_outcome(connection, article_id, at, due_at, **arrived, **changed, **AFRESH, **aside)
            if in_turn:
                record_in_turn(connection, article_id, in_turn, stored.fetched_at)
            before = old or latest
            if before is None or comparison is None:
                return version, None
            change = insert_change(
                self._database,
                connection,
                article_id,
                before,
                version,
                comparison,
                at,
                alternating=in_turn is not None and in_turn.alternating,
                goes_back=in_turn is None,
            )
            insert_deliveries(self._database, connection, change.id, deliveries(change), at)
            return version, change


def insert_version(
    connection: Connection,
    article_id: int,
    latest: StoredVersion | None,
    stored: StoredSnapshot,
    texts: Mapping[str, object],
) -> StoredVersion:
    """Add a version behind the latest, with when it was first and last seen."""
    row = {
        "article_id": article_id,
        "number": latest.number + 1 if latest else 1,
        "last_seen_at": stored.fetched_at,
        **snapshot_columns(stored),
        **texts,
    }
    connection.execute(insert(versions).values(row))
    version = _find_version(connection, article_id, stored.id)
    assert version is not None
    return version


def _declaring(connection: Connection, canonical: str, but: int) -> str | None:
    """Find the address of another article that is followed, was read, and declares the same address as its own."""
    others = (articles.c.canonical == canonical, articles.c.active, articles.c.id != but)
    return connection.execute(select(articles.c.url).where(*others).order_by(articles.c.id).limit(1)).scalar()


def _lock_latest(connection: Connection, article_id: int) -> StoredVersion | None:
    """Find the latest version, and keep others from adding the next one before we have."""
    lock = select(articles.c.latest).where(articles.c.id == article_id).with_for_update()
    number = connection.execute(lock).scalar()
    if number is None:
        raise CatalogError(f"there is no article {article_id} in the catalog")
    is_latest = (versions.c.article_id == article_id, versions.c.number == number)
    return next(iter(read_versions(connection, select_versions().where(*is_latest))), None)


def _find_version(connection: Connection, article_id: int, snapshot_id: str) -> StoredVersion | None:
    query = select_versions().where(versions.c.article_id == article_id, versions.c.snapshot_id == snapshot_id)
    return next(iter(read_versions(connection, query)), None)


def _find_change(connection: Connection, version: StoredVersion) -> Change | None:
    query: Any = select_changes().where(changes.c.new_version_id == version.id)
    return next(iter(read_changes(connection, query)), None)
