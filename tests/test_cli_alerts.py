"""`alerts`: what was sent where, what waits, what failed; test and retry."""

from __future__ import annotations

import json
import re
import shlex
import sys
from dataclasses import replace

import pytest
from desk import FIRE, Desk, edited, page
from servers import Site

pytest_plugins = ["desk_fixtures"]

MORE_DEAD = edited("killed 12 people", "killed 14 people")


def rule(*channels: str) -> str:
    return f'[[alert]]\nname = "all"\nchannels = {json.dumps(channels)}\n'


@pytest.fixture
def mixed(desk, site) -> Desk:
    """A channel that takes its message, one that is down, and one that refuses for good."""
    down, refuses = site.publishes("/down", "", status=503), site.publishes("/refuses", "", status=403)
    channels = (
        f'[channels.log]\nfile = "alerts.jsonl"\n[channels.down]\nwebhook = "{down}"\n'
        f'[channels.refuses]\nwebhook = "{refuses}"\n'
    )
    return replace(desk, config=channels + rule("log", "down", "refuses"))


def change(desk: Desk, site: Site) -> str:
    """Make a change, and send its alerts; gives the warnings."""
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    desk.run("check", url)
    site.publishes("/fire", page(*MORE_DEAD))
    ended = desk.run("check", url)
    assert ended.code == 0, "an alert that waits is no failure of the check"
    return ended.err


# --- list -----------------------------------------------------------------------------------------


def test_the_outbox_says_what_became_of_every_alert(mixed, site):
    warned = change(mixed, site)

    rows = mixed.run("alerts", "list", "--format", "json").json
    text = mixed.run("alerts")

    assert {row["channel"]: (row["state"], row["attempts"]) for row in rows} == {
        "log": ("delivered", 1),
        "down": ("waiting", 1),
        "refuses": ("parked", 1),
    }
    for row in rows:
        assert set(row) == {
            "id", "key", "channel", "change", "article", "state", "title", "text", "created_at", "due_at", "delivered_at", "attempts", "error",
        }  # fmt: skip
        assert "12 people → 14 people" in row["text"]
        assert row["article"] == site.url("/fire")
        assert (row["delivered_at"] is None, row["error"] is None) == (
            row["state"] != "delivered",
            row["state"] == "delivered",
        )
        assert (row["due_at"] is not None) == (row["state"] == "waiting")
    assert len({row["key"] for row in rows}) == 3
    assert len({row["change"] for row in rows}) == 1
    assert len(warned.splitlines()) == 2, "each channel that failed is named once"
    assert '"down"' in warned
    assert '"refuses"' in warned
    assert (text.code, text.err) == (0, "")
    for word in ("log", "delivered", "down", "waiting", "refuses", "parked", "503", "403"):
        assert word in text.out


def test_a_channel_that_fails_is_named_below_the_list(mixed, site):
    change(mixed, site)

    down, refuses = mixed.run("alerts").out.splitlines()[-2:]

    assert down.startswith("down has failed 1 time since ")
    assert re.search("it is tried again (now|in less than a minute); 1 message waiting: .*503", down)
    assert refuses.startswith("refuses 1 message parked (`tracker alerts retry`): ")
    assert "down has failed" not in mixed.run("alerts", "list", "--channel", "log").out


def test_the_outbox_is_listed_by_state_channel_and_number(mixed, site):
    change(mixed, site)

    def listed(*options: str) -> list[str]:
        return [row["channel"] for row in mixed.run("alerts", "list", "--format", "json", *options).json]

    assert listed("--state", "parked") == ["refuses"]
    assert sorted(listed("--state", "parked", "--state", "waiting")) == ["down", "refuses"]
    assert listed("--channel", "log") == ["log"]
    assert listed("--channel", "log", "--state", "parked") == []
    assert len(listed("--limit", "2")) == 2


@pytest.mark.parametrize("options", [["--state", "lost"], ["--limit", "0"], ["--format", "csv"]], ids=" ".join)
def test_a_wrong_option_is_code_2(options, desk):
    ended = desk.run("alerts", "list", *options)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err


def test_an_empty_outbox(desk):
    assert desk.run("alerts").out == "No alerts.\n"
    assert desk.run("alerts", "list", "--format", "json").json == []


# --- test -----------------------------------------------------------------------------------------


def test_every_channel_is_tested_whatever_the_others_do(mixed, site):
    ended = mixed.run("alerts", "test")

    assert (ended.code, ended.out) == (3, "log: delivered\n")
    assert len(ended.err.splitlines()) == 2
    (alert,) = mixed.alerts
    assert alert["test"]
    assert mixed.run("alerts", "list", "--format", "json").json == [], "a test is not kept"


def test_only_the_channels_named_are_tested(mixed, site):
    ended = mixed.run("alerts", "test", "log")

    assert (ended.code, ended.out, ended.err) == (0, "log: delivered\n", "")
    assert site.requests == []


def test_a_command_gets_the_test_message(desk):
    program = "import pathlib, sys; pathlib.Path('got.json').write_text(sys.stdin.read())"
    command = json.dumps([sys.executable, "-c", program.replace("got.json", str(desk.folder / "got.json"))])
    desk = replace(desk, config=f"[channels.own]\ncommand = {command}\n")

    assert desk.run("alerts", "test").out == "own: delivered\n"
    assert json.loads((desk.folder / "got.json").read_text())["test"] is True


def test_a_command_that_fails_is_named(desk):
    command = json.dumps(shlex.split("sh -c 'echo no paper >&2; exit 4'"))
    desk = replace(desk, config=f"[channels.own]\ncommand = {command}\n")

    ended = desk.run("alerts", "test", "own")

    assert (ended.code, ended.out) == (3, "")
    for word in ('"own"', "exit code 4", "no paper"):
        assert word in ended.err


def test_an_alert_may_go_to_the_terminal(desk, site):
    desk = replace(desk, config='[channels.screen]\nfile = "-"\n' + rule("screen"))
    url = site.publishes("/fire", page(*FIRE))
    desk.run("watch", url)
    desk.run("check", url)
    site.publishes("/fire", page(*MORE_DEAD))

    out = desk.run("check", url).out

    assert out.index("SUBSTANTIVE") < out.index("12 people → 14 people")


@pytest.mark.parametrize("command", ["test", "retry"])
def test_a_channel_that_is_not_there_is_code_2(command, mixed, desk):
    unknown = mixed.run("alerts", command, "log", "nowhere")
    none = replace(desk, config="[service]\nworkers = 1\n").run("alerts", command, "log")

    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err == 'tracker: there is no channel "nowhere"; there are: log, down, refuses\n'
    assert none.code == 2
    assert "[channels.NAME]" in none.err
    assert mixed.alerts == []


# --- retry ----------------------------------------------------------------------------------------


def test_parked_alerts_are_tried_again(mixed, site):
    change(mixed, site)
    site.publishes("/refuses", "")

    assert mixed.run("alerts", "retry", "log").out == "0 alerts wait to be sent again\n"
    assert mixed.run("alerts", "retry").out == "1 alert waits to be sent again\n"
    ended = mixed.run("check", "--all")

    assert (ended.code, ended.err) == (0, ""), "the one that waits has its own time"
    states = {row["channel"]: row["state"] for row in mixed.run("alerts", "list", "--format", "json").json}
    assert states == {"log": "delivered", "down": "waiting", "refuses": "delivered"}
    assert len(mixed.alerts) == 1
    keys = [request.headers["idempotency-key"] for request in site.requests if request.path == "/refuses"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert mixed.run("alerts", "retry", "refuses").out == "0 alerts wait to be sent again\n"
