"""People: who may stand behind it, as claims with their evidence, and the verdict."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter
from markupsafe import Markup

from lymer.console import drawing
from lymer.console.desk import Row, Snapshot
from lymer.console.pages import Look, add
from lymer.console.showing import harmless, page_of, plain

router = APIRouter()

# Who is named by what mail, or has which login, is in the lists: drawn, it would hide the rest.
_ASIDE = ("promoted_by", "unknown", "holds_account")
# More than can be told apart by the eye.
_EDGES = 80

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

    @property
    def picture(self) -> Markup:
        """The graph, drawn."""
        return drawn(self.graph)


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
    claims = look.rows("claims", "true ORDER BY subject, relation, claim_id LIMIT 1000")
    actors = look.rows("actors", "true ORDER BY role, name, actor_id LIMIT 500")
    names = _names(look, claims, actors)
    return People(
        verdict=look.rows("verdict", "true ORDER BY position"),
        actors=actors,
        claims=claims,
        hypotheses=look.rows("hypotheses", "true ORDER BY question, rank"),
        timeline=look.rows(
            "timeline", "true ORDER BY happened_at NULLS LAST, kind, row_key LIMIT 300"
        ),
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


def drawn(graph: Graph) -> Markup:
    """The graph: people at the left, deeds in the middle, whom the mail promotes at the right."""
    spots = [
        drawing.Spot(
            node.id,
            {"promoted": 2, None: 1}.get(node.role, 0) if node.kind == "actor" else 1,
            harmless(node.name, 80),
            f"n-{node.role or 'unknown'}" if node.kind == "actor" else f"n-{node.kind}",
            node.address,
        )
        for node in graph.nodes
    ]
    # That a mail names somebody is in the line that says whether he is linked to its order.
    judged = {(edge.subject, edge.object) for edge in graph.edges if edge.relation != "promoted_by"}
    ties = [
        drawing.Tie(
            edge.subject, edge.object, f"r-{plain(edge.relation, 20)}",
            ", ".join(
                plain(word, 80)
                for word in (
                    edge.relation.replace("_", " "),
                    edge.likelihood,
                    f"{edge.confidence} confidence" if edge.confidence else None,
                )
                if word
            ),
            f"#{quote(edge.claim_id)}",
        )
        for edge in graph.edges
        if edge.relation != "promoted_by" or (edge.subject, edge.object) not in judged
    ]  # fmt: skip
    return drawing.graph(spots, ties)


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
        one = row["actor_id"]
        name = str(row["name"] or one)
        found.setdefault(one, Node(one, "actor", name, page_of(f"actors:{one}"), row["role"]))
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
    """The claims that tie people to deeds, and what else is claimed of these people."""
    telling = [claim for claim in claims if claim["relation"] not in _ASIDE]
    drawn = {claim["subject"] for claim in telling} | {claim["object"] for claim in telling}
    chosen = [
        claim
        for claim in claims
        if claim in telling
        or (claim["relation"] == "promoted_by" and claim["subject"] in drawn)
        or not telling
    ][:_EDGES]
    edges = [
        Edge(
            claim["claim_id"], claim["subject"], claim["relation"], claim["object"],
            claim["likelihood"], claim["confidence"],
        )
        for claim in chosen
        if claim["subject"] and claim["object"] and claim["relation"] != "holds_account"
    ]  # fmt: skip
    ends = sorted({end for edge in edges for end in (edge.subject, edge.object)})
    return Graph([names[one] for one in ends], edges)


add(router, "/people", "people", people)
add(router, "/people/{actor_id}", "person", person)
