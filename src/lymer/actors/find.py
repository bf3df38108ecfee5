"""The steps of the room, in their order."""

from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from lymer.actors.aliases import add_aliases
from lymer.actors.books import read_books
from lymer.actors.cast import PROMOTED, Actor, Cast, Claim, digest, once
from lymer.actors.copies import CopyRule
from lymer.actors.holders import HolderRule, find_holders
from lymer.actors.hypotheses import ANSWERS, PARTY, Contest, HypothesisRule, contest
from lymer.actors.likelihoods import (
    BOOKS_CONFIRMED,
    CONTENT,
    SEARCHED,
    SERVER,
    confidence,
    in_words,
)
from lymer.actors.links import LINKED, NOT_LINKED, Judgement, judge
from lymer.actors.payers import PayerRule, find_payers
from lymer.actors.profiles import tabulate_profiles
from lymer.actors.promoted import Promoted, PromotedRule, find_promoted
from lymer.actors.search import Hit, search
from lymer.actors.tables import (
    ACTORS,
    CLAIMS,
    HYPOTHESES,
    PROFILES,
    TIMELINE,
    VERDICT,
    WEIGHINGS,
)
from lymer.actors.timeline import tabulate_timeline
from lymer.actors.verdict import tabulate_verdict
from lymer.engine import answer
from lymer.tables import Table

# What a link would have looked like: said with every `not_linked`.
_A_LINK = (
    "a link would be its name, a login, an address or a host of it among the logins, payments or "
    "records of the server"
)


_LONGEST_QUOTE = 400


@dataclass(frozen=True)
class ActorRule:
    """The rules of the steps that find actors."""

    promoted: PromotedRule = field(default_factory=PromotedRule)
    holders: HolderRule = field(default_factory=HolderRule)
    copies: CopyRule = field(default_factory=CopyRule)
    payers: PayerRule = field(default_factory=PayerRule)
    hypotheses: HypothesisRule = field(default_factory=HypothesisRule)


def find_actors(
    connection: duckdb.DuckDBPyConnection, rule: ActorRule | None = None
) -> dict[Table, pa.Table]:
    """All tables of the room, from what `connection` shows of the rooms below.

    Dismissed campaigns play no part.
    """
    rule = rule or ActorRule()
    books = read_books(connection)
    cast = Cast()
    find_holders(connection, books, cast, rule.holders)
    promoted = find_promoted(connection, rule.promoted)
    add_aliases(connection, books, promoted, cast)
    find_payers(books, promoted, cast, rule.payers)
    findings = search(connection, books, promoted, rule.copies)
    operations = dict(
        zip(
            *answer(connection, "SELECT campaign_id, operation_id FROM operation_campaigns")
            .to_pydict()
            .values(),
            strict=True,
        )
    )
    contests = []
    for party in promoted:
        judgement = judge(party, books, findings)
        held = contest(judgement, books, cast, operations, rule.hypotheses)
        _add_promoted(cast, party, judgement, held)
        contests.append(held)
    asked = [held for held in contests if held.judgement.party.is_full_name or held.judgement.jobs]
    return {
        ACTORS: _tabulate_actors(cast),
        CLAIMS: _tabulate_claims(cast),
        PROFILES: tabulate_profiles(books, cast),
        HYPOTHESES: _tabulate_hypotheses(asked),
        WEIGHINGS: _tabulate_weighings(asked),
        TIMELINE: tabulate_timeline(connection),
        VERDICT: tabulate_verdict(connection, books, cast, contests),
    }


def actor_id_of(party: Promoted) -> str:
    """The id of a promoted party."""
    return "a-" + digest("name", " ".join(party.words))


def _add_promoted(cast: Cast, party: Promoted, judgement: Judgement, held: Contest) -> None:
    """The party as an actor, what promotes it, and whether it is linked."""
    actor = Actor(actor_id_of(party), party.name, PROMOTED)
    actor.reasons.append(
        f"named by the mail of {len(party.campaigns)} campaigns: on paper only, content is no "
        "evidence against anyone"
    )
    cast.actors[actor.actor_id] = actor
    for campaign, praise in party.campaigns.items():
        cast.claims.append(
            Claim(
                actor.actor_id,
                "promoted_by",
                campaign,
                in_words(0.9 if party.is_full_name else 0.75),
                "moderate" if praise.mails >= _MANY_MAILS else "low",
                (f"campaigns:{campaign}", f"messages:{praise.message_id}"),
                (),
                CONTENT,
                f"{praise.share:.0%} of {praise.mails} mails looked at name it, "
                f"{praise.subject_share:.0%} in the subject; this says what the mail is for on "
                "paper, and nothing of who ordered it",
            )
        )
    cast.claims += _link_claims(actor, judgement, held)


# Mails from which the share that names somebody is sure within a tenth.
_MANY_MAILS = 20


