"""Step 7: does the interval of a botnet's live size hold the truth?

The true live number is the mean, over the days that the window touches, of how many bots of the
botnet were live on that day.
"""

from statistics import median

from lymer.lab.score.both import Both
from lymer.lab.score.finding import Finding, Findings, share
from lymer.lab.score.naming import true_names

BEST = {"held": 1.0, "bias": 0.0, "width": 0.0, "pointed": 1.0}

_CENSUS = ("botnet_id", "live_low", "live", "live_high", "window_start_at", "window_end_at")

# A window ends before its end, so that midnight to midnight is one day. Days without a live bot
# have no row in the truth, and count all the same.
_LIVE = """
SELECT b.botnet_id, b.live_low, b.live, b.live_high, n.botnet_id AS true_id,
       (SELECT count(*) FROM true_bot_days d
        WHERE d.botnet_id = n.botnet_id AND d.is_live
          AND d.day BETWEEN b.first_day AND b.last_day) / (b.last_day - b.first_day + 1) AS truth
FROM (
    SELECT *, CAST(window_start_at AS DATE) AS first_day,
           greatest(CAST(window_start_at AS DATE),
                    CAST(window_end_at - INTERVAL 1 MICROSECOND AS DATE)) AS last_day
    FROM found_botnets
) b
JOIN names n ON n.found_botnet = b.botnet_id
WHERE b.live_low IS NOT NULL
ORDER BY b.botnet_id
"""


def measure(both: Both) -> Findings:
    """Over the found botnets that stand for a true one and give an interval.

    Without a high end the interval is a lower bound; without a point there is no bias.
    """
    both.name("names", true_names(both))
    rows = both.ask(_LIVE, botnets=_CENSUS).to_pylist()
    rows = [row for row in rows if row["truth"] is not None]
    nothing = "no interval for a botnet that is one"
    held = [
        row["live_low"] <= row["truth"]
        and (row["live_high"] is None or row["truth"] <= row["live_high"])
        for row in rows
    ]
    alive = [row for row in rows if row["truth"] > 0]
    biases = [row["live"] / row["truth"] - 1 for row in alive if row["live"] is not None]
    widths = [
        (row["live_high"] - row["live_low"]) / row["truth"]
        for row in alive
        if row["live_high"] is not None
    ]
    return {
        "held": share(sum(held), len(held), nothing),
        "bias": _median(biases, "no point for a botnet that is one"),
        "width": _median(widths, "no interval with two ends"),
        "pointed": share(sum(row["live"] is not None for row in rows), len(rows), nothing),
    }


def _median(values: list[float], nothing: str) -> Finding:
    return Finding(median(values), len(values)) if values else Finding(None, 0, nothing)
