"""Eight threads check many articles at once: no version is lost or there twice, every change and every alert is there once."""

from __future__ import annotations

from collections import Counter

import pytest
from desk import Desk, page
from servers import Site

pytest_plugins = ["desk_fixtures"]

STORY = (
    "A storm sank {boats} boats in the harbour of Ostmark on Monday night, the harbour master said on Tuesday.",
    "The wind tore the boats at pier {number} from their moorings. No one was hurt, and the harbour stays open.",
    "Fishermen had been warned in the afternoon. Most of them had tied up their boats with a second rope, as the rules say.",
    "The harbour master, Olaf Brandt, wants to have the wrecks lifted in the course of the week, when a crane is free.",
)


def publish(site: Site, articles: int, boats: int) -> list[str]:
    """Put every story on the site, with so many boats."""
    return [
        site.publishes(
            f"/harbour/{number}",
            page(*(line.format(boats=boats, number=number) for line in STORY), headline=f"Storm at pier {number}"),
        )
        for number in range(articles)
    ]


def check(desk: Desk, articles: int) -> Counter[str]:
    ended = desk.run("check", "--all", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert len({line["address"] for line in ended.lines}) == len(ended.lines) == articles
    return Counter(line["result"] for line in ended.lines)


@pytest.mark.parametrize("articles", [16, pytest.param(200, marks=pytest.mark.slow)])
def test_every_article_in_three_rounds(articles, desk, site):
    urls = publish(site, articles, 12)
    desk.run("watch", *urls, "--as", "article")

    assert check(desk, articles) == {"first": articles}
    publish(site, articles, 14)
    assert check(desk, articles) == {"changed": articles}
    assert check(desk, articles) == {"unchanged": articles}

    changes = desk.run("report", "--format", "json").json
    assert sorted(change["article"] for change in changes) == sorted(urls)
    for change in changes:
        assert [change["versions"][side]["number"] for side in ("old", "new")] == [1, 2]
        number = change["article"].rpartition("/")[2]
        for side, boats in (("old", 12), ("new", 14)):
            text = " ".join(change["comparison"][side]["sentences"])
            assert f"sank {boats} boats" in text
            assert f"at pier {number} from" in text, "no article got the text of another"
    assert sorted(alert["article"]["url"] for alert in desk.alerts) == sorted(urls)
    assert len({alert["key"] for alert in desk.alerts}) == articles
    with desk.opened() as pipeline:
        for article in pipeline.catalog.articles():
            stored = pipeline.archive.captures(article.folder)
            bodies = [pipeline.archive.read_snapshot(article.folder, one).body for one in stored]
            assert [b"sank 12 boats" in bodies[0], b"sank 14 boats" in bodies[1]] == [True, True]
            assert len(bodies) == len({one.id for one in stored}) == 2
            assert article.version.number == 2
    most = Counter(request.path for request in site.requests if request.path != "/robots.txt")
    assert set(most.values()) == {3}, "one request for each article and round"
