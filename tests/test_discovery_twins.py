"""One article under several addresses is followed once."""

from __future__ import annotations

import pytest
from catalog_samples import NOW, SEEN, add, digest, stored
from desk import FIRE, Desk, edited, page
from desk_samples import rss
from hypothesis import given
from hypothesis import strategies as st
from servers import Site

from tracker.catalog import Catalog, migration
from tracker.url import are_twins, merge_twins, twin_hosts

pytest_plugins = ["desk_fixtures", "catalog_fixtures"]


def declaring(canonical: str, **more: str) -> str:
    return page(*FIRE, **more).replace("</head>", f'<link rel="canonical" href="{canonical}"></head>')


def listed(desk: Desk) -> dict[str, tuple[bool, str | None]]:
    articles = desk.run("list", "--format", "json").json["articles"]
    return {article["address"]: (article["followed"], article["same_as"]) for article in articles}


def results(desk: Desk, *arguments: str) -> dict[str, str]:
    return {one["address"]: one["result"] for one in desk.run("check", *arguments, "--format", "json").lines}


# --- by the address that the page declares --------------------------------------------------------


def test_an_article_whose_page_declares_a_followed_address_is_set_aside(desk, site):
    first = site.publishes("/world/fire-in-the-port", page(*FIRE))
    second = site.publishes("/latest/fire-in-the-port", declaring("/world/fire-in-the-port"))
    desk.run("watch", first)
    desk.run("check")
    desk.run("watch", second)

    checked = desk.run("check")

    assert checked.err == ""
    assert "set aside: the same article" in checked.out
    assert listed(desk) == {first: (True, None), second: (False, first)}
    assert f"Set aside: 1 {second} is the same article as {first}" in " ".join(desk.run("list").out.split())


def test_what_is_set_aside_is_checked_no_more_and_keeps_its_version(desk, site):
    first = site.publishes("/world/fire-in-the-port", page(*FIRE))
    second = site.publishes("/latest/fire-in-the-port", declaring(first))
    desk.run("watch", first, second)
    desk.run("check")

    again = results(desk, "--all")

    assert set(again) == {first}
    assert len(desk.run("history", second, "--format", "json").json["versions"]) == 1
    refused = desk.run("check", second)
    assert (refused.code, f"is the same article as {first}" in refused.err) == (2, True)


def test_a_change_is_told_once(desk, site):
    first = site.publishes("/world/fire-in-the-port", page(*FIRE))
    site.publishes("/latest/fire-in-the-port", declaring("/world/fire-in-the-port"))
    desk.run("watch", first)
    desk.run("check")
    desk.run("watch", site.url("/latest/fire-in-the-port"))
    desk.run("check")
    changed = edited("killed 12 people", "killed 14 people")
    for path in ("/world/fire-in-the-port", "/latest/fire-in-the-port"):
        site.publishes(path, page(*changed))

    desk.run("check", "--all")

    assert len(desk.alerts) == 1


def test_what_was_set_aside_can_be_followed_all_the_same(desk, site):
    first = site.publishes("/world/fire-in-the-port", page(*FIRE))
    second = site.publishes("/latest/fire-in-the-port", declaring(first))
    desk.run("watch", first, second)
    desk.run("check")

    desk.run("watch", second)
    desk.run("check", "--all")

    assert listed(desk) == {first: (True, None), second: (True, None)}


DISAGREES = {
    "the home page": "/",
    "another article": "/world/ferry-runs-aground",
    "a section": "/world",
    "another site": "https://elsewhere.example.com/world/fire-in-the-port",
    "another loopback host": "http://127.0.0.2/world/fire-in-the-port",
    "no address": "javascript:alert(1)",
}


@pytest.mark.parametrize("declared", DISAGREES.values(), ids=DISAGREES)
def test_a_declared_address_that_does_not_agree_is_not_believed(declared, desk, site):
    others = ["/", "/world/ferry-runs-aground", "/world"]
    addresses = [site.publishes(path, page(*FIRE)) for path in others]
    url = site.publishes("/latest/fire-in-the-port", declaring(declared))
    desk.run("watch", *addresses, "https://elsewhere.example.com/world/fire-in-the-port", "--as", "article")
    desk.run("watch", url, "--as", "article")

    desk.run("check", url)

    assert listed(desk)[url] == (True, None)


def test_a_declared_address_that_nobody_follows_changes_nothing(desk, site):
    url = site.publishes("/latest/fire-in-the-port", declaring("/world/fire-in-the-port"))
    desk.run("watch", url)

    assert results(desk) == {url: "first"}
    assert listed(desk) == {url: (True, None)}


def test_only_the_first_version_decides(desk, site):
    """A page that is edited to declare something else does not vanish from the list."""
    first = site.publishes("/world/fire-in-the-port", page(*FIRE))
    second = site.publishes("/latest/fire-in-the-port", page(*FIRE))
    desk.run("watch", first, second)
    desk.run("check")
    changed = edited("killed 12 people", "killed 14 people")
    site.publishes(
        "/latest/fire-in-the-port",
        page(*changed).replace("</head>", f'<link rel="canonical" href="{first}"></head>'),
    )

    assert results(desk, "--all")[second] == "changed"
    assert listed(desk)[second] == (True, None)


