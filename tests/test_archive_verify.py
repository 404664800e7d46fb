"""Whatever is done to an archive is found, named at its place, and a clean archive is left in peace."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Timer

import pytest
from archive_samples import FOLDER, GOOD, START, page, snapshot, version

from tracker.archive import Archive, Finding, Pruning, verify_archive
from tracker.archive.capture_records import to_json
from tracker.archive.frames import compress, decompress, head_length, read_dictionary, seal
from tracker.archive.scan import pieces
from tracker.archive.warc import Record, digest_of, parse_record, record_id, warc_date
from tracker.errors import ArchiveError
from tracker.models import StoredSnapshot

OTHER = "northdesk.example/ferry-9f8e7d6c"


@dataclass(frozen=True)
class Sample:
    """An archive as it was written, and what the catalog knows of it."""

    folder: Path
    captures: dict[str, list[StoredSnapshot]]

    @property
    def heads(self) -> dict[str, tuple[str, int]]:
        return {
            folder: (found[-1].file, found[-1].offset + found[-1].length) for folder, found in self.captures.items()
        }

    def findings(self, **more: object) -> list[Finding]:
        return list(verify_archive(self.folder, **more))

    def findings_with_catalog(self) -> list[Finding]:
        return self.findings(heads=self.heads, known=lambda folder: self.captures.get(folder, []))


def write_archive(folder: Path, random: Random) -> Sample:
    """Write two articles: small edits, redirects, error pages, new layouts, clocks set back; two files or more."""
    archive = Archive(folder)
    captures: dict[str, list[StoredSnapshot]] = {}
    for name in (FOLDER, OTHER):
        at, layout = START, name
        bodies = [b"<h1>Not found</h1>", page(0, layout=layout, paragraphs=90)]
        bodies += [page(random.randrange(40), layout=layout, paragraphs=90) for _ in range(random.randint(1, 5))]
        captures[name] = []
        for number, body in enumerate(bodies):
            at += random.choice([timedelta(), timedelta(minutes=7), timedelta(hours=1), timedelta(seconds=-5)])
            read = version(number) if random.random() < 0.8 else None
            captures[name].append(archive.append(name, snapshot(number, body=body, at=at), read, GOOD))
        if random.random() < 0.8:
            captures[name] = worked_on(archive, name, captures[name], random)
    return Sample(folder, captures)


def worked_on(archive: Archive, name: str, stored: list[StoredSnapshot], random: Random) -> list[StoredSnapshot]:
    """Read some captures again, prune others; at times more are kept afterwards."""
    again = random.sample(stored, 2)
    archive.add_readings(name, [(one, (version(50 + n), GOOD)) for n, one in enumerate(again)], START)
    gone = {one.id for one in random.sample(stored, random.randint(1, 2))}
    archive.prune(name, gone, Pruning(START + timedelta(days=9), "it was not needed"))
    if random.random() < 0.5:
        archive.append(name, snapshot(60, at=START + timedelta(days=10)), version(60), GOOD)
    placed = [*archive.captures(name), *(stone for stone, _ in archive.tombstones(name))]
    return sorted(placed, key=lambda one: (one.file, one.offset))


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_archive(tmp_path_factory.mktemp("pristine"), Random(1))


@pytest.fixture
def sample(pristine: Sample, tmp_path: Path) -> Sample:
    shutil.copytree(pristine.folder, tmp_path / "snapshots")
    return Sample(tmp_path / "snapshots", pristine.captures)


# --- clean archives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("archives", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_nothing_is_found_in_clean_archives(tmp_path: Path, archives: int):
    for seed in range(archives):
        written = write_archive(tmp_path / str(seed), Random(seed))

        assert written.findings_with_catalog() == []


def test_empty_archive_is_clean(tmp_path: Path):
    assert list(verify_archive(tmp_path)) == []
    assert list(verify_archive(tmp_path / "not-there-yet")) == []


def test_captures_that_the_catalog_does_not_know_yet_are_no_finding(sample: Sample):
    """After a crash between the archive and the catalog."""
    heads = {folder: (found[0].file, found[0].offset + found[0].length) for folder, found in sample.captures.items()}

    assert sample.findings(heads=heads, known=lambda folder: sample.captures[folder][:1]) == []


def test_missing_index_is_no_finding(sample: Sample):
    for index in sample.folder.rglob("index.tsv"):
        index.unlink()

    assert sample.findings_with_catalog() == []


# --- what is found ------------------------------------------------------------------------------------


def file_of(sample: Sample, number: int = 1, folder: str = FOLDER) -> Path:
    return sample.folder / folder / f"{number:04}.warc.zst"


def appends(path: Path) -> list[bytes]:
    """Cut a file into what was appended at once."""
    data = path.read_bytes()
    head = head_length(data)
    ends = [piece.end for piece in pieces(data, read_dictionary(data[:head]), head) if piece.kind == "seal"]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def rewritten(path: Path, number: int, change: Callable[[Record], Record], *, sealed: bool = True) -> None:
    """Change one record of an append by the book: digests, identifier and seal are made to fit."""
    data = path.read_bytes()
    dictionary = read_dictionary(data[: head_length(data)])
    parts = appends(path)
    start = head_length(data) if number == 0 else 0
    part = parts[number]
    found = [piece for piece in pieces(part, dictionary, start) if piece.record is not None]
    frames = [compress(change(parse_record(piece.raw)).to_bytes(), dictionary) for piece in found]
    body = part[:start] + b"".join(frames)
    parts[number] = body + (seal(body) if sealed else part[-40:])
    path.write_bytes(b"".join(parts))


def with_fields(record: Record, **changed: str) -> Record:
    """Change named fields, and the identifier with them."""
    values = {name.lower(): value for name, value in changed.items()}
    fields = [(name, values.get(name.lower().replace("-", "_"), value)) for name, value in record.fields]
    again = Record(tuple(fields), record.block)
    parts = (again.field(name) for name in ("WARC-Date", "WARC-Block-Digest", "X-Archive-Previous-Record"))
    identity = record_id(again.type, *parts)
    return Record(tuple((name, identity if name == "WARC-Record-ID" else value) for name, value in fields), again.block)


def redated(record: Record) -> Record:
    return with_fields(record, warc_date=warc_date(START - timedelta(days=1)))


def reworded(record: Record) -> Record:
    """Change a word of the page, and every digest of this record."""
    if record.type != "response" or b"closed" not in record.block:
        return record
    block = record.block.replace(b"closed", b"opened")
    changed = Record(record.fields, block)
    payload = digest_of(block.partition(b"\r\n\r\n")[2])
    return with_fields(changed, warc_block_digest=digest_of(block), warc_payload_digest=payload)


def test_flipped_bit_is_found_and_placed(sample: Sample):
    stored = sample.captures[FOLDER][3]
    path = sample.folder / stored.file
    data = bytearray(path.read_bytes())
    data[stored.offset + stored.length // 2] ^= 1
    path.write_bytes(data)

    findings = sample.findings_with_catalog()

    assert [(one.file, one.kind) for one in findings] == [(stored.file, "damage")]
    assert stored.offset <= findings[0].offset < stored.offset + stored.length
    assert "not as they were written" in findings[0].meaning
    assert ", after the capture of 2024-03-02" in findings[0].meaning


def test_bit_that_means_nothing_is_found_all_the_same(sample: Sample):
    """The unused bit of a frame header (RFC 8878, section 3.1.1.1.1.3)."""
    stored = sample.captures[FOLDER][2]
    path = sample.folder / stored.file
    data = bytearray(path.read_bytes())
    data[stored.offset + 4] ^= 0x10
    path.write_bytes(data)
    assert Archive(sample.folder).read_snapshot(FOLDER, stored)

    (finding,) = sample.findings()

    assert (finding.file, finding.kind) == (stored.file, "damage")
    assert "although the records can still be read" in finding.meaning


def test_every_bit_of_a_file_is_covered(tmp_path: Path):
    archive = Archive(tmp_path)
    stored = [archive.append(FOLDER, snapshot(at, body=b"<p>Short.</p>"), None, GOOD) for at in range(2)]
    path = tmp_path / stored[0].file
    clean = path.read_bytes()
    for bit in range(0, len(clean) * 8, 23):
        flipped = bytearray(clean)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)

        assert any(one.file == stored[0].file for one in verify_archive(tmp_path)), bit


def test_missing_file_is_found(sample: Sample):
    file_of(sample, 1).unlink()

    (finding,) = sample.findings()

    assert (finding.file, finding.offset, finding.kind) == (f"{FOLDER}/0001.warc.zst", None, "missing")
    assert "restore it from a backup" in finding.meaning


def test_missing_last_file_is_found_by_the_index(sample: Sample):
    file_of(sample, 2).unlink()

    findings = sample.findings()

    assert [(one.file, one.kind) for one in findings] == [(f"{FOLDER}/0002.warc.zst", "missing")]


def test_missing_last_file_and_index_are_found_by_the_catalog(sample: Sample):
    file_of(sample, 2).unlink()
    (sample.folder / FOLDER / "index.tsv").unlink()

    assert sample.findings() == []
    assert {(one.file, one.kind) for one in sample.findings(heads=sample.heads)} == {
        (f"{FOLDER}/0002.warc.zst", "missing")
    }


def test_missing_article_is_found_by_the_catalog(sample: Sample):
    shutil.rmtree(sample.folder / OTHER)

    assert {one.kind for one in sample.findings(heads=sample.heads)} == {"missing"}


def test_removed_end_is_found_by_the_index_or_the_catalog(sample: Sample):
    """Cut off exactly behind a seal, so that the file itself is in order."""
    path = file_of(sample, 2)
    path.write_bytes(b"".join(appends(path)[:-1]))

    assert [one.kind for one in sample.findings()] == ["index"]
    (sample.folder / FOLDER / "index.tsv").unlink()
    assert sample.findings() == []
    assert [one.kind for one in sample.findings(heads=sample.heads)] == ["catalog"]
    assert [one.kind for one in sample.findings(known=lambda folder: sample.captures[folder])] == ["catalog"]


def test_torn_end_is_found_until_it_is_tidied_up(sample: Sample):
    path = file_of(sample, 2)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[-200:-150])

    (finding,) = sample.findings()
    assert (finding.file, finding.kind) == (f"{FOLDER}/0002.warc.zst", "torn")
    Archive(sample.folder).tidy(FOLDER)
    assert sample.findings_with_catalog() == []


def test_file_that_is_just_being_written_to_is_no_finding(sample: Sample):
    path = file_of(sample, 2)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    writer = Timer(0.03, path.write_bytes, [whole])
    writer.start()

    assert sample.findings_with_catalog() == []
    writer.join()


def test_unsealed_end_is_found(sample: Sample):
    path = file_of(sample, 2)
    path.write_bytes(path.read_bytes()[:-40])

    assert [one.kind for one in sample.findings()] == ["torn"]


REWRITES = {
    "re-dated": (redated, {"chain", "time"}),
    "reworded": (reworded, {"chain"}),
    "with a date changed and nothing else": (
        lambda record: Record(
            tuple((name, warc_date(START) if name == "WARC-Date" else value) for name, value in record.fields),
            record.block,
        ),
        {"chain", "time"},
    ),
    "with the address changed": (lambda record: with_fields(record, warc_target_uri="https://x.example/"), {"chain"}),
}


@pytest.mark.parametrize(("change", "kinds"), REWRITES.values(), ids=REWRITES.keys())
def test_record_that_was_rewritten_by_the_book_is_found(sample: Sample, change, kinds: set[str]):
    """With its own digests, its identifier and the seal made to fit: the next record's link tells."""
    rewritten(file_of(sample, 2), 1, change)

    findings = sample.findings()

    assert findings
    assert {one.kind for one in findings} <= kinds
    assert {one.file for one in findings} == {f"{FOLDER}/0002.warc.zst"}


