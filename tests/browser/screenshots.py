"""Take a picture of every page at two widths, light and dark: `make screenshots`, or python tests/browser/screenshots.py FOLDER [ADDRESS].

Without an address the sample story is served, with a few changes written for the purpose.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = {
    "changes": "/",
    "filtered": "/?kind=location&filter",
    "change": "/changes/1",
    "change-inline": "/changes/1?view=inline",
    "articles": "/articles",
    "article": "/articles/1",
    "version": "/articles/1/versions/1?q=darzab",
    "capture": "/articles/1/captures/20180409165705",
    "search": "/search?q=darzab",
    "sources": "/sources",
    "source": "/sources/hosts/northdesk.example",
    "statistics": "/statistics",
    "follow": "/follow",
    "opinions": "/opinions",
    "help": "/help",
    "api": "/api",
    "feeds": "/feeds",
    "login": "/login",
    "error": "/changes/999",
}
WIDTHS = (1280, 390)
CHROMIUM = "/usr/bin/chromium"


def take(address: str, folder: Path, only: list[str]) -> None:
    """Write FOLDER/NAME-WIDTH-SCHEME.png for every page."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                for name, path in PAGES.items():
                    if not only or name in only:
                        page.goto(f"{address}{path}")
                        wide = page.evaluate("document.documentElement.scrollWidth")
                        if wide > width:
                            print(f"{name} is {wide} pixels wide at {width}")
                        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    take(sys.argv[2], Path(sys.argv[1]), sys.argv[3:])
