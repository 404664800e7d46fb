"""A change to write alerts about: the place and the author of a strike are corrected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tracker.models import Capture, Change, Comparison, Fact, Judgement, Side, StoredSnapshot, StoredVersion

URL = "https://news.example.org/2018/04/strike-kills-commander"
LOCATION = Fact(
    kind="location",
    status="conflicts",
    old="Darzab district",
    new="Bal Chiragh district, Faryab",
    old_sentence=4,
    new_sentence=17,
    importance=3,
    about="killing of Qari Hekmat",
    source="U.S. Forces Afghanistan",
)
DEATHS = Fact(
    kind="number",
    status="replaced",
    old="12",
    new="22",
    old_sentence=2,
    new_sentence=2,
    importance=3,
    counted="killed",
)
NOTICE = Fact(
    kind="notice",
    status="added",
    old=None,
    new="Update: the place was corrected.",
    old_sentence=None,
    new_sentence=20,
    importance=2,
)


def moment(clock: str, day: int = 9) -> datetime:
    return datetime.fromisoformat(f"2018-04-{day:02}T{clock}").replace(tzinfo=UTC)


AFTER, BEFORE = moment("10:41"), moment("10:56")


def stored(number: int, text: str, fetched_at: datetime, last_seen_at: datetime, headline: str | None) -> StoredVersion:
    snapshot = StoredSnapshot(
        id=f"{fetched_at:%Y%m%d%H%M%S}",
        fetched_at=fetched_at,
        status=200,
        digest=f"sha256:{text}",
        file="a.warc.zst",
        offset=0,
        length=1,
        size=1,
    )
    return StoredVersion(number, number, snapshot, f"sha256:{text}", headline, last_seen_at)


def change(
    *facts: Fact,
    verdict: Any = "substantive",
    importance: int = 3,
    disclosure: Any = "disclosed",
    headline: str | None = "Air strike kills commander",
    tags: tuple[str, ...] = ("afghanistan",),
    after: datetime = AFTER,
    before: datetime = BEFORE,
    old_text: str = "A",
    new_text: str = "B",
) -> Change:
    side = Side(headline, (), None, None, "en", (), (), ())
    comparison = Comparison(Judgement(verdict, importance, disclosure), Capture(), side, side, facts=facts)
    return Change(
        id=7,
        article_url=URL,
        old=stored(1, old_text, moment("08:00", 7), after, headline),
        new=stored(2, new_text, before, before, headline),
        comparison=comparison,
        detected_at=before,
        tags=tags,
    )
