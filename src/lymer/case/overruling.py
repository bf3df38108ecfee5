"""The analyst's word on links between campaigns, in the ids that campaigns have now."""

from collections.abc import Sequence

import duckdb

from lymer.botnets import Overrule
from lymer.case.case import Case
from lymer.case.decisions import list_decisions
from lymer.engine import answer

LINKING = ("link", "unlink")
"""Verbs that are about botnets, not about campaigns."""

# Where most of the messages are now that were in it when it was decided.
_NOW = """
SELECT campaign_id FROM campaign_messages WHERE message_id IN (SELECT unnest($anchors))
GROUP BY campaign_id ORDER BY count(*) DESC, campaign_id <> $id, campaign_id LIMIT 1
"""


def list_overrules(case: Case, connection: duckdb.DuckDBPyConnection) -> list[Overrule]:
    """In the order of the decisions; those whose campaigns are gone or one by now are left out."""
    found = []
    for decision in list_decisions(case):
        if decision.verb not in LINKING or decision.is_undone:
            continue
        now = [
            _now(connection, campaign, anchors)
            for campaign, anchors in zip(decision.campaigns, decision.anchors, strict=True)
        ]
        one, other = now
        if one is not None and other is not None and one != other:
            found.append(Overrule(decision.verb == "link", one, other, decision.by))
    return found


def _now(
    connection: duckdb.DuckDBPyConnection, campaign: str, anchors: Sequence[str]
) -> str | None:
    rows = answer(connection, _NOW, {"anchors": list(anchors), "id": campaign})
    return str(rows["campaign_id"][0].as_py()) if rows.num_rows else None
