"""The form of a message: Jinja2 templates, the ones that ship and a user's own.

A template sees what a webhook gets, and a few lines made of it:

    title      one line                                article    url, headline, tags
    lines      one a fact; the first says what changed change     verdict, importance, disclosure, facts, not_before … or none
    summary    the verdict in words                    event      kind, detail … or none
    when       the bounds of the time, in words        follows    key of the message that this one amends, or none
    url        of the article                          follow_up  how it amends it, or none
    text       the message as it would be without a template

A template is the user's own, but what it shows is a stranger's: it runs in a sandbox, writes at most `LONGEST` characters, and HTML is escaped.
It is tried on samples when the program starts, so that a misspelt name is told then, with its file and line, and not at three in the morning.

Computes only; the templates that ship are read once.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Final

from tracker.config import TemplateSettings
from tracker.errors import ConfigError

if TYPE_CHECKING:
    from jinja2 import Environment, Template

LONGEST: Final = 60_000  # characters; most services take less
LONGEST_TITLE: Final = 200
PIECES: Final = 100_000  # that a template may write before it is stopped


@cache
def _environment(html: bool) -> Environment:
    from tracker.alert.templates.sandbox import make_environment  # Jinja2 takes a while to load

    return make_environment(html)


@cache
def shipped(name: str) -> Template:
    """Give a template that ships: "text" or "html"."""
    source = files(__package__).joinpath(f"{name}.j2").read_text(encoding="utf-8")
    return _environment(name == "html").from_string(source)


def compile_template(
    settings: TemplateSettings, place: str, samples: Sequence[Mapping[str, object]], *, html: bool
) -> Template:
    """Compile a user's own template, and try it.

    Args:
        settings: Its text, and the file that it comes from.
        place: The key that it stands under: "[channels.desk] template".
        samples: What it may have to show.
        html: What is shown is escaped.

    Raises:
        ConfigError: Names the file or key, the line, and what is wrong.
    """
    from jinja2 import TemplateSyntaxError

    where = str(settings.file) if settings.file else place
    try:
        compiled = _environment(html).from_string(settings.text)
    except TemplateSyntaxError as error:
        raise ConfigError(f"{where}, line {error.lineno}: {error.message}") from error
    for sample in samples:
        try:
            render(compiled, sample)
        except Exception as error:  # a template may fail in any way that Python can
            raise ConfigError(f"{where}, line {_line(error)}: {error}") from error
    return compiled


def render(template: Template, context: Mapping[str, object], longest: int = LONGEST) -> str:
    """Fill a template in; what is longer than it may be is cut.

    Raises:
        Exception: The template is wrong, in whatever way.
    """
    written: list[str] = []
    size = 0
    for piece in islice(template.generate(context), PIECES):
        written.append(piece)
        size += len(piece)
        if size > longest:
            return f"{''.join(written)[: longest - 1]}…"
    return "".join(written)


def _line(error: BaseException) -> int:
    """Find the line of a template that an error comes from: Jinja2 writes it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == "<template>"), 0)
