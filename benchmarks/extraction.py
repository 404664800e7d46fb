"""Measure the extractor on real pages, beside the library that it stands on.

    python benchmarks/extraction.py [--set pages-segments] [--misses] [--no-peers]

readability-lxml and newspaper4k are measured where they are installed: in this environment, or in one of their own that $TRACKER_PEERS names (default .peers beside the project):

    python -m venv .peers && .peers/bin/python -m pip install -U "pip>=24" && .peers/bin/pip install readability-lxml newspaper4k "lxml[html_clean]"

Reads ../shared/data or $TRACKER_DATA; says so and ends when that is not there.  Rules were tuned on the half of each set called "seen" (by a hash of the name) and both halves are printed.
How each set is scored:

- pages-segments: as trafilatura's own evaluation does: texts that must be in the result and texts that must not, counted over all pages; F = 2PR/(P+R).
- pages-publishers: F1 over 4-word shingles of the body (standfirst and crossheads included), averaged over pages; the headline counts as right when it is equal without regard to typography,
  the date when it is the same day, authors by F1 over names.  The references were made by fundus, and the table of where a publisher's headline stands was written after fundus' rules:
  for publishers that are not in the table, "general" of the set `titles` is what to expect.
- titles: of pages-publishers, how many headlines each place of a page has right, how many the general rule has without the table of publishers, and how many are in any of them.
- redesigns: ratio of equal words, in order, of the two extracted texts.
- policy-history: captures in time order; "seen" = headline or paragraphs, or where their links lead, differ from the capture before.
- capture-quality: the recorded status and headers; bodies that were not recorded are stood in for by the recorded title and length.
- articles: article pages, and histories of pages each judged with the one before: none is to be suspect.
- quick: pairs of captures; "proven" = equal fingerprints, "hidden" = equal fingerprints though the full extractions differ.
- rig: the load rig's articles at four levels of noise, where that is there.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import html
import itertools
import json
import os
import re
import statistics
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from lxml import html as lxml_html
from rapidfuzz.distance import Indel

from tracker.capture import judge_capture
from tracker.errors import TrackerError
from tracker.extract import extract_version
from tracker.extract.headline import choose_headline, strip_site
from tracker.extract.page import parse_page
from tracker.extract.quick import fingerprint
from tracker.models import Snapshot, Version
from tracker.text import says_the_same

DATA = Path(os.environ.get("TRACKER_DATA", Path(__file__).parents[1] / "../shared/data"))
PEERS = Path(os.environ.get("TRACKER_PEERS", Path(__file__).parents[1] / ".peers"))
RIG = Path(os.environ.get("TRACKER_RIG", DATA / "../peers"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_TYPOGRAPHY = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’‚", "'"), **dict.fromkeys("–—‑", "-")})
Read = Callable[[Snapshot], Version]
FAILED: collections.Counter[tuple[str, str]] = (
    collections.Counter()
)  # readings that ended in an error, by who and which


def snapshot(
    body: bytes,
    url: str,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),),
    at: datetime = NOW,
) -> Snapshot:
    return Snapshot(url=url, fetched_at=at, status=status, headers=headers, body=body)


# --- who is measured ------------------------------------------------------------------------------


def ours(page: Snapshot) -> Version:
    try:
        return extract_version(page)
    except TrackerError:
        return Version()


def trafilatura_alone(page: Snapshot) -> Version:
    import trafilatura

    document = trafilatura.bare_extraction(
        page.body,
        url=page.url,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False},
    )
    if document is None:
        return Version()
    moment = datetime.fromisoformat(document.date).replace(tzinfo=UTC) if document.date else None
    byline = tuple(document.author.split("; ")) if document.author else ()
    return Version(
        headline=document.title, byline=byline, published_at=moment, paragraphs=tuple((document.text or "").split("\n"))
    )


def readability_alone(page: Snapshot) -> Version:
    from readability import Document

    document = Document(page.body.decode("utf-8", "replace"))
    text = lxml_html.fromstring(document.summary()).text_content()
    return Version(headline=document.short_title(), paragraphs=tuple(text.split("\n")))


def newspaper_alone(page: Snapshot) -> Version:
    import newspaper

    article = newspaper.Article(page.url or "http://localhost/", fetch_images=False)
    article.download(input_html=page.body.decode("utf-8", "replace"))
    article.parse()
    return Version(
        headline=article.title,
        byline=tuple(article.authors),
        published_at=article.publish_date,
        paragraphs=tuple(article.text.split("\n")),
    )


def peers() -> dict[str, Read]:
    found: dict[str, Read] = {"trafilatura": trafilatura_alone}
    sys.path += map(str, PEERS.glob("lib/python3*/site-packages"))  # last: what we use ourselves is not replaced
    for name, module, read in (
        ("readability-lxml", "readability", readability_alone),
        ("newspaper4k", "newspaper", newspaper_alone),
    ):
        try:
            __import__(module)
        except ImportError as error:
            print(f"{name}: skipped, it is not installed ({error}); --help says how")
            continue
        found[name] = read
    return found


def normalize_typography(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_TYPOGRAPHY))


# --- scoring --------------------------------------------------------------------------------------


class Ratio:
    """Counts of right, asked and given, and the time taken."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.lists: dict[str, list[float]] = collections.defaultdict(list)

    def f(self) -> float:
        right = self.counts["tp"]
        wrong = self.counts["fp"] + self.counts["fn"]
        return 2 * right / (2 * right + wrong) if right else 0.0

    def mean(self, name: str) -> float:
        return statistics.fmean(self.lists[name]) if self.lists[name] else float("nan")


