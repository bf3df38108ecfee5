"""Who may stand behind it: claims with what speaks for and against them, never facts."""

from typing import Any

from lymer.reports.document import Block, Column, Figure, Finding, Grid, Section, Text, rows_of
from lymer.reports.figures import Edge, Node, draw_graph
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import moment, several
from lymer.reports.sources import Sources

_SHOWN = 25
_TIMES_SHOWN = 40

_ACTORS = f"""
SELECT actor_id, left(name, 400) AS name, aliases[1:8] AS aliases, role, why
FROM actors
ORDER BY list_position(['operator', 'customer', 'payer', 'promoted', 'bystander', 'unknown'], role)
         NULLS LAST, actor_id
LIMIT {_SHOWN}
"""
_CLAIMS = f"""
SELECT claim_id, subject, relation, object, likelihood, confidence, supporting, contradicting,
       source_grade, why
FROM claims
ORDER BY list_position(['operates', 'ordered', 'paid_for', 'holds_account', 'promoted_by',
                        'linked', 'not_linked', 'unknown'], relation) NULLS LAST, claim_id
LIMIT {_SHOWN}
"""
_HYPOTHESES = """
SELECT question, hypothesis, rank, supporting, contradicting, missing, likelihood, confidence, why
FROM hypotheses ORDER BY question, rank NULLS LAST, hypothesis
"""
_TIMELINE = f"""
SELECT at, kind, left(what, 600) AS what, "table", key
FROM timeline ORDER BY at NULLS LAST, kind, what, key LIMIT {_TIMES_SHOWN}
"""
_RELATIONS = {
    "operates": "operates",
    "holds_account": "holds the account",
    "ordered": "ordered",
    "paid_for": "paid for",
    "promoted_by": "is promoted by",
    "linked": "is linked to",
    "not_linked": "is not linked to",
    "unknown": "may or may not be linked to",
}


def people(sources: Sources) -> Section | None:
    """None where nothing was weighed: the verdict and the limits say so."""
    if not sources.holds("actors"):
        return None
    q, actors = sources.ask("actors and their roles", _ACTORS)
    names = {r["actor_id"]: defanged(r["name"], 60) or str(r["actor_id"]) for r in actors}
    blocks: list[Block] = [
        Text(
            "Operator, customer, promoted party and payer are four different claims. To be praised "
            "or sold in a mail makes nobody its sender. Likelihood says how probable a claim is; "
            "confidence says how good the sources for that judgement are.",
            (q,),
        ),
        Grid(
            "Actors",
            (
                Column("name", share=3),
                Column("role", share=1),
                Column("also seen as", "code", 3),
                Column("why", share=5),
            ),
            rows_of(
                [
                    (
                        names[r["actor_id"]],
                        harmless(r["role"], NAME_LENGTH),
                        ", ".join(defanged(a, 60) for a in r["aliases"] or ()) or "–",
                        defanged(r["why"], 300),
                    )
                    for r in actors
                ]
            ),
            (q,),
        ),
    ]
    blocks += _claims(sources, actors, names)
    parts = (_hypotheses(sources), _timeline(sources))
    return Section("people", "People", tuple(blocks), tuple(filter(None, parts)))


