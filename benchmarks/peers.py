"""The tracker beside the naive tracker of the rig: the same articles on loopback, six cycles each.

    python benchmarks/peers.py                     200 articles, 98 edits of all kinds in each of two cycles
    python benchmarks/peers.py --n 50 --edits 49
    python benchmarks/peers.py --peer urlwatch     a peer that is installed, in place of the naive tracker
    python benchmarks/peers.py --serve             the service, which stays up, in place of `tracker check --all`

The rig is looked for in ../shared/peers, or where TRACKER_RIG points.  It refuses to run where a network device is up, so it is started in a network namespace of its own (root, Linux).
A line a cycle: checks a second, and that by the other's; memory; edits seen, false alarms, verdicts right; bytes a version.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from compileall import compile_dir
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
RIG = Path(os.environ.get("TRACKER_RIG", HERE.parents[1] / "../shared/peers")).resolve()
CONFIG = """\
[archive]
folder = "{data}/snapshots"
[fetch]
allow_hosts = ["127.0.0.1"]
"""
ME = f"{sys.executable} {HERE}"
TRACKER = f"{sys.executable} -m tracker --config {{data}}/config.toml"


def setup(data: Path, urls: Path) -> None:
    (data / "config.toml").write_text(CONFIG.format(data=data))
    tracker(data, "watch", "--as", "article", *urls.read_text().split(), stdout=subprocess.DEVNULL)


def flagged(data: Path, since: float) -> None:
    """Print what was reported since, as the rig wants it: nothing for changes that leave the text as it is."""
    moment = datetime.fromtimestamp(since, UTC).isoformat()
    ended = tracker(data, "report", "--since", moment, "--format", "json", stdout=subprocess.PIPE)
    for change in json.loads(ended.stdout):
        verdict = change["comparison"]["verdict"]
        print(json.dumps({"url": change["article"], "substantive": verdict in ("substantive", "different_story")}))


def trigger(data: Path) -> None:
    """Make every article due, for the service that is running, without a tracker: only the service is to be measured."""
    with closing(sqlite3.connect(data / "snapshots/catalog.sqlite", timeout=30)) as catalog:
        now = round(time.time() * 1e6)
        while catalog.execute("SELECT 1 FROM articles WHERE active AND due_at <= ? LIMIT 1", (now,)).fetchone():
            time.sleep(0.05)  # the service is still at the first round
        with catalog:
            catalog.execute("UPDATE articles SET due_at = ? WHERE active", (now,))


def count(data: Path) -> None:
    print(json.loads(tracker(data, "status", "--format", "json", stdout=subprocess.PIPE).stdout)["versions"])


def tracker(data: Path, *arguments: str, stdout: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tracker", "--config", str(data / "config.toml"), *arguments]
    return subprocess.run(command, check=True, text=True, stdout=stdout)


def measure(options: argparse.Namespace) -> None:
    """Run inside the namespace."""
    sys.path.insert(0, str(RIG))
    bench, generic = importlib.import_module("bench"), importlib.import_module("peers.generic")
    ours = generic.command_peer(
        "tracker",
        f"{ME} --trigger {{data}}" if options.serve else f"{TRACKER} check --all --format json",
        f"{ME} --setup {{data}} {{urls}}",
        f"{ME} --flagged {{data}} {{t_start}}",
        serve_cmd=f"{TRACKER} run" if options.serve else None,
        versions_cmd=f"{ME} --count {{data}}",
    )
    naive = generic.command_peer("naive", f"{sys.executable} {RIG}/examples/naive_tracker.py {{data}}/t.db {{urls}}")
    other = importlib.import_module(f"peers.{options.peer}").P if options.peer else naive
    results = [list(_rows(bench, peer, options)) for peer in (other, ours)]
    print(
        f"{'cycle':8}{'checks/s':>10}{'by ' + other.name:>12}{'CPU ms':>8}{'MB':>6}{'seen':>9}{'false':>7}{'bytes/version':>15}  verdicts"
    )
    for theirs, mine in zip(*results, strict=True):
        new = mine.get("new_versions") or 0
        size = f"{mine['disk_delta'] / new:,.0f}" if new else "-"
        verdicts = mine.get("classified") or {}
        right = (
            f"{verdicts['substantive_right']}/{verdicts['substantive']} substantive, {verdicts['cosmetic_right']}/{verdicts['cosmetic']} cosmetic"
            if verdicts
            else ""
        )
        print(
            f"{mine['cycle']:8}{mine['checks_per_s']:10.0f}{mine['checks_per_s'] / theirs['checks_per_s']:12.2f}{mine['cpu_ms_per_check']:8.1f}"
            f"{mine['peak_rss_mb']:6.0f}{mine['detected']:>5}/{mine['of']:<3}{mine['false']:7}{size:>15}  {right} {mine['by_kind'] or ''}"
        )


def _rows(bench: Any, peer: Any, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        kinds = tuple(bench.EDITS) if options.kinds == "all" else tuple(options.kinds.split(","))
        yield from bench.run(
            peer, "default", options.n, n_edits=options.edits, work=Path(folder), kinds=kinds, log=lambda _: None
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200, help="articles")
    parser.add_argument("--edits", type=int, default=98)
    parser.add_argument("--kinds", default="all")
    parser.add_argument("--peer", help="in place of the naive tracker")
    parser.add_argument("--serve", action="store_true", help="measure the service")
    parser.add_argument("--trigger", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--setup", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--flagged", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.setup:
        setup(*options.setup)
    elif options.trigger:
        trigger(options.trigger)
    elif options.flagged:
        flagged(Path(options.flagged[0]), float(options.flagged[1]))
    elif options.count:
        count(options.count)
    elif options.inside:
        measure(options)
    elif not RIG.is_dir():
        print(f"skipped: the rig is not in {RIG} (TRACKER_RIG points elsewhere)")
    else:
        compile_dir(HERE.parents[1] / "tracker", quiet=1)  # as `make install` does
        inside = 'ip link set lo up; exec "$0" "$@"'
        command = ["unshare", "-n", "bash", "-c", inside, sys.executable, str(HERE), "--inside", *sys.argv[1:]]
        return subprocess.run(command, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