def half(name: str) -> str:
    return "seen" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "held out"


def plain(text: str | None) -> str:
    return re.sub(r"\W+", " ", normalize_typography(text or "")).strip().lower()


def shingles(text: str, size: int = 4) -> collections.Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return collections.Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)))


def f1(found: collections.Counter[tuple[str, ...]], wanted: collections.Counter[tuple[str, ...]]) -> float:
    both = sum((found & wanted).values())
    return 2 * both / (sum(found.values()) + sum(wanted.values()))


def authors_f1(found: tuple[str, ...], wanted: list[str]) -> float:
    one, other = {plain(name) for name in found}, {plain(name) for name in wanted}
    return 1.0 if not one and not other else 2 * len(one & other) / max(1, len(one) + len(other))


def names(author: str | list[str]) -> list[str]:
    return author.split("; ") if isinstance(author, str) else author


def same_day(moment: datetime | None, day: str | None) -> bool:
    if moment is None or day is None:
        return False
    return day[:10] == (
        moment.date().isoformat()
        if len(day) < 20
        else moment.astimezone(datetime.fromisoformat(day).tzinfo).date().isoformat()
    )


def timed(read: Read, page: Snapshot) -> tuple[Version, float]:
    start = time.process_time()
    try:
        version = read(page)
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way, and is scored for it
        print(f"  {page.url}: {type(error).__name__}: {error}", file=sys.stderr)
        FAILED[read.__name__, type(error).__name__] += 1
        version = Version()
    return version, time.process_time() - start


# --- the sets -------------------------------------------------------------------------------------


