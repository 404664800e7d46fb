"""Take a picture of every page at two widths, light and dark: `make screenshots`, or python tests/browser/screenshots.py FOLDER [ADDRESS] [NAME …].

Without an address the sample story is served.
"""

from __future__ import annotations

import os
import shutil
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
CHROMIUM = os.environ.get("TRACKER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SAMPLE = Path(__file__).parents[2] / "snapshots"


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


def main(folder: Path, only: list[str]) -> None:
    """Serve the sample story, with a verdict and a filter of a reader's, and take the pictures."""
    import tempfile

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from desk import Desk
    from web_desk import serving

    with tempfile.TemporaryDirectory() as made:
        desk = Desk(Path(made))
        shutil.copytree(SAMPLE, desk.folder / "snapshots", ignore=shutil.ignore_patterns("catalog.sqlite*"))
        desk.run("rebuild")
        with serving(desk) as web:
            web.post("/articles/1/tags", {"tags": "afghanistan, airstrikes"})
            web.post("/changes/1/opinion", {"verdict": "agree", "note": "The command confirmed it on April 9."})
            web.post("/filters", {"name": "Who did it", "query": "kind=attribution"})
            take(web.address, folder, only)


if __name__ == "__main__":
    if sys.argv[2:] and "://" in sys.argv[2]:
        take(sys.argv[2], Path(sys.argv[1]), sys.argv[3:])
    else:
        main(Path(sys.argv[1]), sys.argv[2:])