def test_version_that_was_reworded_at_the_very_end_is_found(tmp_path: Path):
    """In the one record that no other follows, an edit by the book cannot be found; without the seal it is."""
    archive = Archive(tmp_path)
    archive.append(FOLDER, snapshot(), version(), GOOD)

    def falsify(record: Record) -> Record:
        if record.type != "conversion":
            return record
        changed = Record(record.fields, record.block.replace(b"closed", b"opened"))
        return with_fields(changed, warc_block_digest=digest_of(changed.block))

    rewritten(tmp_path / FOLDER / "0001.warc.zst", 0, falsify, sealed=False)

    assert [one.kind for one in verify_archive(tmp_path)] == ["damage"]


def test_metadata_of_another_page_are_found(sample: Sample):
    def other_page(record: Record) -> Record:
        if record.type != "metadata":
            return record
        import json

        told = json.loads(record.block) | {"size": 17}
        changed = Record(record.fields, to_json(told))
        return with_fields(changed, warc_block_digest=digest_of(changed.block))

    rewritten(file_of(sample, 2), 1, other_page)

    assert any("is not the one that its metadata describe" in one.meaning for one in sample.findings())


def test_unreadable_archive_is_an_error(sample: Sample):
    path = file_of(sample)
    path.unlink()
    path.mkdir()

    with pytest.raises(ArchiveError, match=r"0001\.warc\.zst cannot be read \(Is a directory\)"):
        sample.findings()


