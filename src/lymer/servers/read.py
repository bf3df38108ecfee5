"""One file of a server: what it is, and its rows, addresses, texts and entities."""

from pathlib import Path

from lymer.evidence import OpenFile
from lymer.servers.artifacts import Artifact, artifact_id
from lymer.servers.classify import classify
from lymer.servers.contents import READERS
from lymer.servers.databases import read_database
from lymer.servers.decoding import guess_charset
from lymer.servers.limits import ReadingLimits
from lymer.servers.sheets import Reading, Take
from lymer.servers.sqlite import MAGIC

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
    scratch: Path,
    take: Take,
    limits: ReadingLimits | None = None,
) -> Artifact:
    """Read one file, handing its rows to `take`.

    `scratch` is a folder for the copy of a database. Bad content becomes defects; no exception.
    """
    limits = limits or ReadingLimits()
    artifact = Artifact(
        artifact_id(server, path, opened.evidence_id), opened.evidence_id, server, path
    )
    reading = Reading(artifact, opened.tape, scratch, take, limits)
    _read(reading)
    reading.entities_done()
    return artifact


def _read(reading: Reading) -> None:
    artifact, limits = reading.artifact, reading.limits
    head = reading.tape.peek(limits.head_bytes)[: limits.head_bytes]
    if head.startswith(MAGIC):
        read_database(reading)
        return
    for magic, kind in _MAGICS:
        if head.startswith(magic) and guess_charset(head[:4096]) is None:
            artifact.kind, artifact.why = kind, "by the mark in its first bytes"
            return
    charset = guess_charset(head)
    if charset is None:
        return
    artifact.media = f"text ({charset.removesuffix('-sig')})"
    text = head.decode(charset, "replace")
    verdict = classify(text, is_whole=len(head) < limits.head_bytes)
    artifact.kind, artifact.why = verdict.kind, verdict.why
    READERS[verdict.reader](reading, charset, verdict)
