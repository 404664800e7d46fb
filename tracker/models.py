"""The frozen values that every other module speaks in.

What passes between two modules is one of these, never a dict.
Moments are timezone-aware UTC and end in `_at`; `old` and `new` are the two sides of a comparison, in that order; positions count from 0.
The meaning of verdicts, kinds, statuses, labels and importance is written once, in the README under "What counts as a change".

Computes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["substantive", "minor", "cosmetic", "unchanged", "different_story"]
Kind = Literal[
    "location", "attribution", "sourcing", "number", "time", "identity",
    "certainty", "quote", "event", "headline", "notice",
]  # fmt: skip
Status = Literal["replaced", "added", "removed", "conflicts"]
Disclosure = Literal["disclosed", "dated", "undisclosed"]
EventKind = Literal["removed", "restored", "moved", "reused", "variants", "settled"]
Label = Literal["fact", "context", "style", "notice", "noise"]
OperationKind = Literal["equal", "replace", "insert", "delete", "move"]
WordOperation = Literal["equal", "delete", "insert"]

Headers = tuple[tuple[str, str], ...]
"""Header fields as exchanged: in order, names as spelled by the sender, repeated fields repeated."""


# --- what the server sent -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request needs (RFC 9110, section 13); both empty the first time."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop on the way to the page."""

    url: str  # the address that answered
    status: int  # 301, 302, 303, 307 or 308
    location: str  # the absolute address that it pointed to
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the server sent at one moment; written once, never edited."""

    url: str  # the address that was asked for
    fetched_at: datetime  # when the last byte had arrived
    status: int  # of the final response
    headers: Headers  # of the final response, as received
    body: bytes  # content codings (gzip, br, zstd) undone, nothing else
    reason: str = ""  # the reason phrase
    final_url: str = ""  # after redirects; empty means the same as `url`
    request_headers: Headers = ()
    redirects: tuple[Redirect, ...] = ()
    elapsed_s: float = 0.0  # from the first connect to the last byte
    server_address: str | None = None  # the IP address that was connected to
    certificate_sha256: str | None = None  # hex digest of the server's TLS certificate
    origin: str | None = None  # of a capture that was imported: from where; None for our own

    @property
    def address(self) -> str:
        """The address that the body came from."""
        return self.final_url or self.url

    def header(self, name: str) -> str | None:
        """The first value of a response header, whatever its letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def validators(self) -> Validators:
        """What to send with the next request, so that an unchanged page costs a 304."""
        return Validators(self.header("ETag"), self.header("Last-Modified"))


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that the page is as it was (RFC 9110, section 15.4.5)."""

    url: str
    fetched_at: datetime
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """Is this response the article at all?"""

    quality: float = 1.0  # 0 (certainly not the article) to 1
    suspect: bool = False  # kept and marked, but never compared
    reasons: tuple[str, ...] = ()  # plain sentences; empty for a good capture
    gone: str | None = (
        None  # what shows that there is no such article, as the end of a sentence; None where nothing does
    )


@dataclass(frozen=True, slots=True)
class StoredReading:
    """Where the archive keeps a re-extraction: what a later program read in an old snapshot."""

    file: str  # path within the archive folder
    offset: int  # bytes
    at: datetime  # when it was read


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """Where the archive keeps one snapshot."""

    id: str  # 14-digit UTC stamp of `fetched_at`, made unique within the article: 20180409081500
    fetched_at: datetime
    status: int
    digest: str  # "sha256:…" of the body
    file: str  # path within the archive folder, with forward slashes
    offset: int  # bytes; where the capture's first record begins
    length: int  # bytes that the capture takes in the file
    size: int  # bytes of the body
    reading: StoredReading | None = None  # the last re-extraction; None: what was read in it when it was kept stands
    origin: str | None = field(
        default=None, compare=False
    )  # of a capture that was imported: from where; None for our own


# --- what our extractor read ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """The article's text as read from one snapshot; can always be recomputed from it."""

    headline: str | None = None
    byline: tuple[str, ...] = ()  # names, without "By"
    published_at: datetime | None = None
    updated_at: datetime | None = None
    section: str | None = None
    language: str | None = None  # ISO 639-1: "en"
    paragraphs: tuple[str, ...] = ()  # the body in reading order, notices included, the headline not
    captions: tuple[str, ...] = ()  # of images, without credits where these stand apart
    notices: tuple[str, ...] = ()  # update notes, corrections …: each also stands among `paragraphs`
    extractor: str = ""  # name and version of what read it: "general/1 trafilatura/2.3.1"
    canonical_url: str | None = None  # as the page itself declares it
    sentences: tuple[str, ...] | None = None  # taken as they are, in place of splitting; for lists given to `compare`
    plain_text: bool = False  # not read from a page: never suspect
    links: tuple[str, ...] | None = None  # where the links in the text lead, in reading order; None: not read
    shown_headline: str | None = None  # what stands above the article, where that reads otherwise than `headline`


