"""What waits is delivered in order and in time, whatever the channels do: nothing is lost, nobody is flooded, and none holds up another."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from catalog_samples import comparison, message, record, stored
from desk import FIRE, Desk, edited, page
from mail_server import MailServer
from servers import Site

from tracker.alert.messages import compose_message
from tracker.alert.telling import messages_about
from tracker.models import Change
from tracker.pipeline import Pipeline
from tracker.postman import Postman

pytest_plugins = ["desk_fixtures"]

MORNING = datetime(2026, 1, 31, 7, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Office:
    """A pipeline whose clock is set by hand, and a postman who goes when told."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.now = MORNING
        self.pipeline = replace(pipeline, clock=lambda: self.now)
        self.catalog = pipeline.catalog
        self.errors: list[str] = []

    def put(self, *keys: str, channel: str = "hook", **fields: Any) -> None:
        for key in keys:
            self.catalog.add_delivery(channel, message(key, **fields), self.now)

    def go(self, later: timedelta = timedelta()) -> None:
        self.now += later
        postman = Postman(self.pipeline, lambda _, error: error and self.errors.append(str(error)), self.fail)
        postman.deliver_due()
        postman.wait()

    def fail(self, error: Exception) -> None:
        raise error

    def states(self, channel: str = "hook") -> Counter[str]:
        return Counter(one.state for one in self.catalog.deliveries(channel=channel))


@contextmanager
def office(desk: Desk, site: Site, settings: str = "", more: str = "") -> Iterator[Office]:
    config = f'[channels.hook]\nwebhook = "{site.url("/hook")}"\n{settings}\n{more}'
    with replace(desk, config=config).opened() as pipeline:
        yield Office(pipeline)


def keys(site: Site, path: str = "/hook") -> list[str]:
    return [request.headers["idempotency-key"] for request in site.requests if request.path == path]


# --- a channel that is down -----------------------------------------------------------------------


def test_channel_down_for_a_day_gets_everything_after_in_order_and_without_a_flood(desk, site):
    site.publishes("/hook", "")
    wanted = [f"{number:03}" for number in range(60)]
    arrived: list[int] = []
    with office(desk, site, 'rate = "8 per minute"') as post:
        site.goes_down()
        for number in wanted:
            post.put(number)
            post.go(24 * MINUTE)
        tried = len(post.errors)
        site.comes_back()
        site.publishes("/hook", "")
        back_at = post.now
        while post.states()["waiting"] and post.now < back_at + HOUR:
            post.go(MINUTE)
            arrived.append(len(site.requests))

    assert keys(site) == wanted, "all, in order, and each once"
    assert tried < 220, "while it is down one message or two are tried every quarter of an hour, whatever waits"
    assert max(later - before for before, later in pairwise([0, *arrived])) <= 8
    assert post.now - back_at <= 25 * MINUTE, "a quarter of an hour to see that it is back, and 60 at 8 a minute"


def test_five_thousand_messages_for_one_channel_do_not_slow_another(desk, site):
    site.publishes("/fast", "")
    site.publishes("/hook", "", status=503)
    fast = f'[channels.fast]\nwebhook = "{site.url("/fast")}"\n'
    took = []
    with office(desk, site, more=fast) as post:
        for _ in range(2):
            began = time.perf_counter()
            for number in range(20):
                post.put(f"{len(took)}-{number}", channel="fast")
            post.go()
            took.append(time.perf_counter() - began)
            with post.catalog._database.write() as connection:
                from tracker.catalog.outbox import insert_deliveries

                many = [("hook", message(f"many {number}")) for number in range(5_000)]
                insert_deliveries(post.catalog._database, connection, None, many, post.now)
        asked = len(keys(site))

    assert len(keys(site, "/fast")) == 40
    assert asked == 1, "one message is tried, and 4,999 wait behind it"
    assert took[1] < 3 * took[0] + 0.5


