"""Step 2: do messages lie together that one campaign sent, and only those?

Judged are members (of botnet, bulk and snowshoe campaigns) and singles, which belong to nobody.
"""

import numpy as np

from lymer.lab.score.both import Both, NotInCase
from lymer.lab.score.finding import Finding, Findings, share
from lymer.lab.score.partitions import BEST as PARTITION_BEST
from lymer.lab.score.partitions import mean

KINDS = ("botnet", "snowshoe", "bulk")

BEST = PARTITION_BEST | {f"macro_recall_{kind}": 1.0 for kind in KINDS} | {
    "singles_kept": 1.0, "letters_kept": 1.0, "letters_among_spam": 0.0, "carried_right": 1.0,
    "kind_right": 1.0,
}  # fmt: skip

# A message that nobody put anywhere is a group of its own, on either side.
_OVERLAPS = """
SELECT topic AS true_label, coalesce(found_id, message_id) AS found_label, count(*) AS count
FROM placed WHERE is_member OR is_single
GROUP BY true_label, found_label ORDER BY true_label, found_label
"""

# In the order of `_OVERLAPS`, so that the numbers of the groups fit.
_TRUE_KINDS = """
SELECT coalesce(c.kind, '') AS kind
FROM (SELECT DISTINCT topic FROM placed WHERE is_member OR is_single) p
LEFT JOIN true_campaigns c ON c.campaign_id = p.topic
ORDER BY p.topic
"""

_ALONE = """
WITH tainted AS (
    SELECT DISTINCT found_id FROM placed
    WHERE found_id IS NOT NULL AND kind IN ('spam', 'snowshoe', 'single')
)
SELECT sum((kind = 'single')::INT)::BIGINT AS singles,
       sum((kind = 'single' AND company = 0)::INT)::BIGINT AS singles_kept,
       sum((kind = 'ham')::INT)::BIGINT AS letters,
       sum((kind = 'ham' AND company = 0)::INT)::BIGINT AS letters_kept,
       sum((kind = 'ham' AND t.found_id IS NOT NULL)::INT)::BIGINT AS letters_among_spam
FROM placed p LEFT JOIN tainted t ON t.found_id = p.found_id
"""

_CARRIED = """
WITH parts AS (
    SELECT found_id, topic, count(*) AS size,
           max(count(*)) OVER (PARTITION BY found_id) AS largest
    FROM placed WHERE found_id IS NOT NULL GROUP BY found_id, topic
)
SELECT count(*) AS carried,
       sum((p.company = 0 OR (q.size > 1 AND q.size = q.largest))::INT)::BIGINT AS right
FROM placed p
LEFT JOIN parts q ON q.found_id = p.found_id AND q.topic = p.topic
WHERE p.kind IN ('bounce', 'list')
"""

_KINDS = """
SELECT count(*) AS campaigns, sum((coalesce(f.kind, '') = c.kind)::INT)::BIGINT AS right
FROM homes h
JOIN true_campaigns c ON c.campaign_id = h.campaign_id
LEFT JOIN found_campaigns f ON f.campaign_id = h.found_id
WHERE h.seen > 1
"""


def measure(both: Both) -> Findings:
    """The agreement of the two groupings, and what must stay out of them."""
    both.place()
    agreement = both.overlaps(_OVERLAPS)
    findings = agreement.findings()
    kinds = np.array(both.ask(_TRUE_KINDS)["kind"].to_pylist(), dtype="U8")
    recalls = agreement.recalls()
    for kind in KINDS:
        findings[f"macro_recall_{kind}"] = mean(
            recalls[kinds == kind], f"no {kind} campaign of two or more"
        )
    alone = both.row(_ALONE)
    findings["singles_kept"] = share(alone["singles_kept"], alone["singles"], "no singles")
    letters = alone["letters"]
    findings["letters_kept"] = share(alone["letters_kept"], letters, "no personal letters")
    findings["letters_among_spam"] = share(
        alone["letters_among_spam"], letters, "no personal letters"
    )
    carried = both.row(_CARRIED)
    findings["carried_right"] = share(
        carried["right"], carried["carried"], "no bounces or list copies"
    )
    findings["kind_right"] = _kinds(both)
    return findings


def _kinds(both: Both) -> Finding:
    try:
        row = both.row(_KINDS, campaigns=("campaign_id", "kind"))
    except NotInCase as absent:
        return Finding(None, 0, str(absent))
    return share(row["right"], row["campaigns"], "no campaign of two or more")
