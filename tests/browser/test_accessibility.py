"""axe finds nothing on any page, light and dark; nothing is wider than the screen, whatever is written."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from hostile import hostile_desk
from servers import Site
from web_desk import serving, with_fire

pytestmark = pytest.mark.slow
PAGES = [
    "/", "/?kind=number&filter", "/?kind=location", "/changes/1", "/changes/1?view=inline", "/changes/2", "/articles", "/articles/1",
    "/articles/1/versions/1?q=fire", "/articles/1/captures/CAPTURE", "/articles/1/compare?old=1&new=3", "/search", "/search?q=fire", "/search?q=volcano",
    "/sources", "/sources/hosts/HOST", "/statistics", "/follow", "/opinions", "/help", "/api", "/feeds", "/login", "/changes/99", "/?kind=none",
]  # fmt: skip


@pytest.fixture(scope="module")
def fire(tmp_path_factory):
    with Site() as site, serving(with_fire(tmp_path_factory.mktemp("axe"), site)) as web:
        web.post("/changes/1/opinion", {"verdict": "agree", "note": "A note."})
        web.post("/filters", {"name": "numbers", "query": "kind=number"})
        yield web


def address(web, path):
    host = web.workspace.catalog.hosts()[0].name
    capture = web.workspace.catalog.versions(1)[0].snapshot.id
    return web.address + path.replace("HOST", host).replace("CAPTURE", capture)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page(fire, browser, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    found = []
    for path in PAGES:
        page.goto(address(fire, path))
        for violation in Axe().run(page).response["violations"]:
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            found.append(f"{path}: {violation['id']}: {violation['help']}: {nodes}")
    context.close()

    assert found == []


def test_nothing_is_wider_than_the_screen(fire, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    wide = []
    for path in PAGES:
        page.goto(address(fire, path))
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 390:
            wide.append(f"{path}: {width}")
    context.close()

    assert wide == []


def test_right_to_left_and_unbroken_text_do_not_break_the_layout(tmp_path, browser):
    rtl = "مقتل قائد في غارة جوية شمال أفغانستان بحسب مسؤولين في ولاية فارياب يوم الخميس"
    with serving(hostile_desk(tmp_path, headline=rtl, value="x" * 4000)) as web:
        for width in (390, 1280):
            context = browser.new_context(viewport={"width": width, "height": 844})
            page = context.new_page()
            for path in (
                "/",
                "/changes/1",
                "/changes/1?view=inline",
                "/articles",
                "/articles/1",
                "/statistics",
                "/sources",
            ):
                page.goto(web.address + path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            page.goto(f"{web.address}/changes/1")
            assert page.locator("h1").evaluate("element => getComputedStyle(element).direction") == "rtl"
            context.close()
