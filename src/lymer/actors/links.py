"""Whether a promoted party is linked to the order of the mail that praises it.

Content never links. What does: the party named as who pays for an order; a login of its own; its
full name in what is registered of an account. Its full name elsewhere on the server is a lead to
look at, and leaves the question open. Nothing found where the order itself was found is
the result `not_linked`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lymer.actors.books import Books, Job
from lymer.actors.names import find_name
from lymer.actors.payers import direction_of, names_an_office, names_in
from lymer.actors.promoted import Promoted
from lymer.actors.search import Findings, Hit

LINKED = "linked"
NOT_LINKED = "not_linked"
UNKNOWN = "unknown"

_LOGS = ("log", "access log")
"""A name in there may be a recipient's."""


@dataclass(frozen=True)
class Link:
    """A hit that ties a party to an account."""

    hit: Hit
    sort: str
    """payment, login, record."""
    accounts: tuple[tuple[str, str], ...]
    """Server and login."""
    job: Job | None
    """The order that the payment was for."""
    is_by_another: bool = False
    """The note names somebody else who paid, on the party's behalf."""


@dataclass(frozen=True)
class Judgement:
    """What the search comes to for one party."""

    party: Promoted
    relation: str
    jobs: tuple[Job, ...]
    """The orders of the mail that praises it."""
    links: tuple[Link, ...] = ()
    leads: tuple[Hit, ...] = ()
    """Its name on the server, tied to nothing."""
    left_out: int = 0
    searched: str = ""
    findings: Findings | None = field(default=None, hash=False)

    @property
    def sorts(self) -> set[str]:
        """What sorts of links there are."""
        return {link.sort for link in self.links}


def judge(party: Promoted, books: Books, findings: Findings) -> Judgement:
    """Weigh what was found of one party."""
    jobs = books.jobs_for(list(party.campaigns), party.words[-1])
    ordering = {(job.server, job.account) for job in jobs}
    hits = findings.hits[party.words]
    links = [link for hit in hits if (link := _link(hit, party, books, ordering)) is not None]
    tied = {link.hit.passage.reference for link in links}
    leads = [
        hit
        for hit in hits
        if hit.passage.reference not in tied
        and (hit.how != "word" or _is_of_its_office(hit))
        and hit.passage.kind not in _LOGS
        and not _names_the_order(hit, party)
    ]
    is_searched = any(searched.is_something for searched in findings.searched)
    if any(not ordering or set(link.accounts) & ordering for link in links):
        relation = LINKED
    elif leads or links or not jobs or not is_searched:
        relation = UNKNOWN
    else:
        relation = NOT_LINKED
    return Judgement(
        party,
        relation,
        tuple(jobs),
        tuple(links),
        tuple(leads),
        findings.left_out[party.words],
        "; ".join(str(searched) for searched in findings.searched if searched.is_something),
        findings,
    )


def _link(hit: Hit, party: Promoted, books: Books, ordering: set[tuple[str, str]]) -> Link | None:
    """The hit as a link, if it is one."""
    if hit.passage.where == "payment":
        return _of_payment(hit, party, books)
    if hit.passage.where == "login":
        # A seller's login may be his brand's name; of a person's name one word is too little,
        # unless that very account ordered the mail.
        is_own = hit.how != "word" or not party.is_full_name or hit.passage.account in ordering
        return (
            Link(hit, "login", (hit.passage.account,), None)
            if hit.passage.account and is_own
            else None
        )
    if hit.how == "word":
        return None
    return Link(hit, "record", hit.passage.registered, None) if hit.passage.registered else None


def _of_payment(hit: Hit, party: Promoted, books: Books) -> Link | None:
    """A payment by the party. A note of what the payment is for names the order, not who paid."""
    account = hit.passage.account
    direction = direction_of(hit.passage.text, _first_in(hit.passage.text, party.words))
    if account is None or direction == "for" or (hit.how == "word" and direction != "from"):
        return None
    payment = next(p for p in books.payments if p.references[0] == hit.passage.reference)
    others = [named for named in names_in(payment) if find_name(party.words, named.name) is None]
    return Link(hit, "payment", (account,), payment.job, bool(others))


def _names_the_order(hit: Hit, party: Promoted) -> bool:
    """Whether a note says what a payment is for: that is the order's name, not a lead."""
    word = _first_in(hit.passage.text, party.words)
    return hit.passage.where == "payment" and direction_of(hit.passage.text, word) == "for"


def _is_of_its_office(hit: Hit) -> bool:
    """Whether one word of the name stands with an office in a payment's note."""
    return hit.passage.where == "payment" and names_an_office(hit.passage.text)


def _first_in(text: str, words: Sequence[str]) -> str:
    folded = text.casefold()
    return min(words, key=lambda word: (folded.find(word) < 0, folded.find(word)))
