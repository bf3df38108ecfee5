"""Messages that say the same, collapsed: the nodes on which all later steps work.

A shape is all messages of one skeleton. A message of too few words has none; those are one
shape when subject, layout and dialect are all the same, and otherwise stand alone.
"""

import duckdb

from lymer.engine import answer

# Reports and bounces are envelopes around somebody else's mail.
_SHAPED = """
CREATE OR REPLACE TEMP TABLE keyed AS
SELECT
    f.message_id,
    CASE
        WHEN f.skeleton IS NOT NULL THEN 't|' || f.skeleton
        WHEN f.subject_skeleton IS NOT NULL
            THEN 's|' || f.subject_skeleton || '|' || m.layout || '|' || f.dialect_id
        ELSE 'm|' || f.message_id
    END AS shape_key,
    f.sketch
FROM fingerprints f
JOIN messages m ON m.message_id = f.message_id
WHERE m.carriage NOT IN ('report', 'bounce')
"""

_NUMBERED = """
CREATE OR REPLACE TEMP TABLE shapes AS
SELECT
    CAST(row_number() OVER (ORDER BY first_id) - 1 AS BIGINT) AS shape,
    shape_key, first_id, message_count, sketch
FROM (
    SELECT
        shape_key,
        min(message_id) AS first_id,
        CAST(count(*) AS BIGINT) AS message_count,
        arg_min(sketch, message_id) AS sketch
    FROM keyed
    GROUP BY shape_key
)
"""

_MEMBERS = """
CREATE OR REPLACE TEMP TABLE shape_messages AS
SELECT k.message_id, s.shape
FROM keyed k JOIN shapes s ON s.shape_key = k.shape_key
"""


def collapse(connection: duckdb.DuckDBPyConnection) -> int:
    """Make the temporary tables `shapes` (numbered from 0) and `shape_messages`.

    Returns the number of shapes. Equal texts have nearly equal sketches (only masks repeat), so
    the sketch of the first message stands for its shape.
    """
    for statement in (_SHAPED, _NUMBERED, _MEMBERS):
        connection.execute(statement)
    return int(answer(connection, "SELECT count(*) AS shapes FROM shapes")["shapes"][0].as_py())
