"""The texts of a case, parted on disk by campaign: no more than one part is in memory.

Learning and trying both go campaign by campaign. To sort all texts for that takes a gigabyte and
more; to part them once, as they come, takes what one part holds.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lymer.campaigns.templates.words import MOST_CHARACTERS
from lymer.engine import answer

# What a part holds, by the size of its messages; a campaign that is larger is a part by itself.
_PART_BYTES = 24 << 20
# So many files are written at a time, however large the case: then parts are larger.
_MOST_PARTS = 256
# What a worker takes at a time, to learn from and to try patterns on.
_LEARNED_MESSAGES = 2_000
_TRIED_MESSAGES = 4_000

_SIZES = f"""
SELECT c.campaign_id, sum(least(coalesce(m.length_bytes, 0), {MOST_CHARACTERS})) AS bytes
FROM campaign_messages c JOIN messages m ON m.message_id = c.message_id
GROUP BY c.campaign_id ORDER BY c.campaign_id
"""

# All that is small, so that the texts themselves stream by one table and wait in none.
# Bounces, reports and list copies carry somebody else's mail: a hit on one blames nobody.
_PLACES = """
CREATE OR REPLACE TEMP TABLE places AS
SELECT z.part, c.campaign_id, m.message_id, f.traits, p.media_type, p.picture_hash,
       g.kind = 'bulk' AS is_bulk, m.carriage IN ('bounce', 'report', 'list') AS is_carried,
       d.message_id IS NOT NULL AS is_made, l.message_id IS NOT NULL AS is_learned
FROM messages m
LEFT JOIN campaign_messages c ON c.message_id = m.message_id
LEFT JOIN campaign_parts z ON z.campaign_id = c.campaign_id
LEFT JOIN campaigns g ON g.campaign_id = c.campaign_id
LEFT JOIN made d ON d.message_id = m.message_id
LEFT JOIN learned l ON l.message_id = m.message_id
LEFT JOIN fingerprints f ON f.message_id = l.message_id
LEFT JOIN (
    SELECT message_id, min(media_type) AS media_type, min(picture_hash) AS picture_hash
    FROM attachments WHERE picture_hash IS NOT NULL GROUP BY message_id
) p ON p.message_id = l.message_id
"""

_TEXTS = f"""
SELECT n.*, m.received_at, left(m.text, {MOST_CHARACTERS}) AS text, m.subject, m.from_name,
       m.recipients
FROM messages m JOIN places n ON n.message_id = m.message_id
"""


@dataclass(frozen=True)
class _Part:
    path: Path
    is_one: bool
    """Whether all is of one campaign, or of none: it need not be sorted, and may be large."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self.path)) as file, pa.ipc.open_stream(file) as reader:
            yield from reader


@dataclass(frozen=True)
class PartedTexts:
    """The texts of a case in parts, those of one campaign in one of them."""

    parts: list[_Part]

    def learned(self) -> Iterator[pa.RecordBatch]:
        """What is learned from: whole campaigns in each batch, messages as they came."""
        for part in self.parts:
            table = _table(batch.filter(batch["is_learned"]) for batch in part.batches())
            if table is not None and table.num_rows:
                yield from _whole_campaigns(_sorted(table, "received_at", "message_id"))

    def tried(self, learned: Set[str]) -> Iterator[pa.RecordBatch]:
        """What patterns are tried on: the messages of a campaign one after the other.

        `learned` are the ids of those that patterns were learned from.
        """
        for part in self.parts:
            if part.is_one:
                yield from (_trial(batch, learned) for batch in part.batches())
            elif (table := _table(_trial(batch, learned) for batch in part.batches())) is not None:
                table = _sorted(table)
                for start in range(0, table.num_rows, _TRIED_MESSAGES):
                    yield _batch(table[start : start + _TRIED_MESSAGES])


def part_texts(
    connection: duckdb.DuckDBPyConnection, folder: Path, part_bytes: int = _PART_BYTES
) -> PartedTexts:
    """Part all texts that `connection` shows into files in `folder`.

    A part holds campaigns whose messages have about `part_bytes` together, or a larger one alone.
    Needs the tables `made` and `learned` of `choose_members`.
    """
    sizes = answer(connection, _SIZES)
    numbers, are_one = _number(sizes["bytes"].cast(pa.float64()).to_pylist(), part_bytes)
    campaigns = pa.table(
        {"campaign_id": sizes["campaign_id"], "part": pa.array(numbers, pa.int64())}
    )
    connection.register("campaign_parts", campaigns)
    connection.execute(_PLACES)
    connection.unregister("campaign_parts")
    # Behind the campaigns comes what is in none.
    parts = [
        _Part(folder / f"{number}.arrow", is_one) for number, is_one in enumerate([*are_one, True])
    ]
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    writers: dict[int, pa.RecordBatchStreamWriter] = {}
    for batch in connection.sql(_TEXTS).to_arrow_reader(_TRIED_MESSAGES):
        place = pc.fill_null(batch["part"], len(parts) - 1).to_numpy()
        for number in np.unique(place).tolist():
            if number not in writers:
                path = str(parts[number].path)
                writers[number] = pa.ipc.new_stream(path, batch.schema, options=options)
            writers[number].write_batch(batch.take(np.flatnonzero(place == number)))
    for writer in writers.values():
        writer.close()
    connection.execute("DROP TABLE places")
    return PartedTexts([part for number, part in enumerate(parts) if number in writers])


def _number(sizes: Sequence[float], part_bytes: int) -> tuple[list[int], list[bool]]:
    """The part of each campaign of these sizes in bytes, and of each part whether it is of one."""
    room = max(part_bytes, sum(sizes) / _MOST_PARTS)
    numbers: list[int] = []
    counts: list[int] = []
    filled = 0.0
    for size in sizes:
        if not counts or filled + size > room:
            counts.append(0)
            filled = 0.0
        counts[-1] += 1
        filled += size
        numbers.append(len(counts) - 1)
    return numbers, [count == 1 for count in counts]


def _table(batches: Iterator[pa.RecordBatch]) -> pa.Table | None:
    found = list(batches)
    return pa.Table.from_batches(found) if found else None


def _sorted(table: pa.Table, *columns: str) -> pa.Table:
    keys = [(column, "ascending") for column in ("campaign_id", *columns)]
    return table.take(pc.sort_indices(table, sort_keys=keys))


def _batch(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]


def _trial(batch: pa.RecordBatch, learned: Set[str]) -> pa.RecordBatch:
    # Arrow would number all that was learned from anew for every batch.
    is_other = pa.array([one not in learned for one in batch["message_id"].to_pylist()], pa.bool_())
    kept_back = pc.and_(batch["is_made"], is_other)
    told = batch.select(["text", "campaign_id", "is_bulk", "is_carried"])
    return told.append_column("is_kept_back", kept_back)


def _whole_campaigns(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """A table in the order of campaigns, cut between two of them."""
    campaigns = table["campaign_id"].combine_chunks()
    is_new = pc.not_equal(campaigns[1:], campaigns[:-1]).to_numpy(zero_copy_only=False)
    start = 0
    for place in [*(np.flatnonzero(is_new) + 1).tolist(), len(campaigns)]:
        if place - start >= _LEARNED_MESSAGES or place == len(campaigns):
            yield _batch(table[start:place])
            start = place
