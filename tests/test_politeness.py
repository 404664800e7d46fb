"""A site is asked only for what it allows, and never more often than it likes."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config import FetchSettings
from tracker.errors import BlockedError, FetchError, RateLimitedError
from tracker.models import Snapshot
from tracker.politeness import HostBudgets, Politeness, Robots, robots_from_response
from tracker.politeness.robots import product_token

NOW = datetime(2018, 4, 9, 8, 15, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SITE = "https://news.example.org"
PAGE = f"{SITE}/a"
AGENT = "tracker/0.1 (article-update tracker)"


class Calm(Random):
    """Chance that never adds anything."""

    def random(self) -> float:
        return 0.0


CALM = Calm()


def robots_txt(text: str | bytes) -> Snapshot:
    body = text if isinstance(text, bytes) else text.encode()
    return Snapshot(f"{SITE}/robots.txt", NOW, 200, (("Content-Type", "text/plain"),), body)


def fails(status: int | None = None, url: str = f"{SITE}/robots.txt") -> FetchError:
    return FetchError(f"{url}: it does not work", url=url, status=status)


def says_later(retry_after_s: float | None, status: int = 429, url: str = PAGE) -> RateLimitedError:
    return RateLimitedError(f"{url}: later", url=url, status=status, retry_after_s=retry_after_s)


class Robotic:
    """Answers for robots.txt, and counts how often it is asked."""

    def __init__(self, answer: Snapshot | FetchError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, url: str) -> Snapshot:
        self.asked.append(url)
        if isinstance(self.answer, FetchError):
            raise self.answer
        return self.answer


ALLOWS_ALL = robots_txt("")


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["forward", "back"])
def test_when_the_clock_jumps_a_host_is_not_stormed_by_those_that_waited(jump):
    politeness, asks = Politeness(FetchSettings(robots=False, delay_s=2.0)), itertools.count()
    waiting = [f"{SITE}/{number}" for number in range(50)]

    def granted(moment: datetime) -> list[str]:
        next(asks)
        return [url for url in waiting if politeness.ask(url, moment, CALM, Robotic(ALLOWS_ALL)).wait_until is None]

    granted(NOW)
    after = NOW + jump
    if jump < timedelta():
        politeness = politeness.anew()
    at_once, over_a_minute = granted(after), 0
    for seconds in range(1, 61):
        over_a_minute += len(granted(after + seconds * SECOND))

    assert len(at_once) == 1
    assert over_a_minute <= 30


def test_that_nobody_answered_is_forgiven_and_that_a_host_asked_for_patience_is_not():
    politeness, robots = Politeness(FetchSettings()), Robotic(fails())
    other = "https://other.example/a"
    politeness.ask(PAGE, NOW, CALM, robots)
    for _ in range(5):
        politeness.budgets.ended(PAGE, NOW, fails(url=PAGE))
    politeness.budgets.ended(other, NOW, says_later(3600, url=other))
    before = [one.host for one in politeness.slowed(NOW)]

    politeness.forgive(NOW)
    robots.answer = ALLOWS_ALL

    assert before == ["news.example.org", "other.example"]
    assert [one.host for one in politeness.slowed(NOW)] == ["other.example"]
    assert politeness.ask(PAGE, NOW + 3 * SECOND, CALM, robots).refusal is None


# --- robots.txt -----------------------------------------------------------------------------------

RULES = {
    "nothing said": ("", "/a", True),
    "all disallowed": ("User-agent: *\nDisallow: /", "/a", False),
    "another robot disallowed": ("User-agent: otherbot\nDisallow: /", "/a", True),
    "we by name, others not": ("User-agent: *\nDisallow: /\n\nUser-agent: Tracker\nDisallow: /private", "/a", True),
    "the longest rule wins": ("User-agent: *\nDisallow: /news\nAllow: /news/open", "/news/open/1", True),
    "wildcard and end": ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
    "wildcard and end, with more behind": ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", True),
    "with a query": ("User-agent: *\nDisallow: /*?print", "/a?print=1", False),
    "a word of our user agent's comment": ("User-agent: article-update\nDisallow: /", "/a", True),
    "a page in place of rules": ("<!doctype html><title>Welcome</title><p>User agents are welcome.", "/a", True),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
    "robots.txt itself": ("User-agent: *\nDisallow: /", "/robots.txt", True),
}


@pytest.mark.parametrize(("text", "path", "allowed"), RULES.values(), ids=RULES)
def test_robots_rules_are_applied_by_the_standard(text, path, allowed):
    robots = robots_from_response(robots_txt(text), AGENT, NOW)

    assert robots.allows(SITE + path) is allowed


def test_robots_that_are_not_utf8_are_read_as_far_as_they_go():
    robots = robots_from_response(robots_txt(b"# caf\xe9\nUser-agent: *\nDisallow: /private\n"), AGENT, NOW)

    assert not robots.allows(f"{SITE}/private/a")


def test_robots_beyond_500_kib_are_not_read():
    text = "User-agent: *\nDisallow: /early\n" + "#" * 600 * 1024 + "\nDisallow: /late\n"

    robots = robots_from_response(robots_txt(text), AGENT, NOW)

    assert not robots.allows(f"{SITE}/early")
    assert robots.allows(f"{SITE}/late")


@given(st.binary(max_size=300))
def test_no_robots_txt_makes_us_stumble(body):
    robots = robots_from_response(robots_txt(body), AGENT, NOW)

    assert robots.allows(PAGE) in (True, False)
    assert robots.crawl_delay_s >= 0


DELAYS = {
    "none": ("User-agent: *\nDisallow: /x", 0.0),
    "crawl-delay": ("User-agent: *\nCrawl-delay: 10", 10.0),
    "of another robot": ("User-agent: otherbot\nCrawl-delay: 10", 0.0),
    "request-rate": ("User-agent: *\nRequest-rate: 1/30", 30.0),
    "the slower of both": ("User-agent: *\nCrawl-delay: 3\nRequest-rate: 2/10", 5.0),
    "beyond reason": ("User-agent: *\nCrawl-delay: 86400", 3600.0),
    "no number": ("User-agent: *\nCrawl-delay: slow", 0.0),
}


@pytest.mark.parametrize(("text", "delay_s"), DELAYS.values(), ids=DELAYS)
def test_crawl_delay_is_what_the_site_asks_for(text, delay_s):
    assert Robots.parse(text, AGENT, NOW).crawl_delay_s == delay_s


def test_sitemaps_are_found_in_robots():
    robots = Robots.parse("Sitemap: https://news.example.org/news.xml", AGENT, NOW)

    assert robots.sitemaps == ("https://news.example.org/news.xml",)


TOKENS = {
    AGENT: "tracker",
    "NewsDesk": "NewsDesk",
    "Mozilla/5.0 (compatible; DeskBot/2.1; +https://example.org/bot)": "DeskBot",
    "1234": "tracker",
}


@pytest.mark.parametrize(("agent", "token"), TOKENS.items())
def test_robots_know_us_by_the_name_of_the_product(agent, token):
    assert product_token(agent) == token


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_site_without_robots_txt_allows_everything(status):
    """RFC 9309, section 2.3.1.3."""
    robots = robots_from_response(fails(status), AGENT, NOW)

    assert robots.allows(PAGE)
    assert robots.expires_at == NOW + DAY


@pytest.mark.parametrize("status", [None, 429, 500, 503])
def test_a_site_whose_robots_txt_cannot_be_read_allows_nothing_for_now(status):
    """RFC 9309, section 2.3.1.4."""
    robots = robots_from_response(fails(status), AGENT, NOW)

    assert not robots.allows(PAGE)
    assert "does not work" in (robots.unreachable or "")
    assert NOW < robots.expires_at <= NOW + HOUR


def test_known_rules_hold_for_another_day_while_no_newer_can_be_had():
    known = Robots.parse("User-agent: *\nDisallow: /private", AGENT, NOW)
    soon, late = NOW + DAY + HOUR, NOW + 2 * DAY + HOUR

    kept = robots_from_response(fails(503), AGENT, soon, known)
    given_up = robots_from_response(fails(503), AGENT, late, kept)

    assert kept.allows(PAGE)
    assert not kept.allows(f"{SITE}/private")
    assert kept.expires_at > soon
    assert not given_up.allows(PAGE)


# --- budgets --------------------------------------------------------------------------------------


def test_the_first_request_to_a_host_may_go_at_once():
    assert HostBudgets(FetchSettings()).reserve(PAGE, NOW, CALM) is None


def test_two_requests_to_one_host_have_a_pause_between_them():
    budgets = HostBudgets(FetchSettings(delay_s=2))

    budgets.reserve(f"{SITE}/1", NOW, CALM)

    assert budgets.reserve(f"{SITE}/2", NOW, CALM) == NOW + 2 * SECOND
    assert budgets.reserve(f"{SITE}/2", NOW + 2 * SECOND, CALM) is None


def test_hosts_do_not_wait_for_one_another():
    budgets = HostBudgets(FetchSettings())

    budgets.reserve(PAGE, NOW, CALM)

    assert budgets.reserve("https://other.example.org/a", NOW, CALM) is None


def test_the_site_s_own_delay_counts_where_it_is_longer():
    budgets = HostBudgets(FetchSettings(delay_s=2))

    budgets.reserve(f"{SITE}/1", NOW, CALM, crawl_delay_s=30)

    assert budgets.reserve(f"{SITE}/2", NOW, CALM, crawl_delay_s=30) == NOW + 30 * SECOND


def test_no_more_connections_than_agreed_are_open_to_one_host():
    budgets = HostBudgets(FetchSettings(delay_s=0, connections_per_host=2))
    for number in (1, 2):
        assert budgets.reserve(f"{SITE}/{number}", NOW, CALM) is None

    third = budgets.reserve(f"{SITE}/3", NOW, CALM)
    assert third is not None
    budgets.ended(f"{SITE}/1", NOW)

    assert budgets.reserve(f"{SITE}/3", third, CALM) is None


def test_a_request_that_never_ended_does_not_block_its_host_for_good():
    budgets = HostBudgets(FetchSettings(delay_s=0, connections_per_host=1))

    budgets.reserve(f"{SITE}/1", NOW, CALM)

    assert budgets.reserve(f"{SITE}/2", NOW + HOUR, CALM) is None


def test_a_hundred_articles_of_one_host_come_back_one_by_one():
    budgets = HostBudgets(FetchSettings(delay_s=2))

    told = [budgets.reserve(f"{SITE}/{number}", NOW, CALM) for number in range(100)]

    moments = [moment for moment in told if moment is not None]
    assert len(moments) == 99
    assert all(later - earlier >= 2 * SECOND for earlier, later in itertools.pairwise(moments))


def test_those_who_come_when_they_were_told_to_are_served_before_newcomers():
    budgets = HostBudgets(FetchSettings(delay_s=2))
    budgets.reserve(f"{SITE}/1", NOW, CALM)
    moment = budgets.reserve(f"{SITE}/2", NOW, CALM)
    assert moment is not None

    newcomer = budgets.reserve(f"{SITE}/3", moment, CALM)

    assert newcomer is not None
    assert budgets.reserve(f"{SITE}/2", moment, CALM) is None


def test_places_whose_owners_do_not_come_are_given_away():
    budgets = HostBudgets(FetchSettings(delay_s=2))
    for number in range(5):
        budgets.reserve(f"{SITE}/{number}", NOW, CALM)

    assert budgets.reserve(f"{SITE}/new", NOW + MINUTE, CALM) is None


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 5)), max_size=60),
    st.integers(0, 2**32),
    st.floats(0, 10),
)
def test_whatever_comes_two_requests_to_one_host_are_a_pause_apart(asks, seed, delay_s):
    budgets, random, now = HostBudgets(FetchSettings(delay_s=delay_s)), Random(seed), NOW
    began = []
    for number, later_s in asks:
        now += timedelta(seconds=later_s)
        told = budgets.reserve(f"{SITE}/{number}", now, random)
        assert told is None or told > now
        if told is None:
            began.append(now)
            budgets.ended(f"{SITE}/{number}", now)

    pause = timedelta(seconds=delay_s)
    assert all(later - earlier >= pause for earlier, later in itertools.pairwise(began))


@given(st.integers(1, 30), st.integers(0, 2**32))
def test_everybody_gets_a_turn(articles, seed):
    """Each comes when told to, and all are through after little more than a pause each."""
    budgets, random = HostBudgets(FetchSettings(delay_s=2)), Random(seed)
    waiting = {f"{SITE}/{number}": NOW for number in range(articles)}
    now = NOW
    while waiting:
        url = min(waiting, key=lambda one: waiting[one])
        now = waiting[url]
        told = budgets.reserve(url, now, random)
        if told is None:
            del waiting[url]
            budgets.ended(url, now)
        else:
            waiting[url] = told

    assert now - NOW <= 2 * SECOND * 1.25 * articles


def test_retry_after_closes_the_whole_host():
    budgets = HostBudgets(FetchSettings())
    budgets.reserve(PAGE, NOW, CALM)

    budgets.ended(PAGE, NOW, says_later(120))

    told = budgets.reserve(f"{SITE}/b", NOW + SECOND, CALM)
    assert told == NOW + 120 * SECOND
    (slowed,) = budgets.slowed(NOW + SECOND)
    assert (slowed.host, slowed.until) == ("news.example.org", NOW + 120 * SECOND)
    assert "429" in slowed.why
    assert budgets.slowed(NOW + 121 * SECOND) == []


def test_no_host_closes_itself_for_longer_than_a_day():
    budgets = HostBudgets(FetchSettings())

    budgets.ended(PAGE, NOW, says_later(10**9))

    assert budgets.slowed(NOW)[0].until == NOW + DAY


@pytest.mark.parametrize("hint", [None, 0])
def test_a_host_that_does_not_say_how_long_is_given_ever_more_time(hint):
    budgets, now, pauses = HostBudgets(FetchSettings()), NOW, []
    for _ in range(10):
        budgets.ended(PAGE, now, says_later(hint, 503))
        until = budgets.slowed(now)[0].until
        pauses.append(until - now)
        now = until

    assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert pauses[-1] == HOUR


def test_requests_under_way_when_a_host_closes_count_once():
    budgets = HostBudgets(FetchSettings())
    for _ in range(5):
        budgets.ended(PAGE, NOW, says_later(None))

    assert budgets.slowed(NOW)[0].until == NOW + MINUTE


@pytest.mark.parametrize("status", [None, 500, 502])
def test_a_host_that_fails_three_times_in_a_row_is_left_alone(status):
    budgets = HostBudgets(FetchSettings())
    for _ in range(2):
        budgets.ended(PAGE, NOW, fails(status))
    assert budgets.slowed(NOW) == []

    budgets.ended(PAGE, NOW, fails(status))

    (slowed,) = budgets.slowed(NOW)
    assert slowed.until == NOW + MINUTE
    assert "3 requests in a row failed" in slowed.why


@pytest.mark.parametrize("error", [None, FetchError("gone", url=PAGE, status=404, transient=False)])
def test_an_answer_ends_a_row_of_failures(error):
    budgets = HostBudgets(FetchSettings())
    for outcome in (fails(), fails(), error, fails(), fails()):
        budgets.ended(PAGE, NOW, outcome)

    assert budgets.slowed(NOW) == []


def test_allowed_private_hosts_are_not_made_to_wait():
    budgets = HostBudgets(FetchSettings(allow_hosts=("127.0.0.1:8000",), connections_per_host=1))
    for number in range(10):
        assert budgets.reserve(f"http://127.0.0.1:8000/{number}", NOW, CALM) is None
        budgets.note("http://127.0.0.1:8000/", NOW, fails())

    assert budgets.reserve("http://127.0.0.1:9000/1", NOW, CALM) is None
    assert budgets.reserve("http://127.0.0.1:9000/2", NOW, CALM) is not None


def test_allowed_private_hosts_are_made_to_wait_when_they_ask_for_it():
    budgets = HostBudgets(FetchSettings(allow_hosts=("127.0.0.1",)))

    budgets.note("http://127.0.0.1/", NOW, says_later(None, 503))
    assert budgets.reserve("http://127.0.0.1/a", NOW, CALM) is None
    budgets.note("http://127.0.0.1/", NOW, says_later(30))

    assert budgets.reserve("http://127.0.0.1/a", NOW, CALM) == NOW + 30 * SECOND


def test_many_threads_get_no_more_places_than_there_are():
    budgets = HostBudgets(FetchSettings(delay_s=0, connections_per_host=3))
    granted, gate = [], threading.Barrier(20)

    def work(number: int) -> None:
        gate.wait()
        if budgets.reserve(f"{SITE}/{number}", NOW, CALM) is None:
            granted.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= len(granted) <= 3


# --- both together --------------------------------------------------------------------------------


def test_an_allowed_address_gets_a_permit():
    politeness = Politeness(FetchSettings())

    permit = politeness.ask(PAGE, NOW, CALM, Robotic(ALLOWS_ALL))

    assert (permit.refusal, permit.wait_until) == (None, None)


def test_a_disallowed_address_is_refused_by_name():
    politeness = Politeness(FetchSettings())

    permit = politeness.ask(PAGE, NOW, CALM, Robotic(robots_txt("User-agent: *\nDisallow: /a")))

    assert permit.refusal
    assert permit.refusal == f"robots.txt of news.example.org does not allow tracker to read {PAGE}"
    assert not permit.transient


def test_a_host_that_may_not_be_connected_to_is_refused_for_good():
    inside = BlockedError(f"{SITE}/robots.txt: it is private", url=f"{SITE}/robots.txt", transient=False)

    permit = Politeness(FetchSettings()).ask(PAGE, NOW, CALM, Robotic(inside))

    assert permit.refusal
    assert permit.refusal.startswith(f"{PAGE}: it is private")
    assert not permit.transient


def test_robots_are_read_once_a_day_and_site():
    politeness, robotic = Politeness(FetchSettings()), Robotic(ALLOWS_ALL)
    for moment in (NOW, NOW + HOUR, NOW + 23 * HOUR):
        politeness.ask(PAGE, moment, CALM, robotic)
    assert robotic.asked == [f"{SITE}/robots.txt"]

    politeness.ask(PAGE, NOW + 25 * HOUR, CALM, robotic)
    politeness.ask("http://news.example.org:8080/a", NOW + 25 * HOUR, CALM, robotic)

    assert robotic.asked[1:] == [f"{SITE}/robots.txt", "http://news.example.org:8080/robots.txt"]


def test_robots_are_left_alone_where_the_configuration_says_so():
    robotic = Robotic(robots_txt("User-agent: *\nDisallow: /"))

    permit = Politeness(FetchSettings(robots=False)).ask(PAGE, NOW, CALM, robotic)

    assert permit.refusal is None
    assert robotic.asked == []


def test_a_site_whose_robots_cannot_be_read_is_asked_again_after_a_while():
    politeness, robotic = Politeness(FetchSettings()), Robotic(fails())

    first = politeness.ask(PAGE, NOW, CALM, robotic)
    again = politeness.ask(PAGE, NOW + SECOND, CALM, robotic)
    robotic.answer = ALLOWS_ALL
    later = politeness.ask(PAGE, NOW + 10 * MINUTE, CALM, robotic)

    assert first.refusal
    assert first.transient
    assert first.refusal.startswith(f"{PAGE}: it does not work")
    assert "robots.txt" in first.refusal
    assert again.refusal
    assert len(robotic.asked) == 2
    assert later.refusal is None


def test_an_allowed_private_host_that_comes_back_is_seen_at_once():
    politeness = Politeness(FetchSettings(allow_hosts=("127.0.0.1",)))
    robotic = Robotic(fails())
    for _ in range(5):
        assert politeness.ask("http://127.0.0.1:8000/a", NOW, CALM, robotic).refusal

    robotic.answer = ALLOWS_ALL

    assert politeness.ask("http://127.0.0.1:8000/a", NOW, CALM, robotic).refusal is None


def test_what_is_known_of_a_site_holds_for_redirects_too():
    politeness, rules = Politeness(FetchSettings()), robots_txt("User-agent: *\nDisallow: /private")
    assert politeness.allows(f"{SITE}/private")

    politeness.ask(PAGE, NOW, CALM, Robotic(rules))

    assert not politeness.allows(f"{SITE}/private")
    assert politeness.allows(f"{SITE}/open")
    assert politeness.allows("https://other.example.org/private")


def test_crawl_delay_is_kept_between_two_pages():
    politeness, robotic = Politeness(FetchSettings(delay_s=2)), Robotic(robots_txt("User-agent: *\nCrawl-delay: 20"))

    politeness.ask(PAGE, NOW, CALM, robotic)
    second = politeness.ask(f"{SITE}/b", NOW, CALM, robotic)

    assert second.wait_until == NOW + 20 * SECOND
    assert "news.example.org" in (second.reason or "")


def test_a_host_that_asked_for_patience_is_not_even_asked_for_robots():
    politeness, robotic = Politeness(FetchSettings()), Robotic(ALLOWS_ALL)
    with pytest.raises(RateLimitedError), politeness.request(PAGE, lambda: NOW):
        raise says_later(60)

    permit = politeness.ask(PAGE, NOW + SECOND, CALM, robotic)

    assert permit.wait_until == NOW + 60 * SECOND
    assert "429" in (permit.reason or "")
    assert robotic.asked == []
    assert [slowed.host for slowed in politeness.slowed(NOW)] == ["news.example.org"]


def test_robots_answered_with_too_many_requests_slow_the_host_down():
    politeness = Politeness(FetchSettings())

    permit = politeness.ask(PAGE, NOW, CALM, Robotic(says_later(60, url=f"{SITE}/robots.txt")))

    assert permit.refusal
    assert permit.transient
    assert politeness.slowed(NOW)[0].until == NOW + 60 * SECOND


def test_a_place_is_given_back_however_the_request_ends():
    politeness = Politeness(FetchSettings(delay_s=0, connections_per_host=1))
    robotic = Robotic(ALLOWS_ALL)
    for error in (None, fails(404, PAGE), ZeroDivisionError()):
        assert politeness.ask(PAGE, NOW, CALM, robotic).wait_until is None
        try:
            with politeness.request(PAGE, lambda: NOW):
                if error:
                    raise error
        except (FetchError, ZeroDivisionError):
            pass

    assert politeness.ask(PAGE, NOW, CALM, robotic).wait_until is None


def test_threads_that_need_the_same_robots_have_them_read_once():
    politeness = Politeness(FetchSettings(allow_hosts=("127.0.0.1",)))
    asked, release, permits = [], threading.Event(), []

    def slowly(url: str) -> Snapshot:
        asked.append(url)
        release.wait(5)
        return ALLOWS_ALL

    def work(number: int) -> None:
        permits.append(politeness.ask(f"http://127.0.0.1:8000/{number}", NOW, CALM, slowly))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    release.set()
    for thread in threads:
        thread.join()

    assert len(asked) == 1
    assert [permit.wait_until for permit in permits] == [None] * 8


def test_a_fault_while_robots_are_read_keeps_nobody_else_from_reading_them():
    politeness = Politeness(FetchSettings())

    def breaks(url: str) -> Snapshot:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        politeness.ask(PAGE, NOW, CALM, breaks)

    assert politeness.ask(PAGE, NOW, CALM, Robotic(ALLOWS_ALL)).refusal is None
