"""Whatever a publisher writes, nothing runs, nothing is loaded, nothing breaks out: in a real browser, on every page."""

from __future__ import annotations

import json

import pytest
from conftest import watch
from hostile import ATTACKS, EVERYTHING, hostile_desk
from playwright.sync_api import Page
from web_desk import serving

pytestmark = pytest.mark.slow
PAGES = [
    "/", "/?filter", "/?tag=%3Cscript%3Ealert(1)%3C%2Fscript%3E&filter", "/?entity=alert", "/changes/1", "/changes/1?view=inline", "/changes/2", "/articles",
    "/articles?tag=%3Cscript%3Ealert(1)%3C/script%3E", "/articles/1", "/articles/2", "/articles/3", "/articles/1/versions/2?q=script", "/articles/1/captures/CAPTURE",
    "/search?q=script+alert", "/search?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E", "/sources", "/sources/hosts/news.example", "/sources/feeds/1", "/statistics", "/statistics?host=%3Cscript%3E",
    "/follow", "/opinions", "/feeds", "/login?next=javascript:alert(1)", "/changes/%3Cscript%3Ealert(1)%3C", "/?kind=%3Cscript%3Ealert(1)%3C/script%3E",
    "/articles/1/captures/%3Cimg%20onerror=alert(1)%3E",
]  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    with serving(hostile_desk(tmp_path_factory.mktemp("hostile"))) as web:
        yield web


def capture_of(web) -> str:
    return web.workspace.catalog.versions(1)[0].snapshot.id


def test_nothing_of_theirs_runs_loads_or_stands_on_any_page(hostile, browser):
    context = browser.new_context()
    page = context.new_page()
    wrong = watch(page)
    strange = []
    for path in PAGES:
        page.goto(hostile.address + path.replace("CAPTURE", capture_of(hostile)))
        found = page.evaluate(
            """() => ({
                scripts: Array.from(document.scripts, (one) => one.src),
                handlers: Array.from(document.querySelectorAll("*")).filter((one) => Array.from(one.attributes).some((a) => a.name.startsWith("on") || a.name === "style")).length,
                odd: document.querySelectorAll("body style, body link, body meta, base, math, object, embed, iframe:not([sandbox=''])").length,
                images: document.images.length,
                links: Array.from(document.links).filter((one) => !["http:", "https:"].includes(one.protocol)).length,
                forms: Array.from(document.forms).filter((one) => new URL(one.action).origin !== location.origin).length,
            })"""
        )
        for text in page.locator("main button, summary").all()[:5]:
            if text.is_visible():
                text.hover()
        scripts = found.pop("scripts")
        if any(found.values()) or len(scripts) != 1 or not scripts[0].startswith(f"{hostile.address}/static/keys.js"):
            strange.append((path, found, scripts))
    context.close()

    assert strange == []
    assert wrong == []


def test_captured_page_reaches_nothing_in_its_frame_or_by_itself(hostile, page: Page):
    address = f"{hostile.address}/articles/1/captures/{capture_of(hostile)}"
    page.goto(address)
    frame = page.frames[1]
    frame.wait_for_load_state()

    assert frame.url == f"{address}/page"
    assert page.url == address, "it did not send us away"
    page.goto(f"{address}/page")
    assert page.evaluate("window.origin") == "null"
    assert (
        page.evaluate("(() => { try { return document.cookie } catch (error) { return error.name } })()")
        == "SecurityError"
    )
    blocked = page.evaluate("fetch('/api/v1/changes').then(() => 'reached', () => 'blocked')")
    assert blocked == "blocked"
    page.evaluate("document.forms[0].submit()")
    page.wait_for_timeout(200)
    assert page.url == f"{address}/page", "its form went nowhere"
    opinion = hostile.workspace.catalog.opinion(1)
    assert opinion
    assert opinion.verdict == "other_kind"


def test_feeds_and_api_hold_it_as_text(hostile):
    from xml.etree import ElementTree as ET

    for path in ("/feeds/changes.atom", "/feeds/articles/1.atom", "/feeds/search.atom?q=script"):
        feed = ET.fromstring(hostile.get(path).content)
        content = [one.text or "" for one in feed.iter("{http://www.w3.org/2005/Atom}content")]
        assert content
        assert not [text for text in content if "<script" in text or "<img" in text or "<svg" in text]
        assert not [
            link.get("href")
            for link in feed.iter("{http://www.w3.org/2005/Atom}link")
            if not (link.get("href") or "").startswith("http")
        ]
    answer = hostile.get("/api/v1/changes")
    assert answer.headers["content-type"] == "application/json"
    assert "<script>alert(1)</script>" in json.dumps(answer.json())
    table = hostile.get("/opinions.csv")
    assert table.headers["content-type"].startswith("text/csv")


def test_headline_of_five_megabytes_leaves_every_page_small(tmp_path, browser):
    huge = EVERYTHING + "<b>A" * 1_250_000
    with serving(hostile_desk(tmp_path, headline=huge, value=ATTACKS[0])) as web:
        sizes = {
            path: len(web.get(path.replace("CAPTURE", capture_of(web))).content)
            for path in (
                "/",
                "/changes/1",
                "/changes/1?view=inline",
                "/articles",
                "/articles/1",
                "/articles/1/versions/1",
                "/search?q=script",
                "/statistics",
                "/feeds/changes.atom",
                "/articles/1/captures/CAPTURE",
                "/api/v1/changes",
            )
        }
        context = browser.new_context()
        page = context.new_page()
        wrong = watch(page)
        page.goto(f"{web.address}/changes/1")
        context.close()

    assert wrong == []
    pages = {path: size for path, size in sizes.items() if not path.startswith("/api")}
    assert max(pages.values()) < 300_000, pages