def test_only_what_was_asked_for_is_looked_at(sample: Sample):
    file_of(sample, 1).write_bytes(b"")

    assert sample.findings(articles=[OTHER]) == []
    assert sample.findings(articles=[FOLDER])
    assert sample.findings(since=datetime.now(UTC) + timedelta(days=1)) == []
    assert sample.findings(since=datetime.now(UTC) - timedelta(days=1))


def test_files_written_since_are_looked_at(sample: Sample):
    import os

    for path in sample.folder.rglob("0001.warc.zst"):
        path.write_bytes(b"")
        os.utime(path, (0, 0))

    assert sample.findings(since=START, heads=sample.heads, known=lambda folder: sample.captures[folder]) == []


def test_progress_is_told_to_the_last_byte(sample: Sample):
    told: list[tuple[int, int]] = []

    sample.findings(progress=lambda done, total: told.append((done, total)))

    size = sum(path.stat().st_size for path in sample.folder.rglob("*.warc.zst"))
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# --- mutations ----------------------------------------------------------------------------------------

Mutation = Callable[[list[Path], Random], set[Path]]
"""Does something to some of the files, and says to which."""


def flips_a_bit(files: list[Path], random: Random) -> set[Path]:
    path = random.choice(files)
    data = bytearray(path.read_bytes())
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    path.write_bytes(data)
    return {path}


