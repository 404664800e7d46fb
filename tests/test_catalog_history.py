"""A version, the change and the alerts about it are recorded together, once, and come back as they were."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from catalog_samples import (
    DAY,
    HOUR,
    LATER,
    MINUTE,
    NOW,
    SECOND,
    SEEN,
    add,
    changed,
    comparison,
    digest,
    record,
    stored,
    tell,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_samples import EVERY
from sqlalchemy import Engine, event, text, update

from tracker.catalog import Catalog
from tracker.catalog.schema import changes as change_table
from tracker.errors import CatalogError
from tracker.models import Validators

pytest_plugins = ["catalog_fixtures"]


# --- recording ------------------------------------------------------------------------------------


def test_first_version_is_no_change(catalog):
    article = add(catalog)

    version, change = record(catalog, article, "before", updated_at=NOW - DAY, channels=["desk"])

    assert change is None
    assert (version.number, version.snapshot, version.digest) == (1, stored(1, NOW, article.folder), digest("before"))
    assert (version.headline, version.updated_at, version.last_seen_at) == ("Before", NOW - DAY, NOW)
    found = catalog.article_by_id(article.id)
    assert (found.version, found.headline, found.changed_at) == (version, "Before", None)
    assert (found.checked_at, found.due_at, found.validators) == (NOW + SECOND, LATER, SEEN)
    assert (found.snapshot_digest, found.archived_until) == (version.snapshot.digest, (version.snapshot.file, 1800))
    assert catalog.deliveries() == []


def test_changed_article_gets_a_version_a_change_and_messages(catalog):
    article = add(catalog, tags=["sea", "asia"])
    old, _ = record(catalog, article, "before")
    catalog.record_unchanged(article.id, at=NOW + MINUTE, due_at=LATER, validators=SEEN)
    catalog.record_failure(article.id, at=NOW + MINUTE, due_at=LATER, error="no route")

    new, change = record(
        catalog,
        article,
        "after",
        at=LATER,
        number=2,
        compared=comparison(),
        channels=["desk", "log"],
        validators=Validators(),
    )

    assert (new.number, new.digest) == (2, digest("after"))
    assert change.old == replace(old, last_seen_at=NOW + MINUTE)
    assert (change.new, change.comparison, change.article_url) == (new, comparison(), article.url)
    assert (change.detected_at, change.tags) == (LATER + SECOND, ("asia", "sea"))
    assert (change.not_before, change.not_after) == (NOW + MINUTE, LATER)
    found = catalog.article_by_id(article.id)
    assert (found.version, found.changed_at, found.validators) == (new, LATER, Validators())
    assert (found.unchanged_checks, found.failures, found.error) == (0, 0, None)
    assert catalog.versions(article.id) == [change.old, new]
    assert catalog.change(change.id) == change
    assert catalog.changes() == [change]
    assert [(one.channel, one.change_id, one.state) for one in catalog.deliveries()] == [
        ("log", change.id, "waiting"),
        ("desk", change.id, "waiting"),
    ]


def test_capture_recorded_again_writes_nothing_twice(catalog):
    article = add(catalog)
    record(catalog, article, "before")
    first = record(catalog, article, "after", at=LATER, number=2, compared=comparison(), channels=["desk"])
    before = catalog.status(NOW)

    again = record(catalog, article, "after", at=LATER, number=2, compared=comparison(), channels=["desk", "log"])

    assert again == first
    assert catalog.status(NOW) == before


def test_same_text_in_another_capture_is_no_new_version(catalog):
    """Two checked the same article at once; the second finds that the first has recorded it."""
    article = add(catalog)
    record(catalog, article, "before")
    version, change = record(catalog, article, "after", at=LATER, number=2, compared=comparison(), channels=["desk"])

    again = record(catalog, article, "after", at=LATER + MINUTE, number=3, compared=comparison(), channels=["desk"])

    seen = replace(version, last_seen_at=LATER + MINUTE)
    assert again == (seen, replace(change, new=seen))
    assert len(catalog.deliveries()) == 1
    found = catalog.article_by_id(article.id)
    assert (found.version, found.unchanged_checks) == (seen, 1)
    assert found.archived_until == (f"{article.folder}/captures.warc.zst", 3600)


def test_text_that_comes_back_is_a_version_again(catalog):
    article = add(catalog)

    for number, words in enumerate(["a", "b", "a"], start=1):
        record(catalog, article, words, at=NOW + number * HOUR, number=number, compared=comparison())

    assert [version.digest for version in catalog.versions(article.id)] == [digest("a"), digest("b"), digest("a")]
    assert [change.new.number for change in catalog.changes()] == [3, 2]


def test_version_without_comparison_is_no_change(catalog):
    article = add(catalog)
    record(catalog, article, "before")

    version, change = record(catalog, article, "after", at=LATER, number=2, channels=["desk"])

    assert (version.number, change) == (2, None)
    assert catalog.article_by_id(article.id).changed_at == LATER
    assert catalog.changes() == catalog.deliveries() == []


def test_nothing_is_recorded_when_the_messages_cannot_be_written(catalog):
    article = add(catalog)
    record(catalog, article, "before")
    before = catalog.article_by_id(article.id)

    def fails(_change):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record(catalog, article, "after", at=LATER, number=2, compared=comparison(), deliveries=fails)

    assert catalog.article_by_id(article.id) == before
    assert len(catalog.versions(article.id)) == 1
    assert catalog.changes() == catalog.deliveries() == []


def test_unknown_article_is_named(catalog):
    article = add(catalog)

    with pytest.raises(CatalogError, match="there is no article 99"):
        record(catalog, replace(article, id=99), "text")


# --- what is kept comes back ----------------------------------------------------------------------


def test_every_kind_of_comparison_comes_back(catalog):
    for number, compared in enumerate(make().comparison for make in EVERY):
        change = changed(catalog, str(number), compared=compared)

        assert catalog.change(change.id).comparison == change.comparison == compared


moments = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(codec=None, categories=None) | st.sampled_from("\0\ud800\udfff😀"), max_size=20)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request, tmp_path_factory):
    """One catalog for many examples."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('shared')}/catalog.sqlite"
    else:
        address = request.getfixturevalue("postgres").new_catalog()
    with Catalog.open(address) as opened:
        yield opened


