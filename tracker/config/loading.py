"""`config.toml` as a whole: read, put in its place beside other files, and checked.

Computes only, except for `load_config`, which reads the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tracker.config.checks import (
    check_archive,
    check_channel,
    check_listen,
    check_rule,
    check_schedule,
    check_watch,
    check_wayback,
    check_web,
    read_bucket,
)
from tracker.config.settings import ChannelSettings, Config, Sections, TemplateSettings
from tracker.config.tables import Place, Table, read_table
from tracker.errors import ConfigError

DEFAULT_FILE: Final = Path("config.toml")
TERMINAL: Final = Path("-")
LOCAL: Final = "local"  # the folder for what is of this machine alone, where the archive is in a bucket
TEMPLATES: Final = ("title", "template", "template_html")


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the configuration file.

    Args:
        path: The file; None for `config.toml` in the current folder, or the defaults where there is none.
        environ: Where `${NAME}` is looked up.

    Raises:
        ConfigError: The file cannot be read, or something in it is wrong; names file and key.
    """
    file = path or DEFAULT_FILE
    if path is None and not file.exists():
        return Config()
    try:
        # A byte order mark is what editors on Windows put in front; TOML itself knows none.
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        config = parse_config(data, environ, folder=file.parent)
        channels = (_with_templates(channel, _read_template_file) for channel in config.channels)
        return replace(config, channels=tuple(channels))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text (at byte {error.start}); save it as UTF-8") from error
    except ValueError as error:  # TOMLDecodeError, or a number of more digits than Python reads
        raise ConfigError(f"{file}: is not valid TOML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from error


def parse_config(data: Table, environ: Mapping[str, str], *, folder: Path) -> Config:
    """Turn what a TOML file says into settings.

    Args:
        data: The parsed file.
        environ: Where `${NAME}` is looked up.
        folder: What relative paths are relative to.

    Raises:
        ConfigError: Names the key, what was found and what is expected.
    """
    sections = read_table(Sections, data, Place(environ))
    check_archive(sections.archive)
    check_schedule(sections.schedule)
    check_web(sections.web)
    check_wayback(sections.wayback)
    for number, watch in enumerate(sections.watch, start=1):
        check_watch(watch, number)
    for channel in sections.channels.values():
        check_channel(channel)
    for number, rule in enumerate(sections.alert, start=1):
        check_rule(rule, number, tuple(sections.channels))
    check_listen(sections.service.listen)
    bucket = read_bucket(sections.archive)
    archive_folder = folder / (LOCAL if bucket else sections.archive.folder)
    return Config(
        archive_folder=archive_folder,
        bucket=bucket,
        min_free=sections.archive.min_free,
        keep=sections.archive.keep,
        timestamp_authority=sections.archive.timestamp_authority,
        timestamp_certificate=_place(sections.archive.timestamp_certificate, folder),
        database=_place_database(sections.catalog.database, folder) or f"{SQLITE}{archive_folder / 'catalog.sqlite'}",
        fetch=sections.fetch,
        schedule=sections.schedule,
        service=sections.service,
        log=sections.log,
        web=sections.web,
        wayback=sections.wayback,
        watch=sections.watch,
        channels=tuple(_place_channel(channel, folder) for channel in sections.channels.values()),
        rules=sections.alert,
    )


SQLITE: Final = "sqlite:///"  # followed by a path, which is absolute when it begins with a fourth slash (SQLAlchemy)


def _place(path: Path | None, folder: Path) -> Path | None:
    return folder / path if path else None


def _place_database(address: str | None, folder: Path) -> str | None:
    if address is None or not address.startswith(SQLITE) or address == f"{SQLITE}:memory:":
        return address
    return f"{SQLITE}{folder / address.removeprefix(SQLITE)}"


def _place_channel(channel: ChannelSettings, folder: Path) -> ChannelSettings:
    channel = _with_templates(channel, lambda _key, template: _place_template(template, folder))
    if channel.file is not None and channel.file != TERMINAL:
        return replace(channel, file=folder / channel.file)
    if channel.atom is not None:
        return replace(channel, atom=folder / channel.atom)
    if channel.command:
        program, *arguments = channel.command
        if "/" in program and not program.startswith("/"):  # a bare name is looked up in PATH
            return replace(channel, command=(f"{folder}/{program}", *arguments))
    return channel


def _place_template(template: TemplateSettings, folder: Path) -> TemplateSettings:
    return replace(template, file=folder / template.file) if template.file else template


def _with_templates(
    channel: ChannelSettings, change: Callable[[str, TemplateSettings], TemplateSettings]
) -> ChannelSettings:
    """Do something to each template of a channel."""
    found = {key: template for key in TEMPLATES if (template := getattr(channel, key))}
    changed: dict[str, Any] = {key: change(f"[channels.{channel.name}] {key}", one) for key, one in found.items()}
    return replace(channel, **changed)


def _read_template_file(place: str, template: TemplateSettings) -> TemplateSettings:
    """Read a template's text, where it is in a file.

    Raises:
        ConfigError: The file cannot be read.
    """
    if template.file is None:
        return template
    try:
        return replace(template, text=template.file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{place} is the file {template.file}, which cannot be read: {reason}") from error
