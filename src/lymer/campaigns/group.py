"""The steps of grouping, in their order."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lymer.campaigns.communities import GroupingRule, join_groups, link_shapes
from lymer.campaigns.explain import explain
from lymer.campaigns.facts import gather
from lymer.campaigns.identity import name_groups
from lymer.campaigns.kinds import describe_campaigns
from lymer.campaigns.operation_tables import find_operations
from lymer.campaigns.operations import OperationRule
from lymer.campaigns.shapes import collapse
from lymer.campaigns.tables import CAMPAIGN_MESSAGES, CAMPAIGNS, GROUPED_MESSAGES, LINEAGE
from lymer.campaigns.weights import BETWEEN_GROUPS, BETWEEN_SHAPES
from lymer.engine import answer


@dataclass(frozen=True)
class Grouping:
    """What was grouped in a snapshot."""

    members: pa.Table
    """GROUPED_MESSAGES: what the machine says, whatever the analyst decides."""
    lineage: pa.Table


def group(connection: duckdb.DuckDBPyConnection, rule: GroupingRule) -> Grouping:
    """Group all messages that `connection` shows."""
    collapse(connection, gap_seconds=rule.rest_days * 86400)
    facts = gather(connection)
    # They have a row for each selector of each shape; memory is for what comes.
    for table in ("used", "shared"):
        connection.execute(f"DROP TABLE {table}")
    labels, links = link_shapes(facts, rule, BETWEEN_SHAPES)
    labels = join_groups(facts, labels, links, rule, BETWEEN_GROUPS)
    reasons, odds = explain(facts, labels, links, rule.voices)
    return _tabulate(connection, labels, reasons, odds)


def conclude(
    connection: duckdb.DuckDBPyConnection, members: pa.Table, rule: OperationRule
) -> dict[str, pa.Table]:
    """All that follows from `members` (GROUPED_MESSAGES): campaigns, operations, by table name."""
    return {
        CAMPAIGN_MESSAGES.name: members.select(CAMPAIGN_MESSAGES.schema.names),
        CAMPAIGNS.name: describe(connection, members),
        **find_operations(connection, rule),
    }


def describe(connection: duckdb.DuckDBPyConnection, members: pa.Table) -> pa.Table:
    """CAMPAIGNS of `members` (GROUPED_MESSAGES), which stay in the connection as `membership`."""
    connection.register("membership", members)
    return describe_campaigns(connection)


def _tabulate(
    connection: duckdb.DuckDBPyConnection,
    labels: npt.NDArray[np.int64],
    reasons: list[str],
    odds: npt.NDArray[np.float64],
) -> Grouping:
    assigned = pa.table(
        {
            "shape": pa.array(np.arange(len(labels))),
            "label": pa.array(labels),
            "odds": pa.array(odds, from_pandas=True),
            "why": pa.array(reasons, pa.string()),
        }
    )
    connection.register("assigned", assigned)
    # Groups of one message are one-off mail: in no campaign.
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE grouped AS
        SELECT label, CAST(row_number() OVER (ORDER BY least) - 1 AS BIGINT) AS number, least
        FROM (
            SELECT a.label, min(s.message_id) AS least
            FROM assigned a JOIN shape_messages s ON s.shape = a.shape
            GROUP BY a.label HAVING count(*) > 1
        )
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE members AS
        SELECT g.number, s.message_id, a.why,
               CASE WHEN h.message_count > 1 THEN 1.0
                    ELSE 1.0 / (1.0 + exp(-coalesce(a.odds, 0.0))) END AS certainty
        FROM assigned a
        JOIN grouped g ON g.label = a.label
        JOIN shapes h ON h.shape = a.shape
        JOIN shape_messages s ON s.shape = a.shape
        """
    )
    least = answer(connection, "SELECT least FROM grouped ORDER BY number")["least"].to_pylist()
    overlaps = answer(
        connection,
        """
        SELECT n.number, o.campaign_id, CAST(count(*) AS BIGINT) AS messages
        FROM members n JOIN grouped_messages o ON o.message_id = n.message_id
        GROUP BY n.number, o.campaign_id
        """,
    )
    names, lineage = name_groups(least, list(zip(*overlaps.to_pydict().values(), strict=True)))
    connection.register(
        "named",
        pa.table(
            {
                "number": pa.array(range(len(names)), pa.int64()),
                "campaign_id": pa.array(names, pa.string()),
            }
        ),
    )
    membership = answer(
        connection,
        """
        SELECT n.campaign_id, m.message_id, m.why, m.certainty
        FROM members m JOIN named n ON n.number = m.number
        ORDER BY n.campaign_id, m.message_id
        """,
    )
    for table in ("members", "grouped", "shape_messages", "shapes"):
        connection.execute(f"DROP TABLE {table}")
    return Grouping(
        membership.cast(GROUPED_MESSAGES.schema),
        pa.Table.from_batches([LINEAGE.batch(lineage)]),
    )
