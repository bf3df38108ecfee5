"""The case as it lies open: one snapshot of it, ready to be asked, and renewed when it moves."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from lymer.case import Case, Summary, open_case, summarize
from lymer.console.prepared import RULE, prepare, read_of_message
from lymer.engine import answer
from lymer.errors import UsageError
from lymer.tables import Table

Row = dict[str, Any]
"""One row of an answer, by column."""


class Snapshot:
    """The case at one moment. Many threads may ask it at once."""

    def __init__(self, case: Case) -> None:
        self.versions = case.ledger.versions()
        self.made_at = datetime.now(UTC).replace(microsecond=0)
        self.folder = case.folder
        self.settings = case.settings
        self.tables: dict[str, Table] = dict(case.store.tables)
        self.summary: Summary = summarize(case, campaigns=8)
        self._connection = case.connect()
        self._lock = threading.Lock()
        prepare(case, self._connection)
        self.evidence: dict[str, Row] = {
            row["evidence_id"]: row for row in self.ask("SELECT * FROM evidence ORDER BY uri")
        }
        asked = " UNION ALL ".join(
            f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")"
            for name in self.tables
        )
        self.filled = {row["name"] for row in self.ask(asked)}

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own for a moment."""
        with self._lock:
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def ask(self, query: str, parameters: Row | None = None) -> list[Row]:
        """The rows of an answer."""
        with self.cursor() as cursor:
            return tidy(answer(cursor, query, parameters).to_pylist())

    def rows(self, name: str, where: str = "true", **parameters: Any) -> list[Row]:
        """Rows of the table `name`; none where the case has no such table."""
        if name not in self.filled:
            return []
        return self.ask(f'SELECT * FROM "{name}" WHERE {where}', parameters or None)

    def of_message(self, name: str, message_id: str, order: str) -> list[Row]:
        """What the table `name` has of one message."""
        with self.cursor() as cursor:
            return tidy(read_of_message(cursor, name, message_id, order))

    def find(self, table: str, column: str, given: str) -> Row:
        """The one row whose id begins with what was given; else NotFoundError."""
        found = self.rows(table, f"starts_with({column}, $id) ORDER BY {column} LIMIT 2", id=given)
        if not found:
            raise NotFoundError(f"no {column} of this case begins with {given!r}.")
        if len(found) > 1 and found[0][column] != given:
            raise NotFoundError(f"several begin with {given!r}. Give more of it.")
        return found[0]

    def find_message(self, given: str) -> str:
        """The id of the one message that `given` begins."""
        found = self.ask(
            "SELECT message_id FROM desk.message_files WHERE starts_with(message_id, $id) "
            "ORDER BY message_id LIMIT 2",
            {"id": given},
        )
        if not found:
            raise NotFoundError(f"no message of this case begins with {given!r}.")
        if len(found) > 1:
            raise NotFoundError(f"several messages begin with {given!r}. Give more of it.")
        return str(found[0]["message_id"])

    def query(self, text: str) -> tuple[list[str], list[tuple[Any, ...]], bool]:
        """One SELECT of the analyst's: column names, at most `sql_rows` rows, whether cut."""
        with self.cursor() as cursor:
            timer = threading.Timer(RULE.sql_seconds, cursor.interrupt)
            timer.start()
            try:
                statements = cursor.extract_statements(text)
                if len(statements) != 1 or statements[0].type not in (
                    duckdb.StatementType.SELECT,
                    duckdb.StatementType.EXPLAIN,
                ):
                    raise UsageError("only one SELECT (or EXPLAIN): a case is read, not changed.")
                cursor.execute(text)
                names = [str(column[0]) for column in cursor.description or ()]
                rows = cursor.fetchmany(RULE.sql_rows + 1)
            except duckdb.InterruptException:
                raise UsageError(
                    f"the query took more than {RULE.sql_seconds:.0f} seconds and was stopped. "
                    "Narrow it, or use `lymer sql`."
                ) from None
            except duckdb.Error as error:
                raise UsageError(f"the query failed: {error}") from error
            finally:
                timer.cancel()
        return names, rows[: RULE.sql_rows], len(rows) > RULE.sql_rows


class NotFoundError(UsageError):
    """The case has nothing of that id."""


class Desk:
    """The folder of a case, and its newest snapshot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._renewing = threading.Lock()
        with self.case() as case:
            self._snapshot = Snapshot(case)

    @contextmanager
    def case(self) -> Iterator[Case]:
        """The case, opened for this thread."""
        case = open_case(self.folder)
        try:
            yield case
        finally:
            case.close()

    def look(self) -> Snapshot:
        """The newest snapshot that is ready. One that is newer is made meanwhile."""
        with self.case() as case:
            is_old = case.ledger.versions() != self._snapshot.versions
        if is_old and self._renewing.acquire(blocking=False):
            threading.Thread(target=self._renew, daemon=True).start()
        return self._snapshot

    def renew(self) -> None:
        """Make a snapshot of what the case is now, and wait for it."""
        with self._renewing, self.case() as case:
            # Another thread may have been quicker.
            if case.ledger.versions() != self._snapshot.versions:
                self._snapshot = Snapshot(case)

    @property
    def is_renewing(self) -> bool:
        """Whether the case has moved and a newer snapshot is being made."""
        return self._renewing.locked()

    def _renew(self) -> None:
        try:
            with self.case() as case:
                self._snapshot = Snapshot(case)
        finally:
            self._renewing.release()


def tidy(rows: list[Row]) -> list[Row]:
    """Rows that JSON can hold: no number that is none, bytes as hex."""
    for row in rows:
        for name, value in row.items():
            if isinstance(value, float) and not math.isfinite(value):
                row[name] = None
            elif isinstance(value, bytes):
                row[name] = value.hex()
    return rows
