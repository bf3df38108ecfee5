"""The case's SQLite file: what must change in one piece.

The snapshot (which version of which table is current) lives here beside the custody chain and
the analyst's decisions, so that one SQLite transaction moves all of them together.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lymer.errors import CaseError, StorageError

BUSY_SECONDS = 10.0


class Ledger:
    """An SQLite file with durable transactions. `path` is created when it is absent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS snapshots (name TEXT PRIMARY KEY, version INTEGER)"
            )
        except sqlite3.OperationalError as error:
            raise StorageError(f"{path} cannot be written: {error}") from error
        except sqlite3.DatabaseError as error:
            raise CaseError(f"{path} cannot be used as a ledger: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or none."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StorageError(f"{self.path} cannot be written: {error}") from error
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._roll_back()
            raise StorageError(f"{self.path} cannot be written: {error}") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def versions(self) -> dict[str, int]:
        """The current version of every table."""
        return dict(self._connection.execute("SELECT name, version FROM snapshots"))

    @property
    def connection(self) -> sqlite3.Connection:
        """For reading; changes go through `transaction`."""
        return self._connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