def _claims(sources: Sources, actors: list[dict[str, Any]], names: dict[str, str]) -> list[Block]:
    if not sources.holds("claims"):
        return []
    q, rows = sources.ask("claims", _CLAIMS)
    drawn = [r for r in rows if r["relation"] != "unknown"]
    roles = {r["actor_id"]: str(r["role"]) for r in actors}
    objects = {
        str(r["object"]): names.get(r["object"], defanged(r["object"], 40))
        for r in drawn
        if r["object"] not in roles
    }
    nodes = [Node(key, names[key], roles[key]) for key in names]
    nodes += [Node(key, label, "thing") for key, label in objects.items()]
    edges = [
        Edge(
            str(r["subject"]),
            str(r["object"]),
            _RELATIONS.get(r["relation"], harmless(r["relation"], 40)),
            is_denied=r["relation"] == "not_linked",
        )
        for r in drawn
        if r["subject"] in roles
    ]
    blocks: list[Block] = []
    if edges:
        blocks.append(
            Figure(
                "Claims between people and things. A dashed line is a claim that there is no link.",
                draw_graph(nodes, edges),
                "Claims: "
                + "; ".join(
                    f"{names.get(e.source, e.source)} {e.label} "
                    f"{names.get(e.target) or objects.get(e.target, e.target)}"
                    for e in edges[:10]
                ),
                (q,),
            )
        )
    for r in rows:
        subject = names.get(r["subject"], defanged(r["subject"], 60))
        target = names.get(r["object"], defanged(r["object"], 60))
        relation = _RELATIONS.get(r["relation"], harmless(r["relation"], 40))
        evidence = [f"for: {defanged(e, NAME_LENGTH)}" for e in (r["supporting"] or ())[:8]]
        evidence += [f"against: {defanged(e, NAME_LENGTH)}" for e in (r["contradicting"] or ())[:8]]
        if r["source_grade"]:
            evidence.append(f"source graded {harmless(r['source_grade'], 20)} (Admiralty)")
        blocks.append(
            Finding(
                topic=harmless(r["claim_id"], NAME_LENGTH),
                statement=f"{subject} {relation} {target}".rstrip() + ".",
                likelihood=harmless(r["likelihood"], NAME_LENGTH),
                confidence=harmless(r["confidence"], NAME_LENGTH),
                why=defanged(r["why"], 500),
                evidence=tuple(evidence),
                sources=(q,),
                is_established=r["relation"] != "unknown",
            )
        )
    return blocks


def _hypotheses(sources: Sources) -> Section | None:
    if not sources.holds("hypotheses"):
        return None
    q, rows = sources.ask("competing hypotheses", _HYPOTHESES)
    return Section(
        "hypotheses",
        "Competing hypotheses",
        (
            Text(
                "Side by side: what speaks for and against each, and what would decide. The one "
                "with least against it stands first.",
                (q,),
            ),
            *(
                Grid(
                    defanged(question, 300),
                    (
                        Column("hypothesis", share=4),
                        Column("likelihood", share=2),
                        Column("for", "number"),
                        Column("against", "number"),
                        Column("missing", share=4),
                        Column("why", share=5),
                    ),
                    rows_of(
                        [
                            (
                                defanged(r["hypothesis"], 300),
                                harmless(r["likelihood"], NAME_LENGTH) or "–",
                                _number_of(r["supporting"]),
                                _number_of(r["contradicting"]),
                                _joined(r["missing"]),
                                defanged(r["why"], 400),
                            )
                            for r in rows
                            if r["question"] == question
                        ]
                    ),
                    (q,),
                )
                for question in dict.fromkeys(r["question"] for r in rows)
            ),
        ),
    )


def _timeline(sources: Sources) -> Section | None:
    if not sources.holds("timeline"):
        return None
    q, rows = sources.ask("what happened when", _TIMELINE)
    return Section(
        "timeline",
        "Timeline",
        (
            Grid(
                f"What happened when (UTC): the first {several(len(rows), 'event')}",
                (
                    Column("at", share=3),
                    Column("kind", share=2),
                    Column("what", share=6),
                    Column("row", "code", 3),
                ),
                rows_of(
                    [
                        (
                            moment(r["at"]),
                            harmless(r["kind"], NAME_LENGTH),
                            defanged(r["what"], 300),
                            harmless(f"{r['table']}:{r['key']}", NAME_LENGTH),
                        )
                        for r in rows
                    ]
                ),
                (q,),
            ),
        ),
    )


def _number_of(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else harmless(value, 40) or "–"


def _joined(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return "; ".join(defanged(part, 200) for part in parts[:6] if part) or "–"
