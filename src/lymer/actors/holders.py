"""Who runs the server and who orders from it: the holders of its accounts, and other hands.

An operator is told by privilege, and by his handle where only he leaves one: in configuration,
source, shell accounts and histories. Whoever else leaves such handles works on the server; whether
he is a second person or another name of the operator is not known. The holders of all other
accounts that ordered something are customers.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import duckdb

from lymer.actors.books import Account, Books, Job
from lymer.actors.cast import CUSTOMER, OPERATOR, UNKNOWN, Actor, Cast, Claim, digest, once
from lymer.actors.likelihoods import BOOKS, SERVER, confidence, in_words
from lymer.engine import answer

_HANDS = {
    "config": "configuration",
    "source": "source",
    "accounts": "shell accounts",
    "history": "shell history",
    "notes": "notes",
    "key": "keys",
}
"""Kinds of artifacts in which only those who work on a server leave handles."""

_OWN = frozenset({"config", "source", "accounts", "history"})
"""Of these, the ones where nobody notes a customer's login."""

_SYSTEM = frozenset(
    re.findall(
        r"\S+",
        "root daemon bin sys adm sync games man lp mail news uucp proxy www www-data apache nginx "
        "mysql postgres nobody backup list irc ftp sshd syslog",
    )
)
"""Handles that every server has: nobody's name."""

# Of a handle that may be somebody's: shorter ones are words of a program.
_LEAST_LETTERS = 3


@dataclass(frozen=True)
class HolderRule:
    """How likely it is that somebody runs a server. Judgements, not measured."""

    privileged: float = 0.75
    """By privilege alone: a trusted customer may have it."""
    each_hand: float = 0.08
    """More for every kind of artifact where his handle stands."""
    most: float = 0.97
    hand: float = 0.5
    """Of a handle without an account: a second person, a hired one, or another name."""
    least_hands: int = 2
    """Kinds of artifacts that make a handle that of somebody who works there: one comment may
    quote anybody."""


@dataclass
class _Handle:
    """Where a handle stands."""

    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """References, by kind of artifact."""
    addresses: dict[str, str] = field(default_factory=dict)
    """Mail addresses with the handle before the @, and where."""


_HANDLES = """
SELECT a.server, a.kind AS artifact_kind, a.path, e.artifact_id, e.kind, e.value, e.position
FROM entities e JOIN artifacts a ON a.artifact_id = e.artifact_id
WHERE e.kind IN ('handle', 'address') AND a.kind IN (SELECT unnest($kinds))
ORDER BY a.server, a.kind, a.path, e.position, e.kind, e.value
"""


def find_holders(
    connection: duckdb.DuckDBPyConnection, books: Books, cast: Cast, rule: HolderRule
) -> None:
    """Add operators, customers and other hands to `cast`, with what is claimed of them."""
    handles = _gather_handles(connection)
    botnets = _botnets_of(connection)
    named = {account.server for account in books.accounts if account.account not in _SYSTEM}
    for account in books.accounts:
        if account.account in _SYSTEM and not account.job_count and account.server in named:
            continue
        hands = handles.get((account.server, account.account.casefold()), _Handle())
        jobs = books.jobs_of(account.server, account.account)
        is_operator = account.is_privileged or len(_OWN & set(hands.places)) >= rule.least_hands
        role = OPERATOR if is_operator else CUSTOMER if jobs else UNKNOWN
        actor = _hold(cast, account, role)
        for address, where in hands.addresses.items():
            actor.aliases[address] = f"address with his login, in {where}"
        if role == OPERATOR:
            _claim_operation(cast, actor, account, hands, botnets, rule)
        _claim_orders(cast, actor, jobs)
    _add_hands(books, cast, handles, rule)


def _gather_handles(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], _Handle]:
    """Handles by server and lower case."""
    handles: dict[tuple[str, str], _Handle] = defaultdict(_Handle)
    rows = answer(connection, _HANDLES, {"kinds": list(_HANDS)}).to_pylist()
    for row in rows:
        if row["kind"] == "handle":
            key = (row["server"], row["value"].casefold())
            handles[key].places[row["artifact_kind"]].append(
                f"{row['artifact_id']}#{row['position']}"
            )
    for row in rows:
        if row["kind"] == "address":
            local = row["value"].split("@")[0].casefold()
            if (row["server"], local) in handles:
                handles[row["server"], local].addresses[row["value"]] = row["path"]
    return dict(handles)


_COVERED = """
SELECT b.botnet_id, c.server, max(c.share) AS share
FROM coverage c
JOIN botnets b ON c.subject IN (
    'bots of botnet ' || b.botnet_id, 'campaigns of botnet ' || b.botnet_id)
WHERE c.covered > 0
GROUP BY b.botnet_id, c.server ORDER BY b.botnet_id
"""


