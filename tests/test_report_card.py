"""A picture of a change shows what changed, whatever a page says, and says in words what it shows."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

import pytest
from PIL import Image
from report_samples import ATTACKS, EVERY, april_9, cosmetic, flood, hostile

from tracker.errors import ConfigError
from tracker.models import Change
from tracker.report.card import DARK, LIGHT, Palette, alt_text, card
from tracker.report.lettering import draw_line, is_leftwards, line_width, set_lines


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def titled(headline: str) -> Change:
    return replace(april_9(), new=replace(april_9().new, headline=headline))


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("dark", [False, True])
def test_every_change_has_its_picture(make, dark):
    image = opened(card(make(), dark))

    assert (image.format, image.size, image.mode) == ("PNG", (1200, 675), "RGB")
    assert image.getpixel((600, 660)) == tuple(bytes.fromhex((DARK if dark else LIGHT).ground[1:]))
    assert image.info["Description"] == alt_text(make())


def test_the_same_change_gives_the_same_bytes():
    assert card(flood()) == card(flood())
    assert card(flood()) != card(flood(), dark=True)


STRANGE = {
    "five megabytes of words": "word " * 1_000_000,
    "five megabytes without a space": "w" * 5_000_000,
    "a tower of accents": "Z" + "\u0301" * 5_000 + "algo",
    "right to left": "فيضان NATO troops يضرب " * 40,
    "letters that the font lacks": "東京で地震",
    "nothing but spaces": " \u3000\u00a0 ",
    **{f"attack {number}": text for number, text in enumerate(ATTACKS)},
}


@pytest.mark.parametrize("headline", STRANGE.values(), ids=STRANGE.keys())
def test_no_headline_leaves_its_place(headline):
    """What stands left and right of the margins, and below the picture's foot, is ground."""
    image = opened(card(titled(headline)))
    ground = image.getpixel((2, 300))

    for box in ((0, 12, 50, 675), (1160, 12, 1200, 675), (0, 645, 1200, 675)):
        assert image.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), ground)], box


@pytest.mark.parametrize("text", ATTACKS)
def test_hostile_words_in_every_field_are_drawn(text):
    assert opened(card(hostile(text))).size == (1200, 675)
    assert len(alt_text(hostile(text * 100))) <= 1000


def test_alt_text_says_what_changed_and_when():
    assert alt_text(april_9()) == (
        "A change in “Air raid kills head of Islamic State in northern Afghanistan” (news.example.org). "
        "Attribution: Afghan aircraft → a U.S. airstrike (conflicts; source: U.S. Forces Afghanistan). "
        "Location: Darzab district → Bal Chiragh district, Faryab province (conflicts; source: U.S. Forces Afghanistan). "
        "Certainty: could not confirm → now says (source: U.S. Forces Afghanistan). "
        "The article contradicts itself: paragraph 2 still says otherwise. And 3 more facts. "
        "Added: “Update, April 9: U.S. Forces Afghanistan now says that it was a U.S. airstrike that killed Hekmat and a bodyguard.”. "
        "Changed between 10:41 and 10:56 UTC on April 9, 2018."
    )
    assert "Struck: “libary”; Added: “library”." in alt_text(cosmetic())


def luminance(color: str) -> float:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_stand_out_from_their_ground(palette: Palette):
    for color in palette.letters.values():
        for ground in (palette.ground, palette.panel):
            light, dark = sorted((luminance(color), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (color, ground)


class Sheet:
    """What is drawn, and where."""

    def __init__(self) -> None:
        self.words: list[tuple[float, str]] = []
        self.rules: list[tuple[float, float]] = []

    def text(self, at, text, **_how) -> None:
        self.words.append((at[0], text))

    def line(self, corners, **_how) -> None:
        self.rules.append((corners[0], corners[1]))


def drawn(runs, width=2000.0) -> Sheet:
    sheet = Sheet()
    leftwards = is_leftwards(text for _, text in runs)
    colors = dict.fromkeys(("plain", "strong", "quiet", "old", "new"), "#000000")
    for line in set_lines(runs, 20, width, 9):
        draw_line(sheet, line, (0, 0), size=20, width=width, colors=colors, leftwards=leftwards)  # type: ignore[arg-type]
    return sheet


ORDERS = {
    "left to right": ("one two", ["one", "two"]),
    "right to left": ("אחד שתיים שלוש", ["שלוש", "שתיים", "אחד"]),
    "right to left within left to right": ("say אחד שתיים twice", ["say", "שתיים", "אחד", "twice"]),
    "left to right within right to left": ("אחד NATO troops שתיים", ["שתיים", "NATO", "troops", "אחד"]),
}


@pytest.mark.parametrize(("text", "order"), ORDERS.values(), ids=ORDERS.keys())
def test_words_stand_in_their_direction_of_writing(text, order):
    assert [word for _, word in sorted(drawn([("plain", text)]).words)] == order


def test_old_words_are_struck_and_new_ones_underlined():
    """So that the two are told apart without colour."""
    struck, underlined = drawn([("old", "twelve")]).rules[0][1], drawn([("new", "twelve")]).rules[0][1]

    assert drawn([("plain", "twelve")]).rules == []
    assert struck < 20 <= underlined


def test_lines_are_cut_with_an_ellipsis_and_never_too_wide():
    for text in ("word " * 50, "w" * 500, "so " + "w" * 500 + " it goes on"):
        lines = set_lines([("plain", text)], 20, 200, 2)

        assert len(lines) == 2
        assert all(line_width(line, 20) <= 200 for line in lines)
        assert lines[-1][-1].text.endswith("…")


@pytest.mark.parametrize("missing", ["PIL", "matplotlib"])
def test_what_is_missing_is_named(monkeypatch, missing):
    from tracker.report import lettering

    for cached in (lettering.font, lettering._fonts, lettering.space_width):
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(lettering, "find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=r"pip install 'tracker\[pictures\]'"):
        card(flood())
