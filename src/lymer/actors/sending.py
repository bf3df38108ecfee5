"""The verdict on what was sent, by what machines, steered from where, run and ordered by whom."""

from collections.abc import Sequence

from lymer.actors.books import Books
from lymer.actors.cast import Actor, Claim, once
from lymer.actors.likelihoods import confidence
from lymer.actors.machinery import LoggedSize, Machinery
from lymer.actors.page import (
    MOST_NAMES,
    Line,
    PageMail,
    called,
    counted,
    large,
    likeliest,
    listed,
    short,
    span,
    surest,
    total_of,
)


def sent(mail: PageMail, machinery: Machinery) -> Line:
    seen = f"{mail.message_count:,} mails seen here"
    when = span(mail.first_seen_at, mail.last_seen_at)
    many = f"{len(mail.campaigns)} campaigns" if len(mail.campaigns) > 1 else mail.campaigns[0]
    what = f"{seen}, {when} ({many}; subject {short(mail.subject)!r})"
    references = [f"campaigns:{campaign}" for campaign in mail.campaigns]
    sums = [
        (f"{large(total)} {word}", references)
        for word, total in (
            ("targeted", total_of(job.targets for job in mail.jobs)),
            ("sent", total_of(job.sent for job in mail.jobs)),
            ("accepted", total_of(job.accepted for job in mail.jobs)),
        )
        if total
    ]
    context = (
        f" It is one of {mail.total_campaigns:,} campaigns in {mail.total_messages:,} messages."
    )
    if sums:
        orders = ", ".join(job.job_id for job in mail.jobs[:MOST_NAMES])
        orders += " ..." if len(mail.jobs) > MOST_NAMES else ""
        return Line(
            "sent",
            f"{what}; by the books of the server "
            + ", ".join(text for text, _ in sums)
            + f" (order {orders})."
            + context,
            None,
            confidence(["seen", "books"]),
            once([*(ref for job in mail.jobs for ref in job.references), *references]),
            "counted here; the books' numbers are the operator's own",
        )
    if machinery.accepted is not None:
        low, high = machinery.accepted
        upper = f" to {large(high)}" if high is not None else " or more"
        return Line(
            "sent",
            f"{what}; accepted in all {large(low)}{upper}, by the traps on a captured list."
            + context,
            None,
            "moderate",
            (*references, *(f"volumes:{campaign}/accepted" for campaign in mail.campaigns)),
            "counted here, and scaled up by the share of traps on the list",
        )
    return Line(
        "sent",
        f"{what}. How many were sent in all is not established.{context}",
        None,
        "high",
        tuple(references),
        "counted here; no books and no captured list that holds traps say what share this is",
    )


def machines(machinery: Machinery) -> list[Line]:
    """The botnets, and what the server's own log says of their size."""
    lines = []
    for botnet in machinery.botnets[:MOST_NAMES]:
        size = (
            f"about {botnet.live:,.0f} machines live on a day"
            if botnet.live is not None
            else "size not established"
        )
        if botnet.low is not None and botnet.high is not None:
            size = f"{botnet.low:,.0f} to {botnet.high:,.0f} machines live on a day" + (
                f", about {botnet.live:,.0f}" if botnet.live is not None else ""
            )
        elif botnet.low is not None:
            size = f"{botnet.low:,.0f} machines or more live on a day"
        lines.append(
            Line(
                "botnet",
                f"Botnet {botnet.name} ({botnet.botnet_id}): {size}; {botnet.footprint:,} of its "
                "addresses mailed the traps.",
                None,
                "moderate" if botnet.live is not None or botnet.high is not None else "low",
                (f"botnets:{botnet.botnet_id}", f"populations:{botnet.botnet_id}"),
                botnet.why,
            )
        )
    if not lines:
        engine = f"engine {machinery.engine}; " if machinery.engine else ""
        lines.append(
            Line(
                "botnet",
                f"Not established: {engine}{machinery.client_count:,} addresses mailed it to the "
                "traps, too few come again to tell one botnet from another.",
                None,
                "low",
                tuple(f"dialects:{name}" for name in machinery.engine_ids),
                "no botnet of this case holds the campaign",
            )
        )
    whole = dict(machinery.nodes)
    for server in dict.fromkeys([*dict(machinery.workers), *whole]):
        worked = dict(machinery.workers).get(server)
        told = [
            *([f"{worked:,} machines worked at it"] if worked else []),
            *(
                [f"{whole[server]:,.0f} are live on a day for all orders"]
                if server in whole
                else []
            ),
        ]
        lines.append(
            Line(
                "botnet",
                f"By the logs of the captured server {server!r} {' and '.join(told)}.",
                None,
                "moderate",
                tuple(
                    f"{table}:{server}"
                    for table, known in (("nodes", worked), ("node_counts", server in whole))
                    if known
                ),
                "nodes by the server's own names; live: median over the days of the order, or of "
                "all days where these are not logged; both go as far as its logs go",
            )
        )
    lines += [
        Line(
            "botnet",
            f"Logs of {size.server!r} and mail together: {_span(size)}.",
            None,
            "moderate",
            (f"calibrations:{size.reference}",),
            f"the logs have {size.known:,} of the {size.seen:,} clients that the traps saw on the "
            "same days: capture and recapture",
        )
        for size in machinery.logged[:MOST_NAMES]
    ]
    return lines


