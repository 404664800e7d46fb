"""Many messages in one: what a reader gets who asked to be told once an hour, or once a day.

Computes only.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

from tracker.alert.messages import SCHEMA, lines_of
from tracker.models import Message

RULE: Final = "\n\n— — —\n\n"


def gather(messages: Sequence[Message], key: str) -> Message:
    """Put messages into one; a single one stays as it is, but for its key.

    Args:
        messages: In the order that they are shown.
        key: Of the whole: the same each time these are tried together.
    """
    articles = {_article(message) for message in messages}
    title = f"{_count(len(messages), 'alert')} about {_count(len(articles), 'article')}"
    contents = "\n".join(f"{number}. {lines_of(message)[0]}" for number, message in enumerate(messages, start=1))
    items = "".join(f"<li>{html.escape(lines_of(message)[0])}</li>" for message in messages)
    payload: dict[str, object] = {"schema": SCHEMA, "key": key, "digest": [message.payload for message in messages]}
    return Message(
        key=key,
        title=title,
        text=RULE.join([f"{title}:\n{contents}", *(message.text for message in messages)]),
        html="\n<hr>\n".join([f"<p>{title}:</p>\n<ol>{items}</ol>", *(message.html for message in messages)]),
        payload=payload,
        importance=max(message.importance for message in messages),
    )


def _article(message: Message) -> str:
    article = message.payload.get("article")
    return str(article["url"]) if isinstance(article, dict) else message.key


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
