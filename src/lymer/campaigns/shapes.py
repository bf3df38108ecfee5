"""Messages that say the same, collapsed: the nodes on which all later steps work.

A shape is all messages of one skeleton, layout and form of From within one run of time: what
returns after a pause, or comes by another engine, may be another campaign. A message of too few
words has no skeleton; those are one shape when subject, layout, link form and dialect are all the
same, and otherwise stand alone.
"""

import duckdb

from lymer.engine import answer

# The form of From stands first in the traits. Reports and bounces are envelopes around somebody
# else's mail.
_KEYED = """
CREATE OR REPLACE TEMP TABLE keyed AS
SELECT
    f.message_id,
    CASE
        WHEN f.skeleton IS NOT NULL
            THEN f.skeleton || md5(m.layout || split_part(f.traits, ';', 1))
        WHEN f.subject_skeleton IS NOT NULL
            THEN f.subject_skeleton || md5(m.layout || f.dialect_id || coalesce(f.link_form, ''))
        ELSE f.message_id
    END AS shape_key
FROM fingerprints f
JOIN messages m ON m.message_id = f.message_id
WHERE m.carriage NOT IN ('report', 'bounce')
"""

_RUNS = """
CREATE OR REPLACE TEMP TABLE runs AS
SELECT
    message_id, shape_key,
    CAST(sum(CASE WHEN epoch(received_at) - epoch(earlier_at) > $gap_seconds THEN 1 ELSE 0 END)
         OVER (PARTITION BY shape_key ORDER BY received_at NULLS FIRST, message_id)
         AS BIGINT) AS run
FROM (
    SELECT k.message_id, k.shape_key, m.received_at,
           lag(m.received_at) OVER (
               PARTITION BY k.shape_key ORDER BY m.received_at NULLS FIRST, k.message_id
           ) AS earlier_at
    FROM keyed k JOIN messages m ON m.message_id = k.message_id
)
"""

_NUMBERED = """
CREATE OR REPLACE TEMP TABLE shapes AS
SELECT CAST(row_number() OVER (ORDER BY first_id) - 1 AS BIGINT) AS shape, *
FROM (
    SELECT shape_key, run, min(message_id) AS first_id, CAST(count(*) AS BIGINT) AS message_count
    FROM runs
    GROUP BY shape_key, run
)
"""

_MEMBERS = """
CREATE OR REPLACE TEMP TABLE shape_messages AS
SELECT r.message_id, s.shape
FROM runs r JOIN shapes s ON s.shape_key = r.shape_key AND s.run = r.run
"""


def collapse(connection: duckdb.DuckDBPyConnection, *, gap_seconds: float) -> int:
    """Make the temporary tables `shapes` (numbered from 0) and `shape_messages`.

    Returns the number of shapes. What else is asked of a shape, its first message answers.
    """
    connection.execute(_KEYED)
    connection.execute(_RUNS, {"gap_seconds": gap_seconds})
    for statement in (_NUMBERED, _MEMBERS, "DROP TABLE keyed", "DROP TABLE runs"):
        connection.execute(statement)
    return int(answer(connection, "SELECT count(*) AS shapes FROM shapes")["shapes"][0].as_py())