def _span(size: LoggedSize) -> str:
    if size.live is None:
        return (
            f"between {size.low:,.0f} and {size.high:,.0f} machines of {size.subject} live on a "
            f"day; {size.open_because}"
        )
    return (
        f"{size.low:,.0f} to {size.high:,.0f} machines of {size.subject} live on a day, about "
        f"{size.live:,.0f}"
    )


def steered(machinery: Machinery) -> Line:
    if machinery.controllers:
        shown = ", ".join(str(endpoint) for endpoint in machinery.controllers[:MOST_NAMES])
        return Line(
            "steered",
            f"Likely from {shown}: its bots turn there and others do not.",
            "likely",
            "moderate",
            tuple(f"controllers:{endpoint}" for endpoint in machinery.controllers),
            "; ".join(f"{endpoint}: {endpoint.why}" for endpoint in machinery.controllers),
        )
    flows = (
        "the flows in the case show no endpoint that its bots share"
        if machinery.has_flows
        else "no network flows are in the case"
    )
    if machinery.servers:
        shown = " and ".join(machinery.servers)
        return Line(
            "steered",
            f"From the captured server {shown!r}, whose logs hold its bots; from which address is "
            f"not established: {flows}.",
            "very likely",
            "moderate",
            tuple(f"nodes:{server}" for server in machinery.servers),
            "nodes in the server's logs are clients that mailed the traps",
        )
    return Line(
        "steered",
        f"Unknown: {flows}, and no captured server holds their addresses.",
        None,
        "low",
        (),
        "flows of one provider with a few of its bots would show the endpoint that they share",
    )


def run_by(runs: Sequence[tuple[Actor, list[Claim]]], books: Books) -> Line:
    if not runs:
        what = (
            "no account of the captured server stands out by privilege or handles"
            if books.servers
            else "no captured server is in the case"
        )
        return Line("run_by", f"Unknown: {what}.", None, "low", (), "")
    claims = [claim for _, claims in runs for claim in claims]
    return Line(
        "run_by",
        "Run by " + listed(called(actor) for actor, _ in runs) + ".",
        likeliest(claims),
        surest(claims),
        once(ref for claim in claims for ref in claim.supporting),
        "; ".join(once(claim.why for claim in claims)),
    )


def ordered_by(mail: PageMail, orders: Sequence[tuple[Actor, list[Claim]]], books: Books) -> Line:
    if not orders:
        what = (
            "the captured books hold no order of this mail"
            if books.jobs
            else "no books are in the case"
        )
        return Line("ordered_by", f"Unknown: {what}.", None, "low", (), "")
    claims = [claim for _, claims in orders for claim in claims]
    parts = []
    for actor, _ in orders:
        server, account = min(actor.accounts)
        count = len(books.jobs_of(server, account))
        mine = sum((job.server, job.account) in actor.accounts for job in mail.jobs)
        other = f", and {counted(count - mine, 'other order')}" if count > mine else ""
        parts.append(f"{called(actor)} ({counted(mine, 'order')} of this mail{other})")
    return Line(
        "ordered_by",
        "Ordered by the account of " + listed(parts) + "; for himself or for another.",
        likeliest(claims),
        surest(claims),
        once(ref for claim in claims for ref in claim.supporting),
        "; ".join(once(claim.why for claim in claims)),
    )
