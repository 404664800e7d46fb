"""Asks an authority for a time-stamp of what is kept.

It is sent the digest of a list of digests: it learns nothing of what that is, and how much.

Touches the network.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import requests

from tracker.archive import Archive
from tracker.archive.der import with_sorted_certificates
from tracker.archive.stamps import Stamp, check_stamps, heads_file, read_stamps, unstamped_heads, write_stamp
from tracker.config import Config
from tracker.errors import ConfigError, FetchError

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 30.0
LARGEST: Final = 1 << 20  # bytes of an answer; some thousand are usual


def timestamp(archive: Archive, config: Config, *, now: datetime) -> Stamp | None:
    """Have the chains stamped that have grown since the last time; None where none has.

    Raises:
        ConfigError: No authority is configured, or what is needed is not installed.
        FetchError: The authority does not answer, or not as it should.
        ArchiveError: The archive cannot be read or written.
    """
    if config.timestamp_authority is None:
        raise ConfigError("there is no authority to ask; name one as [archive] timestamp_authority")
    articles = unstamped_heads(archive)
    if not articles:
        return None
    response = _ask(config.timestamp_authority, heads_file(list(articles)))
    answered = Stamp(now.strftime("%Y%m%d%H%M%S"), heads_file(list(articles)), response, articles)
    (checked,) = check_stamps([answered], read_certificate(config))
    if checked.problem:
        raise _failed(config.timestamp_authority, f"its time-stamp {checked.problem}")
    return write_stamp(archive, articles, response, now)


def timestamp_daily(archive: Archive, config: Config, *, now: datetime) -> Stamp | None:
    """Have the chains stamped once a day, where an authority is configured."""
    if config.timestamp_authority is None:
        return None
    stamps = read_stamps(archive.storage)
    if stamps and stamps[-1].asked_at.date() >= now.astimezone(UTC).date():
        return None
    return timestamp(archive, config, now=now)


def read_certificate(config: Config) -> bytes | None:
    """Read the certificate that is trusted; None where none is configured.

    Raises:
        ConfigError: It cannot be read.
    """
    path = config.timestamp_certificate
    try:
        return path.read_bytes() if path else None
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"[archive] timestamp_certificate: {path} cannot be read ({reason})") from error


def _ask(authority: str, data: bytes) -> bytes:
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response
    except ImportError as error:
        raise ConfigError("time-stamps need a library; install it with: pip install 'tracker[timestamps]'") from error
    request = TimestampRequestBuilder(data, HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with requests.post(
            authority, data=request.as_bytes(), headers=headers, timeout=TIMEOUT_S, stream=True
        ) as answer:
            answer.raise_for_status()
            response = answer.raw.read(LARGEST, decode_content=True)
    except (requests.RequestException, OSError) as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        raise _failed(authority, f"status {status}" if status else type(error).__name__) from error
    try:
        nonce = decode_timestamp_response(with_sorted_certificates(response)).tst_info.nonce
    except ValueError as error:
        raise _failed(authority, "what it answers is no time-stamp") from error
    if nonce != request.nonce:
        raise _failed(authority, "what it answers is not for what was asked")
    return bytes(response)


def _failed(authority: str, why: str) -> FetchError:
    host = urlsplit(authority).hostname or ""  # the rest may be secret
    return FetchError(f"the time-stamp authority {host} gave no time-stamp: {why}; it is asked again", url=host)
