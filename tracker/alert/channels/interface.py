"""What a channel promises, and what all of them share.

Touches nothing itself.
"""

from __future__ import annotations

import json
from typing import Protocol

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


def one_line(text: str) -> str:
    """Make foreign words fit to stand in an error message."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= 200 else f"{line[:199]}…"
