"""Piles of messages on their way into the reader, and what came out."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lymer.evidence import RAW
from lymer.messages import Reading, Relay, Trust, read_batch


def raw_batch(messages: Iterable[bytes], envelope: str | None = None) -> pa.RecordBatch:
    """A RAW batch of messages, as the evidence room hands them over."""
    return RAW.batch(
        [
            (hashlib.sha256(raw).hexdigest(), "e", 0, len(raw), envelope, None, [], raw)
            for raw in messages
        ]
    )


def read_one(
    raw: bytes | str, *, envelope: str | None = None, trust: Trust | None = None
) -> Reading:
    """Read one message."""
    data = raw.encode("utf-8") if isinstance(raw, str) else raw
    (reading,) = read_batch(raw_batch([data], envelope), trust or Trust())
    return reading


@dataclass(frozen=True)
class ReadCorpus:
    """Every mail of the corpus, read with the relays that it teaches."""

    relays: list[Relay]
    readings: dict[str, Reading]
    """By path within the corpus."""


def corpus_batch(paths: Iterable[Path], root: Path) -> pa.RecordBatch:
    """A RAW batch of files; an mbox From line at the top is the envelope."""
    rows = []
    for path in paths:
        raw = path.read_bytes()
        envelope = None
        if raw.startswith(b"From "):
            line, _, raw = raw.partition(b"\n")
            envelope = line.decode("latin-1")
        message_id = hashlib.sha256(raw).hexdigest()
        name = str(path.relative_to(root))
        rows.append((message_id, name, 0, len(raw), envelope, None, [], raw))
    return RAW.batch(rows)
