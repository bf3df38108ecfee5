"""The first page: nine questions, answered or plainly not."""

from typing import Any

from lymer.reports.document import Block, Finding, Section, Text
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import count, interval, listed, period, several
from lymer.reports.sources import Sources

TOPICS = {
    "sent": "What was sent",
    "botnet": "By which botnet, of how many machines",
    "steered": "Steered from where",
    "run_by": "Run by whom",
    "ordered_by": "Ordered by whom",
    "benefit": "For whose benefit, on paper",
    "not_linked": "Who is not linked",
    "sureness": "How sure, and why",
    "missing": "What is missing",
}

_VERDICT = """
SELECT position, topic, statement, likelihood, confidence, evidence, why
FROM verdict ORDER BY position, topic, statement
"""
_SENT = """
SELECT (SELECT count(*) FROM messages) AS messages,
       (SELECT min(received_at) FROM messages) AS first_at,
       (SELECT max(received_at) FROM messages) AS last_at,
       (SELECT count(*) FROM campaigns WHERE status <> 'dismissed') AS campaigns,
       (SELECT count(*) FROM campaigns WHERE status <> 'dismissed' AND kind = 'botnet')
           AS botnet_campaigns
"""
_LARGEST = """
SELECT campaign_id, left(name, 400) AS name, message_count, client_count
FROM campaigns WHERE status <> 'dismissed' AND kind = 'botnet'
ORDER BY message_count DESC, campaign_id LIMIT 1
"""
_BOTNETS = """
SELECT botnet_id, name || substr(botnet_id, 15) AS name, is_separable, footprint,
       live_low, live, live_high, window_start_at, window_end_at
FROM botnets ORDER BY is_separable DESC, message_count DESC, botnet_id
"""
_STEERED = """
SELECT c.ip, c.port, c.botnet_id, b.name || substr(b.botnet_id, 15) AS name
FROM controllers c LEFT JOIN botnets b ON b.botnet_id = c.botnet_id
ORDER BY c.botnet_id NULLS LAST, c.score DESC NULLS LAST, c.p_value, c.ip, c.port
"""
# With nothing but mail, these cannot be answered; the words are those of the verdict's topics.
_UNANSWERED = {
    "run_by": "Not established. No operator's server, account or handle is joined to this case.",
    "ordered_by": "Not established. No order, job or payment is joined to this case.",
    "benefit": "Not established. What a mail praises or sells says nothing of who ordered it.",
    "not_linked": (
        "Nobody can be said to be linked or not linked: nothing outside the mails themselves was "
        "searched for a link."
    ),
}


def verdict(sources: Sources) -> Section:
    """The page, from the table `verdict`, or without it from campaigns and botnets alone."""
    if sources.holds("verdict"):
        blocks = _told(sources)
    else:
        blocks = _composed(sources)
    return Section("verdict", "Verdict", tuple(blocks))


def _told(sources: Sources) -> list[Block]:
    q, rows = sources.ask("the verdict", _VERDICT)
    # Several statements of one topic stand under one heading.
    blocks: list[Block] = []
    last = None
    for row in rows:
        topic = str(row["topic"])
        title = TOPICS.get(topic, harmless(topic, NAME_LENGTH)) if topic != last else ""
        last = topic
        statement = defanged(row["statement"])
        blocks.append(
            Finding(
                topic=title,
                statement=statement,
                likelihood=harmless(row["likelihood"], NAME_LENGTH),
                confidence=harmless(row["confidence"], NAME_LENGTH),
                why=defanged(row["why"]),
                evidence=tuple(defanged(e, NAME_LENGTH) for e in (row["evidence"] or ())[:12]),
                sources=(q,),
                is_established=_is_established(row),
            )
        )
    return blocks


def _is_established(row: dict[str, Any]) -> bool:
    text = str(row["statement"] or "").lower()
    return not (row["topic"] == "missing" or "not established" in text or "unknown" in text)


