"""Did the party that the mail promotes order it? Competing answers, side by side.

Analysis of competing hypotheses (Heuer, Psychology of Intelligence Analysis, 1999): every piece of
evidence is weighed against every answer, and what all answers explain alike tells nothing. A ratio
says how much more the evidence is to be expected if the answer is right than if nobody knew. The
products, with what each answer has for itself from the start, give the likelihoods.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from lymer.actors.books import Books, Job
from lymer.actors.cast import Cast, once
from lymer.actors.likelihoods import confidence, in_words
from lymer.actors.links import LINKED, NOT_LINKED, Judgement

PARTY = "the promoted party ordered it"
THIRD = "somebody else ordered it on his own"
DISCREDIT = "it was ordered to discredit the promoted party"
OWN = "no order: the customer sells on his own account"
ANSWERS = (PARTY, THIRD, DISCREDIT, OWN)

Ratios = tuple[float, float, float, float]


@dataclass(frozen=True)
class HypothesisRule:
    """What each answer has for itself, in the order of ANSWERS, and what evidence adds.

    Judgements, not measured: no collection of solved cases says how often each answer was right.
    Spam is mostly ordered by who gains from it, seldom to do harm.
    """

    start: Ratios = (0.4, 0.25, 0.1, 0.25)
    praise: Ratios = (1.0, 1.0, 1.0, 1.0)
    """The mail praises it: so it would in every case."""
    person: Ratios = (1.0, 1.0, 1.0, 0.5)
    """A person or organisation rather than goods."""
    brand: Ratios = (1.0, 0.5, 0.3, 3.0)
    pays: Ratios = (20.0, 1.0, 1.5, 0.3)
    """Named as who pays."""
    login: Ratios = (10.0, 1.0, 1.5, 0.5)
    record: Ratios = (4.0, 1.0, 1.5, 0.5)
    not_found: Ratios = (0.4, 1.0, 1.0, 1.0)
    """Not found where the order was found: a middleman may keep his client out of the books."""
    other_payer: Ratios = (1.0, 2.0, 1.5, 0.3)
    """Somebody else than the customer paid."""
    own_payment: Ratios = (0.8, 1.0, 1.0, 1.5)
    same_goods: Ratios = (0.5, 0.7, 0.7, 3.0)
    """The customer's other campaigns share domains, drop boxes or goods with it."""
    other_goods: Ratios = (1.0, 1.3, 1.3, 0.6)
    """His other orders sell something else: he orders for others."""
    outsize: Ratios = (1.3, 1.3, 1.0, 0.5)
    outsize_times: float = 10.0
    """Times his median order."""


@dataclass(frozen=True)
class Weighed:
    """One piece of evidence with its ratios."""

    evidence: str
    ratios: Ratios
    references: tuple[str, ...]
    kind: str

    @property
    def diagnosticity(self) -> float:
        """How far it tells the answers apart; 1: not at all."""
        return max(self.ratios) / min(self.ratios)


@dataclass(frozen=True)
class Answer:
    """One of the competing answers, weighed."""

    hypothesis: str
    rank: int
    share: float | None
    """Its probability; None where no evidence but the mail itself is there."""
    supporting: tuple[str, ...]
    contradicting: tuple[str, ...]
    missing: tuple[str, ...]
    why: str

    @property
    def likelihood(self) -> str | None:
        """In words."""
        return None if self.share is None else in_words(self.share)


@dataclass(frozen=True)
class Contest:
    """The answers to the question for one party."""

    question: str
    judgement: Judgement
    weighed: tuple[Weighed, ...] = field(repr=False)
    answers: tuple[Answer, ...]
    confidence: str

    def answer(self, hypothesis: str) -> Answer:
        """One of them."""
        return next(answer for answer in self.answers if answer.hypothesis == hypothesis)


def contest(
    judgement: Judgement,
    books: Books,
    cast: Cast,
    operations: dict[str, str],
    rule: HypothesisRule,
) -> Contest:
    """Weigh the answers for one promoted party."""
    weighed = _weigh(judgement, books, cast, operations, rule)
    outside = [piece for piece in weighed if piece.kind != "mail"]
    scores = [
        start * prod(piece.ratios[at] for piece in weighed) for at, start in enumerate(rule.start)
    ]
    total = sum(scores)
    order = sorted(range(len(ANSWERS)), key=lambda at: (-scores[at], at))
    missing = _missing(judgement)
    answers = []
    for rank, at in enumerate(order, 1):
        tells = [piece for piece in weighed if piece.ratios[at] != 1 and piece.diagnosticity > 1]
        answers.append(
            Answer(
                ANSWERS[at],
                rank,
                scores[at] / total if outside else None,
                once(ref for piece in tells if piece.ratios[at] > 1 for ref in piece.references),
                once(ref for piece in tells if piece.ratios[at] < 1 for ref in piece.references),
                missing[ANSWERS[at]],
                "; ".join(
                    f"{'for' if piece.ratios[at] > 1 else 'against'}: {piece.evidence}"
                    for piece in tells
                )
                or "nothing in the case tells",
            )
        )
    return Contest(
        f"Did {judgement.party.name} order the mail that promotes this name?",
        judgement,
        tuple(weighed),
        tuple(answers),
        _confidence(judgement, outside),
    )


