"""What a table is: a name, a key, and columns with a type and a line of text each.

Rooms declare the tables they hand over in their `tables.py`. The declaration is the one
source for the Arrow schema, the SQL surface and the documentation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

STRING = pa.string()
STRINGS = pa.list_(pa.string())
BYTES = pa.binary()
INTEGER = pa.int64()
SHARE = pa.float64()
BOOLEAN = pa.bool_()
TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name (snake_case, ends in its kind), Arrow type and meaning."""

    name: str
    type: pa.DataType
    doc: str


@dataclass(frozen=True)
class Table:
    """One table: what a row is, what identifies it, and its columns in order."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema; every field may be null, since evidence may be silent."""
        return pa.schema([pa.field(c.name, c.type) for c in self.columns])

    def batch(self, rows: Iterable[Sequence[Any]]) -> pa.RecordBatch:
        """Turn rows (tuples in column order) into one Arrow batch of this table."""
        columns = list(zip(*rows, strict=True))
        if not columns:
            return self.empty()
        if len(columns) != len(self.columns):
            raise ValueError(f"{self.name}: {len(columns)} values for {len(self.columns)} columns")
        arrays = [
            pa.array(values, type=column.type)
            for values, column in zip(columns, self.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def empty(self) -> pa.RecordBatch:
        """A batch of this table without rows."""
        return pa.RecordBatch.from_arrays(
            [pa.array([], type=c.type) for c in self.columns], schema=self.schema
        )
