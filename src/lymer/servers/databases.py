"""Databases: copied to a temporary file, their plain tables read into sheets."""

import os
import tempfile
from pathlib import Path

from lymer.servers.sheets import Reading
from lymer.servers.sqlite import Database, sqlite_tables


def read_database(reading: Reading) -> None:
    """The tables of a SQLite file."""
    artifact = reading.artifact
    artifact.kind, artifact.media = "database", "sqlite"
    found = Database()
    handle, name = tempfile.mkstemp(dir=reading.scratch, suffix=".db")
    try:
        copied = 0
        with os.fdopen(handle, "wb") as copy:
            while data := reading.tape.read(1 << 20):
                copied += len(data)
                if copied > reading.limits.database_bytes:
                    artifact.defects.append("database_too_large")
                    return
                copy.write(data)
        for table in sqlite_tables(Path(name), found, reading.limits):
            rows = enumerate(table.rows, start=1)
            reading.sheet(table.name, "sqlite", table.columns, rows, "a table of a database")
    finally:
        Path(name).unlink()
    artifact.defects += list(dict.fromkeys(found.defects))
    left = f"; not run: {', '.join(found.left_out[:5])}" if found.left_out else ""
    artifact.why = f"a SQLite database of {found.tables} tables{left}"
