"""What the captured servers hold, and what of the mail it explains."""

from typing import Any

from lymer.reports.document import Block, Column, Figure, Grid, Section, Text, rows_of
from lymer.reports.figures import Day, draw_days
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import count, interval, moment, period, rounded, several, share
from lymer.reports.sources import Sources

_SHOWN = 30
_SERVERS_DRAWN = 4

_KINDS = """
SELECT server, kind, CAST(count(*) AS BIGINT) AS files,
       CAST(sum(size_bytes) AS BIGINT) AS size_bytes,
       CAST(count(*) FILTER (len(defects) > 0) AS BIGINT) AS with_defects
FROM artifacts GROUP BY server, kind ORDER BY server, files DESC, kind
"""
_COVERAGE = """
SELECT server, subject, covered, total, share, why FROM coverage ORDER BY server, subject
"""
_ACCOUNTS = f"""
SELECT server, left(account, 400) AS account, left(privilege, 400) AS privilege, is_privileged,
       job_count, logins, first_seen_at, last_seen_at, why
FROM accounts ORDER BY is_privileged DESC NULLS LAST, job_count DESC NULLS LAST, server, account,
         account_key
LIMIT {_SHOWN}
"""
_JOBS = f"""
SELECT server, left(job_id, 200) AS job_id, left(account, 400) AS account, campaign_id,
       left(title, 400) AS title, targets, sent, accepted, started_at, ended_at, price,
       members_share, why
FROM jobs
ORDER BY targets DESC NULLS LAST, server, job_id, campaign_id, artifact_id, position
LIMIT {_SHOWN}
"""
_LISTS = f"""
SELECT server, left(path, 400) AS path, address_count, listed_size, trap_count, trap_share, why
FROM lists ORDER BY address_count DESC NULLS LAST, server, path, artifact_id LIMIT {_SHOWN}
"""
_PAYMENTS = f"""
SELECT server, left(account, 400) AS account, amount, left(note, 400) AS note, paid_at, artifact_id,
       position
FROM payments ORDER BY paid_at NULLS LAST, server, account, artifact_id, position LIMIT {_SHOWN}
"""


_CALIBRATIONS = """
SELECT c.server, coalesce(b.name, c.botnet_id) AS botnet, c.campaign_id, c.logged_nodes,
       c.live_low, c.live, c.live_high, c.open_because, c.why
FROM calibrations c LEFT JOIN botnets b ON b.botnet_id = c.botnet_id
WHERE c.campaign_id IS NULL OR c.botnet_id IS NULL
ORDER BY c.logged_nodes DESC, c.server, c.botnet_id, c.campaign_id
"""

_NODES = """
SELECT server, day, live_nodes, addresses FROM node_counts ORDER BY server, day
"""


def servers(sources: Sources) -> Section | None:
    """None without a captured server: the limits say so."""
    if not sources.holds("artifacts"):
        return None
    q, rows = sources.ask("files of the captured servers", _KINDS)
    files = sum(r["files"] for r in rows)
    blocks: list[Block] = [
        Text(
            f"{several(files, 'file')} of {several(len({r['server'] for r in rows}), 'server')} "
            "were read as they lay; nothing was run. Their kinds were told by content.",
            (q,),
        ),
        Grid(
            "Files by kind",
            (
                Column("server", "code", 2),
                Column("kind", share=2),
                Column("files", "number"),
                Column("bytes", "number"),
                Column("with defects", "number"),
            ),
            rows_of(
                [
                    (
                        harmless(r["server"], NAME_LENGTH),
                        harmless(r["kind"], NAME_LENGTH) or "not told",
                        count(r["files"]),
                        _number(r["size_bytes"]),
                        count(r["with_defects"]),
                    )
                    for r in rows[:_SHOWN]
                ]
            ),
            (q,),
        ),
    ]
    for table in (_coverage, _nodes, _calibrations, _accounts, _jobs, _lists, _payments):
        blocks += table(sources)
    return Section("servers", "Captured servers", tuple(blocks))


def _grid(
    q: str, caption: str, columns: tuple[Column, ...], rows: list[tuple[str, ...]]
) -> list[Block]:
    return [Grid(caption, columns, rows_of(rows), (q,))]


def _coverage(sources: Sources) -> list[Block]:
    if not sources.holds("coverage"):
        return []
    q, rows = sources.ask("how much of what was seen the servers explain", _COVERAGE)
    return _grid(
        q,
        "How much of what was seen the servers explain",
        (
            Column("server", "code", 2),
            Column("of", share=3),
            Column("explained", "number"),
            Column("of all", "number"),
            Column("share", "number"),
            Column("why", share=4),
        ),
        [
            (
                harmless(r["server"], NAME_LENGTH),
                harmless(r["subject"], NAME_LENGTH),
                count(r["covered"]),
                count(r["total"]),
                share(r["share"]),
                defanged(r["why"], 240),
            )
            for r in rows[:_SHOWN]
        ],
    )


