"""The capture gate: what is suspect, why, and what must never be."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture_pages import BY, GOOD, LD_DATED, SUSPECT, TEASER, article, bare
from tracker.capture import judge_capture
from tracker.errors import ExtractError
from tracker.extract import extract_version, version_from_text
from tracker.models import Capture, Snapshot, Version

ADDRESS = "https://courier.example/2026/03/harbour-wall-gives-way"
MORE = (
    "Firefighters brought 120 people out of their houses by boat. The mayor, Henrik Petrov, asked everybody who could to leave the town by the northern road.",
    "The wall was built in 1911 and was last inspected in October, according to the harbour board. An engineer had then asked for repairs that would have cost 4.2 million.",
    "“We wrote to the ministry twice and never had an answer,” said Amina Okafor, who sits on the board. The ministry said that it would look for the letters.",
    "Water has been falling since the early afternoon. Schools stay closed until Thursday, and the hospital takes emergencies only.",
)


def snapshot(
    page: str | bytes,
    *,
    status: int = 200,
    url: str = ADDRESS,
    final_url: str = "",
    headers: dict[str, str] | None = None,
) -> Snapshot:
    body = page.encode() if isinstance(page, str) else page
    fields = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    return Snapshot(url, datetime(2026, 3, 2, 12, tzinfo=UTC), status, tuple(fields.items()), body, final_url=final_url)


def read(page: Snapshot) -> Version | None:
    try:
        return extract_version(page)
    except ExtractError:
        return None


def judge(page: Snapshot, previous: Version | None = None) -> Capture:
    return judge_capture(page, read(page), previous)


def full_article(**changes: str) -> str:
    return article(TEASER, *MORE, **{"headline": "Harbour wall gives way", "byline": BY, "head": LD_DATED, **changes})


# --- what a page says -----------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "word"), SUSPECT.values(), ids=SUSPECT)
def test_page_that_is_not_the_article_is_suspect_and_says_why(page: str, word: str) -> None:
    capture = judge(snapshot(page))

    assert capture.suspect
    assert capture.quality < 0.5
    assert word.lower() in " ".join(capture.reasons).lower()


@pytest.mark.parametrize("page", GOOD.values(), ids=GOOD)
def test_article_passes_whatever_it_speaks_of(page: str) -> None:
    assert judge(snapshot(page)) == Capture()


@pytest.mark.parametrize("page", GOOD.values(), ids=GOOD)
def test_article_passes_when_it_was_there_before(page: str) -> None:
    assert judge(snapshot(page), read(snapshot(page))) == Capture()


@pytest.mark.parametrize(("page", "word"), SUSPECT.values(), ids=SUSPECT)
def test_page_that_is_not_the_article_is_suspect_whatever_was_there_before(page: str, word: str) -> None:
    assert judge(snapshot(page), read(snapshot(full_article()))).suspect


def test_reasons_are_plain_sentences_without_a_full_stop() -> None:
    for page, _ in SUSPECT.values():
        for reason in judge(snapshot(page)).reasons:
            assert reason[0].isupper()
            assert not reason.endswith(".")


# --- what the server did --------------------------------------------------------------------------

ANSWERS = {
    "forbidden": (403, {}, "refuses access"),
    "a login": (401, {}, "asks for a login"),
    "too many requests": (429, {}, "too many requests"),
    "out of order": (503, {}, "out of order"),
    "a teapot": (418, {}, "refuses the request"),
    "a challenge in a header": (200, {"cf-mitigated": "challenge"}, "Cloudflare"),
    "a challenge with status 202": (202, {"x-amzn-waf-action": "challenge"}, "AWS WAF"),
    "a block that only a header tells": (200, {"Rimon": "RWC_BLOCK"}, "Rimon"),
    "a redirect that leads nowhere": (302, {}, "no page"),
}


@pytest.mark.parametrize(("status", "headers", "word"), ANSWERS.values(), ids=ANSWERS)
def test_answer_that_is_no_page_is_suspect_whatever_is_in_it(status: int, headers: dict[str, str], word: str) -> None:
    capture = judge(snapshot(full_article(), status=status, headers=headers))

    assert capture.suspect
    assert word in capture.reasons[0]


def test_refusal_in_plain_text_is_suspect() -> None:
    page = snapshot('Error { code=403; message="Forbidden" }', status=403, headers={"Content-Type": "text/plain"})

    assert judge(page).suspect


@pytest.mark.parametrize("status", [404, 410])
def test_site_that_says_itself_that_an_article_is_gone_is_believed(status: int) -> None:
    """A true answer: the caller confirms it over time, and compares nothing."""
    assert judge(snapshot(article("Try the front page.", headline="Nothing to see"), status=status)) == Capture()


def test_firewall_that_says_404_is_not_believed() -> None:
    assert judge(snapshot("", status=404, headers={"x-amzn-waf-action": "captcha"})).suspect


REDIRECTS = {
    "the front page": ("https://courier.example/", "front page"),
    "the front page of a language": ("https://courier.example/en/", "front page"),
    "a login": ("https://courier.example/login?next=%2Fharbour", "login"),
    "a consent host": ("https://consent.courier.example/?back=harbour", "consent"),
    "an error page": ("https://courier.example/error/404.html", "error page"),
}


@pytest.mark.parametrize(("final_url", "word"), REDIRECTS.values(), ids=REDIRECTS)
def test_redirect_away_from_the_article_is_suspect(final_url: str, word: str) -> None:
    capture = judge(snapshot(full_article(), final_url=final_url))

    assert capture.suspect
    assert word in capture.reasons[0]


@pytest.mark.parametrize(
    "final_url",
    [
        ADDRESS + "/",
        "https://www.courier.example/2026/03/harbour-wall-gives-way",
        "https://courier.example/2026/03/harbour-wall-gives-way-at-eastmere",
        "https://courier.example/law/consent-to-tracking-must-be-easy",
        "not an address [",
    ],
)
def test_redirect_to_the_article_is_good(final_url: str) -> None:
    assert not judge(snapshot(full_article(), final_url=final_url)).suspect


def test_front_page_that_was_asked_for_is_good() -> None:
    page = snapshot(full_article(), url="http://courier.example/", final_url="https://courier.example/en/")

    assert not judge(page).suspect


# --- what became of the text before ---------------------------------------------------------------


def test_text_that_stands_in_the_page_unread_is_a_new_layout_and_no_deletion() -> None:
    before = read(snapshot(full_article()))
    after = Version(headline="Harbour wall gives way", paragraphs=(TEASER,))

    capture = judge_capture(snapshot(full_article()), after, before)

    assert capture.suspect
    assert "still stand in the page" in capture.reasons[0]


def test_text_cut_by_a_paywall_is_suspect_even_if_much_is_left() -> None:
    long_text = [f"{text} {number} of the reports that were made of it say so." for number in range(8) for text in MORE]
    before = read(snapshot(article(*long_text, headline="Harbour wall gives way")))
    after = article(
        *long_text[:11], headline="Harbour wall gives way", box="<div><p>Subscribe now to read the full story</p></div>"
    )

    capture = judge(snapshot(after), before)

    assert capture.suspect
    assert "behind a paywall" in capture.reasons[0]


def test_beginning_of_the_text_with_a_box_below_it_is_suspect() -> None:
    box = "<div><p>Register for free to continue reading</p></div>"
    long_text = [f"{text} {number} of the reports that were made of it say so." for number in range(8) for text in MORE]
    before = read(snapshot(article(*long_text, headline="Harbour wall gives way")))

    capture = judge(snapshot(article(*long_text[:20], headline="Harbour wall gives way", box=box)), before)

    assert capture.suspect
    assert "continue reading" in capture.reasons[0]


def test_text_that_waits_in_a_script_is_no_deletion() -> None:
    before = read(snapshot(full_article()))
    state = json.dumps({"body": [TEASER, *MORE]}, ensure_ascii=False)
    page = article(
        "Loading the article for you.", headline="Harbour wall gives way", box=f"<script>var state = {state}</script>"
    )

    assert judge(snapshot(page), before).suspect


def test_page_that_lost_headline_byline_and_date_with_its_text_is_suspect() -> None:
    before = read(snapshot(full_article()))
    page = bare(
        "The Example Courier", "<p>Choose the edition that you want to see, and we will take you to it at once.</p>"
    )

    capture = judge(snapshot(page), before)

    assert capture.suspect
    assert "byline" in capture.reasons[0]


def test_headline_without_a_text_is_suspect() -> None:
    before = read(snapshot(full_article()))

    assert judge(
        snapshot(bare("Harbour wall gives way", "<h1>Harbour wall gives way</h1><div id=app></div>")), before
    ).suspect


def test_page_that_breaks_off_is_suspect() -> None:
    page = full_article()
    before = read(snapshot(page))
    broken = page[: page.index("according to the harbour")]

    capture = judge(snapshot(broken), before)

    assert capture.suspect
    assert "breaks off" in capture.reasons[0]


def test_another_article_under_another_address_is_suspect() -> None:
    link = '<link rel="canonical" href="{}">'
    before = read(snapshot(full_article(head=link.format(ADDRESS))))
    other = article(
        "Bakers in three provinces put up the price of a loaf by a tenth on Monday, the second time since the winter.",
        "Flour has become dearer after a poor harvest, their guild said, and so has the gas that heats their ovens.",
        headline="Why bread is getting dearer",
        head=link.format("https://courier.example/2026/02/bread"),
    )

    capture = judge(snapshot(other), before)

    assert capture.suspect
    assert "another one" in capture.reasons[0]


GENUINE = {
    "nothing": full_article(),
    "the headline": full_article(headline="Flood in Eastmere: what we know"),
    "a figure": full_article().replace("120 people", "140 people"),
    "half of the text": article(TEASER, MORE[0], headline="Harbour wall gives way", byline=BY, head=LD_DATED),
    "all but a paragraph": article(TEASER, headline="Harbour wall gives way", byline=BY, head=LD_DATED),
    "all but a retraction": GOOD["a correction in place of a story"],
    "everything, at the same address": GOOD["a report about captchas"],
    "the canonical address, not the text": full_article(
        head='<link rel="canonical" href="https://courier.example/other">' + LD_DATED
    ),
    "a page that leaves out its closing tags": full_article().replace("</body></html>", ""),
    "a last paragraph less and no closing tags": article(
        TEASER, *MORE[:-1], headline="Harbour wall gives way", byline=BY
    ).replace("</body></html>", "</body>"),
}


@pytest.mark.parametrize("page", GENUINE.values(), ids=GENUINE)
def test_genuine_edit_is_never_suspect(page: str) -> None:
    before = read(snapshot(full_article(head=f'<link rel="canonical" href="{ADDRESS}">' + LD_DATED)))

    assert judge(snapshot(page), before) == Capture()


def test_plain_text_is_never_suspect() -> None:
    for page, _ in SUSPECT.values():
        version = version_from_text(page)

        assert judge_capture(snapshot(page), version, read(snapshot(full_article()))) == Capture()


# --- what must always hold ------------------------------------------------------------------------


@given(st.binary(max_size=400), st.sampled_from([200, 202, 301, 404, 503]))
def test_any_bytes_are_judged(body: bytes, status: int) -> None:
    page = snapshot(body, status=status)

    capture = judge(page)

    assert 0 <= capture.quality <= 1
    assert capture.suspect == bool(capture.reasons)
    assert capture == judge(page)


@pytest.mark.parametrize("opened", ["<svg>", "<!-- ", "<noscript>", "<script>", "<", "<a href=", "subscribe to "])
def test_page_of_tags_that_are_never_closed_is_judged_at_once(opened: str) -> None:
    page = snapshot(opened * 60_000)
    version = Version(headline="x", paragraphs=("A text that was read somewhere.",))

    start = time.process_time()
    judge_capture(page, version, Version(paragraphs=("A longer text, " * 100,)))

    assert time.process_time() - start < 2


@given(st.lists(st.sampled_from([TEASER, *MORE]), min_size=1, max_size=5, unique=True))
def test_dated_report_of_any_length_passes(paragraphs: list[str]) -> None:
    page = article(*paragraphs, headline="Harbour wall gives way", byline=BY, head=LD_DATED)

    assert judge(snapshot(page)) == Capture()


def test_letter_case_that_changes_a_text_length_is_no_obstacle() -> None:
    version = replace(Version(headline="İ" * 5), paragraphs=("İ Please complete the captcha below.",))

    assert judge_capture(snapshot("<p>İ</p>"), version).suspect
