"""What can be configured: the dataclasses are the grammar of `config.toml`.

A field's name is the key, its type what is expected, its metadata the range; a field kept out of `repr` is secret and is never shown in a message.

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal, NewType

from tracker.models import Disclosure, EventKind, Kind, Verdict
from tracker.timetable import (
    IMMEDIATE,
    QuietHours,
    Rate,
    Timetable,
)

Size = NewType("Size", int)
"""Bytes, in the file a number and a unit: "1 GB"."""

ABOVE_ZERO: Final = {"more than": 0}
UP_TO_A_DAY: Final = {"more than": 0, "at most": 86400}
AT_LEAST_ZERO: Final = {"at least": 0}
AT_LEAST_ONE: Final = {"at least": 1}


Keep = Literal["versions", "daily", "everything"]
"""Which captures are kept: those of every new text · also one a day · all."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Limits and manners of fetching."""

    user_agent: str = "tracker/0.1 (article-update tracker)"
    contact: str | None = None  # e-mail or web address, appended to the user agent
    timeout_s: float = field(default=20.0, metadata=UP_TO_A_DAY)  # to connect, and between two reads
    deadline_s: float = field(default=60.0, metadata=UP_TO_A_DAY)  # for the whole exchange, redirects included
    max_bytes: int = field(default=10_000_000, metadata=AT_LEAST_ONE)  # of the body, after decompression
    max_redirects: int = field(default=10, metadata=AT_LEAST_ZERO)
    allow_hosts: tuple[str, ...] = ()  # "host" or "host:port" that may be private or loopback
    robots: bool = True  # honour robots.txt
    # least time between two requests to one host; not for allowed private hosts
    delay_s: float = field(default=2.0, metadata={"at least": 0, "at most": 86400})
    connections_per_host: int = field(default=2, metadata=AT_LEAST_ONE)


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """When an article is due: when what we hold of it is expected to have been out of date for `expected_delay`."""

    shortest: timedelta = field(default=timedelta(minutes=10), metadata=ABOVE_ZERO)
    longest: timedelta = field(default=timedelta(days=7), metadata=ABOVE_ZERO)
    most_per_hour: int | None = field(default=None, metadata=AT_LEAST_ONE)  # checks in all; None: no limit
    # what an article's edits are expected to go unseen between two checks: less means more requests
    expected_delay: timedelta = field(default=timedelta(seconds=45), metadata=ABOVE_ZERO)
    jitter: float = field(default=0.1, metadata={"at least": 0, "at most": 0.5})  # of the interval, either way
    feeds: timedelta = field(default=timedelta(minutes=15), metadata=ABOVE_ZERO)  # how often a feed is read
    gone_checks: int = field(default=3, metadata=AT_LEAST_ONE)  # an article is removed when so many in a row miss it
    gone_after: timedelta = field(default=timedelta(hours=24), metadata=ABOVE_ZERO)  # and over so long


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How `tracker run` and `tracker check` work."""

    # who checks: this process, or those of `tracker worker`, for which the catalog has to be in PostgreSQL
    checks: Literal["here", "workers"] = "here"
    workers: int = field(default=8, metadata=AT_LEAST_ONE)  # articles checked at the same time
    processes: int = field(default=0, metadata=AT_LEAST_ZERO)  # that read pages; 0: one a core, at most 4
    dispatch_every: timedelta = field(default=timedelta(seconds=1), metadata=ABOVE_ZERO)
    deliver_every: timedelta = field(default=timedelta(seconds=2), metadata=ABOVE_ZERO)
    stop_within: timedelta = timedelta(seconds=10)  # checks in hand may finish for so long after SIGTERM
    listen: str | None = None  # "host:port" of /health and /metrics; None: they are not served


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the service says of its work."""

    format: Literal["text", "json"] = "text"


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where `tracker serve` listens, and who may come in."""

    host: str = "127.0.0.1"  # an address of this machine; beyond loopback only with a token
    port: int = field(default=8374, metadata={"at least": 0, "at most": 65535})  # 0: any that is free
    token: str | None = field(default=None, repr=False)  # needed to write; beyond loopback for everything
    address: str | None = None  # as readers see it, behind a proxy: "https://tracker.example.org"
    allow_hosts: tuple[str, ...] = ()  # more names by which it may be asked for


@dataclass(frozen=True, slots=True)
class WaybackSettings:
    """Where captures of the time before tracking come from: `import --wayback` and `watch --backfill`."""

    address: str = "https://web.archive.org"  # or an archive of one's own that speaks as it does
    captures: int = field(default=500, metadata=AT_LEAST_ONE)  # fetched of an article at most, each time
    requests_per_s: float = field(default=2.0, metadata={"at least": 0.01, "at most": 1000})


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """One `[[watch]]` table."""

    address: str
    # None: recognised by itself
    kind: Literal["article", "feed", "sitemap", "section"] | None = field(default=None, metadata={"key": "as"})
    tags: tuple[str, ...] = ()
    links: str | None = None  # of a list of articles: only addresses of this pattern are followed
    limit: int | None = field(default=None, metadata=AT_LEAST_ONE)  # of each reading, only so many of the newest
    every: timedelta | None = field(default=None, metadata=ABOVE_ZERO)  # pinned: how often its articles are checked
    most_per_hour: int | None = field(default=None, metadata=AT_LEAST_ONE)  # checks of its articles, all together
    keep: Keep | None = None  # of its captures; None: as [archive] says


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """A message's form: written in the configuration, or in a file of its own."""

    text: str
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One `[channels.NAME]` table: exactly one of the six addresses is set."""

    name: str
    apprise: str | None = field(default=None, repr=False)  # any Apprise address: "mailto://…", "slack://…"
    smtp: str | None = field(default=None, repr=False)  # a mail server: "smtps://user:password@mail.example.org"
    webhook: str | None = field(default=None, repr=False)  # http(s) address that gets the JSON
    secret: str | None = field(default=None, repr=False)  # of a webhook: signs the body with HMAC-SHA256
    file: Path | None = None  # one line of JSON a message is appended; "-" prints the text to the terminal
    atom: Path | None = None  # a feed of the latest messages
    command: tuple[str, ...] | None = field(
        default=None, repr=False
    )  # program and arguments; gets the JSON on standard input
    sender: str | None = field(default=None, metadata={"key": "from"})  # of mails: "Tracker <tracker@example.org>"
    to: tuple[str, ...] = ()  # of mails
    timeout_s: float = field(default=20.0, metadata=UP_TO_A_DAY)
    deliver: Timetable = IMMEDIATE  # at once, or gathered
    quiet: QuietHours | None = None  # what comes then is kept until they are over
    urgent: int | None = field(default=None, metadata={"at least": 1, "at most": 3})  # so important breaks the quiet
    rate: Rate | None = None  # what exceeds it waits
    follow_up: timedelta = timedelta(days=7)  # for so long a further change refers to the first message
    title: TemplateSettings | None = None
    template: TemplateSettings | None = None  # of the text
    template_html: TemplateSettings | None = None
    picture: bool | None = None  # None: where the channel can show it


@dataclass(frozen=True, slots=True)
class UnlessSettings:
    """`[alert.unless]`: a change that meets all of these is left out."""

    verdict: tuple[Verdict, ...] = ()
    kinds: tuple[Kind, ...] = ()
    disclosure: tuple[Disclosure, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """One `[[alert]]` table: a change that meets all conditions goes to all channels named.

    Of a condition that is a list, one item has to be met; an empty one is met by every change.
    """

    name: str
    channels: tuple[str, ...]
    verdict: tuple[Verdict, ...] = ("substantive",)
    importance: int = field(default=1, metadata={"at least": 0, "at most": 3})  # at least; 0 lets cosmetic changes pass
    kinds: tuple[Kind, ...] = ()  # of a changed fact
    disclosure: tuple[Disclosure, ...] = ()
    tags: tuple[str, ...] = ()  # of the article
    # beside changes; of these only the tags and the sources matter
    events: tuple[EventKind, ...] = ("removed", "restored", "moved", "reused", "variants", "settled")
    sources: tuple[str, ...] = ()  # hosts ("example.org"), or the addresses of feeds that articles were found in
    entities: tuple[str, ...] = ()  # names that the article speaks of, as whole words; accents and case do not matter
    patterns: tuple[str, ...] = ()  # regular expressions that are found in what changed
    deliver: Timetable | None = None  # None: as the channel says
    unless: UnlessSettings | None = None

    @property
    def all_sources(self) -> tuple[str, ...]:
        """The sources that the rule speaks of, to take or to leave out."""
        return self.sources + (self.unless.sources if self.unless else ())


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a bucket on S3-compatible storage.  What is not said here is told by the environment, as to every program that speaks S3."""

    name: str
    prefix: str = ""  # of all keys, without a slash at its end
    endpoint: str | None = None  # address of the storage; None: as AWS_ENDPOINT_URL says, or AWS itself
    key: str | None = field(default=None, repr=False)  # None: as AWS_ACCESS_KEY_ID and the like say
    secret: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that `config.toml` can say."""

    archive_folder: Path = Path("snapshots")  # with a bucket, it holds what is of this machine alone
    bucket: Bucket | None = None  # the archive is there, and not in the folder
    min_free: Size = Size(10**9)  # bytes: with less room on the disk of the archive nothing is fetched
    keep: Keep = "versions"
    timestamp_authority: str | None = field(default=None, repr=False)  # address of a time-stamp authority (RFC 3161)
    timestamp_certificate: Path | None = None  # the root that its certificate leads to, as PEM
    database: str = field(default="sqlite:///snapshots/catalog.sqlite", repr=False)  # an SQLAlchemy address
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    service: ServiceSettings = ServiceSettings()
    log: LogSettings = LogSettings()
    web: WebSettings = WebSettings()
    wayback: WaybackSettings = WaybackSettings()
    watch: tuple[WatchSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    rules: tuple[RuleSettings, ...] = ()

    @property
    def archive(self) -> Path | Bucket:
        """Where the captures are."""
        return self.bucket or self.archive_folder


@dataclass(frozen=True, slots=True)
class ArchiveSection:
    """The `[archive]` section."""

    folder: str = "snapshots"  # or "s3://bucket/prefix"
    endpoint: str | None = None  # this and the two below are for s3://
    key: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    min_free: Size = Size(10**9)
    keep: Keep = "versions"
    timestamp_authority: str | None = field(default=None, repr=False)
    timestamp_certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class CatalogSection:
    """The `[catalog]` section."""

    database: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sections:
    """What stands at the top level of the file."""

    archive: ArchiveSection = ArchiveSection()
    catalog: CatalogSection = CatalogSection()
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    service: ServiceSettings = ServiceSettings()
    log: LogSettings = LogSettings()
    web: WebSettings = WebSettings()
    wayback: WaybackSettings = WaybackSettings()
    watch: tuple[WatchSettings, ...] = ()
    channels: dict[str, ChannelSettings] = field(default_factory=dict)
    alert: tuple[RuleSettings, ...] = ()
