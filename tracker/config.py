"""Read `config.toml` into values, and name the offending key when that cannot be done.

`config.toml` at the top of the project explains every key; the defaults here are the defaults there.
Durations are strings such as "90s", "15m", "6h", "7d"; `${NAME}` in any string is replaced by the environment variable NAME.

The dataclasses are the grammar: a field's name is the key, its type what is expected, its metadata the range; a field kept out of `repr` is secret and is never shown in a message.

Computes only, except for `load_config`, which reads the file.
"""

from __future__ import annotations

import difflib
import json
import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tracker.errors import AddressError, ConfigError
from tracker.models import Disclosure, EventKind, Kind, Verdict
from tracker.timetable import (
    IMMEDIATE,
    QuietHours,
    Rate,
    Timetable,
    TimetableError,
    read_quiet,
    read_rate,
    read_timetable,
)
from tracker.url import normalize_url

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
class Config:
    """Everything that `config.toml` can say."""

    archive_folder: Path = Path("snapshots")
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


# --- reading --------------------------------------------------------------------------------------

T = TypeVar("T")
Table = Mapping[str, object]

DEFAULT_FILE: Final = Path("config.toml")
TERMINAL: Final = Path("-")
TEMPLATES: Final = ("title", "template", "template_html")
ADDRESSES: Final = ("apprise", "smtp", "webhook", "file", "atom", "command")
LONGEST_PATTERN: Final = 500  # characters


