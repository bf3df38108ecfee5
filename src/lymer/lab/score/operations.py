"""Step 3: do campaigns lie together that sell the same thing for the same account?

Taken over the members of campaigns. A found campaign in no operation is one by itself.
"""

import numpy as np

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Findings
from lymer.lab.score.partitions import BEST, compare

__all__ = ["BEST", "measure"]

_LABELS = """
SELECT dense_rank() OVER (ORDER BY p.operation_id) AS true_label,
       dense_rank() OVER (ORDER BY coalesce(o.label, 'c' || p.found_id, 'm' || p.message_id))
           AS found_label
FROM placed p
LEFT JOIN (
    SELECT campaign_id, 'o' || min(operation_id) AS label
    FROM found_operation_campaigns GROUP BY campaign_id
) o ON o.campaign_id = p.found_id
WHERE p.is_member AND p.operation_id IS NOT NULL
"""


def measure(both: Both) -> Findings:
    """The agreement of true and found operations over messages."""
    both.place()
    labels = both.ask(_LABELS, operation_campaigns=("campaign_id", "operation_id"))
    return compare(
        labels["true_label"].to_numpy().astype(np.int64),
        labels["found_label"].to_numpy().astype(np.int64),
    ).findings()