def test_two_that_declare_one_another_are_not_both_set_aside(desk, site):
    first = site.publishes("/world/fire-in-the-port", declaring("/latest/fire-in-the-port"))
    second = site.publishes("/latest/fire-in-the-port", declaring("/world/fire-in-the-port"))
    desk.run("watch", first, "--as", "article")
    desk.run("watch", second, "--as", "article")
    desk.run("check", first)
    desk.run("check", second)

    assert sorted(followed for followed, _ in listed(desk).values()) == [False, True]


# --- by the form of the address -------------------------------------------------------------------


def test_a_source_does_not_bring_the_twin_of_a_followed_article(desk, site):
    url = site.publishes("/world/fire", page(*FIRE))
    desk.run("watch", url)
    feed = site.publishes("/feed", rss(site.url("/world/fire/amp"), site.url("/world/fire?outputType=amp"), url))
    desk.run("watch", feed)

    desk.run("check")

    assert listed(desk) == {url: (True, None)}


def test_of_twins_in_one_list_the_first_is_followed(desk, site):
    feed = site.publishes("/feed", rss(site.url("/world/fire"), site.url("/world/fire/amp"), site.url("/world/ferry")))
    desk.run("watch", feed)

    desk.run("check")

    assert list(listed(desk)) == [site.url("/world/fire"), site.url("/world/ferry")]


def test_a_source_does_not_bring_the_twin_of_what_was_unwatched(desk, site):
    url = site.publishes("/world/fire", page(*FIRE))
    desk.run("watch", url)
    desk.run("unwatch", url)
    desk.run("watch", site.publishes("/feed", rss(site.url("/world/fire/amp"))))

    desk.run("check")

    assert listed(desk) == {}


def test_watching_the_twin_of_a_followed_article_says_which_one_that_is(desk, site):
    url = site.publishes("/world/fire", page(*FIRE))
    twin = site.publishes("/world/fire/amp", page(*FIRE))
    desk.run("watch", url)

    watched = desk.run("watch", twin, "--tag", "ports")

    assert watched.out == f"following the article {url}\n"
    assert listed(desk) == {url: (True, None)}
    assert desk.run("list", "--format", "json").json["articles"][0]["tags"] == ["ports"]


def test_a_twin_in_the_configuration_asks_for_its_page_once_only(site: Site, tmp_path):
    url = site.publishes("/world/fire", page(*FIRE))
    twin = site.publishes("/world/fire/amp", page(*FIRE))
    desk = Desk(tmp_path, config=f'[[watch]]\naddress = "{twin}"\n')
    desk.run("watch", url)

    desk.run("check")
    desk.run("check")

    assert listed(desk) == {url: (True, None)}
    assert "/world/fire/amp" not in [request.path for request in site.requests]


ADDRESSES = st.builds(
    lambda host, path, end: f"https://{host}example.org/{path}{end}",
    st.sampled_from(["", "www.", "m.", "amp."]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["", "/", "/amp", "?amp=1"]),
)


@given(st.lists(ADDRESSES), st.lists(ADDRESSES))
def test_no_two_addresses_that_stand_for_others_are_twins_unless_both_are_known(urls, known):
    chosen = merge_twins(urls, known)

    assert set(chosen) == set(urls)
    for url, stands in chosen.items():
        assert are_twins(url, stands)
        assert stands in known or stands in urls
    new = {stands for stands in chosen.values() if stands not in known}
    assert not any(are_twins(one, other) for one in new for other in {*new, *known} - {one})


@given(ADDRESSES, ADDRESSES)
def test_twins_are_on_the_hosts_that_are_searched(url, other):
    if are_twins(url, other):
        assert other.split("/")[2] in twin_hosts(url)


# --- a catalog of before --------------------------------------------------------------------------


def test_articles_of_an_older_catalog_stay_followed(tmp_path, monkeypatch):
    database = f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    with monkeypatch.context() as older:
        older.setattr(migration, "HEAD", "0002")
        with Catalog.open(database) as catalog, catalog._database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO articles (url, host, folder, added_at, active, unchanged_checks, failures, latest) "
                "VALUES ('https://example.org/a', 'example.org', 'example.org/a', 0, TRUE, 0, 0, 0)"
            )

    with Catalog.open(database) as catalog:
        (article,) = catalog.articles()

    assert (article.url, article.active, article.same_as) == ("https://example.org/a", True, None)


def test_the_version_and_the_setting_aside_are_one_write(catalog):
    article = add(catalog)

    catalog.record_version(
        article.id, at=NOW, due_at=NOW, stored=stored(1), digest=digest("a"), headline="A", updated_at=None,
        validators=SEEN, comparison=None, deliveries=lambda _: [], same_as="https://example.org/b",
    )  # fmt: skip

    assert catalog.articles() == []
    aside = catalog.article(article.url)
    assert (aside.active, aside.same_as, aside.version.number) == (False, "https://example.org/b", 1)


def test_two_addresses_that_declare_a_third_one_are_followed_once(desk, site):
    """Though the third one is followed by nobody."""
    third = site.url("/2018/fire-in-the-port")
    first, second = (site.publishes(f"/{part}/fire-in-the-port", declaring(third)) for part in ("world", "latest"))
    other = site.publishes("/world/club-wins-again", declaring(site.url("/2018/club-wins-again")))
    desk.run("watch", first, second, other, "--as", "article")

    desk.run("check")
    desk.run("check", "--all")

    listed = {one["address"]: one["same_as"] for one in desk.run("list", "--format", "json").json["articles"]}
    aside = {address: same_as for address, same_as in listed.items() if same_as}
    assert aside in ({second: first}, {first: second})
    assert listed[other] is None
