"""Changes in short, search over versions, and what readers keep, in SQLite and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog_samples import DAY, HOUR, MINUTE, NOW, add, changed, comparison, record
from sqlalchemy import update

from tracker.catalog import Catalog, listing
from tracker.catalog.folding import fold
from tracker.catalog.listing import ChangeFilter, cursors_of
from tracker.catalog.schema import changes
from tracker.catalog.words import text_to_index
from tracker.errors import InputError
from tracker.models import Fact

pytest_plugins = ["catalog_fixtures"]


def place(old, new, source=None):
    """A comparison with a location that changed."""
    fact = Fact("location", "conflicts", old, new, 1, 1, 3, about="strike", source=source, reason="It moved.")
    return replace(comparison(), facts=(fact,))


@pytest.fixture
def three(catalog):
    """Three changes, an hour apart: the last is found first."""
    return [
        changed(catalog, "a", at=NOW, tags=["asia"], compared=place("Darzab district", "Bal Chiragh district", "U.S. Forces")),
        changed(catalog, "https://other.example/b", at=NOW + HOUR, compared=comparison(verdict="minor", kinds=(), disclosure=None)),
        changed(catalog, "c", at=NOW + 2 * HOUR, compared=comparison(disclosure="disclosed", kinds=("number", "quote"))),
    ]  # fmt: skip


WANTED = {
    "all": (ChangeFilter(), [2, 1, 0]),
    "verdict": (ChangeFilter(verdicts=("minor",)), [1]),
    "two verdicts": (ChangeFilter(verdicts=("minor", "substantive")), [2, 1, 0]),
    "kind": (ChangeFilter(kinds=("location",)), [0]),
    "either of two kinds, once": (ChangeFilter(kinds=("number", "quote")), [2]),
    "disclosure": (ChangeFilter(disclosures=("disclosed",)), [2]),
    "importance": (ChangeFilter(importance=3), [2, 0]),
    "host": (ChangeFilter(host="other.example"), [1]),
    "tag": (ChangeFilter(tag="asia"), [0]),
    "unknown tag": (ChangeFilter(tag="nowhere"), []),
    "entity, whatever its case": (ChangeFilter(entity="bal CHIRAGH"), [0]),
    "entity as a phrase": (ChangeFilter(entity='"chiragh bal"'), []),
    "source of a fact": (ChangeFilter(entity="u.s. forces"), [0]),
    "since": (ChangeFilter(since=NOW + 30 * MINUTE), [2, 1]),
    "until": (ChangeFilter(until=NOW + 30 * MINUTE), [0]),
    "article": (ChangeFilter(article_id=2), [1]),
    "feed": (ChangeFilter(source_id=7), []),
    "several": (ChangeFilter(verdicts=("substantive",), kinds=("location",), tag="asia", host="example.org"), [0]),
    "nothing said yet": (ChangeFilter(reviewed="none"), [2, 1, 0]),
    "agreed": (ChangeFilter(reviewed="agree"), []),
}


@pytest.mark.parametrize("rare", [2000, 0], ids=["looked up", "walked"])
def test_changes_are_listed_by_each_condition(catalog, three, rare, monkeypatch):
    """Whether a filter lets through little or much, it lets through the same."""
    monkeypatch.setattr(listing, "RARE", rare)

    found = {
        name: [change.id for change in catalog.list_changes(wanted, limit=10)] for name, (wanted, _) in WANTED.items()
    }

    assert found == {name: [three[n].id for n in expected] for name, (_, expected) in WANTED.items()}


def test_listed_change_says_what_a_list_shows(catalog, three):
    change = catalog.list_changes(ChangeFilter(tag="asia"), limit=1)[0]

    assert (change.article_url, change.host, change.headline, change.tags) == (
        "https://example.org/a",
        "example.org",
        "After",
        ("asia",),
    )
    assert (change.not_before, change.not_after) == (three[0].not_before, three[0].not_after)
    assert (change.verdict, change.importance, change.disclosure) == ("substantive", 3, "undisclosed")
    assert change.facts == (replace(three[0].comparison.facts[0], reason=""),)


def test_long_values_are_cut_in_lists(catalog):
    changed(catalog, compared=place("x" * 5000, "y"))

    (fact,) = catalog.list_changes(ChangeFilter(), limit=1)[0].facts

    assert fact.old == "x" * 299 + "…"


def test_pages_follow_one_another_without_gap_or_overlap(catalog):
    expected = [changed(catalog, f"p{n}", at=NOW + (n // 3) * HOUR).id for n in range(10)][::-1]

    pages, after = [], None
    while True:
        page, after = cursors_of(catalog.list_changes(ChangeFilter(), limit=4, after=after), 3)
        pages.append([change.id for change in page])
        if after is None:
            break

    found = [number for page in pages for number in page]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert sorted(found) == sorted(expected)
    assert [change.id for change in catalog.list_changes(ChangeFilter(), limit=10, oldest_first=True)] == found[::-1]


def test_entity_without_a_word_is_refused(catalog):
    with pytest.raises(InputError, match="no word in it"):
        catalog.list_changes(ChangeFilter(entity="?!"), limit=1)


# --- search ---------------------------------------------------------------------------------------


def say(catalog, path, *texts):
    """Let an article say one text after the other."""
    article = add(catalog, path)
    for number, text in enumerate(texts, 1):
        words = text_to_index("Headline", text.split("\n"))
        record(catalog, article, text, at=NOW + number * HOUR, number=number, words=words, compared=comparison())
    return catalog.article_by_id(article.id)


def hits(catalog, query, **more):
    page = catalog.search(query, limit=10, **more)
    return {
        found.article.url.rpartition("/")[2]: [version.number for version in found.versions] for found in page.found
    }


SEARCHES = {
    "a word": ("darzab", {"a": [1, 2]}),
    "whatever its case and accents": ("DÁRZAB", {"a": [1, 2]}),
    "all words, anywhere": ("commander darzab", {"a": [1, 2]}),
    "words of different versions": ("darzab chiragh", {"a": [2]}),
    "a phrase": ('"killed in darzab"', {"a": [1, 2]}),
    "a phrase that is not there": ('"darzab killed"', {}),
    "a beginning": ("chir*", {"a": [2, 3]}),
    "a star within a word is punctuation": ("ch*r", {}),
    "accents in the text": ("cafe", {"b": [1]}),
    "a script without spaces": ("东京", {"b": [1]}),
    "nothing": ("absent", {}),
    "the headline": ("headline", {"a": [1, 2, 3], "b": [1]}),
    "operators are words": ("darzab OR chiragh NEAR", {}),
    "quote marks that do not close": ('"darzab', {"a": [1, 2]}),
}


def test_search_finds_what_was_ever_said(catalog):
    say(
        catalog,
        "a",
        "A commander was killed in Darzab.",
        "A commander was killed in Darzab.\nOr in Chiragh.",
        "He died in Chiragh.",
    )
    say(catalog, "b", "Le café de 东京都 est fermé.")

    found = {name: hits(catalog, query) for name, (query, _) in SEARCHES.items()}

    assert found == {name: expected for name, (_, expected) in SEARCHES.items()}


def test_found_article_says_whether_it_still_says_so(catalog):
    say(catalog, "a", "It was Darzab.", "It was Chiragh.")

    assert [found.still for found in catalog.search("darzab", limit=5).found] == [False]
    assert [found.still for found in catalog.search("chiragh", limit=5).found] == [True]


def test_pages_of_a_search_show_every_article_once(catalog, monkeypatch):
    monkeypatch.setattr("tracker.catalog.search.STEP", 3)
    for n in range(7):
        say(catalog, f"n{n}", "A ferry.", "A ferry, again.")

    seen, before = [], None
    while True:
        page = catalog.search("ferry", limit=2, before=before)
        seen += [found.article.id for found in page.found]
        before = page.next
        if before is None:
            break

    assert sorted(seen) == list(range(1, 8))


def test_search_without_a_word_is_refused(catalog):
    for query in ("", "  ", "!?", '""', "*"):
        with pytest.raises(InputError, match="no word"):
            catalog.search(query, limit=1)


def test_search_with_too_many_words_is_refused(catalog):
    with pytest.raises(InputError, match="more than 20 words"):
        catalog.search("word " * 21, limit=1)


def test_versions_from_before_the_index_are_found_and_indexed(catalog):
    article = add(catalog)
    record(catalog, article, "old")

    ((owner, version),) = catalog.versions_without_words(10)
    catalog.record_words([(version.id, fold("An old ferry"))])
    catalog.record_words([(version.id, fold("never twice"))])

    assert owner.id == article.id
    assert catalog.versions_without_words(10) == []
    assert hits(catalog, "ferry") == {"a": [1]}


# --- what readers keep ----------------------------------------------------------------------------


def test_opinion_is_kept_in_place_of_the_one_before_and_can_be_taken_back(catalog):
    change = changed(catalog)

    catalog.record_opinion(change.id, verdict="agree", kind=None, note="yes", now=NOW)
    kept = catalog.record_opinion(change.id, verdict="other_kind", kind="time", note="", now=NOW + HOUR)

    assert catalog.opinion(change.id) == kept
    assert [change.own_verdict for change in catalog.list_changes(ChangeFilter(reviewed="other_kind"), limit=5)] == [
        "other_kind"
    ]
    (traced,) = catalog.opinions()
    assert (traced.article_url, traced.old_snapshot, traced.new_snapshot) == (
        change.article_url,
        change.old.snapshot.id,
        change.new.snapshot.id,
    )
    assert catalog.record_opinion(change.id, verdict=None, kind="time", note="", now=NOW) is None
    assert catalog.opinion(change.id) is None
    assert catalog.list_changes(ChangeFilter(reviewed="none"), limit=5)


def test_kind_belongs_to_another_kind_only(catalog):
    kept = catalog.record_opinion(changed(catalog).id, verdict="agree", kind="time", note="", now=NOW)

    assert kept
    assert kept.kind is None


def test_filters_are_kept_by_name(catalog):
    first = catalog.save_filter("silent", "disclosure=undisclosed", NOW)
    second = catalog.save_filter("silent", "verdict=minor", NOW + DAY)

    assert first
    assert second
    assert [(one.name, one.query) for one in catalog.saved_filters()] == [("silent", "verdict=minor")]
    assert catalog.delete_filter(second.id)
    assert not catalog.delete_filter(second.id)


def test_filters_have_an_end(catalog, monkeypatch):
    monkeypatch.setattr("tracker.catalog.opinions.MOST_FILTERS", 1)
    catalog.save_filter("one", "verdict=minor", NOW)

    assert catalog.save_filter("two", "verdict=minor", NOW) is None


def test_tags_are_set_in_place_of_those_before(catalog):
    article = add(catalog, tags=["a", "b"])

    catalog.set_tags(article.id, [" b ", "c", ""])

    found = catalog.article_by_id(article.id)
    assert found
    assert found.tags == ("b", "c")
    assert catalog.tags() == ["b", "c"] or set(catalog.tags()) == {"b", "c"}


# --- leafing through ------------------------------------------------------------------------------


def test_articles_are_listed_the_latest_first(catalog):
    for path in "abc":
        add(catalog, path, tags=["x"] if path == "a" else [])
    add(catalog, "https://other.example/d")

    listed = catalog.list_articles(limit=2)
    rest = catalog.list_articles(limit=5, after=listed[-1].id)

    assert [one.url[-1] for one in (*listed, *rest)] == ["d", "c", "b", "a"]
    assert [one.url[-1] for one in catalog.list_articles(limit=5, tag="x")] == ["a"]
    assert [one.url[-1] for one in catalog.list_articles(limit=5, host="other.example")] == ["d"]
    assert [(host.name, host.articles, host.followed) for host in catalog.hosts()] == [
        ("example.org", 3, 3),
        ("other.example", 1, 1),
    ]


def test_activity_counts_by_hour_kind_verdict_and_disclosure(catalog, three):
    activity = catalog.activity(host="example.org")

    assert activity.by_hour == {8: 1, 10: 1}
    assert activity.by_hour_and_kind == {(8, "location"): 1, (10, "number"): 1, (10, "quote"): 1}
    assert activity.by_verdict == {"substantive": 2}
    assert activity.by_disclosure == {"undisclosed": 1, "disclosed": 1}
    assert catalog.activity(since=NOW + 30 * MINUTE).by_hour == {9: 1, 10: 1}
    assert catalog.activity(source_id=9).by_hour == {}


def test_damaged_change_is_left_out_of_what_is_read_in_full(catalog, three):
    listed = catalog.list_changes(ChangeFilter(), limit=5)
    with catalog._database.write() as connection:
        connection.execute(update(changes).where(changes.c.id == three[1].id).values(comparison=b"\0"))

    assert [change.id for change in catalog.read_listed(listed)] == [three[2].id, three[0].id]
    kept = catalog.change_to(three[0].new.id)
    assert kept
    assert kept.id == three[0].id
    assert catalog.change_to(three[0].old.id) is None


def test_migration_reads_the_facts_of_changes_that_are_there(database):
    """A catalog from before lists and finds its changes as if it had always known how."""
    with Catalog.open(database) as catalog:
        changed(catalog, compared=place("Darzab", "Chiragh"))
        with catalog._database.write() as connection:
            from importlib import import_module

            migration = import_module("tracker.catalog.migrations.versions.revision_0008")
            rows = list(migration._read_facts(connection))

        listed = catalog.list_changes(ChangeFilter(entity="chiragh"), limit=1)

    assert [(number, words) for number, _, words in rows] == [(listed[0].id, "darzab chiragh strike")]


# --- numbers given again --------------------------------------------------------------------------


def test_numbers_that_are_given_again_take_along_what_is_known_of_a_change(catalog):
    moved = place("Darzab district", "Bal Chiragh district")
    first = changed(catalog, "a", channels=(), compared=moved)
    second = changed(catalog, "b", channels=(), at=NOW + HOUR, compared=comparison(kinds=()))
    last = changed(catalog, "c", channels=(), at=NOW + 2 * HOUR, compared=comparison(kinds=("number",)))
    catalog.record_opinion(first.id, verdict="agree", kind=None, note="yes", now=NOW)

    catalog.number_changes(
        {
            (catalog.article(change.article_url).folder, change.new.snapshot.id): number
            for change, number in ((first, 3), (last, 1))
        }
    )

    numbered = {change.article_url: change.id for change in catalog.changes()}
    assert numbered == {first.article_url: 3, second.article_url: 4, last.article_url: 1}
    assert [found.id for found in catalog.list_changes(ChangeFilter(kinds=("number",)), limit=9)] == [1]
    assert [found.id for found in catalog.list_changes(ChangeFilter(entity="bal chiragh"), limit=9)] == [3]
    assert catalog.opinion(3).note == "yes"
    assert catalog.opinion(1) is None
    assert changed(catalog, "d", channels=(), at=NOW + 3 * HOUR).id == 5
