"""Step 3: do campaigns lie together that sell the same thing for the same account?

Taken over the members of campaigns. A found campaign in no operation is one by itself.
"""

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Findings
from lymer.lab.score.partitions import BEST

__all__ = ["BEST", "measure"]

_OVERLAPS = """
SELECT p.operation_id AS true_label,
       coalesce(o.label, 'c' || p.found_id, 'm' || p.message_id) AS found_label,
       count(*) AS count
FROM placed p
LEFT JOIN (
    SELECT campaign_id, 'o' || min(operation_id) AS label
    FROM found_operation_campaigns GROUP BY campaign_id
) o ON o.campaign_id = p.found_id
WHERE p.is_member AND p.operation_id IS NOT NULL
GROUP BY true_label, found_label ORDER BY true_label, found_label
"""


def measure(both: Both) -> Findings:
    """The agreement of true and found operations over messages."""
    both.place()
    joined = ("campaign_id", "operation_id")
    return both.overlaps(_OVERLAPS, operation_campaigns=joined).findings()
