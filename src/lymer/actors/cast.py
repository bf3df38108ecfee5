"""Who is in the case, and what is claimed of him: actors and claims while they are collected."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

OPERATOR = "operator"
CUSTOMER = "customer"
PROMOTED = "promoted"
PAYER = "payer"
UNKNOWN = "unknown"


@dataclass
class Actor:
    """Somebody under his names."""

    actor_id: str
    name: str
    role: str
    aliases: dict[str, str] = field(default_factory=dict)
    """Each with the reason why it is his."""
    reasons: list[str] = field(default_factory=list)
    accounts: set[tuple[str, str]] = field(default_factory=set)
    """Server and account."""

    @property
    def why(self) -> str:
        """What makes him this, and his aliases his."""
        aliases = [f"also {alias}: {reason}" for alias, reason in sorted(self.aliases.items())]
        return "; ".join([*self.reasons, *aliases])


@dataclass(frozen=True)
class Claim:
    """What is claimed of an actor."""

    subject: str
    relation: str
    object: str
    likelihood: str | None
    confidence: str
    supporting: tuple[str, ...]
    contradicting: tuple[str, ...]
    source_grade: str
    why: str

    @property
    def claim_id(self) -> str:
        """The same for the same claim, whatever the evidence for it."""
        return "k-" + digest(self.subject, self.relation, self.object)


def digest(*parts: str) -> str:
    """12 hex digits, the same for the same parts."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def once(references: Iterable[str]) -> tuple[str, ...]:
    """References without repeats, in their order."""
    return tuple(dict.fromkeys(references))


@dataclass
class Cast:
    """All actors and claims of a case."""

    actors: dict[str, Actor] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)

    def of_account(self, server: str, account: str) -> Actor | None:
        """Who holds an account."""
        return next(
            (actor for actor in self.actors.values() if (server, account) in actor.accounts), None
        )

    def with_role(self, role: str) -> list[Actor]:
        """All of one role, in the order of their names."""
        return sorted(
            (actor for actor in self.actors.values() if actor.role == role),
            key=lambda actor: (actor.name, actor.actor_id),
        )

    def claims_of(self, actor: Actor, *relations: str) -> list[Claim]:
        """What is claimed of an actor, by relation."""
        return [
            claim
            for claim in self.claims
            if claim.subject == actor.actor_id and claim.relation in relations
        ]
