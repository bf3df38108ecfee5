"""The truth of a world as Parquet: schemas, and writers that never hold more than a batch."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_UTC = pa.timestamp("s", tz="UTC")
_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_COUNT = pa.int64()

SCHEMAS: dict[str, pa.Schema] = {
    # A row a message, in the order of arrival within its file.
    "messages": pa.schema(
        [
            ("message_id", _TEXT),  # hex SHA-256 of the bytes in the mbox
            ("path", _TEXT),  # relative to the world's folder
            ("kind", _TEXT),  # spam, ham, bulk, snowshoe, bounce, list, single
            ("campaign_id", _TEXT),
            ("operation_id", _TEXT),
            ("template_id", _TEXT),
            ("engine_id", _TEXT),
            ("botnet_id", _TEXT),
            ("bot_id", _TEXT),
            ("client_ip", _TEXT),  # peer of the outermost trusted receiver
            ("received_at", _UTC),
            ("trap", _TEXT),  # recipient
            ("carried_campaign_id", _TEXT),  # whose mail a bounce or list copy carries
            ("behind_ip", _TEXT),  # who handed it to the list's host; "" where that host made it
        ]
    ),
    "campaigns": pa.schema(
        [
            ("campaign_id", _TEXT),
            ("operation_id", _TEXT),
            ("kind", _TEXT),  # botnet, snowshoe, bulk
            ("engine_id", _TEXT),
            ("template_id", _TEXT),
            ("botnet_ids", _TEXTS),
            ("account", _TEXT),
            ("first_at", _UTC),
            ("last_at", _UTC),
            ("targeted", _COUNT),
            ("sent", _COUNT),
            ("accepted", _COUNT),
            ("seen", _COUNT),
            ("theme", _TEXT),
            ("manner", _TEXT),
            ("language", _TEXT),
        ]
    ),
    "operations": pa.schema(
        [
            ("operation_id", _TEXT),
            ("account", _TEXT),
            ("theme", _TEXT),
            ("brand", _TEXT),
            ("domains", _TEXTS),
            ("drop_boxes", _TEXTS),
        ]
    ),
    "templates": pa.schema(
        [
            ("template_id", _TEXT),
            ("campaign_id", _TEXT),
            ("version", pa.int32()),
            ("subject_source", _TEXT),
            ("body_source", _TEXT),
            ("slots", _TEXT),
        ]
    ),
    "botnets": pa.schema(
        [
            ("botnet_id", _TEXT),
            ("operator", _TEXT),
            ("engine_id", _TEXT),
            ("size_total", _COUNT),
            ("churn", pa.float64()),  # chance per day that a bot's address changes
        ]
    ),
    "bot_days": pa.schema(
        [
            ("botnet_id", _TEXT),
            ("bot_id", _TEXT),
            ("day", pa.date32()),
            ("client_ip", _TEXTS),
            ("is_live", pa.bool_()),
        ]
    ),
    "controllers": pa.schema(
        [("botnet_id", _TEXT), ("ip", _TEXT), ("port", pa.int32()), ("role", _TEXT)]
    ),
    "accounts": pa.schema([("account", _TEXT), ("role", _TEXT), ("actor", _TEXT)]),
    "jobs": pa.schema(
        [
            ("job_id", _TEXT),
            ("account", _TEXT),
            ("campaign_id", _TEXT),
            ("template_file", _TEXT),
            ("list_file", _TEXT),
            ("targets", _COUNT),
            ("sent", _COUNT),
            ("accepted", _COUNT),
            ("started_at", _UTC),
            ("ended_at", _UTC),
            ("price", pa.float64()),
            ("server", _TEXT),
        ]
    ),
    "actors": pa.schema(
        [
            ("actor", _TEXT),
            ("name", _TEXT),
            ("role", _TEXT),  # operator, customer, promoted, payer, bystander
            ("linked", pa.bool_()),
            ("why", _TEXT),
        ]
    ),
    "lists": pa.schema(
        [
            ("list_file", _TEXT),
            ("size", _COUNT),  # addresses on the whole list
            ("trap_addresses", _COUNT),  # traps among them
            ("file_lines", _COUNT),  # addresses in the part that was captured
            ("file_trap_addresses", _COUNT),
        ]
    ),
    # A row a line of the captured node log.
    "node_reports": pa.schema(
        [
            ("node_id", _TEXT),  # what the server calls the bot
            ("botnet_id", _TEXT),
            ("bot_id", _TEXT),
            ("client_ip", _TEXT),
            ("reported_at", _UTC),
            ("job_id", _TEXT),
        ]
    ),
}

BATCH_ROWS = 20_000
GROUP_ROWS = 100_000


class Truth:
    """Writers for all tables. Use as a context manager; every table is written, even empty."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._rows: dict[str, list[Sequence[Any]]] = {name: [] for name in SCHEMAS}
        self._batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in SCHEMAS}
        self._writers = {
            name: pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
            for name, schema in SCHEMAS.items()
        }

    def add(self, table: str, row: Sequence[Any]) -> None:
        """Add one row, its values in the order of the schema."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= BATCH_ROWS:
            self._flush(table)

    def add_columns(self, table: str, columns: Sequence[Any]) -> None:
        """Add many rows at once, given as columns in the order of the schema."""
        schema = SCHEMAS[table]
        arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
        waiting = self._batches[table]
        waiting.append(pa.record_batch(arrays, schema=schema))
        # Parquet wants large row groups: a botnet's day is far too small for one.
        if sum(batch.num_rows for batch in waiting) >= GROUP_ROWS:
            self._write(table)

    def _write(self, table: str) -> None:
        waiting = self._batches[table]
        if waiting:
            self._writers[table].write_table(pa.Table.from_batches(waiting))
            waiting.clear()

    def _flush(self, table: str) -> None:
        rows = self._rows[table]
        if rows:
            self.add_columns(table, list(zip(*rows, strict=True)))
            rows.clear()

    def __enter__(self) -> "Truth":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for table, writer in self._writers.items():
            if kind is None:
                self._flush(table)
                self._write(table)
            writer.close()