def overwrites_a_stretch(files: list[Path], random: Random) -> set[Path]:
    path = random.choice(files)
    data = bytearray(path.read_bytes())
    start, length = random.randrange(len(data)), random.randint(1, 300)
    data[start : start + length] = random.choice([bytes(length), random.randbytes(length)])[: len(data) - start]
    path.write_bytes(data)
    return {path}


def inserts_bytes(files: list[Path], random: Random) -> set[Path]:
    path = random.choice(files)
    data = path.read_bytes()
    at = random.randint(0, len(data))
    path.write_bytes(data[:at] + random.randbytes(random.randint(1, 90)) + data[at:])
    return {path}


def truncates(files: list[Path], random: Random) -> set[Path]:
    path = random.choice(files)
    path.write_bytes(path.read_bytes()[: random.randrange(path.stat().st_size)])
    return {path}


def removes_a_file(files: list[Path], random: Random) -> set[Path]:
    path = random.choice(files)
    path.unlink()
    return {path}


def exchanges_two_files(files: list[Path], random: Random) -> set[Path]:
    one, other = random.sample(files, 2)
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)
    return {one, other}


def adds_a_copy(files: list[Path], random: Random) -> set[Path]:
    path = random.choice(files)
    new = path.with_name(f"{max(int(one.name[:4]) for one in path.parent.glob('*.zst')) + 1:04}.warc.zst")
    shutil.copy(path, new)
    return {new}


