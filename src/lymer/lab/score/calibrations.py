"""Step 8: does the size of a botnet by a captured server's logs and the mail hold the truth?

The true live number is the mean, over the days of the logs, of how many bots of the botnet were
live on that day.
"""

from statistics import median
from typing import Any

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Finding, Findings, share
from lymer.lab.score.naming import true_names

BEST = {"held": 1.0, "bias": 0.0, "width": 0.0}

_COLUMNS = (
    "botnet_id", "campaign_id", "first_day", "last_day", "live_low", "live", "live_high",
)  # fmt: skip

_LIVE = """
SELECT c.live_low, c.live, c.live_high,
       (SELECT count(*) FROM true_bot_days d
        WHERE d.botnet_id = n.botnet_id AND d.is_live
          AND d.day BETWEEN c.first_day AND c.last_day) / (c.last_day - c.first_day + 1) AS truth
FROM found_calibrations c
JOIN names n ON n.found_botnet = c.botnet_id
WHERE c.campaign_id IS NULL
ORDER BY c.botnet_id, c.first_day
"""


def measure(both: Both) -> Findings:
    """Over the found botnets that stand for a true one and whose jobs a server logged.

    Those of single campaigns are left out: the truth does not say who worked at which.
    """
    rows = sizes(both)
    nothing = "no logged jobs of a botnet that is one"
    held = [
        row["live_low"] <= row["truth"]
        and (row["live_high"] is None or row["truth"] <= row["live_high"])
        for row in rows
    ]
    pointed = [row for row in rows if row["live"] is not None]
    biases = [row["live"] / row["truth"] - 1 for row in pointed]
    widths = [(row["live_high"] - row["live_low"]) / row["truth"] for row in pointed]
    return {
        "held": share(sum(held), len(held), nothing),
        "bias": Finding(median(biases), len(biases)) if biases else Finding(None, 0, nothing),
        "width": Finding(median(widths), len(widths)) if widths else Finding(None, 0, nothing),
    }


def sizes(both: Both) -> list[dict[str, Any]]:
    """Of each such botnet `live_low`, `live`, `live_high` and the `truth`."""
    both.name("names", true_names(both))
    rows = both.ask(_LIVE, calibrations=_COLUMNS).to_pylist()
    return [row for row in rows if row["truth"]]