# --- what changed ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A version as sentences.

    The headline, where there is one, is sentence 0 in a paragraph of its own (0), so that every fact points to a sentence.
    """

    sentences: tuple[str, ...] = ()
    paragraph_of: tuple[int, ...] = ()  # for each sentence, its paragraph
    headline: bool = False  # sentence 0 is the headline


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """One step of the alignment of two texts.

    `replace`, `equal` and `move` have both sides; `insert` only `new`; `delete` only `old`.
    A sentence split in two is a `replace` and an `insert`.  Every sentence of either side is in exactly one step.
    """

    old: int | None
    new: int | None
    operation: OperationKind
    words: tuple[
        tuple[WordOperation, str], ...
    ] = ()  # pieces, white space included: equal + delete is the old sentence, equal + insert the new
    label: Label | None = None  # None for an unchanged sentence


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that changed.  `old` and `new` are literally in the sentences that they point to."""

    kind: Kind
    status: Status
    old: str | None
    new: str | None
    old_sentence: int | None
    new_sentence: int | None
    importance: int  # 3 changes the reader's understanding, 2 a fact-checker would log it, 1 marginal
    about: str | None = None  # what it is a fact of: "killing of Qari Hekmat"
    counted: str | None = None  # of a number: "killed", "USD"
    source: str | None = None  # who says so, in the new version where it is there
    confidence: float = 1.0  # 0 to 1
    reason: str = ""  # one plain sentence
    standing_sentence: int | None = (
        None  # of a conflict: the sentence of the new version where the old value still stands
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison, as it is shown."""

    headline: str | None
    byline: tuple[str, ...]
    published_at: datetime | None
    updated_at: datetime | None
    language: str | None
    sentences: tuple[str, ...]
    paragraph_of: tuple[int, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the facts amount to."""

    verdict: Verdict | None  # None: not compared, the capture is suspect
    importance: int  # 0 when nothing was said; otherwise the highest of the facts, 1 for a minor change
    disclosure: Disclosure | None  # None unless substantive
    reasons: tuple[str, ...] = ()  # plain sentences


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions and what is different between them: schema 1 of the JSON contract (`tracker.comparison_json`)."""

    judgement: Judgement
    capture: Capture  # of the new page
    old: Side
    new: Side
    facts: tuple[Fact, ...] = ()  # most important first
    sentences: tuple[SentenceChange, ...] = ()  # in reading order of the new version
    warnings: tuple[str, ...] = ()  # what was left out, and why


# --- what the catalog knows -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A feed, sitemap or section page whose articles are followed."""

    id: int
    url: str
    kind: str  # "feed", "sitemap" or "section"
    tags: tuple[str, ...] = ()
    active: bool = True
    due_at: datetime | None = None
    checked_at: datetime | None = None
    error: str | None = None  # the last failure, None after a success
    failures: int = 0  # in a row
    validators: Validators = Validators()
    links: str | None = None  # only addresses of this pattern are followed; None: all
    limit: int | None = None  # of each reading, only so many of the newest; None: all
    every: timedelta | None = None  # how often its articles are checked; None: as their edits suggest
    most_per_hour: int | None = None  # checks of its articles, all together; None: no limit of its own


@dataclass(frozen=True, slots=True)
class Article:
    """One address that we follow, and where its following stands."""

    id: int
    url: str  # normalised
    folder: str  # within the archive folder: "example.org/strike-kills-commander-1a2b3c4d"
    added_at: datetime
    tags: tuple[str, ...] = ()
    source_id: int | None = None  # the feed that it was discovered in
    active: bool = True
    headline: str | None = None  # of the latest version
    due_at: datetime | None = None
    checked_at: datetime | None = None
    changed_at: datetime | None = None  # when the latest version that differs was fetched
    unchanged_checks: int = 0  # in a row
    failures: int = 0  # in a row
    error: str | None = None  # the last failure in one sentence, None after a success
    validators: Validators = Validators()
    snapshot_digest: str | None = None  # of the last stored snapshot, suspect ones included
    archived_until: tuple[str, int] | None = None  # (file, end offset) of the last capture that the catalog knows
    version: StoredVersion | None = None  # the latest
    same_as: str | None = None  # the address that this article is followed at instead; then it is not active
    every: timedelta | None = (
        None  # how often it is checked, where somebody has pinned that; None: as its edits suggest
    )
    gone_since: datetime | None = None  # the first check in a row that found it missing
    gone_until: datetime | None = None  # the last such check
    gone_checks: int = 0  # such checks; those that failed for other reasons are not among them
    removed_at: datetime | None = None  # when it was confirmed that it is gone
    alternates: bool = False  # it serves several texts in turn
    fingerprint: str | None = (
        None  # of the last page in which the latest version's text was read (`tracker.extract.quick`)
    )


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A row of an article's history; the text itself is read from the archive."""

    id: int
    number: int  # 1, 2, … within the article
    snapshot: StoredSnapshot  # the first capture that showed this text
    digest: str  # of the text: equal digests, equal texts
    headline: str | None
    last_seen_at: (
        datetime  # the last check that found it unchanged: upper bound of the change is the next version's fetched_at
    )
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the texts that an address serves in turn."""

    version: StoredVersion
    place: int  # 1 is what stood there before the texts began to alternate, or an edit of it
    looks: int  # that showed it, since the texts began to alternate
    in_a_row: int  # of the latest looks, those that showed it and no other
    marks: tuple[str, ...] = ()  # the sentences that it does not share with the others


@dataclass(frozen=True, slots=True)
class Change:
    """Two versions of an article in a row, and the comparison of them."""

    id: int
    article_url: str
    old: StoredVersion
    new: StoredVersion
    comparison: Comparison
    detected_at: datetime
    tags: tuple[str, ...] = ()
    reversal_of: int | None = None  # number of the earlier version that has the same text as the new one
    alternating: bool = False  # neither text took the other's place: the address serves them in turn

    @property
    def not_before(self) -> datetime:
        """The change was made after this moment: the last check that saw the old version."""
        return self.old.last_seen_at

    @property
    def not_after(self) -> datetime:
        """The change was made before this moment: the capture that showed the new version."""
        return self.new.snapshot.fetched_at


@dataclass(frozen=True, slots=True)
class Event:
    """What became of an article as a whole; `tracker.fate` puts it into words."""

    id: int
    article_url: str
    kind: EventKind
    # removed: what speaks for it · restored: "identical", "different" or "another story" · moved: the new address ·
    # reused: the headline of the other story · variants: the texts and how often each was seen · settled: the one that stayed
    detail: str
    headline: str | None  # of the latest version
    not_before: datetime  # it happened after this moment
    not_after: datetime  # and before this one
    detected_at: datetime
    tags: tuple[str, ...] = ()


# --- alerts ---------------------------------------------------------------------------------------

DeliveryState = Literal["waiting", "delivered", "parked"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a change, and what it shows in words."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Message:
    """An alert, ready to be sent by any channel."""

    key: str  # idempotency key: the same for every attempt to deliver one change to one channel
    title: str
    text: str  # plain text; its first line says what changed
    html: str
    payload: dict[str, object] = field(default_factory=dict)  # the JSON that a webhook gets
    importance: int = 0  # of the change, 0 to 3
    timetable: str | None = None  # of the digest that it is gathered for; None: it is sent by itself
    follows: str | None = None  # key of the message that it amends
    picture: Picture | None = None  # made when it is sent, and not kept in the outbox


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox."""

    id: int
    key: str
    channel: str  # its name in config.toml
    change_id: int | None  # None for a test message
    message: Message
    state: DeliveryState
    created_at: datetime
    attempts: int = 0
    due_at: datetime | None = None
    delivered_at: datetime | None = None
    error: str | None = None  # of the last attempt, without secrets
    parts: tuple[int, ...] = ()  # of a digest: the rows that it is made of; `id` is the first


@dataclass(frozen=True, slots=True)
class Told:
    """A message about an article that a channel has accepted."""

    key: str  # as the channel knows it
    at: datetime
    text: str
    payload: dict[str, object]


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does."""

    name: str
    failures: int  # in a row
    failing_since: datetime | None
    resume_at: datetime | None  # it is left alone until then
    waiting: int = 0  # messages that are to be sent
    parked: int = 0  # messages that were given up until somebody says to try again
    next_at: datetime | None = None  # the first of those that wait may be sent from then on
    error: str | None = None  # of the oldest message that was tried in vain
