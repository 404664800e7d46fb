"""An article that is missing is removed once that is confirmed; it may come back, or live at another address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

import pytest
from catalog_samples import NOW, add
from desk import FIRE, Desk, edited, page
from servers import Site

from tracker.alert.messages import compose_event
from tracker.alert.rules import matching_event_rules
from tracker.catalog import Catalog, migration
from tracker.config import RuleSettings, ScheduleSettings
from tracker.errors import FetchError
from tracker.fate import leads_to, why_gone
from tracker.fetch import Fetcher
from tracker.models import Article, Capture, Event, NotModified, Redirect, Snapshot
from tracker.pipeline import Checked, Pipeline
from tracker.schedule import next_due

pytest_plugins = ["desk_fixtures", "catalog_fixtures"]

HOUR = timedelta(hours=1)
OTHER_STORY = (
    "FC Nordhafen won the cup final against Westburg by three goals to one on Sunday, in front of 41,000 supporters.",
    "Captain Luis Ferrer scored twice in the first half, and the goalkeeper Jan Okoye saved a penalty after the break.",
    "It is the first title of the club since 1987, when it beat the same opponent in a replay that took two days.",
    "The coach, Marta Lindqvist, said that her team had played the best match of the season and deserved the trophy.",
    "Westburg had taken the lead early through a header by Tomas Halloran, who left the pitch with an injured knee.",
)


class Later:
    """A fetcher whose answers arrive at a later time."""

    def __init__(self, fetcher: Fetcher, later: timedelta) -> None:
        self._fetcher, self._later = fetcher, later

    def fetch(self, *arguments: Any, **more: Any) -> Snapshot | NotModified:
        try:
            return self._shift(self._fetcher.fetch(*arguments, **more))
        except FetchError as error:
            error.snapshot = error.snapshot and self._shift(error.snapshot)
            raise

    def _shift(self, answer: Any) -> Any:
        return replace(answer, fetched_at=answer.fetched_at + self._later)


@contextmanager
def opened(desk: Desk, later: timedelta, **fields: Any) -> Iterator[Pipeline]:
    with desk.opened(later) as pipeline:
        yield replace(pipeline, fetcher=cast(Fetcher, Later(pipeline.fetcher, later)), **fields)


def check(desk: Desk, url: str, later: timedelta, **fields: Any) -> Checked:
    """Check an article at a later time, by the clocks of the pipeline and of the fetcher."""
    with opened(desk, later, **fields) as pipeline:
        article = pipeline.catalog.article(url)
        assert article is not None
        return pipeline.check(article)


def told(desk: Desk) -> list[str]:
    """The first lines of the messages in the outbox, oldest first."""
    alerts = desk.run("alerts", "list", "--format", "json").json
    return [alert["text"].partition("\n")[0] for alert in reversed(alerts)]


def events(desk: Desk, url: str) -> list[dict[str, object]]:
    return desk.run("history", url, "--format", "json").json["events"]  # type: ignore[no-any-return]


@pytest.fixture
def url(desk: Desk, site: Site) -> str:
    """An article that was read once."""
    address = site.publishes("/fire", page(*FIRE))
    site.publishes("/", page(*OTHER_STORY, headline="The Ostmark Post"))
    desk.run("watch", address)
    desk.run("check")
    return address


def goes_missing(desk: Desk, url: str, *hours: float) -> list[str]:
    return [check(desk, url, hour * HOUR).found for hour in hours]


# --- removed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_an_article_is_removed_after_three_checks_over_a_day(status, url, desk, site):
    site.removes("/fire", status)

    assert goes_missing(desk, url, 1, 13, 26) == ["gone", "gone", "gone"]

    (event,) = events(desk, url)
    assert event["kind"] == "removed"
    assert event["detail"].startswith(f"the server answers with status {status}")
    assert event["detail"].endswith("in 3 checks over 25 hours")


TOO_LITTLE = {
    "once": [1],
    "three times within the hour": [1, 1.2, 1.4],
    "twice over days": [1, 72],
    "just before the day is over": [1, 10, 24.9],
}


@pytest.mark.parametrize("hours", TOO_LITTLE.values(), ids=TOO_LITTLE)
def test_less_evidence_removes_nothing(hours, url, desk, site):
    site.removes("/fire")

    goes_missing(desk, url, *hours)

    assert events(desk, url) == []
    assert told(desk) == []
    assert "not yet confirmed" in " ".join(desk.run("list").out.split())


def test_a_check_that_sees_the_article_starts_the_count_anew(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13)
    site.publishes("/fire", page(*FIRE))
    check(desk, url, 20 * HOUR)
    site.removes("/fire")

    goes_missing(desk, url, 26, 40)

    assert events(desk, url) == []


def test_a_check_that_fails_otherwise_counts_neither_way(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13)
    site.removes("/fire", 500)
    assert check(desk, url, 20 * HOUR).found == "failed"
    assert events(desk, url) == []
    site.removes("/fire")

    goes_missing(desk, url, 26)

    assert [event["kind"] for event in events(desk, url)] == ["removed"]


def test_an_address_that_leads_to_the_front_page_is_evidence_too(url, desk, site):
    site.redirects("/fire", "/", status=302)

    assert goes_missing(desk, url, 1, 13, 26) == ["gone", "gone", "gone"]

    (event,) = events(desk, url)
    assert event["detail"] == "the address leads to a front page, in 3 checks over 25 hours"


def test_an_article_that_was_never_read_is_not_removed(desk, site):
    url = site.removes("/never")
    desk.run("watch", url, "--as", "article")

    assert goes_missing(desk, url, 0, 13, 26, 40) == ["failed"] * 4
    assert events(desk, url) == []


def test_the_removal_is_told_once_with_its_bounds(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26, 60, 120)
    with desk.opened() as pipeline:
        (seen,) = pipeline.catalog.versions(pipeline.catalog.article(url).id)
        (event,) = pipeline.catalog.events()

    (line,) = told(desk)
    assert event.not_before == seen.last_seen_at
    assert line.startswith("Removed: the server answers with status 404")
    assert "(between " in line
    assert " UTC on " in line


def test_the_alert_reaches_its_channel(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26)

    with desk.opened(27 * HOUR) as pipeline:
        for delivery in pipeline.claim_deliveries("log", 10):
            assert pipeline.deliver(delivery) is None

    (alert,) = desk.alerts
    assert (alert["event"]["kind"], alert["article"]["url"]) == ("removed", url)


def test_the_event_and_its_alert_are_one_write(url, desk, site):
    """A kill before the write loses neither: the next check says it."""
    site.removes("/fire")
    goes_missing(desk, url, 1, 13)

    class Killed(BaseException):
        pass

    def kill(step: str) -> None:
        if step == "archived":
            raise Killed

    with pytest.raises(Killed):
        check(desk, url, 26 * HOUR, on_step=kill)
    with desk.opened() as pipeline:
        assert (pipeline.catalog.events(), pipeline.catalog.deliveries()) == ([], [])

    goes_missing(desk, url, 27)

    with desk.opened() as pipeline:
        assert len(pipeline.catalog.events()) == len(pipeline.catalog.deliveries()) == 1


def test_what_came_in_place_of_the_article_is_kept_once(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26)

    with desk.opened() as pipeline:
        captures = list(pipeline.archive.captures(pipeline.catalog.article(url).folder))

    assert [capture.status for capture in captures] == [200, 404]


def test_lists_and_reports_show_the_removal(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26)

    assert "REMOVED: missing" in " ".join(desk.run("list").out.split())
    assert desk.run("list", "--format", "json").json["articles"][0]["removed_at"]
    for command in (["history", url], ["report"], ["report", url]):
        shown = " ".join(desk.run(*command).out.split())
        assert "Removed: the server answers with status 404" in shown, command
        assert "between" in shown
    assert "Removed" not in desk.run("report", "--verdict", "minor").out
    (told,) = desk.run("report", "--format", "json").json
    assert told["event"]["kind"] == "removed"


# --- when to check --------------------------------------------------------------------------------

SETTINGS = ScheduleSettings(longest=timedelta(days=60), jitter=0)


def missing(checks: int, *, removed: bool = False) -> Article:
    fields = {"gone_checks": checks, "gone_since": NOW, "removed_at": NOW if removed else None}
    return Article(1, "https://example.org/a", "example.org/a", NOW, **fields)


@pytest.mark.parametrize(
    ("article", "wait"),
    [
        pytest.param(missing(1), timedelta(hours=12), id="after the first"),
        pytest.param(missing(2), timedelta(hours=12), id="after the second"),
        pytest.param(missing(3, removed=True), timedelta(days=1), id="when removed"),
        pytest.param(missing(4, removed=True), timedelta(days=2), id="ever more rarely"),
        pytest.param(missing(8, removed=True), timedelta(days=32), id="and more"),
        pytest.param(missing(99, removed=True), timedelta(days=60), id="but not forgotten"),
    ],
)
def test_a_missing_article_is_checked_until_it_is_confirmed_and_then_ever_more_rarely(article, wait):
    assert next_due(article, NOW, SETTINGS, Random(1), outcome="gone") == NOW + wait


@pytest.mark.parametrize("seed", range(20))
def test_jitter_does_not_make_the_evidence_span_less_than_it_must(seed):
    random, settings = Random(seed), ScheduleSettings()
    second = next_due(missing(1), NOW, settings, random, outcome="gone")
    third = next_due(missing(2), second, settings, random, outcome="gone")

    assert third - NOW >= settings.gone_after - timedelta(seconds=1)


def test_one_check_may_be_enough():
    settings = ScheduleSettings(gone_checks=1, jitter=0)

    assert next_due(missing(1), NOW, settings, Random(1), outcome="gone") == NOW + settings.gone_after


# --- restored -------------------------------------------------------------------------------------

BACK = {
    "identical": (page(*FIRE), "identical", []),
    "different": (page(*edited("killed 12 people", "killed 14 people")), "different", ["substantive"]),
    "another story": (page(*OTHER_STORY, headline="The club wins again"), "another story", ["different_story"]),
}


@pytest.mark.parametrize(("body", "said", "verdicts"), BACK.values(), ids=BACK)
def test_an_article_that_comes_back_is_restored(body, said, verdicts, url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26, 50)
    site.publishes("/fire", body)

    check(desk, url, 75 * HOUR)

    history = desk.run("history", url, "--format", "json").json
    assert [(event["kind"], event["detail"]) for event in history["events"][1:]] == [("restored", said)]
    assert [change["comparison"]["verdict"] for change in history["changes"]] == verdicts
    assert desk.run("list", "--format", "json").json["articles"][0]["removed_at"] is None
    assert "Restored, " in desk.run("history", url).out


def test_restored_is_bounded_by_the_last_check_that_missed_it(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26, 50)
    with desk.opened() as pipeline:
        last_missed = pipeline.catalog.article(url).gone_until
    site.removes("/fire", 500)
    check(desk, url, 60 * HOUR)
    site.publishes("/fire", page(*FIRE))

    check(desk, url, 75 * HOUR)

    with desk.opened() as pipeline:
        assert pipeline.catalog.events()[0].not_before == last_missed


def test_what_was_missing_but_not_removed_is_not_restored(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1)
    site.publishes("/fire", page(*FIRE))

    check(desk, url, 2 * HOUR)

    assert events(desk, url) == []


def test_an_article_can_be_removed_again(url, desk, site):
    site.removes("/fire")
    goes_missing(desk, url, 1, 13, 26)
    site.publishes("/fire", page(*FIRE))
    check(desk, url, 50 * HOUR)
    site.removes("/fire")

    goes_missing(desk, url, 60, 72, 85)

    assert [event["kind"] for event in events(desk, url)] == ["removed", "restored", "removed"]
    assert [line.split()[0] for line in told(desk)] == ["Removed:", "Restored,", "Removed:"]


# --- moved ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_to_the_same_article_is_a_move_told_once(status, url, desk, site):
    new = site.publishes("/2018/fire", page(*FIRE))
    site.redirects("/fire", "/2018/fire", status=status)

    assert check(desk, url, HOUR).found == "unchanged"
    check(desk, url, 2 * HOUR)
    site.publishes("/2018/fire", page(*edited("killed 12 people", "killed 14 people")))
    assert check(desk, url, 3 * HOUR).found == "changed"
    check(desk, url, 4 * HOUR)

    assert [(event["kind"], event["detail"]) for event in events(desk, url)] == [("moved", new)]
    assert f"Moved to {new}" in " ".join(desk.run("history", url).out.split())
    assert [one["address"] for one in desk.run("list", "--format", "json").json["articles"]] == [url]


NOT_MOVED = {
    "a redirect for now": ("/2018/fire", 302),
    "a slash at the end": ("/fire/", 301),
    "the AMP page": ("/fire/amp", 301),
    "another story": ("/match", 301),
}


@pytest.mark.parametrize(("target", "status"), NOT_MOVED.values(), ids=NOT_MOVED)
def test_other_redirects_are_no_move(target, status, url, desk, site):
    for path in ("/2018/fire", "/fire/", "/fire/amp"):
        site.publishes(path, page(*FIRE))
    site.publishes("/match", page(*OTHER_STORY, headline="The club wins again"))
    site.redirects("/fire", target, status=status)

    check(desk, url, HOUR)

    assert events(desk, url) == []


def test_an_address_that_has_always_led_elsewhere_has_not_moved(desk, site):
    site.publishes("/2018/fire", page(*FIRE))
    url = site.redirects("/fire", "/2018/fire", status=301)
    desk.run("watch", url)
    desk.run("check")

    check(desk, url, HOUR)

    assert events(desk, url) == []


def hops(*statuses: int, to: str = "https://example.org/b") -> Snapshot:
    chain = tuple(Redirect("https://example.org/a", status, to) for status in statuses)
    return Snapshot("https://example.org/a", NOW, 200, (), b"", final_url=to, redirects=chain)


@pytest.mark.parametrize(
    ("snapshot", "address"),
    [
        pytest.param(hops(301, 308), "https://example.org/b", id="all for good"),
        pytest.param(hops(301, 302), None, id="one for now"),
        pytest.param(hops(301, to="https://example.com/b"), None, id="another host"),
        pytest.param(hops(to="https://example.org/a"), None, id="no redirect"),
        pytest.param(hops(301, to="https://example.org/b?utm_source=x"), "https://example.org/b", id="with tracking"),
    ],
)
def test_only_redirects_for_good_on_the_same_host_count(snapshot, address):
    assert leads_to(snapshot) == address


# --- whom to tell ---------------------------------------------------------------------------------


def event(**fields: object) -> Event:
    values: dict[str, object] = {
        "id": 1, "article_url": "https://example.org/a", "kind": "removed", "detail": "status 404, in 3 checks over 26 hours",
        "headline": "Fire in the port", "not_before": datetime(2018, 6, 11, 8, 15, tzinfo=UTC),
        "not_after": datetime(2018, 6, 12, 9, 40, tzinfo=UTC), "detected_at": NOW, "tags": ("ports",),
    }  # fmt: skip
    return Event(**{**values, **fields})  # type: ignore[arg-type]


RULES = {
    "a rule that says nothing of events": ({}, ["desk"]),
    "a rule for other changes": ({"verdict": ("minor",), "importance": 3, "kinds": ("number",)}, ["desk"]),
    "a rule for this event": ({"events": ("removed",)}, ["desk"]),
    "a rule for other events": ({"events": ("moved", "restored")}, []),
    "a rule for no events": ({"events": ()}, []),
    "a rule for its tag": ({"tags": ("ports",)}, ["desk"]),
    "a rule for another tag": ({"tags": ("sport",)}, []),
}


@pytest.mark.parametrize(("fields", "channels"), RULES.values(), ids=RULES)
def test_rules_choose_events_by_kind_and_tag(fields, channels):
    matching = matching_event_rules(event(), [RuleSettings("a rule", ("desk",), **fields)])

    assert [channel for rule in matching for channel in rule.channels] == channels


def test_the_first_line_says_what_happened_between_which_moments():
    message = compose_event(event(), "desk")

    assert message.text.splitlines() == [
        "Removed: status 404, in 3 checks over 26 hours (between 08:15 UTC on June 11, 2018 and 09:40 UTC on June 12, 2018)",
        "",
        "Fire in the port",
        "https://example.org/a",
    ]
    assert message.title == "Removed: Fire in the port"
    assert message.key != compose_event(event(), "other").key


def test_a_hostile_address_stays_on_its_line():
    message = compose_event(
        event(kind="moved", detail="https://example.org/\n<script>", headline="<b>\u202eFire"), "desk"
    )

    assert message.text.splitlines()[1:] == ["", "<b>Fire", "https://example.org/a"]
    assert "<script>" not in message.html


def test_a_firewall_that_answers_404_is_no_evidence():
    snapshot = Snapshot("https://example.org/a", NOW, 404, (), b"")

    assert why_gone(snapshot, Capture(0.0, True, ("A firewall answered",))) is None
    assert why_gone(snapshot, Capture()) == "the server answers with status 404"


# --- a catalog of before --------------------------------------------------------------------------


def test_an_older_catalog_has_nothing_missing(tmp_path, monkeypatch):
    database = f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    with monkeypatch.context() as older:
        older.setattr(migration, "HEAD", "0003")
        with Catalog.open(database) as catalog, catalog._database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO articles (url, host, folder, added_at, active, unchanged_checks, failures, latest) "
                "VALUES ('https://example.org/a', 'example.org', 'example.org/a', 0, TRUE, 0, 0, 0)"
            )

    with Catalog.open(database) as catalog:
        (article,) = catalog.articles()
        assert catalog.events() == []

    assert (article.gone_checks, article.gone_since, article.removed_at) == (0, None, None)


def test_events_are_found_by_article_time_and_tag(catalog):
    one, two = add(catalog, "a", tags=["asia"]), add(catalog, "b")
    for number, article in enumerate((one, two, one)):
        at = NOW + number * HOUR
        happened = [(event(article_url=article.url, detected_at=at), ())]
        catalog.record_gone(article.id, at=at, due_at=at, error="gone", stored=None, happened=happened)

    assert [found.article_url[-1] for found in catalog.events()] == ["a", "b", "a"]
    assert [found.detected_at for found in catalog.events(article_id=one.id, newest_first=False)] == [
        NOW,
        NOW + 2 * HOUR,
    ]
    assert len(catalog.events(since=NOW + HOUR)) == 2
    assert len(catalog.events(tag="asia", limit=1)) == 1
    assert catalog.article(one.url).gone_since == NOW
    assert catalog.article(one.url).gone_checks == 2


# --- re-used --------------------------------------------------------------------------------------


def test_an_address_that_tells_another_story_is_re_used(url, desk, site):
    site.publishes("/fire", page(*OTHER_STORY, headline="The club wins again"))

    check(desk, url, HOUR)
    check(desk, url, 2 * HOUR)

    assert [(event["kind"], event["detail"]) for event in events(desk, url)] == [("reused", "The club wins again")]
    assert "Re-used: the address now tells another story, “The club wins again”" in " ".join(told(desk))
