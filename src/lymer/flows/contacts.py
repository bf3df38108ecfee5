"""Flows gathered on disk, and summed up by host, endpoint and day."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from lymer.engine import answer
from lymer.flows.tables import CONTACTS

_MEMORY = "600MB"
# Medians hold what they are of: so many flows are summed up at a time.
_FLOWS_AT_ONCE = 500_000
# Before the first network and after all of us: a number there is no time.
_EARLIEST, _LATEST = 0.0, 4_102_444_800.0

_IPV4 = (
    r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
)
_IPV6 = r"[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}"


def _address(column: str) -> str:
    """SQL: an address as the other tables write it, or null."""
    plain = f"regexp_replace(lower(trim({column})), '^::ffff:([0-9.]+)$', '\\1')"
    return (
        f"CASE WHEN regexp_full_match({plain}, '{_IPV4}') OR regexp_full_match({plain}, '{_IPV6}')"
        f" THEN {plain} END"
    )


def _count(column: str) -> str:
    """SQL: a whole number that is not negative, or null."""
    digits = f"regexp_full_match(trim({column}), '[0-9]{{1,18}}')"
    return f"CASE WHEN {digits} THEN CAST(trim({column}) AS BIGINT) END"


def _port(column: str) -> str:
    digits = f"regexp_full_match(trim({column}), '[0-9]{{1,5}}')"
    has_ports = "lower(trim(coalesce(protocol, ''))) NOT IN ('icmp', '1', 'ipv6-icmp', '58')"
    value = f"CAST(trim({column}) AS INTEGER)"
    return f"CASE WHEN {digits} AND {has_ports} AND {value} <= 65535 THEN {value} END"


# A time without a zone is taken for UTC.
_TYPED = f"""
CREATE OR REPLACE TEMP VIEW typed AS
SELECT number, began,
       CASE WHEN is_back THEN ip ELSE source_ip END AS source_ip,
       CASE WHEN is_back THEN port ELSE source_port END AS source_port,
       CASE WHEN is_back THEN source_ip ELSE ip END AS ip,
       CASE WHEN is_back THEN source_port ELSE port END AS port,
       protocol,
       CASE WHEN is_back THEN received ELSE sent END AS sent,
       CASE WHEN is_back THEN sent ELSE received END AS received
FROM (
    SELECT number,
           coalesce(TRY_CAST(started_at AS DOUBLE),
                    epoch(TRY_CAST(replace(started_at, '/', '-') AS TIMESTAMPTZ))) AS began,
           {_address("source_ip")} AS source_ip, {_port("source_port")} AS source_port,
           {_address("ip")} AS ip, {_port("port")} AS port,
           CASE lower(trim(protocol)) WHEN '6' THEN 'tcp' WHEN '17' THEN 'udp' WHEN '1' THEN 'icmp'
                ELSE left(lower(trim(protocol)), 16) END AS protocol,
           {_count("sent_bytes")} AS sent,
           coalesce({_count("received_bytes")},
                    CASE WHEN {_count("total_bytes")} >= {_count("sent_bytes")}
                         THEN {_count("total_bytes")} - {_count("sent_bytes")} END) AS received,
           starts_with(trim(coalesce(direction, '')), '<-')
               AND NOT contains(direction, '>') AS is_back
    FROM lines
)
WHERE source_ip IS NOT NULL AND ip IS NOT NULL AND began > {_EARLIEST} AND began < {_LATEST}
"""

_BOTH_WAYS = """
INSERT INTO flows
SELECT CAST(make_timestamp(CAST(floor(began) AS BIGINT) * 1000000) AS DATE), source_ip, ip, port,
       protocol, began, sent, received, false
FROM typed
"""

# Whose answer is it? A well-known port on one side alone answers; else whoever was first opened.
_ONE_WAY = """
INSERT INTO flows
SELECT CAST(make_timestamp(CAST(floor(began) AS BIGINT) * 1000000) AS DATE),
       CASE WHEN is_answer THEN ip ELSE source_ip END,
       CASE WHEN is_answer THEN source_ip ELSE ip END,
       CASE WHEN is_answer THEN source_port ELSE port END,
       protocol, began,
       CASE WHEN NOT is_answer THEN sent END, CASE WHEN is_answer THEN sent END, is_answer
