"""What a request can be answered with instead, in a sentence that says what to do.

Computes only.
"""

from __future__ import annotations

from typing import Final

from tracker.errors import AddressError, BusyError, ConfigError, FetchError, InputError, TrackerError


class RefusedError(TrackerError):
    """A request that cannot be met, and its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


TITLES: Final = {
    400: "That cannot be read",
    401: "A token is needed",
    403: "That was not done",
    404: "There is nothing here",
    405: "That cannot be done here",
    409: "That cannot be done now",
    413: "That is too much",
    422: "That cannot be read",
    500: "Something is damaged",
    502: "The page could not be fetched",
}


def status_of(error: TrackerError) -> int:
    """Choose the HTTP status for an error."""
    match error:
        case RefusedError():
            return error.status
        case FetchError():
            return 502
        case ConfigError() | AddressError() | InputError():
            return 400
        case BusyError():
            return 409
    return 500


def problem(status: int, detail: str) -> dict[str, object]:
    """Write an error for programs (RFC 9457)."""
    return {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail}
