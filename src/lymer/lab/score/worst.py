"""Where a case and the truth disagree most, with messages to look at.

Merges: a found campaign that puts together most pairs of messages that do not belong together.
Splits: a true campaign of which most pairs are torn apart. Clients: the wrong answers given most
often. Each at most twenty, the worst first.
"""

from dataclasses import dataclass, field
from typing import Any

from lymer.lab.score.both import Both, NotInCase

WORST = 20

# Bounces and list copies are left out: they may lie with whose mail they carry.
_PARTS = """
CREATE TEMP TABLE parts AS
SELECT topic, found_id, kind, campaign_id, count(*) AS size, min(message_id) AS message_id
FROM placed WHERE kind NOT IN ('bounce', 'list')
GROUP BY topic, found_id, kind, campaign_id
"""

_MERGES = f"""
SELECT found_id AS whole,
       (sum(size) * (sum(size) - 1) - sum(size * (size - 1)))::BIGINT // 2 AS pairs,
       sum(size)::BIGINT AS messages, count(*) AS part_count
FROM parts WHERE found_id IS NOT NULL
GROUP BY found_id HAVING count(*) > 1
ORDER BY pairs DESC, whole LIMIT {WORST}
"""

_SPLITS = f"""
SELECT campaign_id AS whole,
       (sum(size) * (sum(size) - 1)
        - sum(CASE WHEN found_id IS NULL THEN 0 ELSE size * (size - 1) END))::BIGINT // 2 AS pairs,
       sum(size)::BIGINT AS messages,
       (count(found_id) + coalesce(sum(size) FILTER (found_id IS NULL), 0))::BIGINT AS part_count
FROM parts WHERE campaign_id IS NOT NULL
GROUP BY campaign_id HAVING pairs > 0
ORDER BY pairs DESC, whole LIMIT {WORST}
"""

_EXAMPLES = """
SELECT p.whole, p.topic, p.found_id, p.kind, p.size, p.message_id, w.why,
       c.theme, c.manner, c.language, c.engine_id, c.operation_id
FROM (
    SELECT *, row_number() OVER (PARTITION BY whole ORDER BY size DESC, topic, found_id) AS place
    FROM (SELECT {whole} AS whole, * FROM parts WHERE {whole} IN (SELECT whole FROM listed))
) p
LEFT JOIN (
    SELECT message_id, min(why) AS why FROM found_campaign_messages GROUP BY message_id
) w ON w.message_id = p.message_id
LEFT JOIN true_campaigns c ON c.campaign_id = p.campaign_id
WHERE p.place <= 2
ORDER BY p.whole, p.place
"""

_CLIENTS = f"""
SELECT s.path AS whole, count(*) AS pairs, count(*) AS messages, count(*) AS part_count,
       f.client_ip AS said, min(s.message_id) AS message_id,
       arg_min(s.client_ip, s.message_id) AS truth, arg_min(s.kind, s.message_id) AS kind
FROM sent s
JOIN found_messages f ON f.message_id = s.message_id
WHERE f.client_ip IS DISTINCT FROM s.client_ip
  AND coalesce(f.client_ip, '') IS DISTINCT FROM s.behind_ip
GROUP BY s.path, f.client_ip
ORDER BY messages DESC, s.path, said LIMIT {WORST}
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A part of what is mixed or torn, with one of its messages."""

    message_id: str
    true: str
    """The true campaign (or kind, for a one-off), or the true client."""
    found: str
    """The found campaign (or "none"), or what was said to be the client."""
    messages: int
    about: str
    """Of the truth: theme, manner, language, engine, operation."""
    why: str
    """What the case says."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something to look at."""

    kind: str
    """merge, split, client"""
    subject: str
    """The found campaign that is mixed, the true one that is torn, or the box."""
    weight: int
    """Pairs of messages that are wrong; for clients, messages."""
    messages: int
    parts: int
    examples: list[Example] = field(default_factory=list)


def disagreements(both: Both) -> list[Disagreement]:
    """The worst merges, splits and clients; nothing on what the case does not have."""
    found: list[Disagreement] = []
    for step in (_campaigns, _clients):
        try:
            found += step(both)
        except NotInCase:
            continue
    return found


def _campaigns(both: Both) -> list[Disagreement]:
    both.place()
    both.need("campaign_messages", ("message_id", "why"))
    both.run(_PARTS)
    found: list[Disagreement] = []
    for kind, worst, whole in (("merge", _MERGES, "found_id"), ("split", _SPLITS, "campaign_id")):
        rows = both.ask(worst).to_pylist()
        both.run(f"CREATE OR REPLACE TEMP TABLE listed AS {worst}")
        examples: dict[str, list[Example]] = {}
        for row in both.ask(_EXAMPLES.format(whole=whole)).to_pylist():
            examples.setdefault(row["whole"], []).append(_example(row))
        found += [
            Disagreement(
                kind, row["whole"], row["pairs"], row["messages"], row["part_count"],
                examples[row["whole"]],
            )
            for row in rows
        ]  # fmt: skip
    return found


def _example(row: dict[str, Any]) -> Example:
    about = (row[name] for name in ("theme", "manner", "language", "engine_id", "operation_id"))
    return Example(
        message_id=row["message_id"],
        true=row["topic"] if row["theme"] is not None else row["kind"],
        found=row["found_id"] or "none",
        messages=row["size"],
        about=" ".join(value for value in about if value),
        why=row["why"] or "",
    )


def _clients(both: Both) -> list[Disagreement]:
    rows = both.ask(_CLIENTS, messages=("message_id", "client_ip")).to_pylist()
    return [
        Disagreement(
            "client", row["whole"], row["messages"], row["messages"], 1,
            [Example(row["message_id"], row["truth"] or "none", row["said"] or "none",
                     row["messages"], row["kind"], "")],
        )
        for row in rows
    ]  # fmt: skip
