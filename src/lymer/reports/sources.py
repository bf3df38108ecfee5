"""Every number of a report comes from a query that the reader can run again."""

from dataclasses import dataclass
from typing import Any

import duckdb

from lymer.engine import answer
from lymer.reports.harmless import NAME_LENGTH, steerless


@dataclass(frozen=True, slots=True)
class Source:
    """One query: its id in the report, what it asks, its SQL, and the rows of its answer."""

    source_id: str
    asks: str
    sql: str
    row_count: int


class Sources:
    """Asks the case, and keeps what was asked. `tables` are the names of the case's tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: frozenset[str]) -> None:
        self._connection = connection
        self.tables = tables
        self.asked: list[Source] = []

    def ask(self, asks: str, sql: str) -> tuple[str, list[dict[str, Any]]]:
        """The id of the query, and its rows. It must give its rows in a fixed order."""
        text = _flush_left(sql)
        rows = answer(self._connection, text).to_pylist()
        for row in rows:
            # What machines named is trusted no more than what mails say.
            if isinstance(row.get("name"), str):
                row["name"] = steerless(row["name"][: 4 * NAME_LENGTH])
        source_id = f"Q{len(self.asked) + 1}"
        self.asked.append(Source(source_id, asks, text, len(rows)))
        return source_id, rows

    def holds(self, table: str) -> bool:
        """Has the case this table, with a row in it?"""
        if table not in self.tables:
            return False
        found = answer(self._connection, f'SELECT count(*) AS rows FROM (FROM "{table}" LIMIT 1)')
        return bool(found["rows"][0].as_py())


def _flush_left(sql: str) -> str:
    text = sql.strip("\n")
    indents = [len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()]
    return "\n".join(line[min(indents) :].rstrip() for line in text.splitlines()).strip()