@dataclass(frozen=True, slots=True)
class _ArchiveSection:
    folder: Path = Path("snapshots")
    min_free: Size = Size(10**9)
    keep: Keep = "versions"
    timestamp_authority: str | None = field(default=None, repr=False)
    timestamp_certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class _CatalogSection:
    database: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Sections:
    """What stands at the top level of the file."""

    archive: _ArchiveSection = _ArchiveSection()
    catalog: _CatalogSection = _CatalogSection()
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    service: ServiceSettings = ServiceSettings()
    log: LogSettings = LogSettings()
    web: WebSettings = WebSettings()
    wayback: WaybackSettings = WaybackSettings()
    watch: tuple[WatchSettings, ...] = ()
    channels: dict[str, ChannelSettings] = field(default_factory=dict)
    alert: tuple[RuleSettings, ...] = ()


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the configuration file.

    Args:
        path: The file; None for `config.toml` in the current folder, or the defaults where there is none.
        environ: Where `${NAME}` is looked up.

    Raises:
        ConfigError: The file cannot be read, or something in it is wrong; names file and key.
    """
    file = path or DEFAULT_FILE
    if path is None and not file.exists():
        return Config()
    try:
        # A byte order mark is what editors on Windows put in front; TOML itself knows none.
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        config = parse_config(data, environ, folder=file.parent)
        channels = (_with_templates(channel, _read_template_file) for channel in config.channels)
        return replace(config, channels=tuple(channels))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text (at byte {error.start}); save it as UTF-8") from error
    except ValueError as error:  # TOMLDecodeError, or a number of more digits than Python reads
        raise ConfigError(f"{file}: is not valid TOML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from error


def parse_config(data: Table, environ: Mapping[str, str], *, folder: Path) -> Config:
    """Turn what a TOML file says into settings.

    Args:
        data: The parsed file.
        environ: Where `${NAME}` is looked up.
        folder: What relative paths are relative to.

    Raises:
        ConfigError: Names the key, what was found and what is expected.
    """
    sections = _read_table(_Sections, data, _Place(environ))
    _check_archive(sections.archive)
    _check_schedule(sections.schedule)
    _check_web(sections.web)
    _check_wayback(sections.wayback)
    for number, watch in enumerate(sections.watch, start=1):
        _check_watch(watch, number)
    for channel in sections.channels.values():
        _check_channel(channel)
    for number, rule in enumerate(sections.alert, start=1):
        _check_rule(rule, number, tuple(sections.channels))
    _check_listen(sections.service.listen)
    archive_folder = folder / sections.archive.folder
    return Config(
        archive_folder=archive_folder,
        min_free=sections.archive.min_free,
        keep=sections.archive.keep,
        timestamp_authority=sections.archive.timestamp_authority,
        timestamp_certificate=_place(sections.archive.timestamp_certificate, folder),
        database=_place_database(sections.catalog.database, folder) or f"{SQLITE}{archive_folder / 'catalog.sqlite'}",
        fetch=sections.fetch,
        schedule=sections.schedule,
        service=sections.service,
        log=sections.log,
        web=sections.web,
        wayback=sections.wayback,
        watch=sections.watch,
        channels=tuple(_place_channel(channel, folder) for channel in sections.channels.values()),
        rules=sections.alert,
    )


SQLITE: Final = "sqlite:///"  # followed by a path, which is absolute when it begins with a fourth slash (SQLAlchemy)


def _place(path: Path | None, folder: Path) -> Path | None:
    return folder / path if path else None


def _place_database(address: str | None, folder: Path) -> str | None:
    if address is None or not address.startswith(SQLITE) or address == f"{SQLITE}:memory:":
        return address
    return f"{SQLITE}{folder / address.removeprefix(SQLITE)}"


def _place_channel(channel: ChannelSettings, folder: Path) -> ChannelSettings:
    channel = _with_templates(channel, lambda _key, template: _place_template(template, folder))
    if channel.file is not None and channel.file != TERMINAL:
        return replace(channel, file=folder / channel.file)
    if channel.atom is not None:
        return replace(channel, atom=folder / channel.atom)
    if channel.command:
        program, *arguments = channel.command
        if "/" in program and not program.startswith("/"):  # a bare name is looked up in PATH
            return replace(channel, command=(f"{folder}/{program}", *arguments))
    return channel


def _place_template(template: TemplateSettings, folder: Path) -> TemplateSettings:
    return replace(template, file=folder / template.file) if template.file else template


def _with_templates(
    channel: ChannelSettings, change: Callable[[str, TemplateSettings], TemplateSettings]
) -> ChannelSettings:
    """Do something to each template of a channel."""
    found = {key: template for key in TEMPLATES if (template := getattr(channel, key))}
    changed: dict[str, Any] = {key: change(f"[channels.{channel.name}] {key}", one) for key, one in found.items()}
    return replace(channel, **changed)


def _read_template_file(place: str, template: TemplateSettings) -> TemplateSettings:
    """Read a template's text, where it is in a file.

    Raises:
        ConfigError: The file cannot be read.
    """
    if template.file is None:
        return template
    try:
        return replace(template, text=template.file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{place} is the file {template.file}, which cannot be read: {reason}") from error


# --- what no single key can say -------------------------------------------------------------------


def _check_archive(archive: _ArchiveSection) -> None:
    authority = archive.timestamp_authority
    if authority is not None and not authority.startswith(("http://", "https://")):
        raise ConfigError("[archive] timestamp_authority is no http or https address")  # it may hold a password
    if archive.timestamp_certificate and not authority:
        raise ConfigError("[archive] timestamp_certificate is of an authority; timestamp_authority is missing")


def _check_schedule(settings: ScheduleSettings) -> None:
    if settings.shortest > settings.longest:
        raise ConfigError("[schedule] shortest is longer than longest; every wait lies between the two")


LEAST_TOKEN: Final = 16  # characters; shorter ones are guessed


def _check_web(settings: WebSettings) -> None:
    if settings.token is not None and len(settings.token) < LEAST_TOKEN:
        raise ConfigError(
            f"[web] token has fewer than {LEAST_TOKEN} characters; make one with: python3 -c 'import secrets; print(secrets.token_urlsafe())'"
        )
    if settings.address is not None and not re.fullmatch(r"https?://[^/?#@\s]+/?", settings.address):
        raise ConfigError('[web] address is not like "https://tracker.example.org", with nothing behind the name')


def _check_wayback(settings: WaybackSettings) -> None:
    if not re.fullmatch(r"https?://[^?#@\s]+", settings.address):
        raise ConfigError('[wayback] address is not like "https://web.archive.org"')


def _check_listen(address: str | None) -> None:
    match = re.fullmatch(r"(.+):([0-9]{1,5})", address or "localhost:0")
    if match is None or int(match[2]) > 65535:
        raise ConfigError(f'[service] listen is "{address}"; expected an address and a port such as "127.0.0.1:9464"')


def _check_watch(watch: WatchSettings, number: int) -> None:
    place = f"[[watch]] #{number}"
    if watch.links == "":
        raise ConfigError(f'{place} links is empty; expected a pattern such as "/2018/*"')
    if watch.kind == "section" and watch.links is None:
        raise ConfigError(f'{place} is a section, which needs links: what its articles look like, such as "/2018/*"')
    if watch.kind == "article" and (watch.links or watch.limit or watch.most_per_hour):
        key = "links" if watch.links else "limit" if watch.limit else "most_per_hour"
        raise ConfigError(
            f"{place} {key} chooses among the articles of a feed, sitemap or section; an article has none"
        )
    try:
        normalize_url(watch.address)
    except AddressError as error:
        raise ConfigError(f"{place} address: {error}") from error


def _check_channel(channel: ChannelSettings) -> None:
    place = f"[channels.{channel.name}]"
    given = [key for key in ADDRESSES if getattr(channel, key) is not None]
    if len(given) != 1:
        found = f"has {' and '.join(given)}" if given else "has no address"
        raise ConfigError(f"{place} {found}; expected exactly one of {', '.join(ADDRESSES)}")
    if channel.secret is not None and channel.webhook is None:
        raise ConfigError(f"{place} secret signs what a webhook gets; a channel with {given[0]} has no use for it")
    if channel.command == ():
        raise ConfigError(f"{place} command is empty; expected a list of the program and its arguments")
    if channel.smtp is not None and not (channel.sender and channel.to):
        raise ConfigError(f'{place} sends mail, which needs from = "tracker@example.org" and to = ["desk@example.org"]')
    if channel.smtp is None and (channel.sender or channel.to):
        key = "from" if channel.sender else "to"
        raise ConfigError(f"{place} {key} is of a channel with smtp; one with {given[0]} has no use for it")
    if channel.urgent is not None and channel.quiet is None:
        raise ConfigError(f"{place} urgent says what breaks the quiet hours, but there is no quiet")


def _check_rule(rule: RuleSettings, number: int, channels: Sequence[str]) -> None:
    table = f"[[alert]] #{number}"
    for key, conditions in (("", rule), ("unless.", rule.unless)):
        for pattern in conditions.patterns if conditions else ():
            _check_pattern(pattern, f"{table} {key}patterns")
        if conditions and "" in (name.strip() for name in conditions.entities):
            raise ConfigError(f'{table} {key}entities has an empty name; expected names such as "Qari Hekmat"')
    if rule.unless == UnlessSettings():
        raise ConfigError(f"{table} unless says nothing; expected conditions such as kinds or patterns")
    place = f"{table} channels"
    if not rule.channels:
        raise ConfigError(f"{place} is empty; expected at least one channel{_list(channels, ': {}')}")
    for name in rule.channels:
        if name not in channels:
            raise ConfigError(f'{place} names "{name}", but there is no [channels.{name}]{_suggest(name, channels)}')


def _check_pattern(pattern: str, place: str) -> None:
    import regex

    if len(pattern) > LONGEST_PATTERN:
        raise ConfigError(f"{place} has one of {len(pattern)} characters; the most is {LONGEST_PATTERN}")
    try:
        if regex.compile(pattern).search(""):
            raise ConfigError(
                f'{place} "{pattern}" is found in every text, even in an empty one; it would choose nothing'
            )
    except (regex.error, ValueError, RecursionError, OverflowError) as error:
        raise ConfigError(f'{place} "{pattern}" is not a regular expression: {error}') from error


# --- tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file a value stands, for the sake of the message."""

    environ: Mapping[str, str]
    table: str = ""  # as it is written: "[fetch]", "[[watch]] #2"; empty at the top level
    key: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    secret: bool = False

    def __str__(self) -> str:
        return f"{self.table} {self.key}".strip()

    def error(self, value: object, expected: str) -> ConfigError:
        """Say what was found, unless it is secret, and what is expected instead."""
        shown = TOML_TYPES.get(type(value), "a date or time")
        if not self.secret and isinstance(value, str | bool | int | float):
            shown = f"{json.dumps(value, ensure_ascii=False)[:80]} ({shown})"
        return ConfigError(f"{self} is {shown}; expected {expected}")


