"""How many mails: targeted, sent, accepted and seen are four numbers, never mixed.

What is seen here is counted. What was mailed in all follows only where something fixes the scale:
a captured recipient list that holds trap addresses says which share of its mail the traps get.
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa
from scipy import stats

from lymer.botnets.tables import VOLUMES
from lymer.engine import answer

_TAIL = 0.025

_SEEN = """
SELECT g.campaign_id, CAST(count(DISTINCT g.message_id) AS BIGINT) AS mails
FROM campaign_messages g
GROUP BY g.campaign_id
ORDER BY g.campaign_id
"""


@dataclass(frozen=True, slots=True)
class Volume:
    """A number of mails at one stage: a row of VOLUMES but for its campaign."""

    stage: str
    low: float | None
    point: float | None
    high: float | None
    why: str


def count_seen(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The mails of every campaign that were seen here. Of more nothing is claimed."""
    seen = answer(connection, _SEEN).to_pylist()
    why = "counted here; no captured recipient list tells what share of the campaign this is"
    rows = [
        (row["campaign_id"], "seen", row["mails"], row["mails"], row["mails"], why) for row in seen
    ]
    return pa.Table.from_batches([VOLUMES.batch(rows)])


def scale_up(hits: int, traps: int, size: int) -> list[Volume]:
    """What `hits` mails at the traps say of a campaign to a list of `size` addresses.

    `traps` of these are trap addresses (or: of a captured part, with its size). They lie on the
    list as they were harvested, at no place of their own, and accept as receivers do on average:
    then of the mails to the list the traps get their share. Nothing comes of a list without traps.
    """
    if not 0 < traps <= size or hits < 0:
        return []
    each = size / traps
    if hits <= traps:
        # Each trap was hit once or not: Clopper and Pearson (1934).
        low = float(stats.beta.ppf(_TAIL, hits, traps - hits + 1)) if hits else 0.0
        high = float(stats.beta.ppf(1 - _TAIL, hits + 1, traps - hits)) if hits < traps else 1.0
        low, high = low * traps, high * traps
    else:
        # The list was used again, nobody knows how often: Garwood (1936).
        low = float(stats.gamma.ppf(_TAIL, hits))
        high = float(stats.gamma.ppf(1 - _TAIL, hits + 1))
    on_list = f"{hits} mails at {traps} trap addresses of a list of {size}: one for {each:.0f}"
    accepted = Volume("accepted", low * each, hits * each, high * each, on_list)
    at_least = f"no less than were accepted ({on_list}); refusals leave no mail"
    return [
        Volume("targeted", accepted.low, None, None, at_least),
        Volume("sent", accepted.low, None, None, at_least),
        accepted,
    ]
