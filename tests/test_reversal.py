"""A → B → A is told as a reversal: the text went back to that of an earlier version."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from catalog_samples import HOUR, NOW, add, changed, comparison, record
from desk import FIRE, Desk, edited, page

from tracker.alert.messages import compose_message
from tracker.catalog import Catalog, migration

pytest_plugins = ["desk_fixtures", "catalog_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")
FEWER_DEAD = edited("killed 12 people", "killed 11 people")


def says(desk: Desk, site, *stories: tuple[str, ...]) -> list[int | None]:
    """Let an article say one thing after another; gives what each change went back to."""
    for story in stories:
        url = site.publishes("/fire", page(*story))
        desk.run("watch", url)
        desk.run("check", url)
    changes = desk.run("history", url, "--format", "json").json["changes"]
    return [change["reversal_of"] for change in changes]


COURSES = {
    "there and back": ((FIRE, MORE_DEAD, FIRE), [None, 1]),
    "there and elsewhere": ((FIRE, MORE_DEAD, FEWER_DEAD), [None, None]),
    "to and fro": ((FIRE, MORE_DEAD, FIRE, MORE_DEAD, FIRE), [None, 1, 2, 3]),
    "back over two": ((FIRE, MORE_DEAD, FEWER_DEAD, FIRE), [None, None, 1]),
}


@pytest.mark.parametrize(("stories", "reversals"), COURSES.values(), ids=COURSES)
def test_a_change_says_which_version_it_went_back_to(stories, reversals, desk, site):
    assert says(desk, site, *stories) == reversals


def test_history_report_and_alert_say_so(desk, site):
    says(desk, site, FIRE, MORE_DEAD, FIRE)

    url = site.url("/fire")
    assert "back to the text of version 1" in " ".join(desk.run("history", url).out.split())
    for form in ("text", "markdown", "html"):
        shown = " ".join(desk.run("report", "--limit", "1", "--format", form).out.split())
        assert "the text was reverted to that of version 1" in shown, form
    first, second = desk.alerts
    assert (first["change"]["reversal_of"], second["change"]["reversal_of"]) == (None, 1)
    newest = desk.run("alerts", "list", "--format", "json").json[0]
    assert newest["text"].splitlines()[0].startswith("Reverted to version 1: ")


def test_another_article_with_the_same_text_is_no_earlier_version(catalog):
    changed(catalog, "a")
    article = add(catalog, "b")
    record(catalog, article, "after", at=NOW)
    record(catalog, article, "other", at=NOW + HOUR, number=2, compared=comparison())

    _, change = record(catalog, article, "before", at=NOW + 2 * HOUR, number=3, compared=comparison())

    assert change is not None
    assert change.reversal_of is None
    assert catalog.change(change.id) == change


def test_the_message_is_the_same_line_with_the_reversal_before_it(catalog):
    article = add(catalog)
    for number, text in enumerate(("before", "after", "before")):
        _, change = record(
            catalog, article, text, at=NOW + number * HOUR, number=number, compared=comparison() if number else None
        )

    assert change is not None
    assert change.reversal_of == 1
    assert compose_message(change, "desk").text.startswith("Reverted to version 1: Number: 12 → 22")
    assert catalog.change(change.id) == change


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of a database that no other test uses."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    return request.getfixturevalue("postgres").new_database()


VERSION = (
    'INSERT INTO versions (article_id, number, snapshot_id, fetched_at, status, snapshot_digest, file, "offset", length, '
    "size, digest, last_seen_at) VALUES (1, {0}, '{0}', 0, 200, '', '', 0, 0, 0, '{1}', 0)"
)
CHANGE = (
    "INSERT INTO changes (article_id, old_version_id, new_version_id, detected_at, importance, comparison) "
    "VALUES (1, {0}, {1}, 0, 0, :comparison)"
)


def test_changes_of_an_older_catalog_learn_what_they_went_back_to(database, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(migration, "HEAD", "0004")
        with Catalog.open(database) as catalog, catalog._database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO articles (url, host, folder, added_at, active, unchanged_checks, failures, latest) "
                "VALUES ('https://example.org/a', 'example.org', 'example.org/a', 0, TRUE, 0, 0, 3)"
            )
            for number, digest in ((1, "a"), (2, "b"), (3, "a")):
                connection.exec_driver_sql(VERSION.format(number, digest))
            for old, new in ((1, 2), (2, 3)):
                connection.execute(sa.text(CHANGE.format(old, new)), {"comparison": b""})

    with Catalog.open(database) as catalog, catalog._database.read() as connection:
        found = connection.exec_driver_sql("SELECT reversal_of FROM changes ORDER BY id").scalars()
        assert list(found) == [None, 1]
