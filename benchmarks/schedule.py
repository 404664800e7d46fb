"""Replay check schedules against the times at which real headlines were changed: how late is each edit seen, at equal requests?

    python benchmarks/schedule.py [--figure schedule.png]

The data are 25,424 addresses of one outlet with the moments at which their title and summary were seen to change, while they were listed on its pages.
An edit is dated at random (seeded) between the last look that did not show it and the first that did; where more than three hours lie between, it is left out.
A summary that comes or goes altogether is the list's doing and no edit.

Half of the addresses (by a digest of the address) is for fitting `tracker.schedule.edit_rate`, the other half for the figures:
delay from an edit to the first check after it (mean and 90th percentile, in minutes), and the share of edits seen, which are those not followed by another before that check.
Each policy's waits are scaled, or its price set, so that all spend the same number of requests.
They are compared twice: over the time that an article was listed, and with 30 days after it in which nothing more is assumed to change.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor

from tracker import schedule

DATA = (
    Path(os.environ.get("TRACKER_DATA", Path(__file__).parents[2] / "shared" / "data"))
    / "bbc-headlines"
    / "history.jsonl.gz"
)
HOUR, DAY = 3600.0, 86400.0
LISTED_LEAST_S, UNSURE_MOST_S, TAIL_S = 600.0, 3 * HOUR, 30 * DAY
TAIL_WEIGHT = (
    0.3  # in the fit, of an hour in which an article was listed no more: most edits are over by then, but not all
)
REQUESTS = (10, 20, 40, 80)  # an article

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """When an article was listed, and when it was edited in that time."""

    for_fit: bool
    listed_s: float
    edits_s: tuple[float, ...]  # since it was first listed


@dataclass
class State:
    """Articles before a wait: hours, and numbers of edits seen and of checks since that found none."""

    age: Floats
    quiet: Floats
    edits: Floats
    unchanged: Floats


Policy = Callable[[State], Floats]  # → waits in hours


def read_records(path: Path) -> Iterator[Record]:
    """Read when each article was edited."""
    chance = np.random.default_rng(1)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            address = json.loads(line)
            looks = sorted(
                (datetime.fromisoformat(one["first_seen"]).timestamp(), datetime.fromisoformat(one["last_seen"]).timestamp(), one["title"], one["summary"])
                for one in address["versions"]
            )  # fmt: skip
            start, seen, title, summary = looks[0]
            listed_s = max(look[1] for look in looks) - start
            if listed_s < LISTED_LEAST_S:
                continue
            edits = []
            for first, last, new_title, new_summary in looks[1:]:
                edited = new_title != title or (new_summary and summary and new_summary != summary)
                if edited and 0 < first - seen <= UNSURE_MOST_S:
                    edits.append(seen + (first - seen) * chance.random() - start)
                title, summary, seen = new_title, new_summary or summary, max(seen, last)
            half = hashlib.sha256(address["url"].encode()).digest()[-1] % 2
            yield Record(half == 0, listed_s, tuple(sorted(edits)))


# --- the fit --------------------------------------------------------------------------------------


def exposures(records: list[Record]) -> NDArray[np.float64]:
    """Cut each article's time into pieces: rows of age, quiet, edits so far, hours, edits at the end of it (0 or 1), weight."""
    rows = []
    for record in records:
        starts = [0.0, *record.edits_s]
        ends = [*record.edits_s, record.listed_s, record.listed_s + TAIL_S]
        for number, end in enumerate(ends):
            start = starts[min(number, len(starts) - 1)]
            at = max(start, record.listed_s) if number == len(starts) else start
            step = 300.0
            while at < end:
                until = min(at + step, end)
                middle, step = (at + until) / 2, step * 1.3
                edited = until >= end and number < len(record.edits_s)
                weight = TAIL_WEIGHT if number == len(starts) else 1.0
                edits = min(number, len(record.edits_s))
                rows.append((middle / HOUR, (middle - start) / HOUR, edits, (until - at) / HOUR, edited, weight))
                at = until
    return np.array(rows)


