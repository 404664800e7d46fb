"""What no single key can say: which keys go together, and which do not.

Computes only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from tracker.config.settings import (
    ArchiveSection,
    Bucket,
    ChannelSettings,
    RuleSettings,
    ScheduleSettings,
    UnlessSettings,
    WatchSettings,
    WaybackSettings,
    WebSettings,
)
from tracker.config.tables import listed, suggest
from tracker.errors import AddressError, ConfigError
from tracker.url import normalize_url

ADDRESSES: Final = ("apprise", "smtp", "webhook", "file", "atom", "command")
LONGEST_PATTERN: Final = 500  # characters


S3: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[^/\s?#]+)*)/?")  # the names that AWS allows


def read_bucket(archive: ArchiveSection) -> Bucket | None:
    """Read `folder` as a place on S3-compatible storage; None where it is a folder."""
    told = {"endpoint": archive.endpoint, "key": archive.key, "secret": archive.secret}
    if "://" not in archive.folder:
        for name, value in told.items():
            if value is not None:
                raise ConfigError(f'[archive] {name} is for an archive on S3; its folder is like "s3://bucket/prefix"')
        return None
    found = S3.fullmatch(archive.folder)
    if not found:
        raise ConfigError(
            f'[archive] folder is "{archive.folder}"; expected a path, or a place like "s3://bucket/prefix"'
        )
    if (archive.key is None) != (archive.secret is None):
        raise ConfigError(
            "[archive] key and secret belong together; set both, or neither to use those of the environment"
        )
    if archive.endpoint is not None and not re.fullmatch(r"https?://[^/?#@\s]+/?", archive.endpoint):
        raise ConfigError('[archive] endpoint is not like "https://s3.example.org"')
    return Bucket(found[1], found[2].strip("/"), **told)


def check_archive(archive: ArchiveSection) -> None:
    """Refuse what is no path, and a time-stamping authority that is no address."""
    if not archive.folder or "\0" in archive.folder:
        raise ConfigError(f"[archive] folder is {json.dumps(archive.folder)}; expected a path")
    authority = archive.timestamp_authority
    if authority is not None and not authority.startswith(("http://", "https://")):
        raise ConfigError("[archive] timestamp_authority is no http or https address")  # it may hold a password
    if archive.timestamp_certificate and not authority:
        raise ConfigError("[archive] timestamp_certificate is of an authority; timestamp_authority is missing")


def check_schedule(settings: ScheduleSettings) -> None:
    """Refuse a shortest wait above the longest."""
    if settings.shortest > settings.longest:
        raise ConfigError("[schedule] shortest is longer than longest; every wait lies between the two")


LEAST_TOKEN: Final = 16  # characters; shorter ones are guessed


def check_web(settings: WebSettings) -> None:
    """Refuse a token that can be guessed, and an address with a path."""
    if settings.token is not None and len(settings.token) < LEAST_TOKEN:
        raise ConfigError(
            f"[web] token has fewer than {LEAST_TOKEN} characters; make one with: python3 -c 'import secrets; print(secrets.token_urlsafe())'"
        )
    if settings.address is not None and not re.fullmatch(r"https?://[^/?#@\s]+/?", settings.address):
        raise ConfigError('[web] address is not like "https://tracker.example.org", with nothing behind the name')


def check_wayback(settings: WaybackSettings) -> None:
    """Refuse what is no address of an archive."""
    if not re.fullmatch(r"https?://[^?#@\s]+", settings.address):
        raise ConfigError('[wayback] address is not like "https://web.archive.org"')


def check_listen(address: str | None) -> None:
    """Refuse what is no host with a port."""
    match = re.fullmatch(r"(.+):([0-9]{1,5})", address or "localhost:0")
    if match is None or int(match[2]) > 65535:
        raise ConfigError(f'[service] listen is "{address}"; expected an address and a port such as "127.0.0.1:9464"')


def check_watch(watch: WatchSettings, number: int) -> None:
    """Refuse choices that an address of that kind does not have."""
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


def check_channel(channel: ChannelSettings) -> None:
    """Refuse a channel without exactly one address, or with keys of another kind of channel."""
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


def check_rule(rule: RuleSettings, number: int, channels: Sequence[str]) -> None:
    """Refuse a rule for channels that there are not, or with patterns that cannot be used."""
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
        raise ConfigError(f"{place} is empty; expected at least one channel{listed(channels, ': {}')}")
    for name in rule.channels:
        if name not in channels:
            raise ConfigError(f'{place} names "{name}", but there is no [channels.{name}]{suggest(name, channels)}')


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
