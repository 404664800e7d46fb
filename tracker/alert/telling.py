"""Who is told what: rules choose the channels, and each gets its message.

Computes only.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.alert.messages import Forms, compose_event, compose_message
from tracker.alert.rules import matching_event_rules, matching_rules, timetables
from tracker.alert.samples import sample_contexts
from tracker.alert.templates import compile_template
from tracker.config import ChannelSettings, Config, RuleSettings
from tracker.models import Change, Event, Message
from tracker.timetable import Timetable

Addressed = tuple[str, Message]
"""A channel, and what it is told."""


def messages_about(change: Change, config: Config, source: str | None = None) -> list[Addressed]:
    """Write the messages about a change.

    Args:
        change: The change.
        config: Rules and channels.
        source: The address of the feed that the article was found in.
    """
    wanted = _timetables(matching_rules(change, config.rules, source), config)
    return [(name, compose_message(change, name, gathered)) for name, gathered in wanted]


def messages_about_event(event: Event, config: Config, source: str | None = None) -> list[Addressed]:
    """Write the messages about an event."""
    wanted = _timetables(matching_event_rules(event, config.rules, source), config)
    return [(name, compose_event(event, name, gathered)) for name, gathered in wanted]


def _timetables(rules: list[RuleSettings], config: Config) -> list[tuple[str, str | None]]:
    channels = {channel.name: channel.deliver for channel in config.channels}
    return [(name, _gathered(found)) for name, found in timetables(rules, channels).items()]


def _gathered(timetable: Timetable) -> str | None:
    return timetable.text if timetable.gathers else None


def forms_of(channels: Iterable[ChannelSettings]) -> dict[str, Forms]:
    """Compile the templates of channels, by the channel's name.

    Raises:
        ConfigError: One of them is wrong; names its file or key, and the line.
    """
    return {channel.name: _forms(channel) for channel in channels}


def _forms(channel: ChannelSettings) -> Forms:
    given = {
        key: settings
        for key, settings in (
            ("title", channel.title),
            ("template", channel.template),
            ("template_html", channel.template_html),
        )
        if settings
    }
    samples = sample_contexts() if given else []
    compiled = {
        key: compile_template(settings, f"[channels.{channel.name}] {key}", samples, html=key == "template_html")
        for key, settings in given.items()
    }
    return Forms(compiled.get("title"), compiled.get("template"), compiled.get("template_html"))