def test_message_that_alone_is_refused_for_a_while_holds_up_the_others_only_shortly(desk, site):
    """The fault of one message, not of the channel: after three attempts others are tried in its place."""
    with office(desk, site) as post:
        post.put("bad", "good 1", "good 2")
        site.publishes("/hook", "", status=500)
        for _ in range(4):
            post.go(MINUTE)
            tried = keys(site)
            site.publishes("/hook", "", status=500 if tried.count("bad") < 4 else 200)
        post.go(MINUTE)
        post.go(MINUTE)

    assert tried[:3] == ["bad", "bad", "bad"]
    assert {"good 1", "good 2", "bad"} <= set(keys(site))
    assert post.states() == {"delivered": 3}


def test_channel_that_stays_down_has_its_messages_parked_after_days_and_retry_revives_them(desk, site):
    site.publishes("/hook", "", status=503)
    with office(desk, site) as post:
        post.put("old 1", "old 2", "old 3")
        for _ in range(25):
            post.go(3 * HOUR)
        post.put("young")
        post.go(HOUR)
        parked = post.states()
        post.catalog.retry(now=post.now)
        site.publishes("/hook", "")
        post.go()
        post.go(HOUR)

    assert parked == {"parked": 3, "waiting": 1}
    assert post.states() == {"delivered": 4}
    assert keys(site)[-4:] == ["old 1", "old 2", "old 3", "young"]


def test_connection_that_breaks_after_the_message_was_taken_brings_it_again_with_the_same_key(desk, site):
    site.answers_raw("/hook", [b""])
    with office(desk, site) as post:
        post.put("1", "2")
        post.go()
        site.publishes("/hook", "")
        post.go(MINUTE)
        post.go(MINUTE)

    assert keys(site) == ["1", "1", "2"]
    assert post.states() == {"delivered": 2}


# --- rates, quiet hours, digests ------------------------------------------------------------------


def test_what_exceeds_the_rate_waits(desk, site):
    site.publishes("/hook", "")
    sent = []
    with office(desk, site, 'rate = "3 per minute"') as post:
        post.put(*"abcdefgh")
        for _ in range(4):
            post.go(timedelta(seconds=61))
            sent.append(len(keys(site)))

    assert sent == [3, 6, 8, 8]


def test_quiet_hours_are_kept_and_broken_by_what_is_urgent(desk, site):
    site.publishes("/hook", "")
    with office(desk, site, 'quiet = "22:00-08:00 Europe/Berlin"\nurgent = 3') as post:
        post.now = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)
        post.put("minor", importance=1)
        post.put("urgent", importance=3)
        post.put("another", importance=2)
        post.go()
        at_night = keys(site)
        post.go(8 * HOUR)
        before_eight = keys(site)
        post.go(HOUR)

    assert (at_night, before_eight) == (["urgent"], ["urgent"])
    assert keys(site) == ["urgent", "minor", "another"]


def test_daily_digest_is_one_message_at_the_reader_s_eight_o_clock(desk, site):
    site.publishes("/hook", "")
    with office(desk, site) as post:
        daily = {"timetable": "daily at 08:00 Europe/Berlin"}
        post.now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
        post.put("a", "b", **daily)
        post.go(HOUR)
        before = list(site.requests)
        post.now = datetime(2026, 3, 29, 6, 0, tzinfo=UTC)  # the clocks went forward in the night
        post.put("c", **daily)
        post.go()

    (request,) = site.requests
    assert before == []
    assert [part["key"] for part in json.loads(request.body)["digest"]] == ["a", "b"]
    assert post.states() == {"delivered": 2, "waiting": 1}


def test_digest_that_fails_comes_again_whole_with_the_same_key(desk, site):
    site.publishes("/hook", "", status=503)
    with office(desk, site) as post:
        post.put("a", "b", timetable="hourly")
        post.go(HOUR)
        post.put("c", timetable="hourly")
        site.publishes("/hook", "")
        post.go(MINUTE)
        post.go(HOUR)

    first, again, later = site.requests
    assert first.body == again.body
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] != later.headers["idempotency-key"]
    assert [part["key"] for part in json.loads(later.body)["digest"]] == ["c"]


# --- from the change to the reader ----------------------------------------------------------------


