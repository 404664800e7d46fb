"""What pages and programs can ask to be done, the same for both.

Joins the parts.
"""

from __future__ import annotations

import io
import re
import time
from typing import Final, cast, get_args
from urllib.parse import parse_qsl

from starlette.responses import Response

from tracker.archive.recent import Recent
from tracker.catalog.listing import OwnVerdict
from tracker.catalog.opinions import SavedFilter
from tracker.comparison import compare_versions
from tracker.errors import InputError
from tracker.evidence import pack_evidence
from tracker.models import Article, Change, Kind
from tracker.web.errors import RefusedError
from tracker.web.filters import read_filter
from tracker.web.workspace import Workspace

LONGEST_NOTE: Final = 10_000  # characters
MOST_TAGS: Final = 50
LONGEST_NAME: Final = 60  # characters, of a filter
LONGEST_TAG: Final = 100  # characters
# A comparison takes up to some seconds, and is looked at more than once.
compared: Final[Recent[tuple[int, int, str, str], Change]] = Recent(32)


def compare(workspace: Workspace, article: Article, old: int, new: int) -> Change:
    """Give the change from one version to the other: the one that is kept where they follow each other.

    Raises:
        RefusedError: There is no such version.
        InputError: It is one and the same.
    """
    if old == new:
        raise InputError(f"version {old} would be compared with itself; choose two versions")
    first, second = (workspace.version(article, one) for one in sorted((old, new)))
    kept = workspace.catalog.change_to(second.id)
    if kept and kept.old.id == first.id:
        return kept
    key = (first.id, second.id, first.digest, second.digest)
    known = compared.get(key)
    if known is None:
        comparison = compare_versions(
            workspace.text(article, first), workspace.text(article, second), clock=time.thread_time
        )
        known = Change(0, article.url, first, second, comparison, workspace.now, article.tags)
        compared.put(key, known)
    return known


def record_opinion(workspace: Workspace, change: Change, verdict: str, kind: str, note: str) -> None:
    """Check and keep an opinion.

    Raises:
        InputError: It holds a word that is none of those expected, or the note is too long.
    """
    if verdict and verdict not in get_args(OwnVerdict):
        raise InputError(f"verdict “{verdict[:40]}” is none of {', '.join(get_args(OwnVerdict))}")
    if kind and kind not in get_args(Kind):
        raise InputError(f"kind “{kind[:40]}” is none of {', '.join(get_args(Kind))}")
    if len(note) > LONGEST_NOTE:
        raise InputError(f"the note is longer than {LONGEST_NOTE:,} characters; keep it shorter")
    workspace.catalog.record_opinion(
        change.id,
        verdict=cast(OwnVerdict | None, verdict or None),
        kind=cast(Kind | None, kind or None),
        note=note.replace("\r\n", "\n").strip(),
        now=workspace.now,
    )


def evidence(workspace: Workspace, change: Change) -> Response:
    """Answer with the zip.

    Raises:
        ArchiveError: A capture cannot be read.
    """
    article = workspace.article_of(change)
    out = io.BytesIO()
    pack_evidence(workspace.pipeline.archive, article, change, out, now=workspace.now)
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", article.folder.rpartition("/")[2])[:60].strip("-.") or "article"
    disposition = f'attachment; filename="evidence-{name}-{change.id}.zip"'
    return Response(out.getvalue(), headers={"content-disposition": disposition}, media_type="application/zip")


def read_tags(text: str) -> list[str]:
    """Read tags as a person types them, with commas between.

    Raises:
        InputError: There are too many, or one is too long.
    """
    return check_tags(text.split(","))


def check_tags(given: list[str]) -> list[str]:
    """Give tags without white space that nobody meant.

    Raises:
        InputError: There are too many, or one is too long.
    """
    tags = [" ".join(tag.split()) for tag in given]
    tags = [tag for tag in dict.fromkeys(tags) if tag]
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise InputError(f"an article has at most {MOST_TAGS} tags, of {LONGEST_TAG} characters each")
    return tags


def keep_filter(workspace: Workspace, name: str, query: str) -> SavedFilter:
    """Check and keep a filter under a name.

    Raises:
        InputError: The name or the filter is none.
        RefusedError: There are too many filters.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"a filter needs a name, of at most {LONGEST_NAME} characters")
    asked = read_filter(parse_qsl(query), workspace.now)
    if not asked.pairs:
        raise InputError("this filter has no condition; choose what to show before you keep it")
    kept = workspace.catalog.save_filter(name, asked.query, workspace.now)
    if kept is None:
        raise RefusedError(409, "there are too many filters already; forget some")
    return kept
