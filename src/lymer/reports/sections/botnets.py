"""Botnets: what holds them together, how large they are, what steers them, what they mailed."""

from typing import Any

from lymer.reports.document import Block, Column, Figure, Grid, Section, Text, rows_of
from lymer.reports.figures import Interval, draw_intervals
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import count, interval, period, rounded, several, small
from lymer.reports.sections.places import places
from lymer.reports.sources import Sources

_SHOWN = 20
_CONTROLLERS_SHOWN = 12
_VOLUMES_SHOWN = 25

_BOTNETS = """
SELECT b.botnet_id, b.name || substr(b.botnet_id, 15) AS name, b.is_separable,
       b.campaign_count, b.message_count, b.footprint,
       b.first_seen_at, b.last_seen_at, b.live_low, b.live, b.live_high,
       b.window_start_at, b.window_end_at, b.why, p.footprint AS window_footprint,
       p.why AS census_why
FROM botnets b LEFT JOIN populations p ON p.botnet_id = b.botnet_id
ORDER BY b.is_separable DESC, b.message_count DESC, b.botnet_id
"""
_CONTROLLERS = f"""
SELECT c.ip, c.port, c.botnet_id, b.name || substr(b.botnet_id, 15) AS name, c.p_value, c.why,
       CAST(count(*) OVER () AS BIGINT) AS endpoints
FROM controllers c LEFT JOIN botnets b ON b.botnet_id = c.botnet_id
ORDER BY c.botnet_id NULLS LAST, c.score DESC NULLS LAST, c.p_value, c.ip, c.port
LIMIT {_CONTROLLERS_SHOWN}
"""
_STEERED = """
SELECT CAST(count(DISTINCT client_ip) AS BIGINT) AS hosts,
       CAST(count(DISTINCT client_ip) FILTER (is_known) AS BIGINT) AS known,
       min(day) AS first_day, max(day) AS last_day
FROM steered
"""
_VOLUMES = f"""
WITH largest AS (
    SELECT campaign_id, max(point) AS seen FROM volumes WHERE stage = 'seen'
    GROUP BY campaign_id
)
SELECT v.campaign_id, left(c.name, 400) AS name, v.stage, v.low, v.point, v.high, v.why
FROM volumes v JOIN campaigns c ON c.campaign_id = v.campaign_id
LEFT JOIN largest l ON l.campaign_id = v.campaign_id
WHERE v.stage <> 'seen' AND c.status <> 'dismissed'
ORDER BY l.seen DESC NULLS LAST, v.campaign_id,
         CASE v.stage WHEN 'targeted' THEN 1 WHEN 'sent' THEN 2 ELSE 3 END, v.low
LIMIT {_VOLUMES_SHOWN}
"""


def botnets(sources: Sources) -> Section:
    """The machinery."""
    q, rows = sources.ask("botnets, their size and what holds them together", _BOTNETS)
    told = [r for r in rows if r["is_separable"]]
    left = [r for r in rows if not r["is_separable"]]
    blocks: list[Block] = [
        Text(
            f"{several(len(told), 'botnet')} could be told apart. A botnet is a pool of machines "
            "that send the campaigns of one engine; it is found by the addresses that its "
            "campaigns share beyond what chance gives."
            if told
            else "No botnet could be told apart from the mail of this case.",
            (q,),
        )
    ]
    if told:
        blocks += _sizes(told, q)
    if left:
        number = sum(r["campaign_count"] for r in left)
        blocks.append(
            Text(
                f"Not established: which botnets sent {several(number, 'campaign')} of "
                f"{several(len(left), 'engine')} ({', '.join(r['name'] for r in left[:8])}"
                f"{' …' if len(left) > 8 else ''}). They share too few addresses at this sampling, "
                "so nothing is claimed of them.",
                (q,),
                tone="warning",
            )
        )
    parts = (places(sources), _controllers(sources), _volumes(sources))
    return Section("botnets", "Botnets", tuple(blocks), tuple(filter(None, parts)))


