"""SQLite files, read without trusting anything they say.

The file is a copy, opened read-only, and immutable where no write-ahead log lies beside it. Only
the rows of plain tables are asked for: no view, no trigger, no virtual table, no function of the
schema can run. Limits and a clock bound what a damaged or hostile file can cost.
"""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lymer.servers.limits import ReadingLimits

MAGIC = b"SQLite format 3\0"
LOG_MAGICS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""First bytes of a write-ahead log (SQLite file format, 4.1)."""
_STEPS = 50_000
_ROWS = 1_000


@dataclass
class BaseTable:
    """A table of a database on its way to a sheet."""

    name: str
    columns: list[str]
    rows: Iterator[list[str | None]]


@dataclass
class Database:
    """What reading one file brought to light besides its rows."""

    defects: list[str] = field(default_factory=list)
    tables: int = 0
    left_out: list[str] = field(default_factory=list)
    """Views, triggers and virtual tables: never run."""


def keeps_a_log(head: bytes) -> bool:
    """Does the database say that it is written by way of a log (file format, 1.3.3)?"""
    return head[18:20] == b"\x02\x02"


def sqlite_tables(
    path: Path, found: Database, limits: ReadingLimits, *, with_log: bool = False
) -> Iterator[BaseTable]:
    """The plain tables of the file at `path`. Each is to be read before the next is asked for.

    With `with_log` the write-ahead log beside the file is applied; SQLite then writes an index of
    it in the same folder, and neither of the two files.
    """
    immutable = "" if with_log else "&immutable=1"
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro{immutable}", uri=True)
    deadline = time.monotonic() + limits.database_seconds
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 << 20)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 2_000)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA mmap_size = 0")
        connection.set_authorizer(_allow)
        yield from _tables(connection, found, limits)
    except (sqlite3.Error, UnicodeError, OverflowError, MemoryError, ValueError) as error:
        found.defects.append(_defect(error))
    finally:
        connection.close()


def _allow(action: int, first: str | None, *_: Any) -> int:
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first in ("table_info", "encoding"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _defect(error: Exception) -> str:
    text = str(error)
    if "interrupted" in text:
        return "database_too_slow"
    return "database_refused" if "not authorized" in text else "database_damaged"


def _tables(
    connection: sqlite3.Connection, found: Database, limits: ReadingLimits
) -> Iterator[BaseTable]:
    plain: list[str] = []
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if not isinstance(name, str):
            continue
        if kind == "table" and not str(sql or "").lstrip().upper().startswith("CREATE VIRTUAL"):
            if not name.lower().startswith("sqlite_"):
                plain.append(name)
        elif kind != "index":
            found.left_out.append(f"{kind} {name}")
    if len(plain) > limits.sheets:
        found.defects.append("too_many_tables")
    for name in sorted(plain)[: limits.sheets]:
        quoted = '"' + name.replace('"', '""') + '"'
        try:
            info = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
            columns = [str(row[1]) for row in info][: limits.columns]
            if not columns:
                continue
            asked = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
            cursor = connection.execute(f"SELECT {asked} FROM {quoted}")
        except (sqlite3.Error, UnicodeError, ValueError) as error:
            found.defects.append(_defect(error))
            continue
        found.tables += 1
        yield BaseTable(name, columns, _rows(cursor, found, limits))


def _rows(
    cursor: sqlite3.Cursor, found: Database, limits: ReadingLimits
) -> Iterator[list[str | None]]:
    count = 0
    while True:
        try:
            rows = cursor.fetchmany(_ROWS)
        except (sqlite3.Error, UnicodeError, OverflowError, MemoryError, ValueError) as error:
            found.defects.append(_defect(error))
            return
        if not rows:
            return
        for row in rows:
            yield [written(value, limits.cell_chars) for value in row]
        count += len(rows)
        if count >= limits.sheet_rows:
            found.defects.append("too_many_rows")
            return


def written(value: Any, cell_chars: int) -> str | None:
    """A value of a database as text."""
    if value is None:
        return None
    if isinstance(value, bytes):
        head = value[:cell_chars]
        try:
            text = head.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        return text if text and text.isprintable() else "x'" + head[:4096].hex() + "'"
    if isinstance(value, float):
        return repr(value)
    return str(value)[:cell_chars]
