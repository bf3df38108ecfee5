"""One file of a server: what it is, and its rows, addresses, texts and entities."""

from pathlib import Path

from lymer.evidence import OpenFile, is_spreadsheet
from lymer.servers.artifacts import Artifact, artifact_id
from lymer.servers.carving import read_binary, read_raw, tell_raw
from lymer.servers.classify import classify
from lymer.servers.contents import READERS
from lymer.servers.databases import Databases
from lymer.servers.decoding import guess_charset
from lymer.servers.limits import ReadingLimits
from lymer.servers.sheets import Reading, Take
from lymer.servers.sqlite import LOG_MAGICS, MAGIC
from lymer.servers.workbooks import read_workbook

_MAGICS = (
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
)


def read_file(
    opened: OpenFile,
    server: str,
    path: str,
    databases: Databases,
    scratch: Path,
    take: Take,
    limits: ReadingLimits | None = None,
) -> Artifact:
    """Read one file, handing its rows to `take`.

    `databases` are those of the server: one with a log is read when they are closed, and its
    artifact is complete only then. `scratch` is a folder for copies. Bad content becomes defects;
    no exception.
    """
    limits = limits or ReadingLimits()
    artifact = Artifact(
        artifact_id(server, path, opened.evidence_id), opened.evidence_id, server, path
    )
    reading = Reading(artifact, opened.tape, scratch, take, limits)
    _read(reading, databases)
    reading.entities_done()
    if reading.listing.count > reading.rows:
        artifact.kind = "list"
    return artifact


def _read(reading: Reading, databases: Databases) -> None:
    artifact, limits = reading.artifact, reading.limits
    head = reading.tape.peek(limits.head_bytes)[: limits.head_bytes]
    if head.startswith(MAGIC):
        databases.read(reading, head)
        return
    if head.startswith(LOG_MAGICS):
        databases.keep_log(reading)
        return
    if is_spreadsheet(head):
        read_workbook(reading)
        return
    for magic, kind in _MAGICS:
        if head.startswith(magic) and guess_charset(head[:4096]) is None:
            artifact.kind, artifact.why = kind, "by the mark in its first bytes"
            return
    if (raw := tell_raw(head)) is not None:
        read_raw(reading, raw)
        return
    charset = guess_charset(head)
    if charset is None:
        read_binary(reading, head)
        return
    artifact.media = f"text ({charset.removesuffix('-sig')})"
    text = head.decode(charset, "replace")
    verdict = classify(text, is_whole=len(head) < limits.head_bytes)
    artifact.kind, artifact.why = verdict.kind, verdict.why
    READERS[verdict.reader](reading, charset, verdict)
