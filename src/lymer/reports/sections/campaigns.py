"""Campaigns, the operations they are part of, and their templates."""

from typing import Any

from lymer.reports.document import Block, Code, Column, Figure, Grid, Section, Text, rows_of
from lymer.reports.figures import Span, draw_timeline, is_drawable
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless, lines
from lymer.reports.numbers import count, day, period, several, share
from lymer.reports.sources import Sources

SHOWN = 25
"""Campaigns in the table and the figure: a page of each."""
_TEMPLATES_SHOWN = 5
_TEMPLATE_LINES = 24

_KINDS = """
SELECT kind, status = 'dismissed' AS is_dismissed, CAST(count(*) AS BIGINT) AS campaigns,
       CAST(sum(message_count) AS BIGINT) AS messages
FROM campaigns GROUP BY ALL ORDER BY is_dismissed, campaigns DESC, kind
"""
_SINGLES = """
SELECT (SELECT count(*) FROM messages) - (SELECT count(*) FROM campaign_messages) AS singles
"""
_LARGEST = f"""
SELECT campaign_id, left(name, 400) AS name, kind, message_count, client_count,
       first_seen_at, last_seen_at, confidence, left(decided, 400) AS decided
FROM campaigns WHERE status <> 'dismissed'
ORDER BY message_count DESC, campaign_id LIMIT {SHOWN}
"""
_DAYS = f"""
WITH largest AS (
    SELECT campaign_id, message_count FROM campaigns WHERE status <> 'dismissed'
    ORDER BY message_count DESC, campaign_id LIMIT {SHOWN}
)
SELECT c.campaign_id, CAST(m.received_at AS DATE) AS day, CAST(count(*) AS BIGINT) AS messages
FROM largest l
JOIN campaign_messages c ON c.campaign_id = l.campaign_id
JOIN messages m ON m.message_id = c.message_id
WHERE m.received_at IS NOT NULL
GROUP BY ALL ORDER BY c.campaign_id, day
"""
_OPERATIONS = """
SELECT operation_id, left(name, 400) AS name, campaign_count, message_count, first_seen_at,
       last_seen_at, left(why, 1200) AS why
FROM operations ORDER BY message_count DESC, operation_id LIMIT 15
"""
_TEMPLATES = f"""
WITH newest AS (
    SELECT t.*, c.message_count,
           row_number() OVER (PARTITION BY t.campaign_id ORDER BY t.member_count DESC, t.version)
               AS place
    FROM templates t JOIN campaigns c ON c.campaign_id = t.campaign_id
    WHERE c.status <> 'dismissed' AND c.kind = 'botnet'
)
SELECT template_id, campaign_id, left(readable, 8000) AS readable, member_count, coverage_share,
       ham_hits, other_hits, is_published
FROM newest WHERE place = 1
ORDER BY message_count DESC, campaign_id LIMIT {_TEMPLATES_SHOWN}
"""


def campaigns(sources: Sources) -> Section:
    """What came, put like with like."""
    return Section(
        "campaigns",
        "Campaigns",
        tuple(_overview(sources)),
        tuple(filter(None, (_operations(sources), _templates(sources)))),
    )


