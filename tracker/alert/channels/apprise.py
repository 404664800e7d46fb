"""Any of the services that Apprise speaks to: e-mail, Slack, Telegram, ntfy and some 170 more.

Apprise tells why a delivery failed in words only, so every failure counts as passing and is tried again; what lasts is parked in the end.

Touches the network.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import unquote

from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat
from apprise.attachment.memory import AttachMemory

from tracker.alert.channels.interface import hide, one_line
from tracker.config import ChannelSettings
from tracker.errors import AlertError, ConfigError
from tracker.models import Message

# It names addresses, secrets included, and is only for itself to read: what matters comes back as a result.
logging.getLogger("apprise").propagate = False


class AppriseChannel:
    """One Apprise address."""

    def __init__(self, settings: ChannelSettings) -> None:
        address = settings.apprise or ""
        # Nothing is kept on disk, and no template of an address is filled in from a page's words.
        asset = AppriseAsset(storage_mode="memory", allow_templates=False)
        service = Apprise.instantiate(address, asset=asset)
        if service is None:
            raise ConfigError(
                f"[channels.{settings.name}] apprise is not an address that Apprise can read{_scheme(address)}; "
                "see https://appriseit.com/services/ for how they are written"
            )
        _set_timeouts(service, settings.timeout_s)
        self._name = settings.name
        self._service = service
        self._apprise = Apprise(asset=asset)
        self._apprise.add(service)
        self._secrets = _secrets(address, service)

    def send(self, message: Message) -> None:
        """Notify the service, in HTML where it prefers that."""
        in_html = _prefers_html(self._service)
        result = self._apprise.notify(
            title=message.title,
            body=message.html if in_html else message.text,
            body_format=NotifyFormat.HTML if in_html else NotifyFormat.TEXT,
            attach=self._attachment(message),
        )
        if not result:  # true on full success only
            raise AlertError(
                f'channel "{self._name}" ({self._service.service_name}): {self._explain(result)}', channel=self._name
            )

    def _attachment(self, message: Message) -> AppriseAttachment | None:
        """Give the picture, where the service can show one."""
        if message.picture is None or not self._service.attachment_support:
            return None
        picture = AttachMemory(content=message.picture.png, name="change.png", mimetype="image/png")  # type: ignore[no-untyped-call]  # it has none
        return AppriseAttachment(picture)

    def _explain(self, result: Any) -> str:
        """Say why it failed, in Apprise's words, without what is secret in the address."""
        said = [entry.message for one in result.results for attempt in one.attempts for entry in attempt.logs]
        text = one_line(said[-1]) if said else f"not delivered ({result.status.name.lower()})"
        return hide(text, self._secrets)


def _scheme(address: str) -> str:
    match = re.match(r"([a-z][a-z0-9+.-]{0,20})://", address, re.IGNORECASE)
    return f" (it begins with {match[1]}://)" if match else ' (it has no "://")'


def _set_timeouts(service: Any, timeout_s: float) -> None:
    """Apply our timeouts, unless the address has its own (`rto`, `cto`)."""
    kind = type(service)
    if service.socket_read_timeout == kind.socket_read_timeout:
        service.socket_read_timeout = timeout_s
    if service.socket_connect_timeout == kind.socket_connect_timeout:
        service.socket_connect_timeout = timeout_s


def _prefers_html(service: Any) -> bool:
    return bool(service.resolve_format() == NotifyFormat.HTML)  # what the address says, or the service's own choice


def _secrets(address: str, service: Any) -> list[str]:
    """List the pieces of an address that Apprise itself does not show, the longest first."""
    shown = set(_pieces(service.url(privacy=True)))
    hidden = {piece for piece in (*_pieces(address), *_pieces(service.url())) if piece not in shown}
    hidden |= {unquote(piece) for piece in hidden}
    return sorted(hidden)


def _pieces(address: str) -> list[str]:
    return re.split(r"[/:@?&=#,]+", address)