@given(moments, moments, texts)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moments_are_exact_and_texts_can_always_be_kept(shared, fetched_at, updated_at, words):
    article = add(shared, f"https://example.org/{len(shared.articles())}")

    record(shared, article, "text", at=fetched_at, updated_at=updated_at, headline=words)

    version = shared.article_by_id(article.id).version
    assert (version.snapshot.fetched_at, version.updated_at) == (fetched_at, updated_at)
    assert version.headline == "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in words)
    assert version.updated_at.tzinfo is UTC


def test_moment_of_another_zone_is_the_same_moment(catalog):
    article = add(catalog)
    kabul = timezone(timedelta(hours=4, minutes=30))

    record(catalog, article, "text", updated_at=NOW.astimezone(kabul))

    assert catalog.article_by_id(article.id).version.updated_at == NOW


def test_half_surrogates_of_a_comparison_come_back(catalog):
    compared = comparison("12\ud800", "22\0")

    change = changed(catalog, compared=compared)

    assert catalog.change(change.id).comparison == compared


# --- listing changes ------------------------------------------------------------------------------

WHERE = {
    "all": ({}, "dcba"),
    "oldest first": ({"newest_first": False}, "abcd"),
    "the newest two": ({"limit": 2}, "dc"),
    "since, that moment included": ({"since": NOW + HOUR + SECOND}, "dcb"),
    "until, that moment excluded": ({"until": NOW + HOUR + SECOND}, "a"),
    "since and until": ({"since": NOW + HOUR + SECOND, "until": NOW + 3 * HOUR}, "cb"),
    "one verdict": ({"verdicts": ["substantive"]}, "db"),
    "two verdicts": ({"verdicts": {"minor", "cosmetic"}}, "ca"),
    "no verdict": ({"verdicts": []}, ""),
    "one kind": ({"kinds": ["location"]}, "db"),
    "two kinds": ({"kinds": ["quote", "number"]}, "dba"),
    "disclosure": ({"disclosures": ["undisclosed"]}, "d"),
    "tag": ({"tag": "asia"}, "ba"),
    "unknown tag": ({"tag": "as"}, ""),
    "source": ({"source_id": 1}, "ca"),
    "article": ({"article_id": 2}, "b"),
    "several": ({"verdicts": ["substantive"], "kinds": ["number"], "tag": "asia", "limit": 1}, "b"),
}


