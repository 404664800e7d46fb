"""The log: one line for each event, for people or for programs, without secrets.

A line of JSON has `at`, `level`, `event` and `message`, and what else the event is about: `article`, `channel`, `verdict`, …

Touches stderr.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final, Literal

LIBRARIES: Final = (
    "apscheduler",
    "urllib3",
    "trafilatura",
    "htmldate",
    "alembic",
    "apprise",
)  # whose words are not ours
PASSWORD: Final = re.compile(r"(?<=://)[^/\s?#@]+@")
SECRET: Final = re.compile(
    r"(?<=[?&;])([^=&;\s]*(?:token|key|secret|passw|auth|sig|session|credential)[^=&;\s]*)=[^&;#\s\"'<>)]+?(?=[:.,!]?(?:[&;#\s\"'<>)]|$))",
    re.IGNORECASE,
)
HIDDEN: Final = "***"


def set_up(format: Literal["text", "json"], handler: logging.Handler | None = None) -> None:  # noqa: A002  # named as in the configuration
    """Write all that is logged to stderr, or give it to a handler that shows it in another way."""
    if handler is None:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines() if format == "json" else TextLines("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.ERROR)


def say(log: logging.Logger, level: int, event: str, message: str, **about: object) -> None:
    """Log an event: a word for programs, a sentence for people, and what it is about."""
    log.log(level, "%s", message, extra={"event": event, "about": about})


def without_secrets(text: str) -> str:
    """Hide what stands in addresses for nobody but a server: a password, a token in the query."""
    return SECRET.sub(rf"\1={HIDDEN}", PASSWORD.sub(f"{HIDDEN}@", text)) if "://" in text or "?" in text else text


class TextLines(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one."""
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """Lines for programs: one JSON object each, a stack trace included."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "message"),
            "message": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        hidden = {key: without_secrets(value) if isinstance(value, str) else value for key, value in line.items()}
        return json.dumps(hidden, ensure_ascii=False, default=str)
