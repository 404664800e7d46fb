"""A catalog goes over to another database whole, and back."""

from __future__ import annotations

import pytest
from catalog_samples import HOUR, LATER, NOW, add, changed
from desk import FIRE, Desk, edited, page
from sqlalchemy import select

from tracker.catalog import Catalog, schema
from tracker.catalog.moving import count_rows, move_catalog
from tracker.errors import CatalogError

pytest_plugins = ["catalog_fixtures", "desk_fixtures"]


def rows_of(catalog: Catalog) -> dict[str, list[dict[str, object]]]:
    with catalog._database.read() as connection:
        return {
            name: sorted((dict(row._mapping) for row in connection.execute(select(table))), key=str)
            for name, table in schema.metadata.tables.items()
        }


def fill(catalog: Catalog) -> None:
    source, _ = catalog.add_source("https://example.org/feed", "feed", now=NOW, tags=["asia"], every=HOUR)
    changed(catalog, "a", tags=["sea"], source_id=source.id)
    add(catalog, "b")


def test_everything_goes_over_and_back(tmp_path, postgres_database):
    first, third = f"sqlite:///{tmp_path / 'first.sqlite'}", f"sqlite:///{tmp_path / 'third.sqlite'}"
    with Catalog.open(first) as catalog:
        fill(catalog)
        before = rows_of(catalog)
    steps: list[None] = []

    count = move_catalog(first, postgres_database, lambda: steps.append(None))
    move_catalog(postgres_database, third, lambda: None)

    assert count == len(steps) == count_rows(first) == sum(map(len, before.values()))
    for address in (postgres_database, third):
        with Catalog.open(address) as catalog:
            assert rows_of(catalog) == before


def test_new_rows_are_numbered_after_the_old_ones_and_changes_are_found_by_their_words(tmp_path, postgres_database):
    first = f"sqlite:///{tmp_path / 'first.sqlite'}"
    with Catalog.open(first) as catalog:
        fill(catalog)
        last = max(article.id for article in catalog.articles())

    move_catalog(first, postgres_database, lambda: None)

    with Catalog.open(postgres_database) as catalog:
        assert add(catalog, "c").id == last + 1
        assert catalog.claim_due_articles(LATER, 10, HOUR)


def test_a_database_with_a_catalog_in_it_is_left_alone(tmp_path):
    first, second = (f"sqlite:///{tmp_path / name}.sqlite" for name in ("first", "second"))
    for address in (first, second):
        with Catalog.open(address) as catalog:
            fill(catalog)
            before = rows_of(catalog)

    with pytest.raises(CatalogError, match=r"second\.sqlite: there is a catalog already; name an empty database"):
        move_catalog(first, second, lambda: None)

    with Catalog.open(second) as catalog:
        assert rows_of(catalog) == before


def test_work_goes_on_in_the_other_database(desk, site, postgres_database):
    """From a file to a server: the next edit is compared with what was read before."""
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    desk.run("check")

    moved = desk.run("migrate", "--to", postgres_database)
    site.publishes("/fire", page(*edited("killed 12 people", "killed 14 people")))
    there = Desk(desk.folder, config=f'[catalog]\ndatabase = "{postgres_database}"\n')
    checked = there.run("check", "--all", "--format", "json")

    assert moved.code == 0
    assert "[catalog] database" in moved.out
    assert [line["result"] for line in checked.lines] == ["changed"]
    assert there.run("verify").code == 0
