# ruff: noqa: T201 - a script that strangers read and run
"""Check the evidence in this folder: two or more captures of one page, and the chain that they are links of.

    python3 check_evidence.py [WORDS ...]

Needs Python 3.9 or later and nothing else; changes nothing and sends nothing.  Given words, it says which captures show them.

It reads captures.warc.gz (what the server sent, as standard WARC records) and chain.tsv (the digest of every record that was ever kept of the article).
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

What this does not show: that the clocks were right, that the server sent everybody the same, or that the whole chain was not made up at once.
Against that helps a copy of this digest, or of an earlier one, in the hands of somebody else before there was a quarrel: a time-stamp, a backup, a message."""

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


def text_of(page: bytes) -> str:
    """Read the words of a page, in small letters."""
    words = Words()
    words.feed(page.decode("utf-8", "replace"))
    return re.sub(r"\s+", " ", " ".join(words.found)).lower()


def pages_of(records: list[Record]) -> list[tuple[str, str, bytes]]:
    """List when each page was fetched, from where, and what came."""
    responses = [one for one in records if one[0]["warc-type"] == "response"]
    return [
        (fields["warc-date"], fields["warc-target-uri"], block.partition(b"\r\n\r\n")[2])
        for fields, block, _ in responses
        if not re.match(rb"HTTP/\S+ 3", block)
    ]


def main(wanted: list[str]) -> int:
    """Check everything, and say what it shows and what it does not."""
    records = read_records(gzip.decompress((HERE / "captures.warc.gz").read_bytes()))
    lines = (HERE / "chain.tsv").read_text("utf-8").splitlines()
    chain = [line.split("\t") for line in lines[1:]]
    problems = check_records(records, chain) + check_chain(chain)
    for problem in problems:
        print("WRONG: " + problem + ".")
    if problems:
        print("\nThis evidence proves nothing: it was changed after it was made.")
        return 1
    print(f"{len(records)} records and {len(chain)} links of the chain: every digest is right.\n")
    pages = pages_of(records)
    for date, address, page in pages:
        print(f"{date}  {address}\n    {len(page)} bytes, {digest_of(page)}")
        for words in wanted:
            shown = re.sub(r"\s+", " ", words).lower() in text_of(page)
            print(f'    "{words}": {"present" if shown else "absent"}')
    print(CONCLUSION.format(chain[-1][2]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
