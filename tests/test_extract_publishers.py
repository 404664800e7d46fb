"""Publishers' own rules: one page a layout, and the dates that choose between them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracker.comparison import compare_versions
from tracker.extract import extract_version, fingerprint
from tracker.extract.publishers import PUBLISHERS, find_layout, layouts_of
from tracker.models import Snapshot
from tracker.text import says_the_same

PAGES = Path(__file__).parent / "data/pages"
SAMPLES = sorted(PAGES.glob("*/*.html"))


def sample(file: Path, *, host: str = "") -> Snapshot:
    fetched_at = datetime.combine(date.fromisoformat(file.stem), datetime.min.time(), UTC)
    address = f"https://{host or file.parent.name + '.example'}/article"
    return Snapshot(address, fetched_at, 200, (("Content-Type", "text/html"),), file.read_bytes())


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name} {file.stem}")
def test_layout_is_read_as_written_down(file: Path) -> None:
    version = extract_version(sample(file))

    expected = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    found = {name: getattr(version, name) for name in expected}
    assert found == {
        name: datetime.fromisoformat(value)
        if name.endswith("_at")
        else tuple(value)
        if isinstance(value, list)
        else value
        for name, value in expected.items()
    }


def test_every_layout_has_a_sample() -> None:
    expected = {json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))["extractor"] for file in SAMPLES}

    assert expected == {layout.name for host in PUBLISHERS for layout in layouts_of(host)}


def test_layouts_stand_oldest_first_and_the_last_has_no_end() -> None:
    for layouts in map(layouts_of, PUBLISHERS):
        *ended, current = [layout.valid_until for layout in layouts]

        assert current is None
        assert ended == sorted(day for day in ended if day)


DAYS = {
    "long before": ("tagblatt.example", date(2005, 1, 1), "tagblatt/1"),
    "the last day": ("tagblatt.example", date(2012, 5, 31), "tagblatt/1"),
    "the day after": ("tagblatt.example", date(2012, 6, 1), "tagblatt/2"),
    "with www": ("www.tagblatt.example", date(2020, 1, 1), "tagblatt/2"),
    "a part of the site": ("lokal.tagblatt.example", date(2020, 1, 1), "tagblatt/2"),
    "another site": ("nottagblatt.example", date(2020, 1, 1), None),
}


@pytest.mark.parametrize(("host", "day", "name"), DAYS.values(), ids=DAYS)
def test_host_and_day_choose_the_layout(host: str, day: date, name: str | None) -> None:
    layout = find_layout(f"https://{host}/article", datetime.combine(day, datetime.min.time(), UTC))

    assert (layout.name if layout else None) == name


def test_address_that_is_none_has_no_layout() -> None:
    assert find_layout("http://[", datetime(2020, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("file", [PAGES / "courier/2023-06-01.html", PAGES / "tagblatt/2008-03-14.html"])
def test_page_in_another_layout_is_read_by_the_general_extractor(file: Path) -> None:
    version = extract_version(
        Snapshot("https://tagblatt.example/a", datetime(2020, 1, 1, tzinfo=UTC), 200, (), file.read_bytes())
    )

    assert version.extractor.startswith("general/")
    assert version.paragraphs


def test_page_of_no_known_publisher_is_read_by_the_general_extractor() -> None:
    assert extract_version(sample(SAMPLES[0], host="elsewhere.example")).extractor.startswith("general/")


# --- where the headline stands --------------------------------------------------------------------

SHARED, DECLARED, LISTED, ABOVE = (
    "Ferry sinks off Ortona",
    "Ferry Lucia goes down",
    "Ferry Ortona: what we know",
    "The night the Lucia went down",
)


def page(host: str, *, year: int = 2025, **headlines: str) -> Snapshot:
    """A page that has another headline in each place; one that is given as "" is not there."""
    at = {"og": SHARED, "ld": DECLARED, "title": LISTED, "h1": ABOVE} | headlines
    ld = json.dumps({"@type": "NewsArticle"} | ({"headline": at["ld"]} if at["ld"] else {}))
    metas = "".join(
        f'<meta property="{name}" content="{text}">'
        for name, text in (("og:title", at["og"]), ("title", at["title"]))
        if text
    )
    text = "".join(
        f"<p>The ferry had {n} passengers on deck {n} when the harbour master counted them in the evening.</p>"
        for n in range(2, 9)
    )
    body = f'<html><head>{metas}<script type="application/ld+json">{ld}</script></head><body><article><h1>{at["h1"]}</h1>{text}</article></body></html>'
    address = f"https://{host}/article" if host else "article.html"
    return Snapshot(address, datetime(year, 11, 1, tzinfo=UTC), 200, (("Content-Type", "text/html"),), body.encode())


PLACES = {
    "OpenGraph": (page("www.spiegel.de"), SHARED, ABOVE),
    "JSON-LD": (page("www.wired.com"), DECLARED, ABOVE),
    "a meta tag": (page("www.nzz.ch"), LISTED, ABOVE),
    "the heading": (page("www.srf.ch"), ABOVE, DECLARED),
    "a part of the site": (page("politik.spiegel.de"), SHARED, ABOVE),
    "before it moved": (page("www.dailystar.co.uk", year=2025), SHARED, ABOVE),
    "since it moved": (page("www.dailystar.co.uk", year=2026), DECLARED, ABOVE),
}


@pytest.mark.parametrize(("snapshot", "headline", "_other"), PLACES.values(), ids=PLACES)
def test_headline_is_read_where_the_publisher_has_it(snapshot: Snapshot, headline: str, _other: str) -> None:
    assert extract_version(snapshot).headline == headline


def test_headline_above_the_article_is_kept_beside_it() -> None:
    declared = "Ferry goes down in the night: Lucia"  # like enough to what stands above the article to be its variant
    version = extract_version(page("www.spiegel.de", ld=declared, h1="Ferry goes down in the night"))

    assert (version.headline, version.shown_headline) == (SHARED, "Ferry goes down in the night")
    assert "Ferry goes down in the night" not in version.paragraphs


def test_one_headline_is_kept_once() -> None:
    assert extract_version(page("www.spiegel.de", ld=SHARED, h1=SHARED + "!")).shown_headline is None


def test_place_that_is_empty_is_passed_over() -> None:
    assert extract_version(page("www.wired.com", ld="", og=ABOVE, title="")).headline == ABOVE


def test_name_of_the_site_is_not_of_the_headline() -> None:
    assert extract_version(page("www.spiegel.de", og=f"{ABOVE} - The Mirror")).headline == ABOVE


EDITED = {
    "the one that is shared": {"og": "Ferry sinks off Vasto"},
    "the one that is shown": {"h1": "The night the Stella went down"},
}


@pytest.mark.parametrize("edit", EDITED.values(), ids=EDITED)
def test_edit_of_either_headline_is_seen(edit: dict[str, str]) -> None:
    site = {"host": "www.spiegel.de", "ld": ""}
    before = page(**site, og=SHARED, title="", h1=ABOVE)
    after = page(**site, **({"og": SHARED, "title": "", "h1": ABOVE} | edit))

    old, new = extract_version(before), extract_version(after)

    assert old.shown_headline
    assert not says_the_same(old, new)
    assert fingerprint(before, old) != fingerprint(after, old)
    assert [step.operation for step in compare_versions(old, new).sentences if step.operation != "equal"] == ["replace"]
