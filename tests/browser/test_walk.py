"""A reader walks through the story of April 9, with the mouse and with the keyboard alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from web_desk import Web, serving

SAMPLE = Path(__file__).parents[2] / "snapshots"


@pytest.fixture
def story(tmp_path):
    """The sample archive, served."""
    shutil.copytree(SAMPLE, tmp_path / "snapshots", ignore=shutil.ignore_patterns("catalog.sqlite*"))
    desk = Desk(tmp_path)
    assert desk.run("rebuild").code == 0
    with serving(desk) as web:
        yield web


def verify(packed: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script that came with the evidence."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    script = next(folder.rglob("check_evidence.py"))
    return subprocess.run([sys.executable, script.name], cwd=script.parent, capture_output=True, text=True, check=False)


def test_reader_finds_april_9_judges_it_and_takes_the_evidence_along(story: Web, page: Page, tmp_path):
    page.goto(story.address)
    page.get_by_text("Filter", exact=False).first.click()
    page.get_by_label("Location").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"kind=location"))
    page.get_by_role("link", name=re.compile("ISIS-K commander killed")).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("ISIS-K commander killed")
    location = page.locator(".card", has_text="Location")
    expect(location).to_contain_text("Darzab district")
    expect(location).to_contain_text("Bal Chiragh district, Faryab province")
    expect(location).to_contain_text("conflicts")
    location.get_by_role("link", name=re.compile("still stands in paragraph")).click()
    standing = page.locator(".sentence:target")
    expect(standing).to_contain_text("Darzab district")
    expect(standing).to_be_in_viewport()
    expect(page.locator(".pair.stands", has=standing)).to_contain_text("left standing, contradicted by")

    page.get_by_role("link", name="In one text").click()
    expect(page.locator(".texts.one")).to_contain_text("Bal Chiragh district")
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator(".texts.side .pair.added").first).to_contain_text("U.S. Forces Afghanistan")

    page.get_by_label("I agree").check()
    page.get_by_label("Note", exact=True).fill("Confirmed by the command’s statement of April 9.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".assessment")).to_contain_text("I agree")
    expect(page.locator(".assessment")).to_contain_text("Confirmed by the command’s statement")

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the evidence").click()
    ended = verify(Path(downloading.value.path()), tmp_path / "evidence")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_the_same_with_the_keyboard_alone(story: Web, page: Page, tmp_path):
    page.goto(story.address)

    def press(key):
        page.wait_for_load_state()  # the script that hears the keys comes with the page
        page.keyboard.press(key)

    press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    press("f")
    for _ in range(40):
        if page.evaluate("document.activeElement.name === 'kind' && document.activeElement.value === 'location'"):
            break
        press("Tab")
    press("Space")
    press("Enter")
    expect(page).to_have_url(re.compile(r"kind=location"))
    press("j")
    expect(page.locator(".item.current")).to_contain_text("ISIS-K commander killed")
    press("Enter")
    expect(page).to_have_url(re.compile(r"/changes/1"))

    press("j")
    press("j")
    expect(page.locator(".card.current")).to_contain_text("Location")
    expect(page.locator(".card.current .place").first).to_be_focused()
    press("Enter")
    expect(page.locator(".sentence:target")).to_contain_text("Darzab district")
    press("v")
    expect(page.locator(".texts.one")).to_be_visible()
    press("v")
    expect(page.locator(".texts.side")).to_be_visible()

    press("a")
    press("ArrowLeft")  # from "no verdict", in a group that goes round
    press("ArrowLeft")
    press("ArrowLeft")
    expect(page.get_by_label("I agree")).to_be_checked()
    for _ in range(3):
        if page.evaluate("document.activeElement.name === 'note'"):
            break
        press("Tab")
    page.keyboard.type("Typed with j, k? and / in it.")
    press("Tab")
    press("Enter")
    expect(page.locator(".assessment")).to_contain_text("Typed with j, k? and / in it.")

    press("e")
    expect(page.get_by_role("link", name="Download the evidence")).to_be_focused()
    with page.expect_download() as downloading:
        press("Enter")
    ended = verify(Path(downloading.value.path()), tmp_path / "evidence")
    assert ended.returncode == 0, ended.stdout + ended.stderr

    press("/")
    page.keyboard.type("darzab")
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Articles that ever said darzab")
    press("j")
    press("Enter")
    expect(page.locator("mark").first).to_have_text("Darzab")
    press("g")
    expect(page.get_by_role("heading", level=1)).to_have_text("What changed")


@pytest.mark.slow
def test_pages_work_without_a_script(story: Web, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{story.address}/?kind=location")
    page.get_by_role("link", name=re.compile("ISIS-K commander killed")).click()
    page.get_by_label("Not substantive").check()
    page.get_by_role("button", name="Keep").click()

    expect(page.locator(".assessment")).to_contain_text("Not substantive")
    context.close()
