"""Evidence, cut into lots for the next room."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lymer.evidence.limits import LOT_BYTES, LOT_MESSAGES, Limits
from lymer.evidence.reader import Finished, Found, Reader, Resume
from lymer.evidence.seen import SeenMessages
from lymer.evidence.sources import Source
from lymer.evidence.streams import Consumed
from lymer.evidence.tables import EVIDENCE, ORIGINS, RAW, REPORTS


@dataclass(frozen=True, slots=True)
class Lot:
    """A piece of evidence ready for the next room, in a stable order."""

    raw: pa.RecordBatch
    """RAW: messages not seen before, up to LOT_MESSAGES of them or LOT_BYTES of bytes."""
    origins: pa.RecordBatch
    """ORIGINS of every message read in this lot, also of repeated ones."""
    reports: pa.RecordBatch
    """REPORTS among the messages of this lot."""
    evidence: pa.RecordBatch
    """EVIDENCE that was finished within this lot."""
    read_bytes: int
    """Source bytes consumed so far over all lots."""


def read(
    sources: Sequence[Source],
    seen: SeenMessages,
    resume: Resume | None = None,
    limits: Limits | None = None,
) -> Iterator[Lot]:
    """Read `sources` to the bottom, in the same order and lots every time.

    Memory holds one lot and one message. `seen` learns every message that is handed over.
    """
    consumed = Consumed()
    reader = Reader(limits or Limits(), resume or Resume(), consumed)
    names = Counter(source.name for source in sources)
    lot = _Gathering(seen)
    for source in sources:
        for event in reader.read(source, may_repeat=names[source.name] > 1):
            if isinstance(event, Found):
                if lot.is_full_with(event):
                    yield lot.close(consumed.total)
                lot.add(event)
            else:
                lot.finish(event)
            if lot.is_full():
                yield lot.close(consumed.total)
    if not lot.is_empty():
        yield lot.close(consumed.total)


class _Gathering:
    """The lot being gathered. Whether messages are new is asked for many at a time."""

    def __init__(self, seen: SeenMessages) -> None:
        self._seen = seen
        self._fresh: list[Found] = []
        self._fresh_bytes = 0
        self._asking: list[Found] = []
        self._asking_bytes = 0
        self._origins: list[tuple[Any, ...]] = []
        self._reports: list[tuple[Any, ...]] = []
        self._evidence: list[tuple[Any, ...]] = []

    def add(self, found: Found) -> None:
        self._asking.append(found)
        self._asking_bytes += len(found.raw)
        self._origins.append(
            (found.message_id, found.evidence_id, found.offset_bytes, found.length_bytes)
        )
        if found.report is not None:
            self._reports.append(found.report)

    def finish(self, finished: Finished) -> None:
        self._evidence.append(finished.row)

    def is_empty(self) -> bool:
        return not self._origins and not self._evidence

    def is_full_with(self, found: Found) -> bool:
        """Would one more message be too many bytes?"""
        if self._fresh_bytes + self._asking_bytes + len(found.raw) <= LOT_BYTES:
            return False
        self._ask()
        return bool(self._fresh) and self._fresh_bytes + len(found.raw) > LOT_BYTES

    def is_full(self) -> bool:
        if len(self._fresh) + len(self._asking) >= LOT_MESSAGES:
            self._ask()
        # A pile of repeats or of no mail at all makes lots too.
        return (
            len(self._fresh) >= LOT_MESSAGES
            or len(self._origins) >= 4 * LOT_MESSAGES
            or len(self._evidence) >= 4 * LOT_MESSAGES
        )

    def close(self, read_bytes: int) -> Lot:
        self._ask()
        raw = RAW.batch(
            (
                found.message_id,
                found.evidence_id,
                found.offset_bytes,
                found.length_bytes,
                found.envelope,
                found.reported_ip,
                found.defects,
                found.raw,
            )
            for found in self._fresh
        )
        lot = Lot(
            raw,
            ORIGINS.batch(self._origins),
            REPORTS.batch(self._reports),
            EVIDENCE.batch(self._evidence),
            read_bytes,
        )
        self._fresh, self._fresh_bytes = [], 0
        self._origins, self._reports, self._evidence = [], [], []
        return lot

    def _ask(self) -> None:
        """Keep of the messages in question those that are new."""
        fresh = self._seen.add_new([found.message_id for found in self._asking])
        for found, is_new in zip(self._asking, fresh.tolist(), strict=True):
            if is_new:
                self._fresh.append(found)
                self._fresh_bytes += len(found.raw)
        self._asking, self._asking_bytes = [], 0
