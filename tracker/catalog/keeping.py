"""What becomes of the catalog when captures are pruned: they stand elsewhere in their files, or their texts are to be seen nowhere.

Touches the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from tracker.catalog.changes import comparison_columns
from tracker.catalog.database import Database
from tracker.catalog.schema import articles, changes, deliveries, events, opinions, versions
from tracker.catalog.versions import snapshot_columns
from tracker.catalog.words import delete_words, forget_version_words
from tracker.models import Capture, Comparison, Judgement, Message, Side, StoredSnapshot

TELLING: Final = ("removed", "restored", "moved")  # events whose detail holds nothing of what the article said
NOTHING: Final = Side(None, (), None, None, None, (), (), ())


class Keeping:
    """The part of the catalog that follows what is pruned."""

    _database: Database

    def relocate(self, article_id: int, placed: Sequence[StoredSnapshot]) -> None:
        """Note where an article's captures stand now.

        Args:
            article_id: Whose captures.
            placed: All that is kept of it in order, tombstones in the places of what was pruned; the catalog knows them all.
        """
        if not placed:
            return
        last = placed[-1]
        rows = [{f"new_{name}": value for name, value in snapshot_columns(one).items()} for one in placed]
        moved = ("file", "offset", "length", "reading_file", "reading_offset", "reading_at")
        of_capture = versions.c.snapshot_id == bindparam("new_snapshot_id")
        move = update(versions).where(versions.c.article_id == article_id, of_capture)
        with self._database.write() as connection:
            connection.execute(move.values({name: bindparam(f"new_{name}") for name in moved}), rows)
            until = {"archived_file": last.file, "archived_end": last.offset + last.length}
            connection.execute(update(articles).where(articles.c.id == article_id).values(until))

    def take_down(self, article_id: int, why: str, words: Mapping[int, str]) -> None:
        """Stop following an article, and hide all that it said: that it changed and when, and what was thought of that, stays.

        Args:
            article_id: Which.
            why: A sentence that stands in place of what is hidden.
            words: For the versions that can still be read, by their numbers of rows, what the index of words holds of them.
        """
        with self._database.write() as connection:
            if self._database.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")  # what is overwritten is not left in free pages
            forget_version_words(self._database, connection, words)
            of_article = articles.c.id == article_id
            hidden = {"active": False, "leased_until": None, "error": why, "fingerprint": None, "noted": False}
            connection.execute(update(articles).where(of_article).values(hidden))
            connection.execute(update(versions).where(versions.c.article_id == article_id).values(headline=None))
            connection.execute(update(events).where(events.c.article_id == article_id).values(headline=None))
            said = (events.c.article_id == article_id, events.c.kind.not_in(TELLING))
            connection.execute(update(events).where(*said).values(detail=""))
            self._hide_changes(connection, article_id, why)
            self._hide_messages(connection, article_id, why)

    def _hide_changes(self, connection: Connection, article_id: int, why: str) -> None:
        columns = (changes.c.id, changes.c.verdict, changes.c.importance, changes.c.disclosure)
        rows = connection.execute(select(*columns).where(changes.c.article_id == article_id)).all()
        for row in rows:
            judgement = Judgement(row.verdict, row.importance, row.disclosure, (why,))
            hidden = comparison_columns(Comparison(judgement, Capture(), NOTHING, NOTHING))
            connection.execute(update(changes).where(changes.c.id == row.id).values(hidden))
        ids = [row.id for row in rows]
        delete_words(self._database, connection, "change_words", ids)
        connection.execute(update(opinions).where(opinions.c.change_id.in_(ids)).values(note=""))

    def _hide_messages(self, connection: Connection, article_id: int, why: str) -> None:
        """Empty the messages about an article, those sent together with others among them; what waits is not sent."""
        url = connection.execute(select(articles.c.url).where(articles.c.id == article_id)).scalar_one()
        ids = select(changes.c.id).where(changes.c.article_id == article_id)
        about = deliveries.c.change_id.in_(ids) | deliveries.c.message.contains(json.dumps(url)[1:-1], autoescape=True)
        for row in connection.execute(select(deliveries).where(about)).all():
            empty = Message(row.key, title=why, text=why, html="", payload={})
            values: dict[str, Any] = {"message": json.dumps(asdict(empty))}
            if row.state == "waiting":
                values |= {"state": "parked", "due_at": None, "error": why}
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(values))
