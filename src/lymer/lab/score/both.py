"""The truth and the case side by side in one DuckDB, joined by message."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from lymer.errors import LymerError, UsageError
from lymer.lab.score.partitions import Agreement, compare
from lymer.lab.truth import SCHEMAS

TableByName = Callable[[str], pa.Table]
"""Gives a table of the case; raises LymerError where there is none of that name."""

_MEMORY = "2GB"

# Equal bytes are one message, wherever they lie. What a message is about: the campaign that
# made it or whose mail it carries, else itself. Members and singles are what campaigns are
# judged on.
_SENT = """
CREATE TEMP TABLE sent AS
SELECT *,
       coalesce(campaign_id, carried_campaign_id, message_id) AS topic,
       campaign_id IS NOT NULL AND kind IN ('spam', 'bulk', 'snowshoe') AS is_member,
       kind = 'single' AS is_single
FROM true_messages
QUALIFY row_number() OVER (PARTITION BY message_id ORDER BY path) = 1
"""

_PLACED = """
CREATE TEMP TABLE placed AS
SELECT s.message_id, s.kind, s.topic, s.campaign_id, s.operation_id, s.botnet_id, s.client_ip,
       s.is_member, s.is_single, f.found_id, coalesce(f.company, 0) AS company
FROM sent s
LEFT JOIN (
    SELECT message_id, min(campaign_id) AS found_id,
           count(*) OVER (PARTITION BY min(campaign_id)) - 1 AS company
    FROM found_campaign_messages
    WHERE campaign_id IS NOT NULL GROUP BY message_id
) f ON f.message_id = s.message_id
"""

_HOMES = """
CREATE TEMP TABLE homes AS
SELECT campaign_id, found_id, seen
FROM (
    SELECT campaign_id, found_id,
           CAST(sum(count(*)) OVER (PARTITION BY campaign_id) AS BIGINT) AS seen,
           row_number() OVER (
               PARTITION BY campaign_id
               ORDER BY found_id IS NULL, count(*) DESC, found_id
           ) AS place
    FROM placed WHERE is_member GROUP BY campaign_id, found_id
) WHERE place = 1
"""

_MAINS = """
CREATE TEMP TABLE mains AS
SELECT found_id, campaign_id
FROM (
    SELECT found_id, campaign_id,
           row_number() OVER (PARTITION BY found_id ORDER BY count(*) DESC, campaign_id) AS place
    FROM placed WHERE is_member AND found_id IS NOT NULL GROUP BY found_id, campaign_id
) WHERE place = 1
"""


_HAM = """
SELECT count(*) AS sent,
       count(*) FILTER (message_id IN (SELECT message_id FROM found_messages)) AS read
FROM sent WHERE path LIKE 'ham/%'
"""


class NotInCase(Exception):
    """The case has no such table or column: what hangs on it is not measured."""


class Both:
    """All that the steps ask, with the tables of the truth as `true_*`, the case's as `found_*`.

    `sent` has the true messages. After `place()` there are `placed` (each true message with
    the found campaign it lies in), `homes` (each true campaign with the found one that holds
    most of it) and `mains` (each found campaign with the true one that most of it is).
    """

    def __init__(self, table: TableByName, truth: Path) -> None:
        self._table = table
        self._columns: dict[str, set[str]] = {}
        self._names: dict[str, list[str]] = {}
        self._is_placed = False
        self._connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": _MEMORY,
            }
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._read_truth(truth)
        self.is_ham_left_out = self._leave_out_ham()

    def _read_truth(self, truth: Path) -> None:
        folder = next(
            (f for f in (truth, truth / "truth") if (f / "messages.parquet").is_file()), None
        )
        if folder is None:
            raise UsageError(
                f"{truth} holds no truth. Name the folder that `lymer lab make` wrote, or the "
                "folder truth in it."
            )
        try:
            for name in SCHEMAS:
                path = str(folder / f"{name}.parquet").replace("'", "''")
                self._connection.execute(
                    f"CREATE TEMP VIEW true_{name} AS SELECT * FROM read_parquet('{path}')"
                )
            self._connection.execute(_SENT)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise UsageError(
                f"the truth in {folder} cannot be read ({reason}). Make the world again."
            ) from error

    def _leave_out_ham(self) -> bool:
        """A case made from the spam alone is not blamed for ham that it was never given."""
        try:
            ham = self.row(_HAM, messages=("message_id",))
        except NotInCase:
            return False
        if not ham["sent"] or ham["read"]:
            return False
        self.run("DELETE FROM sent WHERE path LIKE 'ham/%'")
        return True

    def need(self, name: str, columns: Sequence[str]) -> None:
        """Have the case's table `name` with `columns` at hand, or raise NotInCase."""
        known = self._columns.get(name, set())
        if name in self._columns and known.issuperset(columns):
            return
        try:
            table = self._table(name)
        except LymerError:
            raise NotInCase(f"no table {name}") from None
        self._names[name] = table.column_names
        absent = [column for column in columns if column not in table.column_names]
        if absent:
            raise NotInCase(f"no column {absent[0]} in table {name}")
        kept = sorted(known.union(columns))
        self._connection.register(f"found_{name}", table.select(kept))
        self._columns[name] = set(kept)

    def place(self) -> None:
        """Make `placed`, `homes` and `mains`, once."""
        self.need("campaign_messages", ("campaign_id", "message_id"))
        if not self._is_placed:
            for statement in (_PLACED, _HOMES, _MAINS):
                self._connection.execute(statement)
            self._is_placed = True

    def ask(self, sql: str, **found: Sequence[str]) -> pa.Table:
        """The answer to `sql`, which reads the named tables of the case with these columns."""
        for name, columns in found.items():
            self.need(name, columns)
        return self._connection.sql(sql).to_arrow_table()

    def run(self, sql: str) -> None:
        """Make a temporary table of this connection."""
        self._connection.execute(sql)

    def name(self, table: str, names: Mapping[str, str]) -> None:
        """Have `names` as the table `table` (found_botnet, botnet_id)."""
        columns = {"found_botnet": list(names), "botnet_id": list(names.values())}
        schema = pa.schema([(column, pa.string()) for column in columns])
        self._connection.register(table, pa.table(columns, schema=schema))

    def overlaps(self, sql: str, **found: Sequence[str]) -> Agreement:
        """The agreement of the groups of `sql`: rows (true_label, found_label, count).

        The rows must come in an order, so that sums of shares are the same to the last digit.
        """
        rows = self.ask(sql, **found).combine_chunks()
        true, other, count = (
            rows[n].combine_chunks() for n in ("true_label", "found_label", "count")
        )
        return compare(true, other, count.to_numpy(zero_copy_only=False).astype(np.int64))

    def columns(self, name: str) -> Sequence[str]:
        """All columns of the case's table `name`, which was needed before."""
        return self._names[name]

    def row(self, sql: str, **found: Sequence[str]) -> dict[str, Any]:
        """The one row that `sql` answers."""
        rows = self.ask(sql, **found).to_pylist()
        assert len(rows) == 1, sql
        return dict(rows[0])

    def close(self) -> None:
        """Let go of all tables."""
        self._connection.close()