def _sizes(told: list[dict[str, Any]], q: str) -> list[Block]:
    shown = told[:_SHOWN]
    measured = [r for r in shown if r["live_low"] is not None]
    blocks: list[Block] = []
    if measured:
        blocks.append(
            Figure(
                "Live machines of each botnet on a day of its window: 95 % interval, with the best "
                "estimate as a disc where there is one; an arrow where there is no upper end. The "
                "hollow mark is the number of addresses seen in the window.",
                draw_intervals(
                    [
                        Interval(
                            r["name"],
                            r["live_low"],
                            r["live"],
                            r["live_high"],
                            r["window_footprint"],
                        )
                        for r in measured
                    ],
                    "live machines",
                ),
                "Live machines: "
                + "; ".join(
                    f"{r['name']} {interval(r['live_low'], r['live'], r['live_high'])}"
                    for r in measured[:10]
                ),
                (q,),
            )
        )
    blocks.append(
        Grid(
            "Botnets. Addresses over-count machines, since a machine changes its address; live "
            "machines under-count all that were ever infected. Both stand, with their window.",
            (
                Column("botnet", "code", 3),
                Column("campaigns", "number"),
                Column("messages", "number"),
                Column("addresses seen", "number"),
                Column("live on a day (95 %)", share=3),
                Column("of the days", share=3),
            ),
            rows_of(
                [
                    (
                        r["name"],
                        count(r["campaign_count"]),
                        count(r["message_count"]),
                        count(r["footprint"]),
                        _short_interval(r),
                        period(r["window_start_at"], r["window_end_at"])
                        if r["window_start_at"]
                        else "–",
                    )
                    for r in shown
                ]
            ),
            (q,),
        )
    )
    blocks.append(
        Grid(
            "What holds each botnet together, and what its size rests on",
            (
                Column("botnet", "code", 2),
                Column("held together by", share=4),
                Column("size rests on", share=4),
            ),
            rows_of(
                [
                    (
                        r["name"],
                        defanged(r["why"], 400),
                        defanged(r["census_why"], 400) or "no size was taken",
                    )
                    for r in shown
                ]
            ),
            (q,),
        )
    )
    return blocks


def _short_interval(row: dict[str, Any]) -> str:
    low, point, high = row["live_low"], row["live"], row["live_high"]
    if low is None:
        return "not established"
    ends = f"{rounded(low)} to {rounded(high)}" if high is not None else f"at least {rounded(low)}"
    return f"{rounded(point)} ({ends})" if point is not None else ends


def _controllers(sources: Sources) -> Section:
    q, rows = sources.ask("likely controllers", _CONTROLLERS)
    if not rows:
        looked = sources.holds("captures")
        text = (
            "Not established. Network flows were searched; no endpoint is shared by bots and not "
            "by others."
            if looked
            else "Not established. The case holds no network flows; without them a controller "
            "cannot show."
        )
        return Section("controllers", "Controllers", (Text(text, (q,), tone="warning"),))
    q2, (steered,) = sources.ask("hosts that keep in touch with a controller", _STEERED)
    return Section(
        "controllers",
        "Controllers",
        (
            Text(
                "Endpoints to which bots turn and others do not, by rhythm and size. Being first "
                "in this list makes an endpoint a suspect to be looked at, no more. "
                f"{several(steered['hosts'], 'host')} kept in touch with one of them between "
                f"{period(steered['first_day'], steered['last_day'])}; "
                f"{several(steered['known'], 'host')} of these had been seen sending spam.",
                (q, q2),
            ),
            Grid(
                f"Likely controllers, {len(rows):,} of {rows[0]['endpoints']:,}, the likeliest of "
                "each botnet first; p: chance of as much "
                "without steering, corrected for all endpoints asked",
                (
                    Column("endpoint", "code", 3),
                    Column("botnet", "code", 2),
                    Column("p", "number"),
                    Column("why", share=7),
                ),
                rows_of(
                    [
                        (
                            harmless(f"{r['ip']} port {r['port']}", NAME_LENGTH),
                            r["name"] or "none known",
                            small(r["p_value"]),
                            defanged(r["why"], 420),
                        )
                        for r in rows
                    ]
                ),
                (q,),
            ),
        ),
    )


def _volumes(sources: Sources) -> Section:
    q, rows = sources.ask("how much was mailed, beyond what was seen here", _VOLUMES)
    if not rows:
        text = (
            "Not established beyond what was received here. No captured recipient list tells which "
            "share of a campaign the traps get, and nothing else fixes the scale."
        )
        return Section("volume", "Volume", (Text(text, (q,), tone="warning"),))
    return Section(
        "volume",
        "Volume",
        (
            Text(
                "Addresses targeted, mails sent and mails accepted by receivers are three numbers; "
                "they are never added up. Mails delivered to a person's inbox are not known.",
                (q,),
            ),
            Grid(
                "How much was mailed, for the campaigns most seen here",
                (
                    Column("campaign", "code", 2),
                    Column("stage"),
                    Column("mails (95 %)", share=3),
                    Column("rests on", share=4),
                ),
                rows_of(
                    [
                        (
                            r["campaign_id"],
                            r["stage"],
                            interval(r["low"], r["point"], r["high"]),
                            defanged(r["why"], 300),
                        )
                        for r in rows
                    ]
                ),
                (q,),
            ),
        ),
    )
