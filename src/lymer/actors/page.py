"""A page of the verdict: what it is about, one line of it, and how it says numbers and names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lymer.actors.books import Job
from lymer.actors.cast import Actor, Claim
from lymer.actors.hypotheses import Contest

MOST_NAMES = 4
"""Names in one statement: a page is read in a minute."""

_LIKELIER = (
    "almost certain",
    "very likely",
    "likely",
    "roughly even chance",
    "unlikely",
    "very unlikely",
    "almost no chance",
)


@dataclass(frozen=True)
class Line:
    """One row of VERDICT but for its position."""

    topic: str
    statement: str
    likelihood: str | None
    confidence: str | None
    evidence: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class PageMail:
    """What the page is about."""

    campaigns: tuple[str, ...]
    subject: str
    message_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    total_campaigns: int
    total_messages: int
    jobs: tuple[Job, ...]
    held: Contest | None
    """Of the party that it promotes; None where none could be told."""


def called(actor: Actor) -> str:
    """A name with an alias or two."""
    aliases = sorted(actor.aliases)[:2]
    return f"{actor.name} (also {', '.join(aliases)})" if aliases else actor.name


def listed(names: Iterable[str]) -> str:
    """A few names, and how many more."""
    all_names = list(dict.fromkeys(names))
    shown = all_names[:MOST_NAMES]
    rest = len(all_names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def likeliest(claims: Iterable[Claim]) -> str | None:
    said = {claim.likelihood for claim in claims}
    return next((word for word in _LIKELIER if word in said), None)


def surest(claims: Iterable[Claim]) -> str:
    said = {claim.confidence for claim in claims}
    return next(word for word in ("high", "moderate", "low") if word in said or word == "low")


def span(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None:
        return "at times unknown"
    if first.date() == last.date():
        return f"on {first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def large(number: float) -> str:
    """A number of mails as it is spoken."""
    return f"{number / 1e6:,.1f} million" if number >= 1e6 else f"{number:,.0f}"


def short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def total_of(values: Iterable[int | None]) -> int:
    return sum(value for value in values if value is not None)