def _botnets_of(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, float]]]:
    """Botnets whose bots or campaigns are in a server's books, with the share that is."""
    covered: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in answer(connection, _COVERED).to_pylist():
        covered[row["server"]].append((row["botnet_id"], row["share"] or 0.0))
    return covered


def _hold(cast: Cast, account: Account, role: str) -> Actor:
    """The actor who holds an account: one for each, until something joins two."""
    actor = Actor("a-" + digest("account", account.server, account.account), account.account, role)
    actor.accounts.add((account.server, account.account))
    actor.reasons.append(f"holds the account {account.account} on {account.server}")
    cast.actors[actor.actor_id] = actor
    cast.claims.append(
        Claim(
            actor.actor_id,
            "holds_account",
            account.key,
            in_words(0.97),
            "high",
            once([account.reference]),
            (),
            BOOKS,
            "the actor is whoever uses this login; that it is one person is assumed",
        )
    )
    return actor


def _claim_operation(
    cast: Cast,
    actor: Actor,
    account: Account,
    hands: _Handle,
    botnets: dict[str, list[tuple[str, float]]],
    rule: HolderRule,
) -> None:
    places = [_HANDS[kind] for kind in hands.places]
    base = rule.privileged if account.is_privileged else rule.hand
    share = min(rule.most, base + rule.each_hand * len(places))
    reasons = []
    if account.is_privileged:
        reasons.append(f"privilege of the account ({account.privilege or account.why})")
    if places:
        reasons.append("his handle stands in " + ", ".join(places))
    told = "; ".join(reasons)
    actor.reasons.append(f"operator by {told}")
    supporting = once(
        [account.reference, *(ref for refs in hands.places.values() for ref in refs[:3])]
    )
    for target, covered in [(account.server, 1.0), *botnets.get(account.server, [])]:
        extra = "" if target == account.server else f"; its books hold {covered:.0%} of this botnet"
        cast.claims.append(
            Claim(
                actor.actor_id,
                "operates",
                target,
                in_words(share),
                confidence([*(["privilege"] * account.is_privileged), *hands.places]),
                supporting,
                (),
                BOOKS if places else SERVER,
                told + extra,
            )
        )


def _claim_orders(cast: Cast, actor: Actor, jobs: list[Job]) -> None:
    """That he ordered each campaign that his jobs are joined to, and each job that is not."""
    by_object: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_object[job.campaign_id or job.key].append(job)
    if jobs:
        actor.reasons.append(f"{len(jobs)} orders in the books")
    for target, ordered in by_object.items():
        joined = ordered[0].campaign_id is not None
        shares = [job.members_share for job in ordered if job.members_share is not None]
        explained = (
            f", whose templates explain up to {max(shares):.0%} of its mail" if shares else ""
        )
        cast.claims.append(
            Claim(
                actor.actor_id,
                "ordered",
                target,
                in_words(0.9),
                confidence(
                    ["books", *(["mail"] if joined else []), *(["template"] * bool(shares))]
                ),
                once(
                    [
                        *(ref for job in ordered for ref in job.references),
                        *([f"campaigns:{target}"] if joined else []),
                    ]
                ),
                (),
                ordered[0].grade,
                f"{len(ordered)} orders of his account ("
                + ", ".join(job.job_id for job in ordered[:6])
                + f"){explained}; the account ordered, for himself or for somebody else",
            )
        )


def _add_hands(
    books: Books, cast: Cast, handles: dict[tuple[str, str], _Handle], rule: HolderRule
) -> None:
    """Handles of people without an account who work on the server."""
    logins = {(account.server, account.account.casefold()) for account in books.accounts}
    for (server, handle), found in sorted(handles.items()):
        if (
            (server, handle) in logins
            or handle in _SYSTEM
            or len(handle) < _LEAST_LETTERS
            or len(found.places) < rule.least_hands
        ):
            continue
        places = ", ".join(_HANDS[kind] for kind in found.places)
        actor = Actor("a-" + digest("handle", server, handle), handle, UNKNOWN)
        actor.reasons.append(
            f"works on {server}: the handle stands in {places}; a second person, or another name "
            "of the operator"
        )
        for address, where in found.addresses.items():
            actor.aliases[address] = f"address with the handle, in {where}"
        cast.actors[actor.actor_id] = actor
        cast.claims.append(
            Claim(
                actor.actor_id,
                "operates",
                server,
                in_words(rule.hand),
                confidence(found.places),
                once(ref for refs in found.places.values() for ref in refs[:3]),
                (),
                SERVER,
                f"his handle stands in {places}; no account of the books is his",
            )
        )