def removes_a_capture(files: list[Path], random: Random) -> set[Path]:
    path = random.choice([one for one in files if len(appends(one)) > 1])
    parts = appends(path)
    del parts[random.randrange(1, len(parts))]
    path.write_bytes(b"".join(parts))
    return {path}


def exchanges_two_captures(files: list[Path], random: Random) -> set[Path]:
    path = random.choice([one for one in files if len(appends(one)) > 2])
    parts = appends(path)
    a, b = random.sample(range(1, len(parts)), 2)
    parts[a], parts[b] = parts[b], parts[a]
    path.write_bytes(b"".join(parts))
    return {path}


def repeats_a_capture(files: list[Path], random: Random) -> set[Path]:
    path = random.choice([one for one in files if len(appends(one)) > 1])
    parts = appends(path)
    parts.insert(random.randint(1, len(parts)), random.choice(parts[1:]))
    path.write_bytes(b"".join(parts))
    return {path}


def rewrites_a_capture(files: list[Path], random: Random) -> set[Path]:
    path = random.choice([one for one in files if one.name > "0001"])
    rewritten(path, random.randrange(len(appends(path))), random.choice([redated, reworded]))
    return {path}


MUTATIONS: list[Mutation] = [
    flips_a_bit,
    overwrites_a_stretch,
    inserts_bytes,
    truncates,
    removes_a_file,
    exchanges_two_files,
    adds_a_copy,
    removes_a_capture,
    exchanges_two_captures,
    repeats_a_capture,
    rewrites_a_capture,
]


@pytest.mark.parametrize("rounds", [30, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__)
def test_every_mutation_is_found_where_it_was_made(pristine: Sample, tmp_path: Path, mutate: Mutation, rounds: int):
    random = Random(mutate.__name__)
    originals = {path: path.read_bytes() for path in sorted(pristine.folder.rglob("*.warc.zst"))}
    copy = replace(pristine, folder=tmp_path)
    shutil.copytree(pristine.folder, tmp_path, dirs_exist_ok=True)
    for _ in range(rounds):
        touched = mutate(sorted(tmp_path.rglob("*.warc.zst")), random)

        findings = copy.findings_with_catalog()

        named = {tmp_path / one.file for one in findings}
        changed = {
            path for path in touched if contents(path) != originals.get(pristine.folder / path.relative_to(tmp_path))
        }
        assert changed <= touched
        assert bool(named) == bool(changed)
        assert named <= touched
        assert all((one.meaning and one.offset is None) or one.offset >= 0 for one in findings)
        for path in touched:
            path.unlink(missing_ok=True)
        for path, data in originals.items():
            (tmp_path / path.relative_to(pristine.folder)).write_bytes(data)


def contents(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def test_whole_decompressed_content_is_what_was_verified(sample: Sample):
    """The samples mean what they say: a rewritten capture does decompress."""
    path = file_of(sample, 2)
    rewritten(path, 1, reworded)
    data = path.read_bytes()
    dictionary = read_dictionary(data[: head_length(data)])

    raws = [piece.raw for piece in pieces(data, dictionary, head_length(data)) if piece.record is not None]

    assert any(b"Bridge opened" in raw for raw in raws)
    assert decompress(compress(raws[0], dictionary), dictionary) == raws[0]