def changes(pipeline: Pipeline, *texts: str) -> list[Change]:
    """An article that changes an hour after the other, and tells its channels."""
    article, _ = pipeline.catalog.add_article("https://news.example.org/fire", "news.example.org/fire", now=MORNING)
    found = []
    for number, text in enumerate(("first", *texts)):
        at = MORNING + number * HOUR
        _, change = record(
            pipeline.catalog, article, text, at=at, number=number,
            stored=stored(number, at, article.folder), compared=comparison(new=f"{20 + number}") if number else None,
            deliveries=lambda change: messages_about(change, pipeline.config),
        )  # fmt: skip
        found += [change] if change else []
    return found


RULE = '[[alert]]\nname = "all"\nchannels = ["hook"]\n'


def test_second_change_follows_the_first_and_a_channel_has_its_own_words(desk, site):
    site.publishes("/hook", "")
    with office(desk, site, more=RULE) as post:
        changes(post.pipeline, "second", "third")
        post.go(3 * HOUR)

    first, second = (json.loads(request.body) for request in site.requests)
    assert "follows" not in first
    assert second["follows"] == first["key"]
    assert second["follow_up"]["kind"] == "further"


def test_changes_of_a_day_without_the_channel_follow_one_another_when_it_is_back(desk, site):
    site.goes_down()
    with office(desk, site, more=RULE) as post:
        told = changes(post.pipeline, "second", "third")
        for _ in range(72):
            post.go(20 * MINUTE)
        waited = post.states()
        site.comes_back()
        site.publishes("/hook", "")
        site.requests.clear()
        post.go(20 * MINUTE)

    first, second = (json.loads(request.body) for request in site.requests)
    assert waited == {"waiting": 2}
    assert [one["change"]["id"] for one in (first, second)] == [change.id for change in told]
    assert ("follows" in first, second["follows"]) == (False, first["key"])


def test_clock_that_is_set_back_a_day_holds_up_no_message(desk, site):
    """What was sent in the future counts for no rate; `hurry_deliveries` is what the service does on such a jump."""
    site.publishes("/hook", "", status=503)
    with office(desk, site, 'rate = "2 per minute"') as post:
        post.now = MORNING + DAY
        post.put("1", "2", "3", "4")
        post.go()
        post.now = MORNING
        post.catalog.hurry_deliveries(post.now)
        site.publishes("/hook", "")
        post.go()
        post.go(timedelta(seconds=61))

    assert keys(site) == ["1", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("setting", "follows"), [('follow_up = "30m"', False), ('follow_up = "0s"', False), ("", True)]
)
def test_follow_ups_are_within_the_time_that_is_set(desk, site, setting, follows):
    site.publishes("/hook", "")
    with office(desk, site, setting, RULE) as post:
        changes(post.pipeline, "second", "third")
        for hours in (1, 2):
            post.now = MORNING + hours * HOUR + MINUTE
            post.go()

    assert ("follows" in json.loads(site.requests[-1].body)) is follows


def with_mail(desk: Desk, mails: MailServer, more: str = "") -> Desk:
    config = (
        f'[channels.hook]\nsmtp = "smtp://127.0.0.1:{mails.port}"\nfrom = "tracker@example.org"\nto = ["desk@example.org"]\n'
        f"{more}\n{RULE}"
    )
    return replace(desk, config=config)


def test_change_on_a_page_becomes_a_mail_with_its_picture_and_the_next_an_answer_to_it(desk, site):
    with MailServer() as mails:
        desk = with_mail(desk, mails)
        url = site.publishes("/fire", page(*FIRE))
        desk.run("watch", url)
        for story in (
            FIRE,
            edited("killed 12 people", "killed 14 people"),
            edited("killed 12 people", "killed 15 people"),
        ):
            site.publishes("/fire", page(*story))
            assert desk.run("check", url).err == ""

    first, second = mails.got
    assert first.get_body(("plain",)).get_content().startswith("Number: 12 people → 14 people")
    assert [part.get_content_type() for part in first.walk()][-1] == "image/png"
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["Subject"].startswith("Update: ")
    assert second.get_body(("plain",)).get_content().startswith("Update: Number: 14 people → 15 people")


