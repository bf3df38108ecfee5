"""The case on one page: about the promoted party that weighs most, else the largest campaign."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from lymer.actors.books import Books
from lymer.actors.cast import OPERATOR, Actor, Cast, Claim
from lymer.actors.hypotheses import Contest
from lymer.actors.machinery import MachineryRule, read_machinery
from lymer.actors.page import Line, PageMail
from lymer.actors.parties import benefit, missing, not_linked, sureness
from lymer.actors.sending import machines, ordered_by, run_by, sent, steered
from lymer.actors.tables import VERDICT
from lymer.engine import answer

_MOST_REFERENCES = 12
# The page is about the mail of most weight. Praise of a full name, and mail whose order is in the
# books, leave more to be asked than goods for sale. Judgements, not measured.
_NAMED_TIMES = 4
_ORDERED_TIMES = 2


def tabulate_verdict(
    connection: duckdb.DuckDBPyConnection, books: Books, cast: Cast, contests: Sequence[Contest]
) -> pa.Table:
    """VERDICT, a page of it. Without any campaign there is nothing to say."""
    mail = _choose(connection, books, contests)
    lines: list[Line] = []
    if mail is not None:
        machinery = read_machinery(connection, mail.campaigns, mail.jobs, MachineryRule())
        orders = _ordering(mail, cast)
        runs = _running(mail, books, cast)
        lines = [
            sent(mail, machinery),
            *machines(machinery),
            steered(machinery),
            run_by(runs, books),
            ordered_by(mail, orders, books),
            *benefit(mail, cast),
            *not_linked(mail, contests, cast),
            sureness(mail, books, runs, orders),
            missing(mail, books, machinery, runs),
        ]
    rows = [
        (
            position, line.topic, line.statement, line.likelihood, line.confidence,
            list(line.evidence[:_MOST_REFERENCES]), line.why,
        )
        for position, line in enumerate(lines, 1)
    ]  # fmt: skip
    return pa.Table.from_batches([VERDICT.batch(rows)])


_CAMPAIGNS = """
SELECT campaign_id, name, message_count, first_seen_at, last_seen_at,
       (SELECT count(*) FROM campaigns WHERE status <> 'dismissed') AS total_campaigns,
       (SELECT count(*) FROM messages) AS total_messages
FROM campaigns WHERE status <> 'dismissed'
ORDER BY kind = 'bulk', message_count DESC, campaign_id
"""


def _choose(
    connection: duckdb.DuckDBPyConnection, books: Books, contests: Sequence[Contest]
) -> PageMail | None:
    """The mail of the promoted party that weighs most; else the largest campaign."""
    rows = answer(connection, _CAMPAIGNS).to_pylist()
    if not rows:
        return None
    sizes = {row["campaign_id"]: row["message_count"] for row in rows}

    def weight(held: Contest) -> tuple[int, str]:
        party = held.judgement.party
        mails = sum(sizes[campaign] for campaign in party.campaigns)
        times = _NAMED_TIMES if party.is_full_name else 1
        return mails * times * (_ORDERED_TIMES if held.judgement.jobs else 1), party.name

    held = max(contests, key=weight, default=None)
    largest = rows[0]["campaign_id"]
    if held is not None and weight(held)[0] < rows[0]["message_count"]:
        # Most mail praises nobody by name, and what does is little.
        held = None
    campaigns = tuple(held.judgement.party.campaigns) if held else (largest,)
    jobs = held.judgement.jobs if held else tuple(books.jobs_for(campaigns, ""))
    # A job whose template is that party's brings in the campaigns that it made.
    chosen = [row for row in rows if row["campaign_id"] in campaigns]
    return PageMail(
        campaigns=tuple(row["campaign_id"] for row in chosen),
        subject=chosen[0]["name"] or "",
        message_count=sum(row["message_count"] for row in chosen),
        first_seen_at=min((r["first_seen_at"] for r in chosen if r["first_seen_at"]), default=None),
        last_seen_at=max((r["last_seen_at"] for r in chosen if r["last_seen_at"]), default=None),
        total_campaigns=rows[0]["total_campaigns"],
        total_messages=rows[0]["total_messages"],
        jobs=jobs,
        held=held,
    )


def _ordering(mail: PageMail, cast: Cast) -> list[tuple[Actor, list[Claim]]]:
    """Who ordered the mail, with the claims."""
    found = []
    targets = {*mail.campaigns, *(job.key for job in mail.jobs)}
    for server, account in sorted({(job.server, job.account) for job in mail.jobs}):
        actor = cast.of_account(server, account)
        if actor is not None:
            claims = [c for c in cast.claims_of(actor, "ordered") if c.object in targets]
            found.append((actor, claims))
    return found


def _running(mail: PageMail, books: Books, cast: Cast) -> list[tuple[Actor, list[Claim]]]:
    """The operators of the servers that the mail was ordered on; of all where none is known."""
    servers = {job.server for job in mail.jobs} or set(books.servers)
    found = []
    for actor in cast.with_role(OPERATOR):
        claims = [c for c in cast.claims_of(actor, "operates") if c.object in servers]
        if claims:
            found.append((actor, claims))
    return found