def _nodes(sources: Sources) -> list[Block]:
    if not sources.holds("node_counts"):
        return []
    q, rows = sources.ask("nodes that reported to each server, by day", _NODES)
    blocks: list[Block] = []
    for server in list(dict.fromkeys(r["server"] for r in rows))[:_SERVERS_DRAWN]:
        days = [r for r in rows if r["server"] == server]
        numbers = sorted(r["live_nodes"] for r in days)
        name = harmless(server, 60)
        blocks.append(
            Figure(
                f"Machines that reported to server {name} on each day, by its own logs, and the "
                "addresses that they had. Days without a log are empty.",
                draw_days(
                    [Day(r["day"], r["live_nodes"], r["addresses"]) for r in days],
                    "machines",
                    "their addresses",
                ),
                f"Machines by day, {period(days[0]['day'], days[-1]['day'])}: between "
                f"{numbers[0]:,} and {numbers[-1]:,}, median {numbers[len(numbers) // 2]:,}",
                (q,),
            )
        )
    return blocks


def _calibrations(sources: Sources) -> list[Block]:
    if not sources.holds("calibrations"):
        return []
    q, rows = sources.ask("how large botnets are by logs and mail together", _CALIBRATIONS)
    return _grid(
        q,
        "Machines live on a day by the logs and the mail together. The share of the seen clients "
        "that the logs have on the same day corrects what the logs lack (capture and recapture)",
        (
            Column("server", "code", 2),
            Column("botnet or campaign", "code", 2),
            Column("logged a day", "number"),
            Column("live on a day (95 %)", share=3),
            Column("why", share=4),
        ),
        [
            (
                harmless(r["server"], NAME_LENGTH),
                harmless(r["botnet"] or r["campaign_id"], NAME_LENGTH),
                rounded(r["logged_nodes"]),
                _between(r),
                defanged(r["why"], 240),
            )
            for r in rows[:_SHOWN]
        ],
    )


def _between(row: dict[str, Any]) -> str:
    """The interval, and why there is no best number in it."""
    span = interval(row["live_low"], row["live"], row["live_high"])
    return f"{span}; {row['open_because']}" if row["open_because"] else span


def _accounts(sources: Sources) -> list[Block]:
    if not sources.holds("accounts"):
        return []
    q, rows = sources.ask("accounts on the servers", _ACCOUNTS)
    return _grid(
        q,
        "Accounts on the servers; an account is not yet a person",
        (
            Column("account", "code", 2),
            Column("privilege", share=2),
            Column("jobs", "number"),
            Column("logins", "number"),
            Column("seen", share=2),
            Column("why", share=4),
        ),
        [
            (
                defanged(r["account"], NAME_LENGTH),
                (defanged(r["privilege"], NAME_LENGTH) or "–")
                + (" (stands out)" if r["is_privileged"] else ""),
                _number(r["job_count"]),
                _number(r["logins"]),
                period(r["first_seen_at"], r["last_seen_at"]) if r["first_seen_at"] else "–",
                defanged(r["why"], 240),
            )
            for r in rows
        ],
    )


def _jobs(sources: Sources) -> list[Block]:
    if not sources.holds("jobs"):
        return []
    q, rows = sources.ask("jobs in the servers' books", _JOBS)
    joined = sum(r["campaign_id"] is not None for r in rows)
    return [
        Text(
            f"Numbers in the books are what the operator's software wrote down, not what was "
            f"measured. Of the {several(len(rows), 'job')} shown, {joined:,} are joined to a "
            "campaign seen here.",
            (q,),
            tone="note",
        ),
        *_grid(
            q,
            "Jobs in the books, the largest first",
            (
                Column("job", "code", 2),
                Column("account", "code", 5),
                Column("campaign", "code", 5),
                Column("targets", "number"),
                Column("sent", "number"),
                Column("accepted", "number"),
                Column("from", share=3),
                Column("why", share=9),
            ),
            [
                (
                    defanged(r["job_id"], 40),
                    defanged(r["account"], 60),
                    r["campaign_id"] or "not joined",
                    _number(r["targets"]),
                    _number(r["sent"]),
                    _number(r["accepted"]),
                    period(r["started_at"], r["ended_at"]),
                    defanged(r["why"], 110),
                )
                for r in rows
            ],
        ),
    ]


def _lists(sources: Sources) -> list[Block]:
    if not sources.holds("lists"):
        return []
    q, rows = sources.ask("recipient lists on the servers", _LISTS)
    return _grid(
        q,
        "Recipient lists; the share of trap addresses tells what part of a mailing is seen here",
        (
            Column("file", "code", 3),
            Column("addresses", "number"),
            Column("size in the books", "number"),
            Column("traps", "number"),
            Column("why", share=4),
        ),
        [
            (
                defanged(r["path"], NAME_LENGTH),
                _number(r["address_count"]),
                _number(r["listed_size"]),
                _number(r["trap_count"]),
                defanged(r["why"], 240),
            )
            for r in rows
        ],
    )


def _payments(sources: Sources) -> list[Block]:
    if not sources.holds("payments"):
        return []
    q, rows = sources.ask("payments in the servers' books", _PAYMENTS)
    return _grid(
        q,
        "Payments in the books",
        (
            Column("paid (UTC)", share=3),
            Column("account", "code", 2),
            Column("amount", "number"),
            Column("note as written", share=4),
            Column("where", "code", 3),
        ),
        [
            (
                moment(r["paid_at"]).removesuffix(" UTC"),
                defanged(r["account"], NAME_LENGTH),
                _amount(r["amount"]),
                defanged(r["note"], 240),
                harmless(f"{r['artifact_id']}#{r['position']}", NAME_LENGTH),
            )
            for r in rows
        ],
    )


def _number(value: Any) -> str:
    """A count of the books; they may hold anything."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if isinstance(value, int | float) else harmless(value, 40)


def _amount(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if isinstance(value, int | float) else harmless(value, 40)
