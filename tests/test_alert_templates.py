"""A message can be written in one's own words; what is wrong in a template is named when the program starts, with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alert_samples import DEATHS, LOCATION, URL, change

from tracker.alert.messages import SHIPPED, Forms, compose_message, rewrite
from tracker.alert.telling import forms_of
from tracker.alert.templates import LONGEST
from tracker.alert.templates import __file__ as folder
from tracker.config import ChannelSettings, TemplateSettings, load_config
from tracker.errors import ConfigError
from tracker.models import Message

MESSAGE = compose_message(change(LOCATION, DEATHS), "desk")


def forms(**templates: str) -> Forms:
    settings = {key: TemplateSettings(text) for key, text in templates.items()}
    return forms_of([ChannelSettings("desk", file=Path("-"), **settings)])["desk"]  # type: ignore[arg-type]


def written(message: Message = MESSAGE, **templates: str) -> Message:
    return rewrite(message, forms(**templates))


def refusal(**templates: str) -> str:
    with pytest.raises(ConfigError) as caught:
        forms(**templates)
    return str(caught.value)


def test_template_sees_what_a_webhook_gets():
    template = (
        "{{ article.headline }} ({{ article.tags | join(', ') }}): {% if change %}{{ change.verdict }}, {{ change.importance }}"
        "{% for fact in change.facts %}; {{ fact.kind }} {{ fact.old }} to {{ fact.new }}{% endfor %}{% endif %} {{ url }}"
    )

    assert written(template=template).text == (
        "Air strike kills commander (afghanistan): substantive, 3; location Darzab district to Bal Chiragh district, Faryab; "
        f"number 12 to 22 {URL}"
    )


def test_title_text_and_html_are_each_written_anew():
    message = written(
        title="[{{ lines[0] }}]",
        template="{{ title }}|{{ summary }}|{{ when }}",
        template_html="<i>{{ lines[-1] }}</i>",
    )

    assert message.title.startswith("[Location: Darzab district → ")
    assert message.text.startswith(
        "Location, number changed: Air strike kills commander|Substantive change, importance 3 of 3"
    )
    assert message.text.endswith("|Changed between 10:41 and 10:56 UTC on April 9, 2018.")
    assert message.html == "<i>Number: 12 → 22 (killed)</i>"
    assert (message.key, message.payload, message.importance) == (MESSAGE.key, MESSAGE.payload, 3)


def test_without_templates_the_message_is_as_it_was():
    assert forms() == SHIPPED
    assert rewrite(MESSAGE, forms()) is MESSAGE


def test_templates_that_ship_may_be_copied():
    shipped = {
        key: Path(folder).with_name(name).read_text()
        for key, name in (("template", "text.j2"), ("template_html", "html.j2"))
    }

    message = written(**shipped)

    assert (message.text, message.html) == (MESSAGE.text, MESSAGE.html)


def test_words_of_a_page_are_never_markup_nor_template():
    hostile = compose_message(change(replace(DEATHS, new="{{ 7 * 7 }}<b>"), headline="{% raw %}<script>"), "desk")

    message = written(hostile, template="{{ lines[0] }}", template_html="{{ article.headline }}")

    assert message.text == "Number: 12 → {{ 7 * 7 }}<b> (killed)"
    assert message.html == "{% raw %}&lt;script&gt;"


def test_title_stays_a_line_and_is_never_empty():
    assert written(title="a\n{{ url }}\nb").title == f"a {URL} b"
    assert written(title="{{ '' }}").title == MESSAGE.title


WRONG = {
    "a syntax error": ("a\nb {{ change", "line 2: "),
    "an unknown variable": ("a\n\n{{ chnage }}", "line 3: 'chnage' is undefined"),
    "an unknown key": (
        "{% if change %}\n{{ change.verdickt }}{% endif %}",
        "line 2: 'dict object' has no attribute 'verdickt'",
    ),
    "an unknown key of a fact": (
        "{% if change %}{% for f in change.facts %}\n{{ f.where }}{% endfor %}{% endif %}",
        "line 2: ",
    ),
    "a variable that only some messages have": ("{{ change.verdict }}", "line 1: "),
    "an unknown filter": ("{{ url | shout }}", "line 1: No filter named 'shout'"),
    "a division by nothing": ("{{ 1 / 0 }}", "line 1: division by zero"),
    "another file": ("{% include '/etc/passwd' %}", "line 1: "),
    "a way out": ("{{ url.__class__.__mro__ }}", "line 1: "),
    "another way out": ("{{ ''.format.__globals__ }}", "line 1: "),
    "a change of what it is given": ("{% set _ = lines.append('x') %}", "line 1: "),
    "a range without end": ("{% for n in range(10 ** 9) %}{% endfor %}", "line 1: range is longer than 1000"),
    "a product without end": ("{{ 'x' * 10 ** 9 }}", "line 1: * makes something too large"),
    "a power without end": ("{{ 9 ** 99 }}", "line 1: ** makes something too large"),
}


@pytest.mark.parametrize(("template", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_with_its_key_and_line(template: str, said: str):
    assert f"[channels.desk] template, {said}" in refusal(template=template)
    assert refusal(template_html=template).startswith("[channels.desk] template_html, line ")


def test_what_is_wrong_in_a_file_is_named_with_the_file(tmp_path: Path):
    (tmp_path / "alert.j2").write_text("Hello\n{{ nobody }}")
    (tmp_path / "config.toml").write_text('[channels.desk]\nfile = "-"\ntemplate = "alert.j2"\n')

    config = load_config(tmp_path / "config.toml", {})

    with pytest.raises(ConfigError, match=r"alert\.j2, line 2: 'nobody' is undefined"):
        forms_of(config.channels)


def test_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "config.toml").write_text('[channels.desk]\nfile = "-"\ntemplate = "none.j2"\n')

    with pytest.raises(
        ConfigError, match=r"\[channels\.desk\] template is the file .*none\.j2, which cannot be read: No such file"
    ):
        load_config(tmp_path / "config.toml", {})


def test_message_has_a_length():
    assert len(written(template="{% for n in range(999) %}{{ text }}{% endfor %}").text) == LONGEST


def test_template_that_fails_later_on_costs_no_message():
    """What its samples did not show, a change may."""
    template = "{% if change and change.facts | length > 1 %}{{ change.facts[7].kind }}{% endif %}"

    message = written(template=template, title=template, template_html=template)

    assert message.text.startswith(MESSAGE.text)
    assert message.text.endswith("(The template of this channel could not be filled in: list object has no element 7)")
    assert (message.title, message.html) == (MESSAGE.title, MESSAGE.html)