def fit(records: list[Record]) -> tuple[float, float, float, float]:
    """Fit the rate, and the powers of age, quiet and 1 + edits, as a Poisson regression on their logarithms."""
    age, quiet, edits, hours, edited, weight = exposures(records).T
    logs = np.log(np.stack([age + schedule.AGE_START_H, quiet + schedule.QUIET_START_H, 1 + edits], axis=1))
    model = PoissonRegressor(alpha=1e-6, max_iter=3000).fit(logs, edited / hours, sample_weight=hours * weight)
    return float(np.exp(model.intercept_)), *(float(power) for power in model.coef_)


# --- the policies ---------------------------------------------------------------------------------


def fixed(scale: float) -> Policy:
    """Wait an hour, times the scale."""
    return lambda state: np.full(len(state.age), scale)


def newsdiffs(scale: float) -> Policy:
    """Wait by the time since the last change, in tiers (newsdiffs, `scraper.py`, `get_update_delay`)."""

    def waits(state: State) -> Floats:
        limits_h, waits_min = (3, 24, 7 * 24, 30 * 24, 360 * 24), (15, 60, 180, 3 * 1440, 30 * 1440)
        tiers = [state.quiet < limit for limit in limits_h]
        return scale / 60 * np.select(tiers, waits_min, 365e5 * 1440)

    return waits


def news_sniffer(scale: float) -> Policy:
    """Wait 30 minutes, 1.2 times longer after each check that finds nothing, at most 40 days."""
    return lambda state: np.minimum(scale * 0.5 * 1.2 ** np.minimum(state.unchanged, 200), 40 * 24)


def tracker(expected_delay_h: float) -> Policy:
    """Wait as `tracker.schedule.wait_hours` does, without its bounds."""

    def waits(state: State) -> Floats:
        wait = np.zeros(len(state.age))
        for _ in range(schedule.ROUNDS):
            age, quiet = state.age + wait / 3 + schedule.AGE_START_H, state.quiet + wait / 3 + schedule.QUIET_START_H
            rate = schedule.RATE * (1 + state.edits) / (age**schedule.AGE_POWER * quiet**schedule.QUIET_POWER)
            wait = np.sqrt(2 * expected_delay_h / rate)
        return wait

    return waits


POLICIES = {"fixed": fixed, "newsdiffs": newsdiffs, "news sniffer": news_sniffer, "tracker": tracker}


def hold_that_it_is_the_schedule() -> None:
    """Hold that the policy that is measured here for many articles at once is the one that the program follows."""
    chance = np.random.default_rng(2)
    state = State(
        *(chance.exponential(100, 500) for _ in range(2)), chance.integers(0, 30, 500).astype(float), np.zeros(500)
    )
    told = [
        schedule.wait_hours(*one, 0.01) for one in zip(state.age, state.quiet, state.edits.astype(int), strict=True)
    ]
    np.testing.assert_allclose(tracker(0.01)(state), told, rtol=1e-9)


# --- the replay -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a policy spent and found."""

    requests: float  # an article
    mean_min: float
    p90_min: float
    seen: float  # share of the edits


