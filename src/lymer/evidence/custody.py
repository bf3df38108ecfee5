"""The custody chain: who did what to which evidence, each row hashing the one before.

Whoever changes, drops or inserts a row in the middle must recompute every later hash; the last
hash, written down elsewhere, shows even that.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_CREATE = """
CREATE TABLE IF NOT EXISTS custody (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
)
"""
_COLUMNS = "seq, at, action, subject, detail, previous_hash"
_FIRST = "0" * 64


def add(
    connection: sqlite3.Connection, action: str, subject: str, detail: Mapping[str, Any]
) -> str:
    """Append one row within the caller's transaction; returns its hash."""
    connection.execute(_CREATE)
    last = connection.execute("SELECT seq, hash FROM custody ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last[0] + 1, last[1]) if last else (1, _FIRST)
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    row = (seq, at, action, subject, _canonical(detail), previous)
    mark = _hash(row)
    connection.execute(
        f"INSERT INTO custody ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, mark),
    )
    return mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the chain."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str


def read(
    connection: sqlite3.Connection, action: str | None = None, *, is_newest_first: bool = False
) -> Iterator[Entry]:
    """The rows of the chain in their order, or those of one `action`; none where none was begun."""
    if not _is_begun(connection):
        return
    rows = connection.execute(
        "SELECT seq, at, action, subject, detail, hash FROM custody "
        f"WHERE ?1 IS NULL OR action = ?1 ORDER BY seq {'DESC' if is_newest_first else 'ASC'}",
        (action,),
    )
    for seq, at, done, subject, detail, mark in rows:
        yield Entry(int(seq), str(at), str(done), str(subject), _detail(detail), str(mark))


def _detail(text: str) -> dict[str, Any]:
    """Of a row that somebody changed it may be anything; that the row is broken `check` says."""
    try:
        detail = json.loads(text)
    except (TypeError, ValueError):
        detail = None
    return detail if isinstance(detail, dict) else {"unreadable": str(text)}


def _is_begun(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'custody'"
    )
    return found.fetchone() is not None


def check(connection: sqlite3.Connection) -> int | None:
    """The first `seq` that does not follow from the row before, or None for a whole chain."""
    if not _is_begun(connection):
        return None
    expected, previous = 1, _FIRST
    rows = connection.execute(f"SELECT {_COLUMNS}, hash FROM custody ORDER BY seq")
    for *row, mark in rows:
        if row[0] != expected or row[5] != previous or _hash(tuple(row)) != mark:
            # A missing row is reported by its own number.
            return min(int(row[0]), expected)
        expected, previous = expected + 1, mark
    return None


def _hash(row: tuple[Any, ...]) -> str:
    return hashlib.sha256(_canonical(list(row)).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
