"""Rare selectors as hubs: what several shapes share and few others have.

A hub is one selector within one run of time: a gap longer than the rule's cuts it, since a
domain or picture that returns after a pause may serve another campaign.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from lymer.engine import answer

_HUBS = """
WITH used AS (
    SELECT s.kind, s.value, sm.shape, m.received_at, m.message_id,
           coalesce(m.from_address, '') AS sender
    FROM selectors s
    JOIN shape_messages sm ON sm.message_id = s.message_id
    JOIN messages m ON m.message_id = s.message_id
),
counted AS (
    SELECT kind, value,
           count(DISTINCT shape) AS shape_count
    FROM used GROUP BY kind, value
    HAVING count(DISTINCT shape) BETWEEN 2 AND $most_shapes
),
ordered AS (
    SELECT u.*,
           lag(u.received_at) OVER (
               PARTITION BY u.kind, u.value ORDER BY u.received_at NULLS LAST, u.message_id
           ) AS earlier_at
    FROM used u JOIN counted c ON c.kind = u.kind AND c.value = u.value
),
runs AS (
    SELECT *,
           CAST(sum(CASE WHEN epoch(received_at) - epoch(earlier_at) > $gap_seconds
                    THEN 1 ELSE 0 END) OVER (
               PARTITION BY kind, value ORDER BY received_at NULLS LAST, message_id
           ) AS BIGINT) AS run
    FROM ordered
),
spokes AS (
    SELECT kind, value, run, shape, CAST(count(*) AS BIGINT) AS message_count
    FROM runs GROUP BY kind, value, run, shape
)
SELECT kind, value, run, shape, message_count,
       CAST(count(*) OVER (PARTITION BY kind, value, run) AS BIGINT) AS degree
FROM spokes
QUALIFY degree >= 2
ORDER BY kind, value, run, shape
"""


@dataclass(frozen=True)
class Hubs:
    """Spokes between hubs and shapes, each array (n,); hubs are numbered from 0."""

    hub: npt.NDArray[np.int64]
    shape: npt.NDArray[np.int64]
    message_count: npt.NDArray[np.int64]
    names: list[tuple[str, str]]


def find_hubs(
    connection: duckdb.DuckDBPyConnection, *, most_shapes: int, gap_seconds: float
) -> Hubs:
    """Selectors that 2 to `most_shapes` shapes share, cut at gaps; needs `shape_messages`."""
    limits = {"most_shapes": most_shapes, "gap_seconds": gap_seconds}
    rows = answer(connection, _HUBS, limits).combine_chunks()
    kinds = rows["kind"].to_pylist()
    values = rows["value"].to_pylist()
    runs = rows["run"].to_pylist()
    names: list[tuple[str, str]] = []
    hub = np.zeros(len(kinds), dtype=np.int64)
    last: tuple[str, str, int] | None = None
    for index, key in enumerate(zip(kinds, values, runs, strict=True)):
        if key != last:
            names.append(key[:2])
            last = key
        hub[index] = len(names) - 1
    return Hubs(
        hub,
        rows["shape"].to_numpy().astype(np.int64),
        rows["message_count"].to_numpy().astype(np.int64),
        names,
    )
