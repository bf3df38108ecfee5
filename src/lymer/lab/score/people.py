"""Who in the case is who in the truth: by name or alias, or by an account that is his."""

from collections import defaultdict
from dataclasses import dataclass, field

from lymer.lab.score.both import Both

_ACTORS = "SELECT actor, name, role, linked FROM true_actors"
_ACCOUNTS = "SELECT account, role, actor FROM true_accounts"
_FOUND = "SELECT actor_id, name, aliases, role FROM found_actors"


@dataclass
class Person:
    """An actor of the truth, and the rows of the case's actors that are about the same."""

    actor: str
    name: str
    role: str
    linked: bool
    accounts: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)
    """Role by actor_id."""


def people(both: Both) -> list[Person]:
    """The actors of the truth, each with what the case calls the same."""
    persons = {
        row["actor"]: Person(row["actor"], row["name"], row["role"], row["linked"])
        for row in both.ask(_ACTORS).to_pylist()
    }
    bearers: dict[str, list[Person]] = defaultdict(list)
    for row in both.ask(_ACCOUNTS).to_pylist():
        if row["actor"] in persons:
            persons[row["actor"]].accounts.add(row["account"])
    for person in persons.values():
        for name in {person.name, *person.accounts}:
            bearers[name.casefold()].append(person)
    columns = ("actor_id", "name", "aliases", "role")
    for row in both.ask(_FOUND, actors=columns).to_pylist():
        for name in {row["name"], *(row["aliases"] or ())} - {None}:
            for person in bearers.get(name.casefold(), ()):
                person.found[row["actor_id"]] = row["role"] or ""
    return list(persons.values())
