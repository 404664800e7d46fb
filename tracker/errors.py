"""The tree of things that can go wrong.

TrackerError
├── ConfigError          a key of config.toml, a command's argument, a channel's address
├── AddressError         not an address that can be followed
├── FetchError           .url  .status  .transient  .snapshot
│   ├── BlockedError     refused: robots rule, address not allowed
│   └── RateLimitedError .retry_after_s
├── InputError           a file, feed or pair that cannot be read
├── ExtractError         a page in which no article text was found
├── ArchiveError         .file: the archive cannot be written or read
├── CatalogError         the database cannot be opened, read or written
├── BusyError            another tracker works on the same archive
└── AlertError           .channel  .permanent

Every message names its subject and, where there is one, the next step: it is printed as it is.  The exit code of a command is `exit_code`.

Computes only.
"""

from __future__ import annotations

from tracker.models import Snapshot


class TrackerError(Exception):
    """Anything that the tracker can explain in a sentence."""

    exit_code = 3  # could not be done


class ConfigError(TrackerError):
    """The configuration or a command's argument is wrong; nothing was done."""

    exit_code = 2


class AddressError(TrackerError):
    """This is not an address that can be followed."""

    exit_code = 2


class InputError(TrackerError):
    """A file, feed or pair that was given cannot be read."""


class FetchError(TrackerError):
    """The page could not be fetched.

    Args:
        message: One sentence that names the address.
        url: The address that was asked for.
        status: The HTTP status, where there was an answer.
        transient: Asking again later may help.
        snapshot: What was sent with the status, where it could be read.
    """

    def __init__(
        self,
        message: str,
        *,
        url: str,
        status: int | None = None,
        transient: bool = True,
        snapshot: Snapshot | None = None,
    ) -> None:
        super().__init__(message)
        self.url = url
        self.status = status
        self.transient = transient
        self.snapshot = snapshot


class BlockedError(FetchError):
    """We may not fetch this: asking again soon will not help."""


class RateLimitedError(FetchError):
    """The host asks for patience (429 or 503); `retry_after_s` says how long, if it says."""

    def __init__(
        self, message: str, *, url: str, status: int, retry_after_s: float | None, snapshot: Snapshot | None = None
    ) -> None:
        super().__init__(message, url=url, status=status, transient=True, snapshot=snapshot)
        self.retry_after_s = retry_after_s


class ExtractError(TrackerError):
    """No article text was found in a page."""


class ArchiveError(TrackerError):
    """The archive folder cannot be written, or a file in it cannot be read."""

    def __init__(self, message: str, *, file: str | None = None) -> None:
        super().__init__(message)
        self.file = file


class CatalogError(TrackerError):
    """The database cannot be opened, read or written."""


class BusyError(TrackerError):
    """Another tracker works on the same archive."""


class AlertError(TrackerError):
    """A message could not be delivered; `permanent` says that trying again will not help."""

    def __init__(self, message: str, *, channel: str, permanent: bool = False) -> None:
        super().__init__(message)
        self.channel = channel
        self.permanent = permanent