class Replay:
    """Articles to replay policies against, all at once: each has a clock of its own."""

    def __init__(self, records: list[Record], tail_s: float) -> None:
        self.until = np.array([record.listed_s + tail_s for record in records])
        most = max(len(record.edits_s) for record in records)
        self.edits = np.full((len(records), most + 1), np.inf)
        for row, record in enumerate(records):
            self.edits[row, : len(record.edits_s)] = record.edits_s

    def run(self, policy: Policy) -> Outcome:
        """Follow every article to its end."""
        count = len(self.until)
        now, last, seen, quiet_checks = (np.zeros(count) for _ in range(4))
        upcoming, active = np.zeros(count, int), np.arange(count)
        delays, missed, requests = [], 0, 0
        while len(active):
            state = State(now[active] / HOUR, (now[active] - last[active]) / HOUR, seen[active], quiet_checks[active])
            now[active] += policy(state) * HOUR
            found = np.zeros(len(active), int)
            while (past := self.edits[active, upcoming[active]] <= now[active]).any():
                which = active[past]
                delays.append(now[which] - self.edits[which, upcoming[which]])
                upcoming[which] += 1
                found[past] += 1
            missed += int(np.maximum(found - 1, 0).sum())
            changed, same = active[found > 0], active[found == 0]
            last[changed], quiet_checks[changed] = now[changed], 0
            seen[changed] += 1
            quiet_checks[same] += 1
            active = active[now[active] <= self.until[active]]
            requests += len(active)
        every = np.concatenate(delays) / 60
        return Outcome(requests / count, float(every.mean()), float(np.percentile(every, 90)), 1 - missed / len(every))

    def at(self, requests: float, make: Callable[[float], Policy]) -> Outcome:
        """Find the scale at which a policy spends so many requests an article."""
        low, high = 1e-6, 3000.0
        for _ in range(40):
            scale = float(np.sqrt(low * high))
            outcome = self.run(make(scale))
            if abs(outcome.requests / requests - 1) < 0.003:
                break
            low, high = (scale, high) if outcome.requests > requests else (low, scale)
        return outcome


def draw(results: dict[str, dict[str, list[Outcome]]], path: Path) -> None:
    """Draw delay against requests."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(results), figsize=(11, 4.5), constrained_layout=True)
    for axis, (world, outcomes) in zip(axes, results.items(), strict=True):
        for marker, (name, found) in zip("so^D", outcomes.items(), strict=True):
            axis.plot([one.requests for one in found], [one.mean_min for one in found], marker=marker, label=name)
        axis.set(
            xscale="log",
            yscale="log",
            title=world,
            xlabel="requests an article",
            ylabel="mean delay of an edit, minutes",
        )
        axis.set_xticks(REQUESTS, [str(number) for number in REQUESTS])
        axis.set_xticks([], minor=True)
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Fit, replay, print, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figure", type=Path, help="draw delay against requests into this file (PNG)")
    arguments = parser.parse_args()
    if not DATA.exists():
        print(f"{DATA} is not there; set TRACKER_DATA to the folder of the data")
        return
    hold_that_it_is_the_schedule()
    records = list(read_records(DATA))
    rate, *powers = fit([record for record in records if record.for_fit])
    print(
        f"fitted: rate {rate:.3f} an hour, powers of age {powers[0]:.2f}, quiet {powers[1]:.2f}, 1 + edits {powers[2]:.2f}"
    )
    print(f"in use: rate {schedule.RATE}, powers {-schedule.AGE_POWER}, {-schedule.QUIET_POWER}, 1")
    rest = [record for record in records if not record.for_fit]
    print(
        f"replayed: {len(rest)} articles, {sum(len(record.edits_s) for record in rest)} edits, none of them fitted on"
    )
    results: dict[str, dict[str, list[Outcome]]] = {}
    for world, tail_s in (("while listed", 0.0), ("and 30 days after", TAIL_S)):
        replay = Replay(rest, tail_s)
        outcomes: dict[str, list[Outcome]] = {name: [] for name in POLICIES}
        print(f"\n{world:20} {'requests':>8} {'mean':>8} {'p90':>8} {'seen':>6}")
        for requests in REQUESTS:
            for name, make in POLICIES.items():
                one = replay.at(requests, make)
                outcomes[name].append(one)
                print(f"  {name:18} {one.requests:8.1f} {one.mean_min:8.1f} {one.p90_min:8.1f} {one.seen:6.3f}")
            best = min(found[-1].mean_min for name, found in outcomes.items() if name != "tracker")
            print(f"  mean delay against the best of the others: {outcomes['tracker'][-1].mean_min / best - 1:+.0%}")
        results[world] = outcomes
    if arguments.figure:
        draw(results, arguments.figure)


if __name__ == "__main__":
    main()