def _confidence(judgement: Judgement, outside: Sequence[Weighed]) -> str:
    """High only with a payment: all else is compatible with a client who kept in the dark."""
    found = confidence({piece.kind for piece in outside if piece.diagnosticity > 1})
    return "moderate" if found == "high" and "payment" not in judgement.sorts else found


def _weigh(
    judgement: Judgement,
    books: Books,
    cast: Cast,
    operations: dict[str, str],
    rule: HypothesisRule,
) -> list[Weighed]:
    party = judgement.party
    shown = once(
        ref
        for campaign, praise in party.campaigns.items()
        for ref in (f"campaigns:{campaign}", f"messages:{praise.message_id}")
    )[:10]
    pieces = [
        Weighed("the mail praises it", rule.praise, shown, "mail"),
        Weighed("it goes by a full name", rule.person, shown, "mail")
        if party.is_full_name
        else Weighed("it is a single word, as goods have", rule.brand, shown, "mail"),
    ]
    told = {
        "payment": ("the books name it as who paid", rule.pays),
        "login": ("a login of the server bears its name", rule.login),
        "record": ("a record of the server names it beside a login", rule.record),
    }
    for sort, (evidence, ratios) in told.items():
        found = once(link.hit.passage.reference for link in judgement.links if link.sort == sort)
        if found:
            pieces.append(Weighed(evidence, ratios, found, sort))
    accounts = sorted({(job.server, job.account) for job in judgement.jobs})
    if judgement.relation == NOT_LINKED:
        places = [
            f"{table}:{server}"
            for table in ("accounts", "payments", "entities")
            for server in sorted({server for server, _ in accounts})
        ]
        pieces.append(
            Weighed(
                "it is nowhere on the server that holds the order, outside of the mail",
                rule.not_found,
                tuple(places),
                "search",
            )
        )
    pieces += _payments(judgement, books, cast, rule)
    for server, account in accounts:
        pieces += _customer(judgement, books.jobs_of(server, account), operations, rule)
    return pieces


def _payments(
    judgement: Judgement, books: Books, cast: Cast, rule: HypothesisRule
) -> list[Weighed]:
    """Who paid for the orders."""
    orders = set(judgement.jobs)
    payments = [payment for payment in books.payments if payment.job in orders]
    if not payments:
        return []
    named = [
        claim
        for actor in cast.actors.values()
        for claim in cast.claims_of(actor, "paid_for")
        if any(ref in claim.supporting for payment in payments for ref in payment.references)
    ]
    if named:
        references = once(ref for claim in named for ref in claim.supporting)
        return [
            Weighed("the books name a payer who is not the customer", rule.other_payer,
                    references, "payer")
        ]  # fmt: skip
    if judgement.relation != LINKED:
        references = once(payment.references[0] for payment in payments)
        return [
            Weighed("the customer paid, and the books name nobody behind him", rule.own_payment,
                    references, "payer")
        ]  # fmt: skip
    return []


def _customer(
    judgement: Judgement, jobs: Sequence[Job], operations: dict[str, str], rule: HypothesisRule
) -> list[Weighed]:
    """What the customer orders besides."""
    praised = [job for job in jobs if job in judgement.jobs]
    others = [job for job in jobs if job not in judgement.jobs and job.campaign_id is not None]
    pieces = []
    own = {operations.get(job.campaign_id or "") for job in praised} - {None}
    same = [job for job in others if operations.get(job.campaign_id or "") in own]
    account = jobs[0].account
    if same:
        references = once(job.references[0] for job in same)
        pieces.append(
            Weighed(
                f"other campaigns of {account} sell for the same operation", rule.same_goods,
                references, "orders")
        )  # fmt: skip
    elif others:
        references = once(job.references[0] for job in others)
        pieces.append(
            Weighed(
                f"the other orders of {account} sell other things", rule.other_goods,
                references, "orders")
        )  # fmt: skip
    targets = sorted(job.targets for job in jobs if job not in judgement.jobs and job.targets)
    largest = max((job.targets or 0 for job in praised), default=0)
    if targets and largest >= rule.outsize_times * targets[len(targets) // 2]:
        references = once(job.references[0] for job in praised)
        times = largest / targets[len(targets) // 2]
        pieces.append(
            Weighed(
                f"the order is {times:,.0f} times the median order of {account}", rule.outsize,
                references, "size")
        )  # fmt: skip
    return pieces


def _missing(judgement: Judgement) -> dict[str, tuple[str, ...]]:
    """What would tell, and is not in the case."""
    name = judgement.party.name
    customers = " or ".join(sorted({job.account for job in judgement.jobs})) or "whoever ordered it"
    return {
        PARTY: (
            f"payments by {name} or its staff to {customers}",
            f"messages between {name} and {customers}",
            "who registered the sites that the mail links to",
        ),
        THIRD: (
            f"who {customers} is: subscriber of his login addresses, of his payments",
            f"messages of {customers} with whom he ordered for",
        ),
        DISCREDIT: (
            "who brought the mail to light, and who gained by that",
            f"ties of {customers} to opponents of {name}",
        ),
        OWN: ("who is paid when somebody buys from the sites that the mail links to",),
    }
