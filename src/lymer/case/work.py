"""What a worker process does with a batch: the hot path through rooms 2 and 3."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lymer.features import FINGERPRINTS, SELECTORS, Tokens, describe
from lymer.messages import (
    ATTACHMENTS,
    HOPS,
    LINKS,
    MESSAGES,
    Reading,
    Trust,
    read_batch,
    tabulate,
)
from lymer.store import Staged, stage

_TABLES = {
    table.name: table for table in (MESSAGES, HOPS, LINKS, ATTACHMENTS, FINGERPRINTS, SELECTORS)
}

# One memory of words for the life of a worker.
_tokens = Tokens()


@dataclass(frozen=True)
class ReadAndDescribe:
    """Raw messages in, staged files of the per-message tables out."""

    tables_folder: Path
    trust: Trust

    def __call__(self, raw: pa.RecordBatch) -> list[Staged]:
        return self._stage(read_batch(raw, self.trust))

    def _stage(self, readings: list[Reading]) -> list[Staged]:
        batches = tabulate(readings) | describe(readings, _tokens)
        return [
            stage(self.tables_folder, _TABLES[name], batch)
            for name, batch in batches.items()
            if batch.num_rows
        ]


@dataclass(frozen=True)
class Rescue(ReadAndDescribe):
    """A row with its defect for a message that kills or hangs whoever reads it."""

    def __call__(self, raw: pa.RecordBatch) -> list[Staged]:
        places = raw.select(["message_id", "evidence_id", "offset_bytes", "length_bytes"])
        return self._stage(
            [Reading(**place, defects=["reader_killed"]) for place in places.to_pylist()]
        )