def _composed(sources: Sources) -> list[Block]:
    return [
        Text(
            "This case holds no weighing of people. What follows comes from the mail and the "
            "network alone; what that cannot tell is said.",
            tone="note",
        ),
        _sent(sources),
        _botnet(sources),
        _steering(sources),
        *(
            Finding(TOPICS[topic], statement, is_established=False)
            for topic, statement in _UNANSWERED.items()
        ),
        Finding(
            TOPICS["sureness"],
            "Counts are exact for what was received. Estimates stand with their 95 % intervals; a "
            "bound is given where the evidence allows no more. Groupings say why for each message.",
        ),
        _missing(sources),
    ]


def _sent(sources: Sources) -> Finding:
    q, (total,) = sources.ask("messages, period and campaigns", _SENT)
    q2, largest = sources.ask("the largest campaign of a botnet", _LARGEST)
    text = (
        f"{several(total['messages'], 'message')} received "
        f"{period(total['first_at'], total['last_at'])}, in "
        f"{several(total['campaigns'], 'campaign')}, of which {count(total['botnet_campaigns'])} "
        "came from botnets."
    )
    for row in largest:
        text += (
            f" The largest of these, {row['campaign_id']} "
            f"(“{defanged(row['name'], NAME_LENGTH)}”), has "
            f"{several(row['message_count'], 'message')} from "
            f"{several(row['client_count'], 'address', 'addresses')}."
        )
    text += " That is what was received here, not what was sent to the world."
    return Finding(TOPICS["sent"], text, sources=(q, q2))


def _botnet(sources: Sources) -> Finding:
    q, rows = sources.ask("botnets and their live size", _BOTNETS)
    told = [row for row in rows if row["is_separable"]]
    if not told:
        more = (
            " The campaigns of "
            f"{several(len(rows), 'engine')} cannot be told apart at this sampling."
            if rows
            else ""
        )
        return Finding(
            TOPICS["botnet"],
            f"Not established: no botnet was told apart.{more}",
            sources=(q,),
            is_established=False,
        )
    parts = [
        f"{row['name']}: {several(row['footprint'], 'address', 'addresses')} seen; live on a day "
        f"of {period(row['window_start_at'], row['window_end_at'])}: "
        f"{interval(row['live_low'], row['live'], row['live_high'])}."
        for row in told[:3]
    ]
    text = f"{several(len(told), 'botnet')} told apart. " + " ".join(parts)
    if len(told) > 3:
        text += f" The others are under “Botnets”: {several(len(told) - 3, 'botnet')}."
    left = len(rows) - len(told)
    if left:
        text += (
            f" Of {several(left, 'engine')} some campaigns cannot be given to a botnet at this "
            "sampling, and nothing is claimed of them."
        )
    return Finding(TOPICS["botnet"], text, sources=(q,))


def _steering(sources: Sources) -> Finding:
    q, rows = sources.ask("likely controllers", _STEERED)
    if not rows:
        looked = (
            "The network flows of the case show no endpoint that bots share and others do not."
            if sources.holds("captures")
            else "The case holds no network flows, in which controllers could show."
        )
        return Finding(
            TOPICS["steered"], f"Not established. {looked}", sources=(q,), is_established=False
        )
    first: dict[str | None, str] = {}
    for row in rows:
        first.setdefault(row["botnet_id"], harmless(f"{row['ip']} port {row['port']}", 80))
    named = {row["botnet_id"]: row["name"] for row in rows}
    known = [f"{named[b]} from {where}" for b, where in first.items() if b is not None]
    unknown = sum(row["botnet_id"] is None for row in rows)
    text = (
        f"By their bots' network flows: {listed(known)}."
        if known
        else "No endpoint is shared by the bots of a known botnet."
    )
    if unknown:
        text += (
            f" {several(unknown, 'endpoint')} more {'steers' if unknown == 1 else 'steer'} "
            "machines that send mail but are of no known botnet."
        )
    return Finding(TOPICS["steered"], text, sources=(q,), is_established=bool(known))


def _missing(sources: Sources) -> Finding:
    lacking = [
        words
        for table, words in (
            ("captures", "network flows of a provider with bots (would show what steers them)"),
            (
                "artifacts",
                "a captured control server (would show jobs, accounts, lists and payments)",
            ),
            ("client_networks", "data on networks and countries (would show where bots are)"),
        )
        if not sources.holds(table)
    ]
    text = f"Not in this case: {'; '.join(lacking)}." if lacking else "See “Limits”."
    return Finding(TOPICS["missing"], text, is_established=not lacking)