def _overview(sources: Sources) -> list[Block]:
    q, kinds = sources.ask("campaigns by kind", _KINDS)
    q2, (single,) = sources.ask("messages in no campaign", _SINGLES)
    named = "; ".join(
        f"{several(k['campaigns'], 'campaign')} of kind {k['kind']} "
        f"({several(k['messages'], 'message')})"
        for k in kinds
        if not k["is_dismissed"]
    )
    dismissed = sum(k["campaigns"] for k in kinds if k["is_dismissed"])
    text = (
        "A campaign is mail made from one template by one engine in one period. "
        f"{named or 'No campaign was found'}. "
        f"{several(single['singles'], 'message')} stand alone."
    )
    if dismissed:
        text += f" The analyst dismissed {several(dismissed, 'campaign')}."
    blocks: list[Block] = [Text(text, (q, q2))]
    q, rows = sources.ask("the largest campaigns", _LARGEST)
    if not rows:
        return blocks
    q2, days = sources.ask("messages of the largest campaigns by day", _DAYS)
    spans = [
        Span(
            _label(r),
            {d["day"]: d["messages"] for d in days if d["campaign_id"] == r["campaign_id"]},
            r["message_count"],
        )
        for r in rows
    ]
    blocks += [
        Figure(
            f"Messages received of the {len(spans)} largest campaigns, by day (UTC). The area of a "
            "disc is the number of messages on that day.",
            draw_timeline(spans),
            "Timeline: "
            + "; ".join(
                f"{r['campaign_id']} {period(r['first_seen_at'], r['last_seen_at'])}, "
                f"{count(r['message_count'])} messages"
                for r in rows[:8]
            ),
            (q, q2),
        ),
        Grid(
            f"The {len(rows)} largest campaigns. Sureness: mean probability of a member's "
            "strongest link within the campaign.",
            (
                Column("campaign", "code", 2),
                Column("its commonest subject, or what it advertises", share=4),
                Column("kind"),
                Column("messages", "number"),
                Column("addresses", "number"),
                Column("first", share=1),
                Column("last", share=1),
                Column("sure", "number"),
            ),
            rows_of(
                [
                    (
                        r["campaign_id"],
                        _described(r),
                        r["kind"],
                        count(r["message_count"]),
                        count(r["client_count"]),
                        day(r["first_seen_at"]),
                        day(r["last_seen_at"]),
                        f"{r['confidence']:.2f}" if r["confidence"] is not None else "–",
                    )
                    for r in rows
                ]
            ),
            (q,),
        ),
    ]
    return blocks


def _label(row: dict[str, Any]) -> str:
    name = defanged(row["name"], 28)
    return f"{row['campaign_id']}  {name}" if is_drawable(name) else str(row["campaign_id"])


def _described(row: dict[str, Any]) -> str:
    name = defanged(row["name"], NAME_LENGTH)
    decided = defanged(row["decided"], 200)
    return f"{name} (analyst: {decided})" if decided else name


def _operations(sources: Sources) -> Section | None:
    q, rows = sources.ask("operations", _OPERATIONS)
    if not rows:
        return None
    return Section(
        "operations",
        "Operations",
        (
            Text(
                "An operation joins campaigns that sell for the same: they share what a sender "
                "must keep, such as domains, brands or drop boxes. It says nothing of who is "
                "behind it.",
                (q,),
            ),
            Grid(
                f"The {len(rows)} largest operations",
                (
                    Column("operation", "code", 3),
                    Column("name", share=2),
                    Column("campaigns", "number"),
                    Column("messages", "number"),
                    Column("period", share=3),
                    Column("what its campaigns share", share=6),
                ),
                rows_of(
                    [
                        (
                            harmless(r["operation_id"], 40),
                            defanged(r["name"], 40),
                            count(r["campaign_count"]),
                            count(r["message_count"]),
                            period(r["first_seen_at"], r["last_seen_at"]),
                            defanged(r["why"], 240),
                        )
                        for r in rows
                    ]
                ),
                (q,),
            ),
        ),
    )


def _templates(sources: Sources) -> Section | None:
    q, rows = sources.ask("templates of the largest campaigns", _TEMPLATES)
    if not rows:
        return None
    blocks: list[Block] = [
        Text(
            "A template is what a campaign's mails have in common; what varies stands in brackets. "
            "It was learned from a part of the members and tried on the rest, and on lawful mail.",
            (q,),
        )
    ]
    for r in rows:
        tried = (
            f"{share(r['coverage_share'])} of the members kept back match"
            if r["coverage_share"] is not None
            else "no member was kept back to try it on"
        )
        blocks.append(
            Code(
                lines(r["readable"], _TEMPLATE_LINES, 300),
                f"{r['template_id']}: {several(r['member_count'], 'message')}; {tried}; "
                f"{several(r['ham_hits'] or 0, 'match', 'matches')} in lawful and one-off mail, "
                f"{count(r['other_hits'] or 0)} in other campaigns",
            )
        )
    return Section("templates", "Templates", tuple(blocks))
