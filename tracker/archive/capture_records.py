"""How a capture and the version read in it become WARC records, and come back equal.

A capture is, in this order: a `response` record for each redirect, the `response`, the `request`, and the `metadata` record, whose presence says that the capture is whole.
The version is a `conversion` record that refers to the response.

The body stands in the response with its content codings undone, as the fetcher hands it over.  So that the HTTP header fits it, the fields that spoke of the
transfer are renamed `X-Archive-Orig-…` and the true Content-Length is put last: the convention of warcio and pywb.
What HTTP syntax cannot carry (a line break in a value, a character outside of Latin-1) is made to fit there and stands exactly in the metadata record.

Computes only.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final

from tracker.archive.warc import END, DamageError, Record, as_uri, digest_of, make_record
from tracker.models import Capture, Headers, Redirect, Snapshot, StoredSnapshot, Version

ORIGINAL: Final = "X-Archive-Orig-"
OF_THE_TRANSFER: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
JSON_TYPE: Final = "application/json"
WARC_FIELDS: Final = "application/warc-fields"
DATES: Final = ("published_at", "updated_at")
READING_OF: Final = "X-Archive-Reading-Of"  # of a later reading: the identifier of the capture
ADDED: Final = ("links", "shown_headline", "gone")  # fields of a version and a capture that older records do not have


class Chain:
    """Makes the records of one article, each with the digest of the one before."""

    def __init__(self, previous: str | None) -> None:
        self.previous = previous
        self.records: list[bytes] = []

    def add(self, kind: str, block: bytes, **more: Any) -> Record:
        """Make the next record."""
        record = make_record(kind, block, previous=self.previous, **more)
        self.records.append(record.to_bytes())
        self.previous = digest_of(self.records[-1])
        return record


# --- a capture ------------------------------------------------------------------------------------


def add_file_info(chain: Chain, at: datetime, software: str, file_name: str) -> None:
    """Open a file with the record that says what it is."""
    lines = (
        f"software: {software}",
        "format: WARC File Format 1.1",
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description: Captures of one article, content codings undone; each record names the digest of the one before",
    )
    block = "".join(f"{line}\r\n" for line in lines).encode()
    chain.add("warcinfo", block, at=at, content_type=WARC_FIELDS, more=[("WARC-Filename", file_name)])


def add_capture(chain: Chain, snapshot: Snapshot, capture_id: str, software: str, judged: Capture) -> Record:
    """Write a snapshot as records, and give back its response."""
    at = snapshot.fetched_at
    for hop in snapshot.redirects:
        _add_response(
            chain, hop.url, at, http_response(hop.status, "", hop.headers, b""), b"", WARC_Truncated="unspecified"
        )
    block = http_response(snapshot.status, snapshot.reason, snapshot.headers, snapshot.body)
    response = _add_response(
        chain, snapshot.address, at, block, snapshot.body, WARC_IP_Address=_ip_address(snapshot.server_address)
    )
    concurrent = [("WARC-Target-URI", as_uri(snapshot.address)), ("WARC-Concurrent-To", response.id)]
    request = http_request(snapshot.address, snapshot.request_headers)
    chain.add("request", request, at=at, content_type="application/http;msgtype=request", more=concurrent, payload=b"")
    metadata = to_json(_metadata(snapshot, capture_id, software, judged))
    chain.add("metadata", metadata, at=at, content_type=JSON_TYPE, more=concurrent)
    return response


def _ip_address(text: str | None) -> str | None:
    """Give what may stand in a WARC header; whatever else it was stands in the metadata."""
    try:
        return str(ip_address(text)) if text and text.isascii() and text.isprintable() else None
    except ValueError:
        return None


def _add_response(chain: Chain, address: str, at: datetime, block: bytes, body: bytes, **more: str | None) -> Record:
    named = [("WARC-Target-URI", as_uri(address)), *((name.replace("_", "-"), value) for name, value in more.items())]
    return chain.add(
        "response", block, at=at, content_type="application/http;msgtype=response", more=named, payload=body
    )


def _metadata(snapshot: Snapshot, capture_id: str, software: str, judged: Capture) -> dict[str, Any]:
    """List what a reader wants to know of a capture, and what cannot be said in HTTP."""
    exact = {
        "reason": snapshot.reason,
        "headers": snapshot.headers,
        "request_headers": snapshot.request_headers,
    }
    return {
        "id": capture_id,
        "url": snapshot.url,
        "final_url": snapshot.final_url,
        "fetched_at": snapshot.fetched_at.isoformat(),
        "status": snapshot.status,
        "size": len(snapshot.body),
        "elapsed_s": snapshot.elapsed_s,
        "server_address": snapshot.server_address,
        "certificate_sha256": snapshot.certificate_sha256,
        "etag": snapshot.validators.etag,
        "last_modified": snapshot.validators.last_modified,
        "redirects": [_hop_to_json(hop) for hop in snapshot.redirects],
        "capture": _capture_to_json(judged),
        "software": software,
        **({"origin": snapshot.origin} if snapshot.origin else {}),
        **{name: value for name, value in exact.items() if value != _as_http_tells(snapshot)[name]},
    }


def _as_http_tells(snapshot: Snapshot) -> dict[str, Any]:
    """Read back what the HTTP messages will tell, to see whether it is what we were given."""
    _, reason, headers, _ = parse_response(http_response(snapshot.status, snapshot.reason, snapshot.headers, b""))
    request = parse_request(http_request(snapshot.address, snapshot.request_headers))
    return {"reason": reason, "headers": headers, "request_headers": request}


def _hop_to_json(hop: Redirect) -> dict[str, Any]:
    told = parse_response(http_response(hop.status, "", hop.headers, b""))[2]
    exact = {} if told == hop.headers else {"headers": hop.headers}
    return {"url": hop.url, "status": hop.status, "location": hop.location, **exact}


def snapshot_of(records: list[Record]) -> Snapshot:
    """Read a snapshot back from its records.

    Raises:
        DamageError: They are not the records of one capture.
    """
    responses = [record for record in records if record.type == "response"]
    request = next((record for record in records if record.type == "request"), None)
    if not responses or request is None or records[-1].type != "metadata":
        raise DamageError("a capture lacks one of its records")
    told = metadata_of(records[-1])
    try:
        return _snapshot_of([parse_response(record.block) for record in responses], parse_request(request.block), told)
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"a capture's metadata cannot be understood ({error!r})") from error


Response = tuple[int, str, Headers, bytes]


def _snapshot_of(responses: list[Response], request_headers: Headers, told: dict[str, Any]) -> Snapshot:
    status, reason, headers, body = responses[-1]
    return Snapshot(
        url=told["url"],
        final_url=told["final_url"],
        fetched_at=datetime.fromisoformat(told["fetched_at"]),
        status=status,
        reason=told.get("reason", reason),
        headers=_headers(told.get("headers", headers)),
        body=body,
        request_headers=_headers(told.get("request_headers", request_headers)),
        redirects=tuple(
            Redirect(hop["url"], hop["status"], hop["location"], _headers(hop.get("headers", response[2])))
            for hop, response in zip(told["redirects"], responses[:-1], strict=True)
        ),
        elapsed_s=told["elapsed_s"],
        server_address=told["server_address"],
        certificate_sha256=told["certificate_sha256"],
        origin=told.get("origin"),
    )


def metadata_of(record: Record) -> dict[str, Any]:
    """Read the metadata record of a capture.

    Raises:
        DamageError: It is not one of ours.
    """
    return from_json(record.block)


def is_whole(kinds: list[str], metadata: Record) -> bool:
    """Whether records of these kinds, of which `metadata` is the last, are all that a capture consists of.

    Raises:
        DamageError: The metadata is not one of ours.
    """
    redirects = metadata_of(metadata).get("redirects")
    return isinstance(redirects, list) and kinds == [*["response"] * (len(redirects) + 1), "request", "metadata"]


def stored_snapshot(digest: str, told: dict[str, Any], file: str, offset: int, length: int) -> StoredSnapshot:
    """Say where a capture is kept, from the digest of its page and what its metadata tell.

    Raises:
        DamageError: They are not ours.
    """
    try:
        at = datetime.fromisoformat(told["fetched_at"])
        return StoredSnapshot(
            told["id"], at, told["status"], digest, file, offset, length, told["size"], origin=told.get("origin")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"a capture's metadata cannot be understood ({error!r})") from error


# --- HTTP messages --------------------------------------------------------------------------------


def http_response(status: int, reason: str, headers: Headers, body: bytes) -> bytes:
    """Write a response whose header fits the body as it is kept."""
    kept = [(ORIGINAL + name if name.lower() in OF_THE_TRANSFER else name, value) for name, value in headers]
    return _http_message(f"HTTP/1.1 {status} {reason}", [*kept, ("Content-Length", str(len(body)))]) + body


def http_request(address: str, headers: Headers) -> bytes:
    """Write a request for an address."""
    host_and_path = as_uri(address).split("://", 1)[-1]
    path = host_and_path.partition("/")[2].partition("#")[0]
    return _http_message(f"GET /{path} HTTP/1.1", headers)


def _http_message(first: str, headers: Headers | list[tuple[str, str]]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    return b"\r\n".join(_http_line(line) for line in lines) + END


def _http_line(line: str) -> bytes:
    return " ".join(line.splitlines()).encode("latin-1", "replace")


def parse_response(block: bytes) -> Response:
    """Read a response that `http_response` wrote: status, reason, header as received, body.

    Raises:
        DamageError: It is none.
    """
    head, separator, body = block.partition(END)
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ", 2)
    if not separator or not first.startswith("HTTP/") or len(parts) < 3 or not parts[1].isdigit():
        raise DamageError("a response record does not hold a response")
    headers = _parse_fields(lines)[:-1]  # the last is our own Content-Length
    return int(parts[1]), parts[2], tuple((name.removeprefix(ORIGINAL), value) for name, value in headers), body


def parse_request(block: bytes) -> Headers:
    """Read the header of a request that `http_request` wrote."""
    return _parse_fields(block.partition(END)[0].decode("latin-1").split("\r\n")[1:])


def _parse_fields(lines: list[str]) -> Headers:
    return tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))


def _headers(items: Any) -> Headers:
    return tuple((str(name), str(value)) for name, value in items)


# --- a version ------------------------------------------------------------------------------------


def add_version(
    chain: Chain,
    response: Record,
    version: Version | None,
    capture: Capture,
    at: datetime,
    *,
    reading_of: str | None = None,
) -> None:
    """Write what our extractor read in a response, and what the capture is worth.

    Args:
        chain: Gets the record.
        response: What was read.
        version: What was read in it; of a later reading, None says that it was nothing.
        capture: What the capture is worth.
        at: When it was read.
        reading_of: Of a later reading, the identifier of the capture.
    """
    told = {"version": _version_to_json(version) if version else None, "capture": _capture_to_json(capture)}
    more = [
        ("WARC-Target-URI", response.field("WARC-Target-URI")),
        ("WARC-Refers-To", response.id),
        (READING_OF, reading_of),
    ]
    chain.add("conversion", to_json(told), at=at, content_type=JSON_TYPE, more=more)


def _capture_to_json(capture: Capture) -> dict[str, Any]:
    return {name: value for name, value in asdict(capture).items() if name not in ADDED or value is not None}


def _version_to_json(version: Version) -> dict[str, Any]:
    told = asdict(version)
    for name in DATES:
        told[name] = told[name] and told[name].isoformat()
    return {name: value for name, value in told.items() if name not in ADDED or value is not None}


def version_of(record: Record) -> tuple[Version, Capture]:
    """Read a conversion record that holds a version.

    Raises:
        DamageError: It is not one of ours.
    """
    version, capture = reading_of(record)
    if version is None:
        raise DamageError("a version cannot be understood (it is missing)")
    return version, capture


def reading_of(record: Record) -> tuple[Version | None, Capture]:
    """Read a conversion record.

    Raises:
        DamageError: It is not one of ours.
    """
    told = from_json(record.block)
    try:
        judged = told["capture"]
        capture = Capture(judged["quality"], judged["suspect"], tuple(judged["reasons"]))
        return _version(told["version"]) if told["version"] is not None else None, capture
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"a version cannot be understood ({error!r})") from error


def _version(told: dict[str, Any]) -> Version:
    told = dict.fromkeys(ADDED) | told
    read = {item.name: _value(told[item.name]) for item in fields(Version)}
    read |= {name: datetime.fromisoformat(read[name]) for name in DATES if read[name]}
    return Version(**read)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# --- JSON -----------------------------------------------------------------------------------------


def to_json(value: dict[str, Any]) -> bytes:
    """Write JSON that a person can read, one item a line; text stays text unless it cannot be UTF-8 (a lone surrogate)."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=1).encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=1).encode()


def from_json(block: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DamageError: It is none.
    """
    try:
        value = json.loads(block)
    except ValueError as error:
        raise DamageError("a record that should hold JSON does not") from error
    if not isinstance(value, dict):
        raise DamageError("a record that should hold a JSON object does not")
    return value
