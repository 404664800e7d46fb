"""The outbox: `alerts list`, `alerts test` and `alerts retry`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from tracker.cli.app import app
from tracker.cli.choices import choices
from tracker.cli.workspace import color, configuration, now, open_catalog, show, warn, width
from tracker.errors import AlertError, ConfigError
from tracker.models import DeliveryState

if TYPE_CHECKING:
    from tracker.config import Config

alerts = typer.Typer(
    help="See what was sent where, what waits, what failed and why; test the channels; try again.",
    epilog="Example: tracker alerts list --state parked",
    invoke_without_command=True,
)
app.add_typer(alerts, name="alerts")
Channels = Annotated[list[str] | None, typer.Argument(help="Names of channels.", show_default="all")]


@alerts.callback()
def default(context: typer.Context) -> None:
    """See what was sent where, what waits, what failed and why; test the channels; try again."""
    if context.invoked_subcommand is None:
        list_alerts(context)


@alerts.command("list", epilog="Example: tracker alerts list --state waiting --format json")
def list_alerts(
    context: typer.Context,
    state: Annotated[
        list[str] | None, choices(get_args(DeliveryState), "Only in this state; may be given several times.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only to this channel.", show_default="any")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 100,
    format: Annotated[Literal["text", "json"], typer.Option("--format", "-f", help="How to write it.")] = "text",
) -> None:
    """List alerts: when, to which channel, delivered or waiting or parked, and the last error."""
    from tracker.report.channels import render_channels
    from tracker.report.lists import deliveries_document, render_deliveries

    with open_catalog(configuration(context)) as catalog:
        found = catalog.deliveries(states=cast(list[DeliveryState] | None, state), channel=channel, limit=limit)
        states = [one for one in catalog.channel_states() if channel in (None, one.name)]
    if format == "json":
        show(deliveries_document(found))
    else:
        show(render_deliveries(found, now=now(), color=color(), width=width()))
        show(render_channels(states, now=now()))


@alerts.command("test", epilog="Example: tracker alerts test desk")
def send_test(context: typer.Context, channels: Channels = None) -> None:
    """Send a test message with a sample of a change to channels, now and without retry."""
    from tracker.alert.channels import build_channel
    from tracker.alert.messages import rewrite, test_message
    from tracker.alert.samples import sample_change
    from tracker.alert.telling import forms_of
    from tracker.pipeline.deliver import picture_of

    config = configuration(context)
    names = _known(config, channels)
    wanted = [one for one in config.channels if one.name in names]
    forms = forms_of(wanted)
    failed = None
    for settings in wanted:
        change = sample_change(now())
        message = rewrite(test_message(change, settings.name, now()), forms[settings.name])
        try:
            build_channel(settings).send(replace(message, picture=picture_of(change, settings)))
            show(f"{settings.name}: delivered\n")
        except AlertError as error:
            warn(str(error))
            failed = error
    if failed:
        raise typer.Exit(failed.exit_code)


@alerts.command(epilog="Example: tracker alerts retry desk")
def retry(context: typer.Context, channels: Channels = None) -> None:
    """Try parked alerts again: the service sends them, or the next `tracker check`."""
    config = configuration(context)
    with open_catalog(config) as catalog:
        names = _known(config, channels) if channels else [None]
        count = sum(catalog.retry(channel=name, now=now()) for name in names)
    show(f"{count} {'alert waits' if count == 1 else 'alerts wait'} to be sent again\n")


def _known(config: Config, wanted: list[str] | None) -> list[str]:
    """Check the names of channels; all of them where none is given.

    Raises:
        ConfigError: There is no channel of that name, or none at all.
    """
    names = [channel.name for channel in config.channels]
    if not names:
        raise ConfigError("there is no [channels.NAME] table in the configuration; config.toml shows how to write one")
    for name in wanted or []:
        if name not in names:
            raise ConfigError(f'there is no channel "{name}"; there are: {", ".join(names)}')
    return wanted or names
