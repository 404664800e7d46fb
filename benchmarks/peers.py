"""The tracker beside its peers: 200 articles on loopback through the rig's six cycles.

    python benchmarks/peers.py                     the tracker, and the rig's naive tracker beside it as the ratio's other side
    python benchmarks/peers.py --n 50 --kinds all --edits 49

The rig is looked for in ../shared/peers, or where TRACKER_RIG points.  It refuses to run where a network device is up, so it is started in a network namespace of its own (root, Linux).
Prints the rig's table, one line a cycle: checks per second, flagged articles (of those without an edit: false alarms), CPU, memory, bytes a version.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve()
RIG = Path(os.environ.get("TRACKER_RIG", HERE.parents[1] / "../shared/peers")).resolve()
CONFIG = """\
[archive]
folder = "{data}/snapshots"
[fetch]
allow_hosts = [{hosts}]
"""


def setup(data: Path, urls: Path) -> None:
    addresses = urls.read_text().split()
    hosts = sorted({address.split("/")[2] for address in addresses})
    (data / "config.toml").write_text(CONFIG.format(data=data, hosts=", ".join(f'"{host}"' for host in hosts)))
    tracker(data, "watch", "--as", "article", *addresses)


def flagged(data: Path, since: float) -> None:
    """Print what was reported since, as the rig wants it."""
    moment = datetime.fromtimestamp(since, UTC).isoformat()
    ended = tracker(data, "report", "--since", moment, "--format", "json", capture_output=True)
    for change in json.loads(ended.stdout):
        verdict = change["comparison"]["verdict"]
        print(json.dumps({"url": change["article"], "substantive": verdict in ("substantive", "different_story")}))


def tracker(data: Path, *arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tracker", "--config", str(data / "config.toml"), *arguments]
    return subprocess.run(command, check=True, text=True, **more)  # type: ignore[call-overload,no-any-return]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=200, help="articles")
    parser.add_argument("--edits", type=int, default=98)
    parser.add_argument("--kinds", default="all")
    parser.add_argument("--no-naive", action="store_true", help="leave the naive tracker out")
    parser.add_argument("--setup", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--flagged", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.setup:
        setup(*options.setup)
    elif options.flagged:
        flagged(Path(options.flagged[0]), float(options.flagged[1]))
    elif not RIG.is_dir():
        print(f"skipped: the rig is not in {RIG} (TRACKER_RIG points elsewhere)")
    else:
        return _measure(options)
    return 0


def _measure(options: argparse.Namespace) -> int:
    me = f"{sys.executable} {HERE}"
    common = f"--n {options.n} --edits {options.edits} --kinds {options.kinds}"
    ours = (
        f"--name tracker --cmd '{sys.executable} -m tracker --config {{data}}/config.toml check --all --format json' "
        f"--setup-cmd '{me} --setup {{data}} {{urls}}' --flagged-cmd '{me} --flagged {{data}} {{t_start}}'"
    )
    naive = f"--name naive --cmd '{sys.executable} {RIG}/examples/naive_tracker.py {{data}}/t.db {{urls}}'"
    runs = [ours] if options.no_naive else [ours, naive]
    for arguments in runs:
        bench = f"ip link set lo up; cd {shlex.quote(str(RIG))}; {sys.executable} bench.py {common} {arguments}"
        ended = subprocess.run(["unshare", "-n", "bash", "-c", bench], check=False)
        if ended.returncode:
            return ended.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