TOML_TYPES: Final[Mapping[type, str]] = {
    str: "a string",
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def _read_table(kind: type[T], table: object, place: _Place, **given: object) -> T:
    """Build a settings dataclass from a table; `given` are fields that do not come from its keys."""
    if not isinstance(table, dict):
        raise replace(place, secret=True).error(
            table, f"a table, written {place.table} on a line of its own, with its keys below"
        )
    hints = get_type_hints(kind)
    keys = {spec.metadata.get("key", spec.name): spec for spec in _fields(kind) if spec.name not in given}
    _check_keys(table, keys, place)
    values = {
        spec.name: _read_value(hints[spec.name], table[key], _place_of(spec, key, place))
        for key, spec in keys.items()
        if key in table
    }
    return kind(**given, **values)


def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _check_keys(table: Mapping[str, object], keys: Mapping[str, Field[Any]], place: _Place) -> None:
    for key in table:
        if key not in keys:
            if not place.table:
                raise ConfigError(f"[{key}] is not a section{_suggest(key, keys, '[{}]')}")
            raise ConfigError(f"{place.table} {key} is not a key{_suggest(key, keys)}")
    for key, spec in keys.items():
        if key not in table and spec.default is MISSING and spec.default_factory is MISSING:
            raise ConfigError(f"{place.table} has no {key}, which every such table needs")


def _place_of(spec: Field[Any], key: str, place: _Place) -> _Place:
    if not place.table:
        return replace(place, table=f"[{key}]")
    return replace(place, key=key, limits=spec.metadata, secret=not spec.repr)


def _read_tables(kind: type[T], tables: object, place: _Place) -> tuple[T, ...]:
    name = f"[{place.table}]"
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(
            f"{place.table} is {TOML_TYPES.get(type(tables), 'a date or time')}; write each one as {name}"
        )
    return tuple(
        _read_table(kind, table, replace(place, table=f"{name} #{number}")) for number, table in enumerate(tables, 1)
    )


def _read_channels(tables: object, place: _Place) -> dict[str, ChannelSettings]:
    if not isinstance(tables, dict):
        raise place.error(tables, "one table a channel, such as [channels.desk]")
    return {
        name: _read_table(ChannelSettings, table, replace(place, table=f"[channels.{name}]"), name=name)
        for name, table in tables.items()
    }


# --- values ---------------------------------------------------------------------------------------


def _read_value(hint: Any, value: object, place: _Place) -> object:
    """Read one value as the type that a field's annotation asks for."""
    if get_origin(hint) in (Union, UnionType):  # "… | None": a key that is left out is None, one that is there is not
        hint = get_args(hint)[0]
    if get_origin(hint) is dict:
        return _read_channels(value, place)
    if get_origin(hint) is tuple:
        return _read_list(get_args(hint)[0], value, place)
    if get_origin(hint) is Literal:
        return _read_choice(get_args(hint), value, place)
    reader = READERS.get(hint)
    return reader(value, place) if reader else _read_table(hint, value, place)


def _read_list(hint: Any, value: object, place: _Place) -> tuple[object, ...]:
    if is_dataclass(hint):
        return _read_tables(cast(type, hint), value, place)
    if not isinstance(value, list):
        raise place.error(value, 'a list, such as ["a", "b"]')
    return tuple(_read_value(hint, item, place) for item in value)


def _read_choice(choices: tuple[str, ...], value: object, place: _Place) -> str:
    text = _read_text(value, place)
    if text not in choices:
        raise ConfigError(f'{place} "{text}" is not one of {", ".join(choices)}{_suggest(text, choices, short=True)}')
    return text


def _read_text(value: object, place: _Place) -> str:
    if not isinstance(value, str):
        raise place.error(value, "a string in quotation marks")
    return re.sub(r"\$\{([^}]*)\}", lambda match: _look_up(match[1], place), value)


def _look_up(name: str, place: _Place) -> str:
    if name not in place.environ:
        raise ConfigError(f"{place} needs the environment variable {name}, which is not set")
    return place.environ[name]


def _read_path(value: object, place: _Place) -> Path:
    text = _read_text(value, place)
    if not text or "\0" in text:
        raise place.error(text, "a path")
    return Path(text)


def _read_bool(value: object, place: _Place) -> bool:
    if not isinstance(value, bool):
        raise place.error(value, "true or false, without quotation marks")
    return value


def _read_int(value: object, place: _Place) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.error(value, "a whole number")
    _check_limits(value, value, place)
    return value


def _read_float(value: object, place: _Place) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise place.error(value, "a number")
    _check_limits(value, value, place)
    return float(value)


def _read_duration(value: object, place: _Place) -> timedelta:
    seconds = duration_s(_read_text(value, place) if isinstance(value, str) else "")
    if seconds is None:
        raise place.error(value, 'a duration such as "90s", "15m", "6h", "7d"')
    if seconds > LONGEST_S:
        raise place.error(value, 'at most "36500d"')
    _check_limits(seconds, value, place)
    return timedelta(seconds=seconds)


def duration_s(text: str) -> float | None:
    """Read a duration such as "90s", "15m", "6h" or "7d"; None where it is none."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd])", text)
    return float(match[1]) * UNITS[match[2]] if match else None


def _read_size(value: object, place: _Place) -> int:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kMGT]?B)", value) if isinstance(value, str) else None
    if match is None:
        raise place.error(value, 'a size such as "500 MB", "1 GB" or "0 B"')
    return int(float(match[1]) * SIZES[match[2]])


def _read_with(reader: Callable[[str], object]) -> Callable[[object, _Place], object]:
    def read(value: object, place: _Place) -> object:
        try:
            return reader(_read_text(value, place))
        except TimetableError as error:
            raise place.error(value, str(error)) from error

    return read


def _read_template(value: object, place: _Place) -> TemplateSettings:
    """Read a template, or the name of its file: whatever has no braces and is one line is a name."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise place.error(value, "a template, or the name of its file")
    written = any(mark in value for mark in ("{", "\n"))  # not by `_read_text`: braces are the template's own
    return TemplateSettings(value) if written else TemplateSettings("", Path(_read_text(value, place)))


def _check_limits(number: float, value: object, place: _Place) -> None:
    for limit, bound in place.limits.items():
        if limit in LIMITS and not LIMITS[limit](number, bound):
            raise place.error(value, f"{limit} {bound:g}")


LIMITS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "more than": operator.gt,
    "at least": operator.ge,
    "at most": operator.le,
}
SIZES: Final = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST_S: Final = 36500 * 86400  # a century, so that adding it to any moment of ours stays a date
READERS: Final[Mapping[object, Callable[[object, _Place], object]]] = {
    str: _read_text,
    bool: _read_bool,
    int: _read_int,
    float: _read_float,
    Path: _read_path,
    timedelta: _read_duration,
    Size: _read_size,
    Timetable: _read_with(read_timetable),
    QuietHours: _read_with(read_quiet),
    Rate: _read_with(read_rate),
    TemplateSettings: _read_template,
}


# --- suggestions ----------------------------------------------------------------------------------


def _suggest(word: str, known: Iterable[str], form: str = "{}", *, short: bool = False) -> str:
    """Offer the nearest of the words that would have been right, or all of them where none is near."""
    known = tuple(known)
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean {form.format(near[0])}?"
    return "" if short else _list([form.format(name) for name in known], "; there is {}")


def _list(words: Iterable[str], form: str) -> str:
    joined = ", ".join(words)
    return form.format(joined) if joined else ""
