"""Articles and feeds are followed once, claimed by one, and their checks end in a known state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog_samples import DAY, HOUR, LATER, LEASE, MINUTE, NOW, SECOND, SEEN, add, digest, record, stored

from tracker.models import Article, Source, Validators

pytest_plugins = ["catalog_fixtures"]


def urls(found: list[Article] | list[Source]) -> list[str]:
    return [one.url.removeprefix("https://example.org/") for one in found]


# --- following ------------------------------------------------------------------------------------


def test_new_article_is_due_at_once_and_knows_nothing(catalog):
    article, added = catalog.add_article("https://example.org/a", "example.org/a-1", now=NOW, tags=["sea", "asia"])

    assert added
    assert article == Article(
        id=1, url="https://example.org/a", folder="example.org/a-1", added_at=NOW, tags=("asia", "sea"), due_at=NOW
    )


def test_article_added_again_keeps_its_folder_and_gets_the_tags(catalog):
    first = add(catalog, tags=["asia"])

    again, added = catalog.add_article(first.url, "example.org/other", now=LATER, tags=["sea", "asia"], due_at=LATER)

    assert not added
    assert again == replace(first, tags=("asia", "sea"))


def test_unwatched_article_goes_on_with_its_history(catalog):
    article = add(catalog)
    version, _ = record(catalog, article, "before")

    assert catalog.deactivate(article.url)
    assert not catalog.deactivate(article.url)
    assert catalog.articles() == []
    again, added = catalog.add_article(article.url, "example.org/other", now=LATER)

    assert added
    assert again.active
    assert again.due_at == LATER
    assert again.version == version
    assert again.folder == article.folder


def test_pinned_interval_is_kept_until_another_is_given(catalog):
    article, _ = catalog.add_article("https://example.org/a", "a", now=NOW, every=MINUTE)
    assert article.every == MINUTE

    assert catalog.add_article(article.url, "a", now=LATER)[0].every == MINUTE
    again, _ = catalog.add_article(article.url, "a", now=LATER, every=HOUR)

    assert again.every == HOUR
    assert again.due_at == LATER


def test_article_is_checked_as_often_as_its_source_says_unless_it_is_pinned_itself(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW, every=HOUR, most_per_hour=60)
    add(catalog, "a", source_id=source.id)
    catalog.add_article("https://example.org/b", "b", now=NOW, source_id=source.id, every=MINUTE)
    add(catalog, "c")

    assert (source.every, source.most_per_hour) == (HOUR, 60)
    assert [article.every for article in catalog.articles()] == [HOUR, MINUTE, None]


def test_checks_asked_for_are_counted_from_the_waits(catalog):
    for name, wait in {"a": MINUTE, "b": HOUR}.items():
        article = add(catalog, name)
        record(catalog, article, "text", at=NOW - SECOND, due_at=NOW + wait)
    add(catalog, "never checked")

    assert catalog.asked_per_hour() == pytest.approx(61)


def test_claim_takes_no_more_of_a_source_than_it_has_to_spare(catalog):
    one, _ = catalog.add_source("https://example.org/1", "feed", now=NOW)
    other, _ = catalog.add_source("https://example.org/2", "feed", now=NOW)
    for name, source_id in [("a", one.id), ("b", one.id), ("c", one.id), ("d", other.id), ("e", None), ("f", other.id)]:
        add(catalog, name, source_id=source_id)

    assert claim(catalog, limit=6, spare={one.id: 1, other.id: 0}) == ["a", "e"]
    assert claim(catalog, limit=2, spare={one.id: 5}) == ["b", "c"]
    assert claim(catalog, limit=6) == ["d", "f"]


def test_unwatched_article_is_not_followed_again_because_a_feed_names_it(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    article = add(catalog, source_id=source.id)
    catalog.deactivate(article.url)

    again, added = catalog.add_article(article.url, article.folder, now=LATER, source_id=source.id)
    found = catalog.add_articles({article.url: article.folder}, now=LATER, source_id=source.id)

    assert not added
    assert not again.active
    assert found == []
    assert catalog.articles() == []


def test_article_that_was_updated_since_its_last_check_is_due_at_once(catalog):
    articles = {name: add(catalog, name) for name in ("updated", "checked since", "never checked", "unwatched")}
    for name in ("updated", "checked since", "unwatched"):
        catalog.record_unchanged(articles[name].id, at=NOW, due_at=LATER + DAY, validators=SEEN)
    catalog.deactivate(articles["unwatched"].url)
    told = {article.url: NOW + MINUTE for article in articles.values()} | {articles["checked since"].url: NOW - MINUTE}

    count = catalog.bring_forward(told, LATER)

    assert count == 1
    due = [one.url for one in catalog.articles() if one.due_at <= LATER]
    assert due == [articles["updated"].url, articles["never checked"].url]


def test_articles_of_a_feed_are_added_at_once_and_only_new_ones_told(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    known = add(catalog, "known", tags=["mine"])
    folders = {f"https://example.org/{name}": f"example.org/{name}" for name in ["known", *map(str, range(1200))]}

    new = catalog.add_articles(folders, now=LATER, tags=["asia", "sea"], source_id=source.id)

    assert len(new) == 1200
    assert new[7] == replace(known, id=new[7].id, url=new[7].url, folder=new[7].folder, added_at=LATER,
                             due_at=LATER, source_id=source.id, tags=("asia", "sea"))  # fmt: skip
    assert catalog.article(known.url).tags == ("asia", "mine", "sea")
    assert catalog.add_articles(folders, now=LATER, source_id=source.id) == []
    assert catalog.count_articles() == 1201


TAGS = {
    "none": ([], ()),
    "sorted, each once": (["b", "a", "b"], ("a", "b")),
    "white space nobody meant": (["  world  news ", "world\nnews", " "], ("world news",)),
    "any script": (["Азия", "亚洲", "a,b;c"], ("a,b;c", "Азия", "亚洲")),
}


@pytest.mark.parametrize(("given", "kept"), TAGS.values(), ids=TAGS.keys())
def test_tags_come_back(catalog, given, kept):
    add(catalog, tags=given)

    assert catalog.articles()[0].tags == kept


def test_articles_are_listed_by_tag_source_and_state(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    add(catalog, "a", tags=["asia"])
    add(catalog, "b", tags=["asia", "sea"], source_id=source.id)
    add(catalog, "c", source_id=source.id)
    catalog.deactivate("https://example.org/c")

    assert urls(catalog.articles()) == ["a", "b"]
    assert urls(catalog.articles(active=None)) == ["a", "b", "c"]
    assert urls(catalog.articles(active=False)) == ["c"]
    assert urls(catalog.articles(tag="asia")) == ["a", "b"]
    assert urls(catalog.articles(tag="sea", source_id=source.id)) == ["b"]
    assert urls(catalog.articles(tag="as")) == []
    assert catalog.count_articles() == 2


def test_article_is_found_by_address_and_number(catalog):
    article = add(catalog)

    assert catalog.article(article.url) == catalog.article_by_id(article.id) == article
    assert catalog.article("https://example.org/b") is None
    assert catalog.article_by_id(99) is None


# --- claiming -------------------------------------------------------------------------------------


def claim(catalog, now=NOW, limit=10, **how) -> list[str]:
    return urls(catalog.claim_due_articles(now, limit, LEASE, **how))


def test_most_overdue_is_claimed_first(catalog):
    for name, due_at in {"b": NOW - MINUTE, "a": NOW - HOUR, "not yet": NOW + SECOND, "c": NOW}.items():
        add(catalog, name, due_at=due_at)

    assert claim(catalog, limit=2) == ["a", "b"]
    assert claim(catalog) == ["c"]
    assert claim(catalog) == []


def test_claimed_article_is_free_again_when_its_lease_is_over_or_it_is_released(catalog):
    article = add(catalog)
    claim(catalog)

    assert claim(catalog, NOW + LEASE - SECOND) == []
    assert claim(catalog, NOW + LEASE) == ["a"]
    catalog.release(article.id)
    assert claim(catalog, NOW + LEASE) == ["a"]
    catalog.release_all()
    assert claim(catalog, NOW + LEASE) == ["a"]


def test_unwatched_article_is_not_claimed(catalog):
    article = add(catalog)
    catalog.deactivate(article.url)

    assert claim(catalog) == []
    assert claim(catalog, ids=[article.id]) == []


def test_named_articles_are_claimed_whether_due_or_not(catalog):
    named = [add(catalog, name, due_at=NOW + DAY) for name in "abc"]
    add(catalog, "due")

    assert claim(catalog, ids=[named[2].id, named[0].id, 99]) == ["a", "c"]
    assert claim(catalog, ids=[one.id for one in named]) == ["b"]
    assert claim(catalog, ids=[]) == []


def test_any_number_of_articles_can_be_named(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    folders = {f"https://example.org/{number}": f"example.org/{number}" for number in range(1300)}
    ids = [article.id for article in catalog.add_articles(folders, now=NOW, source_id=source.id)]

    assert len(claim(catalog, limit=1100, ids=ids)) == 1100
    assert len(claim(catalog, limit=1100, ids=ids)) == 200


def test_host_with_a_long_queue_leaves_room_for_others(catalog):
    for number in range(60):
        add(catalog, f"https://long.example/{number}", due_at=NOW - DAY)
    for host in ("one", "two"):
        for number in range(3):
            add(catalog, f"https://{host}.example/{number}", due_at=NOW - number * SECOND)

    first = claim(catalog, limit=8, per_host=2)
    second = claim(catalog, limit=8, per_host=2)

    assert [url[8:13].rstrip(".") for url in first] == ["long", "long", "one.e", "two.e", "one.e", "two.e"]
    assert sorted(second) == ["https://long.example/2", "https://long.example/3", "https://one.example/0", "https://two.example/0"]  # fmt: skip


def test_batch_is_full_when_enough_hosts_are_due(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    urls = [f"https://host-{number // 50}.example/{number}" for number in range(1000)]
    catalog.add_articles({url: url for url in urls}, now=NOW, source_id=source.id)

    assert claim(catalog, limit=12, per_host=1) == urls[: 12 * 50 : 50]
    assert claim(catalog, limit=12, per_host=1) == [*urls[1 : 12 * 50 : 50]]
    assert len(claim(catalog, limit=30, per_host=1)) == 20


# --- outcomes of a check --------------------------------------------------------------------------


def test_unchanged_check_is_counted_and_the_version_seen_longer(catalog):
    article = add(catalog)
    version, _ = record(catalog, article, "before")
    catalog.record_failure(article.id, at=NOW + MINUTE, due_at=NOW + HOUR, error="no route")

    for hours in (1, 2):
        catalog.record_unchanged(article.id, at=NOW + hours * HOUR, due_at=NOW + DAY, validators=Validators("e"))

    found = catalog.article_by_id(article.id)
    assert (found.unchanged_checks, found.failures, found.error) == (2, 0, None)
    assert (found.checked_at, found.due_at, found.validators) == (NOW + 2 * HOUR, NOW + DAY, Validators("e"))
    assert found.version == replace(version, last_seen_at=NOW + 2 * HOUR)


def test_check_recorded_late_takes_back_nothing(catalog):
    article = add(catalog)
    record(catalog, article, "before")
    catalog.record_unchanged(article.id, at=LATER, due_at=NOW + DAY, validators=SEEN)

    catalog.record_unchanged(article.id, at=NOW + MINUTE, due_at=NOW + DAY, validators=SEEN)

    assert catalog.article_by_id(article.id).version.last_seen_at == LATER


def test_failures_in_a_row_are_counted_with_the_last_error(catalog):
    article = add(catalog)
    record(catalog, article, "before")

    for error in ("no route", "refused \ud800 by\0 host"):
        catalog.record_failure(article.id, at=LATER, due_at=NOW + DAY, error=error)

    found = catalog.article_by_id(article.id)
    assert (found.failures, found.error) == (2, "refused \ufffd by\ufffd host")
    assert found.version.last_seen_at == NOW


def test_suspect_capture_is_known_and_no_version(catalog):
    article = add(catalog)
    version, _ = record(catalog, article, "before")
    catalog.record_failure(article.id, at=NOW, due_at=NOW, error="no route")
    wall = stored(7, LATER, article.folder)

    catalog.record_suspect(article.id, at=LATER, due_at=NOW + DAY, stored=wall, reasons=("A wall.", "No text."))

    found = catalog.article_by_id(article.id)
    assert (found.error, found.failures) == ("A wall. No text.", 0)
    assert found.snapshot_digest == wall.digest
    assert found.archived_until == (wall.file, wall.offset + wall.length)
    assert found.version == version
    assert catalog.versions(article.id) == [version]


def test_suspect_capture_that_was_archived_before_moves_nothing(catalog):
    article = add(catalog)
    record(catalog, article, "before")
    before = catalog.article_by_id(article.id)

    catalog.record_suspect(article.id, at=LATER, due_at=NOW + DAY, stored=None, reasons=("A wall.",))

    found = catalog.article_by_id(article.id)
    assert (found.snapshot_digest, found.archived_until) == (before.snapshot_digest, before.archived_until)
    assert found.error == "A wall."


OUTCOMES = {
    "unchanged": lambda catalog, number: catalog.record_unchanged(number, at=NOW, due_at=LATER, validators=SEEN),
    "failure": lambda catalog, number: catalog.record_failure(number, at=NOW, due_at=LATER, error="no route"),
    "suspect": lambda catalog, number: catalog.record_suspect(
        number, at=NOW, due_at=LATER, stored=stored(1), reasons=()
    ),
    "version": lambda catalog, number: record(catalog, catalog.article_by_id(number), "text", due_at=LATER),
}


@pytest.mark.parametrize("ends", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_every_outcome_ends_the_lease_and_sets_the_next_check(catalog, ends):
    article = add(catalog)
    claim(catalog)

    ends(catalog, article.id)

    assert claim(catalog, LATER - SECOND) == []
    assert claim(catalog, LATER) == ["a"]


# --- sources --------------------------------------------------------------------------------------


def test_source_is_followed_once_and_again_after_it_was_unwatched(catalog):
    source, added = catalog.add_source("https://example.org/feed", "feed", now=NOW, tags=["asia"])
    again, added_again = catalog.add_source(source.url, "feed", now=LATER, tags=["sea"])
    stopped = catalog.deactivate(source.url)

    assert (added, added_again, stopped) == (True, False, True)
    assert source == Source(id=1, url="https://example.org/feed", kind="feed", tags=("asia",), due_at=NOW)
    assert again == replace(source, tags=("asia", "sea"))
    assert catalog.sources() == []
    assert catalog.sources(active=None) == [replace(again, active=False)]
    assert catalog.source("https://example.org/other") is None
    back, added = catalog.add_source(source.url, "sitemap", now=LATER)
    assert added
    assert catalog.source(source.url) == back == replace(again, due_at=LATER, kind="sitemap")


def test_sources_are_claimed_and_read_like_articles(catalog):
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)

    assert catalog.claim_due_sources(NOW, 5, LEASE) == [source]
    assert catalog.claim_due_sources(NOW, 5, LEASE) == []
    catalog.release_source(source.id)
    assert catalog.claim_due_sources(NOW, 5, LEASE, per_host=1) == [source]
    catalog.record_source_failure(source.id, at=NOW, due_at=LATER, error="not XML")
    failed = catalog.source(source.url)
    assert catalog.claim_due_sources(NOW, 5, LEASE) == []
    assert catalog.claim_due_sources(LATER, 5, LEASE, ids=[source.id]) == [failed]
    catalog.record_source_read(source.id, at=LATER, due_at=NOW + DAY, validators=SEEN)

    assert failed == replace(source, failures=1, error="not XML", checked_at=NOW, due_at=LATER)
    assert catalog.source(source.url) == replace(source, checked_at=LATER, due_at=NOW + DAY, validators=SEEN)


# --- status ---------------------------------------------------------------------------------------


def test_status_counts_and_names_what_fails_longest(catalog):
    names = ["fine", "failing", "suspect", "unwatched"]
    fine, failing, suspect, unwatched = (add(catalog, name, due_at=LATER) for name in names)
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW)
    record(catalog, fine, "text")
    catalog.record_failure(failing.id, at=NOW, due_at=LATER, error="no route")
    catalog.record_failure(unwatched.id, at=NOW + MINUTE, due_at=LATER, error="no route")
    catalog.record_suspect(suspect.id, at=NOW, due_at=NOW, stored=stored(1), reasons=("A wall.",))
    for _ in range(2):
        catalog.record_source_failure(source.id, at=NOW, due_at=NOW, error="not XML")
    catalog.deactivate(unwatched.url)

    status = catalog.status(NOW, shown=2)

    assert (status.articles, status.sources, status.due) == (3, 1, 1)
    assert (status.versions, status.changes, status.last_checked_at) == (1, 0, NOW + MINUTE)
    assert status.deliveries == {"waiting": 0, "delivered": 0, "parked": 0}
    assert status.failing_count == 3
    assert [(one.url, one.error, one.failures) for one in status.failing] == [
        (source.url, "not XML", 2),
        (failing.url, "no route", 1),
    ]


def test_digest_of_a_page_is_kept_as_given(catalog):
    article = add(catalog)

    record(catalog, article, "text", stored=stored(1, digest=digest("page"), status=203, size=0))

    found = catalog.article_by_id(article.id)
    assert found.snapshot_digest == found.version.snapshot.digest == digest("page")
    assert (found.version.snapshot.status, found.version.snapshot.size) == (203, 0)