def segments(readers: dict[str, Read], misses: bool) -> None:
    gold = json.loads((DATA / "pages-segments/gold.json").read_text())
    for name, read in readers.items():
        scores: dict[str, Ratio] = collections.defaultdict(Ratio)
        for url, item in gold.items():
            body = read_segment(item["file"])
            version, seconds = timed(read, snapshot(body, url))
            text = "\n".join(version.paragraphs)
            for part in (half(item["file"]), "all"):
                score = scores[part]
                score.lists["ms"].append(seconds * 1000)
                lost = [wanted for wanted in item["with"] if wanted not in text]
                kept = [unwanted for unwanted in item["without"] if unwanted in text]
                score.counts.update(
                    tp=len(item["with"]) - len(lost), fn=len(lost), fp=len(kept), tn=len(item["without"]) - len(kept)
                )
                if item.get("title"):
                    score.lists["title"].append(plain(version.headline) == plain(item["title"]))
                if item.get("date"):
                    score.lists["date"].append(same_day(version.published_at, item["date"]))
                if item.get("author"):
                    score.lists["author"].append(authors_f1(version.byline, names(item["author"])))
            if misses and name == "ours" and half(item["file"]) == "seen":
                for text_ in lost:
                    print(f"  LOST {item['file']}: {text_!r}")
                for text_ in kept:
                    print(f"  KEPT {item['file']}: {text_!r}")
                if item.get("title") and plain(version.headline) != plain(item["title"]):
                    print(f"  TITLE {item['file']}: {version.headline!r} for {item['title']!r}")
                if item.get("date") and not same_day(version.published_at, item["date"]):
                    print(f"  DATE {item['file']}: {version.published_at} for {item['date']}")
                if item.get("author") and authors_f1(version.byline, names(item["author"])) < 1:
                    print(f"  AUTHOR {item['file']}: {version.byline} for {item['author']!r}")
        for part, score in scores.items():
            count = score.counts
            print(
                f"pages-segments {name:17} {part:8} F {score.f():.4f}  precision {count['tp'] / (count['tp'] + count['fp']):.3f} recall {count['tp'] / (count['tp'] + count['fn']):.3f}"
                f"  title {score.mean('title'):.3f} date {score.mean('date'):.3f} author {score.mean('author'):.3f}  ms median {statistics.median(score.lists['ms']):.1f} mean {score.mean('ms'):.1f}"
            )


def publisher_pages() -> Iterator[tuple[str, Snapshot, dict]]:
    """Yield the pages with their references; the day on which each was fetched is in its file's name."""
    for gold_file in sorted((DATA / "pages-publishers").glob("*/*.json")):
        gold = json.loads(gold_file.read_text())
        addresses = json.loads((gold_file.parent / "meta.info").read_text())
        files = sorted(gold_file.parent.glob(f"{gold_file.stem}_*.html.gz"))
        pages = {file: gzip.decompress(file.read_bytes()) for file in files}
        for key, item in gold.items():
            words = (
                [plain(p) for s in item["body"]["sections"] for p in s["paragraphs"]][:3] if item.get("body") else []
            )
            file = max(
                pages,
                key=lambda f, w=words, i=item: (
                    sum(x[:60] in plain(pages[f].decode("utf-8", "replace")) for x in w),
                    plain(i["title"]) in plain(pages[f].decode("utf-8", "replace")),
                ),
            )
            at = datetime.strptime(file.name.removeprefix(gold_file.stem), "_%Y_%m_%d.html.gz").replace(tzinfo=UTC)
            address = addresses.get(file.name, {}).get("url", "")
            yield f"{gold_file.stem} {key}", snapshot(pages[file], address, at=at), item


def publishers(readers: dict[str, Read], misses: bool) -> None:
    pages = list(publisher_pages())
    for name, read in readers.items():
        scores: dict[str, Ratio] = collections.defaultdict(Ratio)
        for key, page, item in pages:
            version, seconds = timed(read, page)
            sections = [text for s in item["body"]["sections"] for text in (*s["headline"], *s["paragraphs"])]
            text = "\n".join(version.paragraphs)
            with_summary = f1(shingles(text), shingles("\n".join((*item["body"]["summary"], *sections))))
            without = f1(shingles(text), shingles("\n".join(sections)))
            title, date = (
                plain(version.headline) == plain(item["title"]),
                same_day(version.published_at, item.get("publishing_date")),
            )
            authors = authors_f1(version.byline, item.get("authors") or [])
            for part in (half(key.split()[0]), "all"):
                for field, value in {
                    "body": with_summary,
                    "section": without,
                    "title": title,
                    "date": date,
                    "authors": authors,
                    "ms": seconds * 1000,
                }.items():
                    scores[part].lists[field].append(value)
            if misses and name == "ours" and half(key.split()[0]) == "seen":
                if with_summary < 0.95:
                    print(f"  BODY {key}: {with_summary:.3f} (without standfirst {without:.3f})")
                if not title:
                    print(f"  TITLE {key}: {version.headline!r} for {item['title']!r}")
                if not date:
                    print(f"  DATE {key}: {version.published_at} for {item['publishing_date']}")
                if authors < 1:
                    print(f"  AUTHORS {key}: {version.byline} for {item.get('authors')}")
        for part, score in scores.items():
            print(
                f"pages-publishers {name:17} {part:8} shingle-F1 {score.mean('body'):.4f} (no standfirst {score.mean('section'):.4f})  title {score.mean('title'):.3f} date {score.mean('date'):.3f}"
                f" authors {score.mean('authors'):.3f}  ms median {statistics.median(score.lists['ms']):.1f} mean {score.mean('ms'):.1f}"
            )


