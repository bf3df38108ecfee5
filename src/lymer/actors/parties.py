"""The verdict on who gains on paper, who is not linked, how sure all of it is, what is missing."""

from collections.abc import Sequence

from lymer.actors.books import Books
from lymer.actors.cast import Actor, Cast, Claim, once
from lymer.actors.hypotheses import PARTY, Contest
from lymer.actors.likelihoods import CONTENT, RECEIPT
from lymer.actors.links import LINKED, NOT_LINKED
from lymer.actors.machinery import Machinery
from lymer.actors.page import Line, PageMail, counted, likeliest, listed, short, surest


def benefit(mail: PageMail, cast: Cast) -> list[Line]:
    """Whom the mail praises on paper, and who paid by the books."""
    held = mail.held
    if held is None:
        return [
            Line("benefit", "On paper for nobody that could be told: no name stands out.",
                 None, "low", (), "")
        ]  # fmt: skip
    party = held.judgement.party
    shares = [praise.share for praise in party.campaigns.values()]
    lines = [
        Line(
            "benefit",
            f"On paper for {party.name}: named by {_share(min(shares))} of the mails looked at. "
            "That is no evidence of who ordered it.",
            None,
            "moderate",
            tuple(
                ref
                for campaign, praise in party.campaigns.items()
                for ref in (f"campaigns:{campaign}", f"messages:{praise.message_id}")
            ),
            "read from the content",
        )
    ]
    targets = {*mail.campaigns, *(job.key for job in mail.jobs)}
    for actor in sorted(cast.actors.values(), key=lambda a: (a.name, a.actor_id)):
        paid = [c for c in cast.claims_of(actor, "paid_for") if c.object in targets]
        if paid:
            lines.append(
                Line("benefit", f"Paid for by {actor.name}, as the books note it.",
                     likeliest(paid), surest(paid),
                     once(ref for claim in paid for ref in claim.supporting),
                     "; ".join(once(claim.why for claim in paid)))
            )  # fmt: skip
    return lines


def _share(share: float) -> str:
    return "all" if share == 1 else f"{share:.0%} or more"


def not_linked(mail: PageMail, contests: Sequence[Contest], cast: Cast) -> list[Line]:
    """What is known of a link of the promoted party, and of the other parties of the case."""
    lines = [] if mail.held is None else [_link_of(mail.held, cast)]
    others = [
        held.judgement
        for held in contests
        if held is not mail.held and held.judgement.party.is_full_name
    ]
    for relation, text in (
        (LINKED, "Of other promoted names, linked to an order: {}."),
        (NOT_LINKED, "Nor are other promoted names linked: {}."),
    ):
        named = [judged.party.name for judged in others if judged.relation == relation]
        if named:
            lines.append(
                Line("not_linked", text.format(listed(named)), None, None, (),
                     "see claims for each")
            )  # fmt: skip
    return lines


def _link_of(held: Contest, cast: Cast) -> Line:
    judgement = held.judgement
    name = judgement.party.name
    claim = next(
        c
        for actor in cast.actors.values()
        if actor.name == name
        for c in cast.claims_of(actor, "linked", "not_linked", "unknown")
    )
    if judgement.relation == LINKED:
        passage = short(judgement.links[0].hit.passage.text, 120)
        statement = (
            f"{name} is linked to the order, outside of the mail: the server's "
            f"{judgement.links[0].sort} reads {passage!r}."
        )
    elif judgement.relation == NOT_LINKED:
        statement = (
            f"{name} is not linked: nothing outside of the mail leads there. Searched: "
            f"{judgement.searched}."
        )
    else:
        statement = f"Whether {name} has any part in it is unknown: {claim.why.rstrip('.')}."
    return Line(
        "not_linked",
        statement,
        claim.likelihood,
        claim.confidence,
        (*claim.supporting, *claim.contradicting),
        claim.why,
    )


def sureness(
    mail: PageMail,
    books: Books,
    runs: Sequence[tuple[Actor, list[Claim]]],
    orders: Sequence[tuple[Actor, list[Claim]]],
) -> Line:
    claims = [claim for _, claims in (*runs, *orders) for claim in claims]
    grades = ", ".join(sorted({claim.source_grade for claim in claims} | {RECEIPT, CONTENT}))
    held = mail.held
    parts = [f"Sources are graded {grades} (Admiralty; the mail's own word is {CONTENT})"]
    joined = [job for job in mail.jobs if job.campaign_id is not None]
    if joined:
        told = counted(len(mail.jobs), "order")
        parts.append(f"mail received here bears out {len(joined)} of {told} in the books")
    elif not books.servers:
        parts.append("all of it rests on the mail alone")
    if held is not None and held.answers[0].likelihood is not None:
        lead, own = held.answers[0], held.answer(PARTY)
        parts.append(
            "of the competing answers the one least contradicted is that "
            f"{lead.hypothesis} ({lead.likelihood})"
        )
        if lead is not own:
            parts.append(f"that {own.hypothesis} is {own.likelihood}")
    return Line(
        "sureness",
        ". ".join(part[0].upper() + part[1:] for part in parts) + ".",
        None,
        held.confidence if held is not None and books.servers else "low",
        (f"hypotheses:{held.question}",) if held is not None else (),
        "; ".join(f"{a.hypothesis}: {a.why}" for a in held.answers) if held is not None else "",
    )


def missing(
    mail: PageMail, books: Books, machinery: Machinery, runs: Sequence[tuple[Actor, list[Claim]]]
) -> Line:
    wanted = []
    if not books.servers:
        wanted.append("the control server with its books and payments")
    elif not mail.jobs:
        wanted.append("the server that took this order")
    if not machinery.controllers:
        wanted.append("network flows of its bots")
    if runs:
        wanted.append("who uses the login " + listed(actor.name for actor, _ in runs))
    if mail.held is not None:
        lead = mail.held.answers[0]
        wanted += [*lead.missing[:1], *mail.held.answer(PARTY).missing[:1]]
    return Line(
        "missing",
        "Missing: " + "; ".join(dict.fromkeys(wanted)) + ".",
        None,
        None,
        (),
        "what would raise or overturn the above",
    )
