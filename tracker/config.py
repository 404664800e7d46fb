"""Read `config.toml` into values, and name the offending key when that cannot be done.

`config.toml` at the top of the project explains every key; the defaults here are the defaults there.
Durations are strings such as "90s", "15m", "6h", "7d"; `${NAME}` in any string is replaced by the environment variable NAME.

Computes only, except for `load_config`, which reads the file and the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tracker.models import Disclosure, Kind, Verdict


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Limits and manners of fetching."""

    user_agent: str = "tracker/0.1 (article-update tracker; set [fetch] contact)"
    contact: str | None = None  # e-mail or web address, appended to the user agent
    timeout_s: float = 20.0  # to connect, and between two reads
    deadline_s: float = 60.0  # for the whole exchange, redirects included
    max_bytes: int = 10_000_000  # of the body, after decompression
    max_redirects: int = 10
    allow_hosts: tuple[str, ...] = ()  # "host" or "host:port" that may be private or loopback
    robots: bool = True  # honour robots.txt
    delay_s: float = 2.0  # least time between two requests to one host; not for allowed private hosts
    connections_per_host: int = 2


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When an article is due: `shortest` after a change, longer and longer while nothing changes, at most `longest`."""

    shortest: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(days=7)
    growth: float = 1.2  # each unchanged check makes the interval this much longer
    jitter: float = 0.1  # of the interval, either way
    feeds: timedelta = timedelta(minutes=15)  # how often a feed is read


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How `tracker run` and `tracker check` work."""

    workers: int = 8  # articles checked at the same time
    dispatch_every: timedelta = timedelta(seconds=5)
    deliver_every: timedelta = timedelta(seconds=2)
    stop_within: timedelta = timedelta(seconds=10)  # checks in hand may finish for so long after SIGTERM


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """One `[[watch]]` table."""

    address: str
    kind: str | None = None  # `as`: "article", "feed"; None: recognised by itself
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One `[channels.NAME]` table: exactly one of the four addresses is set."""

    name: str
    apprise: str | None = None  # any Apprise address: "mailto://…", "slack://…"
    webhook: str | None = None  # http(s) address that gets the JSON
    secret: str | None = None  # of a webhook: signs the body with HMAC-SHA256
    file: Path | None = None  # one line of JSON a message is appended; "-" prints the text to the terminal
    command: tuple[str, ...] | None = None  # program and arguments; gets the JSON on standard input
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """One `[[alert]]` table: a change that meets all conditions goes to all channels named."""

    name: str
    channels: tuple[str, ...]
    verdict: tuple[Verdict, ...] = ("substantive",)
    importance: int = 1  # at least
    kinds: tuple[Kind, ...] = ()  # at least one fact of one of these kinds; empty: any
    disclosure: tuple[Disclosure, ...] = ()  # empty: any
    tags: tuple[str, ...] = ()  # at least one of the article's tags; empty: any


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that `config.toml` can say."""

    archive_folder: Path = Path("snapshots")
    database: str = "sqlite:///snapshots/catalog.sqlite"
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    service: ServiceSettings = ServiceSettings()
    watch: tuple[WatchSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    rules: tuple[RuleSettings, ...] = field(default_factory=tuple)