def titles() -> None:
    """Say how far any rule could come that takes the headline from one place of a page."""
    right: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for key, saved, item in publisher_pages():
        page = parse_page(saved)
        headings = [" ".join("".join(element.itertext()).split()) for element in page.tree.iter("h1")]
        tags = page.tree.xpath("//meta[@property='og:title']/@content")
        places = {
            "ours": ours(saved).headline,
            "general": choose_headline(page.tree, page.metadata.headlines, page.metadata.title, page.metadata.site),
            "h1": next(iter(headings), ""),
            "og:title": strip_site(html.unescape(tags[0]), page.metadata.site, headings) if tags else "",
            "JSON-LD": str(page.metadata.article.get("headline") or ""),
            "<title>": strip_site(page.metadata.title, page.metadata.site, headings),
        }
        good = [name for name, text in places.items() if plain(text) == plain(item["title"])]
        for part in (half(key.split()[0]), "all"):
            right[part].update(["pages", *good, *(["any of them"] if good else [])])
    for part, counts in right.items():
        shares = ", ".join(f"{name} {counts[name] / counts['pages']:.3f}" for name in (*places, "any of them"))
        print(f"titles {part:8} {shares}")


def similarity(old: Version, new: Version) -> float:
    one, other = ("\n".join(map(normalize_typography, v.paragraphs)).split() for v in (old, new))
    return Indel.normalized_similarity(one, other)


def redesigns(readers: dict[str, Read], misses: bool) -> None:
    for folder in sorted((DATA / "redesigns").iterdir()):
        old, new = (read_side(folder, side) for side in ("old", "new"))
        for name, read in readers.items():
            one, other = timed(read, snapshot(old, ""))[0], timed(read, snapshot(new, ""))[0]
            print(
                f"redesigns {name:17} {folder.name[:40]:40} word similarity {similarity(one, other):.4f}  same headline {plain(one.headline) == plain(other.headline)}"
            )
            if misses and name == "ours":
                print(*sorted({*one.paragraphs} ^ {*other.paragraphs}), sep="\n  DIFFERS ")


def policies(readers: dict[str, Read], misses: bool) -> None:
    manifest, bodies = policy_captures()
    for name, read in readers.items():
        counts: collections.Counter[tuple[str, bool]] = collections.Counter()
        previous: dict[str, tuple[str, ...]] = {}
        for item in manifest:
            version = timed(read, snapshot(bodies[item["file"]], ""))[0]
            headlines = (version.headline or "", version.shown_headline or "")
            text = (*map(normalize_typography, (*headlines, *version.paragraphs)), *(version.links or ()))
            changed = previous.get(item["doc"]) not in (None, text)
            wrong = item["text_change"] != "first" and changed != (item["text_change"] == "new_changes")
            if wrong and misses and name == "ours":
                print(
                    f"  POLICY {item['file']} {item['text_change']}: {[p[:90] for p in {*previous[item['doc']]} ^ {*text}][:4]}"
                )
            previous[item["doc"]] = text
            counts[item["text_change"], changed] += 1
        print(
            f"policy-history {name:17} unchanged and no change reported {counts['no_text_change', False]} of {counts['no_text_change', False] + counts['no_text_change', True]}"
            f"; changes seen {counts['new_changes', True]} of {counts['new_changes', False] + counts['new_changes', True]}"
        )


