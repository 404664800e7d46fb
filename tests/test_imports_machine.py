"""The time before tracking comes from the Wayback Machine: politely, no page twice, and on from where it stopped."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import replace

import pytest
from desk import FIRE, Desk, edited, page
from machine import Machine
from servers import Site

pytest_plugins = ["desk_fixtures"]

ADDRESS = "https://ostmark.example/2018/fire"
MORE_DEAD = edited("killed 12 people", "killed 14 people")
MOVED = edited("in the port of Ostmark", "in the port of Westmark", MORE_DEAD)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Site() as site:
        yield Machine(site)


@pytest.fixture
def desk(tmp_path, machine) -> Desk:
    return replace(Desk(tmp_path), config=machine.config)


def stamp(day: int) -> str:
    return f"201804{day:02}081500"


def fills(machine: Machine, address: str = ADDRESS) -> None:
    """Two captures of one page, another dress, two edits, a picture and an error."""
    machine.keeps(address, stamp(1), page(*FIRE))
    machine.keeps(address, stamp(2), page(*FIRE))
    machine.keeps(address, stamp(3), page(*FIRE, furniture="Another"))
    machine.keeps(address, stamp(5), page(*MORE_DEAD))
    machine.keeps(address, stamp(6), "Not found", status=404)
    machine.keeps(address, stamp(7), "PNG", mime="image/png")
    machine.keeps(address, stamp(9), page(*MOVED))


def history(desk: Desk, address: str = ADDRESS) -> dict:
    return desk.run("history", address, "--format", "json").json


def test_captures_become_versions_with_their_times(desk, machine):
    fills(machine)

    ended = desk.run("import", "--wayback", ADDRESS)

    assert (ended.code, ended.err) == (0, "")
    assert f"{ADDRESS}: 7 captures in the Wayback Machine, 4 of different pages to fetch\n" in ended.out
    assert f"{ADDRESS}: 4 captures, 3 new versions, 1 unchanged\n" in ended.out
    found = history(desk)
    assert [one["snapshot"]["fetched_at"][:10] for one in found["versions"]] == [
        "2018-04-01",
        "2018-04-05",
        "2018-04-09",
    ]
    bounds = [(one["not_before"][:10], one["not_after"][:10]) for one in found["changes"]]
    assert bounds == [("2018-04-03", "2018-04-05"), ("2018-04-05", "2018-04-09")]
    assert desk.run("alerts", "list", "--format", "json").json == []
    line = desk.run("export", "--format", "jsonl").lines[0]
    assert line["snapshot"]["imported_from"] == f"https://web.archive.org/web/{stamp(1)}id_/{ADDRESS}"
    assert desk.run("verify").code == 0


def test_pages_of_the_same_digest_are_fetched_once(desk, machine):
    fills(machine)

    desk.run("import", "--wayback", ADDRESS)

    assert machine.fetched == [stamp(day) for day in (1, 3, 5, 9)]


def test_it_goes_on_where_it_stopped(desk, machine):
    fills(machine)
    machine.refuses(ADDRESS, stamp(5))

    stopped = desk.run("import", "--wayback", ADDRESS)
    machine.shows(ADDRESS, stamp(5), page(*MORE_DEAD))
    before = len(machine.fetched)
    again = desk.run("import", "--wayback", ADDRESS)

    assert stopped.code == 3
    assert "asks to be left alone; run it again in 90 s, and it goes on where it stopped" in stopped.err
    assert (again.code, machine.fetched[before:]) == (0, [stamp(5), stamp(9)])
    assert ", 2 kept already\n" in again.out
    assert len(history(desk)["versions"]) == 3


def test_so_many_are_fetched_at_most_spread_evenly(desk, machine):
    for day in range(1, 22):
        machine.keeps(ADDRESS, stamp(day), page(*FIRE, furniture=f"Number {day}"))

    ended = desk.run("import", "--wayback", ADDRESS, "--most", "5")

    assert machine.fetched == [stamp(day) for day in (1, 6, 11, 16, 21)]
    assert ", 16 left out (--most)\n" in ended.out


def test_only_captures_since_a_day_are_asked_for(desk, machine):
    fills(machine)

    desk.run("import", "--wayback", ADDRESS, "--since", "2018-04-05")

    asked = machine.site.requests[0].path
    assert "from=20180405000000" in asked


def test_what_cannot_be_shown_costs_one_capture(desk, machine):
    fills(machine)
    machine.loses(ADDRESS, stamp(5))

    ended = desk.run("import", "--wayback", ADDRESS)

    assert ended.code == 3
    assert f"{ADDRESS}, the capture of 2018-04-05 08:15:00: it cannot be shown" in ended.err
    assert len(history(desk)["versions"]) == 2


def test_addresses_that_look_alike_are_not_the_article(desk, machine):
    machine.keeps(ADDRESS, stamp(1), page(*FIRE))
    machine.keeps(f"{ADDRESS}?page=2", stamp(2), page(*MOVED))

    ended = desk.run("import", "--wayback", ADDRESS, "--format", "json")

    assert (ended.json["captures"], machine.fetched) == (1, [stamp(1)])


def test_a_machine_that_is_down_is_said(desk, machine):
    machine.site.publishes("/cdx/search/cdx", "RobotAccessControlException: blocked", status=403)

    ended = desk.run("import", "--wayback", ADDRESS)

    assert (ended.code, ended.out) == (3, "0 new versions from 0 captures of 0 articles\n")
    assert f"the Wayback Machine does not show captures of {ADDRESS}" in ended.err


def test_watch_fills_in_the_time_before(desk, machine):
    url = machine.site.publishes("/2024/fire", page(*MOVED))
    fills(machine, url)

    ended = desk.run("watch", url, "--as", "article", "--backfill", "--since", "2018-01-01")
    desk.run("check", url)

    assert ended.code == 0, ended.err
    assert f"following the article {url}\n" in ended.out
    found = history(desk, url)
    assert len(found["versions"]) == 3
    assert found["versions"][-1]["last_seen_at"][:4] != "2018", "our own check saw the last of them still there"
    assert desk.alerts == []


def test_a_feed_has_no_time_before(desk, machine):
    url = machine.site.publishes("/feed", "<rss/>")

    ended = desk.run("watch", url, "--as", "feed", "--backfill")

    assert ended.code == 2
    assert "--backfill" in ended.err


def test_without_the_library_the_extra_is_named(desk, machine, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **more):
        if name == "wayback":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", missing)

    ended = desk.run("import", "--wayback", ADDRESS)

    assert (ended.code, ended.out) == (2, "")
    assert "pip install 'tracker[wayback]'" in ended.err
