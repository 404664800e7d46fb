"""`demo`: the whole chain on the sample story, on this machine alone."""

from __future__ import annotations

import json
import re
import time

import pytest
import requests
from desk import Desk

from tracker.cli import demo

pytest_plugins = ["desk_fixtures"]


def test_the_demo_ends_well_and_leaves_what_it_promises(desk):
    folder = desk.folder / "demo"
    began = time.monotonic()

    ended = desk.run("demo", "--folder", folder)

    assert (ended.code, ended.err) == (0, "")
    assert time.monotonic() - began < 20
    assert "first version kept" in ended.out
    assert "SUBSTANTIVE" in ended.out
    assert "The webhook got the alert too, with a signature that is right." in ended.out
    for word in ("Darzab", "Bal Chiragh", "What to try next", str(folder / "report.html")):
        assert word in ended.out
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert report.startswith("<!DOCTYPE html>")
    assert "Bal Chiragh" in report


def test_what_the_demo_suggests_works_and_flags_the_story(desk):
    ended = desk.run("demo", "--folder", desk.folder / "demo")
    address = re.search(r"tracker --config \S+ report (\S+)", ended.out)[1]
    config = desk.folder / "demo" / "config.toml"

    shown = [desk.run("--config", config, command, address) for command in ("report", "history", "diff")]
    found = desk.run("--config", config, "report", address, "--format", "json").json

    assert {one.code for one in shown} == {0}
    (change,) = found
    comparison = change["comparison"]
    assert (comparison["verdict"], comparison["disclosure"], comparison["importance"]) == (
        "substantive",
        "disclosed",
        3,
    )
    kinds = {(fact["kind"], fact["status"]) for fact in comparison["facts"]}
    assert {("location", "conflicts"), ("attribution", "conflicts")} <= kinds
    alerts = desk.run("--config", config, "alerts", "list", "--format", "json").json
    assert {(alert["channel"], alert["state"]) for alert in alerts} == {
        ("screen", "delivered"),
        ("newsroom", "delivered"),
    }


def test_the_demo_is_made_anew_and_removes_nothing_else(desk):
    mine = desk.folder / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep this")

    refused = desk.run("demo", "--folder", mine)
    first, second = (desk.run("demo", "--folder", desk.folder / "demo") for _ in range(2))

    assert (refused.code, refused.out) == (2, "")
    assert str(mine) in refused.err
    assert (mine / "notes.txt").read_text() == "keep this"
    assert (first.code, second.code) == (0, 0)


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null/demo"])
def test_a_folder_that_cannot_be_made_is_named(folder, desk):
    ended = desk.run("demo", "--folder", folder)

    assert (ended.code, ended.out) == (2, "")
    assert folder in ended.err


def test_a_sample_that_is_not_there_is_named(desk, monkeypatch):
    monkeypatch.setattr(demo, "PLACES", (desk.folder,))

    ended = desk.run("demo", "--folder", desk.folder / "demo")

    assert (ended.code, ended.out) == (3, "")
    assert "the sample story is not in" in ended.err


def test_an_alert_with_a_wrong_signature_is_told_as_wrong():
    with demo._site("the secret") as site:
        answer = requests.post(f"http://{site.host}/hook", data=json.dumps({"change": 1}), timeout=5)

    assert answer.status_code == 204
    assert site.alerts == ["wrong"]


def test_the_shipped_archive_is_read_as_it_is(desk: Desk):
    captures = demo.sample_captures()

    assert len(captures) >= 2
    assert all(snapshot.status == 200 and snapshot.body for snapshot in captures)
    assert captures[0].fetched_at < captures[-1].fetched_at
