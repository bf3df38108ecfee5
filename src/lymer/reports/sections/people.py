"""Who may stand behind it: claims with what speaks for and against them, never facts."""

from typing import Any

from lymer.reports.document import Block, Column, Figure, Grid, Section, Text, rows_of
from lymer.reports.figures import Edge, Node, draw_graph
from lymer.reports.harmless import NAME_LENGTH, defanged, harmless
from lymer.reports.numbers import moment
from lymer.reports.sources import Sources

_SHOWN = 25
_CLAIMS_SHOWN = 45
_QUESTIONS_SHOWN = 3
_TIMES_SHOWN = 40

_ACTORS = f"""
SELECT actor_id, left(name, 400) AS name, aliases[1:8] AS aliases, role, why,
       CAST(count(*) OVER () AS BIGINT) AS actors
FROM actors
ORDER BY list_position(['operator', 'customer', 'payer', 'promoted', 'bystander', 'unknown'], role)
         NULLS LAST, actor_id
LIMIT {_SHOWN}
"""
_CLAIMS = f"""
WITH asked AS (
    SELECT DISTINCT h.subject FROM verdict v, hypotheses h
    WHERE list_contains(v.evidence, 'hypotheses:' || h.question)
)
SELECT c.claim_id, c.subject, left(a.name, 400) AS name, a.role, c.relation, c.object,
       left(o.name, 400) AS object_name, o.role AS object_role, c.likelihood, c.confidence,
       c.supporting, c.contradicting, c.source_grade, left(c.why, 1200) AS why,
       coalesce(c.subject IN (FROM asked), false) AS is_asked,
       CAST(count(*) OVER () AS BIGINT) AS claims
FROM claims c
LEFT JOIN actors a ON a.actor_id = c.subject
LEFT JOIN actors o ON o.actor_id = c.object
ORDER BY is_asked DESC,
         list_position(['operates', 'linked', 'paid_for', 'ordered', 'holds_account', 'not_linked',
                        'unknown', 'promoted_by'], c.relation) NULLS LAST, c.claim_id
LIMIT {_CLAIMS_SHOWN}
"""
# Of the denied links the one that everybody asks for: a case may praise many names.
_LINKS = """
WITH asked AS (
    SELECT DISTINCT h.subject FROM verdict v, hypotheses h
    WHERE list_contains(v.evidence, 'hypotheses:' || h.question)
)
SELECT c.subject, left(a.name, 400) AS name, a.role, c.relation, c.object,
       left(o.name, 400) AS object_name, o.role AS object_role
FROM claims c
JOIN actors a ON a.actor_id = c.subject
LEFT JOIN actors o ON o.actor_id = c.object
WHERE c.relation IN ('operates', 'linked', 'paid_for', 'ordered')
   OR (c.relation = 'not_linked' AND c.subject IN (FROM asked))
ORDER BY list_position(['not_linked', 'linked', 'operates', 'paid_for', 'ordered'], c.relation),
         c.claim_id
LIMIT 2000
"""
_HYPOTHESES = f"""
WITH asked AS (SELECT DISTINCT unnest(evidence) AS evidence FROM verdict)
SELECT question, hypothesis, rank, supporting, contradicting, missing, likelihood, confidence, why
FROM hypotheses h LEFT JOIN asked a ON a.evidence = 'hypotheses:' || h.question
QUALIFY dense_rank() OVER (ORDER BY a.evidence IS NULL, question) <= {_QUESTIONS_SHOWN}
ORDER BY a.evidence IS NULL, question, rank NULLS LAST, hypothesis
"""
# What happened on a server before what the campaigns' figure shows already.
_TIMELINE = f"""
SELECT happened_at, kind, left(what, 600) AS what, table_name, row_key,
       CAST(count(*) OVER () AS BIGINT) AS events
FROM timeline
QUALIFY row_number() OVER (
    ORDER BY kind = 'mail', happened_at NULLS LAST, kind, what, table_name, row_key
) <= {_TIMES_SHOWN}
ORDER BY happened_at NULLS LAST, kind, what, table_name, row_key
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
    blocks: list[Block] = [
        Text(
            "Operator, customer, promoted party and payer are four different claims. To be praised "
            "or sold in a mail makes nobody its sender. Likelihood says how probable a claim is; "
            "confidence says how good the sources for that judgement are.",
            (q,),
        ),
        Grid(
            f"Actors: {_of(actors, 'actors')}",
            (
                Column("name", share=3),
                Column("role", share=1),
                Column("also seen as", "code", 3),
                Column("why", share=5),
            ),
            rows_of(
                [
                    (
                        defanged(r["name"], 60) or harmless(r["actor_id"], 40),
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
    blocks += _claims(sources)
    parts = (_hypotheses(sources), _timeline(sources))
    return Section("people", "People", tuple(blocks), tuple(filter(None, parts)))


def _claims(sources: Sources) -> list[Block]:
    if not sources.holds("claims"):
        return []
    q, rows = sources.ask("claims between people and things", _LINKS)
    nodes: dict[str, Node] = {}
    edges = []
    for r in rows:
        nodes[r["subject"]] = Node(r["subject"], _subject(r), harmless(r["role"], 20))
        role = harmless(r["object_role"], 20) or "thing"
        nodes[r["object"]] = Node(r["object"], _object(r), role)
        is_denied = r["relation"] == "not_linked"
        edges.append(Edge(r["subject"], r["object"], _relation(r), is_denied))
    blocks: list[Block] = []
    if edges:
        blocks.append(
            Figure(
                "Claims between people and things: who operates, ordered, paid or is linked, in "
                "how many claims; up to three of each person are drawn. A dashed line is a claim "
                "that there is no link.",
                draw_graph(list(nodes.values()), edges),
                "Claims: "
                + "; ".join(
                    f"{nodes[e.source].label} {e.label} {nodes[e.target].label}" for e in edges[:10]
                ),
                (q,),
            )
        )
    q, rows = sources.ask("claims", _CLAIMS)
    blocks.append(
        Grid(
            f"Claims: {_of(rows, 'claims')}. Source: Admiralty grade. Evidence: table:key, or "
            "artifact#position for bytes on a captured server.",
            (
                Column("claim", share=5),
                Column("likelihood", share=2),
                Column("confidence", share=2),
                Column("grade", share=1),
                Column("evidence", "code", 5),
                Column("why", share=6),
            ),
            rows_of(
                [
                    (
                        f"{_subject(r)} {_relation(r)} {_object(r)}",
                        harmless(r["likelihood"], NAME_LENGTH) or "not weighed",
                        harmless(r["confidence"], NAME_LENGTH) or "–",
                        harmless(r["source_grade"], 20) or "–",
                        _evidence(r),
                        defanged(r["why"], 150),
                    )
                    for r in rows
                ]
            ),
            (q,),
        )
    )
    return blocks


def _subject(row: dict[str, Any]) -> str:
    return defanged(row["name"], 60) or defanged(row["subject"], 60)


def _object(row: dict[str, Any]) -> str:
    return defanged(row["object_name"], 60) or defanged(row["object"], 60)


def _relation(row: dict[str, Any]) -> str:
    return _RELATIONS.get(row["relation"], harmless(row["relation"], 40))


def _evidence(row: dict[str, Any]) -> str:
    parts = []
    for title, name in (("for", "supporting"), ("against", "contradicting")):
        listed = row[name] or ()
        if listed:
            more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
            parts.append(f"{title}: {', '.join(defanged(e, 60) for e in listed[:3])}{more}")
    return "; ".join(parts) or "none"


def _of(rows: list[dict[str, Any]], column: str) -> str:
    """ "25 of 60": how many are shown of how many."""
    total = rows[0][column] if rows else 0
    return f"{len(rows):,}" if total == len(rows) else f"{len(rows):,} of {total:,}"


def _hypotheses(sources: Sources) -> Section | None:
    if not sources.holds("hypotheses"):
        return None
    q, rows = sources.ask("competing hypotheses", _HYPOTHESES)
    return Section(
        "hypotheses",
        "Competing hypotheses",
        (
            Text(
                "Side by side: how much speaks for and against each, and what would decide. The "
                "one with least against it stands first. The questions of the verdict come first; "
                f"{_QUESTIONS_SHOWN} are shown at most, the case has them all.",
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
                f"What happened when: {_of(rows, 'events')} events, orders, payments and logins "
                "before mail",
                (
                    Column("at (UTC)", share=3),
                    Column("kind", share=2),
                    Column("what", share=6),
                    Column("row", "code", 3),
                ),
                rows_of(
                    [
                        (
                            moment(r["happened_at"]).removesuffix(" UTC"),
                            harmless(r["kind"], NAME_LENGTH),
                            defanged(r["what"], 300),
                            harmless(f"{r['table_name']}:{r['row_key']}", NAME_LENGTH),
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
