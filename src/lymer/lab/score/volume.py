"""Step 9: is the number of mails of a campaign told in its right size?"""

from statistics import median

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Finding, Findings, share

STAGES = ("targeted", "sent", "accepted")

BEST = {f"{stage}_ratio": 1.0 for stage in STAGES} | {"held": 1.0}

_VOLUMES = """
SELECT v.stage, v.low, v.point, v.high,
       CASE v.stage WHEN 'targeted' THEN c.targeted WHEN 'sent' THEN c.sent
                    ELSE c.accepted END AS truth
FROM found_volumes v
JOIN mains m ON m.found_id = v.campaign_id
JOIN true_campaigns c ON c.campaign_id = m.campaign_id
WHERE v.stage IN ('targeted', 'sent', 'accepted')
"""


def measure(both: Both) -> Findings:
    """Over the campaigns with a number: the median of its ratio to the truth, and the interval."""
    both.place()
    rows = both.ask(_VOLUMES, volumes=("campaign_id", "stage", "low", "point", "high")).to_pylist()
    rows = [row for row in rows if row["truth"]]
    findings: dict[str, Finding] = {}
    for stage in STAGES:
        ratios = [
            row["point"] / row["truth"]
            for row in rows
            if row["stage"] == stage and row["point"] is not None
        ]
        findings[f"{stage}_ratio"] = (
            Finding(median(ratios), len(ratios)) if ratios else Finding(None, 0, "no numbers")
        )
    bounded = [row for row in rows if row["low"] is not None]
    held = sum(
        row["low"] <= row["truth"] and (row["high"] is None or row["truth"] <= row["high"])
        for row in bounded
    )
    findings["held"] = share(held, len(bounded), "no intervals")
    return findings
