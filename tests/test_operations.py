"""What those who run the service see: log, health, metrics, the unit for systemd, and room on the disk."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tracker.errors import ConfigError
from tracker.operations.health import Health, serving
from tracker.operations.logs import JsonLines, TextLines, say, without_secrets
from tracker.operations.metrics import HELP, Metrics
from tracker.operations.note import Note, read_note, write_note
from tracker.operations.room import Room, free_bytes
from tracker.operations.systemd import notify, unit_for

WELL = Health("ok", (), "2026-01-01T00:00:00+00:00", 3, 1, 4.5, 2, {"waiting": 1}, 10**9)


# --- the log --------------------------------------------------------------------------------------

SECRETS = {
    "a password in an address": ("see https://user:pa55@example.org/a", "see https://***@example.org/a"),
    "a token in the query": (
        "https://example.org/a?id=7&token=abc123 failed",
        "https://example.org/a?id=7&token=*** failed",
    ),
    "a key, whatever its case": ("https://example.org/?API_Key=abc#top", "https://example.org/?API_Key=***#top"),
    "two of them": ("http://h/?session=1&x=2&sig=3", "http://h/?session=***&x=2&sig=***"),
    "an address without secrets": ("https://example.org/a?page=2", "https://example.org/a?page=2"),
    "no address": ("the disk is full", "the disk is full"),
}


@pytest.mark.parametrize(("text", "shown"), SECRETS.values(), ids=SECRETS)
def test_secrets_in_addresses_are_hidden(text, shown):
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


def logged(formatter: logging.Formatter, caplog, **about: object) -> str:
    say(logging.getLogger("test"), logging.WARNING, "check failed", "http://h/a?token=t: no answer", **about)
    return formatter.format(caplog.records[-1])


def test_line_for_programs_says_what_happened_to_what(caplog):
    line = json.loads(logged(JsonLines(), caplog, article="http://h/a?token=t", tries=3))

    assert (line["level"], line["event"], line["tries"]) == ("warning", "check failed", 3)
    assert line["message"] == "http://h/a?token=***: no answer"
    assert line["article"] == "http://h/a?token=***"
    assert line["at"].endswith("+00:00")


def test_line_for_people_is_one_line_without_secrets(caplog):
    assert logged(TextLines("%(levelname)s %(message)s"), caplog, tries=3) == "WARNING http://h/a?token=***: no answer"


def test_line_for_programs_holds_the_trace_of_a_bug(caplog):
    try:
        raise ValueError("odd\nindeed")
    except ValueError:
        logging.getLogger("test").exception("a bug")
    written = JsonLines().format(caplog.records[-1])

    assert "\n" not in written
    assert "ValueError" in json.loads(written)["trace"]


# --- health and metrics ---------------------------------------------------------------------------


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(("status", "code"), [("ok", 200), ("paused", 503), ("failing", 503)])
def test_health_is_told_by_the_status_code_and_in_full(status, code):
    found = Health(status, ("the disk is nearly full",), *list(vars_of(WELL))[2:])

    with serving("127.0.0.1:0", lambda: found, lambda: b"") as port:
        answer = get(port, "/health")

    assert answer[0] == code
    assert json.loads(answer[1])["reasons"] == ["the disk is nearly full"]


def vars_of(health: Health) -> list[object]:
    return [getattr(health, name) for name in Health.__slots__]


def test_metrics_count_what_happened_and_ask_for_what_is_so():
    asked: list[int] = []

    def gauges() -> dict[str, float]:
        asked.append(1)
        return {"due": 7.0}

    metrics = Metrics(gauges)
    metrics.checked("changed", "substantive", 0.02)
    metrics.checked("failed", None, 1.5)
    metrics.delivered("desk", "accepted", 0.4)
    with serving("127.0.0.1:0", lambda: WELL, metrics.text) as port:
        code, text = get(port, "/metrics")
        get(port, "/metrics")

    lines = text.splitlines()
    assert code == 200
    assert 'tracker_checks_total{result="changed"} 1.0' in lines
    assert 'tracker_changes_total{verdict="substantive"} 1.0' in lines
    assert 'tracker_deliveries_total{channel="desk",result="accepted"} 1.0' in lines
    assert "tracker_due 7.0" in lines
    assert len(asked) == 1  # the second within seconds is answered from memory


GAUGES = {
    **dict.fromkeys(HELP, 1.0),
    **{name: {"desk": 2.0, 'a "quoted" name': 0.0} for name in HELP if name.startswith("channel_")},
}


def all_metrics() -> str:
    metrics = Metrics(lambda: GAUGES)
    metrics.checked("changed", "substantive", 0.02)
    metrics.delivered("desk", "accepted", 0.4)
    metrics.read("failed")
    return metrics.text().decode()


def test_metrics_are_named_as_prometheus_wants_them():
    families = {family.name: family for family in text_string_to_metric_families(all_metrics())}

    assert {f"tracker_{name}" for name in HELP} <= set(families)
    assert {"tracker_checks", "tracker_check_seconds", "tracker_feeds_read", "process_resident_memory_bytes"} <= set(
        families
    )
    assert all(family.documentation for family in families.values())
    assert all(re.fullmatch("(tracker|process)_[a-z_]+", name) for name in families)
    counted = [one.name for family in families.values() if family.type == "counter" for one in family.samples]
    assert all(name.endswith(("_total", "_created")) for name in counted)
    waiting = {one.labels["channel"]: one.value for one in families["tracker_channel_waiting"].samples}
    assert waiting == GAUGES["channel_waiting"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed")
def test_metrics_pass_the_check_of_prometheus_itself():
    ended = subprocess.run(
        ["promtool", "check", "metrics"], input=all_metrics(), capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


def test_elsewhere_there_is_nothing():
    with serving("127.0.0.1:0", lambda: WELL, lambda: b"") as port:
        assert get(port, "/")[0] == 404


def test_an_address_in_use_is_named():
    with (
        serving("127.0.0.1:0", lambda: WELL, lambda: b"") as port,
        pytest.raises(ConfigError, match=rf"listen = \"127.0.0.1:{port}\" cannot be listened on"),
        serving(f"127.0.0.1:{port}", lambda: WELL, lambda: b""),
    ):
        pass


# --- systemd --------------------------------------------------------------------------------------


@pytest.mark.parametrize("abstract", [False, True], ids=["a file", "an abstract name"])
def test_systemd_is_told_where_it_listens(tmp_path, abstract):
    name = f"@tracker-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name[1:]}" if abstract else name)
        notify("READY=1", {"NOTIFY_SOCKET": name})

        assert listening.recv(100) == b"READY=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}], ids=["no systemd", "no longer there"])
def test_without_systemd_nobody_is_told(environ):
    notify("READY=1", environ)


def test_unit_names_what_it_runs_and_what_it_writes(tmp_path):
    unit = unit_for(
        "/opt/tracker/bin/tracker", Path("/etc/tracker/config.toml"), "desk", [Path("/srv/b"), Path("/srv/my a")]
    )

    assert "ExecStart=/opt/tracker/bin/tracker --config /etc/tracker/config.toml run\n" in unit
    assert 'ReadWritePaths=/srv/b "/srv/my a"\n' in unit
    assert "${NAME}" in unit
    assert "ProtectHome=yes" in unit
    assert "ProtectHome=read-only" in unit_for("/home/ada/bin/tracker", Path("/etc/c.toml"), "ada", [])


@pytest.mark.skipif(not Path("/usr/bin/systemd-analyze").exists(), reason="systemd is not installed")
def test_unit_is_one_that_systemd_takes(tmp_path):
    file = tmp_path / "tracker.service"
    file.write_text(unit_for("/bin/true", Path("/etc/config.toml"), "root", [Path("/srv")]))

    ended = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, timeout=30, check=False)

    assert [line for line in ended.stderr.splitlines() if "tracker.service" in line] == []


# --- room and the note ----------------------------------------------------------------------------


def test_fetching_stops_with_too_little_room_and_goes_on_with_enough(tmp_path):
    free = free_bytes(tmp_path)

    assert Room(tmp_path, 0).problem() is None
    assert "min_free" in str(Room(tmp_path, 10 * free).problem())


def test_room_is_asked_of_the_disk_on_which_the_folder_will_be(tmp_path):
    assert free_bytes(tmp_path / "not" / "yet") > 0


def test_note_is_read_as_it_was_written(tmp_path):
    write_note(tmp_path, [], "no room")

    assert read_note(tmp_path) == Note((), "no room")