FROM (
    SELECT *, CASE WHEN (coalesce(source_port, 65535) < 1024) <> (coalesce(port, 65535) < 1024)
                   THEN coalesce(source_port, 65535) < 1024
                   ELSE one <> first_value(one) OVER (
                       PARTITION BY protocol, least(one, other), greatest(one, other)
                       ORDER BY began, number) END AS is_answer
    FROM (
        SELECT *, concat_ws('/', source_ip, coalesce(source_port, 0)) AS one,
               concat_ws('/', ip, coalesce(port, 0)) AS other
        FROM typed
    )
)
"""

# The three quartiles come of one list of values: with one for each, memory would be thrice.
_SUMMED = """
SELECT day, source_ip, ip, port, protocol, first_at, last_at, flow_count, sent_bytes,
       received_bytes, gaps[2] AS interval_seconds, gaps[3] - gaps[1] AS interval_spread_seconds,
       sizes[2] AS size_bytes, sizes[3] - sizes[1] AS size_spread_bytes
FROM (
    SELECT day, source_ip, ip, CAST(port AS BIGINT) AS port, protocol,
           make_timestamptz(CAST(min(began) FILTER (NOT is_answer) * 1000000 AS BIGINT))
               AS first_at,
           make_timestamptz(CAST(max(began) FILTER (NOT is_answer) * 1000000 AS BIGINT))
               AS last_at,
           CAST(count(*) FILTER (NOT is_answer) AS BIGINT) AS flow_count,
           CAST(sum(sent) AS BIGINT) AS sent_bytes,
           CAST(sum(received) AS BIGINT) AS received_bytes,
           quantile_cont(gap, [0.25, 0.5, 0.75]) AS gaps,
           quantile_cont(CAST(sent AS DOUBLE), [0.25, 0.5, 0.75]) AS sizes
    FROM (
        SELECT *, CASE WHEN NOT is_answer THEN began - lag(began) OVER (
                      PARTITION BY source_ip, ip, port, protocol, is_answer ORDER BY began
                  ) END AS gap
        FROM flows WHERE day = $day AND hash(source_ip) % $parts = $part
    )
    GROUP BY day, source_ip, ip, port, protocol
    HAVING count(*) FILTER (NOT is_answer) > 0
)
ORDER BY source_ip, ip, port NULLS LAST, protocol NULLS LAST
"""


@dataclass(frozen=True)
class Taken:
    """What became of some lines. Times in Unix seconds."""

    flow_count: int
    first_at: float | None
    last_at: float | None


class Contacts:
    """Flows on their way to contacts, in a file of `folder` and not in memory.

    Use as a context manager; the file is gone at its end.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "flows.duckdb"
        self._path.unlink(missing_ok=True)
        self._base = duckdb.connect(
            self._path,
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": _MEMORY,
                "temp_directory": str(folder),
            },
        )
        self._base.execute("SET TimeZone = 'UTC'")
        self._base.execute(
            """
            CREATE TABLE flows (
                day DATE, source_ip VARCHAR, ip VARCHAR, port INTEGER, protocol VARCHAR,
                began DOUBLE, sent BIGINT, received BIGINT, is_answer BOOLEAN
            )
            """
        )

    def __enter__(self) -> "Contacts":
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()
        self._path.unlink(missing_ok=True)

    def add(self, lines: pa.Table, *, is_one_way: bool) -> Taken:
        """Take the lines (columns of MAPPED, as text) that are flows.

        With `is_one_way` both directions of a conversation are lines of their own, and answers
        are told from what they answer.
        """
        base = self._base
        numbers = pa.array(np.arange(lines.num_rows, dtype=np.int64))
        base.register("lines", lines.append_column("number", numbers))
        try:
            base.execute(_TYPED)
            base.execute(_ONE_WAY if is_one_way else _BOTH_WAYS)
            [found] = base.execute("SELECT count(*), min(began), max(began) FROM typed").fetchall()
            base.execute("DROP VIEW typed")
        finally:
            base.unregister("lines")
        return Taken(*found)

    def summed(self, capture_id: str) -> Iterator[pa.Table]:
        """All contacts as tables of CONTACTS, some days or a part of a day at a time."""
        days = self._base.execute("SELECT day, count(*) FROM flows GROUP BY day ORDER BY day")
        for day, count in days.fetchall():
            parts = 1 + count // _FLOWS_AT_ONCE
            for part in range(parts):
                found = answer(self._base, _SUMMED, {"day": day, "parts": parts, "part": part})
                named = found.add_column(0, "capture_id", pa.array([capture_id] * found.num_rows))
                yield named.select(CONTACTS.schema.names).cast(CONTACTS.schema)
