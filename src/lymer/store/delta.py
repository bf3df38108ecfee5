"""Delta tables in a folder, committed together.

A worker stages a batch as a Parquet file inside the table's folder; nobody sees it until the
main process commits it. A commit adds the staged files to each Delta table and then moves the
snapshot in the ledger: readers always open the versions that the ledger names. What a killed
run left beyond them is undone when the case is next opened for writing.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from lymer.store.ledger import Ledger
from lymer.store.refusals import naming_refusals
from lymer.tables import Table

# zstd at its fastest level: half of the size of snappy on mail text at the same speed.
_COMPRESSION = "zstd"
_COMPRESSION_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Staged:
    """A Parquet file that waits to be committed."""

    table: str
    file: str
    size_bytes: int
    row_count: int


def stage(folder: Path, table: Table, batch: pa.RecordBatch | pa.Table) -> Staged:
    """Write `batch` as a file of `table` under the tables folder; safe in any process."""
    home = folder / table.name
    name = f"part-{uuid.uuid4().hex}.parquet"
    path = home / name
    data = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    if not data.schema.equals(table.schema):
        raise ValueError(f"{table.name}: staged batch has another schema\n{data.schema}")
    with naming_refusals(path):
        try:
            home.mkdir(exist_ok=True)
            pq.write_table(
                data, path, compression=_COMPRESSION, compression_level=_COMPRESSION_LEVEL
            )
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return Staged(table.name, name, path.stat().st_size, data.num_rows)


class Store:
    """The tables of one case at one snapshot."""

    def __init__(self, folder: Path, tables: Sequence[Table], ledger: Ledger) -> None:
        self.folder = folder
        self.tables = {table.name: table for table in tables}
        self._ledger = ledger

    def prepare(self) -> None:
        """Make absent tables and undo what a killed run left beyond the snapshot.

        Only the one writer may call this.
        """
        versions = self._ledger.versions()
        for table in self.tables.values():
            path = self.folder / table.name
            with naming_refusals(path):
                path.mkdir(parents=True, exist_ok=True)
                try:
                    delta = DeltaTable(path)
                except TableNotFoundError:
                    delta = DeltaTable.create(path, schema=table.schema)
                wanted = versions.get(table.name, 0)
                if delta.version() > wanted:
                    delta.restore(wanted)
                    versions[table.name] = delta.version()
                else:
                    versions[table.name] = wanted
            self._sweep(table)
        with self._ledger.transaction() as connection:
            _move(connection, versions)

    def _sweep(self, table: Table) -> None:
        """Delete files that no version of the table names: staged by a run that was killed."""
        path = self.folder / table.name
        delta = DeltaTable(path)
        known = {action["path"] for action in _actions(delta)}
        # Older versions stay readable: files that the log ever named are left to vacuum.
        for log in sorted((path / "_delta_log").glob("*.json")):
            for line in log.read_text("utf-8").splitlines():
                add = json.loads(line).get("add")
                if add:
                    known.add(add["path"])
        for file in path.glob("part-*.parquet"):
            if file.name not in known:
                file.unlink()

    def commit(
        self,
        staged: Iterable[Staged],
        *,
        replace: Sequence[Table] = (),
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """Make staged files visible, all at once.

        Tables in `replace` lose their former rows. `also` writes to the ledger in the same
        transaction that moves the snapshot.
        """
        by_table: dict[str, list[Staged]] = {table.name: [] for table in replace}
        for item in staged:
            if item.row_count:
                by_table.setdefault(item.table, []).append(item)
        versions: dict[str, int] = {}
        replaced = {table.name for table in replace}
        now = int(time.time() * 1000)
        for name, items in by_table.items():
            path = self.folder / name
            actions: list[AddAction | RemoveAction] = [
                AddAction(
                    path=item.file,
                    size=item.size_bytes,
                    partition_values={},
                    modification_time=now,
                    data_change=True,
                    stats=json.dumps({"numRecords": item.row_count}),
                )
                for item in items
            ]
            with naming_refusals(path):
                delta = DeltaTable(path)
                delta.create_write_transaction(
                    actions,
                    mode="overwrite" if name in replaced else "append",
                    schema=self.tables[name].schema,
                )
                delta.update_incremental()
                versions[name] = delta.version()
        with self._ledger.transaction() as connection:
            _move(connection, versions)
            if also is not None:
                also(connection)

    def files(self, table: Table) -> list[str]:
        """Paths of the Parquet files that hold `table` at the current snapshot."""
        version = self._ledger.versions().get(table.name)
        if version is None:
            return []
        delta = DeltaTable(self.folder / table.name, version=version)
        return sorted(str(self.folder / table.name / a["path"]) for a in _actions(delta))

    def read(self, table: Table, columns: Sequence[str] | None = None) -> pa.Table:
        """`table` (or some columns of it) as one Arrow table in memory."""
        files = self.files(table)
        names = list(columns) if columns is not None else table.schema.names
        if not files:
            return pa.Table.from_batches([table.empty()]).select(names)
        parts = [pq.ParquetFile(file, memory_map=True).read(columns=names) for file in files]
        return pa.concat_tables(parts)

    def batches(
        self, table: Table, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """`table` (or some columns of it) as a stream, one file in memory at a time."""
        for file in self.files(table):
            yield from pq.ParquetFile(file).iter_batches(columns=columns)

    def size_bytes(self) -> int:
        """Bytes on disk, of all tables and versions."""
        return sum(f.stat().st_size for f in self.folder.rglob("*") if f.is_file())


def _actions(delta: DeltaTable) -> list[dict[str, str]]:
    actions = pa.table(delta.get_add_actions(flatten=True))
    return [{"path": path} for path in actions.column("path").to_pylist()]


def _move(connection: sqlite3.Connection, versions: dict[str, int]) -> None:
    connection.executemany(
        "INSERT INTO snapshots VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
        sorted(versions.items()),
    )
