"""People: who may stand behind it, as claims with their evidence, and the verdict."""

from dataclasses import dataclass

from fastapi import APIRouter

from lymer.console.desk import Row, Snapshot
from lymer.console.pages import Look, add
from lymer.console.showing import page_of

router = APIRouter()

_LOOKED_UP = {
    "botnets": ("botnet_id", "name", "botnet"),
    "campaigns": ("campaign_id", "name", "campaign"),
    "actors": ("actor_id", "name", "actor"),
    "jobs": ("server || '/' || job_id", "title", "job"),
    "accounts": ("server || '/' || account", "account", "account"),
}


@dataclass(frozen=True)
class Node:
    """Something that a claim is about, or that speaks for one."""

    id: str
    kind: str
    name: str
    address: str | None
    role: str | None


@dataclass(frozen=True)
class Edge:
    """A claim between two of them."""

    claim_id: str
    subject: str
    relation: str
    object: str
    likelihood: str | None
    confidence: str | None


@dataclass(frozen=True)
class Graph:
    """Actors, what is claimed of them, and what it is claimed about."""

    nodes: list[Node]
    edges: list[Edge]


@dataclass(frozen=True)
class People:
    """The verdict, the actors, the claims and the hypotheses."""

    verdict: list[Row]
    actors: list[Row]
    claims: list[Row]
    hypotheses: list[Row]
    timeline: list[Row]
    graph: Graph
    names: dict[str, Node]


@dataclass(frozen=True)
class Person:
    """One actor: its roles and every claim about it."""

    actor: Row
    claims: list[Row]
    graph: Graph
    names: dict[str, Node]
    profiles: list[Row]


def people(look: Look) -> People:
    """The verdict, the graph of actors, claims and evidence, hypotheses side by side."""
    claims = look.rows("claims", "true ORDER BY claim_id LIMIT 500")
    actors = look.rows("actors", "true ORDER BY role, name, actor_id LIMIT 500")
    names = _names(look, claims, actors)
    return People(
        verdict=look.rows("verdict", "true ORDER BY position"),
        actors=actors,
        claims=claims,
        hypotheses=look.rows("hypotheses", "true ORDER BY question, rank"),
        timeline=look.rows("timeline", 'true ORDER BY "at" NULLS LAST, kind, "key" LIMIT 300'),
        graph=_graph(claims, names),
        names=names,
    )


def person(look: Look, actor_id: str) -> Person:
    """One actor, and every claim about it with what speaks for and against."""
    row = look.find("actors", "actor_id", actor_id)
    claims = look.rows(
        "claims",
        'subject = $id OR "object" = $id ORDER BY claim_id LIMIT 200',
        id=row["actor_id"],
    )
    names = _names(look, claims, [row])
    return Person(
        row,
        claims,
        _graph(claims, names),
        names,
        look.rows("profiles", "actor_id = $id", id=row["actor_id"]),
    )


def _names(look: Snapshot, claims: list[Row], actors: list[Row]) -> dict[str, Node]:
    """What the ids in the claims stand for, by id."""
    ids = {str(claim[side]) for claim in claims for side in ("subject", "object") if claim[side]}
    found: dict[str, Node] = {}
    for table, (key, name, kind) in _LOOKED_UP.items():
        for row in _rows(look, table, key, sorted(ids)):
            one = row["id_now"]
            found[one] = Node(
                one, kind, str(row[name] or one), page_of(f"{table}:{one}"), row.get("role")
            )
    for row in actors:
        found.setdefault(
            row["actor_id"],
            Node(
                row["actor_id"], "actor", row["name"], page_of(f"actors:{row['actor_id']}"),
                row["role"],
            ),
        )  # fmt: skip
    for one in sorted(ids - set(found)):
        found[one] = Node(one, "other", one, None, None)
    return found


def _rows(look: Snapshot, table: str, key: str, ids: list[str]) -> list[Row]:
    if table not in look.filled:
        return []
    return look.ask(
        f'SELECT *, {key} AS id_now FROM "{table}" WHERE id_now IN (SELECT unnest($ids))',
        {"ids": ids},
    )


def _graph(claims: list[Row], names: dict[str, Node]) -> Graph:
    edges = [
        Edge(
            claim["claim_id"], claim["subject"], claim["relation"], claim["object"],
            claim["likelihood"], claim["confidence"],
        )
        for claim in claims
        if claim["subject"] and claim["object"]
    ]  # fmt: skip
    return Graph([names[one] for one in sorted(names)], edges)


add(router, "/people", "people", people)
add(router, "/people/{actor_id}", "person", person)
