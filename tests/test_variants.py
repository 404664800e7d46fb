"""Texts that an address serves in turn are told once, with their share, and hide no edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from desk import FIRE, Desk, edited, page
from hypothesis import assume, given
from hypothesis import strategies as st
from servers import Chunks, Site

from tracker.models import Article, StoredSnapshot, StoredVersion, Variant, Version
from tracker.pipeline import Pipeline
from tracker.variants import counted, do_alternate, marks_of, may_alternate, nearest, settled, shares, variant_of

pytest_plugins = ["desk_fixtures"]

FIRST = "Fire at a warehouse in the port of Ostmark"
SECOND = "Blaze rips through the port of Ostmark"
THIRD = "What we know about the fire in the port"
NOW = datetime(2018, 6, 11, 8, 15, tzinfo=UTC)


class Test:
    """A headline test: which page a reader gets is drawn anew for every request."""

    __test__ = False

    def __init__(self, site: Site, seed: int, path: str = "/fire") -> None:
        self._random = Random(seed)
        self.pages: dict[str, float] = {}  # and their weights
        self.served: list[str] = []
        self.url = site.answers_raw(path, self._answer)

    def serves(self, *pages: str, weights: Iterable[float] = ()) -> None:
        self.pages = dict(zip(pages, weights or [1.0] * len(pages), strict=True))
        self.served = []

    def _answer(self) -> Chunks:
        (body,) = self._random.choices(list(self.pages), list(self.pages.values()))
        self.served.append(body)
        data = body.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        return [head.encode() + data]


def check(desk: Desk, test: Test, times: int = 1) -> list[str]:
    with desk.opened() as pipeline:
        return [pipeline.check(article_of(pipeline, test)).found for _ in range(times)]


def article_of(pipeline: Pipeline, test: Test) -> Article:
    article = pipeline.catalog.article(test.url)
    assert article is not None
    return article


def told(desk: Desk) -> list[str]:
    """The first lines of the messages in the outbox, oldest first."""
    alerts = desk.run("alerts", "list", "--format", "json").json
    return [alert["text"].partition("\n")[0] for alert in reversed(alerts)]


def history(desk: Desk, test: Test) -> dict[str, list[dict[str, object]]]:
    return desk.run("history", test.url, "--format", "json").json  # type: ignore[no-any-return]


def kinds(desk: Desk, test: Test) -> list[object]:
    return [event["kind"] for event in history(desk, test)["events"]]


def followed(desk: Desk, site: Site, seed: int, *pages: str, weights: Iterable[float] = ()) -> Test:
    """An article of which one text was seen, and that serves several from now on."""
    test = Test(site, seed)
    test.serves(pages[0])
    desk.run("watch", test.url)
    check(desk, test)
    test.serves(*pages, weights=weights)
    return test


@pytest.mark.parametrize("seed", range(3))
def test_a_headline_test_is_told_once_with_its_shares(seed, desk, site):
    test = followed(desk, site, seed, page(*FIRE), page(*FIRE, headline=SECOND), weights=(6, 4))

    results = check(desk, test, 15)

    assert set(results) <= {"unchanged", "variant"}
    (event,) = history(desk, test)["events"]
    assert event["kind"] == "variants"
    assert event["detail"].startswith(f"headline variants: “{FIRST}” ")
    assert f"“{SECOND}” " in event["detail"]
    assert event["detail"].endswith(" of 10 looks")
    assert [line.partition(":")[0] for line in told(desk)] == ["Headline variants"]
    assert [change["alternating"] for change in history(desk, test)["changes"]] == [True]


def test_the_shares_are_those_that_were_served(desk, site):
    test = followed(desk, site, 3, page(*FIRE), page(*FIRE, headline=SECOND))
    check(desk, test, 8)

    first = next(n for n, body in enumerate(test.served) if SECOND in body)
    looks = test.served[first:]
    looks = looks[:10]
    percent = 10 * sum(SECOND in body for body in looks)
    assert f"“{SECOND}” {percent}\N{NO-BREAK SPACE}% of 10 looks" in history(desk, test)["events"][0]["detail"]


def test_every_text_is_archived_and_three_are_three(desk, site):
    test = followed(desk, site, 2, *(page(*FIRE, headline=headline) for headline in (FIRST, SECOND, THIRD)))

    check(desk, test, 8)

    versions = history(desk, test)["versions"]
    assert sorted(version["headline"] for version in versions) == sorted([FIRST, SECOND, THIRD])
    assert desk.run("verify").code == 0
    assert all(f"“{headline}”" in history(desk, test)["events"][-1]["detail"] for headline in (FIRST, SECOND, THIRD))


@pytest.mark.parametrize("seed", range(2))
def test_an_edit_during_a_test_is_seen_and_told_once(seed, desk, site):
    test = followed(desk, site, seed, page(*FIRE), page(*FIRE, headline=SECOND))
    check(desk, test, 8)
    assert kinds(desk, test) == ["variants"]
    edit = edited("killed 12 people", "killed 14 people")
    test.serves(page(*edit), page(*edit, headline=SECOND))

    check(desk, test, 10)

    edits = [change for change in history(desk, test)["changes"] if not change["alternating"]]
    assert [change["comparison"]["verdict"] for change in edits] == ["substantive"]
    assert {(fact["kind"], fact["old"], fact["new"]) for fact in edits[0]["comparison"]["facts"]} == {
        ("number", "12 people", "14 people")
    }
    assert kinds(desk, test) == ["variants"]
    assert len(told(desk)) == 2


@pytest.mark.parametrize("winner", [FIRST, SECOND])
def test_the_end_of_a_test_is_told(winner, desk, site):
    test = followed(desk, site, 1, page(*FIRE), page(*FIRE, headline=SECOND))
    check(desk, test, 8)
    test.serves(page(*FIRE, headline=winner))

    results = check(desk, test, 30)

    assert results[-1] == "unchanged"
    assert kinds(desk, test) == ["variants", "settled"]
    settled_on = history(desk, test)["events"][1]["detail"]
    assert settled_on.startswith(f"“{winner}”, seen in ")
    changes = [change for change in history(desk, test)["changes"] if not change["alternating"]]
    assert len(changes) == (winner == SECOND)  # what stood there before the test stands there again: nothing changed
    assert len(told(desk)) == 2


def test_a_new_headline_that_stays_is_a_change(desk, site):
    test = followed(desk, site, 1, page(*FIRE, headline=SECOND))
    test.serves(page(*FIRE))

    assert check(desk, test) == ["changed"]

    assert len(test.served) == 5
    assert kinds(desk, test) == []
    assert check(desk, test) == ["unchanged"]


def test_other_edits_cost_no_second_look(desk, site):
    test = followed(desk, site, 1, page(*FIRE))
    test.serves(page(*edited("killed 12 people", "killed 14 people")))

    assert check(desk, test) == ["changed"]

    assert len(test.served) == 1


def test_a_body_that_alternates_is_found_when_a_text_comes_back(desk, site):
    test = followed(desk, site, 4, page(*FIRE), page(*edited("shortly before midnight", "at around midnight")))

    check(desk, test, 12)

    assert len([change for change in history(desk, test)["changes"] if not change["alternating"]]) <= 1
    assert kinds(desk, test) == ["variants"]
    assert history(desk, test)["events"][0]["detail"].startswith("text variants: version ")


def test_history_list_and_report_say_so(desk, site):
    test = followed(desk, site, 0, page(*FIRE), page(*FIRE, headline=SECOND))
    check(desk, test, 8)

    assert "Headline variants: “Fire at" in " ".join(desk.run("history", test.url).out.split())
    for form in ("text", "markdown", "html", "json", "csv", "atom"):
        shown = " ".join(desk.run("report", "--format", form).out.split())
        assert "eadline variants: " in shown, form
    assert "2 texts in turn" in " ".join(desk.run("list").out.split())


# --- the rules ------------------------------------------------------------------------------------

OLD = Version(headline=FIRST, paragraphs=FIRE)
SECOND_LOOK = {
    "another headline": (replace(OLD, headline=SECOND), True),
    "another headline and standfirst": (replace(OLD, headline=SECOND, paragraphs=("Ten are hurt.", *FIRE[1:])), False),
    "another headline, and a sentence more": (replace(OLD, headline=SECOND, paragraphs=(*FIRE, "It goes on.")), True),
    "another body": (replace(OLD, paragraphs=edited("12 people", "14 people")), False),
    "another headline and body": (replace(OLD, headline=SECOND, paragraphs=FIRE[2:]), False),
    "a headline in other quotes": (replace(OLD, headline=f"{FIRST} "), False),
}


@pytest.mark.parametrize(("new", "second"), SECOND_LOOK.values(), ids=SECOND_LOOK)
def test_only_what_tests_are_made_of_is_looked_at_again(new, second):
    if new.paragraphs[0] == "Ten are hurt.":
        second = True  # one sentence went and one came
    assert may_alternate(OLD, new, None, NOW) is second


@pytest.mark.parametrize(("days", "second"), [(1, True), (8, False)])
def test_a_text_of_lately_is_looked_at_again(days, second):
    new = replace(OLD, paragraphs=FIRE[1:])

    assert may_alternate(OLD, new, stored(1, seen=NOW - timedelta(days=days)), NOW) is second


@pytest.mark.parametrize(
    ("looks", "expected"),
    [("A", False), ("AB", False), ("ABBBB", False), ("ABC", False), ("ABA", True), ("ABCB", True), ("AAB", False)],
)
def test_texts_alternate_when_one_comes_back(looks, expected):
    assert do_alternate(looks) is expected


def stored(number: int, seen: datetime = NOW) -> StoredVersion:
    snapshot = StoredSnapshot(f"{number}", NOW, 200, "", "", 0, 0, 0)
    return StoredVersion(number, number, snapshot, f"digest {number}", f"Headline {number}", seen)


def test_a_rare_text_has_to_be_missed_for_longer():
    def needed(first: int, second: int) -> int:
        variants = [Variant(stored(1), 1, first, 0), Variant(stored(2), 2, second, 0)]
        n = 0
        while settled(variants) is None:
            variants, n = counted(variants, "digest 1"), n + 1
        return n

    assert (needed(5, 5), needed(6, 4), needed(9, 1), needed(1, 9)) == (18, 27, 40, 6)


def test_shares_are_by_headline_where_these_tell_the_texts_apart():
    assert shares([(1, "One", 6), (2, "Two", 4)]) == "headline variants: “One” 60\xa0%, “Two” 40\xa0% of 10 looks"
    assert shares([(1, "One", 1), (3, "One", 3)]) == "text variants: version 1 25\xa0%, version 3 75\xa0% of 4 looks"


sentences = st.sampled_from(["He left.", "She stayed.", "12 died.", "22 died.", "It rains.", "It is dry."])
bodies = st.lists(sentences, min_size=1, max_size=6).map(tuple)
headlines = st.sampled_from([FIRST, SECOND, THIRD])


def variants(*texts: Version) -> list[Variant]:
    return [Variant(stored(number), number, 5, 0, marks) for number, marks in enumerate(marks_of(texts), start=1)]


@given(bodies, bodies, headlines)
def test_no_edit_of_the_body_is_taken_for_a_headline_variant(old, new, headline):
    """Whatever else reads differently from the latest version is an edit."""
    texts = [Version(headline=FIRST, paragraphs=old), Version(headline=SECOND, paragraphs=old)]
    assume(old != new)

    assert variant_of(Version(headline=headline, paragraphs=new), texts[1], variants(*texts)) is None


@given(bodies, bodies, st.sampled_from([0, 1]))
def test_a_variant_is_carried_over_to_an_edited_body(old, new, which):
    texts = [Version(headline=FIRST, paragraphs=old), Version(headline=SECOND, paragraphs=old)]
    latest = Version(headline=FIRST, paragraphs=new)
    known = variants(*texts)

    assert variant_of(replace(texts[which], paragraphs=new), latest, known) == known[which]
    assert variant_of(Version(headline=THIRD, paragraphs=new), latest, known) is None


def test_the_nearest_text_is_that_with_the_same_headline():
    texts = [OLD, replace(OLD, headline=SECOND)]
    edit = edited("killed 12 people", "killed 14 people")

    assert nearest(replace(OLD, paragraphs=edit), texts) == 0
    assert nearest(replace(OLD, headline=SECOND, paragraphs=edit), texts) == 1
