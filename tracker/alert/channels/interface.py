"""What a channel promises, and what all of them share.

Touches nothing itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, Protocol
from urllib.parse import quote, quote_plus

from tracker.models import Message


class Channel(Protocol):
    """A place that alerts go to; any number of threads may send at the same time."""

    def send(self, message: Message) -> None:
        """Deliver one message.

        Returns only when the other side has acknowledged it, or, for a file, when it is on disk.

        Raises:
            AlertError: It was not delivered, or not for certain; `permanent` says that trying again will not help.
        """


def body_of(message: Message) -> bytes:
    """Write the JSON that files, commands and webhooks get; plain ASCII, so that no page's character is at work in it."""
    return json.dumps(message.payload, separators=(",", ":")).encode("ascii")


SHORTEST_SECRET: Final = 3  # characters; hiding shorter ones would only garble the message


def hide(text: str, secrets: Iterable[str]) -> str:
    """Strike what is secret out of a message, as it is and as it is written in an address."""
    found = {form for secret in secrets for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))}
    for secret in sorted(found, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text


def one_line(text: str) -> str:
    """Make foreign words fit to stand in an error message."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= 200 else f"{line[:199]}…"
