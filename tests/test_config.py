"""config.toml becomes settings; what is wrong in it is named with its place and what would be right."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import fields, replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.config import (
    ChannelSettings,
    Config,
    FetchSettings,
    RuleSettings,
    ScheduleSettings,
    ServiceSettings,
    TemplateSettings,
    UnlessSettings,
    WatchSettings,
    WebSettings,
    load_config,
    parse_config,
)
from tracker.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.toml"
HERE = Path()


def parse(text: str, environ: dict[str, str] | None = None, folder: Path = HERE) -> Config:
    return parse_config(tomllib.loads(text), environ or {}, folder=folder)


def refuse(text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, environ)
    return str(caught.value)


# --- what is read ---------------------------------------------------------------------------------


def test_empty_configuration_is_the_defaults():
    assert parse("") == Config()


def test_every_section_is_read():
    config = parse(
        """
        [archive]
        folder = "kept"
        [fetch]
        timeout_s = 5
        max_bytes = 1_000
        robots = false
        contact = "desk@example.org"
        allow_hosts = ["127.0.0.1:8000"]
        [schedule]
        shortest = "90s"
        longest = "1.5d"
        [service]
        workers = 2
        stop_within = "0s"
        [[watch]]
        address = "https://example.org/a"
        [[watch]]
        address = "https://example.org/feed"
        as = "feed"
        tags = ["war", "asia"]
        links = "/2018/*"
        limit = 30
        [channels.desk]
        webhook = "https://example.org/hook"
        secret = "s3cret"
        [channels.script]
        command = ["notify", "-v"]
        timeout_s = 3
        [[alert]]
        name = "where and who"
        channels = ["desk", "script"]
        verdict = ["substantive", "minor"]
        importance = 2
        kinds = ["location", "attribution"]
        disclosure = ["undisclosed"]
        tags = ["war"]
        """
    )

    assert config == Config(
        archive_folder=Path("kept"),
        database="sqlite:///kept/catalog.sqlite",
        fetch=FetchSettings(
            timeout_s=5.0, max_bytes=1000, robots=False, contact="desk@example.org", allow_hosts=("127.0.0.1:8000",)
        ),
        schedule=ScheduleSettings(shortest=timedelta(seconds=90), longest=timedelta(hours=36)),
        service=ServiceSettings(workers=2, stop_within=timedelta()),
        watch=(
            WatchSettings("https://example.org/a"),
            WatchSettings("https://example.org/feed", kind="feed", tags=("war", "asia"), links="/2018/*", limit=30),
        ),
        channels=(
            ChannelSettings("desk", webhook="https://example.org/hook", secret="s3cret"),
            ChannelSettings("script", command=("notify", "-v"), timeout_s=3.0),
        ),
        rules=(
            RuleSettings(
                name="where and who",
                channels=("desk", "script"),
                verdict=("substantive", "minor"),
                importance=2,
                kinds=("location", "attribution"),
                disclosure=("undisclosed",),
                tags=("war",),
            ),
        ),
    )


DURATIONS = {
    "seconds": ("90s", timedelta(seconds=90)),
    "minutes": ("15m", timedelta(minutes=15)),
    "hours": ("6h", timedelta(hours=6)),
    "days": ("7d", timedelta(days=7)),
    "a fraction": ("0.5h", timedelta(minutes=30)),
    "a space before the unit": ("2 h", timedelta(hours=2)),
}


@pytest.mark.parametrize(("written", "meant"), DURATIONS.values(), ids=DURATIONS.keys())
def test_durations_are_a_number_and_a_unit(written: str, meant: timedelta):
    assert parse(f'[schedule]\nfeeds = "{written}"').schedule.feeds == meant


def test_paths_are_relative_to_the_configuration_file():
    text = """
        [archive]
        folder = "kept"
        [channels.log]
        file = "alerts.jsonl"
        [channels.elsewhere]
        file = "/var/log/alerts.jsonl"
        [channels.screen]
        file = "-"
        """

    config = parse(text, folder=Path("/etc/tracker"))

    assert config.archive_folder == Path("/etc/tracker/kept")
    assert config.database == "sqlite:////etc/tracker/kept/catalog.sqlite"
    assert [channel.file for channel in config.channels] == [
        Path("/etc/tracker/alerts.jsonl"),
        Path("/var/log/alerts.jsonl"),
        Path("-"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("./on-change", "/etc/tracker/./on-change", id="beside the file"),
        pytest.param("/usr/bin/on-change", "/usr/bin/on-change", id="absolute"),
        pytest.param("on-change", "on-change", id="bare name, to be looked up"),
    ],
)
def test_command_is_relative_to_the_configuration_file_unless_it_is_a_bare_name(written: str, meant: str):
    config = parse(f'[channels.a]\ncommand = ["{written}", "-v"]', folder=Path("/etc/tracker"))

    assert config.channels[0].command == (meant, "-v")


def test_command_beside_a_file_in_the_current_folder_stays_a_path():
    assert parse('[channels.a]\ncommand = ["./on-change"]').channels[0].command == ("././on-change",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("sqlite:///c.sqlite", "sqlite:////etc/tracker/c.sqlite", id="relative file"),
        pytest.param("sqlite:////var/c.sqlite", "sqlite:////var/c.sqlite", id="absolute file"),
        pytest.param("sqlite:///:memory:", "sqlite:///:memory:", id="memory"),
        pytest.param("postgresql+psycopg://db/t", "postgresql+psycopg://db/t", id="a server"),
    ],
)
def test_database_file_is_relative_to_the_configuration_file_too(written: str, meant: str):
    config = parse(f'[catalog]\ndatabase = "{written}"', folder=Path("/etc/tracker"))

    assert config.database == meant


def test_environment_variables_are_filled_into_strings_and_lists():
    config = parse(
        """
        [channels.desk]
        apprise = "mailto://${USER}:${PASS}@example.org"
        [[watch]]
        address = "https://example.org/${TOPIC}"
        tags = ["${TOPIC}", "$TOPIC"]
        """,
        {"USER": "desk", "PASS": "a${b}", "TOPIC": "war"},
    )

    assert config.channels[0].apprise == "mailto://desk:a${b}@example.org"
    assert config.watch[0] == WatchSettings("https://example.org/war", tags=("war", "$TOPIC"))


# --- what is refused ------------------------------------------------------------------------------

CHANNEL = '[channels.desk]\nfile = "-"\n'
RULE = f'{CHANNEL}[[alert]]\nname = "x"\nchannels = ["desk"]\n'

REFUSED = {
    "a key with a typing error": ("[fetch]\ntimeuot_s = 3", "[fetch] timeuot_s is not a key; did you mean timeout_s?"),
    "a key far from any": ("[archive]\nzzz = 3", "[archive] zzz is not a key; there is folder"),
    "a section with a typing error": ("[fetsh]", "[fetsh] is not a section; did you mean [fetch]?"),
    "a key of a watch": (
        '[[watch]]\naddress = "a"\n[[watch]]\naddress = "b"\ntag = ["c"]',
        "[[watch]] #2 tag is not a key; did you mean tags?",
    ),
    "a key of a channel": (
        '[channels.desk]\nwebhok = "x"',
        "[channels.desk] webhok is not a key; did you mean webhook?",
    ),
    "the internal name of a key": ('[[watch]]\naddress = "a"\nkind = "feed"', "[[watch]] #1 kind is not a key"),
    "a channel that gives itself a name": (CHANNEL + 'name = "x"', "[channels.desk] name is not a key"),
    "a string for a number": ('[fetch]\ntimeout_s = "x"', '[fetch] timeout_s is "x" (a string); expected a number'),
    "a truth value for a number": (
        "[fetch]\nmax_bytes = true",
        "[fetch] max_bytes is true (a boolean); expected a whole number",
    ),
    "a truth value for seconds": ("[fetch]\ndelay_s = true", "expected a number"),
    "a fraction for a whole number": ("[service]\nworkers = 1.5", "is 1.5 (a number); expected a whole number"),
    "a string for a truth value": ('[fetch]\nrobots = "yes"', "expected true or false, without quotation marks"),
    "a number for a string": ("[fetch]\ncontact = 7", "[fetch] contact is 7 (a whole number); expected a string"),
    "a string for a list": ('[fetch]\nallow_hosts = "a"', 'expected a list, such as ["a", "b"]'),
    "a number inside a list": ("[fetch]\nallow_hosts = [1]", "[fetch] allow_hosts is 1 (a whole number)"),
    "a number for a duration": (
        "[schedule]\nfeeds = 15",
        "[schedule] feeds is 15 (a whole number); expected a duration",
    ),
    "a duration without unit": ('[schedule]\nfeeds = "15"', '[schedule] feeds is "15" (a string); expected a duration'),
    "a date for a duration": ("[schedule]\nfeeds = 2018-04-09", "[schedule] feeds is a date or time; expected a dur"),
    "a duration past the calendar": ('[schedule]\nfeeds = "9999999999d"', 'expected at most "36500d"'),
    "no duration at all": ('[schedule]\nfeeds = "0s"', "expected more than 0"),
    "a negative number": ("[fetch]\ndelay_s = -1", "[fetch] delay_s is -1 (a whole number); expected at least 0"),
    "infinite patience": ("[fetch]\ntimeout_s = inf", "expected at most 86400"),
    "not a number": ("[schedule]\njitter = nan", "expected at least 0"),
    "a number of 400 digits": (f"[fetch]\ntimeout_s = 1{'0' * 400}", "expected at most 86400"),
    "shortest after longest": ('[schedule]\nshortest = "8d"', "[schedule] shortest is longer than longest"),
    "a value where a section stands": ("fetch = 3", "[fetch] is a whole number; expected a table, written [fetch]"),
    "single brackets around watch": ('[watch]\naddress = "x"', "[watch] is a table; write each one as [[watch]]"),
    "a list of strings as watch": ('watch = ["x"]', "[watch] is a list; write each one as [[watch]]"),
    "a list of channels": ("channels = []", "[channels] is a list; expected one table a channel"),
    "a watch without address": ("[[watch]]", "[[watch]] #1 has no address"),
    "an unknown kind of watch": (
        '[[watch]]\naddress = "a"\nas = "fed"',
        '"fed" is not one of article, feed, sitemap, section; did you',
    ),
    "a section without links": (
        '[[watch]]\naddress = "a"\nas = "section"',
        "[[watch]] #1 is a section, which needs links",
    ),
    "an empty pattern of links": (
        '[[watch]]\naddress = "a"\nlinks = ""',
        "[[watch]] #1 links is empty; expected a pattern",
    ),
    "links of an article": (
        '[[watch]]\naddress = "a"\nas = "article"\nlinks = "/*"',
        "[[watch]] #1 links chooses among the articles of a feed",
    ),
    "a limit of an article": (
        '[[watch]]\naddress = "a"\nas = "article"\nlimit = 3',
        "[[watch]] #1 limit chooses among the articles of a feed",
    ),
    "a limit of nothing": ('[[watch]]\naddress = "a"\nlimit = 0', "expected at least 1"),
    "an empty path": ('[archive]\nfolder = ""', "expected a path"),
    "a variable that is not set": (
        '[[watch]]\naddress = "${WHERE}"',
        "[[watch]] #1 address needs the environment variable WHERE, which is not set",
    ),
    "a channel without address": (
        "[channels.desk]",
        "[channels.desk] has no address; expected exactly one of apprise,",
    ),
    "a channel with two addresses": (CHANNEL + 'webhook = "b"', "[channels.desk] has webhook and file; expected"),
    "a secret without webhook": (CHANNEL + 'secret = "s"', "[channels.desk] secret signs what a webhook gets"),
    "an empty command": ("[channels.desk]\ncommand = []", "[channels.desk] command is empty"),
    "an unknown channel": (
        CHANNEL + '[[alert]]\nname = "x"\nchannels = ["dsek"]',
        '[[alert]] #1 channels names "dsek", but there is no [channels.dsek]; did you mean desk?',
    ),
    "a rule without channels": (
        CHANNEL + '[[alert]]\nname = "x"\nchannels = []',
        "expected at least one channel: desk",
    ),
    "an unknown verdict": (
        RULE + 'verdict = ["substantial"]',
        '[[alert]] #1 verdict "substantial" is not one of substantive, minor, cosmetic, unchanged, different_story; did you mean substantive?',
    ),
    "an unknown kind": (RULE + 'kinds = ["locaton"]', "did you mean location?"),
    "an unknown disclosure": (RULE + 'disclosure = ["hidden"]', "is not one of disclosed, dated, undisclosed"),
    "an importance of four": (
        RULE + "importance = 4",
        "[[alert]] #1 importance is 4 (a whole number); expected at most 3",
    ),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_mistake_is_named_with_its_place_and_what_is_expected(text: str, said: str):
    assert said in refuse(text)


MAIL = '[channels.a]\nsmtp = "smtp://mail.example.org"\n'
TO_A = '[channels.a]\nfile = "-"\n[[alert]]\nname = "n"\nchannels = ["a"]\n'
FILE = '[channels.a]\nfile = "-"\n'
ALERTING = {
    "a timetable": (
        f'{FILE}deliver = "weekly"',
        '[channels.a] deliver is "weekly" (a string); expected "immediate", "hourly" or "daily at 08:00 Europe/Berlin"',
    ),
    "a time zone": (f'{FILE}deliver = "daily at 08:00 Berlin"', 'there is no "Berlin"'),
    "quiet hours": (f'{FILE}quiet = "at night"', "[channels.a] quiet is"),
    "a rate": (f'{FILE}rate = "often"', "[channels.a] rate is"),
    "urgent without quiet": (f"{FILE}urgent = 3", "there is no quiet"),
    "mail to nobody": (f'{MAIL}from = "a@example.org"', "[channels.a] sends mail, which needs from = "),
    "mail from nobody": (f'{MAIL}to = ["a@example.org"]', "[channels.a] sends mail, which needs from = "),
    "a recipient of a file": (f'{FILE}to = ["a@example.org"]', "to is of a channel with smtp; one with file has no"),
    "a sender of a file": (f'{FILE}from = "a@example.org"', "from is of a channel with smtp"),
    "an empty template": (f'{FILE}template = " "', "[channels.a] template is"),
    "a pattern": (f"{TO_A}patterns = ['a(b']", '[[alert]] #1 patterns "a(b" is not a regular expression: '),
    "a pattern that is everywhere": (f"{TO_A}patterns = ['x*']", "is found in every text"),
    "a pattern without end": (f"{TO_A}patterns = ['{'x' * 501}']", "has one of 501 characters; the most is 500"),
    "a pattern of what is left out": (f"{TO_A}[alert.unless]\npatterns = ['[']", '[[alert]] #1 unless.patterns "["'),
    "an empty name": (f'{TO_A}entities = ["Hekmat", " "]', "[[alert]] #1 entities has an empty name"),
    "nothing left out": (f"{TO_A}[alert.unless]\n", "[[alert]] #1 unless says nothing"),
    "a wrong key of what is left out": (
        f"{TO_A}[alert.unless]\nkind = ['quote']",
        "kind is not a key; did you mean kinds?",
    ),
    "a misspelt key": (f'{FILE}template_htm = "x"', "did you mean template_html?"),
}


@pytest.mark.parametrize(("text", "said"), ALERTING.values(), ids=ALERTING.keys())
def test_what_is_wrong_about_alerts_is_named(text: str, said: str):
    assert said in refuse(text)


def test_everything_about_alerts_is_read():
    config = parse(
        MAIL
        + r"""
        from = "Tracker <t@example.org>"
        to = ["a@example.org"]
        deliver = "daily at 08:00 Europe/Berlin"
        quiet = "22:00-07:00 Europe/Berlin"
        urgent = 3
        rate = "30 per minute"
        follow_up = "0s"
        title = "{{ lines[0] }}"
        template = "mail/text.j2"
        picture = false
        [channels.feed]
        atom = "alerts.xml"
        [[alert]]
        name = "n"
        channels = ["a", "feed"]
        sources = ["example.org"]
        entities = ["Qari Hekmat"]
        patterns = ['\bkilled\b']
        deliver = "hourly"
        [alert.unless]
        kinds = ["quote"]
        """,
        folder=Path("/etc/tracker"),
    )

    mail, feed = config.channels
    (rule,) = config.rules
    assert (mail.deliver.at, mail.deliver.zone) == (time(8), "Europe/Berlin")
    assert mail.quiet
    assert mail.rate
    assert (mail.quiet.start, mail.quiet.end, mail.urgent, mail.rate.most) == (time(22), time(7), 3, 30)
    assert (mail.follow_up, mail.picture) == (timedelta(), False)
    assert mail.title == TemplateSettings("{{ lines[0] }}")
    assert mail.template == TemplateSettings("", Path("/etc/tracker/mail/text.j2"))
    assert feed.atom == Path("/etc/tracker/alerts.xml")
    assert (rule.sources, rule.entities, rule.patterns) == (("example.org",), ("Qari Hekmat",), (r"\bkilled\b",))
    assert rule.deliver
    assert (rule.deliver.hourly, rule.unless) == (True, UnlessSettings(kinds=("quote",)))


def test_template_keeps_its_braces_and_dollars():
    (channel,) = parse("[channels.a]\nfile = '-'\ntemplate = '''${{ url }}\n${NAME}'''").channels

    assert channel.template == TemplateSettings("${{ url }}\n${NAME}")


SECRETIVE = {
    "a secret of the wrong type": "[channels.desk]\nsecret = 90210",
    "an address of the wrong type": "[channels.desk]\nwebhook = 90210",
    "an address in place of the table": '[channels]\ndesk = "mailto://desk:90210@example.org"',
    "a secret where it has no use": '[channels.desk]\nfile = "-"\nsecret = "90210"',
    "an unset variable beside a password": '[channels.desk]\napprise = "mailto://${USER}:90210@example.org"',
    "a command of the wrong type": '[channels.desk]\ncommand = "notify --token 90210"',
    "a database of the wrong type": "[catalog]\ndatabase = 90210",
}


@pytest.mark.parametrize("text", SECRETIVE.values(), ids=SECRETIVE.keys())
def test_messages_keep_secrets(text: str):
    assert "90210" not in refuse(text)


def test_repr_keeps_secrets():
    config = parse(
        """
        [catalog]
        database = "postgresql://tracker:90210@db/tracker"
        [channels.a]
        apprise = "mailto://desk:90210@example.org"
        [channels.b]
        webhook = "https://example.org/90210"
        secret = "90210"
        [channels.c]
        command = ["notify", "90210"]
        """
    )

    assert "90210" not in repr(config)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=5,
    ),
    st.sampled_from([spec.name for spec in fields(FetchSettings)]),
)
def test_no_value_is_met_with_anything_but_settings_or_our_own_error(value: object, key: str):
    with suppress(ConfigError):
        assert isinstance(parse_config({"fetch": {key: value}}, {}, folder=HERE), Config)


# --- the file -------------------------------------------------------------------------------------


def test_missing_default_file_means_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    assert load_config(None, {}) == Config()


def test_config_toml_in_the_current_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "config.toml").write_text('[archive]\nfolder = "${KEPT}"')
    monkeypatch.chdir(tmp_path)

    assert load_config(None, {"KEPT": "kept"}).archive_folder == Path("kept")


def test_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xef\xbb\xbf[service]\nworkers = 3")

    assert load_config(file, {}).service.workers == 3


UNREADABLE = {
    "not TOML": (b"[fetch]\ntimeout_s == 3\n", "is not valid TOML: .*line 2"),
    "a key twice": (b"[fetch]\nrobots = true\nrobots = true\n", "is not valid TOML: .*line 3"),
    "not UTF-8": (b"[archive]\nfolder = '\xff'", r"is not UTF-8 text \(at byte 20\)"),
    "a number that Python does not read": (b"[fetch]\nmax_bytes = 1" + b"0" * 5000, "is not valid TOML"),
    "a wrong key": (b"[fetch]\ntimeuot_s = 3", r"mine.toml: \[fetch\] timeuot_s is not a key; did you mean timeout_s"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_message_names_the_file(tmp_path: Path, content: bytes, said: str):
    file = tmp_path / "mine.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=said) as caught:
        load_config(file, {})

    assert str(caught.value).startswith(f"{file}: ")


def test_file_that_was_asked_for_must_be_there(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"mine\.toml: cannot be read: No such file"):
        load_config(tmp_path / "mine.toml", {})


# --- the example ----------------------------------------------------------------------------------


def test_example_has_the_defaults_and_tells_the_screen():
    config = parse(EXAMPLE.read_text())

    assert replace(config, watch=(), channels=(), rules=()) == Config()
    assert config.channels == (ChannelSettings("screen", file=Path("-")),)
    assert config.rules == (RuleSettings("a fact changed", ("screen",)),)


def test_example_is_right_when_every_line_of_it_is_switched_on():
    text = re.sub(r"(?m)^# (?=\[|\w+ = )", "", EXAMPLE.read_text())

    config = parse(text, {"MAIL_PASSWORD": "p", "NEWSROOM_SECRET": "s", "TRACKER_TOKEN": "a token long enough"})

    unset = {"watch": (), "channels": (), "rules": (), "timestamp_authority": None, "timestamp_certificate": None}
    schedule = replace(config.schedule, most_per_hour=None)
    service = replace(config.service, listen=None)
    assert (
        replace(config, **unset, fetch=FetchSettings(), web=WebSettings(), schedule=schedule, service=service)
        == Config()
    )
    assert [channel.name for channel in config.channels] == ["screen", "desk", "mail", "feed", "newsroom", "script"]
    assert [watch.kind for watch in config.watch] == ["article", "section"]
    assert config.watch[1].links == "/2018/*"


@pytest.mark.parametrize(
    "kind",
    [FetchSettings, ScheduleSettings, ServiceSettings, WatchSettings, ChannelSettings, RuleSettings, UnlessSettings],
    ids=lambda kind: kind.__name__,
)
def test_example_explains_every_key(kind: type):
    keys = {spec.metadata.get("key", spec.name) for spec in fields(kind)}
    written = set(re.findall(r"(?m)^(?:# )?(?:\[alert\.)?(\w+)(?: = |\])", EXAMPLE.read_text()))

    assert keys <= written