def captures(misses: bool) -> None:
    tally: collections.Counter[str] = collections.Counter()
    for file in sorted((DATA / "capture-quality").glob("*/*.json")):
        data = json.loads(file.read_text())["data"]
        body = file.with_suffix(".body")
        content = body.read_bytes() if body.exists() else _stand_in(data["title"], data["content_length"])
        page = snapshot(content, data["url"], data["status"], tuple(data["headers"].items()))
        version = ours_or_none(page)
        capture = judge_capture(page, version, None)
        wanted = float(file.parent.name.rsplit("-", 1)[1])
        kind = (
            "block page" if wanted < 1 else "good, status 200" if data["status"] == 200 else "good, but an HTTP error"
        )
        tally[f"{kind}: {'suspect' if capture.suspect else 'not suspect'}"] += 1
        if misses:
            print(f"  {file.parent.name} {data['status']}: {capture}")
    for kind, count in sorted(tally.items()):
        print(f"capture-quality {kind}: {count}")


def ours_or_none(page: Snapshot) -> Version | None:
    try:
        return extract_version(page)
    except TrackerError:
        return None


def _stand_in(title: str, length: int) -> bytes:
    if not length:
        return b""
    filler = "".join(
        f"<p>Paragraph number {n} of a page that the server sent in full, with words enough to be read.</p>"
        for n in range(min(40, length // 100))
    )
    return (f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{filler}</body></html>").encode()


def articles_pass_the_gate(misses: bool) -> None:
    pages = [(key, page.url, page.body) for key, page, _ in publisher_pages()]
    gold = json.loads((DATA / "pages-segments/gold.json").read_text())
    pages += [(item["file"], url, read_segment(item["file"])) for url, item in gold.items()]
    _gate("pages-publishers and pages-segments", [[page] for page in pages], misses)
    pairs = [*sorted((DATA / "redesigns").iterdir()), *sorted((DATA / "pairs-html").iterdir())]
    pages = [[(f"{folder.name} {side}", "", read_side(folder, side)) for side in ("old", "new")] for folder in pairs]
    _gate("redesigns and pairs-html", pages, misses)
    with gzip.open(DATA / "newsedits/pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        edits = [json.loads(line) for line in lines]
    pages = [
        [(f"newsedits {n} {side}", "", lay_out(pair[side])) for side in ("old", "new")] for n, pair in enumerate(edits)
    ]
    _gate("newsedits, laid out as pages", pages, misses)
    manifest, bodies = policy_captures()
    documents = collections.defaultdict(list)
    for item in manifest:
        documents[item["doc"]].append((item["file"], "", bodies[item["file"]]))
    _gate("policy-history", list(documents.values()), misses)
    if site := rig_site(118):
        edits = []
        for k in range(118):
            edits.append([(f"rig {k}", site.url(k), site.render(k)[0])])
            for kind in sys.modules["articles"].EDITS:
                site.bump(k, kind)
                edits[-1].append((f"rig {k} {kind}", site.url(k), site.render(k)[0]))
        _gate("rig", edits, misses)


def lay_out(sentences: list[str]) -> bytes:
    """Write sentences as a page, the first as its headline."""
    headline, *rest = map(html.escape, sentences)
    text = "".join(f"<p>{sentence}</p>" for sentence in rest)
    return f"<html><head><title>{headline}</title></head><body><article><h1>{headline}</h1>{text}</article></body></html>".encode()


def _gate(name: str, histories: list[list[tuple[str, str, bytes]]], misses: bool) -> None:
    suspect, seconds = 0, []
    for history in histories:
        previous = None
        for key, url, body in history:
            page = snapshot(body, url)
            version = ours_or_none(page)
            start = time.process_time()
            capture = judge_capture(page, version, previous)
            seconds.append(time.process_time() - start)
            previous = version
            suspect += capture.suspect
            if capture.suspect and misses:
                print(f"  SUSPECT {key}: {capture.reasons}")
    milliseconds = sorted(1000 * second for second in seconds)
    print(
        f"capture: {name}: taken for suspect {suspect} of {len(seconds)}; ms median {statistics.median(milliseconds):.2f}"
        f" p95 {milliseconds[int(0.95 * len(seconds))]:.2f} max {milliseconds[-1]:.1f}"
    )


def read_side(folder: Path, side: str) -> bytes:
    return gzip.decompress((folder / f"{side}.html.gz").read_bytes())


def policy_captures() -> tuple[list[dict], dict[str, bytes]]:
    manifest = json.loads((DATA / "policy-history/manifest.json").read_text())
    with tarfile.open(DATA / "policy-history/snapshots.tar.xz") as tar:
        bodies = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    return manifest, {"/".join(name.split("/")[-2:]): body for name, body in bodies.items()}


def read_segment(name: str) -> bytes:
    path = DATA / "pages-segments/html" / name
    return path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())


def rig_site(count: int) -> Any:
    """The load rig's site, or None where the rig is not there."""
    if not (RIG / "articles.py").exists():
        print(f"rig: skipped, {RIG} is not there")
        return None
    sys.path.insert(0, str(RIG))
    return __import__("articles").Site(n=count)


def rig(count: int, misses: bool) -> None:
    site = rig_site(count)
    if site is None:
        return
    same = seen = complete = 0
    kinds = list(sys.modules["articles"].EDITS)
    for k in range(count):
        texts = set()
        for noise in range(4):
            site.noise, site.noise_epoch = noise, noise + k
            read = ours(snapshot(site.render(k)[0], site.url(k)))
            texts.add((read.headline or "", read.shown_headline or "", *read.paragraphs, *(read.links or ())))
        same += len(texts) == 1
        if len(texts) > 1 and misses:
            first, *rest = texts
            print(
                f"  NOISE {k} (template {k % len(site.templates)}): {[p[:80] for other in rest for p in {*first} ^ {*other}][:4]}"
            )
        before = ours(snapshot(site.render(k)[0], site.url(k)))
        kind = kinds[k % len(kinds)]
        site.bump(k, kind)
        after = ours(snapshot(site.render(k)[0], site.url(k)))
        changed = (before.paragraphs, before.headline) != (after.paragraphs, after.headline)
        seen += changed
        facts = plain(" ".join((after.headline or "", *after.paragraphs)))
        missing = [fact for fact in site.story(k).plain_facts() if plain(fact) not in facts]
        complete += not missing
        if misses and (not changed or missing):
            print(
                f"  EDIT {k} {kind} (template {k % len(site.templates)}): changed {changed}, missing {[m[:60] for m in missing]}"
            )
    print(
        f"rig: {same} of {count} articles read the same at noise 0-3; {seen} of {count} edits visible; {complete} of {count} read completely"
    )


def quick(misses: bool) -> None:
    """Hold the fingerprint against full extractions: of captures in a row, of the rig's noise and edits, and of pages with one thing changed anywhere."""
    manifest, bodies = policy_captures()
    documents = collections.defaultdict(list)
    for item in manifest:
        documents[item["doc"]].append(("", bodies[item["file"]]))
    _glance(
        "policy-history", [pair for captures in documents.values() for pair in itertools.pairwise(captures)], misses
    )
    if site := rig_site(118):
        pairs = []
        for k in range(118):
            plain_page = site.url(k), site.render(k)[0]
            for site.noise in (1, 2, 3):
                site.noise_epoch += 1
                pairs.append((plain_page, (site.url(k), site.render(k)[0])))
            for kind in sys.modules["articles"].EDITS:
                before = site.url(k), site.render(k)[0]
                site.bump(k, kind)
                pairs.append((before, (site.url(k), site.render(k)[0])))
            site.noise = 0
        _glance("rig", pairs, misses)
    random = Random(1)
    gold = json.loads((DATA / "pages-segments/gold.json").read_text())
    pages = [(page.url, page.body) for _, page, _ in publisher_pages()]
    pages += [(url, read_segment(item["file"])) for url, item in gold.items()]
    _glance(
        "changed anywhere", [(page, (page[0], mutate(page[1], random))) for page in pages for _ in range(3)], misses
    )


def mutate(body: bytes, random: Random) -> bytes:
    """Change one text of a page: a digit, a word, a word more, or the whole of it."""
    texts = [match for match in re.finditer(rb">([^<>]{3,})<", body[body.find(b"<body") :]) if match[1].strip()]
    match = random.choice(texts) if texts else None
    if match is None:
        return body
    text = match[1]
    words = text.split()
    new = random.choice(
        [
            re.sub(rb"\d", lambda digit: b"%d" % ((int(digit[0]) + 1) % 10), text),
            text.replace(random.choice(words), b"otherwise"),
            text + b" 17.",
            b"<p>" + text + b"</p>",
            b"",
        ]
    )
    start = body.find(b"<body") + match.start(1)
    return body[:start] + new + body[start + len(text) :]


def _glance(name: str, pairs: list[tuple[tuple[str, bytes], tuple[str, bytes]]], misses: bool) -> None:
    counts: collections.Counter[tuple[bool, bool]] = collections.Counter()
    seconds = []
    for (url, old), (_, new) in pairs:
        before = ours_or_none(snapshot(old, url))
        after = ours_or_none(snapshot(new, url))
        if before is None:
            continue
        print_before = fingerprint(snapshot(old, url), before)
        start = time.process_time()
        proven = fingerprint(snapshot(new, url), before) == print_before is not None
        seconds.append(time.process_time() - start)
        same = after is not None and says_the_same(before, after)
        counts[same, proven] += 1
        if proven and not same and misses:
            difference = {*before.paragraphs} ^ {*(after.paragraphs if after else ())}
            print(
                f"  HIDDEN {url}: {[text[:90] for text in difference]} {before.headline!r} {after and after.headline!r}"
            )
    print(
        f"quick: {name}: the same {counts[True, True] + counts[True, False]}, of which proven {counts[True, True]};"
        f" changed {counts[False, False] + counts[False, True]}, of which hidden {counts[False, True]}; ms median {1000 * statistics.median(seconds):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--set",
        action="append",
        choices=[
            "pages-segments",
            "pages-publishers",
            "titles",
            "redesigns",
            "policy-history",
            "capture-quality",
            "articles",
            "rig",
            "quick",
        ],
    )
    parser.add_argument(
        "--misses", action="store_true", help="print what went wrong in the half that rules are tuned on"
    )
    parser.add_argument("--no-peers", action="store_true", help="measure ours alone")
    parser.add_argument("--rig-articles", type=int, default=118, help="two for each template")
    options = parser.parse_args()
    if not DATA.exists():
        print(f"skipped: {DATA} is not there (TRACKER_DATA names another place)")
        return
    readers: dict[str, Read] = {"ours": ours, **({} if options.no_peers else peers())}
    sets: dict[str, Callable[[], None]] = {
        "pages-segments": lambda: segments(readers, options.misses),
        "pages-publishers": lambda: publishers(readers, options.misses),
        "titles": titles,
        "redesigns": lambda: redesigns(readers, options.misses),
        "policy-history": lambda: policies(readers, options.misses),
        "capture-quality": lambda: captures(options.misses),
        "articles": lambda: articles_pass_the_gate(options.misses),
        "rig": lambda: rig(options.rig_articles, options.misses),
        "quick": lambda: quick(options.misses),
    }
    for name in options.set or sets:
        sets[name]()
    for (who, error), count in FAILED.items():
        print(f"{who}: {count} readings ended in {error} and count as nothing found: a score made of these is none")


if __name__ == "__main__":
    main()