def _link_claims(actor: Actor, judgement: Judgement, held: Contest) -> list[Claim]:
    """Linked, not linked or unknown; and what the party paid for."""
    target = next(iter(judgement.party.campaigns))
    share = held.answer(PARTY).share
    leads = once(lead.passage.reference for lead in judgement.leads)
    told = [f"searched: {judgement.searched}" if judgement.searched else "nothing to search"]
    if judgement.left_out:
        told.append(f"{judgement.left_out} passages that only repeat the mail were left out")
    if judgement.relation == LINKED:
        links = judgement.links
        jobs = {link.job for link in links if link.job is not None}
        references = once(
            [
                *(link.hit.passage.reference for link in links),
                *(ref for job in jobs for ref in job.references),
            ]
        )
        words = "; ".join(f"{link.sort}: {_quoted(link.hit)}" for link in links[:3])
        grade = BOOKS_CONFIRMED if "payment" in judgement.sorts and jobs else SERVER
        kinds = [*judgement.sorts, *(["sum"] if jobs else [])]
        likelihood = in_words(share if share is not None else 0.5)
        claims = [
            Claim(actor.actor_id, "linked", target, likelihood, confidence(kinds), references, (),
                  grade, f"{words}; {'; '.join(told)}")
        ]  # fmt: skip
        # Where a note names a person besides, he paid, and the party is whom he paid for.
        own = [link for link in links if link.job and not link.is_by_another]
        paid = once((link.job.campaign_id or link.job.key) for link in own if link.job)
        return claims + [
            Claim(actor.actor_id, "paid_for", bought, likelihood, confidence(kinds), references,
                  (), grade, words)
            for bought in paid
        ]  # fmt: skip
    if judgement.relation == NOT_LINKED:
        places = once(
            f"{table}:{job.server}"
            for job in judgement.jobs
            for table in ("accounts", "payments", "artifacts")
        )
        orders = once(ref for job in judgement.jobs for ref in job.references)[:10]
        return [
            Claim(
                actor.actor_id,
                "not_linked",
                target,
                in_words(1 - share) if share is not None else None,
                _confidence_in(judgement),
                (*places, *orders),
                leads,
                SEARCHED,
                f"{'; '.join(told)}; the order is there and nothing in it leads to "
                f"{judgement.party.name}; {_A_LINK}",
            )
        ]
    return [
        Claim(actor.actor_id, "unknown", target, None, "low", leads, (), SEARCHED,
              _why_unknown(judgement, told))
    ]  # fmt: skip


def _quoted(hit: Hit) -> str:
    text = hit.passage.text
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "\u2026")


def _confidence_in(judgement: Judgement) -> str:
    """How well founded it is that nothing was found: a client behind a middleman leaves no trace,
    so never high."""
    searched = judgement.findings.searched if judgement.findings else ()
    is_broad = any(
        one.payments and one.logins and (one.texts or one.rows or one.entities) for one in searched
    )
    return "moderate" if is_broad else "low"


def _why_unknown(judgement: Judgement, told: list[str]) -> str:
    if judgement.leads or judgement.links:
        passages = [*judgement.leads, *(link.hit for link in judgement.links)]
        shown = "; ".join(
            f"{hit.passage.path or hit.passage.where}: {_quoted(hit)}" for hit in passages[:3]
        )
        return f"its name stands on the server, tied to no order: {shown}; {'; '.join(told)}"
    if judgement.searched:
        return f"{'; '.join(told)}; no order of this mail is in these books; {_A_LINK}"
    return f"no server, books or payments are in the case; {_A_LINK} that took the order"


def _tabulate_actors(cast: Cast) -> pa.Table:
    rows = [
        (actor.actor_id, actor.name, sorted(actor.aliases), actor.role, actor.why)
        for actor in sorted(cast.actors.values(), key=lambda a: (a.role, a.name, a.actor_id))
    ]
    return pa.Table.from_batches([ACTORS.batch(rows)])


def _tabulate_claims(cast: Cast) -> pa.Table:
    """One row for each claim; the evidence of equal ones together."""
    claims: dict[str, Claim] = {}
    for claim in cast.claims:
        former = claims.get(claim.claim_id)
        if former is None:
            claims[claim.claim_id] = claim
            continue
        claims[claim.claim_id] = Claim(
            former.subject, former.relation, former.object, former.likelihood, former.confidence,
            once([*former.supporting, *claim.supporting]),
            once([*former.contradicting, *claim.contradicting]),
            former.source_grade,
            former.why if claim.why in former.why else f"{former.why}; {claim.why}",
        )  # fmt: skip
    rows = [
        (
            claim.claim_id, claim.subject, claim.relation, claim.object, claim.likelihood,
            claim.confidence, list(claim.supporting), list(claim.contradicting),
            claim.source_grade, claim.why,
        )
        for claim in sorted(
            claims.values(), key=lambda c: (c.subject, c.relation, c.object)
        )
    ]  # fmt: skip
    return pa.Table.from_batches([CLAIMS.batch(rows)])


def _tabulate_hypotheses(contests: list[Contest]) -> pa.Table:
    rows = [
        (
            held.question, actor_id_of(held.judgement.party), answer.hypothesis, answer.rank,
            list(answer.supporting), list(answer.contradicting), list(answer.missing),
            answer.likelihood, held.confidence, answer.why,
        )
        for held in sorted(contests, key=lambda h: h.question)
        for answer in held.answers
    ]  # fmt: skip
    return pa.Table.from_batches([HYPOTHESES.batch(rows)])


def _tabulate_weighings(contests: list[Contest]) -> pa.Table:
    rows = [
        (
            held.question, piece.evidence, hypothesis, ratio, piece.diagnosticity,
            list(piece.references),
        )
        for held in sorted(contests, key=lambda h: h.question)
        for piece in held.weighed
        for hypothesis, ratio in zip(ANSWERS, piece.ratios, strict=True)
    ]  # fmt: skip
    return pa.Table.from_batches([WEIGHINGS.batch(rows)])
