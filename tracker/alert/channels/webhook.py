"""JSON in a signed POST request to an address of the user's own.

The receiver recomputes the HMAC-SHA256 of the body with the shared secret and compares it with `X-Tracker-Signature`; it drops what comes with an `Idempotency-Key` that it has already seen.

Touches the network.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

import requests

from tracker import __version__
from tracker.alert.channels.interface import body_of, one_line
from tracker.config import ChannelSettings
from tracker.errors import AlertError, ConfigError
from tracker.models import Message

PASSING: Final = frozenset({408, 425, 429})  # of the 4xx, those that ask for another try (RFC 9110; RFC 8470; RFC 6585)


class WebhookChannel:
    """One address that gets the JSON."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._name = settings.name
        self._url = _check_address(settings.webhook or "", settings.name)
        self._secret = settings.secret
        self._timeout_s = settings.timeout_s

    def send(self, message: Message) -> None:
        """Post the message; redirects are not followed, because a signed body is for one receiver."""
        body = body_of(message)
        try:
            with requests.post(
                self._url,
                data=body,
                headers=self._headers(body, message.key),
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,  # what the receiver answers is not read
            ) as response:
                status, reason = response.status_code, response.reason
        except requests.RequestException as error:
            # Not chained: the words of the cause contain the address, which may be a secret.
            raise self._error(_explain(error, self._timeout_s)) from None
        if not 200 <= status < 300:
            permanent = 400 <= status < 500 and status not in PASSING
            raise self._error(f"answered {status} {one_line(reason or '')}".rstrip(), permanent=permanent)

    def _headers(self, body: bytes, key: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"tracker/{__version__}", "Idempotency-Key": key}
        if self._secret is not None:
            digest = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Tracker-Signature"] = f"sha256={digest}"
        return headers

    def _error(self, what: str, *, permanent: bool = False) -> AlertError:
        host = urlsplit(self._url).hostname
        return AlertError(f'channel "{self._name}": {host} {what}', channel=self._name, permanent=permanent)


def _check_address(address: str, name: str) -> str:
    """Prepare a request without sending it, so that what passes here can be sent."""
    try:
        requests.Request("POST", address).prepare()
        scheme = urlsplit(address).scheme.lower()
    except (requests.RequestException, ValueError):
        scheme = ""
    if scheme not in ("http", "https"):
        raise ConfigError(f'[channels.{name}] webhook is not a web address; expected "https://host/path"')
    return address


def _explain(error: requests.RequestException, timeout_s: float) -> str:
    if isinstance(error, requests.Timeout):
        return f"did not answer within {timeout_s:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return "has no certificate that we can verify"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached, or broke the connection off"
    return f"could not be asked ({type(error).__name__})"
