"""Who stands behind it, as it is after the analyst's latest decisions, not as last traced."""

import duckdb
import pyarrow as pa

from lymer.actors import find_actors
from lymer.case import Case
from lymer.engine import answer


def weigh_anew(case: Case, connection: duckdb.DuckDBPyConnection) -> bool:
    """Let `connection` show the actors' tables as they are by now; True where they changed.

    Only a decision since the last trace changes them, or newer software. The case itself is left
    as it is.
    """
    with case.connect() as weighing:
        found = find_actors(weighing)
    changed = False
    for table, rows in found.items():
        if _rows(answer(connection, f'FROM "{table.name}"')) == _rows(rows):
            continue
        changed = True
        connection.register(f"{table.name}__now", rows)
        connection.execute(
            f'CREATE OR REPLACE TEMP TABLE "{table.name}" AS FROM "{table.name}__now"'
        )
    return changed


def _rows(table: pa.Table) -> list[str]:
    return sorted(map(repr, table.to_pylist()))