def test_mail_without_pictures_where_nobody_wants_them(desk, site):
    with MailServer() as mails, with_mail(desk, mails, "picture = false").opened() as pipeline:
        post = Office(pipeline)
        changes(post.pipeline, "second")
        post.go(2 * HOUR)

    assert "image/png" not in [part.get_content_type() for part in mails.got[0].walk()]


DROPS = {
    "after the mail": {"data": ["keep and drop", "250 kept", "250 kept"]},
    "before the answer": {"data": ["drop", "250 kept", "250 kept"]},
    "at the greeting": {"greeting": ["drop", "220 mail.example.org"]},
    "not now": {"rcpt": ["451 later", "250 ok", "250 ok"]},
}


@pytest.mark.parametrize("answers", DROPS.values(), ids=DROPS.keys())
def test_mail_arrives_once_for_each_acknowledgement_whatever_breaks_in_the_middle(desk, site, answers):
    with MailServer() as mails, with_mail(desk, mails, 'follow_up = "0s"').opened() as pipeline:
        mails.says(**answers)
        post = Office(pipeline)
        told = changes(post.pipeline, "second", "third")
        for _ in range(4):
            post.go(HOUR)

    sent = [mail["Message-ID"] for mail in mails.got]
    wanted = [f"<{compose_message(change, 'hook').key}@example.org>" for change in told]
    assert list(dict.fromkeys(sent)) == wanted, "in order"
    assert len(sent) == (3 if "keep and drop" in str(answers) else 2), "twice only where the answer was lost"
    assert post.states() == {"delivered": 2}


def test_template_and_picture_reach_a_test_message(desk):
    with MailServer() as mails:
        ended = with_mail(desk, mails, "template = '{{ article.headline }}: {{ lines[-1] }}'").run(
            "alerts", "test", "hook"
        )

    (mail,) = mails.got
    assert ended.out == "hook: delivered\n"
    assert mail.get_body(("plain",)).get_content().startswith("Fire in the harbour of Ostmark: Number: 12 → 14")
    assert "image/png" in [part.get_content_type() for part in mail.walk()]


def test_wrong_template_is_told_before_anything_is_done(desk, site):
    desk = replace(desk, config='[channels.hook]\nfile = "-"\ntemplate = "{{ nobody }}"\n')

    ended = desk.run("check")

    assert ended.code == 2
    assert "[channels.hook] template, line 1: 'nobody' is undefined" in ended.err


def secrets() -> Iterator[Callable[[Desk], Desk]]:
    yield lambda desk: replace(desk, config=f'[channels.hook]\nwebhook = "http://127.0.0.1:9/s3cret-90210"\n{RULE}')
    yield lambda desk: replace(desk, config=f'[channels.hook]\napprise = "json://u:s3cret-90210@127.0.0.1:9"\n{RULE}')
    yield lambda desk: replace(
        desk,
        config=f'[channels.hook]\nsmtp = "smtp://u:s3cret-90210@127.0.0.1:9"\nfrom = "a@b.example"\nto = ["c@d.example"]\n{RULE}',
    )
    yield lambda desk: replace(desk, config=f'[channels.hook]\ncommand = ["false", "s3cret-90210"]\n{RULE}')


@pytest.mark.parametrize("with_secret", list(secrets()), ids=["webhook", "apprise", "smtp", "command"])
def test_secret_of_a_channel_is_in_no_message_list_or_database(desk, with_secret, caplog):
    desk = with_secret(desk)
    with desk.opened() as pipeline:
        post = Office(pipeline)
        changes(post.pipeline, "second")
        post.go(2 * HOUR)
    listed = [desk.run("alerts", "list", *options).out for options in ((), ("--format", "json"))]
    tested = desk.run("alerts", "test")
    files = b"".join(file.read_bytes() for file in (desk.folder / "snapshots").iterdir() if file.is_file())

    assert len(post.errors) == 1
    for text in (
        *post.errors,
        *listed,
        tested.out,
        tested.err,
        caplog.text,
        repr(pipeline.config),
        files.decode("latin-1"),
    ):
        assert "s3cret" not in text
