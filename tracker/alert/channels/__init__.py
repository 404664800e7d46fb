"""Deliver finished messages: one file for each kind of channel, all behind `interface.Channel`.

To add a kind: a file with a class that has `send`, a field in `ChannelSettings`, a line in `KINDS`.
A kind is imported when a channel of it is built: some take longer to load than the rest of the program.

Touches the network, files and other programs.  Contains no business logic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Final, cast

from tracker.alert.channels.interface import Channel
from tracker.config import ChannelSettings
from tracker.errors import AlertError, ConfigError
from tracker.models import Delivery

__all__ = ["Channel", "build_channel", "build_channels", "deliver"]

KINDS: Final = {
    "apprise": "AppriseChannel",
    "smtp": "MailChannel",
    "webhook": "WebhookChannel",
    "file": "FileChannel",
    "atom": "AtomChannel",
    "command": "CommandChannel",
}
"""The key that gives an address is the name of the module; the class in it is made from the settings."""


def build_channel(settings: ChannelSettings) -> Channel:
    """Make the channel that a `[channels.NAME]` table describes; nothing is connected yet.

    Raises:
        ConfigError: The address does not parse; names the channel and keeps its secrets.
    """
    for key, name in KINDS.items():
        if getattr(settings, key) is not None:
            kind = getattr(import_module(f"tracker.alert.channels.{key}"), name)
            return cast(Channel, kind(settings))
    raise ConfigError(f"[channels.{settings.name}] has no address; expected one of {', '.join(KINDS)}")


def build_channels(settings: Iterable[ChannelSettings]) -> dict[str, Channel]:
    """Make all channels, by name."""
    return {one.name: build_channel(one) for one in settings}


def deliver(channels: Mapping[str, Channel], delivery: Delivery) -> None:
    """Send what waits in a row of the outbox.

    Raises:
        AlertError: It was not delivered.
    """
    channel = channels.get(delivery.channel)
    if channel is None:
        raise AlertError(
            f'there is no channel "{delivery.channel}" in the configuration any more; '
            "put it back and run `tracker alerts retry`",
            channel=delivery.channel,
            permanent=True,
        )
    channel.send(delivery.message)
