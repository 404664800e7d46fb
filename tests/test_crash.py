"""The process may be killed at any instant: nothing is lost, nothing is there twice, nothing half-written is read."""

from __future__ import annotations

import multiprocessing
import signal

import killed
import pytest
from desk import FIRE, Desk, edited, page
from servers import Site

FORK = multiprocessing.get_context("fork")  # a fresh interpreter would take a second to start
STEPS = ("fetched", "read", "archived", "compared", "recorded", "sent", "delivered")
CHANGED = edited("killed 12 people", "killed 14 people")


def kill_at(step: str, desk: Desk) -> None:
    process = FORK.Process(target=killed.main, args=(str(desk.write_config()), step))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_the_change_is_there_once_and_the_alert_arrives(step, tmp_path):
    desk = Desk(tmp_path)
    with Site() as site:
        url = site.publishes("/fire", page(*FIRE))
        desk.run("watch", url)
        desk.run("check", url)
        site.publishes("/fire", page(*CHANGED))

        kill_at(step, desk)
        first, second = desk.run("check", url), desk.run("check", url)

    assert (first.code, second.code) == (0, 0), first.err + second.err
    history = desk.run("history", url, "--format", "json").json
    assert [version["number"] for version in history["versions"]] == [1, 2]
    assert [change["comparison"]["verdict"] for change in history["changes"]] == ["substantive"]
    keys = [alert["key"] for alert in desk.alerts]
    assert len(set(keys)) == 1
    # Between the channel's yes and our note of it nobody can say whether it arrived: it comes again, with the same key.
    assert len(keys) == (2 if step == "sent" else 1)


@pytest.mark.parametrize("step", ["fetched", "read", "archived", "recorded"])
def test_after_a_kill_in_its_first_check_an_article_has_one_version(step, tmp_path):
    desk = Desk(tmp_path)
    with Site() as site:
        url = site.publishes("/fire", page(*FIRE))
        desk.run("watch", url)

        kill_at(step, desk)
        desk.run("check", url)

    history = desk.run("history", url, "--format", "json").json
    assert len(history["versions"]) == 1
    assert history["changes"] == []
    assert desk.alerts == []


def test_a_catalog_that_was_lost_is_read_again_from_the_archive_without_alerts(tmp_path):
    desk = Desk(tmp_path)
    with Site() as site:
        url = site.publishes("/fire", page(*FIRE))
        desk.run("watch", url)
        desk.run("check", url)
        site.publishes("/fire", page(*CHANGED))
        desk.run("check", url)
        before = desk.run("history", url, "--format", "json").json
        for file in (tmp_path / "snapshots").glob("catalog.sqlite*"):
            file.unlink()

        desk.run("watch", url)
        desk.run("check", url)

    after = desk.run("history", url, "--format", "json").json
    digests = [[version["digest"] for version in history["versions"]] for history in (before, after)]
    assert digests[0] == digests[1]
    assert [change["comparison"] for change in before["changes"]] == [
        change["comparison"] for change in after["changes"]
    ]
    assert len(desk.alerts) == 1