@pytest.mark.parametrize(("where", "expected"), WHERE.values(), ids=WHERE.keys())
def test_changes_are_listed_by(catalog, where, expected):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    stories = {
        "a": ("minor", None, ["quote"], ["asia"], source.id),
        "b": ("substantive", "dated", ["number", "location"], ["asia", "sea"], None),
        "c": ("cosmetic", None, [], ["sea"], source.id),
        "d": ("substantive", "undisclosed", ["number", "location", "number"], [], None),
    }
    for hours, (path, (verdict, disclosure, kinds, tags, source_id)) in enumerate(stories.items()):
        compared = comparison(verdict=verdict, disclosure=disclosure, kinds=kinds)
        changed(catalog, path, at=NOW + hours * HOUR, compared=compared, tags=tags, source_id=source_id)

    assert "".join(change.article_url[-1] for change in catalog.changes(**where)) == expected


def test_suspect_comparison_has_no_verdict(catalog):
    change = changed(catalog, compared=comparison(verdict=None, disclosure=None, kinds=[]))

    assert catalog.change(change.id).comparison.judgement.verdict is None
    assert catalog.changes(verdicts=["substantive", "unchanged"]) == []


@contextlib.contextmanager
def selects() -> Iterator[list[str]]:
    """Gather the queries that are sent."""
    found: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_number_of_queries_does_not_grow_with_what_is_read(catalog):
    for path in "abcde":
        changed(catalog, path, tags=["asia", "sea"])
    reads = (catalog.articles, catalog.changes, lambda: catalog.claim_due_articles(NOW + DAY, 10, HOUR))

    counts = []
    for read in reads:
        with selects() as statements:
            assert len(read()) == 5
        counts.append(len(statements))

    assert counts == [1, 1, 2]


DAMAGE = {
    "not compressed": b"{}",
    "cut off": zlib.compress(b"{" + b'"schema": 1,' * 99)[:-9],
    "not JSON": zlib.compress(b"<p>"),
    "not UTF-8": zlib.compress(b"\xff"),
    "not an object": zlib.compress(b"[]"),
    "another schema": zlib.compress(b'{"schema": 7}'),
    "a part missing": zlib.compress(b'{"schema": 1, "verdict": "minor"}'),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_comparison_names_the_change(catalog, damage):
    change = changed(catalog)
    with catalog._database.write() as connection:
        connection.execute(update(change_table).values(comparison=damage))

    for read in (lambda: catalog.change(change.id), catalog.changes):
        with pytest.raises(CatalogError, match=f"change {change.id} of {change.article_url}: .*; put a backup"):
            read()


def test_change_that_is_not_there_is_none(catalog):
    assert catalog.change(1) is None
    assert catalog.changes() == []
    assert catalog.versions(1) == []


def test_tables_hold_what_may_be_there_once(catalog):
    """Even a bug cannot number two versions alike."""
    changed(catalog)

    for column in ("number", "snapshot_id"):
        with pytest.raises(CatalogError, match="the database refused"), catalog._database.write() as connection:
            connection.execute(text(f"UPDATE versions SET {column} = (SELECT min({column}) FROM versions)"))


def test_deliveries_see_the_change_as_it_will_be_read(catalog):
    article = add(catalog)
    record(catalog, article, "before")
    seen = []

    def note(change):
        seen.append(change)
        return tell("desk")(change)

    _, change = record(catalog, article, "after", at=LATER, number=2, compared=comparison(), deliveries=note)

    assert seen == [change] == catalog.changes()
