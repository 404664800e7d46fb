"""Time-stamps (RFC 3161) of what is kept: an authority's word that the ends of the articles' chains existed by a moment.

In the folder `timestamps`, for each time-stamp:

    20260105000001.heads   what was stamped: the digests of the last records of the chains that had grown, one a line, sorted; nothing can be read from them
    20260105000001.tsr     the authority's answer
    20260105000001.tsv     which digest is of which article, for us

A record's digest covers all records before it in its article, so the stamp holds for these as well.
Anyone can check it:  openssl ts -verify -data 20260105000001.heads -in 20260105000001.tsr -CAfile authority.pem

Touches the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tracker.archive.check import Finding
from tracker.archive.der import with_sorted_certificates
from tracker.archive.storage import FILE, Place, Storage, open_storage
from tracker.archive.store import Archive
from tracker.errors import ArchiveError, ConfigError

FOLDER: Final = "timestamps"
MARGIN: Final = timedelta(minutes=1)  # a file may be written to while its chain is being looked at
NAME: Final = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp."""

    name: str
    heads: bytes  # what was stamped
    response: bytes  # the authority's answer
    articles: Mapping[str, str]  # for each digest, the article's folder

    @property
    def asked_at(self) -> datetime:
        """When it was asked for, by our clock."""
        return datetime.strptime(self.name, NAME).replace(tzinfo=UTC)

    @property
    def file(self) -> str:
        """The answer's path within the archive folder."""
        return f"{FOLDER}/{self.name}.tsr"


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time-stamp that holds for an article."""

    name: str
    heads: bytes
    response: bytes
    digest: str  # of the article's record that was the last of its chain


def read_stamps(place: Place) -> list[Stamp]:
    """Read all time-stamps, oldest first; what an interrupted request left is none.

    Raises:
        ArchiveError: A file cannot be read.
    """
    storage = open_storage(place)
    try:
        files = sorted(storage.names(FOLDER))
        return [_read(storage, name.removesuffix(".tsr"), files) for name in files if name.endswith(".tsr")]
    except OSError as error:
        where = error.filename or storage.place(FOLDER)
        raise ArchiveError(f"{where} cannot be read ({error.strerror or error})", file=FOLDER) from error


def _read(storage: Storage, name: str, files: Sequence[str]) -> Stamp:
    heads, table, response = (
        storage.read(f"{FOLDER}/{file}") if file in files else b""
        for file in (f"{name}.heads", f"{name}.tsv", f"{name}.tsr")
    )
    lines = table.decode("utf-8", "replace").splitlines()
    articles = {digest: folder for digest, _, folder in (line.partition("\t") for line in lines)}
    return Stamp(name, heads, response, articles)


def stamps_of(place: Place, article_folder: str) -> list[Stamped]:
    """List the time-stamps that hold for an article, oldest first."""
    return [
        Stamped(stamp.name, stamp.heads, stamp.response, digest)
        for stamp in read_stamps(place)
        for digest, of in stamp.articles.items()
        if of == article_folder
    ]


def unstamped_heads(archive: Archive) -> dict[str, str]:
    """Find the chains that have grown since the last time-stamp: for the digest of the last record, the article's folder.

    Raises:
        ArchiveError: A file cannot be read.
    """
    stamps = read_stamps(archive.storage)
    known = {digest for stamp in stamps for digest in stamp.articles}
    since = stamps[-1].asked_at - MARGIN if stamps else None
    found: dict[str, str] = {}
    for folder in archive.folders():
        if folder == FOLDER or (since and _written_at(archive.storage, folder) < since):
            continue
        digest = archive.head(folder)
        if digest and digest not in known:
            found[digest] = folder
    return found


def _written_at(storage: Storage, article_folder: str) -> datetime:
    statuses = storage.statuses(article_folder).items()
    return max(status.written_at for name, status in statuses if FILE.fullmatch(name))


def heads_file(digests: Sequence[str]) -> bytes:
    """Write down what is to be stamped."""
    return "".join(f"{digest}\n" for digest in sorted(digests)).encode()


def write_stamp(archive: Archive, articles: Mapping[str, str], response: bytes, asked_at: datetime) -> Stamp:
    """Keep an authority's answer; the last of three files makes it count.

    Raises:
        ArchiveError: It cannot be written.
    """
    stamp = Stamp(asked_at.astimezone(UTC).strftime(NAME), heads_file(list(articles)), response, articles)
    lines = "".join(f"{digest}\t{folder}\n" for digest, folder in sorted(articles.items()))
    try:
        for ending, data in (("heads", stamp.heads), ("tsv", lines.encode()), ("tsr", response)):
            archive.storage.write(f"{FOLDER}/{stamp.name}.{ending}", data)
    except OSError as error:
        place = archive.storage.place(FOLDER)
        raise ArchiveError(f"{place} cannot be written ({error.strerror or error})", file=FOLDER) from error
    return stamp


# --- checking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """What a time-stamp is worth."""

    stamp: Stamp
    at: datetime | None = None  # when, by the authority's clock; None where it is worth nothing
    authority: str = ""  # whom its certificate names
    problem: str | None = None  # half a sentence

    @property
    def finding(self) -> Finding | None:
        """The problem, as `verify` reports it."""
        return Finding(self.stamp.file, None, "stamp", f"the time-stamp {self.problem}") if self.problem else None


def check_stamps(stamps: Sequence[Stamp], certificate: bytes | None) -> Iterator[Checked]:
    """Check answers without asking anybody.

    Args:
        stamps: The time-stamps.
        certificate: The root that the authority's certificate leads to, as PEM.  Without it nobody vouches for the signer, and only the digests are compared.

    Raises:
        ConfigError: What is needed is not installed, or the certificate cannot be read.
    """
    library = _library()
    verifier = library.VerifierBuilder(roots=_roots(certificate)).build() if certificate else None
    for stamp in stamps:
        yield _check(library, verifier, stamp)


def _check(library: Any, verifier: Any, stamp: Stamp) -> Checked:
    listed = set(stamp.heads.decode("ascii", "replace").split())
    try:
        response = library.decode_timestamp_response(with_sorted_certificates(stamp.response))
        if response.tst_info.message_imprint.message != _digest(response, stamp.heads):
            return Checked(stamp, problem=f"is not of {stamp.name}.heads: one of them was changed")
        if listed != set(stamp.articles):
            return Checked(stamp, problem=f"lists other digests than {stamp.name}.tsv: this was changed")
        if verifier:
            verifier.verify_message(response, stamp.heads)
    except library.VerificationError as error:
        return Checked(stamp, problem=f"does not hold: {error}")
    except ValueError as error:
        return Checked(stamp, problem=f"cannot be read ({error}): it was changed")
    return Checked(stamp, response.tst_info.gen_time, _signer(response))


def _digest(response: Any, data: bytes) -> bytes:
    names = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
    name = names.get(response.tst_info.message_imprint.hash_algorithm.dotted_string)
    if name is None:
        raise ValueError("its digest is of an unknown kind")
    return hashlib.new(name, data).digest()


def _signer(response: Any) -> str:
    from cryptography import x509

    (signer,) = response.signed_data.signer_infos
    for der in response.signed_data.certificates:
        found = x509.load_der_x509_certificate(der)
        if (found.issuer, found.serial_number) == (signer.issuer, signer.serial_number):
            return found.subject.rfc4514_string()
    return str(signer.issuer.rfc4514_string())


def _roots(certificate: bytes) -> list[Any]:
    from cryptography import x509

    try:
        return list(x509.load_pem_x509_certificates(certificate))
    except ValueError as error:
        raise ConfigError("[archive] timestamp_certificate is no certificate in PEM form") from error


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise ConfigError("time-stamps need a library; install it with: pip install 'tracker[timestamps]'") from error
    return rfc3161_client
