"""Read `config.toml` into values, and name the offending key when that cannot be done.

`config.toml` at the top of the project explains every key; the defaults here are the defaults there.
Durations are strings such as "90s", "15m", "6h", "7d"; `${NAME}` in any string is replaced by the environment variable NAME.

    settings    what can be configured, as dataclasses: a field's name is the key, its type what is expected, its metadata the range
    tables      tables and values of TOML, by the dataclass that says what is expected
    checks      what no single key can say
    loading     the file as a whole

Computes only, except for `load_config`, which reads the file.
"""

from tracker.config.loading import DEFAULT_FILE, TERMINAL, load_config, parse_config
from tracker.config.settings import (
    Bucket,
    ChannelSettings,
    Config,
    FetchSettings,
    Keep,
    LogSettings,
    RuleSettings,
    ScheduleSettings,
    ServiceSettings,
    TemplateSettings,
    UnlessSettings,
    WatchSettings,
    WaybackSettings,
    WebSettings,
)
from tracker.config.tables import duration_s

__all__ = [
    "DEFAULT_FILE",
    "TERMINAL",
    "Bucket",
    "ChannelSettings",
    "Config",
    "FetchSettings",
    "Keep",
    "LogSettings",
    "RuleSettings",
    "ScheduleSettings",
    "ServiceSettings",
    "TemplateSettings",
    "UnlessSettings",
    "WatchSettings",
    "WaybackSettings",
    "WebSettings",
    "duration_s",
    "load_config",
    "parse_config",
]
