"""Databases of a server: copied, and their plain tables read into sheets.

A SQLite database may have its last changes in a write-ahead log beside it. Files come one after
the other, so a database that keeps a log is read when all files have been seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import xxhash

from lymer.servers.sheets import Reading, Sheet
from lymer.servers.sqlite import Database, keeps_a_log, sqlite_tables

_SUFFIX = "-wal"
# Databases that wait for their logs at once; more are read without.
_WAITING = 200
# Rows of one database that are known again.
_KNOWN_ROWS = 2_000_000
_TOLD_RANGES = 12


@dataclass
class _Copy:
    """A file on disk that is read later."""

    reading: Reading
    path: Path


class Databases:
    """The databases of one server. `close` must be called: it reads what waits."""

    def __init__(self, scratch: Path) -> None:
        self._folder = TemporaryDirectory(dir=scratch)
        self._count = 0
        self._waiting: dict[str, _Copy] = {}
        self._logs: dict[str, _Copy] = {}

    def read(self, reading: Reading, head: bytes) -> None:
        """A SQLite file: now, or when its log has been seen."""
        reading.artifact.kind, reading.artifact.media = "database", "sqlite"
        copy = self._copy(reading)
        if copy is None:
            return
        if keeps_a_log(head) and len(self._waiting) < _WAITING:
            self._waiting[reading.artifact.path] = copy
            return
        _read(copy, None)
        copy.path.unlink()

    def keep_log(self, reading: Reading) -> None:
        """A write-ahead log, for the database that it belongs to."""
        artifact = reading.artifact
        artifact.kind, artifact.media = "database", "sqlite log"
        artifact.why = "a write-ahead log of SQLite; its database is not beside it, or keeps none"
        copy = self._copy(reading) if len(self._logs) < _WAITING else None
        if copy is not None:
            self._logs[artifact.path] = copy

    def close(self) -> None:
        """Read the databases that waited, each with its log where there is one."""
        try:
            for path, copy in self._waiting.items():
                log = self._logs.pop(path + _SUFFIX, None)
                _read(copy, log)
                copy.reading.entities_done()
            for log in self._logs.values():
                log.reading.note("not_read")
        finally:
            self._folder.cleanup()

    def _copy(self, reading: Reading) -> _Copy | None:
        self._count += 1
        path = Path(self._folder.name) / f"{self._count}.db"
        copied = 0
        with path.open("wb") as file:
            while data := reading.tape.read(1 << 20):
                copied += len(data)
                if copied > reading.limits.database_bytes:
                    reading.note("database_too_large")
                    break
                file.write(data)
            else:
                return _Copy(reading, path)
        path.unlink()
        return None


def _read(copy: _Copy, log: _Copy | None) -> None:
    """The tables of a database, as they are with its log."""
    reading = copy.reading
    artifact = reading.artifact
    known: dict[str, set[int]] = {}
    if log is not None:
        known = _known_rows(copy)
        log.path.rename(copy.path.with_name(copy.path.name + _SUFFIX))
    found = Database()
    fresh = stood = 0
    for table in sqlite_tables(copy.path, found, reading.limits, with_log=log is not None):
        sheet = Sheet(reading, table.name, "sqlite", table.columns)
        before = known.get(table.name, set())
        new: list[int] = []
        for position, values in enumerate(table.rows, start=1):
            if not sheet.add(position, values):
                break
            if log is not None:
                if _digest(values) in before:
                    stood += 1
                else:
                    new.append(position)
        fresh += len(new)
        told = f"; only from its write-ahead log: rows {_ranges(new)}" if new else ""
        sheet.close(f"a table of a database{told}")
    artifact.defects += list(dict.fromkeys(found.defects))
    artifact.why = f"a SQLite database of {found.tables} tables"
    if found.left_out:
        artifact.why += f"; not run: {', '.join(found.left_out[:5])}"
    if log is not None:
        gone = sum(map(len, known.values())) - stood
        artifact.why += (
            f"; read with the write-ahead log beside it, from which {fresh:,} rows came; "
            f"{max(gone, 0):,} rows of the file itself are overwritten or deleted there"
        )
        log.reading.artifact.why = (
            f"the write-ahead log of {artifact.path}, where its {fresh:,} rows are read"
        )


def _known_rows(copy: _Copy) -> dict[str, set[int]]:
    """The rows of the file without its log, by table."""
    known: dict[str, set[int]] = {}
    count = 0
    for table in sqlite_tables(copy.path, Database(), copy.reading.limits):
        digests = known.setdefault(table.name, set())
        for values in table.rows:
            digests.add(_digest(values))
            count += 1
            if count >= _KNOWN_ROWS:
                copy.reading.note("log_not_compared")
                return known
    return known


def _digest(values: Sequence[str | None]) -> int:
    text = "\0".join("\1" if value is None else value for value in values)
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def _ranges(positions: Sequence[int]) -> str:
    """As in 3-5, 9."""
    ranges: list[list[int]] = []
    for position in positions:
        if ranges and position == ranges[-1][1] + 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    told = [f"{a}-{b}" if b > a else f"{a}" for a, b in ranges[:_TOLD_RANGES]]
    return ", ".join(told) + (" ..." if len(ranges) > _TOLD_RANGES else "")
