"""Publishers' own rules: one page a layout, and the dates that choose between them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracker.extract import extract_version
from tracker.extract.publishers import PUBLISHERS, find_layout, layouts_of
from tracker.models import Snapshot

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
