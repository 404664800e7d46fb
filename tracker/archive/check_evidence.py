# ruff: noqa: T201 - a script that strangers read and run
"""Check the evidence in this folder: two or more captures of one page, and the chain that they are links of.

    python3 check_evidence.py [WORDS ...]

Needs Python 3.9 or later and nothing else; changes nothing and sends nothing.
It says which captures show the words, or those in claims.txt where none are given.

It reads captures.warc.gz (what the server sent, as standard WARC records), chain.tsv (the digest of every record that was ever kept of the article),
SHA256SUMS (the digest of every file here) and timestamps/ where there is one (the word of others that the chain was there by a moment).
It is copied into every evidence file and stands alone: it knows nothing of the program that made the file, so that you need not trust that program.
"""

import gzip
import hashlib
import html.parser
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONCLUSION = """
What this shows: whoever made this file kept these bytes, and none of them was changed since without changing the last digest of the chain,
    {}
What is present in one capture and absent in the next was changed between the two moments; not before the first, not after the second.
Nothing here says at which moment between.

What this does not show: that the clocks were right, that the server sent everybody the same, or that the whole chain was not made up at once.
"""
UNSTAMPED = "Against that helps a copy of this digest, or of an earlier one, in the hands of somebody else before there was a quarrel: a time-stamp, a backup, a message."
STAMPED = """Against the last of these helps a time-stamp: somebody else saw digests of this chain, and says when.  Those that are here cover, of the {} records of the chain, the first:
{}Whether the authority signed them, this script cannot tell, for it takes a library for signatures.  OpenSSL can, with the authority's root certificate:
    openssl ts -verify -data timestamps/NAME.heads -in timestamps/NAME.tsr -CAfile authority.pem
    openssl ts -reply -in timestamps/NAME.tsr -text      (shows when)"""

STRAIGHT = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ad": ""}

Record = tuple[dict[str, str], bytes, bytes]  # named fields in lower case, content, everything


def digest_of(data: bytes) -> str:
    """Name the SHA-256 of some bytes as the records do."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_records(data: bytes) -> list[Record]:
    """Cut a WARC file into its records."""
    records, position = [], 0
    while position < len(data):
        end = data.index(b"\r\n\r\n", position) + 4
        lines = data[position:end].decode("utf-8").split("\r\n")[1:]
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        close = end + int(fields["content-length"]) + 4
        records.append((fields, data[end : close - 4], data[position:close]))
        position = close
    return records


def check_records(records: list[Record], chain: list[list[str]]) -> list[str]:
    """Compare each record with the digests that it names, and with the chain."""
    problems = []
    links = {(line[2], line[3]) for line in chain}
    for fields, block, raw in records:
        name = f"the {fields['warc-type']} record of {fields['warc-date']}"
        payload = block.partition(b"\r\n\r\n")[2]
        if fields.get("warc-block-digest") != digest_of(block):
            problems.append(name + " was changed: its content does not have the digest that it names")
        if fields.get("warc-payload-digest", digest_of(payload)) != digest_of(payload):
            problems.append(name + " was changed: its page does not have the digest that it names")
        if (digest_of(raw), fields.get("x-archive-previous-record", "-")) not in links:
            problems.append(name + " is no link of the chain")
    return problems


def check_sums() -> list[str]:
    """Compare every file with its digest in SHA256SUMS."""
    problems, known = [], {"SHA256SUMS"}
    for line in (HERE / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        known.add(name)
        path = HERE / name
        if not path.is_file():
            problems.append(f"the file {name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            problems.append(f"the file {name} was changed")
    there = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*") if path.is_file()}
    return problems + [f"the file {name} was added" for name in sorted(there - known)]


def check_stamps(chain: list[list[str]]) -> tuple[dict[str, int], list[str]]:
    """See which time-stamps are about this chain: how many of its records each covers, and what is wrong."""
    covered, problems = {}, []
    positions = {line[2]: number for number, line in enumerate(chain, 1)}
    for answer in sorted(HERE.glob("timestamps/*.tsr")):
        stamped = answer.with_suffix(".heads").read_bytes()
        heads = set(stamped.decode("ascii", "replace").split())
        number = max((positions[head] for head in heads if head in positions), default=0)
        imprints = [hashlib.new(name, stamped).digest() for name in ("sha256", "sha384", "sha512")]
        if number == 0 or not any(imprint in answer.read_bytes() for imprint in imprints):
            problems.append(f"the time-stamp {answer.name} is not about this chain")
        covered[answer.stem] = number
    return covered, problems


def check_chain(chain: list[list[str]]) -> list[str]:
    """See that each link names the one before."""
    problems, before = [], "-"
    for number, line in enumerate(chain, 1):
        if line[3] != before:
            problems.append(f"link {number} of the chain was not made after the one before it")
        before = line[2]
    return problems


class Words(html.parser.HTMLParser):
    """Gathers the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Begin to pass over what no reader sees."""
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        """Read on."""
        self.hidden -= tag in ("script", "style") and self.hidden > 0

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self.hidden:
            self.found.append(data)


def text_of(page: bytes, charset: str) -> str:
    """Read the words of a page, in small letters."""
    words = Words()
    try:
        words.feed(page.decode(charset, "replace"))
    except LookupError:
        words.feed(page.decode("utf-8", "replace"))
    return plain(" ".join(words.found))


def plain(text: str) -> str:
    """Leave small letters, single spaces and plain quotation marks."""
    for fancy, straight in STRAIGHT.items():
        text = text.replace(fancy, straight)
    return re.sub(r"\s+", " ", text).strip().lower()


Page = tuple[str, str, bytes, str]  # when it was fetched, from where, what came, its words


def pages_of(records: list[Record]) -> list[Page]:
    """List the pages in order of time."""
    pages = []
    for fields, block, _ in records:
        head, _, body = block.partition(b"\r\n\r\n")
        if fields["warc-type"] == "response" and not re.match(rb"HTTP/\S+ 3", block):
            declared = re.search(rb"charset=[\"']?([\w-]+)", head + body[:2000], re.IGNORECASE)
            words = text_of(body, declared[1].decode("ascii") if declared else "utf-8")
            pages.append((fields["warc-date"], fields["warc-target-uri"], body, words))
    return sorted(pages)


def claims() -> list[str]:
    """Read the words that matter, as whoever made this file sees it."""
    path = HERE / "claims.txt"
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def main(wanted: list[str]) -> int:
    """Check everything, and say what it shows and what it does not."""
    records = read_records(gzip.decompress((HERE / "captures.warc.gz").read_bytes()))
    lines = (HERE / "chain.tsv").read_text("utf-8").splitlines()
    chain = [line.split("\t") for line in lines[1:]]
    stamps, unfit = check_stamps(chain)
    problems = check_records(records, chain) + check_chain(chain) + unfit + check_sums()
    for problem in problems:
        print("WRONG: " + problem + ".")
    if problems:
        print("\nThis evidence proves nothing: it was changed after it was made.")
        return 1
    print(f"{len(records)} records and {len(chain)} links of the chain: every digest is right.\n")
    pages = pages_of(records)
    for date, address, page, _ in pages:
        print(f"{date}  {address}\n    {len(page)} bytes, {digest_of(page)}")
    for words in wanted or claims():
        seen = [f"{'present' if plain(words) in text else 'absent'} at {date}" for date, _, _, text in pages]
        print(f'"{words}": {", ".join(seen)}')
    print(CONCLUSION.format(chain[-1][2]))
    shown = "".join(f"    {number} by {name}\n" for name, number in stamps.items())
    print(STAMPED.format(len(chain), shown) if stamps else UNSTAMPED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
